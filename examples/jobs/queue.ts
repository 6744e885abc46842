import { DatabaseSync } from "node:sqlite";

/** A job that was taken from the queue. */
export interface Job {
  id: number;
  /** What is to be done. */
  text: string;
  /** How often it has failed. */
  failures: number;
}

/** A job as it stands in the table. */
export interface JobRow extends Job {
  state: "queued" | "running" | "done" | "failed";
  /** What it gave, or why it failed. */
  outcome: string | null;
}

export interface JobQueueOptions {
  /** How long a job belongs to a worker that does not say a word, in seconds. */
  lease: number;
  /** How often a job is tried. */
  attempts: number;
  /** How long to wait after the first failure, in seconds; then twice as long. */
  pause: number;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    failures INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    owner TEXT,
    due REAL NOT NULL DEFAULT 0 -- when it may be taken, or taken over
  ) STRICT;
  CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due, id)
    WHERE state IN ('queued', 'running');
`;

/** Seconds since 1970: processes that share a queue share no other clock. */
function now(): number {
  return Date.now() / 1000;
}

/**
 * A queue of jobs in an SQLite file, which any number of processes can share.
 *
 * - A job is in the file until it is done, whatever happens to the process.
 * - A job that is taken is leased. If its process dies, the lease runs out, and
 *   the job can be taken again. So a job can run twice, but it is done once:
 *   whoever has lost the lease cannot finish it.
 * - Each method is one statement, and so one transaction.
 */
export class JobQueue implements Disposable {
  #db: DatabaseSync;
  #options: JobQueueOptions;
  #owner = crypto.randomUUID();

  constructor(path: string, options: JobQueueOptions) {
    this.#options = options;
    // Other processes may be writing: wait for them, in milliseconds.
    this.#db = new DatabaseSync(path, { timeout: 10_000 });
    this.#db.exec(SCHEMA);
  }

  /** Adds a job, and gives its number. */
  put(text: string): number {
    const { lastInsertRowid } = this.#db
      .prepare("INSERT INTO jobs (text) VALUES (?)").run(text);
    return Number(lastInsertRowid);
  }

  /** Takes the job that has been due for longest, if there is one. */
  take(): Job | null {
    const row = this.#db.prepare(`
      UPDATE jobs SET state = 'running', owner = ?, due = ?
      WHERE id = (
        SELECT id FROM jobs
        WHERE state IN ('queued', 'running') AND due <= ?
        ORDER BY due, id LIMIT 1
      )
      RETURNING id, text, failures
    `).get(this.#owner, now() + this.#options.lease, now());
    return (row ?? null) as Job | null;
  }

  /** Extends the leases of all jobs that this object has taken. */
  renew(): void {
    this.#db.prepare(
      "UPDATE jobs SET due = ? WHERE owner = ? AND state = 'running'",
    ).run(now() + this.#options.lease, this.#owner);
  }

  /** Marks a job as done. Says whether it was still leased. */
  finish(job: Job, outcome: string): boolean {
    return this.#leave(job, { state: "done", outcome, due: 0 });
  }

  /** Has a job that failed tried again later, or gives it up. */
  fail(job: Job, reason: string): boolean {
    const failures = job.failures + 1;
    const state = failures < this.#options.attempts ? "queued" : "failed";
    const due = now() + this.#options.pause * 2 ** job.failures;
    return this.#leave(job, { state, outcome: reason, due, failures });
  }

  /** Puts a job back, for others to take at once. */
  putBack(job: Job): boolean {
    return this.#leave(job, { state: "queued", outcome: null, due: 0 });
  }

  #leave(
    job: Job,
    { state, outcome, due, failures = job.failures }:
      & Pick<JobRow, "state" | "outcome">
      & { due: number; failures?: number },
  ): boolean {
    const { changes } = this.#db.prepare(`
      UPDATE jobs SET state = ?, outcome = ?, due = ?, failures = ?, owner = NULL
      WHERE id = ? AND owner = ? AND state = 'running'
    `).run(state, outcome, due, failures, job.id, this.#owner);
    return changes === 1;
  }

  /** How many jobs are queued or running, here or elsewhere. */
  get unfinished(): number {
    const row = this.#db.prepare(
      "SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')",
    ).get();
    return row!.n as number;
  }

  /** All jobs, in the order in which they were added. */
  list(): JobRow[] {
    return this.#db.prepare(
      "SELECT id, text, failures, state, outcome FROM jobs ORDER BY id",
    ).all() as unknown as JobRow[];
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

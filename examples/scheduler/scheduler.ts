import { CancelledError, sleep, taskGroup, timeout } from "@asyncio/asyncio";
import { Cron } from "./cron.ts";

/** The longest sleep, in seconds: the clock of the machine may be set. */
const LONGEST_SLEEP = 60;

export interface JobOptions {
  /** How long a run may take, in seconds. */
  patience?: number;
}

interface Job {
  name: string;
  cron: Cron;
  work: () => PromiseLike<unknown>;
  patience: number;
}

export interface SchedulerOptions {
  /** What time it is, in seconds since 1970. */
  now?: () => number;
  /** Is told about each run that has failed. */
  report?: (name: string, error: unknown) => void;
}

/**
 * Runs jobs at the times that their cron expressions give.
 *
 * - A job never overlaps itself. The times that pass while it runs are skipped.
 * - A run that fails, or takes too long, is reported. The next one comes all the
 *   same.
 * - When the task that called `run()` is cancelled, so are all jobs, and they may
 *   clean up.
 */
export class Scheduler {
  #jobs: Job[] = [];
  #now: () => number;
  #report: (name: string, error: unknown) => void;

  constructor(options: SchedulerOptions = {}) {
    this.#now = options.now ?? (() => Date.now() / 1000);
    this.#report = options.report ??
      ((name, error) => console.error(`${name} failed:`, error));
  }

  /** Adds a job. `expression` says when it runs: see {@linkcode Cron}. */
  add(
    name: string,
    expression: string,
    work: () => PromiseLike<unknown>,
    { patience = Infinity }: JobOptions = {},
  ): void {
    this.#jobs.push({ name, cron: new Cron(expression), work, patience });
  }

  /** Runs the jobs until the task is cancelled. */
  async run(): Promise<void> {
    await taskGroup(async (group) => {
      for (const job of this.#jobs) {
        group.createTask(() => this.#repeat(job), { name: job.name });
      }
    });
  }

  async #repeat(job: Job): Promise<never> {
    for (;;) {
      await this.#sleepUntil(job.cron.next(this.#now()));
      await this.#runOnce(job);
    }
  }

  async #runOnce({ name, work, patience }: Job): Promise<void> {
    try {
      await timeout(patience, work);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      this.#report(name, error);
    }
  }

  async #sleepUntil(time: number): Promise<void> {
    for (;;) {
      const left = time - this.#now();
      if (left <= 0) return;
      await sleep(Math.min(left, LONGEST_SLEEP));
    }
  }
}

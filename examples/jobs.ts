/**
 * Does jobs from a queue that survives Ctrl-C, crashes and `kill -9`.
 *
 *     deno run --allow-read --allow-write examples/jobs.ts add Ann Bob Cem
 *     deno run --allow-read --allow-write examples/jobs.ts work
 *     deno run --allow-read --allow-write examples/jobs.ts list
 *
 * The jobs stand in for letters: each is a name, which is greeted. Without a
 * command it does a few of them, with the queue in memory. docs/jobs.md explains
 * how it works.
 */

import { CancelledError, run, sleep, taskGroup } from "@asyncio/asyncio";
import { parseArgs } from "node:util";
import { type Job, JobQueue } from "./jobs/queue.ts";

const USAGE = `usage: jobs.ts [add NAME... | work | list] [--database FILE]
               [--workers N] [--lease SECONDS] [--seconds SECONDS] [--drain]`;

const ATTEMPTS = 3;
/** How long to wait after the first failure, in seconds. */
const PAUSE = 0.1;
/** How often to look for new jobs, in seconds: another process may add them. */
const POLL = 0.1;

interface Options {
  command: string | undefined;
  names: string[];
  database: string;
  workers: number;
  /** How long jobs of a process that has died are left alone, in seconds. */
  lease: number;
  /** How long a job takes, in seconds. */
  seconds: number;
  /** Whether to end when all jobs are done. */
  drain: boolean;
}

/** Does one job. It can run twice, so what it does should bear repetition. */
async function greet(name: string, seconds: number): Promise<string> {
  await sleep(seconds); // in place of a request
  if (name === "Nobody") throw new Error("no such address");
  return `Hello, ${name}`;
}

/** Takes a job through: it is done, tried again later, or put back. */
async function handle(queue: JobQueue, job: Job, seconds: number) {
  try {
    const outcome = await greet(job.text, seconds);
    if (queue.finish(job, outcome)) console.log(`job ${job.id}: ${outcome}`);
  } catch (error) {
    if (error instanceof CancelledError) {
      queue.putBack(job); // Ctrl-C: whoever comes next can have it at once
      throw error;
    }
    queue.fail(job, `${error}`);
    console.log(`job ${job.id} failed: ${error}`);
  }
}

/** One worker: job after job. */
async function work(queue: JobQueue, { seconds, drain }: Options) {
  for (;;) {
    const job = queue.take();
    if (job !== null) await handle(queue, job, seconds);
    else if (drain && queue.unfinished === 0) return;
    else await sleep(POLL);
  }
}

/** Keeps what the workers have taken, as long as this process lives. */
async function keepLeases(queue: JobQueue, { lease }: Options) {
  for (;;) {
    await sleep(lease / 3);
    queue.renew();
  }
}

async function workAll(queue: JobQueue, options: Options) {
  await taskGroup(async (group) => {
    const keeper = group.createTask(() => keepLeases(queue, options));
    await taskGroup(async (workers) => {
      for (let n = 1; n <= options.workers; n++) {
        workers.createTask(() => work(queue, options), { name: `worker ${n}` });
      }
    });
    keeper.cancel(); // all workers are done
  });
}

function fail(message: string): never {
  console.error(message);
  console.error(USAGE);
  Deno.exit(2);
}

function readOptions(args: string[]): Options {
  const parsed = (() => {
    try {
      return parseArgs({
        args,
        allowPositionals: true,
        options: {
          database: { type: "string", default: "jobs.sqlite" },
          workers: { type: "string", default: "4" },
          lease: { type: "string", default: "5" },
          seconds: { type: "string", default: "0.2" },
          drain: { type: "boolean", default: false },
        },
      });
    } catch (error) {
      return fail((error as Error).message);
    }
  })();
  const { values, positionals: [command, ...names] } = parsed;
  const above0 = (name: "workers" | "lease" | "seconds"): number => {
    const value = Number(values[name]);
    if (value > 0 && value < Infinity) return value;
    return fail(`--${name} must be above 0, not ${values[name]}`);
  };
  if (![undefined, "add", "work", "list"].includes(command)) {
    fail(`no such command: ${command}`);
  }
  if (command === "add" ? names.length === 0 : names.length > 0) {
    fail(command === "add" ? "add what?" : `not expected: ${names.join(" ")}`);
  }
  const workers = above0("workers");
  if (!Number.isInteger(workers)) fail(`--workers must be a whole number`);
  return {
    command,
    names,
    database: values.database,
    workers,
    lease: above0("lease"),
    seconds: above0("seconds"),
    drain: values.drain,
  };
}

async function main(options: Options) {
  const { command, lease } = options;
  const database = command === undefined ? ":memory:" : options.database;
  const limits = { lease, attempts: ATTEMPTS, pause: PAUSE };
  using queue = new JobQueue(database, limits);
  if (command === undefined) {
    ["Ann", "Bob", "Nobody", "Cem"].forEach((name) => queue.put(name));
    await workAll(queue, { ...options, drain: true });
  } else if (command === "work") {
    await workAll(queue, options);
  } else if (command === "add") {
    for (const name of options.names) {
      console.log(`job ${queue.put(name)}: ${name}`);
    }
  } else {
    for (const { id, text, state, failures, outcome } of queue.list()) {
      console.log([id, text, state, failures, outcome ?? ""].join("\t"));
    }
  }
}

if (import.meta.main) {
  const options = readOptions(Deno.args);
  await run(() => main(options), { signals: ["SIGINT", "SIGTERM"] });
}

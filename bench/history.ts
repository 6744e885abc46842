// Measures whether costs grow with what happened before. `main.ts` runs it; it
// prints a line of JSON.
import {
  type Coroutine,
  coroutine,
  createTask,
  getRunningLoop,
  run,
} from "@asyncio/asyncio";
import { expect, heapUsed, LONG } from "./peers/_measure.ts";

/** What earlier tasks and timers leave behind, and how it affects later ones. */
export interface History {
  /** How many tasks had run, one after another, at each measurement. */
  tasks: [few: number, many: number];
  heapAfterTasks: Record<"generator" | "async", [few: number, many: number]>;
  /** How many timers were set and cancelled, ten of them alive at a time. */
  cancelled: number;
  heapBeforeCancelled: number;
  heapAfterCancelled: number;
  /** How many timers were pending while others were set and cancelled. */
  pending: [few: number, many: number];
  nanosecondsBesidePending: [few: number, many: number];
}

const CANCELLED = 1_000_000;
const PENDING: [number, number] = [1000, 1_000_000];
const SAMPLE = 100_000;
const ALIVE = 10;

const echoes = {
  generator: coroutine(function* echo(i: number) {
    return i;
  }),
  async: coroutine(async function echo(i: number) {
    return i;
  }),
};

/** Measures the heap in one loop after few tasks and after many. */
function runTasks(
  echo: (i: number) => Coroutine<number>,
  counts: [number, number],
): Promise<[number, number]> {
  return run(async function main() {
    const heaps = [];
    let done = 0;
    for (const count of counts) {
      for (; done < count; done++) expect(await createTask(echo(done)), done);
      heaps.push(await heapUsed());
    }
    return heaps as [number, number];
  });
}

/** Measures the heap before and right after, within one turn of the loop. */
function cancelTimers(): Promise<[before: number, after: number]> {
  return run(async function main() {
    const loop = getRunningLoop();
    const { gc } = globalThis as unknown as { gc(): void };
    const alive = Array.from(
      { length: ALIVE },
      () => loop.callLater(LONG, () => {}),
    );
    const before = await heapUsed();
    for (let i = 0; i < CANCELLED; i++) {
      alive[i % ALIVE].cancel();
      alive[i % ALIVE] = loop.callLater(LONG, () => {});
    }
    gc();
    const after = Deno.memoryUsage().heapUsed;
    for (const timer of alive) timer.cancel();
    return [before, after];
  });
}

/** Delays between one hour and two in no particular order, in seconds. */
function longDelay(i: number): number {
  return LONG * (1 + i * 7919 % 1_000_003 / 1_000_003);
}

/**
 * Measures how long it takes to set and cancel a timer beside this many others,
 * at any position among them. Ten are alive at a time, so that it is not always
 * the latest one that is cancelled.
 */
function timeBeside(pending: number): Promise<number> {
  return run(async function main() {
    const loop = getRunningLoop();
    const others = [];
    for (let i = 0; i < pending; i++) {
      others.push(loop.callLater(longDelay(i), () => {}));
    }
    const alive = others.slice(0, ALIVE);
    let best = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      for (let i = 0; i < SAMPLE; i++) {
        alive[i % ALIVE].cancel();
        alive[i % ALIVE] = loop.callLater(longDelay(31 * i), () => {});
      }
      best = Math.min(best, performance.now() - start);
    }
    for (const timer of [...others, ...alive]) timer.cancel();
    return best * 1e6 / SAMPLE;
  });
}

if (import.meta.main) {
  const tasks = Deno.args.map(Number) as [number, number];
  const [heapBeforeCancelled, heapAfterCancelled] = await cancelTimers();
  const history: History = {
    tasks,
    heapAfterTasks: {
      generator: await runTasks(echoes.generator, tasks),
      async: await runTasks(echoes.async, tasks),
    },
    cancelled: CANCELLED,
    heapBeforeCancelled,
    heapAfterCancelled,
    pending: PENDING,
    nanosecondsBesidePending: [
      await timeBeside(PENDING[0]),
      await timeBeside(PENDING[1]),
    ],
  };
  console.log(JSON.stringify(history));
}

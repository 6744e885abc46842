// Whether cost grows with history. Run by `main.ts`; prints a line of JSON.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { expect, heapUsed, LONG, shortDelay } from "./peers/_measure.ts";

/** What is left of the past, and what the present costs because of it. */
export interface History {
  /** How many tasks there were, one after another, before each heap size. */
  tasks: [few: number, many: number];
  heapAfterTasks: [few: number, many: number];
  /** How many timers were set and cancelled, ten alive at a time. */
  cancelled: number;
  heapAfterCancelled: number;
  /** How many timers were pending while others were set and cancelled. */
  pending: [few: number, many: number];
  nanosecondsBesidePending: [few: number, many: number];
}

const CANCELLED = 1_000_000;
const PENDING: [number, number] = [1000, 1_000_000];
const SAMPLE = 100_000;
const ALIVE = 10;

const echo = coroutine(function* echo(i: number) {
  return i;
});

async function runTasks(count: number): Promise<number> {
  await run(function* main() {
    for (let i = 0; i < count; i++) expect(yield* createTask(echo(i)), i);
  });
  return await heapUsed();
}

async function cancelTimers(): Promise<number> {
  return await run(async function main() {
    const loop = getRunningLoop();
    const alive = new Array(ALIVE).fill(null).map(() =>
      loop.callLater(LONG, () => {})
    );
    for (let i = 0; i < CANCELLED; i++) {
      alive[i % ALIVE].cancel();
      alive[i % ALIVE] = loop.callLater(LONG, () => {});
    }
    await sleep(0);
    const heap = await heapUsed();
    for (const timer of alive) timer.cancel();
    return heap;
  });
}

/** What setting and cancelling a timer costs beside so many others. */
async function timeBeside(pending: number): Promise<number> {
  return await run(async function main() {
    const loop = getRunningLoop();
    const others = [];
    for (let i = 0; i < pending; i++) {
      others.push(loop.callLater(LONG + shortDelay(i), () => {}));
    }
    let best = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      for (let i = 0; i < SAMPLE; i++) {
        loop.callLater(LONG + shortDelay(i), () => {}).cancel();
      }
      best = Math.min(best, performance.now() - start);
    }
    for (const timer of others) timer.cancel();
    return best * 1e6 / SAMPLE;
  });
}

if (import.meta.main) {
  const [few, many] = Deno.args.map(Number);
  const history: History = {
    tasks: [few, many],
    heapAfterTasks: [await runTasks(few), await runTasks(many)],
    cancelled: CANCELLED,
    heapAfterCancelled: await cancelTimers(),
    pending: PENDING,
    nanosecondsBesidePending: [
      await timeBeside(PENDING[0]),
      await timeBeside(PENDING[1]),
    ],
  };
  console.log(JSON.stringify(history));
}

import type { ThreadPoolExecutor } from "../_threads/pool.ts";
import { valueText } from "../_util/repr.ts";

/** What the modules of threads, which stand above, do for the loop. */
interface Threads {
  newExecutor(): ThreadPoolExecutor;
  isExecutor(value: unknown): boolean;
}

/** Programs without threads need not load what they take. */
let threads: Threads | null = null;

export function provideThreads(provided: Threads): void {
  threads = provided;
}

/** A default executor. */
export function newExecutor(): ThreadPoolExecutor {
  if (threads === null) {
    throw new Error("no default executor: nothing has imported threads");
  }
  return threads.newExecutor();
}

/** Refuses what is not an executor. */
export function requireExecutor(value: unknown): void {
  if (threads !== null && threads.isExecutor(value)) return;
  throw new TypeError(
    `executor must be a ThreadPoolExecutor: current value is ${
      valueText(value)
    }`,
  );
}

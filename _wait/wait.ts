// Copyright 2026 the asyncio authors. MIT license.

import { awaitsFor } from "../_core/awaited_by.ts";
import { activeTask } from "../_core/running.ts";
import { isAwaitable, isIterable } from "../_util/awaitables.ts";
import { requireOptions } from "../_util/options.ts";
import { namedAs, valueText } from "../_util/repr.ts";
import { optionalTimeout } from "../_util/timeout.ts";
import { Coroutine } from "../coroutine.ts";
import { Future } from "../future.ts";
import { getRunningLoop, type TimerHandle } from "../loop.ts";
import { requireLoop } from "./awaitables.ts";

/**
 * {@linkcode wait} ends when the first future is done.
 *
 * @category Waiting
 */
export const FIRST_COMPLETED = "FIRST_COMPLETED";

/**
 * {@linkcode wait} ends when the first future fails, or when all are done.
 *
 * @category Waiting
 */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION";

/**
 * {@linkcode wait} ends when all futures are done.
 *
 * @category Waiting
 */
export const ALL_COMPLETED = "ALL_COMPLETED";

/**
 * When {@linkcode wait} ends.
 *
 * @category Waiting
 */
export type ReturnWhen =
  | typeof FIRST_COMPLETED
  | typeof FIRST_EXCEPTION
  | typeof ALL_COMPLETED;

const RETURN_WHEN: readonly unknown[] = [
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  ALL_COMPLETED,
];

const WAIT_OPTIONS: readonly string[] = ["timeout", "returnWhen"];

/**
 * Options for {@linkcode wait}.
 *
 * @category Waiting
 */
export interface WaitOptions {
  /**
   * The time in seconds after which to end, whatever is still pending.
   *
   * @default {null, never}
   */
  timeout?: number | null;
  /**
   * What to wait for.
   *
   * @default {ALL_COMPLETED}
   */
  returnWhen?: ReturnWhen;
}

/**
 * Waits for several futures and tasks, and tells which of them are done.
 *
 * It retrieves no results and throws no exceptions of the futures. It cancels
 * nothing, neither when the timeout passes nor when it is cancelled itself.
 *
 * @typeParam F The type of the futures.
 * @param futures What to wait for. Create tasks of coroutines first: otherwise
 * the sets that are returned would hold tasks that the caller does not know.
 * @param options How long to wait, and for what.
 * @returns A coroutine of two sets: the futures that are done, and the pending
 * ones.
 * @throws {TypeError} If it is not an iterable of futures.
 * @throws {RangeError} If it is empty.
 * @throws {RangeError} If `returnWhen` is unknown.
 * @throws {TypeError} If `timeout` is not a number, or `NaN`.
 * @throws {TypeError} If there is no such option.
 *
 * @example The first of two
 * ```ts
 * import { createTask, FIRST_COMPLETED, run, sleep, wait } from "@asyncio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const quick = createTask(sleep(0.01));
 *   const slow = createTask(sleep(60));
 *   const [done, pending] = await wait([quick, slow], {
 *     returnWhen: FIRST_COMPLETED,
 *   });
 *   assertEquals([...done], [quick]);
 *   assert(pending.has(slow));
 *   slow.cancel();
 * });
 * ```
 *
 * @category Waiting
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: WaitOptions,
): Coroutine<[done: Set<F>, pending: Set<F>]> {
  requireOptions("wait()", options, WAIT_OPTIONS);
  if (isAwaitable(futures) || !isIterable(futures)) {
    throw new TypeError(
      `expect a list of futures, not ${valueText(futures)}`,
    );
  }
  const set = new Set(futures);
  for (const future of set) {
    if (future instanceof Future) continue;
    const text = valueText(future);
    throw new TypeError(
      typeof future === "function" || (future as unknown) instanceof Coroutine
        ? `Passing coroutines is forbidden, use tasks explicitly: got ${text}`
        : `expect a list of futures, got ${text} among them${
          isAwaitable(future) ? ": wrap the promise with wrapFuture()" : ""
        }`,
    );
  }
  if (set.size === 0) throw new RangeError("Set of Tasks/Futures is empty.");
  const returnWhen = options?.returnWhen ?? ALL_COMPLETED;
  if (!RETURN_WHEN.includes(returnWhen)) {
    throw new RangeError(`Invalid returnWhen value: ${valueText(returnWhen)}`);
  }
  const timeout = optionalTimeout(options?.timeout, "the timeout of wait()");
  return waitCoroutine(set, timeout, returnWhen) as Coroutine<
    [done: Set<F>, pending: Set<F>]
  >;
}

const waitCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(function* wait(
  futures: Set<Future<unknown>>,
  timeout: number | null,
  returnWhen: ReturnWhen,
) {
  const loop = getRunningLoop();
  for (const future of futures) requireLoop(loop, future);
  const waiter = loop.createFuture<void>();
  const release = () => waiter.$setUnlessDone();
  let timer: TimerHandle | null = null;
  if (timeout !== null && timeout < Infinity) {
    timer = loop.callLater(timeout, release);
  }
  let left = futures.size;
  const futureDone = namedAs(
    "_wait.<locals>._on_completion",
    (future: Future<unknown>) => {
      left--;
      if (
        left === 0 || returnWhen === FIRST_COMPLETED ||
        (returnWhen === FIRST_EXCEPTION && future.$hasFailed())
      ) {
        timer?.cancel();
        release();
      }
    },
  );
  awaitsFor(futureDone, activeTask()!);
  for (const future of futures) future.addDoneCallback(futureDone);
  try {
    yield* waiter;
  } finally {
    timer?.cancel();
    for (const future of futures) future.removeDoneCallback(futureDone);
  }
  const done = new Set<Future<unknown>>();
  const pending = new Set<Future<unknown>>();
  for (const future of futures) (future.done() ? done : pending).add(future);
  return [done, pending];
}, "wait");

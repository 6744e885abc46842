import { requireNumber } from "../_util/checks.ts";
import { type Outcome, requireAwaitable } from "./awaitables.ts";
import { Coroutine } from "../coroutine.ts";
import { CancelledError, TimeoutError } from "../errors.ts";
import { Future, wrapFuture } from "../future.ts";
import { type Awaitable, ensureFuture } from "../task.ts";
import { timeout } from "../timeouts.ts";

/** Waits for anything that can be waited for, as part of the task. */
function* outcome<T>(awaitable: Awaitable<T>): Generator<unknown, T, unknown> {
  if (awaitable instanceof Coroutine || awaitable instanceof Future) {
    return yield* awaitable as Coroutine<T>;
  }
  if (typeof awaitable === "function") {
    return yield* Coroutine["_ofBody"](awaitable);
  }
  return yield* wrapFuture(awaitable);
}

/** Cancels a future and waits until it is done, however long that takes. */
function* cancelAndWait(
  future: Future<unknown>,
): Generator<unknown, void, unknown> {
  // Not by waiting for the future itself: cancelling this would then just
  // cancel that once more.
  const waiter = future.getLoop().createFuture<void>();
  const release = () => {
    if (!waiter.done()) waiter.setResult();
  };
  future.addDoneCallback(release);
  try {
    future.cancel();
    yield* waiter;
  } finally {
    future.removeDoneCallback(release);
  }
}

const waitForCoroutine = /* @__PURE__ */ Coroutine["_own"](function* waitFor(
  awaitable: Awaitable<unknown>,
  limit: number | null,
) {
  if (limit === null || limit > 0) {
    return yield* timeout(limit, () => outcome(awaitable));
  }
  const future = ensureFuture(awaitable);
  if (!future.done()) yield* cancelAndWait(future);
  else return future.result();
  try {
    return future.result();
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    throw new TimeoutError("", { cause: error });
  }
});

/**
 * Waits for one awaitable, for some time only.
 *
 * When the time is over, the awaitable is cancelled, and when that is done
 * {@linkcode TimeoutError} comes out. When the wait is cancelled, the awaitable
 * is too. Use {@linkcode shield} to keep it from that.
 *
 * @typeParam A The type of the awaitable.
 * @param awaitable What to wait for.
 * @param timeout In seconds. Zero or less: what is not done already is
 * cancelled, a coroutine without being started. `null` or `undefined` is no
 * limit.
 * @returns A coroutine of the result.
 * @throws {TypeError} If it cannot be awaited.
 * @throws {TypeError} If `timeout` is not a number, or `NaN`.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, TimeoutError, waitFor } from "@asyncio/asyncio";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * await run(async () => {
 *   assertEquals(await waitFor(sleep(0, "quick"), 60), "quick");
 *   try {
 *     await waitFor(sleep(60), 0.01);
 *   } catch (error) {
 *     assertInstanceOf(error, TimeoutError);
 *   }
 * });
 * ```
 */
export function waitFor<A extends Awaitable<unknown>>(
  awaitable: A,
  timeout: number | null | undefined,
): Coroutine<Outcome<A>> {
  requireAwaitable(awaitable);
  if (timeout !== null && timeout !== undefined) {
    requireNumber("the timeout of waitFor()", timeout);
  }
  return waitForCoroutine(awaitable, timeout ?? null) as Coroutine<Outcome<A>>;
}

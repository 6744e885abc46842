// Copyright 2026 the asyncio authors. MIT license.

import { awaitsFor } from "../_core/awaited_by.ts";
import { limitText } from "../_core/cancel_causes.ts";
import { cancelAs } from "../_core/cancellers.ts";
import { cancellationIn } from "../_core/cancellation.ts";
import { callerDriver } from "../_core/drivers.ts";
import { activeTask } from "../_core/running.ts";
import type { Outcome } from "../_util/awaitables.ts";
import { optionalTimeout } from "../_util/timeout.ts";
import { Coroutine } from "../coroutine.ts";
import { TimeoutError } from "../errors.ts";
import { Future, wrapFuture } from "../future.ts";
import { type Awaitable, ensureFuture } from "../task.ts";
import { requireAwaitable } from "./awaitables.ts";
import { runStepsWithin } from "./timeout.ts";

/** Waits for an awaitable as part of the current task. */
function* outcome<T>(awaitable: Awaitable<T>): Generator<unknown, T, unknown> {
  if (awaitable instanceof Coroutine || awaitable instanceof Future) {
    return yield* awaitable as Coroutine<T>;
  }
  if (typeof awaitable === "function") {
    return yield* Coroutine.$ofBody(awaitable);
  }
  return yield* wrapFuture(awaitable);
}

/** Cancels a future and waits until it is done, however long that takes. */
function* cancelAndWait(
  future: Future<unknown>,
): Generator<unknown, void, unknown> {
  // The task waits for another future: a cancellation of the task would
  // otherwise only cancel `future` once more.
  const waiter = future.getLoop().createFuture<void>();
  const release = () => waiter.$setUnlessDone();
  awaitsFor(release, activeTask()!);
  future.addDoneCallback(release);
  try {
    const before = cancelAs({ $cancellerText: () => limitText(0) });
    try {
      future.cancel();
    } finally {
      cancelAs(before);
    }
    yield* waiter;
  } finally {
    future.removeDoneCallback(release);
  }
}

const waitForCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  function* waitFor(
    awaitable: Awaitable<unknown>,
    limit: number | null,
  ) {
    if (limit === null || limit > 0) {
      return yield* runStepsWithin(limit, outcome(awaitable));
    }
    const future = ensureFuture(awaitable);
    if (!future.done()) yield* cancelAndWait(future);
    else return future.result();
    try {
      return future.result();
    } catch (error) {
      if (cancellationIn(error) === null) throw error;
      throw new TimeoutError("", { cause: error });
    }
  },
  "waitFor",
  callerDriver,
);

/**
 * Waits for an awaitable with a time limit.
 *
 * When the time has passed, the awaitable is cancelled; once it has ended,
 * {@linkcode TimeoutError} is thrown. When the waiting task is cancelled, so is
 * the awaitable. Use {@linkcode shield} to protect it.
 *
 * @typeParam A The type of the awaitable.
 * @param awaitable What to wait for.
 * @param timeout In seconds. With zero or less, an awaitable that is not done
 * yet is cancelled; a coroutine is not even started. `null` or `undefined` is
 * no limit.
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
 *
 * @category Time limits
 */
export function waitFor<A extends Awaitable<unknown>>(
  awaitable: A,
  timeout: number | null | undefined,
): Coroutine<Outcome<A>> {
  requireAwaitable(awaitable);
  const limit = optionalTimeout(timeout, "the timeout of waitFor()");
  return waitForCoroutine(awaitable, limit) as Coroutine<Outcome<A>>;
}

// Copyright 2026 the asyncio authors. MIT license.

import { awaitsFor } from "../_core/awaited_by.ts";
import type { FutureCore } from "../_core/protocols.ts";
import type { Outcome } from "../_util/awaitables.ts";
import { errorClassText, namedAs } from "../_util/repr.ts";
import type { Future } from "../future.ts";
import { type Awaitable, ensureFuture } from "../task.ts";
import { requireAwaitable } from "./awaitables.ts";

/** Ends a shield as the shielded future has ended. */
function settle(outer: Future<unknown>, inner: Future<unknown>): void {
  if (outer.done()) return; // most likely cancelled, in this very turn
  if (inner.cancelled()) outer.cancel();
  else if (inner.$hasFailed()) outer.setException(inner.exception());
  else outer.setResult(inner.result());
}

function reportShielded(inner: FutureCore): void {
  const exception = inner.exception();
  inner.getLoop().callExceptionHandler({
    message: `${errorClassText(exception)} exception in shielded future`,
    exception,
    future: inner,
  });
}

/**
 * Waits for an awaitable and protects it from cancellation.
 *
 * `await shield(work())` is `await work()`, except when the waiting task is
 * cancelled: the task gets its {@linkcode CancelledError}, and the shielded
 * work keeps running. If the work fails after that, and nothing else waits for
 * it or retrieves its exception, the failure is reported to the loop's
 * exception handler.
 *
 * @typeParam A The type of the awaitable.
 * @param awaitable What to protect. A coroutine becomes a task.
 * @returns A future of the result.
 * @throws {TypeError} If it cannot be awaited.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, shield, sleep } from "@asyncio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const work = createTask(sleep(0.01, "done"));
 *   const waiting = createTask(async () => await shield(work));
 *   await sleep(0);
 *   waiting.cancel();
 *   assertEquals(await work, "done");
 *   assert(waiting.cancelled());
 * });
 * ```
 *
 * @category Waiting
 */
export function shield<A extends Awaitable<unknown>>(
  awaitable: A,
): Future<Outcome<A>> {
  requireAwaitable(awaitable);
  const inner = ensureFuture(awaitable) as Future<Outcome<A>>;
  if (inner.done()) return inner;
  const outer = inner.getLoop().createFuture<Outcome<A>>();
  const innerDone = namedAs(
    "shield.<locals>._inner_done_callback",
    () => settle(outer, inner),
  );
  const outerDone = namedAs("shield.<locals>._outer_done_callback", () => {
    if (inner.done()) return;
    inner.removeDoneCallback(innerDone);
    inner.getLoop().$holdingsOf.expectUnawaited(inner, reportShielded);
  });
  inner.addDoneCallback(innerDone);
  awaitsFor(innerDone, outer);
  outer.addDoneCallback(outerDone);
  return outer;
}

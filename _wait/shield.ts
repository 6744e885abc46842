import { type Outcome, requireAwaitable } from "./awaitables.ts";
import type { Future } from "../future.ts";
import { type Awaitable, ensureFuture } from "../task.ts";

/**
 * Waits for something without passing a cancellation on to it.
 *
 * `await shield(work())` is `await work()`, except that when the task that
 * waits is cancelled, `work()` is not and runs on; the task still gets its
 * {@linkcode CancelledError}. Should the work then fail, the exception handler
 * is told, as nobody else would be.
 *
 * @typeParam A The type of the awaitable.
 * @param awaitable What to protect. Of a coroutine, a task is made.
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
 */
export function shield<A extends Awaitable<unknown>>(
  awaitable: A,
): Future<Outcome<A>> {
  requireAwaitable(awaitable);
  const inner = ensureFuture(awaitable) as Future<Outcome<A>>;
  if (inner.done()) return inner;
  const outer = inner.getLoop().createFuture<Outcome<A>>();
  const innerDone = () => {
    if (outer.cancelled()) return;
    if (inner.cancelled()) outer.cancel();
    else if (inner["_state"] === "failed") {
      outer.setException(inner.exception());
    } else outer.setResult(inner.result());
  };
  inner.addDoneCallback(innerDone);
  outer.addDoneCallback(() => {
    if (inner.done()) return;
    inner.removeDoneCallback(innerDone);
    // However many shields of it were cancelled, it fails once.
    inner.removeDoneCallback(reportShielded);
    inner.addDoneCallback(reportShielded);
  });
  return outer;
}

function reportShielded(future: Future<unknown>): void {
  if (future["_state"] !== "failed") return;
  const exception = future.exception();
  const name = exception instanceof Error ? exception.name : "Error";
  future.getLoop().callExceptionHandler({
    message: `${name} exception in shielded future`,
    exception,
    future,
  });
}

// Copyright 2026 the asyncio authors. MIT license.

import { requireOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import { calledAs, SourceSite } from "../_util/source_site.ts";
import { Coroutine, type CoroutineLike } from "../coroutine.ts";
import { CancelledError } from "../errors.ts";
import { EventLoop } from "../loop.ts";
import type { Task } from "../task.ts";
import { TRANSFER_OPTIONS, type TransferOptions } from "./messages.ts";
import { type RemoteCoroutine, RemoteLoop } from "./remote.ts";
import {
  BaseThreadsafeFuture,
  type ThreadsafeFuture,
} from "./threadsafe_future.ts";

/** A coroutine that was submitted to a loop of this thread. */
class Submission<T> extends BaseThreadsafeFuture<T> {
  #coro: Coroutine<T>;
  #loop: EventLoop;
  /** Where it was submitted: nothing of that is running later. */
  #site = new SourceSite(() => [runCoroutineThreadsafe]);
  /** The task, when the loop has made it. */
  #task: Task<T> | null = null;

  constructor(coro: Coroutine<T>, loop: EventLoop) {
    super();
    this.#coro = coro;
    this.#loop = loop;
    const submission = () => this.#start();
    loop.callSoonThreadsafe(submission);
  }

  #start(): void {
    if (this.done()) { // it was cancelled
      this.#coro.close();
      return;
    }
    let task: Task<T>;
    try {
      task = calledAs(this.#site, () => this.#loop.createTask(this.#coro));
    } catch (error) {
      this.settle(() => {
        throw error;
      }, false);
      throw error; // for the exception handler: there may be no caller waiting
    }
    this.#task = task;
    task.$addListener({
      $wakeup: () => this.settle(() => task.result(), task.cancelled()),
    });
  }

  cancel(): boolean {
    if (this.done()) return false;
    this.settle(() => {
      throw new CancelledError();
    }, true);
    const task = this.#task;
    if (task !== null) this.#loop.callSoonThreadsafe(() => task.cancel());
    return true;
  }

  protected reportCallbackError(exception: unknown): void {
    const message = "Exception in a callback of runCoroutineThreadsafe()";
    this.#loop.callExceptionHandler({ message, exception });
  }
}

/**
 * Submits a coroutine to a loop from anywhere: from a host timer, a handler of
 * `Deno.serve`, or another loop. An idle loop wakes up for it.
 *
 * Inside the loop itself, use `createTask`.
 *
 * @typeParam T The type of the result.
 * @param coro A coroutine, or an `async` or generator function without
 * arguments.
 * @param loop The loop that is to run it.
 * @returns The outcome: it can be awaited, cancelled and asked whether it is
 * done.
 * @throws {TypeError} If `coro` is neither, or `loop` is not a loop.
 * @throws {Error} If the coroutine was awaited before.
 * @throws {Error} If the loop is closed.
 *
 * @example From a host timer
 * ```ts
 * import {
 *   coroutine,
 *   getRunningLoop,
 *   run,
 *   runCoroutineThreadsafe,
 *   sleep,
 *   wrapFuture,
 * } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const double = coroutine(async function double(n: number) {
 *   await sleep(0.01);
 *   return 2 * n;
 * });
 *
 * await run(async () => {
 *   const loop = getRunningLoop();
 *   const answer = new Promise<number>((resolve) => {
 *     setTimeout(
 *       async () => resolve(await runCoroutineThreadsafe(double(21), loop)),
 *       10,
 *     );
 *   });
 *   assertEquals(await wrapFuture(answer), 42);
 * });
 * ```
 *
 * @category Threads
 */
export function runCoroutineThreadsafe<T>(
  coro: CoroutineLike<T>,
  loop: EventLoop,
): ThreadsafeFuture<T>;
/**
 * Submits a call to a loop in another thread, which that thread has exposed
 * with `exposeLoop()`.
 *
 * It ends once: with the answer, or with an `Error` when no answer can come any
 * more. Cancelling it cancels the task in the other thread, and the outcome is
 * what that task answers. To wait for it inside a task use `wrapFuture()`,
 * which also forwards a cancellation.
 *
 * @typeParam T The type of the result.
 * @param call The call that `remote.coroutine(name, …args)` has described. The
 * arguments are cloned now.
 * @param remote The loop, from `connectLoop()`.
 * @param options What moves to the other thread instead of being cloned.
 * @returns The outcome: it can be awaited, cancelled and asked whether it is
 * done.
 * @throws {TypeError} If `call` is not a call that `remote` has described.
 * @throws {TypeError} If there is no such option.
 * @throws {Error} If the connection, or the loop in the other thread, is
 * closed.
 * @throws {DOMException} If the arguments cannot be cloned or moved: a
 * `DataCloneError`.
 *
 * @example In a worker
 * ```ts ignore
 * import { connectLoop, runCoroutineThreadsafe } from "@asyncio/asyncio";
 *
 * const remote = connectLoop(self);
 * const bytes = new Uint8Array(1e6);
 * await runCoroutineThreadsafe(remote.coroutine("save", bytes), remote, {
 *   transfer: [bytes.buffer],
 * });
 * ```
 *
 * @category Threads
 */
export function runCoroutineThreadsafe<T, F extends object>(
  call: RemoteCoroutine<T>,
  remote: RemoteLoop<F>,
  options?: Partial<TransferOptions>,
): ThreadsafeFuture<T>;
export function runCoroutineThreadsafe<T>(
  coro: CoroutineLike<T> | RemoteCoroutine<T>,
  loop: EventLoop | RemoteLoop<never>,
  options?: Partial<TransferOptions>,
): ThreadsafeFuture<T> {
  requireOptions("runCoroutineThreadsafe()", options, TRANSFER_OPTIONS);
  if (loop instanceof RemoteLoop) return loop.$submitCall(coro, options);
  if (!(loop instanceof EventLoop)) {
    throw new TypeError(
      `Cannot submit a coroutine to what is not a loop: current value is ${
        valueText(loop)
      }`,
    );
  }
  return new Submission(
    Coroutine.$toCoroutine(coro as CoroutineLike<T>),
    loop,
  );
}

/**
 * Running a program: {@linkcode run} makes a loop, runs a coroutine in it, and
 * tidies up.
 *
 * ```ts
 * import { run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function main() {
 *   await sleep(0.01);
 *   return "done";
 * }
 *
 * assertEquals(await run(main), "done");
 * ```
 *
 * @module
 */

import { type RemoteCoroutine, RemoteLoop } from "./_threads/remote.ts";
import { valueText } from "./_util/repr.ts";
import { activeLoop, setCurrentLoop } from "./_core/running.ts";
import { Submission, type ThreadsafeFuture } from "./_threads/submission.ts";
import { addErrorClass } from "./_threads/thrown_errors.ts";
import type { TransferOptions } from "./_threads/messages.ts";
import { Coroutine, type CoroutineLike } from "./coroutine.ts";
import { CancelledError } from "./errors.ts";
import { EventLoop, newEventLoop } from "./loop.ts";
import { gather } from "./gather.ts";
import { allTasks, type Task } from "./task.ts";

export type { ThreadsafeFuture };

/** Options for {@linkcode Runner}. */
export interface RunnerOptions {
  /**
   * Whether the loop runs in debug mode.
   *
   * @default {false}
   */
  debug?: boolean;
  /**
   * Makes the loop.
   *
   * @default {newEventLoop}
   */
  loopFactory?: () => EventLoop;
}

/** Options for {@linkcode Runner.run}. */
export interface RunnerRunOptions {
  /** A signal that cancels the coroutine when it is aborted. */
  signal?: AbortSignal | null;
}

/** Options for {@linkcode run}. */
export interface RunOptions extends RunnerOptions, RunnerRunOptions {}

/** For how many seconds the end of a runner waits for calls in other threads. */
const THREAD_JOIN_TIMEOUT = 300;

/** The exit status of a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * Ctrl-C has cancelled the coroutine that a `Runner` runs.
 *
 * @example Recognise it
 * ```ts
 * import { KeyboardInterrupt } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new KeyboardInterrupt().name, "KeyboardInterrupt");
 * ```
 */
export class KeyboardInterrupt extends Error {
  /** `"KeyboardInterrupt"` */
  override name = "KeyboardInterrupt";

  static {
    addErrorClass(this);
  }
}

/**
 * Runs several coroutines, one after another, in one loop of its own.
 *
 * - Ctrl-C (SIGINT) cancels the coroutine that runs, which may clean up; then
 *   {@linkcode Runner.run} throws {@linkcode KeyboardInterrupt}. A second one
 *   ends the process at once. A handler set with `loop.addSignalHandler` has
 *   precedence; in a worker, signals are left alone.
 * - Closing it cancels what is left in the loop, waits for that, and closes the
 *   loop. `await using` does so at the end of the block; `using` cannot wait and
 *   lets that happen by itself.
 *
 * @example Usage
 * ```ts
 * import { Runner, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await using runner = new Runner();
 * assertEquals(await runner.run(sleep(0, 1)), 1);
 * assertEquals(await runner.run(sleep(0, 2)), 2);
 * ```
 */
export class Runner implements AsyncDisposable, Disposable {
  #options: RunnerOptions;
  #loop: EventLoop | null = null;
  #closing: Promise<void> | null = null;
  /** What it runs right now. */
  #main: Task<unknown> | null = null;
  #finished: Promise<void> = Promise.resolve();

  /**
   * A runner whose loop is made when it is first needed.
   *
   * @param options How to make the loop.
   */
  constructor(options: RunnerOptions = {}) {
    this.#options = options;
  }

  /**
   * Runs a coroutine.
   *
   * @typeParam T The type of the result.
   * @param coro A coroutine, or an `async` or generator function without
   * arguments.
   * @param options What cancels it.
   * @returns A promise of the result. It is rejected with what the coroutine
   * threw; with a `TypeError` if it is neither; with an `Error` when called from
   * inside a running loop, if the coroutine was awaited before, or if the runner
   * is closed; with {@linkcode KeyboardInterrupt} if Ctrl-C has cancelled it.
   */
  async run<T>(
    coro: CoroutineLike<T>,
    options: RunnerRunOptions = {},
  ): Promise<T> {
    if (activeLoop() !== null) {
      throw new Error(
        "Runner.run() cannot be called from a running event loop",
      );
    }
    const coroutine = Coroutine["_from"](coro);
    const loop = this.getLoop();
    if (loop.isRunning()) throw new Error("This event loop is already running");
    const task = loop.createTask(coroutine, options);
    const interruption = onInterrupt(loop, () => task.cancel());
    this.#main = task;
    const finished = Promise.withResolvers<void>();
    this.#finished = finished.promise;
    try {
      return await loop.runUntilComplete(task);
    } catch (error) {
      if (
        interruption.happened && error instanceof CancelledError &&
        task.uncancel() === 0
      ) throw new KeyboardInterrupt("", { cause: error });
      throw error;
    } finally {
      interruption.ignore();
      this.#main = null;
      finished.resolve();
    }
  }

  /**
   * The loop.
   *
   * @returns The loop.
   * @throws {Error} If the runner is closed.
   * @throws {TypeError} If `loopFactory` gave something else.
   */
  getLoop(): EventLoop {
    if (this.#closing !== null) throw new Error("Runner is closed");
    if (this.#loop !== null) return this.#loop;
    const { loopFactory = newEventLoop, debug } = this.#options;
    const loop = loopFactory();
    if (!(loop instanceof EventLoop)) {
      throw new TypeError(
        `loopFactory must give an EventLoop: current value is ${
          valueText(loop)
        }`,
      );
    }
    if (debug !== undefined) loop.setDebug(debug);
    if (this.#options.loopFactory === undefined) setCurrentLoop(loop);
    return this.#loop = loop;
  }

  /**
   * Cancels what runs and what is left in the loop, waits for it, and closes the
   * loop. The second time, nothing happens.
   *
   * @returns A promise that is fulfilled when the loop is closed. It is rejected
   * with an `Error` when called from inside a running loop.
   */
  async close(): Promise<void> {
    if (this.#closing === null && activeLoop() !== null) {
      throw new Error(
        "Runner.close() cannot be called from a running event loop",
      );
    }
    await (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const loop = this.#loop;
    if (loop === null) return;
    this.#main?.cancel();
    await this.#finished;
    try {
      await cancelAllTasks(loop);
      await joinThreads(loop);
    } finally {
      if (this.#options.loopFactory === undefined) setCurrentLoop(null);
      loop.close();
    }
  }

  /** {@linkcode Runner.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** {@linkcode Runner.close}, for `using`, which does not wait for it. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Whether Ctrl-C has happened, while somebody cares. */
interface Interruption {
  happened: boolean;
  ignore(): void;
}

/** Calls `interrupt` on the first Ctrl-C, and ends the process on the next. */
function onInterrupt(loop: EventLoop, interrupt: () => void): Interruption {
  const interruption: Interruption = { happened: false, ignore() {} };
  // Signals are for the main thread, and for nobody in a browser.
  if (typeof Deno === "undefined" || "WorkerGlobalScope" in globalThis) {
    return interruption;
  }
  const listener = () => {
    if (loop["_signals"].has("SIGINT")) return;
    if (interruption.happened) Deno.exit(INTERRUPTED);
    interruption.happened = true;
    interrupt();
  };
  Deno.addSignalListener("SIGINT", listener);
  interruption.ignore = () => Deno.removeSignalListener("SIGINT", listener);
  return interruption;
}

/** Programs that run side by side: Ctrl-C waits for the last one to tidy up. */
let programs = 0;
let interrupted = false;

/**
 * Runs a coroutine in a loop of its own.
 *
 * When the coroutine is done, whatever is left is cancelled and waited for, and
 * the loop is closed. Ctrl-C (SIGINT) cancels the coroutine; when it has cleaned
 * up, and all the rest too, the process exits with status 130. A second Ctrl-C
 * ends it at once. A coroutine that catches the cancellation and ends with a
 * value has its way.
 *
 * @typeParam T The type of the result.
 * @param main A coroutine, or an `async` or generator function without
 * arguments.
 * @param options How to make the loop, and what cancels the coroutine.
 * @returns A promise of the result. It is rejected with what `main` threw; with
 * a `TypeError` if `main` is neither; with an `Error` when called from inside a
 * running loop, or if the coroutine was awaited before.
 *
 * @example Usage
 * ```ts
 * import { run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const result = await run(async () => {
 *   await sleep(0.01);
 *   return "done";
 * });
 * assertEquals(result, "done");
 * ```
 */
export async function run<T>(
  main: CoroutineLike<T>,
  options: RunOptions = {},
): Promise<T> {
  if (activeLoop() !== null) {
    throw new Error("run() cannot be called from a running event loop");
  }
  programs++;
  let ended = false;
  try {
    await using runner = new Runner(options);
    return await runner.run(main, options);
  } catch (error) {
    ended = error instanceof KeyboardInterrupt;
    interrupted ||= ended;
    throw error;
  } finally {
    programs--;
    if (interrupted && programs === 0) Deno.exit(INTERRUPTED);
    // An error that nobody catches would end the process while others tidy up.
    if (ended) await new Promise<never>(() => {});
  }
}

/** Cancels the tasks of a loop that does not run, and those that they start. */
async function cancelAllTasks(loop: EventLoop): Promise<void> {
  for (;;) {
    const tasks = [...allTasks(loop)];
    if (tasks.length === 0) return;
    for (const task of tasks) task.cancel();
    await loop.runUntilComplete(gather(tasks, { returnExceptions: true }));
    for (const task of tasks) reportFailure(loop, task);
  }
}

/** Waits for calls in other threads that nobody has cancelled. */
async function joinThreads(loop: EventLoop): Promise<void> {
  if (loop["_executor"] === null) return;
  const timeout = THREAD_JOIN_TIMEOUT;
  await loop.runUntilComplete(loop.shutdownDefaultExecutor({ timeout }));
}

function reportFailure(loop: EventLoop, task: Task<unknown>): void {
  if (task.cancelled() || task.exception() === null) return;
  loop.callExceptionHandler({
    message: "unhandled exception during run() shutdown",
    exception: task.exception(),
    task,
  });
}

/**
 * Submits a coroutine to a loop from anywhere: from a host timer, a handler of
 * `Deno.serve`, or another loop. An idle loop wakes for it.
 *
 * Inside of the loop itself, use `createTask`.
 *
 * @typeParam T The type of the result.
 * @param coro A coroutine, or an `async` or generator function without
 * arguments.
 * @param loop The loop that is to run it.
 * @returns What is to come of it: to be awaited, cancelled, or asked.
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
 */
export function runCoroutineThreadsafe<T>(
  coro: CoroutineLike<T>,
  loop: EventLoop,
): ThreadsafeFuture<T>;
/**
 * Submits a call to a loop in another thread, which that has exposed with
 * `exposeLoop()`.
 *
 * It ends once: with the answer, or with an `Error` when none can come any more.
 * Cancelling it cancels the task over there; what comes of that is the outcome.
 * To wait for it inside of a task, use `wrapFuture()`, which also passes a
 * cancellation on.
 *
 * @typeParam T The type of the result.
 * @param call What `remote.coroutine(name, …args)` has described. The arguments
 * are cloned now.
 * @param remote The loop, from `connectLoop()`.
 * @param options What moves to the other thread instead of being cloned.
 * @returns What is to come of it: to be awaited, cancelled, or asked.
 * @throws {TypeError} If `call` is not a call that `remote` has described.
 * @throws {Error} If the connection, or the loop over there, is closed.
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
  if (loop instanceof RemoteLoop) return loop["_submit"](coro, options);
  if (!(loop instanceof EventLoop)) {
    throw new TypeError(
      `Cannot submit a coroutine to what is not a loop: current value is ${
        valueText(loop)
      }`,
    );
  }
  return new Submission(
    Coroutine["_from"](coro as CoroutineLike<T>),
    loop,
  );
}

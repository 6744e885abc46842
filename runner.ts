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

import { valueText } from "./_repr.ts";
import { activeLoop, setCurrentLoop } from "./_scope.ts";
import { Coroutine, type CoroutineLike } from "./coroutine.ts";
import { CancelledError } from "./errors.ts";
import { EventLoop, newEventLoop } from "./loop.ts";
import { gather } from "./gather.ts";
import { allTasks, type Task } from "./task.ts";

/** Options for {@linkcode run}. */
export interface RunOptions {
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

/**
 * Runs a coroutine in a loop of its own.
 *
 * When the coroutine is done, whatever is left is cancelled and waited for, and
 * the loop is closed.
 *
 * @typeParam T The type of the result.
 * @param main A coroutine, or an `async` or generator function without
 * arguments.
 * @param options How to make the loop.
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
  const coro = Coroutine["_from"](main);
  const loop = makeLoop(options);
  const isCurrent = options.loopFactory === undefined;
  if (isCurrent) setCurrentLoop(loop);
  try {
    return await loop.runUntilComplete(coro);
  } finally {
    try {
      await cancelAllTasks(loop);
    } finally {
      if (isCurrent) setCurrentLoop(null);
      loop.close();
    }
  }
}

function makeLoop(
  { loopFactory = newEventLoop, debug }: RunOptions,
): EventLoop {
  const loop = loopFactory();
  if (!(loop instanceof EventLoop)) {
    throw new TypeError(
      `loopFactory must give an EventLoop: current value is ${valueText(loop)}`,
    );
  }
  if (debug !== undefined) loop.setDebug(debug);
  return loop;
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

function reportFailure(loop: EventLoop, task: Task<unknown>): void {
  if (task.cancelled() || task.exception() === null) return;
  loop.callExceptionHandler({
    message: "unhandled exception during run() shutdown",
    exception: task.exception(),
    task,
  });
}

/** The outcome of a coroutine that runs in a loop elsewhere. */
export interface ThreadsafeFuture<T> extends PromiseLike<T> {
  /**
   * Cancels the coroutine.
   *
   * @returns Whether it was cancelled: `false` if it was already done.
   */
  cancel(): boolean;
  /** Whether it was cancelled. */
  cancelled(): boolean;
  /** Whether it is over: with a result, an exception, or cancelled. */
  done(): boolean;
}

/** A coroutine on its way into a loop, and what came of it. */
class Submission<T> implements ThreadsafeFuture<T> {
  #coro: Coroutine<T>;
  #loop: EventLoop;
  /** As soon as the loop has taken the coroutine up. */
  #task: Task<T> | null = null;
  #cancelled = false;
  /** Made when somebody waits: until then, a failure is the task's own. */
  #outcome: PromiseWithResolvers<T> | null = null;

  constructor(coro: Coroutine<T>, loop: EventLoop) {
    this.#coro = coro;
    this.#loop = loop;
    loop.callSoonThreadsafe(() => this.#start());
  }

  #start(): void {
    if (this.#cancelled) {
      this.#coro.close();
      return;
    }
    this.#task = this.#loop.createTask(this.#coro);
    this.#task["_addWaiter"]({ _wakeup: () => this.#settle() });
  }

  #settle(): void {
    const outcome = this.#outcome;
    if (outcome === null) return;
    try {
      if (this.#cancelled) throw new CancelledError();
      outcome.resolve(this.#task!.result());
    } catch (error) {
      outcome.reject(error);
    }
  }

  cancel(): boolean {
    if (this.done()) return false;
    this.#cancelled = true;
    this.#settle();
    if (this.#task !== null) {
      this.#loop.callSoonThreadsafe(() => this.#task!.cancel());
    }
    return true;
  }

  cancelled(): boolean {
    return this.#cancelled || (this.#task?.cancelled() ?? false);
  }

  done(): boolean {
    return this.#cancelled || (this.#task?.done() ?? false);
  }

  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    if (this.#outcome === null) {
      this.#outcome = Promise.withResolvers();
      if (this.done()) this.#settle();
    }
    return this.#outcome.promise.then(onfulfilled, onrejected);
  }
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
): ThreadsafeFuture<T> {
  if (!(loop instanceof EventLoop)) {
    throw new TypeError(
      `Cannot submit a coroutine to what is not a loop: current value is ${
        valueText(loop)
      }`,
    );
  }
  return new Submission(Coroutine["_from"](coro), loop);
}

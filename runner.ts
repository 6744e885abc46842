// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Running a program: {@linkcode run} makes a loop, runs a coroutine in it, and
 * cleans up.
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

import { cancelAs } from "./_core/cancellers.ts";
import { activeLoop, setCurrentLoop } from "./_core/running.ts";
import { suppressedError } from "./_host/errors.ts";
import { exitProcess, setExitStatus } from "./_host/process.ts";
import { allowUnhandledRejections } from "./_host/rejections.ts";
import { exitStatusOf, listenToSignals, type Signal } from "./_host/signals.ts";
import { requireFunction } from "./_util/checks.ts";
import { deferred } from "./_util/deferred.ts";
import { requireOptions } from "./_util/options.ts";
import { valueText } from "./_util/repr.ts";
import { GatheringFuture } from "./_wait/gathering_future.ts";
import {
  Coroutine,
  type CoroutineArgument,
  type CoroutineLike,
} from "./coroutine.ts";
import { CancelledError, KeyboardInterrupt } from "./errors.ts";
import type { Context } from "./future.ts";
import { type Clock, EventLoop, newEventLoop } from "./loop.ts";
import { allTasks, type Task } from "./task.ts";

export { KeyboardInterrupt } from "./errors.ts";

/**
 * A signal other than SIGINT has cancelled the coroutine that {@linkcode run}
 * or a {@linkcode Runner} runs, see {@linkcode RunnerRunOptions.signals}.
 *
 * @example Recognise it
 * ```ts
 * import { SignalInterrupt } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new SignalInterrupt("SIGTERM").signal, "SIGTERM");
 * ```
 *
 * @category Errors
 */
export class SignalInterrupt extends Error {
  /** `"SignalInterrupt"` */
  override name = "SignalInterrupt";
  /** The signal, such as `"SIGTERM"`. */
  readonly signal: Signal;

  /**
   * Creates the error.
   *
   * @param signal The signal, such as `"SIGTERM"`.
   * @param options Its cause.
   */
  constructor(signal: Signal, options?: ErrorOptions) {
    super(signal, options);
    this.signal = signal;
  }
}

/**
 * Options for {@linkcode Runner}.
 *
 * @category Running
 */
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

/**
 * Options for {@linkcode Runner.run}.
 *
 * @category Running
 */
export interface RunnerRunOptions {
  /** A signal that cancels the coroutine when it is aborted. */
  signal?: AbortSignal | null;
  /**
   * The asynchronous context that the coroutine runs in, as
   * `AsyncLocalStorage.snapshot()` captures it.
   *
   * @default {null, the one in which it is run}
   */
  context?: Context | null;
  /**
   * The signals of the operating system that cancel the coroutine. In a worker
   * there are none.
   *
   * @default {["SIGINT"]}
   */
  signals?: readonly Signal[];
}

/**
 * Options for {@linkcode run}.
 *
 * @category Running
 */
export interface RunOptions extends RunnerOptions, RunnerRunOptions {
  /**
   * The clock of the loop, or a function that returns the time in seconds. It
   * cannot be combined with `loopFactory`.
   *
   * @default {the host's monotonic clock, or the fake time if a test has
   * installed one (FakeTime)}
   */
  clock?: Clock | (() => number);
}

const RUNNER_OPTIONS: readonly string[] = ["debug", "loopFactory"];
const RUNNER_RUN_OPTIONS: readonly string[] = [
  "signal",
  "context",
  "signals",
];
const RUN_OPTIONS: readonly string[] = /* @__PURE__ */ RUNNER_OPTIONS.concat(
  RUNNER_RUN_OPTIONS,
  "clock",
);

/**
 * How many seconds closing a runner waits for calls in other threads, as in
 * CPython.
 */
const THREAD_JOIN_TIMEOUT = 300;

const DEFAULT_SIGNALS: readonly Signal[] = ["SIGINT"];

/**
 * Runs several coroutines, one after another, in one loop of its own.
 *
 * - Ctrl-C (SIGINT) cancels the running coroutine, which may clean up; then
 *   {@linkcode Runner.run} throws {@linkcode KeyboardInterrupt}. If nothing
 *   catches that, the process ends with status 130. A second Ctrl-C ends it at
 *   once. A handler set with `loop.addSignalHandler` takes precedence. In a
 *   worker, signals are left alone.
 * - Closing it cancels the tasks that are left in the loop, waits for them, and
 *   closes the loop. `await using` does so at the end of the block. `using`
 *   only starts it, as it cannot wait.
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
 *
 * @category Running
 */
export class Runner implements AsyncDisposable, Disposable {
  #options: RunnerOptions;
  #loop: EventLoop | null = null;
  #closing: Promise<void> | null = null;
  /** The task of the running coroutine. */
  #main: Task<unknown> | null = null;
  /** Fulfilled when no coroutine is running. */
  #finished: Promise<void> = Promise.resolve();

  /**
   * Creates a runner. Its loop is made when it is first needed.
   *
   * @param options How to make the loop.
   * @throws {TypeError} If there is no such option, or `loopFactory` is not a
   * function.
   */
  constructor(options: RunnerOptions = {}) {
    requireOptions("Runner()", options, RUNNER_OPTIONS);
    const { debug, loopFactory } = options;
    if (loopFactory !== undefined) requireFunction("loopFactory", loopFactory);
    this.#options = { debug, loopFactory };
  }

  /**
   * Runs a coroutine.
   *
   * @typeParam T The type of the result.
   * @typeParam C The type of `coro`, which is inferred.
   * @param coro A coroutine, or an `async` or generator function without
   * arguments.
   * @param options What cancels it, and the asynchronous context that it runs
   * in.
   * @returns A promise of the result. It is rejected with what the coroutine
   * threw; with a `TypeError` if `coro` is neither, if there is no such option,
   * or no such signal; with an `Error` when called inside a running loop, if
   * the coroutine was awaited before, or if the runner is closed; with
   * {@linkcode KeyboardInterrupt} if Ctrl-C has cancelled it, or
   * {@linkcode SignalInterrupt} if another signal has.
   */
  async run<T, C = unknown>(
    coro: CoroutineArgument<T, C>,
    options: RunnerRunOptions = {},
  ): Promise<T> {
    requireOptions("Runner.run()", options, RUNNER_RUN_OPTIONS);
    if (activeLoop() !== null) {
      throw new Error(
        "Runner.run() cannot be called from a running event loop",
      );
    }
    const coroutine = Coroutine.$toCoroutine(
      coro as CoroutineLike<T>,
      () => [run, this.run],
    );
    const loop = this.getLoop();
    if (loop.isRunning()) throw new Error("This event loop is already running");
    const { signal, context, signals = DEFAULT_SIGNALS } = options;
    requireSignals(signals);
    const watch = new InterruptWatch(loop, signals);
    let task: Task<T>;
    try {
      task = loop.createTask(coroutine, { signal, context });
    } catch (error) {
      watch.end();
      throw error;
    }
    watch.task = task;
    this.#main = task;
    const finished = deferred<void>();
    this.#finished = finished.promise;
    programs++;
    try {
      return await loop.runUntilComplete(task);
    } catch (error) {
      if (
        watch.received !== null && error instanceof CancelledError &&
        task.uncancel() === 0
      ) throw interruptError(watch.received, error);
      throw error;
    } finally {
      watch.end();
      programs--;
      this.#main = null;
      finished.resolve();
    }
  }

  /**
   * The loop of the runner, made on first use.
   *
   * @returns The loop.
   * @throws {Error} If the runner is closed.
   * @throws {TypeError} If `loopFactory` does not return a loop.
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
   * Cancels the running coroutine and the tasks that are left in the loop,
   * waits for them, and closes the loop. The second time, nothing happens.
   *
   * @returns A promise that is fulfilled when the loop is closed. It is
   * rejected with an `Error` when called inside a running loop.
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

function requireSignals(signals: unknown): void {
  if (Array.isArray(signals)) return;
  throw new TypeError(
    `signals must be an array of names: current value is ${valueText(signals)}`,
  );
}

/** Cancels a task on the first signal. The second one ends the process. */
class InterruptWatch {
  #loop: EventLoop;
  #listeners: ReturnType<typeof listenToSignals>;
  task: Task<unknown> | null = null;
  /** The first signal. */
  received: Signal | null = null;

  constructor(loop: EventLoop, signals: readonly Signal[]) {
    this.#loop = loop;
    this.#listeners = listenToSignals(signals, (name) => this.#receive(name));
    // A listener would keep a program from ending that waits for nothing.
    loop.$engineOf.idleWatch.holders.add(this.#listeners);
  }

  #receive(name: Signal): void {
    if (this.#loop.$handlesSignal(name)) return;
    if (this.received !== null) exitProcess(exitStatusOf(name));
    this.received = name;
    const before = cancelAs(name);
    try {
      this.task?.cancel();
    } finally {
      cancelAs(before);
    }
    this.#loop.$engineOf.wake(); // in debug mode it looks at the task
  }

  end(): void {
    this.#loop.$engineOf.idleWatch.holders.delete(this.#listeners);
    this.#listeners.remove();
  }
}

/** The exit statuses of a program that does not catch these errors. */
const exitStatuses = new WeakMap<object, number>();
let isListening = false;

function interruptError(name: Signal, cause: CancelledError): Error {
  const error = name === "SIGINT"
    ? new KeyboardInterrupt("", { cause })
    : new SignalInterrupt(name, { cause });
  exitStatuses.set(error, exitStatusOf(name));
  if (!isListening) {
    isListening = true;
    allowUnhandledRejections((reason) => {
      const status = exitStatuses.get(reason as object);
      if (status === undefined) return false;
      endProgram(status);
      return true;
    });
  }
  return error;
}

/** Unfinished calls of run() and Runner.run(). */
let programs = 0;

/**
 * Ends the process as the host does when nothing catches an error, but without
 * a trace. Other programs that the signal has cancelled clean up before.
 */
function endProgram(status: number): void {
  if (programs === 0) exitProcess(status);
  setExitStatus(status);
}

/**
 * Runs a coroutine in a loop of its own.
 *
 * When the coroutine is done, the tasks that are left are cancelled and waited
 * for, and the loop is closed.
 *
 * Ctrl-C (SIGINT) cancels the coroutine. When it and all other tasks have
 * cleaned up, the promise is rejected with {@linkcode KeyboardInterrupt}, so
 * that `finally` and `using` around the call run too. If nothing catches it,
 * the process ends with status 130 and prints nothing. A second Ctrl-C ends it
 * at once. If the coroutine catches the cancellation and returns a value, the
 * program goes on. The option `signals` has other signals treated alike: these
 * reject with {@linkcode SignalInterrupt}, and end the process with 128 and
 * their number, such as 143 for SIGTERM.
 *
 * @typeParam T The type of the result.
 * @typeParam C The type of `main`, which is inferred.
 * @param main A coroutine, or an `async` or generator function without
 * arguments.
 * @param options How to make the loop, what cancels the coroutine, and the
 * asynchronous context that it runs in.
 * @returns A promise of the result. It is rejected with what `main` threw; with
 * a `TypeError` if `main` is neither, if there is no such option or signal, or
 * if both `clock` and `loopFactory` are given; with an `Error` when called
 * inside a running loop, or if the coroutine was awaited before; with
 * {@linkcode KeyboardInterrupt} or {@linkcode SignalInterrupt} if a signal has
 * cancelled it.
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
 *
 * @category Running
 */
export async function run<T, C = unknown>(
  main: CoroutineArgument<T, C>,
  options: RunOptions = {},
): Promise<T> {
  requireOptions("run()", options, RUN_OPTIONS);
  if (activeLoop() !== null) {
    throw new Error("run() cannot be called from a running event loop");
  }
  const { debug, clock, signal, context, signals } = options;
  if (clock !== undefined && options.loopFactory !== undefined) {
    throw new TypeError("run() takes either clock or loopFactory, not both");
  }
  // The loop is the current one of what runs in it, and of nothing else.
  const loopFactory = options.loopFactory ??
    (clock === undefined ? newEventLoop : () => new EventLoop({ clock }));
  programs++;
  try {
    const runner = new Runner({ debug, loopFactory });
    const runOptions = { signal, context, signals };
    return await runAndClose(runner, main as CoroutineLike<T>, runOptions);
  } finally {
    programs--;
  }
}

/** What `await using` does with a runner; not every host can parse that. */
async function runAndClose<T>(
  runner: Runner,
  main: CoroutineLike<T>,
  options: RunnerRunOptions,
): Promise<T> {
  let result: T;
  try {
    result = await runner.run(main, options);
  } catch (failure) {
    await runner.close().catch((error) => {
      const message = "An error was suppressed during disposal";
      throw suppressedError(error, failure, message);
    });
    throw failure;
  }
  await runner.close();
  return result;
}

/** Cancels the tasks of a loop, and those that they start meanwhile. */
async function cancelAllTasks(loop: EventLoop): Promise<void> {
  for (;;) {
    const tasks = [...allTasks(loop)];
    if (tasks.length === 0) return;
    const before = cancelAs("run()");
    try {
      for (const task of tasks) task.cancel();
    } finally {
      cancelAs(before);
    }
    await loop.runUntilComplete(new GatheringFuture(loop, tasks, true));
    for (const task of tasks) reportFailure(loop, task);
  }
}

/** Waits for the calls in other threads that were not cancelled. */
async function joinThreads(loop: EventLoop): Promise<void> {
  if (loop.$defaultExecutor === null) return;
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

// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * The event loop: it runs callbacks, timers and tasks, one at a time.
 *
 * Most programs do not use it directly: they call `run()`.
 *
 * ```ts
 * import { newEventLoop } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const loop = newEventLoop();
 * const order: string[] = [];
 * loop.callLater(0.01, () => order.push("later"));
 * loop.callSoon(() => order.push("soon"));
 * loop.callLater(0.02, () => loop.stop());
 * await loop.runForever();
 * loop.close();
 * assertEquals(order, ["soon", "later"]);
 * ```
 *
 * @module
 */

import { AsyncCall } from "./_core/async_call.ts";
import { Await } from "./_core/await.ts";
import { recordAwaitSites } from "./_core/await_sites.ts";
import { callOnce, type Context, watchContexts } from "./_core/contexts.ts";
import {
  callAt,
  type Callback,
  type CallOptions,
  callSoon,
} from "./_core/calls.ts";
import { isDebugDefault } from "./_core/debug_mode.ts";
import { requireCallback } from "./_core/definition.ts";
import { asyncDriver } from "./_core/drivers.ts";
import { Engine } from "./_core/engine.ts";
import { newDefaultExecutor, requireExecutor } from "./_core/executor.ts";
import { report, reportText, withOrigin } from "./_core/failures.ts";
import { Handle, TimerHandle } from "./_core/handle.ts";
import { Holdings } from "./_core/holdings.ts";
import { requireInstrument } from "./_core/instruments.ts";
import { LeakWatch } from "./_core/leaks.ts";
import type {
  FutureCore,
  InstrumentCore,
  TaskCore,
} from "./_core/protocols.ts";
import { CREATE_TASK_OPTIONS, OwnTaskOptions } from "./_core/options.ts";
import {
  activeLoop,
  currentLoop,
  provideLoop,
  requireRunningLoop,
  setCurrentLoop,
} from "./_core/running.ts";
import { SlowSteps } from "./_core/slow_steps.ts";
import type { Clock } from "./_host/clock.ts";
import type { FrameCallGraphEntry } from "./_util/stack_trace.ts";
import { printError } from "./_host/printing.ts";
import { type Signal, SignalHandlers } from "./_host/signals.ts";
import {
  requireFunctionOrNull,
  requireNumber,
  requireTime,
} from "./_util/checks.ts";
import { OwnOptions, requireOptions } from "./_util/options.ts";
import { keepSpecimens } from "./_util/specimens.ts";
import { optionalTimeout } from "./_util/timeout.ts";
import { classText, namedAs, printAs, valueText } from "./_util/repr.ts";
import {
  Coroutine,
  type CoroutineArgument,
  type CoroutineLike,
} from "./coroutine.ts";
import { CancelledError } from "./errors.ts";
import { Future, wrapFuture } from "./future.ts";
import {
  type Awaitable,
  type CreateTaskOptions,
  ensureFuture,
  sleep,
  Task,
} from "./task.ts";
import type { TaskGroup } from "./task_group.ts";
import type { Timeout } from "./timeouts.ts";
import type {
  ThreadPoolExecutor,
  WorkArguments,
  WorkFuture,
  WorkResult,
} from "./threads.ts";

export { type CallOptions, type Clock, Handle, type Signal, TimerHandle };

/**
 * What an exception handler is called with.
 *
 * @category Event loop
 */
export interface ExceptionContext {
  /** What happened. */
  message?: string;
  /** The error, if there was one. */
  exception?: unknown;
  /** The future it came from. */
  future?: Future<unknown>;
  /** The task it came from. */
  task?: Task<unknown>;
  /** The callback that threw it. */
  handle?: Handle;
  /**
   * Where the future, the task or the handle was made, oldest function first. In
   * debug mode only.
   */
  source_traceback?: FrameCallGraphEntry[];
  /** Any further details. */
  [key: string]: unknown;
}

/**
 * Handles an error that reaches no caller. Called with the loop and a
 * description of the error.
 *
 * @category Event loop
 */
export type ExceptionHandler = (
  loop: EventLoop,
  context: ExceptionContext,
) => void;

/**
 * Creates the tasks of a loop.
 *
 * @category Event loop
 */
export type TaskFactory = <T>(
  loop: EventLoop,
  coro: CoroutineLike<T>,
  options?: CreateTaskOptions,
) => Task<T>;

/**
 * Who has asked for the cancellation of a task: the task that called `cancel()`;
 * a {@linkcode Timeout} whose time is up; a {@linkcode TaskGroup} that gives up;
 * the signal that a task was given; the name of a signal of the operating system
 * such as `"SIGINT"`, or `"run()"` when that ends. `null` if a callback or other
 * code outside every task has called `cancel()`.
 *
 * @category Debugging
 */
export type Canceller =
  | Task<unknown>
  | Timeout
  | TaskGroup
  | AbortSignal
  | string
  | null;

/**
 * Watches what a loop does, see {@linkcode EventLoop.addInstrument}. Each method
 * is called at once, within what the loop does at that moment: it has to be
 * quick, and should not change anything.
 *
 * @example Count the steps of each task
 * ```ts
 * import { createTask, getRunningLoop, type Instrument, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const steps = new Map<string, number>();
 * const counter: Instrument = {
 *   afterTaskStep(task) {
 *     const name = task.getName();
 *     steps.set(name, (steps.get(name) ?? 0) + 1);
 *   },
 * };
 *
 * await run(async () => {
 *   getRunningLoop().addInstrument(counter);
 *   await createTask(async () => {
 *     await sleep(0);
 *     await sleep(0);
 *   }, { name: "job" });
 * });
 * assertEquals(steps.get("job"), 3);
 * ```
 *
 * @category Debugging
 */
export interface Instrument {
  /** A task was created. It has not run yet, not even if it starts eagerly. */
  taskSpawned?(task: Task<unknown>): void;
  /**
   * A task is ready to run: its next step is in line. During the call,
   * {@linkcode currentTask} gives the task that has woken it, if one has.
   */
  taskScheduled?(task: Task<unknown>): void;
  /**
   * The loop begins a step of a task. The first step of a task that starts
   * eagerly is part of the step of the task that has created it.
   */
  beforeTaskStep?(task: Task<unknown>): void;
  /**
   * The step is over: the task waits, or is done, or is in a native promise.
   * What it does after a native promise, until its next wait for something of
   * the loop, belongs to no step.
   *
   * @param seconds How long the step took.
   */
  afterTaskStep?(task: Task<unknown>, seconds: number): void;
  /** A task is done. */
  taskExited?(task: Task<unknown>): void;
  /**
   * The cancellation of a task, or of a timeout or group in it, was requested.
   * If it waits for other tasks, theirs are requested too, one call for each.
   */
  cancelRequested?(task: Task<unknown>, by: Canceller): void;
  /** The loop has nothing to run, and begins to wait. */
  beforeIdle?(): void;
  /** The wait is over. */
  afterIdle?(): void;
}

/**
 * Options for {@linkcode EventLoop}.
 *
 * @category Event loop
 */
export interface EventLoopOptions {
  /**
   * The clock of the loop, or a function that returns the time in seconds.
   *
   * @default {the host's monotonic clock, or the fake time if a test has
   * installed one (FakeTime)}
   */
  clock?: Clock | (() => number);
  /**
   * Whether the loop is in debug mode, see {@linkcode EventLoop.setDebug}.
   *
   * @default {false}
   */
  debug?: boolean;
}

/**
 * Options for {@linkcode EventLoop.shutdownDefaultExecutor}.
 *
 * @category Event loop
 */
export interface ShutdownDefaultExecutorOptions {
  /**
   * After how many seconds the workers are ended, even if they are busy.
   *
   * @default {null, no limit}
   */
  timeout?: number | null;
}

const LOOP_OPTIONS: readonly string[] = ["clock", "debug"];

/** What comes and goes with tasks. */
function taskSpecimens(): unknown[] {
  const loop = new EventLoop({ debug: false });
  const nothing = () => {};
  const future = loop.createFuture<void>();
  future.addDoneCallback(nothing);
  future.addDoneCallback(nothing);
  const task = loop.createTask(sleep(0), { name: "specimen" });
  task.cancel(); // for the request
  task.$returned(undefined);
  const specimens = [
    task, // and its coroutine
    new CancelledError(),
    future,
    new OwnTaskOptions(loop, undefined, undefined, undefined, undefined),
    new AsyncCall(sleep(0), asyncDriver),
    new Await(null, nothing, nothing),
    loop.createFuture<void>()[Symbol.iterator](),
    wrapFuture(new Promise(() => {}), { loop }),
    sleep(0)[Symbol.iterator](),
    sleep(0.5)[Symbol.iterator](), // a whole number would have another layout
    loop.callSoon(nothing),
    loop.callLater(0.5, nothing),
  ];
  loop.close();
  return specimens;
}

/**
 * An event loop.
 *
 * - **Order.** One iteration runs the callbacks that were ready when it began,
 *   first in, first out; callbacks that these schedule run in the next
 *   iteration. Timers that are due run after them, ordered by deadline; timers
 *   with equal deadlines run in the order in which they were scheduled. Tasks
 *   of async functions keep this order too.
 * - **The host.** However busy it is, the loop lets timers, sockets and other
 *   code of the process run about every 10 ms. When idle, it uses no processor
 *   time. It keeps the process alive while it has something to run, a timer, a
 *   call in a thread or a handler of a signal. When nothing can wake it any
 *   more, it does not, and prints which task waits for what.
 * - **Errors.** An error that a callback throws goes to the exception handler,
 *   and the loop keeps running.
 * - Nothing runs before {@linkcode EventLoop.runForever} or
 *   {@linkcode EventLoop.runUntilComplete} is called. These return promises,
 *   since JavaScript cannot block.
 *
 * All times are in seconds.
 *
 * @example Run one coroutine
 * ```ts
 * import { newEventLoop, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const loop = newEventLoop();
 * assertEquals(await loop.runUntilComplete(sleep(0.01, "done")), "done");
 * loop.close();
 * ```
 *
 * @category Event loop
 */
export class EventLoop {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "EventLoop",
  );
  /** @ignore */
  static readonly $isProvided: void = /* @__PURE__ */ provideLoop(
    newEventLoop,
  );

  #engine: Engine;
  #holdings: Holdings = new Holdings(this);
  #signals = new SignalHandlers();
  /** The options of futures and tasks that are created without any others. */
  #ownOptions: OwnOptions<this> = new OwnOptions(this);
  /** The default executor, created when it is first needed. */
  #executor: ThreadPoolExecutor | null = null;
  #executorShutdown = false;
  #debug = false;
  #slowSteps: SlowSteps = new SlowSteps();
  #exceptionHandler: ExceptionHandler | null = null;
  #taskFactory: TaskFactory | null = null;

  /**
   * Creates a loop. It does not become the current loop, see
   * {@linkcode setEventLoop}.
   *
   * @param options Its clock, and whether it is in debug mode.
   * @throws {TypeError} If `clock` is not a clock.
   * @throws {TypeError} If there is no such option.
   */
  constructor(options?: EventLoopOptions) {
    requireOptions("EventLoop()", options, LOOP_OPTIONS);
    watchContexts();
    this.#engine = new Engine(this, options?.clock);
    this.setDebug(options?.debug ?? isDebugDefault());
    keepSpecimens(taskSpecimens);
  }

  /**
   * Runs until {@linkcode EventLoop.stop} is called.
   *
   * @returns A promise that is fulfilled when the loop has stopped. It is
   * rejected with an `Error` if the loop is closed or already running, or if it
   * is called inside another running loop.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   *
   * const loop = newEventLoop();
   * loop.callSoon(() => loop.stop());
   * await loop.runForever();
   * loop.close();
   * ```
   */
  async runForever(): Promise<void> {
    this.#requireStartable();
    try {
      await this.#engine.run();
    } finally {
      this.#holdings.loopStopped();
    }
  }

  /**
   * Runs until a future is done.
   *
   * @typeParam T The type of its result.
   * @param awaitable A future or another awaitable. A coroutine becomes a task.
   * @returns A promise of its result. It is rejected with the exception of the
   * future; with an `Error` for the same reasons as that of
   * {@linkcode EventLoop.runForever}, or if the loop was stopped before the
   * future was done; with a `TypeError` if `awaitable` cannot be awaited.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const loop = newEventLoop();
   * assertEquals(await loop.runUntilComplete(sleep(0, 1)), 1);
   * loop.close();
   * ```
   */
  async runUntilComplete<T>(awaitable: Awaitable<T>): Promise<T> {
    this.#requireStartable();
    const future = ensureFuture(awaitable, { loop: this });
    const callback = namedAs("_run_until_complete_cb", () => this.stop());
    future.addDoneCallback(callback);
    try {
      await this.runForever();
    } finally {
      future.removeDoneCallback(callback);
    }
    if (!future.done()) {
      throw new Error("Event loop stopped before Future completed.");
    }
    return future.result();
  }

  /**
   * Stops the loop at the end of the current iteration. Everything that is
   * scheduled stays scheduled until the loop is run again.
   */
  stop(): void {
    this.#engine.stop();
  }

  /**
   * Closes the loop permanently and discards everything that is still
   * scheduled. Workers that are working for it are ended.
   *
   * @throws {Error} If the loop is running.
   */
  close(): void {
    if (this.isRunning()) throw new Error("Cannot close a running event loop");
    if (this.#engine.isClosed) return;
    this.#holdings.failures.reportAll();
    this.#signals.clear();
    this.#engine.close();
    this.#executor?.shutdown({ wait: false, cancelFutures: true });
    this.#holdings.loopClosed();
  }

  /** Whether the loop is running. */
  isRunning(): boolean {
    return this.#engine.isRunning;
  }

  /** Whether the loop was closed. */
  isClosed(): boolean {
    return this.#engine.isClosed;
  }

  /**
   * Schedules a callback for the next iteration of the loop.
   *
   * @typeParam Args The types of its arguments.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If `callback` is not a function.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   *
   * @example Usage
   * ```ts
   * import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const seen: string[] = [];
   *   getRunningLoop().callSoon((name) => seen.push(name), "callback");
   *   await sleep(0);
   *   assertEquals(seen, ["callback"]);
   * });
   * ```
   */
  callSoon<Args extends unknown[]>(
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Handle;
  /**
   * Schedules a callback for the next iteration of the loop, in an asynchronous
   * context of its own.
   *
   * @typeParam Args The types of its arguments.
   * @param options The context. All options stand before the callback, since
   * its arguments follow it.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If the context or `callback` is not a function.
   * @throws {TypeError} If there is no such option.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   *
   * @example Keep the active context
   * ```ts
   * import { AsyncLocalStorage } from "node:async_hooks";
   * import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const user = new AsyncLocalStorage<string>();
   * const seen: unknown[] = [];
   *
   * await user.run("Ada", async () => {
   *   await run(async () => {
   *     await user.run("Grace", async () => {
   *       const context = AsyncLocalStorage.snapshot();
   *       const loop = getRunningLoop();
   *       loop.callSoon(() => seen.push(user.getStore()));
   *       loop.callSoon({ context }, () => seen.push(user.getStore()));
   *       await sleep(0);
   *     });
   *   });
   * });
   * assertEquals(seen, ["Ada", "Grace"]);
   * ```
   */
  callSoon<Args extends unknown[]>(
    options: CallOptions,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Handle;
  callSoon(
    first: CallOptions | Callback,
    ...args: unknown[]
  ): Handle {
    return callSoon(this, this.#engine, "callSoon()", first, args);
  }

  /**
   * The same as {@linkcode EventLoop.callSoon}, under the name that programs
   * with threads use. There is only one thread, so there is no difference: both
   * wake an idle loop, wherever they are called.
   *
   * @typeParam Args The types of its arguments.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If `callback` is not a function.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   */
  callSoonThreadsafe<Args extends unknown[]>(
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Handle;
  /**
   * The same as {@linkcode EventLoop.callSoon} with options, under the name
   * that programs with threads use.
   *
   * @typeParam Args The types of its arguments.
   * @param options The asynchronous context that the callback runs in.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If the context or `callback` is not a function.
   * @throws {TypeError} If there is no such option.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   */
  callSoonThreadsafe<Args extends unknown[]>(
    options: CallOptions,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Handle;
  callSoonThreadsafe(
    first: CallOptions | Callback,
    ...args: unknown[]
  ): Handle {
    const method = "callSoonThreadsafe()";
    return callSoon(this, this.#engine, method, first, args);
  }

  /**
   * Schedules a callback to be called after a delay.
   *
   * @typeParam Args The types of its arguments.
   * @param delay In seconds. Zero or less means as soon as possible.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If `delay` is not a number, or `NaN`.
   * @throws {RangeError} If `delay` is `Infinity`.
   * @throws {TypeError} If `callback` is not a function.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   *
   * @example Usage
   * ```ts
   * import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const seen: number[] = [];
   *   getRunningLoop().callLater(0.01, (n) => seen.push(n), 1);
   *   await sleep(0.02);
   *   assertEquals(seen, [1]);
   * });
   * ```
   */
  callLater<Args extends unknown[]>(
    delay: number,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): TimerHandle;
  /**
   * Schedules a callback to be called after a delay, in an asynchronous
   * context of its own.
   *
   * @typeParam Args The types of its arguments.
   * @param delay In seconds. Zero or less means as soon as possible.
   * @param options The context. All options stand before the callback, since
   * its arguments follow it.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If `delay` is not a number, or `NaN`.
   * @throws {RangeError} If `delay` is `Infinity`.
   * @throws {TypeError} If the context or `callback` is not a function.
   * @throws {TypeError} If there is no such option.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   */
  callLater<Args extends unknown[]>(
    delay: number,
    options: CallOptions,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): TimerHandle;
  callLater(
    delay: number,
    first: CallOptions | Callback,
    ...args: unknown[]
  ): TimerHandle {
    requireTime("the delay of callLater()", delay);
    const when = this.time() + delay;
    return callAt(this, this.#engine, "callLater()", when, first, args);
  }

  /**
   * Schedules a callback to be called at a given time.
   *
   * @typeParam Args The types of its arguments.
   * @param when In seconds by the loop's clock, see {@linkcode EventLoop.time}.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If `when` is not a number, or `NaN`.
   * @throws {RangeError} If `when` is `Infinity`.
   * @throws {TypeError} If `callback` is not a function.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   *
   * @example Usage
   * ```ts
   * import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const loop = getRunningLoop();
   *   const seen: number[] = [];
   *   loop.callAt(loop.time() + 0.01, (n) => seen.push(n), 1);
   *   await sleep(0.02);
   *   assertEquals(seen, [1]);
   * });
   * ```
   */
  callAt<Args extends unknown[]>(
    when: number,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): TimerHandle;
  /**
   * Schedules a callback to be called at a given time, in an asynchronous
   * context of its own.
   *
   * @typeParam Args The types of its arguments.
   * @param when In seconds by the loop's clock, see {@linkcode EventLoop.time}.
   * @param options The context. All options stand before the callback, since
   * its arguments follow it.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @returns A handle that can cancel the callback.
   * @throws {TypeError} If `when` is not a number, or `NaN`.
   * @throws {RangeError} If `when` is `Infinity`.
   * @throws {TypeError} If the context or `callback` is not a function.
   * @throws {TypeError} If there is no such option.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   */
  callAt<Args extends unknown[]>(
    when: number,
    options: CallOptions,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): TimerHandle;
  callAt(
    when: number,
    first: CallOptions | Callback,
    ...args: unknown[]
  ): TimerHandle {
    requireTime("the time of callAt()", when);
    return callAt(this, this.#engine, "callAt()", when, first, args);
  }

  /**
   * Returns the time by the loop's clock, in seconds. It never goes back. Its
   * starting point is arbitrary, so only differences are meaningful.
   */
  time(): number {
    return this.#engine.time();
  }

  /**
   * Creates a future that belongs to this loop.
   *
   * @typeParam T The type of its result.
   * @returns The future.
   */
  createFuture<T>(): Future<T> {
    return new Future<T>(this.#ownOptions);
  }

  /**
   * Wraps a coroutine in a task and schedules it.
   *
   * @typeParam T The type of its result.
   * @typeParam C The type of `coro`, which is inferred.
   * @param coro A coroutine, or an `async` or generator function without
   * arguments, which is called when the task starts.
   * @param options Its name, how it starts, a signal that cancels it, and the
   * asynchronous context that it runs in.
   * @returns The task.
   * @throws {TypeError} If `coro` is neither. A native promise is not accepted:
   * it has already started.
   * @throws {TypeError} If an option is unknown.
   * @throws {TypeError} If the context is not a function.
   * @throws {Error} If the coroutine was awaited before.
   * @throws {Error} If the loop is closed.
   *
   * @example Before the loop runs
   * ```ts
   * import { newEventLoop, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const loop = newEventLoop();
   * const task = loop.createTask(sleep(0, "slept"));
   * assertEquals(await loop.runUntilComplete(task), "slept");
   * loop.close();
   * ```
   */
  createTask<T, C = unknown>(
    coro: CoroutineArgument<T, C>,
    options?: CreateTaskOptions,
  ): Task<T>;
  createTask<T>(coro: CoroutineLike<T>, options?: CreateTaskOptions): Task<T> {
    const factory = this.#taskFactory;
    if (options === undefined && factory === null) {
      return new Task(coro, this.#ownOptions);
    }
    requireOptions("createTask()", options, CREATE_TASK_OPTIONS);
    if (factory === null) {
      const { name, eagerStart, signal, context } = options!;
      return new Task(
        coro,
        new OwnTaskOptions(this, name, eagerStart, signal, context),
      );
    }
    this.$requireOpen();
    return factory(this, coro, options);
  }

  /**
   * Calls an exported function of a module in another thread.
   *
   * @typeParam F The type of the function, as in `typeof countPrimes`, or only
   * the type of its result.
   * @param executor The executor whose worker calls it; `null` for the default
   * executor.
   * @param module The module that exports it: a URL, or an absolute specifier
   * as in `import`. For a module next to yours, use
   * `new URL("./it.ts", import.meta.url)`.
   * @param name The name of the export. `"default"` is the default export.
   * @param args The arguments of the function. They are cloned at once.
   * @returns A future of the result, see {@linkcode ThreadPoolExecutor.submit}.
   * @throws {TypeError} If `executor` is neither an executor nor `null`.
   * @throws {Error} If the loop is closed.
   * @throws {Error} If the executor was shut down.
   * @throws {Error} If `executor` is `null`, and the program imports single
   * modules of this library, but not `@asyncio/asyncio/threads`.
   * @throws {TypeError} If `module` is neither a URL nor a specifier, or is a
   * relative path.
   * @throws {TypeError} If `name` is not a string.
   * @throws {QueueFull} If the executor accepts no more waiting calls.
   * @throws {DOMException} If the arguments cannot be cloned: a
   * `DataCloneError`.
   *
   * @example Usage
   * ```ts ignore
   * import { getRunningLoop, run } from "@asyncio/asyncio";
   *
   * const module = new URL("./primes.ts", import.meta.url);
   *
   * await run(async () => {
   *   const loop = getRunningLoop();
   *   console.log(await loop.runInExecutor(null, module, "countPrimes", 1, 1e6));
   * });
   * ```
   */
  runInExecutor<F = unknown>(
    executor: ThreadPoolExecutor | null,
    module: URL | string,
    name: string,
    ...args: WorkArguments<F>
  ): WorkFuture<WorkResult<F>> {
    this.$requireOpen();
    if (executor === null) executor = this.#defaultExecutor();
    else requireExecutor(executor);
    return executor.$submitFor(this, module, name, args as unknown[]);
  }

  /**
   * Sets the executor that {@linkcode EventLoop.runInExecutor} and `toThread()`
   * use by default. The loop shuts it down when it is closed.
   *
   * @param executor The executor.
   * @throws {TypeError} If it is not a `ThreadPoolExecutor`.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop, ThreadPoolExecutor } from "@asyncio/asyncio";
   *
   * const loop = newEventLoop();
   * loop.setDefaultExecutor(new ThreadPoolExecutor({ maxWorkers: 2 }));
   * loop.close();
   * ```
   */
  setDefaultExecutor(executor: ThreadPoolExecutor): void {
    requireExecutor(executor);
    this.#executor = executor;
  }

  /**
   * Shuts down the default executor and waits until its calls are done.
   * Cancelled calls are not waited for. From then on, the loop has no default
   * executor.
   *
   * @param options How long to wait, in seconds.
   * @returns A coroutine that ends when the executor is shut down.
   * @throws {TypeError} If `timeout` is not a number, or `NaN`.
   * @throws {TypeError} If there is no such option.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   *
   * const loop = newEventLoop();
   * await loop.runUntilComplete(loop.shutdownDefaultExecutor());
   * loop.close();
   * ```
   */
  shutdownDefaultExecutor(
    options?: ShutdownDefaultExecutorOptions,
  ): Coroutine<void> {
    requireOptions("shutdownDefaultExecutor()", options, ["timeout"]);
    const timeout = optionalTimeout(
      options?.timeout,
      "the timeout of shutdownDefaultExecutor()",
    );
    return shutdownDefaultExecutor(this, timeout);
  }

  /**
   * Sets the task factory of this loop.
   *
   * @param factory A function that creates tasks, or `null` for the default.
   * @throws {TypeError} If it is neither.
   */
  setTaskFactory(factory: TaskFactory | null): void {
    requireFunctionOrNull("task factory", factory);
    this.#taskFactory = factory;
  }

  /** Returns the task factory of this loop, or `null` for the default. */
  getTaskFactory(): TaskFactory | null {
    return this.#taskFactory;
  }

  /**
   * Sets the exception handler, which is called with errors that reach no
   * caller.
   *
   * @param handler A function, or `null` for
   * {@linkcode EventLoop.defaultExceptionHandler}.
   * @throws {TypeError} If it is neither.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const loop = newEventLoop();
   * const messages: unknown[] = [];
   * loop.setExceptionHandler((_loop, context) => messages.push(context.message));
   * loop.callSoon(function careless() {
   *   throw new Error("oops");
   * });
   * loop.callSoon(() => loop.stop());
   * await loop.runForever();
   * loop.close();
   * assertEquals(messages, ["Exception in callback careless()"]);
   * ```
   */
  setExceptionHandler(handler: ExceptionHandler | null): void {
    requireFunctionOrNull("exception handler", handler);
    this.#exceptionHandler = handler;
  }

  /** Returns the exception handler, or `null` for the default. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#exceptionHandler;
  }

  /**
   * Reports an error that reaches no caller to the exception handler. It is
   * called in the context of the task or the callback, if that was given one.
   * If the handler throws, the default handler reports both errors.
   *
   * @param context A description of the error.
   */
  callExceptionHandler(context: ExceptionContext): void {
    const handler = this.#exceptionHandler;
    if (this.#debug) context = withOrigin(context);
    report(
      context,
      handler &&
        (() =>
          callOnce(contextOf(context), this, () => handler(this, context))),
      (reported) => this.defaultExceptionHandler(reported),
    );
  }

  /**
   * Prints an error and all known details of it with `console.error`.
   *
   * @param context A description of the error.
   */
  defaultExceptionHandler(context: ExceptionContext): void {
    printError(reportText(context));
  }

  /**
   * Schedules a callback whenever the process receives a signal, in place of
   * the default action of the signal. It replaces a handler that was set before
   * for the same signal. Closing the loop removes all handlers.
   *
   * @typeParam Args The types of its arguments.
   * @param signal The name of the signal, such as `"SIGTERM"`.
   * @param callback The function to call.
   * @param args The arguments of the callback.
   * @throws {TypeError} If there is no such signal, or it cannot be handled.
   * @throws {TypeError} If `callback` is not a function.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
   * @throws {Error} If the loop is closed.
   *
   * @example Stop on SIGTERM
   * ```ts
   * import { createTask, currentTask, getRunningLoop, run } from "@asyncio/asyncio";
   *
   * await run(async () => {
   *   const main = currentTask()!;
   *   const loop = getRunningLoop();
   *   loop.addSignalHandler("SIGTERM", () => main.cancel());
   *   loop.removeSignalHandler("SIGTERM");
   * });
   * ```
   */
  addSignalHandler<Args extends unknown[]>(
    signal: Signal,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): void {
    this.$requireOpen();
    requireCallback("addSignalHandler()", callback);
    this.#signals.set(
      signal,
      () => this.callSoonThreadsafe(callback, ...args),
    );
    this.#engine.wake(); // it holds the process from now on
  }

  /**
   * Removes the handler that {@linkcode EventLoop.addSignalHandler} has set.
   *
   * @param signal The name of the signal.
   * @returns Whether there was a handler.
   */
  removeSignalHandler(signal: Signal): boolean {
    const existed = this.#signals.delete(signal);
    this.#engine.wake();
    return existed;
  }

  /**
   * Adds an instrument, which watches what the loop does from now on. A loop
   * without instruments pays nothing for this.
   *
   * One that throws is removed, and its error is reported to the exception
   * handler. Adding one again has no effect.
   *
   * @param instrument An object with some of the methods of
   * {@linkcode Instrument}.
   * @throws {TypeError} If it has none of them, or one is not a function.
   * @throws {TypeError} If one is an `async`, generator or coroutine function.
   * @throws {Error} If the loop is closed.
   *
   * @example Usage
   * ```ts
   * import { createTask, getRunningLoop, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const log: string[] = [];
   * await run(async () => {
   *   const instrument = {
   *     taskExited: (task: { getName(): string }) => log.push(task.getName()),
   *   };
   *   getRunningLoop().addInstrument(instrument);
   *   await createTask(sleep(0), { name: "nap" });
   *   getRunningLoop().removeInstrument(instrument);
   * });
   * assertEquals(log, ["nap"]);
   * ```
   */
  addInstrument(instrument: Instrument): void {
    this.$requireOpen();
    requireInstrument(instrument);
    this.#engine.addInstrument(instrument as InstrumentCore);
  }

  /**
   * Removes an instrument.
   *
   * @param instrument What was added.
   * @returns Whether it was there.
   */
  removeInstrument(instrument: Instrument): boolean {
    return this.#engine.removeInstrument(instrument as InstrumentCore);
  }

  /**
   * Enables or disables debug mode. In debug mode:
   *
   * - callbacks and steps that take longer than
   *   {@linkcode EventLoop.slowCallbackDuration} are reported;
   * - coroutines that are never awaited, scopes and locks that outlive their
   *   task, and servers and executors that are left open are reported;
   * - futures, tasks and handles show where they were made, tasks what they wait
   *   for, and locks who holds them;
   * - call graphs and stacks have the lines of the waits;
   * - the cause of a `CancelledError` says who has asked for it, and where.
   *
   * A new loop is in debug mode if the environment has `ASYNCIO_DEBUG=1` and the
   * program may read that.
   *
   * @param enabled Whether debug mode is enabled.
   */
  setDebug(enabled: boolean): void {
    this.#debug = Boolean(enabled);
    const leaks = this.#holdings.leaks ??= new LeakWatch(this);
    for (const instrument of [this.#slowSteps, leaks]) {
      if (this.#debug) this.#engine.addInstrument(instrument);
      else this.#engine.removeInstrument(instrument);
    }
    leaks.watch(this.#debug);
    if (this.#debug) recordAwaitSites();
  }

  /**
   * In debug mode, a callback or a step of a task is reported if it takes at
   * least this long, in seconds.
   *
   * @default {0.1}
   */
  get slowCallbackDuration(): number {
    return this.#slowSteps.duration;
  }

  /** @throws {TypeError} If it is not a number, or `NaN`. */
  set slowCallbackDuration(seconds: number) {
    requireNumber("slowCallbackDuration", seconds);
    this.#slowSteps.duration = seconds;
  }

  /** Whether the loop is in debug mode. */
  getDebug(): boolean {
    return this.#debug;
  }

  /** @ignore */
  get $engineOf(): Engine {
    return this.#engine;
  }

  /** @ignore */
  $requireOpen(): void {
    if (this.#engine.isClosed) throw new Error("Event loop is closed");
  }

  /** @ignore */
  $spawn(coroutine: object): Task<unknown> {
    return this.createTask(coroutine as Coroutine<unknown>);
  }

  /** @ignore */
  get $holdingsOf(): Holdings {
    return this.#holdings;
  }

  /**
   * Adds a task to the tasks that are not done. Called by the new task.
   *
   * @ignore
   */
  $addTask(task: TaskCore): void {
    this.#holdings.tasks.add(task);
    const { instruments } = this.#engine;
    if (instruments !== null) instruments.taskSpawned(task);
  }

  /**
   * Removes a task from those that are not done. Called by the ended task.
   *
   * @ignore
   */
  $deleteTask(task: TaskCore): void {
    this.#holdings.tasks.delete(task);
  }

  /**
   * The tasks that are not done, in order of creation. Called by `allTasks()`.
   *
   * @ignore
   */
  $tasksOf(): Iterable<Task<unknown>> {
    const tasks: Iterable<TaskCore> = this.#holdings.tasks;
    return tasks as Iterable<Task<unknown>>;
  }

  /** @ignore */
  $noteFailure(future: FutureCore, isAwaited: boolean): void {
    this.#holdings.failures.add(future, isAwaited);
  }

  /**
   * Whether the user has set a handler for a signal. Called by runners.
   *
   * @ignore
   */
  $handlesSignal(signal: string): boolean {
    return this.#signals.has(signal as Signal);
  }

  /** @ignore */
  get $awaitsSignals(): boolean {
    return this.#signals.size > 0;
  }

  /**
   * The default executor, if there is one. Read by runners.
   *
   * @ignore
   */
  get $defaultExecutor(): object | null {
    return this.#executor;
  }

  #defaultExecutor(): ThreadPoolExecutor {
    if (this.#executorShutdown) {
      throw new Error("Executor shutdown has been called");
    }
    return this.#executor ??= newDefaultExecutor() as ThreadPoolExecutor;
  }

  /**
   * The same, for the last time: the loop has none from now on. Called when it is
   * shut down.
   *
   * @ignore
   */
  $takeDefaultExecutor(): ThreadPoolExecutor | null {
    this.#executorShutdown = true;
    return this.#executor;
  }

  #requireStartable(): void {
    this.$requireOpen();
    if (this.isRunning()) throw new Error("This event loop is already running");
    if (activeLoop() !== null) {
      throw new Error(
        "Cannot run the event loop while another loop is running",
      );
    }
  }

  /** @ignore */
  toString(): string {
    const text = (flag: boolean) => flag ? "True" : "False";
    return `<${classText(this)} running=${text(this.isRunning())} closed=${
      text(this.isClosed())
    } debug=${text(this.#debug)}>`;
  }
}

const shutdownDefaultExecutor = /* @__PURE__ */ Coroutine.$ownFunction(
  function* shutdownDefaultExecutor(loop: EventLoop, timeout: number | null) {
    const executor = loop.$takeDefaultExecutor();
    if (executor === null) return;
    const timer = timeout === null || timeout === Infinity
      ? null
      : loop.callLater(timeout, () => executor.$abort());
    try {
      yield* wrapFuture(executor.shutdown(), { loop });
    } finally {
      timer?.cancel();
    }
  },
);

/** The context of the task or the callback that an error came from. */
function contextOf(report: ExceptionContext): Context | null {
  const { task, future, handle } = report;
  const thing = task ?? future ?? handle;
  return thing instanceof Task || thing instanceof Handle
    ? thing.getContext()
    : null;
}

/**
 * Creates a loop.
 *
 * @param options Its clock, and whether it is in debug mode.
 * @returns The loop.
 * @throws {TypeError} If `clock` is not a clock.
 * @throws {TypeError} If there is no such option.
 *
 * @example Usage
 * ```ts
 * import { newEventLoop } from "@asyncio/asyncio";
 * import { assertFalse } from "@std/assert";
 *
 * const loop = newEventLoop();
 * assertFalse(loop.isRunning());
 * loop.close();
 * ```
 *
 * @category Event loop
 */
export function newEventLoop(options?: EventLoopOptions): EventLoop {
  requireOptions("newEventLoop()", options, LOOP_OPTIONS);
  return new EventLoop(options);
}

/**
 * Returns the running loop. If no loop is running, returns the current loop,
 * which is created on first use.
 *
 * @returns The loop.
 *
 * @example Usage
 * ```ts
 * import { getEventLoop } from "@asyncio/asyncio";
 * import { assertStrictEquals } from "@std/assert";
 *
 * assertStrictEquals(getEventLoop(), getEventLoop());
 * ```
 *
 * @category Event loop
 */
export function getEventLoop(): EventLoop {
  return currentLoop() as EventLoop;
}

/**
 * Sets the current loop, which {@linkcode getEventLoop} returns if no loop is
 * running.
 *
 * @param loop The loop, or `null` to have a new one created when it is needed.
 * @throws {TypeError} If it is neither.
 *
 * @example Usage
 * ```ts
 * import { getEventLoop, newEventLoop, setEventLoop } from "@asyncio/asyncio";
 * import { assertStrictEquals } from "@std/assert";
 *
 * const loop = newEventLoop();
 * setEventLoop(loop);
 * assertStrictEquals(getEventLoop(), loop);
 * ```
 *
 * @category Event loop
 */
export function setEventLoop(loop: EventLoop | null): void {
  if (loop !== null && !(loop instanceof EventLoop)) {
    throw new TypeError(
      `Cannot set as event loop what is not one: current value is ${
        valueText(loop)
      }`,
    );
  }
  setCurrentLoop(loop);
}

/**
 * Returns the loop that runs the calling code.
 *
 * @returns The loop.
 * @throws {Error} If no loop runs it.
 *
 * @example Usage
 * ```ts
 * import { getRunningLoop, run } from "@asyncio/asyncio";
 * import { assert, assertThrows } from "@std/assert";
 *
 * await run(async () => {
 *   assert(getRunningLoop().isRunning());
 * });
 * assertThrows(() => getRunningLoop(), Error, "no running event loop");
 * ```
 *
 * @category Event loop
 */
export function getRunningLoop(): EventLoop {
  return requireRunningLoop() as EventLoop;
}

/**
 * The event loop: it runs callbacks, timers and tasks, one at a time.
 *
 * Most programs never touch it: they call `run()`.
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

import { requireCallback } from "./_core/definition.ts";
import { Engine } from "./_core/engine.ts";
import {
  abort,
  newDefaultExecutor,
  requireExecutor,
  submitFor,
} from "./_core/executor.ts";
import { Failures } from "./_core/failures.ts";
import { Handle, TimerHandle } from "./_core/handle.ts";
import {
  addAttachment,
  addListener,
  addTask,
  type Attachment,
  attachmentCount,
  beginExternal,
  defaultExecutor,
  deleteAttachment,
  deleteTask,
  engineOf,
  expectUnawaited,
  externalCount,
  type FutureCore,
  handlesSignal,
  hasUnreported,
  noteFailure,
  printedClass,
  rawValue,
  reportUnretrieved,
  requireOpen,
  spawn,
  takeDefaultExecutor,
  type TaskCore,
  tasksOf,
  waitsOf,
  wakeup,
  whenIdle,
} from "./_core/protocols.ts";
import { CREATE_TASK_OPTIONS } from "./_core/options.ts";
import { reportText } from "./_core/report.ts";
import {
  activeLoop,
  currentLoop,
  provideLoop,
  requireRunningLoop,
  setCurrentLoop,
} from "./_core/running.ts";
import { TaskList } from "./_core/task_list.ts";
import type { Clock } from "./_host/clock.ts";
import { printError, printWarning } from "./_host/printing.ts";
import { SignalHandlers } from "./_host/signals.ts";
import { requireNumber } from "./_util/checks.ts";
import { OwnOptions, requireOptions } from "./_util/options.ts";
import { classText, printsAs, valueText } from "./_util/repr.ts";
import {
  type Coroutine,
  coroutine,
  type CoroutineArgument,
  type CoroutineLike,
} from "./coroutine.ts";
import { Future, wrapFuture } from "./future.ts";
import {
  type Awaitable,
  type CreateTaskOptions,
  ensureFuture,
  Task,
} from "./task.ts";
import type {
  ThreadPoolExecutor,
  WorkArguments,
  WorkFuture,
  WorkResult,
} from "./threads.ts";

export { type Clock, Handle, TimerHandle };

/** What an exception handler is told. */
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
  /** Whatever else somebody reports. */
  [key: string]: unknown;
}

/** Called with the loop and with what happened. */
export type ExceptionHandler = (
  loop: EventLoop,
  context: ExceptionContext,
) => void;

/** Makes the tasks of a loop. */
export type TaskFactory = <T>(
  loop: EventLoop,
  coro: CoroutineLike<T>,
  options?: CreateTaskOptions,
) => Task<T>;

/** Options for {@linkcode EventLoop}. */
export interface EventLoopOptions {
  /**
   * The time that the loop lives by: a clock, or just a function that gives
   * seconds.
   *
   * @default {the host's monotonic clock; where a test has replaced the host's
   * time (FakeTime), that}
   */
  clock?: Clock | (() => number);
  /**
   * Whether the loop tells more of what it does, see
   * {@linkcode EventLoop.setDebug}.
   *
   * @default {false}
   */
  debug?: boolean;
}

/** Options for {@linkcode EventLoop.shutdownDefaultExecutor}. */
export interface ShutdownDefaultExecutorOptions {
  /**
   * After how many seconds to end the workers, whatever they do.
   *
   * @default {null, never}
   */
  timeout?: number | null;
}

const LOOP_OPTIONS: readonly string[] = ["clock", "debug"];

/** In debug mode, a callback that takes longer is reported, in seconds. */
const SLOW_CALLBACK = 0.1;

/**
 * An event loop.
 *
 * - **Order.** One turn runs the callbacks that were ready when it began, first
 *   in, first out; what they schedule waits for the next turn. Timers that are
 *   due join after it, by deadline, equal deadlines in the order they were
 *   scheduled. Tasks of async functions keep that order as well.
 * - **The host.** However busy, the loop lets timers, sockets and other code of
 *   the process run every 10 ms or so. Idle, it uses no processor time, and
 *   keeps the process alive.
 * - **Errors.** What a callback throws goes to the exception handler, and the
 *   loop goes on.
 * - Nothing runs before {@linkcode EventLoop.runForever} or
 *   {@linkcode EventLoop.runUntilComplete} is called. They give promises, since
 *   JavaScript cannot block.
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
 */
export class EventLoop {
  #engine: Engine;
  #tasks = new TaskList();
  #failures = new Failures((future) => this.#reportUnretrieved(future));
  #signals = new SignalHandlers();
  /** How many futures something outside of the loop will end. */
  #externals = 0;
  #externalDone = { [wakeup]: () => this.#externals-- };
  /** What futures and tasks are made with, when there is no more to say. */
  #ownOptions: OwnOptions<this> = new OwnOptions(this);
  /** What has to know when the loop stops or is closed. */
  #attachments = new Set<Attachment>();
  /** The default executor, made when it is first needed. */
  #executor: ThreadPoolExecutor | null = null;
  #executorShutdown = false;
  #debug = false;
  #exceptionHandler: ExceptionHandler | null = null;
  #taskFactory: TaskFactory | null = null;

  /**
   * A loop of its own. It does not become the current loop: see
   * {@linkcode setEventLoop}.
   *
   * @param options Its clock, and whether it is in debug mode.
   * @throws {TypeError} If `clock` is not a clock.
   * @throws {TypeError} If there is no such option.
   */
  constructor(options?: EventLoopOptions) {
    requireOptions("EventLoop()", options, LOOP_OPTIONS);
    this.#engine = new Engine(this, options?.clock);
    this.setDebug(options?.debug ?? false);
  }

  /**
   * Runs until {@linkcode EventLoop.stop} is called.
   *
   * @returns A promise that is fulfilled when the loop has stopped. It is
   * rejected with an `Error` if the loop is closed or already running, or when
   * called from inside another loop.
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
      for (const attached of [...this.#attachments]) attached.loopStopped?.();
    }
  }

  /**
   * Runs until a future is done.
   *
   * @typeParam T The type of its result.
   * @param awaitable The future; a task is made of a coroutine.
   * @returns A promise of its result. It is rejected with its exception; with
   * an `Error` as {@linkcode EventLoop.runForever} is, or if the loop was
   * stopped before; with a `TypeError` if `awaitable` cannot be awaited.
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
    const _run_until_complete_cb = () => this.stop();
    future.addDoneCallback(_run_until_complete_cb);
    try {
      await this.runForever();
    } finally {
      future.removeDoneCallback(_run_until_complete_cb);
    }
    if (!future.done()) {
      throw new Error("Event loop stopped before Future completed.");
    }
    return future.result();
  }

  /**
   * Stops the loop when the present turn is over. What is scheduled stays
   * scheduled, for when it is run again.
   */
  stop(): void {
    this.#engine.stop();
  }

  /**
   * Closes the loop for good, and drops what is still scheduled. Workers that do
   * something for it are ended.
   *
   * @throws {Error} If the loop is running.
   */
  close(): void {
    if (this.isRunning()) throw new Error("Cannot close a running event loop");
    if (this.#engine.isClosed) return;
    this.#failures.reportAll();
    this.#signals.clear();
    this.#engine.close();
    this.#tasks = new TaskList();
    for (const attached of [...this.#attachments]) attached.loopClosed();
    this.#executor?.shutdown({ wait: false, cancelFutures: true });
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
   * Has a function called with the next turn.
   *
   * @typeParam Args The types of its arguments.
   * @param callback The function.
   * @param args Its arguments.
   * @returns A handle that can call it off.
   * @throws {TypeError} If `callback` is not a function, or one that gives a
   * coroutine, which nobody would await.
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
  ): Handle {
    return this.#callSoon("callSoon()", callback, args);
  }

  /**
   * {@linkcode EventLoop.callSoon}, under the name that programs with threads
   * use. There is one thread, so it makes no difference: either wakes an idle
   * loop, from anywhere.
   *
   * @typeParam Args The types of its arguments.
   * @param callback The function.
   * @param args Its arguments.
   * @returns A handle that can call it off.
   * @throws {TypeError} If `callback` is not a function, or one that gives a
   * coroutine, which nobody would await.
   * @throws {Error} If the loop is closed.
   */
  callSoonThreadsafe<Args extends unknown[]>(
    callback: (...args: Args) => unknown,
    ...args: Args
  ): Handle {
    return this.#callSoon("callSoonThreadsafe()", callback, args);
  }

  /**
   * Has a function called after some time.
   *
   * @typeParam Args The types of its arguments.
   * @param delay In seconds. Zero or less is as soon as possible.
   * @param callback The function.
   * @param args Its arguments.
   * @returns A handle that can call it off.
   * @throws {TypeError} If `delay` is not a number, or `NaN`.
   * @throws {RangeError} If `delay` is `Infinity`.
   * @throws {TypeError} If `callback` is not a function, or one that gives a
   * coroutine, which nobody would await.
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
  ): TimerHandle {
    requireTime("the delay of callLater()", delay);
    return this.#callAt("callLater()", this.time() + delay, callback, args);
  }

  /**
   * Has a function called at some time.
   *
   * @typeParam Args The types of its arguments.
   * @param when In seconds, by {@linkcode EventLoop.time}.
   * @param callback The function.
   * @param args Its arguments.
   * @returns A handle that can call it off.
   * @throws {TypeError} If `when` is not a number, or `NaN`.
   * @throws {RangeError} If `when` is `Infinity`.
   * @throws {TypeError} If `callback` is not a function, or one that gives a
   * coroutine, which nobody would await.
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
  ): TimerHandle {
    requireTime("the time of callAt()", when);
    return this.#callAt("callAt()", when, callback, args);
  }

  /**
   * The time by the loop's clock, in seconds. It never goes back; where it
   * starts means nothing.
   */
  time(): number {
    return this.#engine.time();
  }

  /**
   * Makes a future of this loop.
   *
   * @typeParam T The type of its result.
   * @returns The future.
   */
  createFuture<T>(): Future<T> {
    return new Future<T>(this.#ownOptions);
  }

  /**
   * Makes a task of a coroutine.
   *
   * @typeParam T The type of its result.
   * @typeParam C The type of `coro`, which is inferred.
   * @param coro A coroutine, or an `async` or generator function without
   * arguments, which is called when the task takes its first step.
   * @param options Its name, how it starts and what cancels it.
   * @returns The task.
   * @throws {TypeError} If `coro` is neither. A native promise is not: it has
   * already started.
   * @throws {TypeError} If there is no such option.
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
      const { name, eagerStart, signal } = options!;
      return new Task(coro, new OwnOptions(this, name, eagerStart, signal));
    }
    this[requireOpen]();
    return factory(this, coro, options);
  }

  /**
   * Has an exported function of a module called in another thread.
   *
   * @typeParam F The type of the function, as in `typeof countPrimes`, or just
   * that of its result.
   * @param executor Whose worker calls it; `null` is the default executor.
   * @param module The module that exports it: a URL, or what an absolute
   * `import` takes. For one next to yours, `new URL("./it.ts", import.meta.url)`.
   * @param name Under which name. `"default"` is the default export.
   * @param args Its arguments. They are cloned now.
   * @returns The future of its result, see {@linkcode ThreadPoolExecutor.submit}.
   * @throws {TypeError} If `executor` is neither an executor nor `null`.
   * @throws {Error} If the loop is closed.
   * @throws {Error} If the executor was shut down.
   * @throws {Error} If `executor` is `null`, and the program has imported single
   * modules, `@asyncio/asyncio/threads` not among them.
   * @throws {TypeError} If `module` is neither, or a relative path, or `name` is
   * not a string.
   * @throws {QueueFull} If as many calls wait as the executor allows.
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
    this[requireOpen]();
    if (executor === null) executor = this.#defaultExecutor();
    else requireExecutor(executor);
    return executor[submitFor](this, module, name, args as unknown[]);
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
   * Shuts the default executor down and waits until its calls are over. Those
   * that were cancelled do not count. From then on there is none.
   *
   * @param options How long to wait.
   * @returns A coroutine.
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
    const timeout = options?.timeout ?? null;
    if (timeout !== null) {
      requireNumber("the timeout of shutdownDefaultExecutor()", timeout);
    }
    return shutdownDefaultExecutor(this, timeout);
  }

  /**
   * Sets who makes the tasks of this loop.
   *
   * @param factory A function, or `null` for the usual way.
   * @throws {TypeError} If it is neither.
   */
  setTaskFactory(factory: TaskFactory | null): void {
    requireFunctionOrNull("task factory", factory);
    this.#taskFactory = factory;
  }

  /** Who makes the tasks of this loop, or `null` for the usual way. */
  getTaskFactory(): TaskFactory | null {
    return this.#taskFactory;
  }

  /**
   * Sets who is told of errors that reach nobody else.
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

  /** Who is told of errors, or `null` for the default. */
  getExceptionHandler(): ExceptionHandler | null {
    return this.#exceptionHandler;
  }

  /**
   * Reports an error that reaches nobody else to the exception handler. When
   * that throws, the default handler reports both.
   *
   * @param context What happened.
   */
  callExceptionHandler(context: ExceptionContext): void {
    let reported = context;
    let handlerFailed = false;
    if (this.#exceptionHandler !== null) {
      try {
        this.#exceptionHandler(this, context);
        return;
      } catch (exception) {
        reported = {
          message: "Unhandled error in exception handler",
          exception,
          context,
        };
        handlerFailed = true;
      }
    }
    try {
      this.defaultExceptionHandler(reported);
    } catch (error) {
      printError("Exception in default exception handler", error);
      // Otherwise the error that all this began with would never be printed.
      if (handlerFailed) printError(reportText(reported));
    }
  }

  /**
   * Prints an error to `console.error`, with all that is known of it.
   *
   * @param context What happened.
   */
  defaultExceptionHandler(context: ExceptionContext): void {
    printError(reportText(context));
  }

  /**
   * Has a function called with a turn of the loop whenever the process gets a
   * signal, instead of what that does otherwise. It replaces the one set before
   * for the same signal. Closing the loop removes all of them.
   *
   * @typeParam Args The types of its arguments.
   * @param signal Its name, such as `"SIGTERM"`.
   * @param callback The function.
   * @param args Its arguments.
   * @throws {TypeError} If there is no such signal, or it cannot be handled.
   * @throws {TypeError} If `callback` is not a function, or one that gives a
   * coroutine, which nobody would await.
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
    signal: Deno.Signal,
    callback: (...args: Args) => unknown,
    ...args: Args
  ): void {
    this[requireOpen]();
    requireCallback("addSignalHandler()", callback);
    this.#signals.set(
      signal,
      () => this.callSoonThreadsafe(callback, ...args),
    );
  }

  /**
   * Removes the function that {@linkcode EventLoop.addSignalHandler} has set.
   *
   * @param signal Its name.
   * @returns Whether there was one.
   */
  removeSignalHandler(signal: Deno.Signal): boolean {
    return this.#signals.delete(signal);
  }

  /**
   * Sets debug mode, in which handles tell where they were made, and callbacks
   * that take longer than 0.1 seconds are reported.
   *
   * @param enabled Whether it is on.
   */
  setDebug(enabled: boolean): void {
    this.#debug = Boolean(enabled);
    this.#engine.observe(this.#debug ? { after: reportSlowStep } : null);
  }

  /** Whether the loop is in debug mode. */
  getDebug(): boolean {
    return this.#debug;
  }

  /** @ignore */
  get [printedClass](): string {
    return "EventLoop";
  }

  /** @ignore */
  get [engineOf](): Engine {
    return this.#engine;
  }

  /** @ignore */
  [requireOpen](): void {
    if (this.#engine.isClosed) throw new Error("Event loop is closed");
  }

  /** @ignore */
  [spawn](coroutine: object): Task<unknown> {
    return this.createTask(coroutine as Coroutine<unknown>);
  }

  /** @ignore */
  [addTask](task: TaskCore): void {
    this.#tasks.add(task);
  }

  /** @ignore */
  [deleteTask](task: TaskCore): void {
    this.#tasks.delete(task);
  }

  /** @ignore */
  [tasksOf](): Iterable<Task<unknown>> {
    return this.#tasks as Iterable<TaskCore> as Iterable<Task<unknown>>;
  }

  /** @ignore */
  [noteFailure](future: FutureCore, isAwaited: boolean): void {
    this.#failures.add(future, isAwaited);
  }

  /** @ignore */
  [expectUnawaited](
    future: FutureCore,
    report: (future: FutureCore) => void,
  ): void {
    this.#failures.expectUnawaited(future, report);
  }

  /** @ignore */
  get [externalCount](): number {
    return this.#externals;
  }

  /** @ignore */
  [beginExternal](future: FutureCore): void {
    this.#externals++;
    future[addListener](this.#externalDone);
  }

  /** @ignore */
  get [attachmentCount](): number {
    return this.#attachments.size;
  }

  /** @ignore */
  [addAttachment](attachment: Attachment): void {
    this.#attachments.add(attachment);
  }

  /** @ignore */
  [deleteAttachment](attachment: Attachment): void {
    this.#attachments.delete(attachment);
  }

  /** @ignore */
  [handlesSignal](signal: string): boolean {
    return this.#signals.has(signal as Deno.Signal);
  }

  /** @ignore */
  get [defaultExecutor](): object | null {
    return this.#executor;
  }

  #callSoon(
    method: string,
    callback: (...args: never[]) => unknown,
    args: readonly unknown[],
  ): Handle {
    this[requireOpen]();
    requireCallback(method, callback);
    const handle = new Handle(callback, args, this);
    this.#engine.enqueue(handle);
    return handle;
  }

  #callAt(
    method: string,
    when: number,
    callback: (...args: never[]) => unknown,
    args: readonly unknown[],
  ): TimerHandle {
    this[requireOpen]();
    requireCallback(method, callback);
    const timer = new TimerHandle(
      when,
      callback,
      args,
      this,
      this.#engine.timers,
    );
    this.#engine.schedule(timer);
    return timer;
  }

  #defaultExecutor(): ThreadPoolExecutor {
    if (this.#executorShutdown) {
      throw new Error("Executor shutdown has been called");
    }
    return this.#executor ??= newDefaultExecutor() as ThreadPoolExecutor;
  }

  /** @ignore */
  [takeDefaultExecutor](): ThreadPoolExecutor | null {
    this.#executorShutdown = true;
    return this.#executor;
  }

  /** @ignore */
  [hasUnreported](): boolean {
    return this.#failures.any;
  }

  /** @ignore */
  [reportUnretrieved](): void {
    this.#failures.reportAll();
  }

  /** @ignore */
  [whenIdle](timerPending: boolean): void {
    this.#failures.watch();
    if (!timerPending && !this.#isExpecting()) this.#failures.reportAll();
  }

  /** Whether something of this loop waits for what could still come. */
  #isExpecting(): boolean {
    if (this.#externals > 0) return true;
    for (const task of this.#tasks) {
      // Neither ready nor waiting for a future: it waits for a native promise.
      if (task[waitsOf]().length === 0) return true;
    }
    return false;
  }

  #reportUnretrieved(future: FutureCore): void {
    this.callExceptionHandler({
      message: `${
        classText(future, printedClass)
      } exception was never retrieved`,
      exception: future[rawValue],
      future: future as Future<unknown>,
    });
  }

  #requireStartable(): void {
    this[requireOpen]();
    if (this.isRunning()) throw new Error("This event loop is already running");
    if (activeLoop() !== null) {
      throw new Error(
        "Cannot run the event loop while another loop is running",
      );
    }
  }

  static {
    const text = (flag: boolean) => flag ? "True" : "False";
    printsAs(
      EventLoop.prototype,
      (loop) =>
        `<${classText(loop, printedClass)} running=${
          text(loop.isRunning())
        } closed=${text(loop.isClosed())} debug=${text(loop.#debug)}>`,
    );
  }
}

const shutdownDefaultExecutor = coroutine(
  function* shutdownDefaultExecutor(loop: EventLoop, timeout: number | null) {
    const executor = loop[takeDefaultExecutor]();
    if (executor === null) return;
    const timer = timeout === null || timeout === Infinity
      ? null
      : loop.callLater(timeout, () => executor[abort]());
    try {
      yield* wrapFuture(executor.shutdown(), { loop });
    } finally {
      timer?.cancel();
    }
  },
);

function reportSlowStep(entry: object, seconds: number): void {
  if (seconds < SLOW_CALLBACK) return;
  printWarning(
    `Executing ${valueText(entry)} took ${seconds.toFixed(3)} seconds`,
  );
}

function requireTime(what: string, value: unknown): void {
  requireNumber(what, value);
  if (value === Infinity) {
    throw new RangeError(
      `Cannot use as ${what} what never comes: current value is ${value}`,
    );
  }
}

function requireFunctionOrNull(what: string, value: unknown): void {
  if (value !== null && typeof value !== "function") {
    throw new TypeError(
      `${what} must be a function or null: current value is ${
        valueText(value)
      }`,
    );
  }
}

/**
 * Makes a loop.
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
 */
export function newEventLoop(options?: EventLoopOptions): EventLoop {
  requireOptions("newEventLoop()", options, LOOP_OPTIONS);
  return new EventLoop(options);
}

/**
 * The running loop; outside of every loop the current one, which is made on
 * first use.
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
 */
export function getEventLoop(): EventLoop {
  return currentLoop() as EventLoop;
}

/**
 * Sets the current loop, which {@linkcode getEventLoop} gives where none runs.
 *
 * @param loop The loop, or `null`: then a new one is made when it is asked for.
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
 * The loop that runs the calling code.
 *
 * @returns The loop.
 * @throws {Error} If none does.
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
 */
export function getRunningLoop(): EventLoop {
  return requireRunningLoop() as EventLoop;
}

provideLoop(() => new EventLoop());

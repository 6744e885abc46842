// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Tasks: coroutines that the loop runs concurrently.
 *
 * ```ts
 * import { createTask, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const slow = createTask(sleep(0.02, "slow"));
 *   const quick = createTask(sleep(0.01, "quick"));
 *   assertEquals([await slow, await quick], ["slow", "quick"]);
 * });
 * ```
 *
 * @module
 */

import { births } from "./_core/births.ts";
import { obey, requireSignal } from "./_core/abort_signals.ts";
import { cancelFor, cancelNode, cancelSole } from "./_core/cancel.ts";
import {
  type CancelRequest,
  CancelRequests,
  signalReason,
} from "./_core/cancel_requests.ts";
import { cancellationIn, outerErrorOf } from "./_core/cancellation.ts";
import { causeOfCancel } from "./_core/cancel_causes.ts";
import { canceller } from "./_core/cancellers.ts";
import { stackOf, stackText } from "./_core/graph.ts";
import { printLine } from "./_host/printing.ts";
import type { FrameCallGraphEntry } from "./_util/stack_trace.ts";
import { hasEagerOutcome } from "./_core/eager_calls.ts";
import { type Context, requireContext } from "./_core/contexts.ts";
import type {
  CancelTarget,
  FutureCore,
  Scope,
  TaskCore,
  Wait,
} from "./_core/protocols.ts";
import { CANCELLED, FINISHED } from "./_core/future_state.ts";
import {
  CREATE_TASK_OPTIONS,
  loopOption,
  loopOrNone,
  OwnTaskOptions,
  TASK_OPTIONS,
} from "./_core/options.ts";
import {
  activeTask,
  currentLoop,
  requireRunningLoop,
} from "./_core/running.ts";
import { nameText } from "./_core/task_names.ts";
import { isInstance, isPromiseLike } from "./_util/awaitables.ts";
import { type Callee, enterCallee, leaveCallee } from "./_util/source_site.ts";
import { messageText, optionalLimit, requireNumber } from "./_util/checks.ts";
import { OwnOptions, requireOptions } from "./_util/options.ts";
import { stringRepr, valueText } from "./_util/repr.ts";
import {
  Coroutine,
  type CoroutineArgument,
  type CoroutineLike,
} from "./coroutine.ts";
import type { CancelledError } from "./errors.ts";
import { Future, wrapFuture } from "./future.ts";
import type { EventLoop, TimerHandle } from "./loop.ts";

export type { FrameCallGraphEntry };

/**
 * Anything that can be awaited: futures, tasks, coroutines and functions that
 * become coroutines, native promises and other thenables.
 *
 * @category Waiting
 */
export type Awaitable<T> = CoroutineLike<T> | PromiseLike<T>;

/**
 * Options for {@linkcode createTask}.
 *
 * @category Tasks
 */
export interface CreateTaskOptions {
  /**
   * The name of the task. It is part of the printed text of the task.
   *
   * @default {"Task-1", "Task-2", …, which are not printed}
   */
  name?: string;
  /**
   * Whether the coroutine starts immediately and runs up to its first wait,
   * instead of starting in the next iteration of the loop. It has an effect
   * only if the loop is already running.
   *
   * @default {false}
   */
  eagerStart?: boolean;
  /** A signal that cancels the task when it is aborted. */
  signal?: AbortSignal | null;
  /**
   * The asynchronous context that the coroutine runs in, as
   * `AsyncLocalStorage.snapshot()` captures it.
   *
   * Without it, an async function runs in the context in which the task was
   * created, and so does what `timeout()` and the like call. A generator function
   * runs in the context in which the loop was started: to carry another one from
   * step to step takes longer than most steps, so it has to be asked for.
   *
   * @default {null}
   */
  context?: Context | null;
}

/**
 * Options for {@linkcode Task}.
 *
 * @category Tasks
 */
export interface TaskOptions extends CreateTaskOptions {
  /**
   * The loop that the task belongs to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/**
 * Options for {@linkcode Task.getStack} and {@linkcode Task.printStack}.
 *
 * @category Tasks
 */
export interface StackOptions {
  /**
   * How many functions there are at most.
   *
   * @default {null, all}
   */
  limit?: number | null;
}

const STACK_OPTIONS: readonly string[] = ["limit"];

const NO_WAITS: readonly Wait[] = [];

/** The contexts that tasks were given. Few are. */
const contexts = /* @__PURE__ */ new WeakMap<object, Context>();

/**
 * A coroutine that the loop runs, and the future of its result.
 *
 * - The loop holds a task until it is done, so no task gets lost. It keeps
 *   nothing of a finished task.
 * - Cancelling a task throws a {@linkcode CancelledError} into its coroutine,
 *   at every place where it waits. The coroutine may clean up, which may take
 *   time, or even suppress the cancellation.
 * - The exception of the task is the object that the coroutine threw.
 *
 * {@linkcode createTask} is the usual way to create one.
 *
 * @typeParam T The type of the result.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, sleep } from "@asyncio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(sleep(60), { name: "nap" });
 *   assertEquals(task.getName(), "nap");
 *   task.cancel();
 *   await sleep(0);
 *   assert(task.cancelled());
 * });
 * ```
 *
 * @category Tasks
 */
// Each field, and what may change it:
//
// | field       | value                                  | changed by           |
// | ----------- | -------------------------------------- | -------------------- |
// | `_coro`     | what it runs                           | the constructor      |
// | `_name`     | as given, or its number                | `setName()`          |
// | `_requests` | `null` until the first request, or     | `cancel()`, scopes,  |
// |             | until a signal is asked for            | `uncancel()`         |
// | `_waits`    | `null` while it runs, is about to, or  | `$suspendOn`,        |
// |             | is in a native promise; one wait; a    | `$addWait`,          |
// |             | set of them, as in a `Promise.all`     | `$endWait`           |
// | `_previous` | its neighbours in the list of tasks    | the list of tasks    |
// | `_next`     |                                        |                      |
//
// A task is created and queued. It runs in steps, between which it waits or is
// queued. It is done when its coroutine has returned or thrown.
export class Task<T> extends Future<T> {
  /** @ignore */
  static override readonly $printedClass: string = "Task";

  private _coro: Coroutine<T>;
  private _name: string | number;
  private _requests: CancelRequests | null = null;
  private _waits: Wait | Set<Wait> | null = null;
  private _previous: TaskCore | null = null;
  private _next: TaskCore | null = null;

  /**
   * Creates a task, which starts in the next iteration of its loop.
   *
   * @param coro The coroutine to run.
   * @param options The loop that it belongs to, and how it starts.
   * @throws {TypeError} If `coro` is not a coroutine, nor a function that can
   * become one.
   * @throws {TypeError} If the signal is not an `AbortSignal`.
   * @throws {TypeError} If the context is not a function.
   * @throws {TypeError} If an option is unknown, or `loop` is not a loop.
   * @throws {Error} If the coroutine was awaited before.
   * @throws {Error} If the loop is closed.
   */
  constructor(coro: CoroutineLike<T>, options?: TaskOptions) {
    super(options);
    const loop = this.getLoop();
    loop.$requireOpen();
    let name: string | undefined;
    let signal: AbortSignal | null | undefined;
    let eagerStart: boolean | undefined;
    let context: Context | null = null;
    if (options !== undefined && options.constructor !== OwnOptions) {
      ({ name, signal, eagerStart } = options);
      context = options.context ?? null;
      requireSignal(signal);
      requireContext("Task()", context);
    }
    this._name = name === undefined ? ++births.taskCount : String(name);
    const coroutine = this._coro = Coroutine.$toCoroutine(
      coro,
      taskMakers,
      loop,
    );
    if (context !== null) contexts.set(this, context);
    coroutine.$adopt(this, this);
    loop.$addTask(this);
    try {
      if (signal) obey(this, signal);
      if (
        eagerStart && loop.isRunning() &&
        (this._requests === null || !this._requests.isDueFor(this))
      ) {
        coroutine.$startEagerly(context);
      } else {
        coroutine.$prepare(context);
        this._engine.enqueue(coroutine);
      }
    } catch (error) { // the stack has overflowed: nobody gets this task
      loop.$deleteTask(this);
      throw error;
    }
  }

  /** @ignore */
  override $checkOptions(options: TaskOptions): void {
    loopOption("Task()", options, TASK_OPTIONS);
  }

  /** Returns the coroutine that the task runs. */
  getCoro(): Coroutine<T> {
    return this._coro;
  }

  /**
   * Returns the context that was given when the task was created, or `null` if
   * there was none.
   *
   * @example Usage
   * ```ts
   * import { AsyncLocalStorage } from "node:async_hooks";
   * import { createTask, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals, assertStrictEquals } from "@std/assert";
   *
   * const user = new AsyncLocalStorage<string>();
   * const context = user.run("Ada", () => AsyncLocalStorage.snapshot());
   *
   * await run(async () => {
   *   const task = createTask(function* () {
   *     yield* sleep(0);
   *     return user.getStore();
   *   }, { context });
   *   assertStrictEquals(task.getContext(), context);
   *   assertEquals(await task, "Ada");
   * });
   * ```
   */
  getContext(): Context | null {
    return contexts.get(this) ?? null;
  }

  /** Returns the name of the task. */
  getName(): string {
    return nameText(this._name);
  }

  /** @ignore */
  get $nameOrNumber(): string | number {
    const { getName } = this; // of a user's subclass, perhaps
    return getName === Task.prototype.getName ? this._name : getName.call(this);
  }

  /**
   * Sets the name of the task.
   *
   * @param name The new name. It is part of the printed text of the task.
   */
  setName(name: string): void {
    this._name = String(name);
  }

  /**
   * Not supported: the result of a task is that of its coroutine.
   *
   * @throws {Error} Always.
   */
  override setResult(_result: T): never {
    throw new Error("Task does not support setResult operation");
  }

  /**
   * Not supported: the exception of a task is that of its coroutine.
   *
   * @throws {Error} Always.
   */
  override setException(_exception: unknown): never {
    throw new Error("Task does not support setException operation");
  }

  /**
   * Requests cancellation of the task: a {@linkcode CancelledError} is thrown
   * into the coroutine where it waits, or in its next step.
   *
   * The coroutine may catch the error, clean up, and even continue, so there is
   * no guarantee that the task ends up cancelled. Each call counts as a
   * request, see {@linkcode Task.cancelling}. In an async function, waiting for
   * a native promise is not interrupted: the error is thrown at the next
   * `await` of a future, task or coroutine.
   *
   * @param message The message of the error.
   * @returns Whether the request was made: `false` if the task was done.
   *
   * @example Usage
   * ```ts
   * import { createTask, run, sleep } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const task = createTask(sleep(60));
   *   assert(task.cancel());
   *   await sleep(0);
   *   assert(task.cancelled());
   * });
   * ```
   */
  override cancel(message?: string): boolean {
    if (this.done()) return super.cancel(message); // marks it as retrieved
    const text = messageText(message);
    const waits = this._waits;
    if (waits === null && hasEagerOutcome(this)) return false;
    const sole = waits === null || waits instanceof Set
      ? null
      : waits.$waitingFor();
    if (waits === null) this.$endCancel(this.$beginCancel(text), false);
    else if (sole !== null && sole.$cancelTargets() === null) {
      cancelSole(this, sole, text);
    } else cancelNode(this, text);
    return true;
  }

  /**
   * Returns the number of requests to cancel the task, minus those taken back
   * with {@linkcode Task.uncancel}.
   */
  cancelling(): number {
    const requests = this._requests;
    if (requests === null) return 0;
    // A scope that something left behind is in may never be left.
    return this.done() ? requests.countOf(this) : requests.count;
  }

  /**
   * Takes back one request to cancel the task. This is for the code that made
   * the request: timeouts and task groups do this when they have handled their
   * own request. Taking back the last request also drops a cancellation that
   * has not been thrown yet.
   *
   * @returns The number of requests that are left.
   *
   * @example Usage
   * ```ts
   * import { createTask, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const task = createTask(sleep(0, "done"));
   *   task.cancel();
   *   assertEquals(task.uncancel(), 0);
   *   assertEquals(await task, "done");
   * });
   * ```
   */
  uncancel(): number {
    const requests = this._requests;
    if (requests === null) return 0;
    requests.pop();
    if (requests.newestFor(this) === null) requests.dropAbortedSignal(this);
    return requests.count;
  }

  /**
   * Returns the functions in which the task waits, or those that it is running,
   * oldest first. In debug mode each is at the line of its `await` or `yield*`,
   * otherwise at the line where the coroutine is defined.
   *
   * For a task that has failed, these are the functions of its error. For one
   * that has returned or was cancelled, there are none.
   *
   * @param options How many there are at most: the newest of a task that is not
   * done, the oldest of one that has failed.
   * @returns The frames.
   * @throws {TypeError} If `limit` is not a number, or `NaN`.
   * @throws {TypeError} If there is no such option.
   * @throws {RangeError} If `limit` is negative or not a whole number.
   *
   * @example Usage
   * ```ts
   * import { createTask, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   async function inner() {
   *     await sleep(60);
   *   }
   *   const task = createTask(async function outer() {
   *     await inner();
   *   });
   *   await sleep(0);
   *   const names = task.getStack().map(({ name }) => name);
   *   assertEquals(names, ["outer", "inner"]);
   *   task.cancel();
   * }, { debug: true });
   * ```
   */
  getStack(options?: StackOptions): FrameCallGraphEntry[] {
    requireOptions("getStack()", options, STACK_OPTIONS);
    const limit = optionalLimit(options?.limit, "the limit of getStack()");
    return stackOf(this, limit, this.getStack);
  }

  /**
   * Prints what {@linkcode Task.getStack} returns, with `console.log`.
   *
   * @param options How many functions there are at most.
   * @throws {TypeError} If `limit` is not a number, or `NaN`.
   * @throws {TypeError} If there is no such option.
   * @throws {RangeError} If `limit` is negative or not a whole number.
   */
  printStack(options?: StackOptions): void {
    requireOptions("printStack()", options, STACK_OPTIONS);
    const limit = optionalLimit(options?.limit, "the limit of printStack()");
    printLine(stackText(this, stackOf(this, limit, this.printStack)));
  }

  /**
   * A signal that aborts when cancellation of the task is requested, with the
   * {@linkcode CancelledError} as its reason. Use it for native operations that
   * the task starts: `fetch(url, { signal: task.signal })`.
   *
   * An aborted signal stays aborted. After the last request was taken back with
   * {@linkcode Task.uncancel}, this is a new signal.
   *
   * @example Usage
   * ```ts
   * import { createTask, run, sleep } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const task = createTask(sleep(60));
   *   const { signal } = task;
   *   task.cancel("enough");
   *   assert(signal.aborted);
   *   assert(signal.reason.message === "enough");
   * });
   * ```
   */
  get signal(): AbortSignal {
    const requests = this.$needCancelRequests();
    return this.cancelled() && requests.count === 0
      ? AbortSignal.abort(signalReason(undefined, undefined))
      : requests.signalFor(this);
  }

  /** @ignore */
  get $taskOf(): this {
    return this;
  }

  /** @ignore */
  get $outerScope(): Scope | null {
    return null;
  }

  /** @ignore */
  get $isLeft(): boolean {
    return this.done();
  }

  /** @ignore */
  $cancelRequests(): CancelRequests | null {
    return this._requests;
  }

  /** @ignore */
  $needCancelRequests(): CancelRequests {
    return this._requests ??= new CancelRequests();
  }

  /** @ignore */
  override $cancelTargets(): CancelTarget[] {
    return Array.from(
      this.$waitsOf(),
      (wait) => ({ future: wait.$waitingFor(), wait }),
    );
  }

  /** @ignore */
  override $beginCancel(message: string | undefined): CancelRequest {
    const { instruments } = this._engine;
    if (instruments !== null) instruments.cancelRequested(this, canceller());
    const cause = causeOfCancel(this);
    return this.$needCancelRequests().add(this, message, cause);
  }

  /** @ignore */
  override $endCancel(request: CancelRequest, reached: boolean): boolean {
    if (!reached) this._requests!.setDue(request, canceller());
    return true;
  }

  /** @ignore */
  get $previousTask(): TaskCore | null {
    return this._previous;
  }

  /** @ignore */
  set $previousTask(task: TaskCore | null) {
    this._previous = task;
  }

  /** @ignore */
  get $nextTask(): TaskCore | null {
    return this._next;
  }

  /** @ignore */
  set $nextTask(task: TaskCore | null) {
    this._next = task;
  }

  /** @ignore */
  $suspendOn(wait: Wait, future: FutureCore): void {
    future.$addListener(wait);
    this.$addWait(wait);
    const { steps } = this._engine;
    if (this._requests !== null) {
      const step = steps.includes(this) ? steps.epoch : -1;
      this._requests.forward(wait.$scopeOf, future, cancelFor, step);
    }
    steps.leave(this);
  }

  /**
   * Records that one of its strands waits.
   *
   * @ignore
   */
  $addWait(wait: Wait): void {
    const waits = this._waits;
    if (waits === null) this._waits = wait;
    else if (waits instanceof Set) waits.add(wait);
    else if (waits !== wait) this._waits = new Set([waits, wait]);
  }

  /** @ignore */
  $endWait(wait: Wait): CancelRequests | null {
    const waits = this._waits;
    if (waits === wait) this._waits = null;
    else if (waits instanceof Set && waits.delete(wait) && waits.size === 0) {
      this._waits = null;
    }
    return this._requests;
  }

  /** @ignore */
  get $isWaiting(): boolean {
    return this._waits !== null;
  }

  /** @ignore */
  $waitsOf(): Iterable<Wait> {
    const waits = this._waits;
    return waits === null ? NO_WAITS : waits instanceof Set ? waits : [waits];
  }

  /** @ignore */
  $returned(value: T): void {
    this._finish();
    const requests = this._requests;
    if (requests !== null && requests.isDueFor(this)) { // too late to throw it
      super.cancel(requests.takeMessage(this));
    } else {
      this._end(FINISHED, value);
    }
    this._tellExited();
  }

  /** @ignore */
  $threw(error: unknown): void {
    this._finish();
    const cancellation = cancellationIn(error);
    if (cancellation === null) this.$fail(error);
    else this._cancelled(cancellation);
    this._tellExited();
  }

  /** The coroutine has thrown a cancellation. */
  private _cancelled(cancellation: CancelledError): void {
    const requests = this._requests;
    const outer = requests !== null && requests.newestFor(this) === null
      ? outerErrorOf(cancellation)
      : null;
    if (outer === null) this._end(CANCELLED, cancellation);
    else this.$fail(outer);
  }

  /** It is done. */
  private _tellExited(): void {
    const { instruments } = this._engine;
    if (instruments !== null) instruments.taskExited(this);
  }

  /** The coroutine has ended, with whatever outcome. */
  private _finish(): void {
    this._engine.steps.leave(this);
    this.getLoop().$deleteTask(this);
    if (this._waits === null) return; // nearly always
    for (const wait of this.$waitsOf()) this.$abandonWait(wait);
  }

  /**
   * Handles the waits that remain after the coroutine has ended. They belong to
   * code that it started and did not wait for: the loser of a `Promise.race`,
   * or a function that was called and not awaited. That code keeps running, but
   * it gives up its place among the waiters of a lock or a queue, so that it
   * takes nothing that no task would receive.
   *
   * @ignore
   */
  $abandonWait(wait: Wait): void {
    const waited = wait.$waitingFor();
    const place = waited?.$placeInLine();
    if (!waited || !place) return;
    // What was cancelled before goes on, with that.
    if (waited.done() && !waited.$hasOutcome()) return;
    this.$endWait(wait);
    wait.$disown();
    if (!waited.cancel()) wait.$interrupt(undefined); // it was woken already
    const loop = this.getLoop();
    if (loop.getDebug() || births.note !== null) {
      loop.callExceptionHandler({
        message: `Task ended while something that it started waited: ${place}`,
        task: this,
      });
    }
  }

  /**
   * The first parts of its printed text. Called when it is printed.
   *
   * @ignore
   */
  override $stateText(): string[] {
    const parts = super.$stateText();
    if (this.cancelling() > 0 && !this.done()) parts[0] = "cancelling";
    if (typeof this._name === "string") {
      parts.push(`name=${stringRepr(this._name)}`);
    }
    parts.push(`coro=<${this._coro.$describeIn(this)}>`);
    // What is left of a task that is done is no wait of its coroutine.
    for (const wait of this.done() ? NO_WAITS : this.$waitsOf()) {
      const waited = wait.$waitingFor();
      if (!(waited instanceof Future)) continue;
      // A timer is printed as CPython does, unless the program is debugged.
      const isNamed = !waited.done() &&
        (waited.$placeInLine() !== null || this.getLoop().getDebug());
      parts.push(`wait_for=${isNamed && waited.$waitName() || waited}`);
    }
    return parts;
  }
}

/**
 * Wraps a coroutine in a task of the running loop and schedules it.
 *
 * @typeParam T The type of the result.
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
 * @throws {Error} If no loop is running.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(async () => {
 *     await sleep(0.01);
 *     return "done";
 *   });
 *   assertEquals(await task, "done");
 * });
 * ```
 *
 * @category Tasks
 */
export function createTask<T, C = unknown>(
  coro: CoroutineArgument<T, C>,
  options?: CreateTaskOptions,
): Task<T> {
  const loop = requireRunningLoop() as EventLoop;
  const before = enterCallee(createTask);
  try {
    return loop.createTask(coro as CoroutineLike<T>, options);
  } finally {
    leaveCallee(before);
  }
}

/**
 * A task factory that starts tasks eagerly: each task runs up to its first wait
 * when it is created, and a task that never waits is done at once.
 *
 * @param loop The loop that the task belongs to.
 * @param coro The coroutine to run.
 * @param options Its name, how it starts, a signal that cancels it, and the
 * asynchronous context that it runs in.
 * @returns The task.
 * @throws {TypeError} If `loop` is not a loop.
 * @throws {TypeError} If `coro` cannot become a task.
 * @throws {TypeError} If there is no such option.
 *
 * @example Usage
 * ```ts
 * import { createTask, eagerTaskFactory, getRunningLoop, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   getRunningLoop().setTaskFactory(eagerTaskFactory);
 *   const task = createTask(function* () {
 *     return "done";
 *   });
 *   assertEquals(task.result(), "done");
 * });
 * ```
 *
 * @category Tasks
 */
export function eagerTaskFactory<T>(
  loop: EventLoop,
  coro: CoroutineLike<T>,
  options?: CreateTaskOptions,
): Task<T> {
  requireOptions("eagerTaskFactory()", options, CREATE_TASK_OPTIONS);
  const owner = loopOrNone(loop) ?? requireRunningLoop() as EventLoop;
  const { name, eagerStart = true, signal, context } = options ?? {};
  return new Task(
    coro,
    new OwnTaskOptions(owner, name, eagerStart, signal, context),
  );
}

/**
 * Options for {@linkcode ensureFuture}.
 *
 * @category Tasks
 */
export interface EnsureFutureOptions {
  /**
   * The loop that the future belongs to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/**
 * Returns a future for anything that can be awaited: a coroutine is wrapped in
 * a task, a promise in a future. A future or task is returned as it is.
 *
 * @typeParam T The type of the result.
 * @param awaitable The awaitable.
 * @param options The loop that the future belongs to.
 * @returns The future.
 * @throws {TypeError} If `awaitable` cannot be awaited.
 * @throws {TypeError} If an option is unknown, or `loop` is not a loop.
 * @throws {Error} If `awaitable` is a future of a different loop than the given
 * one.
 *
 * @example Usage
 * ```ts
 * import { ensureFuture, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   assertEquals(await ensureFuture(sleep(0, "slept")), "slept");
 *   assertEquals(await ensureFuture(Promise.resolve("kept")), "kept");
 * });
 * ```
 *
 * @category Tasks
 */
export function ensureFuture<T>(
  awaitable: Awaitable<T>,
  options?: EnsureFutureOptions,
): Future<T> {
  const loop = loopOption("ensureFuture()", options);
  if (isInstance(awaitable, Future)) {
    if (loop !== undefined && loop !== awaitable.getLoop()) {
      throw new Error(
        `The future belongs to a different loop than the one specified as the loop argument: ${awaitable}`,
      );
    }
    return awaitable;
  }
  if (isInstance(awaitable, Coroutine) || typeof awaitable === "function") {
    return (loop ?? currentLoop() as EventLoop).createTask(awaitable);
  }
  if (isPromiseLike(awaitable)) return wrapFuture(awaitable, { loop });
  throw new TypeError(
    `A Future, a coroutine or an awaitable is required, got ${
      valueText(awaitable)
    }`,
  );
}

/**
 * Returns the task that is currently running.
 *
 * @param loop Returns the task only if it belongs to this loop.
 * @returns The task, or `null` in a callback or outside the loop.
 * @throws {Error} If no loop is given and none is running.
 * @throws {TypeError} If `loop` is not a loop.
 *
 * @example Usage
 * ```ts
 * import { currentTask, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   currentTask()?.setName("main");
 *   await null;
 *   assertEquals(currentTask()?.getName(), "main");
 * });
 * ```
 *
 * @category Tasks
 */
export function currentTask(loop?: EventLoop): Task<unknown> | null {
  const expected = loopOrNone(loop) ?? requireRunningLoop();
  const task = activeTask();
  return task instanceof Task && task.getLoop() === expected ? task : null;
}

/**
 * Returns the tasks of a loop that are not done.
 *
 * @param loop The loop. The default is the running loop.
 * @returns A set of the tasks, in order of creation.
 * @throws {Error} If no loop is given and none is running.
 * @throws {TypeError} If `loop` is not a loop.
 *
 * @example Usage
 * ```ts
 * import { allTasks, createTask, currentTask, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(sleep(60));
 *   assertEquals(allTasks(), new Set([currentTask()!, task]));
 *   task.cancel();
 * });
 * ```
 *
 * @category Tasks
 */
export function allTasks(loop?: EventLoop): Set<Task<unknown>> {
  const given = loopOrNone(loop) ?? requireRunningLoop() as EventLoop;
  return new Set(given.$tasksOf());
}

/** What `sleep` yields to wait for nothing but the next turn. */
const NEXT_TURN = { done: false, value: undefined } as const;

/** How it ends after that, if it has no result. */
const TURN_OVER = { done: true, value: undefined } as const;

/** The step iterator of a `sleep` that only lets other tasks run. */
class TurnSteps<T> {
  #result: T;
  #yielded = false;

  constructor(result: T) {
    this.#result = result;
  }

  next(): IteratorResult<undefined, T | undefined> {
    if (this.#yielded) {
      const value = this.#result;
      return value === undefined ? TURN_OVER : { done: true, value };
    }
    this.#yielded = true;
    return NEXT_TURN;
  }

  throw(error: unknown): never {
    throw error;
  }
}

/** The step iterator of a `sleep` that waits for a timer. */
class TimerSteps<T> {
  #delay: number;
  #result: T;
  #future: Future<T> | null = null;
  #timer: TimerHandle | null = null;

  constructor(delay: number, result: T) {
    this.#delay = delay;
    this.#result = result;
  }

  next(): IteratorResult<Future<T>, T> {
    if (this.#future !== null) {
      this.#timer?.cancel();
      return { done: true, value: this.#future.result() };
    }
    const loop = requireRunningLoop() as EventLoop;
    const future = this.#future = loop.createFuture<T>();
    if (this.#delay < Infinity) {
      this.#timer = loop.callLater(
        this.#delay,
        wakeSleeper,
        future,
        this.#result,
      );
    }
    future.$block(this);
    return { done: false, value: future };
  }

  get $isTimer(): true {
    return true;
  }

  toString(): string {
    return `sleep(${this.#delay})`;
  }

  throw(error: unknown): never {
    this.#timer?.cancel();
    throw error;
  }

  return(): IteratorResult<Future<T>, T> {
    this.#timer?.cancel();
    return { done: true, value: this.#result };
  }
}

function wakeSleeper<T>(future: Future<T>, result: T): void {
  future.$setUnlessDone(result);
}

/** What a user may have called to make a task. */
function taskMakers(loop?: object): Callee[] {
  return [(loop as EventLoop).createTask, Task];
}

const sleepCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  function sleep(delay: number, result: unknown) {
    return delay <= 0 ? new TurnSteps(result) : new TimerSteps(delay, result);
  },
  "sleep",
);

/**
 * Waits for some time.
 *
 * @param delay In seconds. Zero or less lets other tasks run once; `Infinity`
 * sleeps until the coroutine is cancelled.
 * @returns A coroutine that ends after this time.
 * @throws {TypeError} If `delay` is not a number, or `NaN`.
 *
 * @example Usage
 * ```ts
 * import { run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   await sleep(0.01);
 *   assertEquals(await sleep(0.01, "slept"), "slept");
 * });
 * ```
 *
 * @category Tasks
 */
export function sleep(delay: number): Coroutine<void>;
/**
 * Waits for some time, and returns a result.
 *
 * @typeParam T The type of the result.
 * @param delay In seconds.
 * @param result The result of the coroutine.
 * @returns A coroutine that ends after this time.
 * @throws {TypeError} If `delay` is not a number, or `NaN`.
 *
 * @category Tasks
 */
export function sleep<T>(delay: number, result: T): Coroutine<T>;
export function sleep<T>(delay: number, result?: T): Coroutine<T | undefined> {
  requireNumber("the delay of sleep()", delay);
  return sleepCoroutine(delay, result) as Coroutine<T | undefined>;
}

/**
 * Tasks: coroutines that the loop runs, side by side.
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

import { requireNumber } from "./_util/checks.ts";
import type { Owner, Strand } from "./_core/await.ts";
import { cancelAll, Requests } from "./_core/cancel.ts";
import { TimerSteps, TurnSteps } from "./_core/sleep_steps.ts";
import { stringRepr, valueText } from "./_util/repr.ts";
import { activeTask, currentLoop, requireRunningLoop } from "./_core/running.ts";
import { Coroutine, type CoroutineLike } from "./coroutine.ts";
import { CancelledError } from "./errors.ts";
import { Future, wrapFuture } from "./future.ts";
import type { EventLoop } from "./loop.ts";

/**
 * Whatever can be waited for: futures, tasks, coroutines and functions that
 * coroutines can be made of, native promises and their like.
 */
export type Awaitable<T> = CoroutineLike<T> | PromiseLike<T>;

/** Options for {@linkcode createTask}. */
export interface CreateTaskOptions {
  /**
   * The name of the task, which is printed with it.
   *
   * @default {"Task-1", "Task-2", …, which are not printed}
   */
  name?: string;
  /**
   * Whether the coroutine runs at once up to its first wait, instead of with
   * the next turn of the loop. Only where the loop runs already.
   *
   * @default {false}
   */
  eagerStart?: boolean;
  /** A signal that cancels the task when it is aborted. */
  signal?: AbortSignal | null;
}

/** Options for {@linkcode Task}. */
export interface TaskOptions extends CreateTaskOptions {
  /**
   * The loop that the task belongs to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/** How many tasks there have been, for their names. */
let taskCount = 0;

/**
 * A coroutine that the loop runs, and the future of its result.
 *
 * - It is held by its loop until it is done: no task gets lost. Nothing of a
 *   finished one is kept.
 * - Cancelling it throws a {@linkcode CancelledError} into the coroutine, at
 *   the place, or all the places, where it waits. The coroutine may clean up,
 *   take its time for that, or even decline.
 * - The exception that the coroutine threw comes out as the same object.
 *
 * {@linkcode createTask} is the usual way to make one.
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
 */
export class Task<T> extends Future<T> {
  private _coro: Coroutine<T>;
  /** As given, or which one it is by count. */
  private _name: string | number;
  /** Made with the first request, or for a signal. */
  private _requests: Requests | null = null;
  /** Where it waits for a future; several with `Promise.all` and its like. */
  private _waits: Strand | Set<Strand> | null = null;
  /** Its last step, negative when that is over: see `_step.ts`. */
  private _step = 0;
  /** See `_task_list.ts`. */
  private _previous: Task<unknown> | null = null;
  private _next: Task<unknown> | null = null;

  /**
   * A task, which takes its first step with the next turn of its loop.
   *
   * @param coro What to run.
   * @param options Which loop it belongs to, and how it starts.
   * @throws {TypeError} If `coro` is not a coroutine, nor a function that can
   * become one.
   * @throws {TypeError} If the signal is not an `AbortSignal`.
   * @throws {Error} If the coroutine was awaited before.
   * @throws {Error} If the loop is closed.
   */
  constructor(coro: CoroutineLike<T>, options?: TaskOptions) {
    super(options);
    const loop = this["_loop"];
    loop["_requireOpen"]();
    const { name, signal, eagerStart = false } = options ?? {};
    requireSignal(signal);
    this._name = name === undefined ? ++taskCount : String(name);
    this._coro = Coroutine["_from"](coro);
    this._coro["_adopt"](this, this as unknown as Owner);
    loop["_tasks"].add(this);
    if (signal) this._obey(signal);
    if (eagerStart && !this._isDue() && loop.isRunning()) {
      this._coro["_startEagerly"](this);
    } else {
      this._coro["_prepare"]();
      loop["_enqueue"](this._coro as unknown as Strand);
    }
  }

  /** The coroutine that the task runs. */
  getCoro(): Coroutine<T> {
    return this._coro;
  }

  /** The name of the task. */
  getName(): string {
    const name = this._name;
    return typeof name === "string" ? name : `Task-${name}`;
  }

  /**
   * Names the task.
   *
   * @param name The new name, which is printed from now on.
   */
  setName(name: string): void {
    this._name = String(name);
  }

  /**
   * Not for tasks: the coroutine gives the result.
   *
   * @throws {Error} Always.
   */
  override setResult(_result: T): never {
    throw new Error("Task does not support setResult operation");
  }

  /**
   * Not for tasks: the coroutine throws the exception.
   *
   * @throws {Error} Always.
   */
  override setException(_exception: unknown): never {
    throw new Error("Task does not support setException operation");
  }

  /**
   * Asks the task to cancel itself: a {@linkcode CancelledError} is thrown into
   * the coroutine where it waits, or with its next step.
   *
   * The coroutine may catch it, clean up, and even go on; so this does not
   * guarantee that the task ends up cancelled. Each call counts as a request,
   * see {@linkcode Task.cancelling}. In an async function, a wait for a native
   * promise is not interrupted: the error comes with the next `await` of a
   * future, task or coroutine.
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
    if (this.done()) return super.cancel(message); // counts as having looked
    const strand = this._waits;
    if (strand === null) {
      this._countRequest(message);
      this._cancelNextStep();
    } else {
      cancelAll(this, message);
    }
    return true;
  }

  /**
   * How many requests to cancel the task there were, less those taken back with
   * {@linkcode Task.uncancel}.
   */
  cancelling(): number {
    return this._requests?.count ?? 0;
  }

  /**
   * Takes one request to cancel the task back. For those who made it: timeouts
   * and task groups do so when they have dealt with their own request. With the
   * last one goes a cancellation that has not been thrown in yet.
   *
   * @returns How many requests are left.
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
    if (requests === null || requests.count === 0) return 0;
    if (--requests.count === 0) {
      requests.due = false;
      if (requests.controller?.signal.aborted) requests.controller = null;
    }
    return requests.count;
  }

  /**
   * A signal that aborts when cancellation of the task is requested, with the
   * {@linkcode CancelledError} as its reason. For everything native that the
   * task starts: `fetch(url, { signal: task.signal })`.
   *
   * A signal cannot be taken back. When the last request is, with
   * {@linkcode Task.uncancel}, this is a new one.
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
    const requests = this._requests ??= new Requests();
    if (requests.controller === null) {
      requests.controller = new AbortController();
      if (requests.count > 0 || this.cancelled()) {
        requests.controller.abort(new CancelledError(requests.message));
      }
    }
    return requests.controller.signal;
  }

  /** Is cancelled when the signal is aborted, for as long as it runs. */
  private _obey(signal: AbortSignal): void {
    const cancel = () => this.cancel(abortMessage(signal.reason));
    if (signal.aborted) {
      cancel();
      return;
    }
    signal.addEventListener("abort", cancel, { once: true });
    this["_addWaiter"]({
      _wakeup: () => signal.removeEventListener("abort", cancel),
    });
  }

  /** A request came, whatever becomes of it. */
  private _countRequest(message: string | undefined): void {
    const requests = this._requests ??= new Requests();
    requests.count++;
    requests.message = message;
    requests.controller?.abort(new CancelledError(message));
  }

  /** The last request has reached nobody that the task waits for. */
  private _cancelNextStep(): void {
    const requests = this._requests!;
    requests.due = true;
    requests.dueMessage = requests.message;
  }

  /** Whether a cancellation is to be thrown in with the next step. */
  private _isDue(): boolean {
    return this._requests !== null && this._requests.due;
  }

  /** What was due has come, one way or another. */
  private _callOffDue(): void {
    if (this._requests !== null) this._requests.due = false;
  }

  /**
   * Requests to cancel that have been thrown in already: what a scope that makes
   * one of its own asks when it is entered, for {@linkcode Task._takeBack}.
   */
  private _requestsDealtWith(): number {
    return this.cancelling() - (this._isDue() ? 1 : 0);
  }

  /**
   * Takes the request of a scope back when it is left.
   *
   * @param dealtWith What {@linkcode Task._requestsDealtWith} said before.
   * @returns Whether there has been no other request meanwhile.
   */
  private _takeBack(dealtWith: number): boolean {
    if (this.uncancel() > dealtWith) return false;
    this._callOffDue(); // it was this one, and came too late
    return true;
  }

  /** What to throw into the coroutine, now. */
  private _takeCancellation(): CancelledError {
    this._callOffDue();
    return new CancelledError(this._requests?.dueMessage);
  }

  /**
   * What to throw where the task has waited for `future`, if it is not to get
   * the outcome of that: for one, when a cancellation came with the outcome.
   */
  private _interruption(future: Future<unknown> | null): CancelledError | null {
    if (future === null) {
      return this._isDue() ? this._takeCancellation() : null;
    }
    if (future.cancelled()) {
      this._callOffDue(); // that is one cancellation, not two
      return future["_makeCancelledError"]();
    }
    const error = future["_state"] === "failed" ? future.exception() : null;
    if (error instanceof CancelledError) { // of a gathering
      this._callOffDue();
      return error;
    }
    // Nothing comes of one that is not done: see `interrupt` in `_cancel.ts`.
    return this._isDue() || !future.done() ? this._takeCancellation() : null;
  }

  /** One of its strands waits for `future`: that step is over. */
  private _suspend(strand: Strand, future: Future<unknown>): void {
    strand._waiting = future;
    future["_addWaiter"](strand);
    this._remember(strand);
    if (this._requests !== null) this._passOn(this._requests, future);
    this["_loop"]["_steps"].leave(this);
  }

  /**
   * A request that is due goes to the first wait, and to those that begin
   * together with it, in the same step.
   */
  private _passOn(requests: Requests, future: Future<unknown>): void {
    const steps = this["_loop"]["_steps"];
    if (!requests.due && requests.step !== steps.epoch) return;
    if (!future.cancel(requests.dueMessage)) return;
    requests.due = false;
    if (steps.includes(this)) requests.step = steps.epoch;
  }

  /** One of its strands waits. */
  private _remember(strand: Strand): void {
    const waits = this._waits;
    if (waits === null) this._waits = strand;
    else if (waits instanceof Set) waits.add(strand);
    else if (waits !== strand) this._waits = new Set([waits, strand]);
  }

  /** That wait is over. */
  private _forget(strand: Strand): void {
    const waits = this._waits;
    if (waits === strand) this._waits = null;
    else if (waits instanceof Set && waits.delete(strand) && waits.size === 0) {
      this._waits = null;
    }
  }

  /** Where it waits for a future. */
  private _strands(): Iterable<Strand> {
    const waits = this._waits;
    return waits === null ? [] : waits instanceof Set ? [...waits] : [waits];
  }

  /** The coroutine returned. */
  private _return(value: T): void {
    this._finish();
    if (this._isDue()) { // requested with its last breath
      this._callOffDue();
      super.cancel(this._requests!.dueMessage);
    } else {
      super.setResult(value);
    }
  }

  /** The coroutine threw. */
  private _throw(error: unknown): void {
    this._finish();
    if (error instanceof CancelledError) {
      this["_end"]("cancelled", error);
    } else {
      this["_fail"](error);
    }
  }

  /** The coroutine is over, whatever came of it. */
  private _finish(): void {
    this._waits = null;
    this["_loop"]["_steps"].leave(this);
    this["_loop"]["_tasks"].delete(this);
  }

  /** @ignore */
  protected override _className(): string {
    return "Task";
  }

  /** @ignore */
  protected override _describeState(): string[] {
    const parts = super._describeState();
    if (this.cancelling() > 0 && !this.done()) parts[0] = "cancelling";
    if (typeof this._name === "string") {
      parts.push(`name=${stringRepr(this._name)}`);
    }
    parts.push(`coro=<${this._coro["_describeIn"](this)}>`);
    for (const { _waiting } of this._strands()) {
      if (_waiting !== null) parts.push(`wait_for=${_waiting}`);
    }
    return parts;
  }
}

function requireSignal(signal: unknown): void {
  if (
    signal !== undefined && signal !== null && !(signal instanceof AbortSignal)
  ) {
    throw new TypeError(
      `Cannot use as signal what is not an AbortSignal: current value is ${
        valueText(signal)
      }`,
    );
  }
}

function abortMessage(reason: unknown): string | undefined {
  if (reason instanceof Error) return reason.message;
  return reason === undefined ? undefined : String(reason);
}

/**
 * Makes a task of a coroutine in the running loop.
 *
 * @typeParam T The type of the result.
 * @param coro A coroutine, or an `async` or generator function without
 * arguments, which is called when the task takes its first step.
 * @param options Its name, how it starts and what cancels it.
 * @returns The task.
 * @throws {TypeError} If `coro` is neither. A native promise is not: it has
 * already started.
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
 */
export function createTask<T>(
  coro: CoroutineLike<T>,
  options?: CreateTaskOptions,
): Task<T> {
  return requireRunningLoop().createTask(coro, options);
}

/**
 * A task factory of tasks that start at once: each runs up to its first wait
 * where it is created, and one that never waits is done right there.
 *
 * @param loop The loop that the task belongs to.
 * @param coro What to run.
 * @param options Its name, how it starts and what cancels it.
 * @returns The task.
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
 */
export function eagerTaskFactory<T>(
  loop: EventLoop,
  coro: CoroutineLike<T>,
  options?: CreateTaskOptions,
): Task<T> {
  return new Task(coro, { eagerStart: true, ...options, loop });
}

/** Options for {@linkcode ensureFuture}. */
export interface EnsureFutureOptions {
  /**
   * The loop that the future is to belong to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/**
 * Makes a future of anything that can be awaited: a task of a coroutine, a
 * wrapped future of a promise. A future or task is given back as it is.
 *
 * @typeParam T The type of the result.
 * @param awaitable What to make it of.
 * @param options Which loop it is to belong to.
 * @returns The future.
 * @throws {TypeError} If it cannot be awaited.
 * @throws {Error} If it is a future of another loop than the one given.
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
 */
export function ensureFuture<T>(
  awaitable: Awaitable<T>,
  options?: EnsureFutureOptions,
): Future<T> {
  const loop = options?.loop;
  if (awaitable instanceof Future) {
    if (loop !== undefined && loop !== awaitable.getLoop()) {
      throw new Error(
        `The future belongs to a different loop than the one specified as the loop argument: ${awaitable}`,
      );
    }
    return awaitable;
  }
  if (awaitable instanceof Coroutine || typeof awaitable === "function") {
    return (loop ?? currentLoop()).createTask(awaitable);
  }
  if (
    typeof (awaitable as PromiseLike<T> | null | undefined)?.then === "function"
  ) return wrapFuture(awaitable, { loop });
  throw new TypeError(
    `A Future, a coroutine or an awaitable is required, got ${
      valueText(awaitable)
    }`,
  );
}

/**
 * The task that runs right now.
 *
 * @param loop Only if it is a task of this loop.
 * @returns The task, or `null`: in a callback, or outside of the loop.
 * @throws {Error} If no loop is given and none is running.
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
 */
export function currentTask(loop?: EventLoop): Task<unknown> | null {
  const expected = loop ?? requireRunningLoop();
  const task = activeTask();
  return task !== null && task.getLoop() === expected ? task : null;
}

/**
 * The tasks of a loop that are not done.
 *
 * @param loop Which loop.
 * @returns A set of them, in order of creation.
 * @throws {Error} If no loop is given and none is running.
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
 */
export function allTasks(loop?: EventLoop): Set<Task<unknown>> {
  return new Set((loop ?? requireRunningLoop())["_tasks"]);
}

const sleepCoroutine = /* @__PURE__ */ Coroutine["_own"](
  function sleep(delay: number, result: unknown) {
    return delay <= 0 ? new TurnSteps(result) : new TimerSteps(delay, result);
  },
);

/**
 * A coroutine that ends after some time.
 *
 * @param delay In seconds. Zero or less lets everybody else have a turn;
 * `Infinity` sleeps until it is cancelled.
 * @returns The coroutine.
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
 */
export function sleep(delay: number): Coroutine<void>;
/**
 * A coroutine that ends after some time, with a result.
 *
 * @typeParam T The type of the result.
 * @param delay In seconds.
 * @param result What it is to give.
 * @returns The coroutine.
 * @throws {TypeError} If `delay` is not a number, or `NaN`.
 */
export function sleep<T>(delay: number, result: T): Coroutine<T>;
export function sleep<T>(delay: number, result?: T): Coroutine<T | undefined> {
  requireNumber("the delay of sleep()", delay);
  return sleepCoroutine(delay, result) as Coroutine<T | undefined>;
}

/**
 * Futures: results that do not exist yet.
 *
 * A {@linkcode Future} is the loop's own kind of promise: it can be looked at,
 * cancelled, and its callbacks run in the loop's order. {@linkcode wrapFuture}
 * makes one of a native promise.
 *
 * ```ts
 * import { getRunningLoop, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const loop = getRunningLoop();
 *   const future = loop.createFuture<string>();
 *   loop.callSoon(() => future.setResult("ready"));
 *   assertEquals(await future, "ready");
 *   assertEquals(String(future), "<Future finished result='ready'>");
 * });
 * ```
 *
 * @module
 */

import { Await, differentLoop, thenByHand } from "./_core/await.ts";
import type { Unseen } from "./_core/failures.ts";
import {
  errorRepr,
  functionText,
  printsAs,
  recursively,
  shortRepr,
  valueText,
} from "./_util/repr.ts";
import { describeOrigin, noteOrigin } from "./_util/source_site.ts";
import { awaitingTask, currentLoop, scope } from "./_core/running.ts";
import { CancelledError, InvalidStateError } from "./errors.ts";
import type { EventLoop } from "./loop.ts";

/** Pending, or how it ended. */
type State = "pending" | "finished" | "failed" | "cancelled";

/** One who is told the moment a future is done, before any callback runs. */
interface Waiter {
  _wakeup(): void;
}

/** One in the list of a future: a function to call soon, or a waiter. */
type Callback = ((future: never) => void) | Waiter;

/** Called with the future that is done. */
export type DoneCallback<F> = (future: F) => void;

/** Options for {@linkcode Future}. */
export interface FutureOptions {
  /**
   * The loop that the future belongs to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/** What a future yields to the task that `yield*`s it, and what it gives back. */
class FutureSteps<T> implements Iterator<Future<T>, T, unknown> {
  #future: Future<T>;
  #yielded = false;

  constructor(future: Future<T>) {
    this.#future = future;
  }

  next(): IteratorResult<Future<T>, T> {
    const future = this.#future;
    if (future["_state"] !== "pending") {
      if (future["_loop"] !== scope.loop && scope.task !== null) {
        throw differentLoop(scope.task, future);
      }
      return { done: true, value: future.result() };
    }
    if (this.#yielded) throw new Error("yield* wasn't used with future");
    this.#yielded = true;
    future["_blocking"] = true;
    return { done: false, value: future };
  }

  throw(error: unknown): IteratorResult<Future<T>, T> {
    throw error;
  }
}

/**
 * A result that does not exist yet.
 *
 * - It is done once, for good: with a result, with an exception, or cancelled.
 * - Callbacks run through the loop's `callSoon`, in the order they were added;
 *   tasks that wait are woken in the same order.
 * - `await future` and `yield* future` inside a task wait for it, and are
 *   cancellation points: cancelling the task cancels the future. Outside of
 *   every loop `await future` works too, and cancels nothing.
 * - An exception that nobody looks at is reported once to the loop's exception
 *   handler.
 *
 * @typeParam T The type of the result.
 *
 * @example Set by one, awaited by another
 * ```ts
 * import { createTask, getRunningLoop, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const future = getRunningLoop().createFuture<number>();
 *   createTask(async () => {
 *     await sleep(0.01);
 *     future.setResult(42);
 *   });
 *   assertEquals(await future, 42);
 * });
 * ```
 */
export class Future<T> implements PromiseLike<T> {
  private _loop: EventLoop;
  private _state: State = "pending";
  /**
   * The result, or the exception. Of one that was cancelled, the message; or the
   * error that was thrown inside a cancelled task, to be thrown on, once.
   */
  private _value: unknown = undefined;
  /** Functions to call and waiters to wake, in order; one needs no array. */
  private _callbacks: Callback | Callback[] | null = null;
  /** It has just been yielded by `yield*`, not by a `yield` without the star. */
  private _blocking = false;
  /** It failed, and nobody has looked at the exception yet. */
  private _unseen: boolean | Unseen = false;

  /**
   * A pending future. `loop.createFuture()` is the usual way to get one.
   *
   * @param options Which loop it belongs to.
   */
  constructor(options?: FutureOptions) {
    this._loop = options?.loop ?? currentLoop();
    if (this._loop.getDebug()) noteOrigin(this);
  }

  /** The loop that the future belongs to. */
  getLoop(): EventLoop {
    return this._loop;
  }

  /** Whether the future has a result or an exception, or was cancelled. */
  done(): boolean {
    return this._state !== "pending";
  }

  /** Whether the future was cancelled. */
  cancelled(): boolean {
    return this._state === "cancelled";
  }

  /**
   * The result.
   *
   * @throws The exception that was set, the very same object.
   * @throws {CancelledError} If the future was cancelled.
   * @throws {InvalidStateError} If the future is still pending.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const future = newEventLoop().createFuture<number>();
   * future.setResult(1);
   * assertEquals(future.result(), 1);
   * ```
   */
  result(): T {
    switch (this._state) {
      case "finished":
        return this._value as T;
      case "failed":
        this._look();
        throw this._value;
      case "cancelled":
        throw this._makeCancelledError();
      default:
        throw new InvalidStateError("Result is not ready.");
    }
  }

  /**
   * The exception that was set, or `null` if there is a result.
   *
   * @throws {CancelledError} If the future was cancelled.
   * @throws {InvalidStateError} If the future is still pending.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const future = newEventLoop().createFuture<number>();
   * const error = new Error("no luck");
   * future.setException(error);
   * assertEquals(future.exception(), error);
   * ```
   */
  exception(): unknown {
    switch (this._state) {
      case "finished":
        return null;
      case "failed":
        this._look();
        return this._value;
      case "cancelled":
        throw this._makeCancelledError();
      default:
        throw new InvalidStateError("Exception is not set.");
    }
  }

  /**
   * Ends the future with a result.
   *
   * @param result The result.
   * @throws {InvalidStateError} If the future is already done.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * const future = newEventLoop().createFuture<number>();
   * future.setResult(1);
   * assert(future.done());
   * ```
   */
  setResult(result: T): void {
    this._requirePending();
    this._end("finished", result);
  }

  /**
   * Ends the future with an exception.
   *
   * @param exception What to throw at those who ask for the result. A class of
   * errors is instantiated.
   * @throws {InvalidStateError} If the future is already done.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const future = newEventLoop().createFuture<number>();
   * future.setException(new RangeError("too far"));
   * assertThrows(() => future.result(), RangeError, "too far");
   * ```
   */
  setException(exception: unknown): void {
    this._requirePending();
    this._fail(isErrorClass(exception) ? new exception() : exception);
  }

  /**
   * Cancels the future: those who wait get a {@linkcode CancelledError}.
   *
   * @param message The message of that error.
   * @returns Whether it was cancelled: `false` if it was already done.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   * import { assert, assertFalse } from "@std/assert";
   *
   * const future = newEventLoop().createFuture<number>();
   * assert(future.cancel());
   * assert(future.cancelled());
   * assertFalse(future.cancel());
   * ```
   */
  cancel(message?: string): boolean {
    if (this._state !== "pending") {
      this._look();
      return false;
    }
    this._end("cancelled", message);
    return true;
  }

  /**
   * Adds a function to be called, by way of the loop's `callSoon`, when the
   * future is done; soon, if it already is.
   *
   * @param callback Gets the future. What it throws goes to the loop's
   * exception handler.
   * @throws {TypeError} If `callback` is not a function.
   *
   * @example Usage
   * ```ts
   * import { createTask, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const results: number[] = [];
   * await run(async () => {
   *   const task = createTask(async () => 1);
   *   task.addDoneCallback((done) => results.push(done.result()));
   *   await task;
   * });
   * assertEquals(results, [1]);
   * ```
   */
  addDoneCallback(callback: DoneCallback<this>): void {
    if (typeof callback !== "function") {
      throw new TypeError(
        `Cannot add a done callback that is not a function: current value is ${
          valueText(callback)
        }`,
      );
    }
    if (this._state !== "pending") this._loop.callSoon(callback, this);
    else this._addWaiter(callback);
  }

  /**
   * Removes every occurrence of a callback.
   *
   * @param callback The function that was added.
   * @returns How many were removed.
   *
   * @example Usage
   * ```ts
   * import { newEventLoop } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const future = newEventLoop().createFuture<number>();
   * const callback = () => {};
   * future.addDoneCallback(callback);
   * future.addDoneCallback(callback);
   * assertEquals(future.removeDoneCallback(callback), 2);
   * ```
   */
  removeDoneCallback(callback: DoneCallback<this>): number {
    return this._removeWaiter(callback);
  }

  /**
   * Waits for the future: this is what `await` calls.
   *
   * @typeParam R1 What `onfulfilled` gives.
   * @typeParam R2 What `onrejected` gives.
   * @param onfulfilled Gets the result.
   * @param onrejected Gets the exception.
   * @returns The outcome of the handlers.
   */
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): PromiseLike<R1 | R2> {
    if (typeof onfulfilled !== "function" || typeof onrejected !== "function") {
      return thenByHand<T, R1, R2>(this, onfulfilled, onrejected);
    }
    const wait = new Await<R1 | R2>(awaitingTask(), onfulfilled, onrejected);
    wait._for(this);
    return wait;
  }

  /** Waits for the future: this is what `yield*` calls. */
  [Symbol.iterator](): Iterator<Future<T>, T, unknown> {
    return new FutureSteps(this);
  }

  /** Whether it has a result or an exception. */
  private _hasOutcome(): boolean {
    return this._state === "finished" || this._state === "failed";
  }

  /** Refuses one that is done. */
  private _requirePending(): void {
    if (this._state !== "pending") {
      throw new InvalidStateError(
        `${this._state === "cancelled" ? "CANCELLED" : "FINISHED"}: ${this}`,
      );
    }
  }

  /** Somebody knows of the exception. */
  private _look(): void {
    if (typeof this._unseen === "object") this._unseen.settled = true;
    this._unseen = false;
  }

  /** Ends it with an exception, which somebody should look at. */
  private _fail(error: unknown): void {
    this._unseen = !(error instanceof CancelledError);
    this._end("failed", error);
    this._loop["_failures"].add(this);
  }

  /** Ends it, calls the callbacks soon and wakes the waiters. */
  private _end(state: State, value: unknown): void {
    this._state = state;
    this._value = value;
    const callbacks = this._callbacks;
    if (callbacks === null) return;
    this._callbacks = null;
    if (Array.isArray(callbacks)) {
      for (const callback of callbacks) this._tell(callback);
    } else this._tell(callbacks);
  }

  /** It is done: has a callback called soon, wakes a waiter now. */
  private _tell(callback: Callback): void {
    if (typeof callback !== "function") callback._wakeup();
    else if (!this._loop.isClosed()) {
      this._loop.callSoon(callback as DoneCallback<this>, this);
    }
  }

  /** Adds one to be told when it is done. */
  private _addWaiter(waiter: Callback): void {
    const callbacks = this._callbacks;
    if (callbacks === null) this._callbacks = waiter;
    else if (Array.isArray(callbacks)) callbacks.push(waiter);
    else this._callbacks = [callbacks, waiter];
  }

  /** Whether it was the last one to be added. */
  private _isLastWaiter(waiter: Callback): boolean {
    const callbacks = this._callbacks;
    return waiter === (Array.isArray(callbacks) ? callbacks.at(-1) : callbacks);
  }

  /** Removes every occurrence of it, and says how many there were. */
  private _removeWaiter(waiter: Callback): number {
    const callbacks = this._callbacks;
    if (callbacks === null) return 0;
    if (callbacks === waiter) {
      this._callbacks = null;
      return 1;
    }
    if (!Array.isArray(callbacks)) return 0;
    const kept = callbacks.filter((callback) => callback !== waiter);
    this._callbacks = kept.length === 0 ? null : kept;
    return callbacks.length - kept.length;
  }

  /** The error for who asks for the result of a cancelled future. */
  private _makeCancelledError(): CancelledError {
    const value = this._value;
    if (!(value instanceof CancelledError)) {
      return new CancelledError(value as string | undefined);
    }
    this._value = undefined;
    return value;
  }

  /**
   * Name of the class in the printed text.
   *
   * @ignore
   */
  protected _className(): string {
    return "Future";
  }

  /**
   * The parts of the printed text that stand before result and callbacks.
   *
   * @ignore
   */
  protected _describeState(): string[] {
    return [this._state === "failed" ? "finished" : this._state];
  }

  /** The printed text. */
  private _describe(): string {
    const parts = this._describeState();
    if (this._state === "finished") {
      parts.push(`result=${shortRepr(this._value)}`);
    } else if (this._state === "failed") {
      parts.push(`exception=${errorRepr(this._value)}`);
    }
    const callbacks = this._callbacks === null
      ? []
      : [this._callbacks].flat().map(describeCallback).filter((text) =>
        text !== ""
      );
    if (callbacks.length > 2) {
      callbacks.splice(
        1,
        callbacks.length - 2,
        `<${callbacks.length - 2} more>`,
      );
    }
    if (callbacks.length > 0) parts.push(`cb=[${callbacks.join(", ")}]`);
    parts.push(...describeOrigin(this));
    return `<${this._className()} ${parts.join(" ")}>`;
  }

  static {
    printsAs(
      Future.prototype,
      (future) => recursively(future, (future) => future._describe()),
    );
  }
}

function describeCallback(callback: unknown): string {
  if (typeof callback === "function") {
    return functionText(callback as DoneCallback<unknown>);
  }
  return callback instanceof Await || isStrand(callback)
    ? "Task.task_wakeup()"
    : "";
}

function isStrand(value: unknown): boolean {
  return typeof value === "object" && value !== null && "_waiting" in value;
}

function isErrorClass(value: unknown): value is new () => Error {
  return typeof value === "function" && value.prototype instanceof Error ||
    value === Error;
}

/**
 * Whether a value is a future; tasks are futures too.
 *
 * @param value Any value.
 * @returns Whether it is one.
 *
 * @example Usage
 * ```ts
 * import { isFuture, newEventLoop } from "@asyncio/asyncio";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isFuture(newEventLoop().createFuture()));
 * assertFalse(isFuture(Promise.resolve()));
 * ```
 */
export function isFuture(value: unknown): value is Future<unknown> {
  return value instanceof Future;
}

/** The future of a promise; cancelling it also aborts what the promise is of. */
class PromiseFuture<T> extends Future<T> {
  #source: PromiseLike<T>;
  #controller: AbortController | null;

  constructor(
    loop: EventLoop,
    promise: PromiseLike<T>,
    controller: AbortController | null,
  ) {
    super({ loop });
    this.#source = promise;
    this.#controller = controller;
    loop["_externals"]++;
    this["_addWaiter"]({ _wakeup: () => loop["_externals"]-- });
    promise.then(
      (value) => {
        if (!this.done()) this.setResult(value);
      },
      (error) => {
        if (this.done()) return; // cancelled: this is how the abort comes out
        if (error instanceof CancelledError) this.cancel(error.message);
        else this.setException(error);
      },
    );
  }

  override cancel(message?: string): boolean {
    if (!super.cancel(message)) return false;
    this.#controller?.abort(new CancelledError(message));
    const source = this.#source as { cancel?: unknown };
    if (typeof source.cancel === "function") source.cancel();
    return true;
  }
}

/** Options for {@linkcode wrapFuture}. */
export interface WrapFutureOptions {
  /**
   * The loop that the future belongs to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/**
 * Makes a cancellable future of a native promise.
 *
 * A native promise cannot be cancelled: cancelling the future leaves the
 * promise to itself and ignores what comes of it. One that has a `cancel()`
 * method, as `runCoroutineThreadsafe()` gives, is cancelled too. Given a function instead, the
 * future also aborts the signal that the function got: pass it to whatever does
 * the work, and cancelling a task that waits for it stops the work itself.
 *
 * @typeParam T The type of the result.
 * @param promise A promise or something like it, or a function of an
 * `AbortSignal` that gives one, called at once. A future is given back as it is.
 * @param options Which loop the future belongs to.
 * @returns The future.
 * @throws {TypeError} If it is none of these.
 *
 * @example A request that ends with the task
 * ```ts
 * import { createTask, run, sleep, wrapFuture } from "@asyncio/asyncio";
 * import { assert } from "@std/assert";
 *
 * const request = (signal: AbortSignal) =>
 *   new Promise<string>((_, reject) =>
 *     signal.addEventListener("abort", () => reject(signal.reason))
 *   );
 *
 * await run(async () => {
 *   let signal: AbortSignal | undefined;
 *   const task = createTask(async () => {
 *     await wrapFuture((s) => request(signal = s));
 *   });
 *   await sleep(0);
 *   task.cancel();
 *   await sleep(0);
 *   assert(signal?.aborted);
 * });
 * ```
 */
export function wrapFuture<T>(
  promise: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  options?: WrapFutureOptions,
): Future<T> {
  if (promise instanceof Future) return promise;
  const loop = options?.loop ?? currentLoop();
  if (typeof promise === "function") {
    const controller = new AbortController();
    const started = promise(controller.signal);
    requirePromise(started);
    return new PromiseFuture(loop, started, controller);
  }
  requirePromise(promise);
  return new PromiseFuture(loop, promise, null);
}

function requirePromise(value: unknown): void {
  if (typeof (value as PromiseLike<unknown> | null)?.then !== "function") {
    throw new TypeError(
      `Cannot wrap what is not a promise: current value is ${valueText(value)}`,
    );
  }
}

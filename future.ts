// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Futures: results that are not available yet.
 *
 * A {@linkcode Future} is the loop's own kind of promise: its state can be
 * inspected, it can be cancelled, and its callbacks run in the order of the
 * loop. {@linkcode wrapFuture} wraps a native promise in one.
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

import { Await } from "./_core/await.ts";
import { awaitSites, noteAwait, noteYield } from "./_core/await_sites.ts";
import { CallbackList } from "./_core/callback_list.ts";
import { ContextCallback } from "./_core/context_callback.ts";
import {
  type CancelRequest,
  deliveredError,
  takeCause,
} from "./_core/cancel_requests.ts";
import { cancellationIn, noteThrownOut } from "./_core/cancellation.ts";
import { follow, type Follower, unfollow } from "./_core/followers.ts";
import {
  type Context,
  CONTEXT_OPTION,
  requireContext,
} from "./_core/contexts.ts";
import { requireCallback } from "./_core/definition.ts";
import type {
  CancelTarget,
  DoneListener,
  EngineCore,
  FutureCore,
  LinePlace,
  LoopCore,
  Retrievable,
} from "./_core/protocols.ts";
import {
  BLOCKING,
  CANCELLED,
  FAILED,
  FINISHED,
  PENDING,
  type State,
  UNRETRIEVED,
} from "./_core/future_state.ts";
import { FutureIterator } from "./_core/future_iterator.ts";
import { loopOption } from "./_core/options.ts";
import { arrive } from "./_core/outside.ts";
import { awaitingScope, currentLoop, isInLoop } from "./_core/running.ts";
import {
  isInstance,
  isNativePromise,
  isPromiseLike,
} from "./_util/awaitables.ts";
import { messageText } from "./_util/checks.ts";
import { OwnOptions, requireOptions } from "./_util/options.ts";
import {
  classText,
  errorRepr,
  functionText,
  printAs,
  recursively,
  shortRepr,
  valueText,
} from "./_util/repr.ts";
import { describeOrigin, noteOrigin } from "./_util/origins.ts";
import { CancelledError, InvalidStateError } from "./errors.ts";
import type { EventLoop } from "./loop.ts";

export type { Context };

/** A function to schedule, or a listener to notify at once. */
type Callback = ((future: never) => void) | DoneListener;

/**
 * A function that is called with the future when it is done.
 *
 * @category Futures
 */
export type DoneCallback<F> = (future: F) => void;

/**
 * Options for {@linkcode Future.addDoneCallback}.
 *
 * @category Futures
 */
export interface DoneCallbackOptions {
  /**
   * The asynchronous context that the callback runs in, as
   * `AsyncLocalStorage.snapshot()` captures it. Without it, the callback runs
   * in the context in which the loop was started.
   *
   * @default {null}
   */
  context?: Context | null;
}

/** The callbacks of pending futures that have a context of their own. */
const contextCallbacks = new WeakMap<object, ContextCallback[]>();

/**
 * Options for {@linkcode Future}.
 *
 * @category Futures
 */
export interface FutureOptions {
  /**
   * The loop that the future belongs to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/**
 * A result that is not available yet.
 *
 * - It ends exactly once: with a result, with an exception, or cancelled.
 * - Callbacks are scheduled with the loop's `callSoon`, in the order in which
 *   they were added. Waiting tasks are woken in the same order.
 * - Inside a task, `await future` and `yield* future` wait for it and are
 *   cancellation points: cancelling the task cancels the future. Outside every
 *   loop, `await future` works too, and cancels nothing.
 * - An exception that is never retrieved is reported once to the loop's
 *   exception handler.
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
 *
 * @category Futures
 */
export class Future<T> implements PromiseLike<T> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Future",
  );

  // `private` fields and methods, not `#private` ones: a stand-in has them too.
  /** @ignore */
  protected readonly _engine: EngineCore;
  private _state: State = PENDING;
  /**
   * The result or the exception. If the future was cancelled, the message; if a
   * task was, the error that its coroutine threw, which is thrown only once.
   */
  private _value: unknown = undefined;
  /** Callbacks and listeners, in order. A single one needs no list. */
  private _callbacks: Callback | CallbackList<Callback> | null = null;
  /**
   * What it was yielded for: a `sleep()`, or the waiter of a lock or a queue that
   * it belongs to. If it failed and the loop already watches the failure, the
   * record of that.
   */
  private _record: LinePlace | Retrievable | null = null;

  /**
   * Creates a pending future. `loop.createFuture()` is the usual way to create
   * one.
   *
   * @param options The loop that it belongs to.
   * @throws {TypeError} If an option is unknown, or `loop` is not a loop.
   */
  constructor(options?: FutureOptions) {
    const given: LoopCore | null | undefined = options?.loop;
    // The library's own options need no check. There are many of them.
    if (options !== undefined && !(options instanceof OwnOptions)) {
      this.$checkOptions(options);
    }
    const loop = given ?? currentLoop();
    this._engine = loop.$engineOf;
    if (loop.getDebug()) noteOrigin(this);
  }

  /**
   * Key of futures: refuses options that the constructor does not take. A task
   * takes more of them.
   *
   * @ignore
   */
  $checkOptions(options: FutureOptions): void {
    loopOption("Future()", options);
  }

  /** @ignore */
  get $engineOf(): EngineCore {
    return this._engine;
  }

  /** Returns the loop that the future belongs to. */
  getLoop(): EventLoop {
    return this._engine.loop as EventLoop;
  }

  /** Whether the future has a result or an exception, or was cancelled. */
  done(): boolean {
    return this._state >= FINISHED;
  }

  /** Whether the future was cancelled. */
  cancelled(): boolean {
    return this._state === CANCELLED;
  }

  /**
   * Returns the result.
   *
   * @throws The exception that was set, as the same object.
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
      case FINISHED:
        return this._value as T;
      case UNRETRIEVED:
      case FAILED:
        this.$markRetrieved();
        throw this._value;
      case CANCELLED:
        throw this._cancellationToThrow();
      default:
        throw new InvalidStateError("Result is not ready.");
    }
  }

  /**
   * Returns the exception that was set, or `null` if there is a result.
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
      case FINISHED:
        return null;
      case UNRETRIEVED:
      case FAILED:
        this.$markRetrieved();
        return this._value;
      case CANCELLED:
        throw this._cancellationToThrow();
      default:
        throw new InvalidStateError("Exception is not set.");
    }
  }

  /**
   * Marks the future as done and sets its result.
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
    this._end(FINISHED, result);
  }

  /**
   * Marks the future as done and sets its exception.
   *
   * @param exception What asking for the result throws. An error class is
   * instantiated.
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
    this.$fail(isErrorClass(exception) ? new exception() : exception);
  }

  /**
   * Cancels the future: its waiters get a {@linkcode CancelledError}.
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
    if (this._state >= FINISHED) {
      this.$markRetrieved();
      return false;
    }
    this._end(CANCELLED, messageText(message));
    return true;
  }

  /**
   * Adds a callback, which is scheduled with the loop's `callSoon` when the
   * future is done, or at once if it already is.
   *
   * @param callback Called with the future. An error that it throws goes to the
   * loop's exception handler.
   * @param options The asynchronous context that it runs in.
   * @throws {TypeError} If `callback` is not a function.
   * @throws {TypeError} If the context is not a function.
   * @throws {TypeError} If there is no such option.
   * @throws {TypeError} If `callback` is an `async`, generator or coroutine
   * function: nothing would await its coroutine.
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
  addDoneCallback(
    callback: DoneCallback<this>,
    options?: DoneCallbackOptions,
  ): void {
    if (typeof callback !== "function") {
      throw new TypeError(
        `Cannot add a done callback that is not a function: current value is ${
          valueText(callback)
        }`,
      );
    }
    requireCallback("addDoneCallback()", callback);
    if (options !== undefined) {
      requireOptions("addDoneCallback()", options, CONTEXT_OPTION);
      requireContext("addDoneCallback()", options.context);
      if (options.context) {
        this._addContextCallback(callback, options.context);
        return;
      }
    }
    if (this._state >= FINISHED) this.getLoop().callSoon(callback, this);
    else this.$addListener(callback);
  }

  /** Adds a callback with a context of its own. */
  private _addContextCallback(
    callback: DoneCallback<this>,
    context: Context,
  ): void {
    const listener = new ContextCallback(callback, context);
    if (this._state >= FINISHED) {
      listener.$wakeup(this);
      return;
    }
    this.$addListener(listener);
    const others = contextCallbacks.get(this);
    if (others === undefined) contextCallbacks.set(this, [listener]);
    else others.push(listener);
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
    let count = this.$removeListener(callback);
    for (const listener of contextCallbacks.get(this) ?? []) {
      if (listener.callback !== callback) continue;
      count += this.$removeListener(listener);
    }
    return count;
  }

  /**
   * Waits for the future. `await` calls this, with two handlers.
   *
   * With one handler, the caller only observes the future: the handler runs as
   * a reaction of a native promise, and cancelling the task does not cancel the
   * future. With two, it is a wait of the task: they run in a step of the loop,
   * without the asynchronous context of the caller. Code that needs that uses
   * `await`, or `then` with one handler.
   *
   * @typeParam R1 The type of what `onfulfilled` returns.
   * @typeParam R2 The type of what `onrejected` returns.
   * @param onfulfilled Called with the result.
   * @param onrejected Called with the exception.
   * @returns The outcome of the handlers.
   */
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): PromiseLike<R1 | R2> {
    if (typeof onfulfilled !== "function" || typeof onrejected !== "function") {
      return this._lookOn().then(onfulfilled, onrejected);
    }
    const wait = new Await<R1 | R2>(awaitingScope(), onfulfilled, onrejected);
    if (awaitSites.active) noteAwait(wait, this.then);
    wait.waitFor(this);
    return wait;
  }

  /**
   * Handles the exception of the future. The caller only observes the future:
   * cancelling its task does not cancel it.
   *
   * @typeParam R The type of what `onrejected` returns.
   * @param onrejected Called with the exception, cancellations included.
   * @returns A promise of the result, or of what the handler returns.
   *
   * @example Usage
   * ```ts
   * import { createTask, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const task = createTask(async (): Promise<string> => {
   *     throw new Error("no luck");
   *   });
   *   assertEquals(await task.catch(() => "fallback"), "fallback");
   * });
   * ```
   */
  catch<R = never>(
    onrejected?: ((reason: unknown) => R | PromiseLike<R>) | null,
  ): Promise<T | R> {
    return this._lookOn().catch(onrejected);
  }

  /**
   * Calls a function when the future is done. The caller only observes the
   * future: cancelling its task does not cancel it.
   *
   * @param onfinally Called without arguments, whatever the outcome is.
   * @returns A promise of the result.
   *
   * @example Usage
   * ```ts
   * import { createTask, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const log: string[] = [];
   * await run(async () => {
   *   await createTask(sleep(0.01)).finally(() => log.push("done"));
   * });
   * assertEquals(log, ["done"]);
   * ```
   */
  finally(onfinally?: (() => void) | null): Promise<T> {
    return this._lookOn().finally(onfinally);
  }

  /** Returns a native promise of the outcome. It is not a wait of any task. */
  private _lookOn(): Promise<T> {
    return new Promise<T>((resolve, reject) =>
      new Await(null, resolve, reject).waitFor(this)
    );
  }

  /** Waits for the future. `yield*` calls this. */
  [Symbol.iterator](): Iterator<unknown, T, unknown> {
    if (awaitSites.active) noteYield(this[Symbol.iterator]);
    return new FutureIterator<Future<T>, T>(this);
  }

  /** @ignore */
  $hasOutcome(): boolean {
    return this._state >= FINISHED && this._state !== CANCELLED;
  }

  /** @ignore */
  get $wrappedIn(): number | null {
    return null;
  }

  /** @ignore */
  $hasFailed(): boolean {
    return this._state === UNRETRIEVED || this._state === FAILED;
  }

  /** @ignore */
  $cancellation(request: CancelRequest | null = null): CancelledError | null {
    if (this._state === CANCELLED) return this.$takeCancelledError(request);
    if (!this.$hasFailed()) return null;
    this.$markRetrieved();
    return cancellationIn(this._value); // as in a cancelled gathering
  }

  /** @ignore */
  $block(by: true | LinePlace): void {
    if (by === true) this._state = BLOCKING;
    else this._record = by;
  }

  /** @ignore */
  $unblock(): boolean {
    if (this._state === BLOCKING) {
      this._state = PENDING;
      return true;
    }
    return this._placeOrName() !== null;
  }

  /** @ignore */
  $placeInLine(): LinePlace | null {
    const record = this._placeOrName();
    return record === null || record.$isTimer ? null : record;
  }

  /** @ignore */
  $waitName(): string | null {
    const record = this._placeOrName();
    return record === null ? null : String(record);
  }

  /** What it was yielded for, if that was said. */
  private _placeOrName(): LinePlace | null {
    return this.$hasFailed() ? null : this._record as LinePlace | null;
  }

  /** @ignore */
  $cancelTargets(): CancelTarget[] | null {
    return null;
  }

  /** @ignore */
  $beginCancel(_message: string | undefined): CancelRequest | null {
    return null;
  }

  /** @ignore */
  $endCancel(_request: CancelRequest | null, reached: boolean): boolean {
    return reached;
  }

  /** Throws if the future is done. */
  private _requirePending(): void {
    if (this._state >= FINISHED) {
      throw new InvalidStateError(
        `${this._state === CANCELLED ? "CANCELLED" : "FINISHED"}: ${this}`,
      );
    }
  }

  /** @ignore */
  $markRetrieved(): void {
    if (this._state !== UNRETRIEVED) return;
    this._state = FAILED;
    const record = this._record as Retrievable | null;
    if (record === null) return;
    record.settled = true;
    this._record = null;
  }

  /** @ignore */
  get $unretrieved(): boolean | Retrievable {
    if (this._state !== UNRETRIEVED) return false;
    return this._record as Retrievable | null ?? true;
  }

  /** @ignore */
  $watchFailure(record: Retrievable): void {
    this._record = record;
  }

  /** @ignore */
  $standIn(): FutureCore {
    const twin = Object.create(Object.getPrototypeOf(this));
    return Object.assign(twin, this);
  }

  /**
   * Sets the result unless it is done; returns whether. Called by what ends it.
   *
   * @ignore
   */
  $setUnlessDone(result: T): boolean {
    if (this._state >= FINISHED) return false;
    this._end(FINISHED, result);
    return true;
  }

  /**
   * Ends it with an exception to be retrieved. Called by the subclasses.
   *
   * @ignore
   */
  $fail(error: unknown): void {
    const isAwaited = this._callbacks !== null;
    const state = cancellationIn(error) === null ? UNRETRIEVED : FAILED;
    this._record = null; // a waiter's future never fails
    this._end(state, error);
    this._engine.loop.$noteFailure(this, isAwaited);
  }

  /**
   * Ends the future, schedules its callbacks and notifies its listeners.
   *
   * @ignore
   */
  protected _end(state: State, value: unknown): void {
    this._state = state;
    this._value = value;
    const callbacks = this._callbacks;
    if (callbacks === null) return;
    this._callbacks = null;
    if (callbacks instanceof CallbackList) {
      for (const callback of callbacks.toArray()) this._notify(callback);
    } else this._notify(callbacks);
  }

  /** Schedules a callback, or notifies a listener at once. */
  private _notify(callback: Callback): void {
    if (typeof callback !== "function") callback.$wakeup(this);
    else if (!this._engine.loop.isClosed()) {
      this.getLoop().callSoon(callback as DoneCallback<this>, this);
    }
  }

  /**
   * Adds a callback or a listener at the end. If the future has ended, it is
   * scheduled or notified at once: a waiter may be woken while it joins a queue,
   * before its task waits for it.
   *
   * @ignore
   */
  $addListener(callback: Callback): void {
    const callbacks = this._callbacks;
    if (this._state >= FINISHED) this._notify(callback);
    else if (callbacks === null) this._callbacks = callback;
    else if (callbacks instanceof CallbackList) callbacks.push(callback);
    else this._callbacks = new CallbackList(callbacks, callback);
  }

  /**
   * Removes every occurrence, and returns how many there were.
   *
   * @ignore
   */
  $removeListener(callback: Callback): number {
    const callbacks = this._callbacks;
    if (callbacks === null) return 0;
    if (callbacks === callback) {
      this._callbacks = null;
      return 1;
    }
    if (!(callbacks instanceof CallbackList)) return 0;
    const count = callbacks.delete(callback);
    if (callbacks.size === 0) this._callbacks = null;
    return count;
  }

  /** @ignore */
  $listenersOf(): readonly Callback[] {
    const callbacks = this._callbacks;
    if (callbacks instanceof CallbackList) return callbacks.toArray();
    return callbacks === null ? [] : [callbacks];
  }

  /**
   * The callback or listener added last. Read by gatherings.
   *
   * @ignore
   */
  get $lastListener(): unknown {
    const callbacks = this._callbacks;
    return callbacks instanceof CallbackList ? callbacks.last : callbacks;
  }

  /**
   * Returns the error that asking for the result of a cancelled future throws.
   *
   * @ignore
   */
  $takeCancelledError(request: CancelRequest | null = null): CancelledError {
    const value = this._value;
    if (!(value instanceof CancelledError)) {
      return deliveredError(value as string | undefined, takeCause(request));
    }
    this._value = undefined;
    return value;
  }

  /** The same, for the code that asks. */
  private _cancellationToThrow(): CancelledError {
    const error = this.$takeCancelledError();
    if (!isInLoop()) noteThrownOut(error);
    return error;
  }

  /**
   * The result, the exception, or the message or error of the cancellation.
   *
   * @ignore
   */
  get $rawValue(): unknown {
    return this._value;
  }

  /**
   * The parts of the printed text that come before the result and the
   * callbacks.
   *
   * @ignore
   */
  $stateText(): string[] {
    return [
      this._state < FINISHED
        ? "pending"
        : this._state === CANCELLED
        ? "cancelled"
        : "finished",
    ];
  }

  /** The printed text. */
  private _describe(): string {
    const parts = this.$stateText();
    if (this._state === FINISHED) {
      parts.push(`result=${shortRepr(this._value)}`);
    } else if (this.$hasFailed()) {
      parts.push(`exception=${errorRepr(this._value)}`);
    }
    const callbacks = this.$listenersOf().map(describeCallback)
      .filter((text) => text !== "");
    if (callbacks.length > 2) {
      callbacks.splice(
        1,
        callbacks.length - 2,
        `<${callbacks.length - 2} more>`,
      );
    }
    if (callbacks.length > 0) parts.push(`cb=[${callbacks.join(", ")}]`);
    parts.push(...describeOrigin(this));
    return `<${classText(this)} ${parts.join(" ")}>`;
  }

  /** @ignore */
  toString(): string {
    return recursively(this, (future) => future._describe());
  }
}

function describeCallback(callback: Callback): string {
  return typeof callback === "function"
    ? functionText(callback)
    : callback.$callbackText?.() ?? "";
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
 *
 * @category Futures
 */
export function isFuture(value: unknown): value is Future<unknown> {
  return isInstance(value, Future);
}

/**
 * The future of a promise. Cancelling it also aborts the work behind the
 * promise where that is possible.
 */
class PromiseFuture<T> extends Future<T> implements Follower<T> {
  static override readonly $printedClass: string = "Future";

  #source: PromiseLike<T>;
  #controller: AbortController | null;
  #step: number;

  constructor(
    loop: EventLoop,
    promise: PromiseLike<T>,
    controller: AbortController | null,
  ) {
    super(new OwnOptions(loop));
    this.#source = promise;
    this.#controller = controller;
    const { steps } = this._engine;
    this.#step = steps.touched ? steps.epoch : 0;
    loop.$holdingsOf.beginExternal(this);
    // The `then` of a foreign thenable may throw, or call back twice.
    const settled = isNativePromise(promise)
      ? promise
      : new Promise<T>((resolve) => resolve(promise));
    follow(settled, this, loop);
  }

  $fulfil(value: T): void {
    arrive(this.getLoop(), () => this.$setUnlessDone(value));
  }

  $reject(error: unknown): void {
    arrive(this.getLoop(), () => this.#fail(error));
  }

  /** @ignore */
  override get $wrappedIn(): number {
    return this.#step;
  }

  #fail(error: unknown): void {
    if (this.done()) return; // cancelled: the abort causes this rejection
    const cancellation = cancellationIn(error);
    if (cancellation !== null) this.cancel(cancellation.message);
    else this.$fail(error);
  }

  /** @ignore */
  override $waitName(): string {
    const [place = ""] = describeOrigin(this);
    return `native promise${place.replace("created", "")}`;
  }

  override cancel(message?: string): boolean {
    if (!super.cancel(message)) return false;
    unfollow(this.#source, this);
    this.#controller?.abort(new CancelledError(messageText(message)));
    try {
      const source = this.#source as { cancel?: unknown };
      if (typeof source.cancel === "function") source.cancel();
    } catch (exception) {
      this.getLoop().callExceptionHandler({
        message: "Exception in cancel() of what was wrapped with wrapFuture()",
        exception,
        future: this,
      });
    }
    return true;
  }
}

/**
 * Options for {@linkcode wrapFuture}.
 *
 * @category Futures
 */
export interface WrapFutureOptions {
  /**
   * The loop that the future belongs to.
   *
   * @default {getEventLoop()}
   */
  loop?: EventLoop;
}

/**
 * Wraps a native promise in a cancellable future.
 *
 * A native promise cannot be cancelled: if the future is cancelled, the work
 * behind the promise continues and its outcome is ignored. A promise that has a
 * `cancel()` method, as `runCoroutineThreadsafe()` returns, is cancelled too.
 * If a function is given instead, cancelling the future also aborts the signal
 * that was passed to the function. Pass the signal on to the operation, so that
 * cancelling a task that waits for it stops the operation itself.
 *
 * To await one that was just made takes a turn of the loop, even if the promise has
 * settled: other tasks and timers have theirs, whatever a task awaits.
 *
 * @typeParam T The type of the result.
 * @param promise A promise or another thenable, or a function that takes an
 * `AbortSignal` and returns one, which is called at once. A future is returned
 * as it is.
 * @param options The loop that the future belongs to.
 * @returns The future.
 * @throws {TypeError} If it is none of these.
 * @throws {TypeError} If there is no such option, or `loop` is not a loop.
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
 *
 * @category Futures
 */
export function wrapFuture<T>(
  promise: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  options?: WrapFutureOptions,
): Future<T> {
  const given = loopOption("wrapFuture()", options);
  if (isInstance(promise, Future)) return promise;
  const loop = given ?? currentLoop() as EventLoop;
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
  if (!isPromiseLike(value)) {
    throw new TypeError(
      `Cannot wrap what is not a promise: current value is ${valueText(value)}`,
    );
  }
}

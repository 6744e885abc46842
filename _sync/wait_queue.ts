// Copyright 2026 the asyncio authors. MIT license.

import { holdersOf } from "../_core/holders.ts";
import type { TaskCore } from "../_core/protocols.ts";
import { keepSpecimens } from "../_util/specimens.ts";
import type { Future } from "../future.ts";
import { type EventLoop, getRunningLoop } from "../loop.ts";

/** The loop that an object is bound to: the first in which a task waited. */
export class LoopBinding {
  /** The object that the error names. */
  owner: object;
  #loop: EventLoop | null = null;

  constructor(owner: object) {
    this.owner = owner;
  }

  /** Returns the running loop, and binds the object to it if it is unbound. */
  requireLoop(): EventLoop {
    const loop = getRunningLoop();
    if (this.#loop !== loop) {
      if (this.#loop !== null) {
        throw new Error(`${this.owner} is bound to a different event loop`);
      }
      this.#loop = loop;
    }
    return loop;
  }
}

/**
 * The waiters for one thing, first come, first served.
 *
 * Every lock and queue waits this way. The links of the list are in the waiters
 * themselves, so a wait allocates one future and no entry, and a cancelled
 * waiter leaves from the middle in constant time.
 *
 * As in CPython, a waiter that was woken or cancelled stays in the list until
 * its task takes its next step, and is counted until then. If the task is
 * cancelled after its waiter was woken but before that step, the waiter passes
 * the wake-up on, see {@linkcode Waiter._abandoned}.
 */
export class WaitQueue {
  readonly binding: LoopBinding;
  size = 0;
  #first: Waiter<unknown> | null = null;
  #last: Waiter<unknown> | null = null;
  /**
   * The futures of all waiters before this one are done. It moves only towards
   * the end, so that waking many waiters in one turn takes linear time.
   */
  #cursor: Waiter<unknown> | null = null;

  /** @param makeSpecimens Makes what waits in it, see `_util/specimens.ts`. */
  constructor(binding: LoopBinding, makeSpecimens?: () => unknown) {
    this.binding = binding;
    if (makeSpecimens !== undefined) keepSpecimens(makeSpecimens);
  }

  /** Appends a waiter and returns the future through which it is woken. */
  add(waiter: Waiter<unknown>): Future<void> {
    const future = this.binding.requireLoop().createFuture<void>();
    const last = this.#last;
    waiter._previous = last;
    waiter._isQueued = true;
    if (last === null) this.#first = waiter;
    else last._next = waiter;
    this.#last = waiter;
    this.#cursor ??= waiter;
    this.size++;
    return future;
  }

  delete(waiter: Waiter<unknown>): void {
    const { _previous: previous, _next: next } = waiter;
    if (previous === null) this.#first = next;
    else previous._next = next;
    if (next === null) this.#last = previous;
    else next._previous = previous;
    if (this.#cursor === waiter) this.#cursor = next;
    waiter._previous = waiter._next = null;
    waiter._isQueued = false;
    this.size--;
  }

  /** Whether any of the waiters has not been cancelled. */
  hasUncancelled(): boolean {
    let waiter = this.#first;
    while (waiter !== null && waiter._future!.cancelled()) {
      waiter = waiter._next;
    }
    return waiter !== null;
  }

  /**
   * Wakes the first waiter. If that one was already woken or cancelled, no
   * other is woken: its own next step takes care of them.
   */
  wakeFirst(): void {
    if (this.#first !== null) wake(this.#first);
  }

  /** The waiter that is woken next: neither woken nor cancelled. */
  get next(): Waiter<unknown> | null {
    let waiter = this.#cursor;
    while (waiter !== null && waiter._future!.done()) waiter = waiter._next;
    return this.#cursor = waiter;
  }

  /** The text of what the waiters wait for. */
  toString(): string {
    return String(this.binding.owner);
  }

  /** Wakes the next waiter; returns whether there was one to wake. */
  wakeNext(): boolean {
    const waiter = this.next;
    if (waiter === null) return false;
    wake(waiter);
    this.#cursor = waiter._next;
    return true;
  }

  wakeAll(): void {
    while (this.wakeNext());
  }

  /** Like {@linkcode WaitQueue.wakeNext}, but removes the waiter at once. */
  popNext(): boolean {
    for (;;) {
      const first = this.#first;
      if (first === null) return false;
      this.delete(first);
      if (wake(first)) return true;
    }
  }

  popAll(): void {
    while (this.popNext());
  }
}

/** Wakes a waiter unless it was already woken or cancelled; returns whether. */
function wake(waiter: Waiter<unknown>): boolean {
  const future = waiter._future!;
  if (future.done()) return false;
  future.setResult();
  return true;
}

/** The outcome of one step: a future to wait for, or the result. */
export type StepResult<T> = IteratorResult<Future<void>, T>;

/**
 * The steps of a coroutine that waits in a {@linkcode WaitQueue} if it has to.
 * They take the place of a generator and of the iterator of a future, which
 * would be two more objects per wait.
 *
 * States, and what they look like:
 *
 * | state     | `_future` | `_isQueued`                             |
 * | --------- | --------- | --------------------------------------- |
 * | idle      | `null`    | `false`                                 |
 * | waiting   | pending   | `true`                                  |
 * | woken     | finished  | `true`; `false` if `popNext` woke it    |
 * | cancelled | cancelled | `true`; `false` if `popNext` skipped it |
 *
 * A waiter is idle before its first step and after its last one. Transitions,
 * and what makes them:
 *
 * - idle to waiting: the waiter, when a subclass returns `_wait()`.
 * - waiting to woken: the wait queue, which sets the result of the future.
 * - waiting to cancelled: the task, which cancels the future it waits for.
 * - woken to idle: the waiter, by `next()`, which calls `_woken()`; or by
 *   `throw()` if the task was cancelled in between, which calls
 *   `_abandoned(true)`.
 * - cancelled to idle, or waiting to idle when an error is thrown in or the
 *   coroutine is closed: the waiter, which calls `_abandoned(false)`.
 *
 * Fields, and what may change them:
 *
 * - `_future`: the waiter only. The wait queue reads it.
 * - `_isQueued`, `_previous`, `_next`: the wait queue only. The waiter reads
 *   `_isQueued`.
 * - `#queue`: fixed.
 */
export abstract class Waiter<T> {
  _future: Future<void> | null = null;
  _isQueued = false;
  _previous: Waiter<unknown> | null = null;
  _next: Waiter<unknown> | null = null;
  #queue: WaitQueue;

  constructor(queue: WaitQueue) {
    this.#queue = queue;
  }

  /** The first step: takes what is there, or returns `_wait()`. */
  protected abstract _begin(): StepResult<T>;

  /** The step after a wake-up: takes what is there, or returns `_wait()`. */
  protected abstract _woken(): StepResult<T>;

  /**
   * Called when the wait ends without a result: the task was cancelled, the
   * coroutine was closed, or `_woken()` threw. The waiter has left the queue.
   *
   * @param wasWoken Whether it had been woken: another waiter must then be
   * woken in its place.
   */
  protected abstract _abandoned(wasWoken: boolean): void;

  /** Joins the queue. */
  protected _wait(): StepResult<never> {
    const future = this._future = this.#queue.add(this);
    future.$block(this);
    return { done: false, value: future };
  }

  next(): StepResult<T> {
    const future = this._future;
    if (future === null) return this._begin();
    if (!future.$hasOutcome()) {
      this._abandon();
      return { done: true, value: future.result() as never }; // throws
    }
    if (this._isQueued) this.#queue.delete(this);
    this._future = null;
    try {
      return this._woken();
    } catch (error) {
      this._abandoned(true);
      throw error;
    }
  }

  throw(error: unknown): never {
    this._abandon();
    throw error;
  }

  return(value: T): StepResult<T> {
    this._abandon();
    return { done: true, value };
  }

  [Symbol.iterator](): Iterator<Future<void>, T, unknown> {
    return this;
  }

  /** Those who hold what it waits for, as far as that is known. */
  holders(): Iterable<TaskCore> {
    return holdersOf(this.#queue);
  }

  /** The text of what it waits for. */
  toString(): string {
    return String(this.#queue.binding.owner);
  }

  private _abandon(): void {
    const future = this._future;
    if (future === null) return;
    this._future = null;
    if (this._isQueued) this.#queue.delete(this);
    future.cancel(); // it may still be pending
    this._abandoned(!future.cancelled());
  }
}

/** Waits for a signal: nothing is taken, so nothing can be lost. */
export class SignalWaiter extends Waiter<true> {
  protected override _begin(): StepResult<true> {
    return this._wait();
  }

  protected override _woken(): StepResult<true> {
    return { done: true, value: true };
  }

  protected override _abandoned(): void {}
}

/** The part of a printed text that counts the waiters: `, waiters:2`. */
export function waitersText(queue: WaitQueue): string {
  return queue.size === 0 ? "" : `, waiters:${queue.size}`;
}

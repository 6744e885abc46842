import { requireRunningLoop } from "../_core/running.ts";
import type { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";

/** The loop an object belongs to: that in which somebody first waited for it. */
export class Binding {
  /** Whom the error names. */
  owner: object;
  #loop: EventLoop | null = null;

  constructor(owner: object) {
    this.owner = owner;
  }

  /** The running loop, which must be the one. */
  requireLoop(): EventLoop {
    const loop = requireRunningLoop();
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
 * The line of those who wait for the same thing, first come first.
 *
 * All locks and queues wait this way. A {@linkcode Waiter} is its own link in
 * the line, so that waiting allocates one future and no entry, and one who is
 * cancelled leaves from the middle in constant time.
 *
 * As in CPython, who has been woken or cancelled stays in line until its task
 * takes its next step. Till then it counts, and it may be that it was woken and
 * is cancelled as well: then it hands the wake-up on, see `_gaveUp`.
 */
export class Line {
  readonly binding: Binding;
  size = 0;
  #first: Waiter<unknown> | null = null;
  #last: Waiter<unknown> | null = null;
  /**
   * All before it are done. It only ever moves back in line, so that waking
   * many in one turn does not pass the same ones again and again.
   */
  #cursor: Waiter<unknown> | null = null;

  constructor(binding: Binding) {
    this.binding = binding;
  }

  /** Somebody joins the line, and will be woken through the future. */
  add(waiter: Waiter<unknown>): Future<void> {
    const future = this.binding.requireLoop().createFuture<void>();
    const last = this.#last;
    waiter._before = last;
    waiter._inLine = true;
    if (last === null) this.#first = waiter;
    else last._behind = waiter;
    this.#last = waiter;
    this.#cursor ??= waiter;
    this.size++;
    return future;
  }

  delete(waiter: Waiter<unknown>): void {
    const { _before: before, _behind: behind } = waiter;
    if (before === null) this.#first = behind;
    else before._behind = behind;
    if (behind === null) this.#last = before;
    else behind._before = before;
    if (this.#cursor === waiter) this.#cursor = behind;
    waiter._before = waiter._behind = null;
    waiter._inLine = false;
    this.size--;
  }

  /** Whether anybody is in line who has not been cancelled. */
  hasClaims(): boolean {
    let waiter = this.#first;
    while (waiter !== null && waiter._future!.cancelled()) {
      waiter = waiter._behind;
    }
    return waiter !== null;
  }

  /** Wakes who stands first, unless that is done: it deals with the rest. */
  wakeFirst(): void {
    const first = this.#first;
    if (first !== null) wake(first);
  }

  /** Wakes the first one who is not done yet; tells whether there was one. */
  wakeNext(): boolean {
    let waiter = this.#cursor;
    while (waiter !== null && !wake(waiter)) waiter = waiter._behind;
    this.#cursor = waiter === null ? null : waiter._behind;
    return waiter !== null;
  }

  wakeAll(): void {
    while (this.wakeNext());
  }

  /** {@linkcode Line.wakeNext}, and who is woken leaves the line at once. */
  dismissNext(): boolean {
    for (;;) {
      const first = this.#first;
      if (first === null) return false;
      this.delete(first);
      if (wake(first)) return true;
    }
  }

  dismissAll(): void {
    while (this.dismissNext());
  }
}

/** Wakes one who waits; tells whether it still did. */
function wake(waiter: Waiter<unknown>): boolean {
  const future = waiter._future!;
  if (future.done()) return false;
  future.setResult();
  return true;
}

/** What a step gives: something to wait for, or the end. */
export type Step<T> = IteratorResult<Future<void>, T>;

/**
 * The steps of a coroutine that waits in a line, if it has to: on hot paths they
 * take the place of a generator and of the iterator of a future.
 */
export abstract class Waiter<T> {
  /** What it waits for; `null` while it does not. */
  _future: Future<void> | null = null;
  _inLine = false;
  _before: Waiter<unknown> | null = null;
  _behind: Waiter<unknown> | null = null;
  #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  /** The first step: takes what there is, or gives `_wait()`. */
  protected abstract _begin(): Step<T>;

  /** It was woken: takes what it was woken for, or gives `_wait()` again. */
  protected abstract _woken(): Step<T>;

  /**
   * It was cancelled, or has failed, and has left the line.
   *
   * @param woken Whether it had been woken: somebody else must be in its place.
   */
  protected abstract _gaveUp(woken: boolean): void;

  /** Joins the line. */
  protected _wait(): Step<never> {
    const future = this._future = this.#line.add(this);
    future["_blocking"] = true;
    return { done: false, value: future };
  }

  next(): Step<T> {
    const future = this._future;
    if (future === null) return this._begin();
    if (future["_state"] !== "finished") {
      this.#giveUp();
      return { done: true, value: future.result() as never }; // throws
    }
    if (this._inLine) this.#line.delete(this);
    this._future = null;
    try {
      return this._woken();
    } catch (error) {
      this._gaveUp(true);
      throw error;
    }
  }

  throw(error: unknown): never {
    this.#giveUp();
    throw error;
  }

  return(value: T): Step<T> {
    this.#giveUp();
    return { done: true, value };
  }

  [Symbol.iterator](): Iterator<Future<void>, T, unknown> {
    return this;
  }

  #giveUp(): void {
    const future = this._future;
    if (future === null) return;
    this._future = null;
    if (this._inLine) this.#line.delete(this);
    future.cancel(); // in case it is pending still
    this._gaveUp(!future.cancelled());
  }
}

/** Waits to be woken, for nothing that could be lost. */
export class SignalWaiter extends Waiter<true> {
  protected override _begin(): Step<true> {
    return this._wait();
  }

  protected override _woken(): Step<true> {
    return { done: true, value: true };
  }

  protected override _gaveUp(): void {}
}

/** `, waiters:2`, where there are any. */
export function waitersText(line: Line): string {
  return line.size === 0 ? "" : `, waiters:${line.size}`;
}

// Copyright 2026 the asyncio authors. MIT license.

import { awaitsFor } from "../_core/awaited_by.ts";
import { Deque } from "../_util/deque.ts";
import { Coroutine } from "../coroutine.ts";
import { TimeoutError } from "../errors.ts";
import type { Future } from "../future.ts";
import type { EventLoop, TimerHandle } from "../loop.ts";
import { type AnyIterable, Intake } from "./intake.ts";
import type { Outcome, Source } from "./iterable_sources.ts";
import { WrappedSource } from "./wrapped_source.ts";

/** What `asCompleted()` returns, of unknown futures. */
type Completions =
  & IterableIterator<Coroutine<unknown>>
  & AsyncIterable<Future<unknown>>;

/** Gives the outcome of a read of a {@linkcode Source}. */
type Reader = (outcome: Outcome<Future<unknown>> | null) => void;

/**
 * The futures of an iterable in the order in which they are done, of which a
 * limited number is under way at once.
 *
 * - It is the source of a wrapped iterable, which hands out what it gives: to
 *   those who wait, first come, first served, and closes it when a `for await` is
 *   left.
 * - A slot is taken until the future has been handed out. So a slow consumer is
 *   waited for, and no more than `limit` results are kept.
 */
export class LimitedCompletions
  implements Completions, Source<Future<unknown>> {
  #loop: EventLoop;
  #intake: Intake;
  #wrapped: WrappedSource<Future<unknown>> = new WrappedSource(this);
  #running = new Set<Future<unknown>>();
  /** Done and not handed out yet. */
  #done = new Deque<Future<unknown>>();
  /** Makes the error that ends it early, after those that are done. */
  #failure: (() => unknown) | null = null;
  /** Whether anybody has got that error. */
  #isFailureTold = false;
  #reader: Reader | null = null;
  #timer: TimerHandle | null = null;
  /** How many have been started. */
  #count = 0;
  /** How many claims, coroutines of results, `next()` has handed out. */
  #claimed = 0;
  /** How many of the claims are over. */
  #served = 0;
  #isReturned = false;

  constructor(
    loop: EventLoop,
    iterable: AnyIterable<unknown>,
    limit: number,
    timeout: number | null,
  ) {
    this.#loop = loop;
    awaitsFor(this.#completed, () => this.#wrapped.awaiters());
    this.#intake = new Intake(loop, iterable, limit, {
      started: (future) => this.#started(future),
      ended: () => this.#advance(),
      failed: (error) => this.#fail(() => error),
    });
    if (timeout !== null && timeout < Infinity) {
      const expire = () => {
        if (!this.#isOver) this.#fail(() => new TimeoutError());
      };
      this.#timer = loop.callLater(timeout, expire);
    }
    this.#intake.fill();
  }

  // What the intake tells, and the futures

  #started(future: Future<unknown>): boolean {
    if (this.#running.has(future)) return false; // it comes once
    this.#count++;
    this.#running.add(future);
    future.addDoneCallback(this.#completed);
    return true;
  }

  #completed = (future: Future<unknown>): void => {
    if (!this.#running.delete(future)) return; // too late, but scheduled already
    this.#done.push(future);
    this.#advance();
  };

  #fail(makeError: () => unknown): void {
    if (this.#failure !== null) return;
    this.#failure = makeError;
    this.#stop();
    this.#serve();
  }

  #advance(): void {
    if (!this.#intake.hasMore && this.#running.size === 0) {
      this.#timer?.cancel();
    }
    this.#stopIfServed();
    this.#serve();
  }

  /** After `return()`: whether there is one for each claim that is left. */
  #stopIfServed(): void {
    const left = this.#claimed - this.#served;
    if (this.#isReturned && left <= this.#done.length) this.#stop();
  }

  /** Nothing more is started, and what is under way is left to itself. */
  #stop(): { isReady: boolean; closed: Promise<void> } {
    this.#timer?.cancel();
    for (const future of this.#running) {
      future.removeDoneCallback(this.#completed);
    }
    this.#running.clear();
    return this.#stopPulling();
  }

  #stopPulling(): { isReady: boolean; closed: Promise<void> } {
    const closing = this.#intake.close();
    if (closing === null) return { isReady: true, closed: Promise.resolve() };
    closing.closed.catch((error) => this.#intake.reportClosing(error));
    return closing;
  }

  // Handing out

  get #isOver(): boolean {
    return !this.#intake.hasMore && this.#running.size === 0 &&
      this.#done.length === 0;
  }

  /** @ignore */
  read(_loop: EventLoop, done: Reader): void {
    this.#reader = done;
    // In a turn of its own: freeing the slot runs the code of the iterable.
    if (this.#canServe) this.#loop.callSoon(() => this.#serve());
  }

  get #canServe(): boolean {
    return this.#done.length > 0 || this.#failure !== null || this.#isOver;
  }

  #serve(): void {
    const reader = this.#reader;
    if (reader === null || !this.#canServe) return;
    this.#reader = null;
    if (this.#done.length > 0) {
      const value = this.#done.shift();
      this.#intake.release();
      reader({ ok: true, value });
    } else if (this.#failure !== null) {
      this.#isFailureTold = true;
      reader({ ok: false, error: this.#failure(), isLast: true });
    } else reader(null);
  }

  /** @ignore */
  close(): { isReady: boolean; closed: Promise<void> } {
    this.#reader = null;
    return this.#stop();
  }

  // As an iterator of coroutines

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Coroutine<unknown>, undefined> {
    if (this.#intake.isAsync) {
      throw new TypeError(
        "asCompleted() of an asynchronous iterable needs a for await: how many results there are is not known in advance",
      );
    }
    const isDue = this.#failure !== null && !this.#isFailureTold;
    const ahead = this.#claimed + 1 - this.#count;
    if (this.#isReturned || !isDue && !this.#intake.peek(ahead)) {
      return { done: true, value: undefined };
    }
    this.#claimed++;
    return { done: false, value: nextResult(this) };
  }

  return(): IteratorReturnResult<undefined> {
    this.#isReturned = true;
    this.#stopPulling();
    this.#stopIfServed();
    return { done: true, value: undefined };
  }

  /** Waits for the next future and takes it, to satisfy a claim. */
  *take(): Generator<unknown, Future<unknown>, unknown> {
    try {
      const result = yield* this.#wrapped.take();
      if (!result.done) return result.value;
    } finally {
      this.#served++;
      this.#stopIfServed();
    }
    this.#isFailureTold = true;
    throw this.#failure?.() ??
      new Error("asCompleted() was closed before the result was there");
  }

  // As an asynchronous iterator of futures

  [Symbol.asyncIterator](): AsyncIterator<Future<unknown>, undefined> {
    return this.#wrapped[Symbol.asyncIterator]();
  }
}

/** The coroutine of the next result of a plain iterator of completions. */
export const nextResult = /* @__PURE__ */ Coroutine.$ownFunction(
  function* nextCompleted(
    completions: { take(): Iterable<unknown, Future<unknown>> },
  ) {
    return (yield* completions.take()).result();
  },
);

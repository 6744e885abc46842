// Copyright 2026 the asyncio authors. MIT license.

import { awaitersOf } from "../_core/awaited_by.ts";
import { cancellationIn } from "../_core/cancellation.ts";
import type { FutureCore } from "../_core/protocols.ts";
import { arrive } from "../_core/outside.ts";
import { awaitingScope, currentLoop } from "../_core/running.ts";
import { classText, printAs } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import type { Future } from "../future.ts";
import { type EventLoop, getRunningLoop } from "../loop.ts";
import type { Outcome, Source } from "./iterable_sources.ts";

/**
 * An iterable whose waits can be cancelled, as `wrapIterable()` returns
 * it.
 *
 * @typeParam T The type of the elements.
 *
 * @category Waiting
 */
export interface WrappedIterable<T> extends AsyncDisposable {
  /**
   * Waits for the next element.
   *
   * If the wait is cancelled, the source stays open and no element is lost: the
   * next wait gets it.
   *
   * @returns A coroutine of the result, in the form that iterators give it.
   */
  next(): Coroutine<IteratorResult<T, undefined>>;
  /**
   * Closes the source. Whatever waits for an element is told that there are no
   * more. If the source has ended or is closed, nothing happens.
   *
   * @returns A coroutine that ends when the source is closed. It throws what
   * closing the source throws.
   */
  close(): Coroutine<void>;
  /**
   * What `for await` calls. When the last loop over the iterable is left, the
   * source is closed.
   *
   * @returns The iterator. Its `next()` returns a {@linkcode Coroutine}.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
  /** Closes the source: this is what `await using` calls. */
  [Symbol.asyncDispose](): Coroutine<void>;
}

/** One loop over the iterable: an iterator that was handed out. */
interface Visit {
  isLeft: boolean;
}

/** An element, or the error of the source, and its place in the order. */
interface Item<T> {
  readonly number: number;
  readonly outcome: Outcome<T>;
}

type Phase =
  | "open"
  /** It has ended by itself: there is nothing to close. */
  | "ended"
  | "closing"
  | "closed";

const END = { done: true, value: undefined } as const;

/**
 * - At most one read of the source is under way. What it gives goes to the wait
 *   that is first in line.
 * - A read belongs to no wait. If none is left when it is over, the next one
 *   gets the element.
 */
export class WrappedSource<T> implements WrappedIterable<T> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "WrappedIterable",
  );

  #source: Source<T>;
  #phase: Phase = "open";
  /** The loop in which it was first waited for. */
  #loop: EventLoop | null = null;
  #isReading = false;
  /** How many items there have been. */
  #count = 0;
  /** Those that are in line; they get `null` at the end. */
  #waiters = new Set<Future<Item<T> | null>>();
  /** Read, and not taken since the wait for it was cancelled, in order. */
  #spare: Item<T>[] = [];
  /** How many loops have not been left. */
  #visits = 0;
  /** Those that wait until it is closed. */
  #closers = new Set<Future<void>>();

  constructor(source: Source<T>) {
    this.#source = source;
  }

  next(): Coroutine<IteratorResult<T, undefined>> {
    return nextItem(this) as Coroutine<IteratorResult<T, undefined>>;
  }

  close(): Coroutine<void> {
    return closeSource(this);
  }

  [Symbol.asyncDispose](): Coroutine<void> {
    return closeSource(this);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const visit: Visit = { isLeft: false };
    this.#visits++;
    // The type asks for promises. `for await` takes coroutines as well, and a
    // task that waits for one can be cancelled.
    const iterator = {
      next: () => this.#visitNext(visit) as unknown,
      return: () => this.#endVisit(visit) as unknown,
    };
    return iterator as AsyncIterator<T, undefined>;
  }

  // Elements

  /** The tasks that wait for an element. */
  *awaiters(): Generator<FutureCore> {
    for (const waiter of this.#waiters) yield* awaitersOf(waiter);
  }

  /** Waits for the next element and takes it. */
  *take(): Generator<unknown, IteratorResult<T, undefined>, unknown> {
    const item = this.#spare.shift() ?? (yield* this.#wait());
    if (item === null) return END;
    const { outcome } = item;
    if (!outcome.ok) throw outcome.error;
    return { done: false, value: outcome.value };
  }

  *#wait(): Generator<unknown, Item<T> | null, unknown> {
    if (this.#phase !== "open") return null;
    const loop = this.#requireLoop();
    const waiter = loop.createFuture<Item<T> | null>();
    loop.$holdingsOf.beginExternal(waiter);
    this.#waiters.add(waiter);
    let isTaken = false;
    try {
      if (!this.#isReading) this.#read(loop);
      // As `yield*` would, but for the place in line, which a task that ends
      // without waiting for this gives up.
      waiter.$block(this);
      yield waiter;
      const item = waiter.result();
      isTaken = true;
      return item;
    } finally {
      if (!isTaken) this.#giveUp(waiter);
    }
  }

  #requireLoop(): EventLoop {
    const loop = getRunningLoop();
    if (this.#loop !== null && this.#loop !== loop) {
      throw new Error(`${this} is bound to a different event loop`);
    }
    return this.#loop = loop;
  }

  #giveUp(waiter: Future<Item<T> | null>): void {
    this.#waiters.delete(waiter);
    waiter.cancel(); // it may still be pending if the coroutine was closed
    if (!waiter.$hasOutcome()) return;
    // It was woken, and cancelled before it could take the item.
    const item = waiter.result();
    const isOver = this.#phase === "closing" || this.#phase === "closed";
    if (item !== null && !isOver) this.#hand(item);
  }

  #read(loop: EventLoop): void {
    this.#isReading = true;
    this.#source.read(
      loop,
      (outcome) => arrive(loop, () => this.#wasRead(outcome)),
    );
  }

  #wasRead(outcome: Outcome<T> | null): void {
    this.#isReading = false;
    if (this.#phase !== "open") {
      // An interrupted generator has thrown something else while it cleaned up.
      if (outcome?.ok === false) this.#report(outcome.error);
      return;
    }
    if (outcome !== null) this.#hand({ number: this.#count++, outcome });
    if (outcome?.ok) {
      if (this.#waiters.size > 0) this.#read(this.#loop!);
    } else if (outcome === null || outcome.isLast) {
      this.#phase = "ended";
      this.#wakeAll();
    } else {
      this.#close(); // as at the end of `run()`, which cancels every task
    }
  }

  /** Gives an item to the first in line, or keeps it. */
  #hand(item: Item<T>): void {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      if (waiter.$setUnlessDone(item)) return;
    }
    const later = this.#spare.findIndex(({ number }) => number > item.number);
    this.#spare.splice(later < 0 ? this.#spare.length : later, 0, item);
  }

  #wakeAll(): void {
    for (const waiter of this.#waiters) waiter.$setUnlessDone(null);
    this.#waiters.clear();
  }

  // Loops

  /** `next()` of an iterator. */
  #visitNext(visit: Visit): Coroutine<IteratorResult<T, undefined>> {
    const call = { isAwaited: false };
    const coroutine = nextOfVisit(this, visit, call) as Coroutine<
      IteratorResult<T, undefined>
    >;
    // `for await` does not call `return()` when a `next()` has thrown, not even
    // when it has thrown a cancellation without having begun.
    const { then } = coroutine;
    const value: typeof then = (onfulfilled, onrejected) => {
      call.isAwaited = true;
      if (typeof onrejected !== "function") {
        return then.call(coroutine, onfulfilled, onrejected) as never;
      }
      return then.call(coroutine, onfulfilled, (error) => {
        this.#leave(visit);
        return onrejected(error);
      }) as never;
    };
    return Object.defineProperty(coroutine, "then", { value });
  }

  /** Waits for the next element of a loop, which an error ends. */
  *takeFor(
    visit: Visit,
    call: { readonly isAwaited: boolean },
  ): Generator<unknown, IteratorResult<T, undefined>, unknown> {
    if (visit.isLeft) return END;
    try {
      return yield* this.take();
    } catch (error) {
      // Only `await`, with or without `for`, cannot know any better.
      if (call.isAwaited && this.#leave(visit)) {
        yield* this.#finishClosing();
      }
      throw error;
    }
  }

  /** The clean-up of a loop that is left by an error that it throws. */
  *#finishClosing(): Generator<unknown, void, unknown> {
    const closer = this.#addCloser(this.#loop!);
    try {
      yield* closer;
    } catch (error) {
      if (!isErrorOf(closer, error)) throw error;
      this.#report(error);
    }
  }

  /**
   * Leaves a loop: the last one closes the source.
   *
   * @returns Whether the source is being closed and will soon be.
   */
  #leave(visit: Visit): boolean {
    if (visit.isLeft) return false;
    visit.isLeft = true;
    if (--this.#visits > 0 || this.#waiters.size > 0) return false;
    return this.#phase === "open" && this.#close();
  }

  /**
   * `return()` of an iterator.
   *
   * It returns no coroutine. `for await` ignores its error if the body has
   * thrown one, so that a cancellation would be lost: it is kept for the next
   * wait instead. And a coroutine may never begin.
   */
  #endVisit(visit: Visit): PromiseLike<IteratorResult<T, undefined>> {
    const loop = this.#loop ?? currentLoop() as EventLoop;
    this.#leave(visit);
    if (this.#phase !== "closing") return Promise.resolve(END);
    const closer = this.#addCloser(loop);
    return {
      then(onfulfilled, onrejected) {
        const scope = awaitingScope();
        const resolve = () => onfulfilled?.(END) as never;
        const reject = (error: unknown) => onrejected?.(error) as never;
        return closer.then(resolve, (error) => {
          if (isErrorOf(closer, error)) return reject(error);
          const requests = scope?.$taskOf.$cancelRequests() ?? null;
          const request = requests?.newestFor(scope) ?? null;
          if (request === null) return reject(error);
          requests!.setDue(request);
          return closer.$hasFailed() ? reject(closer.exception()) : resolve();
        });
      },
    };
  }

  // The end

  /** Closes the source, and waits until that is done. */
  *closing(): Generator<unknown, void, unknown> {
    const loop = this.#requireLoop();
    if (this.#phase === "open") this.#close();
    if (this.#phase === "closing") yield* this.#addCloser(loop);
  }

  #addCloser(loop: EventLoop): Future<void> {
    const closer = loop.createFuture<void>();
    loop.$holdingsOf.beginExternal(closer);
    this.#closers.add(closer);
    return closer;
  }

  /** Begins to close. Returns whether nothing keeps the source from it. */
  #close(): boolean {
    this.#phase = "closing";
    const loop = this.#loop ??= currentLoop() as EventLoop;
    this.#spare = [];
    this.#wakeAll();
    const { isReady, closed } = this.#source.close(loop);
    closed.then(
      () => this.#wasClosed(null),
      (error) => this.#wasClosed({ error }),
    );
    return isReady;
  }

  #wasClosed(failure: { error: unknown } | null): void {
    this.#phase = "closed";
    for (const closer of this.#closers) {
      if (closer.done()) continue;
      if (failure === null) closer.setResult();
      else closer.setException(failure.error);
      failure = null;
    }
    this.#closers.clear();
    if (failure !== null) this.#report(failure.error);
  }

  #report(exception: unknown): void {
    if (cancellationIn(exception) !== null || this.#loop!.isClosed()) return;
    this.#loop!.callExceptionHandler({
      message: "Exception while closing what was wrapped with wrapIterable()",
      exception,
      iterable: this,
    });
  }

  /** @ignore */
  toString(): string {
    return `<${classText(this)} [${this.#phase}]>`;
  }
}

/** Whether it is what the future has failed with, not a cancelled wait. */
function isErrorOf(future: Future<void>, error: unknown): boolean {
  return future.$hasFailed() && future.$rawValue === error;
}

const nextItem = /* @__PURE__ */ Coroutine.$ownFunction<
  [source: WrappedSource<unknown>],
  IteratorResult<unknown, undefined>
>(function next(source) {
  return source.take();
});

const nextOfVisit = /* @__PURE__ */ Coroutine.$ownFunction<
  [
    source: WrappedSource<unknown>,
    visit: Visit,
    call: { readonly isAwaited: boolean },
  ],
  IteratorResult<unknown, undefined>
>(function next(source, visit, call) {
  return source.takeFor(visit, call);
});

const closeSource = /* @__PURE__ */ Coroutine.$ownFunction<
  [source: WrappedSource<unknown>],
  void
>(function close(source) {
  return source.closing();
});

// Copyright 2026 the asyncio authors. MIT license.

import { causeOfTimeout } from "../_core/cancel_causes.ts";
import { awaitsFor } from "../_core/awaited_by.ts";
import type { TaskCore } from "../_core/protocols.ts";
import { activeTask } from "../_core/running.ts";
import { isAwaitable, isIterable, type Outcome } from "../_util/awaitables.ts";
import { Deque } from "../_util/deque.ts";
import { optionalLimit } from "../_util/limit.ts";
import { OwnOptions, requireOptions } from "../_util/options.ts";
import { namedAs, valueText } from "../_util/repr.ts";
import { calledAs } from "../_util/source_site.ts";
import { keepSpecimens } from "../_util/specimens.ts";
import { optionalTimeout } from "../_util/timeout.ts";
import { Coroutine } from "../coroutine.ts";
import { TimeoutError } from "../errors.ts";
import type { Future } from "../future.ts";
import type { EventLoop, TimerHandle } from "../loop.ts";
import { type Awaitable, ensureFuture, sleep, type Task } from "../task.ts";
import { commonLoop, requireAwaitable } from "./awaitables.ts";
import { isAsyncIterable } from "./intake.ts";
import { LimitedCompletions, nextResult } from "./limited_completions.ts";
import { suspendedIn } from "./suspended.ts";

const AS_COMPLETED_OPTIONS: readonly string[] = ["limit", "timeout"];

/**
 * Options for {@linkcode asCompleted}.
 *
 * @category Waiting
 */
export interface AsCompletedOptions {
  /**
   * How many may be under way at once, those that are done and not taken yet
   * included. The others start later, in order, each when one has been taken.
   *
   * Then the iterable may be lazy: an element is asked for when it can start. It
   * is closed when the loop is left.
   *
   * @default {Infinity}
   */
  limit?: number | null;
  /**
   * The time in seconds after which to give up on those that are not done.
   *
   * @default {null, never}
   */
  timeout?: number | null;
}

/**
 * The type of the future of an awaitable; a future is its own.
 *
 * @category Waiting
 */
export type FutureOf<A> = A extends Future<unknown> ? A
  : A extends Coroutine<unknown> | (() => unknown) ? Task<Outcome<A>>
  : Future<Outcome<A>>;

/**
 * What {@linkcode asCompleted} returns for an asynchronous iterable.
 *
 * @typeParam A The type of the awaitables.
 *
 * @category Waiting
 */
export interface AsyncCompletions<A> extends AsyncIterable<FutureOf<A>> {}

/**
 * The iterator that {@linkcode asCompleted} returns.
 *
 * @category Waiting
 */
export interface Completions<A>
  extends IterableIterator<Coroutine<Outcome<A>>>, AsyncIterable<FutureOf<A>> {}

/** The wait for the first of several. */
function completionSpecimens(): unknown {
  return suspendedIn(function* () {
    for (const next of asCompleted([sleep(0.5)])) yield* next;
  });
}

/**
 * The futures in the order in which they are done.
 *
 * - Each claim, a coroutine that `next()` has handed out, takes one of them.
 *   Claims that have to wait are served in the order in which they began to.
 * - A claim that is cancelled takes none. If it was already woken, the next one
 *   is woken in its place.
 * - After `return()` it hands out nothing more, and listens to the futures only
 *   until there is one for each claim that is left.
 */
class CompletionQueue implements Completions<Awaitable<unknown>> {
  #loop: EventLoop;
  /** Those that it listens to. */
  #todo = new Set<Future<unknown>>();
  /** Done and not taken yet; `null` for each one that was not done in time. */
  #done = new Deque<Future<unknown> | null>();
  /** How many claims it can still hand out. */
  #left: number;
  /** How many claims are not over. */
  #claims = 0;
  #returned = false;
  /** The tasks of claims that wait. */
  #waiting = new Set<TaskCore>();
  /** One for each claim that waits. */
  #waiters = new Deque<Future<void>>();
  #timer: TimerHandle | null = null;
  readonly #timeout: number | null;

  constructor(awaitables: Set<Awaitable<unknown>>, timeout: number | null) {
    const loop = this.#loop = commonLoop(awaitables);
    const options = new OwnOptions(loop);
    for (const awaitable of awaitables) {
      this.#todo.add(ensureFuture(awaitable, options));
    }
    this.#left = this.#todo.size;
    this.#timeout = timeout;
    keepSpecimens(completionSpecimens);
    awaitsFor(this.#completed, () => this.#waiting);
    for (const future of this.#todo) future.addDoneCallback(this.#completed);
    if (timeout !== null && timeout < Infinity && this.#left > 0) {
      const expire = () => this.#expire();
      this.#timer = loop.callLater(timeout, expire);
    }
  }

  #completed = namedAs(
    "_AsCompletedIterator._handle_completion",
    (future: Future<unknown>): void => {
      if (!this.#todo.delete(future)) return; // too late, but already scheduled
      this.#add(future);
      if (this.#todo.size === 0) this.#timer?.cancel();
      else this.#stopIfServed();
    },
  );

  #expire(): void {
    const late = this.#todo.size;
    this.#stopListening();
    for (let i = 0; i < late; i++) this.#add(null);
  }

  #add(future: Future<unknown> | null): void {
    this.#done.push(future);
    this.#wakeNext();
  }

  #wakeNext(): void {
    while (this.#waiters.length > 0) {
      if (this.#waiters.shift().$setUnlessDone()) return;
    }
  }

  #stopIfServed(): void {
    if (this.#returned && this.#claims <= this.#done.length) {
      this.#stopListening();
    }
  }

  #stopListening(): void {
    this.#timer?.cancel();
    for (const future of this.#todo) future.removeDoneCallback(this.#completed);
    this.#todo.clear();
  }

  /** Hands out a claim, if there is one left. */
  #claim(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    this.#claims++;
    return true;
  }

  /** Waits for the next future and takes it, to satisfy a claim. */
  *take(): Generator<unknown, Future<unknown>, unknown> {
    try {
      while (this.#done.length === 0) yield* this.#wait();
      const future = this.#done.shift();
      if (future === null) {
        throw new TimeoutError("", { cause: causeOfTimeout(this.#timeout!) });
      }
      return future;
    } finally {
      this.#claims--;
      this.#stopIfServed();
    }
  }

  *#wait(): Generator<unknown, void, unknown> {
    const waiter = this.#loop.createFuture<void>();
    this.#waiters.push(waiter);
    const task = activeTask()!;
    this.#waiting.add(task);
    let woken = false;
    try {
      yield* waiter;
      woken = true;
    } finally {
      this.#waiting.delete(task);
      if (!woken) this.#giveUp(waiter);
    }
  }

  #giveUp(waiter: Future<void>): void {
    waiter.cancel(); // it may still be pending if the coroutine was closed
    if (!waiter.cancelled() && this.#done.length > 0) this.#wakeNext();
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Coroutine<unknown>, undefined> {
    return this.#claim()
      ? { done: false, value: nextResult(this) }
      : { done: true, value: undefined };
  }

  return(): IteratorReturnResult<undefined> {
    this.#left = 0;
    this.#returned = true;
    this.#stopIfServed();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterator<Future<unknown>, undefined> {
    return {
      // The type asks for a promise. A coroutine serves `for await` as well,
      // and can be cancelled.
      next: () =>
        nextFuture(this, !this.#claim()) as unknown as Promise<
          IteratorResult<Future<unknown>, undefined>
        >,
      // A promise here: a coroutine would be a cancellation point, and its
      // error would be lost where an error of the loop body takes precedence.
      return: () => Promise.resolve(this.return()),
    };
  }
}

const nextFuture = /* @__PURE__ */ Coroutine.$ownFunction(
  function* nextCompleted(queue: CompletionQueue, end: boolean) {
    return end
      ? { done: true, value: undefined }
      : { done: false, value: yield* queue.take() };
  },
);

/**
 * Gives the results of several awaitables in the order in which they are done.
 *
 * As an async iterator (`for await`) it gives futures that are done: the same
 * futures and tasks that were passed, and the tasks of coroutines. As a plain
 * iterator, which a generator can use as well, it gives coroutines, each of the
 * next result.
 *
 * Leaving the loop early cancels nothing: the tasks keep running. The callbacks
 * of the iterator are removed from the futures that are still pending, and so is
 * its timer.
 *
 * With a `limit`, elements are pulled one by one, when there is room for one. So
 * the iterable may be lazy, such as a generator of functions, and as long as you
 * like. It is closed when the loop is left: by `break`, by an error, by a
 * cancellation or when the time is up. An error of the iterable itself comes out
 * after the results that are there by then.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for. Coroutines become tasks at once, or when it
 * is their turn.
 * @param options How many at a time, and how long to wait. When the time has passed,
 * {@linkcode TimeoutError} is thrown by the `for await`, or by each of the
 * remaining coroutines.
 * @returns The iterator, which can be used once.
 * @throws {TypeError} If it is not an iterable of awaitables.
 * @throws {TypeError} If `timeout` or `limit` is not a number, or is `NaN`.
 * @throws {RangeError} If `limit` is less than 1, or not a whole number.
 * @throws {TypeError} If there is no such option.
 *
 * @example Tasks
 * ```ts
 * import { asCompleted, createTask, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const slow = createTask(sleep(0.02), { name: "slow" });
 *   const quick = createTask(sleep(0.01), { name: "quick" });
 *   const names: string[] = [];
 *   for await (const task of asCompleted([slow, quick])) {
 *     names.push(task.getName());
 *   }
 *   assertEquals(names, ["quick", "slow"]);
 * });
 * ```
 *
 * @example Results
 * ```ts
 * import { asCompleted, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const results: string[] = [];
 *   for (const next of asCompleted([sleep(0.02, "b"), sleep(0.01, "a")])) {
 *     results.push(await next);
 *   }
 *   assertEquals(results, ["a", "b"]);
 * });
 * ```
 *
 * @category Waiting
 */
export function asCompleted<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options?: AsCompletedOptions,
): Completions<A>;
/**
 * Gives the results of the awaitables of an asynchronous iterable or a stream in
 * the order in which they are done.
 *
 * Elements are read when there is room for one, and the iterable is closed when
 * the loop is left.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @param options How many at a time, and how long to wait.
 * @returns An asynchronous iterable of the futures that are done.
 * @throws {TypeError} If `timeout` or `limit` is not a number, or is `NaN`.
 * @throws {RangeError} If `limit` is less than 1, or not a whole number.
 * @throws {TypeError} If there is no such option.
 *
 * @example Two at a time
 * ```ts
 * import { asCompleted, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function* jobs() { // stands for the lines of a file
 *   for (const seconds of [0.2, 0.01, 0]) yield () => sleep(seconds, seconds);
 * }
 *
 * await run(async () => {
 *   const results: number[] = [];
 *   for await (const job of asCompleted(jobs(), { limit: 2 })) {
 *     results.push(job.result());
 *   }
 *   assertEquals(results, [0.01, 0, 0.2]);
 * });
 * ```
 *
 * @category Waiting
 */
export function asCompleted<A extends Awaitable<unknown>>(
  awaitables: AsyncIterable<A>,
  options?: AsCompletedOptions,
): AsyncCompletions<A>;
export function asCompleted(
  awaitables: Iterable<Awaitable<unknown>> | AsyncIterable<Awaitable<unknown>>,
  options?: AsCompletedOptions,
): Completions<Awaitable<unknown>> {
  return calledAs(asCompleted, () => completionsOf(awaitables, options));
}

function completionsOf(
  awaitables: Iterable<Awaitable<unknown>> | AsyncIterable<Awaitable<unknown>>,
  options: AsCompletedOptions | undefined,
): Completions<Awaitable<unknown>> {
  requireOptions("asCompleted()", options, AS_COMPLETED_OPTIONS);
  const isAsync = isAsyncIterable(awaitables);
  if (isAwaitable(awaitables) || !isAsync && !isIterable(awaitables)) {
    throw new TypeError(
      `expects an iterable of awaitables, not ${valueText(awaitables)}`,
    );
  }
  const timeout = optionalTimeout(
    options?.timeout,
    "the timeout of asCompleted()",
  );
  const limit = optionalLimit(options?.limit, "the limit of asCompleted()");
  if (isAsync || limit < Infinity && !Array.isArray(awaitables)) {
    return new LimitedCompletions(commonLoop([]), awaitables, limit, timeout);
  }
  const set = calledAs(
    null,
    () => new Set(awaitables as Iterable<Awaitable<unknown>>),
  );
  for (const value of set) requireAwaitable(value);
  return limit < Infinity
    ? new LimitedCompletions(commonLoop(set), set, limit, timeout)
    : new CompletionQueue(set, timeout);
}

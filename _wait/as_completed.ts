import { requireNumber } from "../_util/checks.ts";
import {
  commonLoop,
  isAwaitable,
  isIterable,
  type Outcome,
  requireAwaitable,
} from "./awaitables.ts";
import { valueText } from "../_util/repr.ts";

import { type Coroutine, coroutine } from "../coroutine.ts";
import { TimeoutError } from "../errors.ts";
import type { Future } from "../future.ts";
import type { TimerHandle } from "../loop.ts";
import { Queue } from "../queues.ts";
import { type Awaitable, ensureFuture, type Task } from "../task.ts";

/** Options for {@linkcode asCompleted}. */
export interface AsCompletedOptions {
  /**
   * After how many seconds to give up on those that are not done.
   *
   * @default {null, never}
   */
  timeout?: number | null;
}

/** What an awaitable is as a future: itself if it is one. */
export type FutureOf<A> = A extends Future<unknown> ? A
  : A extends Coroutine<unknown> | (() => unknown) ? Task<Outcome<A>>
  : Future<Outcome<A>>;

/** What {@linkcode asCompleted} gives. */
export interface Completions<A>
  extends IterableIterator<Coroutine<Outcome<A>>>, AsyncIterable<FutureOf<A>> {}

/** Gives the futures as they are done, and `null` for each that came too late. */
class CompletionQueue implements Completions<Awaitable<unknown>> {
  #todo = new Set<Future<unknown>>();
  #left: number;
  #done = new Queue<Future<unknown> | null>();
  #timer: TimerHandle | null = null;

  constructor(awaitables: Set<Awaitable<unknown>>, timeout: number | null) {
    const loop = commonLoop([...awaitables]);
    for (const awaitable of awaitables) {
      this.#todo.add(ensureFuture(awaitable, { loop }));
    }
    this.#left = this.#todo.size;
    for (const future of this.#todo) future.addDoneCallback(this.#completed);
    if (timeout !== null && timeout < Infinity && this.#left > 0) {
      const expire = () => this.#expire();
      this.#timer = loop.callLater(timeout, expire);
    }
  }

  #completed = (future: Future<unknown>): void => {
    if (!this.#todo.delete(future)) return; // the time was over before
    this.#done.putNowait(future);
    if (this.#todo.size === 0) this.#timer?.cancel();
  };

  #expire(): void {
    for (const future of this.#todo) {
      future.removeDoneCallback(this.#completed);
      this.#done.putNowait(null);
    }
    this.#todo.clear();
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Coroutine<unknown>, undefined> {
    if (this.#left === 0) return { done: true, value: undefined };
    this.#left--;
    return { done: false, value: nextResult(this.#done) };
  }

  [Symbol.asyncIterator](): AsyncIterator<Future<unknown>> {
    return {
      // `for await` awaits what it gets, so a coroutine of the loop serves it.
      next: () => {
        const end = this.#left === 0;
        if (!end) this.#left--;
        return nextFuture(this.#done, end) as unknown as Promise<
          IteratorResult<Future<unknown>>
        >;
      },
    };
  }
}

function* take(
  done: Queue<Future<unknown> | null>,
): Generator<unknown, Future<unknown>, unknown> {
  const future = yield* done.get();
  if (future === null) throw new TimeoutError();
  return future;
}

const nextResult = coroutine(function* nextCompleted(
  done: Queue<Future<unknown> | null>,
) {
  return (yield* take(done)).result();
});

const nextFuture = coroutine(function* nextCompleted(
  done: Queue<Future<unknown> | null>,
  end: boolean,
) {
  return end
    ? { done: true, value: undefined }
    : { done: false, value: yield* take(done) };
});

/**
 * Gives the results of several awaitables in the order in which they are done.
 *
 * As an async iterator (`for await`) it gives futures that are done: the very
 * futures and tasks that were passed, and tasks of the coroutines. As a plain
 * iterator, which a generator can use as well, it gives coroutines, each of the
 * next result.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for. Coroutines become tasks at once.
 * @param options How long to wait. When the time is over, {@linkcode TimeoutError}
 * is thrown by the `for await`, or by each coroutine that is left.
 * @returns The iterator, to be used once.
 * @throws {TypeError} If it is not an iterable of awaitables.
 * @throws {TypeError} If `timeout` is not a number, or `NaN`.
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
 */
export function asCompleted<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options?: AsCompletedOptions,
): Completions<A> {
  if (isAwaitable(awaitables) || !isIterable(awaitables)) {
    throw new TypeError(
      `expects an iterable of awaitables, not ${valueText(awaitables)}`,
    );
  }
  const timeout = options?.timeout ?? null;
  if (timeout !== null) {
    requireNumber("the timeout of asCompleted()", timeout);
  }
  const set = new Set<Awaitable<unknown>>(awaitables);
  set.forEach(requireAwaitable);
  return new CompletionQueue(set, timeout) as unknown as Completions<A>;
}

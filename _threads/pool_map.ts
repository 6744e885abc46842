// Copyright 2026 the asyncio authors. MIT license.

import { Deque } from "../_util/deque.ts";
import { valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import type { Future } from "../future.ts";
import type { WorkFuture } from "./worker_future.ts";

/** What a mapping needs of its pool. */
export interface MappingPool<T> {
  submit(args: unknown[]): WorkFuture<T>;
  /** How many calls there may be whose results have not been taken. */
  readonly window: number;
  hasRoom(): boolean;
  /** A future that is done when there may be room. */
  waitForRoom(): Future<void>;
}

/** The results of calls with one argument after another, in their order. */
export class Mapping<T> implements AsyncIterableIterator<T, undefined> {
  #iterators: Iterator<unknown>[];
  #pool: MappingPool<T>;
  #works = new Deque<WorkFuture<T>>();
  #exhausted = false;

  constructor(iterables: Iterable<unknown>[], pool: MappingPool<T>) {
    if (iterables.length === 0) throw new TypeError("map() needs an iterable");
    for (const iterable of iterables) requireIterable(iterable);
    this.#iterators = iterables.map((iterable) => iterable[Symbol.iterator]());
    this.#pool = pool;
    this.#fill();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // Cancelling a task in `for await` reaches a coroutine, but not a promise.
    return nextResult(this.#next()) as unknown as ReturnType<
      this["next"]
    >;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  *#next(): Generator<unknown, IteratorResult<T, undefined>, never> {
    for (;;) {
      this.#fill();
      if (this.#works.length > 0) break;
      if (this.#exhausted) return { done: true, value: undefined };
      yield* this.#pool.waitForRoom();
    }
    try {
      const value = yield* this.#works.shift();
      this.#fill();
      return { done: false, value };
    } catch (error) {
      this.#cancel();
      throw error;
    }
  }

  /** Submits as many calls as there is room for. */
  #fill(): void {
    const { window } = this.#pool;
    try {
      while (
        !this.#exhausted && this.#works.length < window && this.#pool.hasRoom()
      ) {
        const args = this.#nextArguments();
        if (args !== null) this.#works.push(this.#pool.submit(args));
      }
    } catch (error) {
      this.#cancel();
      throw error;
    }
  }

  #nextArguments(): unknown[] | null {
    const args: unknown[] = [];
    for (const iterator of this.#iterators) {
      const { done, value } = iterator.next();
      if (done) {
        this.#exhaust(iterator);
        return null;
      }
      args.push(value);
    }
    return args;
  }

  /** Takes no more arguments, and closes the iterators that have not ended. */
  #exhaust(ended: Iterator<unknown> | null): void {
    this.#exhausted = true;
    for (const iterator of this.#iterators) {
      if (iterator !== ended) iterator.return?.();
    }
  }

  /** Drops the results that have not been taken. */
  #cancel(): void {
    if (!this.#exhausted) this.#exhaust(null);
    for (const work of this.#works) work.cancel();
    this.#works.clear();
  }
}

const nextResult = /* @__PURE__ */ Coroutine.$ownFunction(
  function next(steps: Generator<unknown, unknown, never>) {
    return steps;
  },
);

function requireIterable(value: unknown): void {
  if (
    typeof (value as Partial<Iterable<unknown>> | null | undefined)
      ?.[Symbol.iterator] === "function"
  ) return;
  throw new TypeError(
    `map() takes iterables of arguments: current value is ${valueText(value)}`,
  );
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * How a loop reaches its executor, whose class is on a floor above.
 */

import { valueText } from "../_util/repr.ts";

/**
 * What a loop needs of its executor.
 *
 * `ThreadPoolExecutor`, which is on a floor above the loop, implements it.
 *
 * @typeParam Loop The class of loops, which is above this module as well.
 */
export interface Executor<Loop> {
  /** Submits a call whose future belongs to `loop`. */
  $submitFor(
    loop: Loop,
    module: URL | string,
    name: string,
    args: unknown[],
  ): PromiseLike<unknown>;
  /** Cancels all calls, running ones included, and ends all workers. */
  $abort(): void;
}

/**
 * Creates a default executor. The class of the executor sets this when a program
 * imports it: the loop must not load it for programs without threads.
 */
let defaultExecutorFactory: (() => Executor<never>) | null = null;

/** Sets the factory of the default executors of loops. */
export function provideDefaultExecutor(factory: () => Executor<never>): void {
  defaultExecutorFactory = factory;
}

/** Creates the default executor of a loop. */
export function newDefaultExecutor(): Executor<never> {
  if (defaultExecutorFactory === null) {
    throw new Error(
      "no default executor: nothing has imported threads, or a bundler has left them out; call loop.setDefaultExecutor(new ThreadPoolExecutor())",
    );
  }
  return defaultExecutorFactory();
}

/** Throws if a value is not an executor. */
export function requireExecutor(value: unknown): void {
  if (typeof value === "object" && value !== null && "$submitFor" in value) {
    return;
  }
  throw new TypeError(
    `executor must be a ThreadPoolExecutor: current value is ${
      valueText(value)
    }`,
  );
}

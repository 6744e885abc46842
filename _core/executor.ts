import { valueText } from "../_util/repr.ts";

/** Key of {@linkcode Executor}: submits a call on behalf of a loop. */
export const submitFor: unique symbol = Symbol("submitFor");

/** Key of {@linkcode Executor}: shuts down at once. */
export const abort: unique symbol = Symbol("abort");

/**
 * What a loop asks of its executor.
 *
 * `ThreadPoolExecutor`, which stands above the loop, implements it. The keys
 * are symbols so that they are no part of the public class, and so that an
 * executor can be recognised without its class.
 *
 * @typeParam Loop The class of loops, which stands above this module as well.
 */
export interface Executor<Loop> {
  /** Submits a call whose future belongs to `loop`. */
  [submitFor](
    loop: Loop,
    module: URL | string,
    name: string,
    args: unknown[],
  ): PromiseLike<unknown>;
  /** Cancels every call, those that run included, and ends every worker. */
  [abort](): void;
}

/**
 * Makes a default executor. It is set by the module of the executor when a
 * program imports that: the loop must not load it for programs without threads.
 */
let defaultExecutorFactory: (() => Executor<never>) | null = null;

/** Sets what makes the default executors of loops. */
export function provideDefaultExecutor(factory: () => Executor<never>): void {
  defaultExecutorFactory = factory;
}

/** Makes the default executor of a loop. */
export function newDefaultExecutor(): Executor<never> {
  if (defaultExecutorFactory === null) {
    throw new Error("no default executor: nothing has imported threads");
  }
  return defaultExecutorFactory();
}

/** Refuses a value that is not an executor. */
export function requireExecutor(value: unknown): void {
  if (typeof value === "object" && value !== null && submitFor in value) return;
  throw new TypeError(
    `executor must be a ThreadPoolExecutor: current value is ${
      valueText(value)
    }`,
  );
}

import { hasMethod } from "../_util/awaitables.ts";
import {
  addListener,
  type FutureCore,
  type StepIterator,
} from "./protocols.ts";

/** Whether a value is a future. Its class stands on an upper floor. */
export function isFutureCore(
  value: unknown,
): value is FutureCore & Iterable<unknown> {
  return hasMethod(value, addListener);
}

/** Whether a value is what a generator function gives, or like it. */
export function isStepIterator(value: unknown): value is StepIterator {
  return hasMethod(value, "next") && hasMethod(value, "throw");
}

/**
 * An iterator whose results are looked at, as `yield*` and `for` do. Those of a
 * generator need not be.
 */
export function checkedSteps(steps: StepIterator): StepIterator {
  if (Object.prototype.toString.call(steps) === "[object Generator]") {
    return steps;
  }
  const check = (result: IteratorResult<unknown, unknown>) => {
    if (Object(result) === result) return result;
    throw new TypeError(`Iterator result ${String(result)} is not an object`);
  };
  return {
    next: () => check(steps.next()),
    throw: (error) => check(steps.throw!(error)),
    return: (value) => steps.return?.(value) ?? { done: true, value },
  };
}

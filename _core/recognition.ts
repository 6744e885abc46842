// Copyright 2026 the asyncio authors. MIT license.

/**
 * Recognises futures and step iterators by their methods: the classes are on
 * upper floors, so they cannot be imported here.
 */

import { hasMethod } from "../_util/awaitables.ts";
import {
  addListener,
  type FutureCore,
  type StepIterator,
} from "./protocols.ts";

/** Whether a value is a future. */
export function isFutureCore(
  value: unknown,
): value is FutureCore & Iterable<unknown> {
  return hasMethod(value, addListener);
}

/** Whether a value is a generator or another step iterator. */
export function isStepIterator(value: unknown): value is StepIterator {
  return hasMethod(value, "next") && hasMethod(value, "throw");
}

/**
 * Returns an iterator that checks its results, as `yield*` and `for` do. Those
 * of a generator need no check.
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

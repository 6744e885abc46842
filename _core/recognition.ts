// Copyright 2026 the asyncio authors. MIT license.

/**
 * Recognises futures and step iterators by their methods: the classes are on
 * upper floors, so they cannot be imported here.
 */

import { hasMethod, isPromiseLike } from "../_util/awaitables.ts";
import { valueText } from "../_util/repr.ts";
import type { FutureCore, StepIterator, TaskCore } from "./protocols.ts";

/** Whether a value is a future. */
export function isFutureCore(
  value: unknown,
): value is FutureCore & Iterable<unknown> {
  return hasMethod(value, "$addListener");
}

/** Whether it is a future that `yield*` has yielded. It may be any value. */
export function isUnblocked(yielded: unknown): yielded is FutureCore {
  try {
    return (yielded as FutureCore).$unblock?.() === true;
  } catch {
    return false;
  }
}

/** Whether a value is a generator or another step iterator. */
export function isStepIterator(value: unknown): value is StepIterator {
  return hasMethod(value, "next") && hasMethod(value, "throw") &&
    !hasMethod(value, Symbol.asyncIterator);
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
    if (isPromiseLike(result)) { // it would never end
      throw new TypeError(
        "Iterator result is a promise: the iterator is an asynchronous one",
      );
    }
    if (Object(result) === result) return result;
    throw new TypeError(`Iterator result ${String(result)} is not an object`);
  };
  return {
    next: () => check(steps.next()),
    throw: (error) => check(steps.throw!(error)),
    return: (value) => steps.return?.(value) ?? { done: true, value },
  };
}

/** The error for what a generator yields that a task cannot wait for. */
export function badYield(task: TaskCore, yielded: unknown): Error {
  if (hasMethod(yielded, "$adopt") || isFutureCore(yielded)) {
    return new Error(
      `yield was used instead of yield* in task ${task} with ${yielded}`,
    );
  }
  const hint = isPromiseLike(yielded)
    ? " (wait for a promise with yield* wrapFuture(promise))"
    : isStepIterator(yielded)
    ? " (yield was used instead of yield*)"
    : "";
  return new Error(`Task got bad yield: ${valueText(yielded)}${hint}`);
}

/** The error for what is passed where a coroutine is required. */
export function notACoroutine(value: unknown): TypeError {
  const hint = isFutureCore(value)
    ? ", which needs no task: await it"
    : isPromiseLike(value)
    ? ", which has already started: pass the coroutine or the async function itself, or wrap the promise with wrapFuture()"
    : "";
  return new TypeError(
    `a coroutine was expected, got ${valueText(value)}${hint}`,
  );
}

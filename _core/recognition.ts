import {
  addListener,
  type FutureCore,
  type StepIterator,
} from "./protocols.ts";

// A value of the user's may be a revoked proxy, or have a getter that throws:
// what cannot be looked at is none of these.

function has(value: unknown, key: PropertyKey): boolean {
  if (typeof value !== "object" || value === null) return false;
  try {
    return typeof Reflect.get(value, key) === "function";
  } catch {
    return false;
  }
}

/** Whether a value is a future. Its class stands on an upper floor. */
export function isFutureCore(
  value: unknown,
): value is FutureCore & Iterable<unknown> {
  return has(value, addListener);
}

/** Whether a value can be awaited, as a promise can. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return has(value, "then");
}

/** Whether a value is what a generator function gives, or like it. */
export function isStepIterator(value: unknown): value is StepIterator {
  return has(value, "next") && has(value, "throw");
}

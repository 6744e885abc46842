// Copyright 2026 the asyncio authors. MIT license.

/**
 * The type that awaiting a value of type `A` gives.
 *
 * @category Waiting
 */
export type Outcome<A> = A extends () => infer R
  ? R extends Generator<unknown, infer T, never> ? T : Awaited<R>
  : Awaited<A>;

/**
 * The types of the results of several awaitables, in order.
 *
 * @category Waiting
 */
export type Outcomes<A extends readonly unknown[]> = {
  -readonly [K in keyof A]: Outcome<A[K]>;
};

/** Whether a value is an iterable object; a string is not. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && hasMethod(value, Symbol.iterator);
}

/**
 * Whether a value has a method of that name. A value that cannot be looked at,
 * such as a revoked proxy, has none.
 */
export function hasMethod(value: unknown, key: PropertyKey): boolean {
  if (value === null || value === undefined) return false;
  try {
    return typeof (value as Record<PropertyKey, unknown>)[key] === "function";
  } catch {
    return false;
  }
}

/** Whether a value has a `then` method. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  if (value === null || value === undefined) return false;
  try {
    // Not by `hasMethod()`: V8 looks up one name much faster than any name.
    return typeof (value as PromiseLike<unknown>).then === "function";
  } catch {
    return false;
  }
}

/** Whether a value is a promise of V8. Not by `isInstance()`: V8 inlines this. */
export function isNativePromise(value: unknown): value is Promise<unknown> {
  try {
    return value instanceof Promise;
  } catch {
    return false; // a revoked proxy
  }
}

/** `value instanceof Class`, also for what cannot be looked at. */
export function isInstance<T>(
  value: unknown,
  Class: { readonly prototype: T },
): value is T {
  try {
    return value instanceof (Class as abstract new () => T);
  } catch {
    return false;
  }
}

/** Whether a value can be awaited, or is a function that may start a task. */
export function isAwaitable(
  value: unknown,
): value is PromiseLike<unknown> | (() => unknown) {
  return typeof value === "function" || isPromiseLike(value);
}

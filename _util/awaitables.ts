/** The type that awaiting a value of type `A` gives. */
export type Outcome<A> = A extends () => infer R
  ? R extends Generator<unknown, infer T, never> ? T : Awaited<R>
  : Awaited<A>;

/** The types of the results of several awaitables, in order. */
export type Outcomes<A extends readonly unknown[]> = {
  -readonly [K in keyof A]: Outcome<A[K]>;
};

/** Whether a value is an iterable object; a string is not. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null &&
    Symbol.iterator in value;
}

/** Whether a value has a `then` method. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then ===
    "function";
}

/** Whether a value can be awaited, or is a function that may start a task. */
export function isAwaitable(
  value: unknown,
): value is PromiseLike<unknown> | (() => unknown) {
  return typeof value === "function" || isPromiseLike(value);
}

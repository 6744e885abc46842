// Copyright 2026 the asyncio authors. MIT license.

import { sourceOf } from "./iterable_sources.ts";
import { type WrappedIterable, WrappedSource } from "./wrapped_source.ts";

export type { WrappedIterable } from "./wrapped_source.ts";

/**
 * What can be wrapped by {@linkcode wrapIterable}.
 *
 * @category Waiting
 */
export type IterableSource<T> =
  | ReadableStream<T>
  | AsyncIterable<T>
  | Iterable<T | PromiseLike<T>>;

/**
 * Wraps an async iterable or a stream, so that waiting for its elements can be
 * cancelled.
 *
 * A `for await` over a native source waits for native promises, which neither
 * cancelling a task nor a time limit can interrupt. Over a wrapped one, each
 * wait is one of the task.
 *
 * - When a `for await` is left, the source is closed: by `break` and `return`,
 *   by an error, and by a cancellation, wherever it occurs. Closing means
 *   `return()` of an iterator and `cancel()` of a stream, whose lock is
 *   released. The loop waits for that. A source that is busy with a native
 *   promise at that moment may need longer to end; a cancellation does not wait
 *   for it.
 * - When a wait for {@linkcode WrappedIterable.next} is cancelled, the source
 *   stays open, and the next wait gets the element. The same is true of the
 *   `next()` of an iterator, if `waitFor()`, `race()` or the like is what waits.
 * - Several tasks can iterate over the same wrapped iterable. Each element goes
 *   to one of them, in the order in which they wait. The source is closed when
 *   the last loop is left.
 * - An error of the source goes to one wait and ends the iteration, without
 *   closing the source, as in a native loop.
 * - An async generator runs in tasks of its own. What it waits for is cancelled
 *   when it is closed, and not when just a wait for its element is.
 *
 * Nothing is read before the first wait, but a stream is locked at once.
 *
 * @typeParam T The type of the elements.
 * @param source A `ReadableStream`, an async iterable such as a listener, or an
 * iterable of promises. What was wrapped before is returned as it is.
 * @returns The iterable, which can be used once.
 * @throws {TypeError} If it is none of these.
 * @throws {TypeError} If it is a stream that is locked.
 *
 * @example A body with a time limit
 * ```ts
 * import { moveOnAfter, run, wrapIterable } from "@asyncio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * let closed = false;
 * const endless = new ReadableStream<string>({
 *   start: (controller) => controller.enqueue("first chunk"),
 *   cancel: () => {
 *     closed = true;
 *   },
 * });
 *
 * const chunks: string[] = [];
 * await run(() =>
 *   moveOnAfter(0.01, async () => {
 *     for await (const chunk of wrapIterable(endless)) chunks.push(chunk);
 *   })
 * );
 * assertEquals(chunks, ["first chunk"]);
 * assert(closed);
 * ```
 *
 * @example A sign of life while waiting
 * ```ts
 * import { run, sleep, waitFor, wrapIterable } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function* slow() {
 *   await sleep(0.03);
 *   yield "at last";
 * }
 *
 * const log: unknown[] = [];
 * await run(async () => {
 *   const iterable = wrapIterable(slow());
 *   while (log.at(-1) !== "at last") {
 *     try {
 *       log.push((await waitFor(iterable.next(), 0.02)).value);
 *     } catch {
 *       log.push("still waiting");
 *     }
 *   }
 *   await iterable.close();
 * });
 * assertEquals(log, ["still waiting", "at last"]);
 * ```
 *
 * @category Waiting
 */
export function wrapIterable<T>(source: IterableSource<T>): WrappedIterable<T> {
  if (source instanceof WrappedSource) return source;
  return new WrappedSource(sourceOf(source));
}

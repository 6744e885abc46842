import { valueText } from "../_util/repr.ts";
import { activeLoop, currentLoop } from "../_core/running.ts";
import { Coroutine } from "../coroutine.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import type { Awaitable } from "../task.ts";

/** The type that awaiting a value of type `A` gives. */
export type Outcome<A> = A extends () => infer R
  ? R extends Generator<unknown, infer T, never> ? T : Awaited<R>
  : Awaited<A>;

/** The types of the results of several awaitables, in their order. */
export type Outcomes<A extends readonly unknown[]> = {
  -readonly [K in keyof A]: Outcome<A[K]>;
};

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null &&
    Symbol.iterator in value;
}

export function isAwaitable(value: unknown): value is Awaitable<unknown> {
  return typeof value === "function" ||
    typeof (value as PromiseLike<unknown> | null | undefined)?.then ===
      "function";
}

export function requireAwaitable(value: unknown): void {
  if (!isAwaitable(value)) {
    throw new TypeError(
      `A Future, a coroutine or an awaitable is required, got ${
        valueText(value)
      }`,
    );
  }
  if (value instanceof Coroutine) value["_requireFresh"]();
}

/** The loop of the futures among the awaitables, else the current one. */
export function commonLoop(
  awaitables: readonly Awaitable<unknown>[],
): EventLoop {
  let loop = activeLoop();
  for (const awaitable of awaitables) {
    if (!(awaitable instanceof Future)) continue;
    loop ??= awaitable.getLoop();
    requireLoop(loop, awaitable);
  }
  return loop ?? currentLoop();
}

export function requireLoop(loop: EventLoop, future: Future<unknown>): void {
  if (future.getLoop() !== loop) {
    throw new Error(`The future belongs to a different loop: ${future}`);
  }
}

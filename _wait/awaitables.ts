// Copyright 2026 the asyncio authors. MIT license.

import { activeLoop } from "../_core/running.ts";
import { isAwaitable } from "../_util/awaitables.ts";
import { valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { Future } from "../future.ts";
import { type EventLoop, getEventLoop } from "../loop.ts";
import type { Awaitable } from "../task.ts";

/**
 * Refuses a value that cannot be awaited, and a coroutine already awaited.
 *
 * @param hint Says more of a value that cannot be awaited, if it can.
 */
export function requireAwaitable(
  value: unknown,
  hint?: (value: unknown) => string | null,
): void {
  if (!isAwaitable(value)) {
    throw new TypeError(
      hint?.(value) ??
        `A Future, a coroutine or an awaitable is required, got ${
          valueText(value)
        }`,
    );
  }
  if (value instanceof Coroutine) value.$requireFresh();
}

/** The loop of the futures among the awaitables, else the current one. */
export function commonLoop(
  awaitables: Iterable<Awaitable<unknown>>,
): EventLoop {
  let loop = activeLoop() as EventLoop | null;
  for (const awaitable of awaitables) {
    if (!(awaitable instanceof Future)) continue;
    loop ??= awaitable.getLoop();
    requireLoop(loop, awaitable);
  }
  return loop ?? getEventLoop();
}

/** Refuses a future that belongs to another loop. */
export function requireLoop(loop: EventLoop, future: Future<unknown>): void {
  if (future.getLoop() !== loop) {
    throw new Error(`The future belongs to a different loop: ${future}`);
  }
}

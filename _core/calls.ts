// Copyright 2026 the asyncio authors. MIT license.

import { StackTrace } from "../_util/stack_trace.ts";
import { requireOptions } from "../_util/options.ts";
import { type Context, CONTEXT_OPTION, requireContext } from "./contexts.ts";
import { requireCallback } from "./definition.ts";
import type { Engine } from "./engine.ts";
import { Handle, TimerHandle } from "./handle.ts";
import type { LoopCore } from "./protocols.ts";
import { activeLoop } from "./running.ts";

/**
 * Options for `callSoon()` and the other methods of a loop that schedule a
 * callback. They stand before the callback, since its arguments follow it.
 *
 * @category Event loop
 */
export interface CallOptions {
  /**
   * The asynchronous context that the callback runs in, as
   * `AsyncLocalStorage.snapshot()` captures it.
   *
   * Without it, the callback runs in the context in which the loop was started:
   * to capture the active one takes longer than most callbacks, so it has to be
   * asked for.
   *
   * @default {null}
   */
  context?: Context | null;
}

/**
 * A function that a loop calls.
 *
 * @category Futures
 */
export type Callback = (...args: never[]) => unknown;

/** Whether options stand before the callback, and not the callback itself. */
function hasOptions(
  first: CallOptions | Callback,
  args: readonly unknown[],
): first is CallOptions {
  return typeof first === "object" && first !== null &&
    typeof args[0] === "function";
}

/** @throws {TypeError} If the options are not what they have to be. */
function contextOf(method: string, options: CallOptions): Context | null {
  requireOptions(method, options, CONTEXT_OPTION);
  requireContext(method, options.context);
  return options.context ?? null;
}

/**
 * In debug mode, reports a call within another loop, where CPython raises an
 * error. Here the callback runs all the same: there is only one thread.
 */
function checkContext(loop: LoopCore, method: string): void {
  const active = activeLoop();
  if (active === null || active === loop) return;
  if (method === "callSoonThreadsafe()") return;
  loop.callExceptionHandler({
    message:
      `Non-thread-safe operation invoked on an event loop other than the current one: ${method}`,
    source_traceback: [...new StackTrace(checkContext).frames].reverse(),
  });
}

/**
 * Schedules a callback for the next turn.
 *
 * @param first The callback, or options if a function follows them.
 * @throws {TypeError} If the callback or the options are not what they have to
 * be.
 */
export function callSoon(
  loop: LoopCore,
  engine: Engine,
  method: string,
  first: CallOptions | Callback,
  args: readonly unknown[],
): Handle {
  loop.$requireOpen();
  if (loop.getDebug()) checkContext(loop, method);
  let context: Context | null = null;
  if (hasOptions(first, args)) {
    context = contextOf(method, first);
    [first, ...args] = args as [Callback, ...unknown[]];
  }
  requireCallback(method, first);
  const handle = new Handle(first as Callback, args, loop, context);
  engine.enqueue(handle);
  return handle;
}

/**
 * Schedules a callback for a time of the loop's clock, in seconds.
 *
 * @param first As in {@linkcode callSoon}.
 * @throws {TypeError} As {@linkcode callSoon} does.
 */
export function callAt(
  loop: LoopCore,
  engine: Engine,
  method: string,
  when: number,
  first: CallOptions | Callback,
  args: readonly unknown[],
): TimerHandle {
  loop.$requireOpen();
  if (loop.getDebug()) checkContext(loop, method);
  let context: Context | null = null;
  if (hasOptions(first, args)) {
    context = contextOf(method, first);
    [first, ...args] = args as [Callback, ...unknown[]];
  }
  requireCallback(method, first);
  const { timers } = engine;
  const callback = first as Callback;
  const timer = new TimerHandle(when, callback, args, loop, timers, context);
  engine.schedule(timer);
  return timer;
}

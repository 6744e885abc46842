// Copyright 2026 the asyncio authors. MIT license.

import { requireOptions } from "../_util/options.ts";
import { type Context, CONTEXT_OPTION, requireContext } from "./contexts.ts";
import { requireCallback } from "./definition.ts";
import type { Engine } from "./engine.ts";
import { Handle, TimerHandle } from "./handle.ts";
import { type LoopCore, requireOpen } from "./protocols.ts";

/**
 * Options for `callSoon()` and the other methods of a loop that schedule a
 * callback. They stand before the callback, since its arguments follow it.
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

/** A function that a loop calls. */
export type Callback = (...args: never[]) => unknown;

/** What a loop is to call. */
interface Call {
  callback: Callback;
  args: readonly unknown[];
  context: Context | null;
}

/**
 * Takes the arguments of a method that schedules a callback apart. The first
 * one is its options if a function follows it.
 *
 * @throws {TypeError} If the callback or the options are not what they have to
 * be.
 */
function callOf(
  method: string,
  first: CallOptions | Callback,
  args: readonly unknown[],
): Call {
  let context: Context | null = null;
  if (hasOptions(first, args)) {
    requireOptions(method, first, CONTEXT_OPTION);
    requireContext(method, first.context);
    context = first.context ?? null;
    [first, ...args] = args as [Callback, ...unknown[]];
  }
  requireCallback(method, first);
  return { callback: first as Callback, args, context };
}

function hasOptions(
  first: CallOptions | Callback,
  args: readonly unknown[],
): first is CallOptions {
  return typeof first === "object" && first !== null &&
    typeof args[0] === "function";
}

/** Schedules a callback for the next turn. */
export function callSoon(
  loop: LoopCore,
  engine: Engine,
  method: string,
  first: CallOptions | Callback,
  args: readonly unknown[],
): Handle {
  loop[requireOpen]();
  const call = callOf(method, first, args);
  const handle = new Handle(call.callback, call.args, loop, call.context);
  engine.enqueue(handle);
  return handle;
}

/** Schedules a callback for a time of the loop's clock, in seconds. */
export function callAt(
  loop: LoopCore,
  engine: Engine,
  method: string,
  when: number,
  first: CallOptions | Callback,
  args: readonly unknown[],
): TimerHandle {
  loop[requireOpen]();
  const call = callOf(method, first, args);
  const timer = new TimerHandle(
    when,
    call.callback,
    call.args,
    loop,
    engine.timers,
    call.context,
  );
  engine.schedule(timer);
  return timer;
}

// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";

/**
 * Whether `FakeTime` of `@std/testing`, or the like, stands in for the host's
 * time. The source text of `Date` tells, even if this module was loaded later.
 */
export function isTimeFaked(): boolean {
  const source = Function.prototype.toString.call(globalThis.Date);
  return !/^function Date\(\) \{\s*\[native code\]\s*\}$/.test(source);
}

type Timer = ReturnType<typeof setTimeout>;

interface Timers {
  setTimeout(callback: () => void, delay: number): Timer;
  clearTimeout(timer: Timer): void;
  setInterval(callback: () => void, delay: number): Timer;
  clearInterval(timer: Timer): void;
  setImmediate?(callback: () => void): unknown;
}

/**
 * Takes a function of the host as it is now. Deno loads its timers when one of
 * them is first read, which takes longer than an empty `run()`: there, what is
 * taken is the getter.
 */
function capture<Args extends unknown[], R>(
  source: object,
  name: keyof Timers,
): ((...args: Args) => R) | undefined {
  const get = Object.getOwnPropertyDescriptor(source, name)?.get;
  let timer = get === undefined ? Reflect.get(source, name) : undefined;
  if (get === undefined && timer === undefined) return undefined;
  // Called as a function: browsers refuse any other receiver.
  return (...args) => (timer ??= get!.call(source))(...args);
}

/**
 * The host's timers, taken once: a test that replaces the global timers must
 * not stop the loop's own machinery. Where a test had replaced them before this
 * module was loaded, a module of the host has the true ones.
 */
function captureTimers(): Timers {
  const source = isTimeFaked() && builtin<Timers>("node:timers") || globalThis;
  return {
    setTimeout: capture(source, "setTimeout")!,
    clearTimeout: capture(source, "clearTimeout")!,
    setInterval: capture(source, "setInterval")!,
    clearInterval: capture(source, "clearInterval")!,
    setImmediate: capture(source, "setImmediate"),
  };
}

const timers: Timers = /* @__PURE__ */ captureTimers();

export function setHostTimeout(callback: () => void, delay: number): Timer {
  return timers.setTimeout(callback, delay);
}

export function clearHostTimeout(timer: Timer): void {
  timers.clearTimeout(timer);
}

export function setHostInterval(callback: () => void, delay: number): Timer {
  return timers.setInterval(callback, delay);
}

export function clearHostInterval(timer: Timer): void {
  timers.clearInterval(timer);
}

/** A channel to itself: its messages come after all pending microtasks. */
let channel: MessageChannel | null = null;

/**
 * Calls a function when every pending microtask has run. Where the host has no
 * `setImmediate`, a message does it, and where it has neither, a timer.
 */
export function setHostImmediate(callback: () => void): void {
  if (timers.setImmediate !== undefined) {
    timers.setImmediate(callback);
  } else if (typeof MessageChannel === "undefined") {
    timers.setTimeout(callback, 0);
  } else {
    channel ??= new MessageChannel();
    channel.port1.addEventListener("message", callback, { once: true });
    channel.port1.start();
    channel.port2.postMessage(null);
  }
}

/** The longest delay that host timers take, in milliseconds (about 25 days). */
export const MAX_HOST_DELAY = 0x7fff_ffff;

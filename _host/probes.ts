// Copyright 2026 the asyncio authors. MIT license.

import { clearHostTimeout, setHostTimeout } from "./timers.ts";

/**
 * Calls a function after some seconds of the host's time, whatever a test has
 * done to the global timers.
 *
 * @param holds Whether it keeps the process alive until then.
 * @returns A function that cancels the call.
 */
export function probeAfter(
  seconds: number,
  holds: boolean,
  callback: () => void,
): () => void {
  const timer = setHostTimeout(callback, seconds * 1000);
  if (!holds) unref(timer);
  return () => clearHostTimeout(timer);
}

/**
 * The same by the global timers, which a test may have replaced. It does not
 * keep the process alive.
 */
export function inspectAfter(
  seconds: number,
  callback: () => void,
): () => void {
  const timer = setTimeout(callback, seconds * 1000);
  unref(timer);
  return () => clearTimeout(timer);
}

/** Timers are numbers, or objects with methods. */
function unref(timer: number | { unref?(): void }): void {
  if (typeof timer !== "number") timer.unref?.();
  else if (typeof Deno !== "undefined") Deno.unrefTimer(timer);
}

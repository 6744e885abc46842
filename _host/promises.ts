// Copyright 2026 the asyncio authors. MIT license.

/**
 * Whether a native promise has settled, without waiting for it. JavaScript does
 * not tell, but the host's inspection does. Where there is none, no.
 */
export function isSettled(promise: unknown): boolean {
  if (!(promise instanceof Promise) || typeof Deno === "undefined") {
    return false;
  }
  try {
    const text = Deno.inspect(promise, { colors: false, depth: 0 });
    return !text.includes("<pending>");
  } catch {
    return true; // it is its value that cannot be inspected
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import { inspect } from "./printing.ts";

/**
 * Whether a native promise has settled, without waiting for it. JavaScript does
 * not tell, but the host's inspection does. Where there is none, no.
 */
export function isSettled(promise: unknown): boolean {
  if (!(promise instanceof Promise)) return false;
  const text = inspect(promise, { depth: 0 });
  // What cannot be inspected is the value of one that has settled.
  return text.startsWith("<unprintable") ||
    text !== "[object Promise]" && !text.includes("<pending>");
}

// Copyright 2026 the asyncio authors. MIT license.

import {
  clearHostInterval,
  MAX_HOST_DELAY,
  setHostImmediate,
  setHostInterval,
} from "./timers.ts";

const ONE_BYTE = new Uint8Array(1);

/**
 * Gives the host a turn, in which it serves sockets too.
 *
 * Deno polls its sockets when it has nothing left to run and is about to wait.
 * Between callbacks of `setImmediate` or `MessageChannel` it hardly ever gets
 * there (8 requests answered in a second, beside a loop that gave it a turn
 * every millisecond). A timer makes it wait, but for 1 to 2 ms. An operation of
 * another thread that finishes at once has to be waited for too, and takes
 * 25 µs.
 */
export async function hostTurn(): Promise<void> {
  await crypto.subtle.digest("SHA-1", ONE_BYTE);
}

/**
 * Waits until every pending microtask has run. It is cheap, but the host does
 * not serve its sockets meanwhile.
 */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => setHostImmediate(resolve));
}

/**
 * Keeps the process alive while a loop waits for calls from outside.
 *
 * @returns A function that lets the process end again.
 */
export function keepAlive(): () => void {
  const timer = setHostInterval(() => {}, MAX_HOST_DELAY);
  return () => clearHostInterval(timer);
}

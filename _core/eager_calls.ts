// Copyright 2026 the asyncio authors. MIT license.

import { isSettled } from "../_host/promises.ts";

/**
 * The promises of async functions that were called eagerly, kept until the next
 * microtask. Until then, a function that has already returned looks like one
 * that is still running, since its promise says so only in a microtask.
 */
const calls = new Map<object, PromiseLike<unknown>>();

/**
 * Records that a task was started by calling its function, which returned
 * `promise`.
 */
export function noteEagerCall(
  task: object,
  promise: PromiseLike<unknown>,
): void {
  calls.set(task, promise);
  queueMicrotask(() => calls.delete(task));
}

/**
 * Whether a task was started eagerly just now, and its function has returned or
 * thrown. Such a task can no longer be cancelled: its work is done.
 */
export function hasEagerOutcome(task: object): boolean {
  const promise = calls.size === 0 ? undefined : calls.get(task);
  return promise !== undefined && isSettled(promise);
}

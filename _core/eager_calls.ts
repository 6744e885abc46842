import { isSettled } from "../_host/promises.ts";

/**
 * The promises of async functions that were called eagerly, up to the next
 * microtask. Until then a function that has returned already looks like one that
 * still runs: its promise tells in a microtask.
 */
const calls = new Map<object, PromiseLike<unknown>>();

/** Notes that a task was started by calling its function, which gave `promise`. */
export function noteEagerCall(
  task: object,
  promise: PromiseLike<unknown>,
): void {
  calls.set(task, promise);
  queueMicrotask(() => calls.delete(task));
}

/**
 * Whether a task was started eagerly just now, and its function has returned or
 * thrown. Then it cannot be cancelled any more: its work is done.
 */
export function hasEagerOutcome(task: object): boolean {
  const promise = calls.size === 0 ? undefined : calls.get(task);
  return promise !== undefined && isSettled(promise);
}

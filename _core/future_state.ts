// Copyright 2026 the asyncio authors. MIT license.

/**
 * The states of a future, in the order in which it may pass through them. They
 * are numbers so that "done" is one comparison, and so that a future needs no
 * further fields for what matters in one state only: memory per task counts.
 */

export const PENDING = 0;
/** Pending, and just yielded by `yield*` and not by `yield`. */
export const BLOCKING = 1;
export const FINISHED = 2;
/** Failed, and the exception has not been retrieved yet. */
export const UNRETRIEVED = 3;
export const FAILED = 4;
export const CANCELLED = 5;

export type State =
  | typeof PENDING
  | typeof BLOCKING
  | typeof FINISHED
  | typeof UNRETRIEVED
  | typeof FAILED
  | typeof CANCELLED;

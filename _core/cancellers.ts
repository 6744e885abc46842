// Copyright 2026 the asyncio authors. MIT license.

import { activeTask } from "./running.ts";

/**
 * On whose behalf the current code cancels, if that is not the running task: a
 * scope whose time is up, a group, an aborted signal.
 */
let acting: unknown = null;

/**
 * Sets on whose behalf the code cancels that follows, on this stack.
 *
 * @returns What it was before. It has to be set again, in a `finally`.
 */
export function cancelAs(by: unknown): unknown {
  const before = acting;
  acting = by;
  return before;
}

/** Who cancels something now: what was set, else the running task, or `null`. */
export function canceller(): unknown {
  return acting ?? activeTask();
}

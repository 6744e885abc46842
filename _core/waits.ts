// Copyright 2026 the asyncio authors. MIT license.

/**
 * What tasks wait for, as text: `sleep(3)`, `<Lock [locked]>`, a native promise
 * and its place.
 */

import { nativeFrames } from "./graph.ts";
import { isFutureCore } from "./recognition.ts";
import type { TaskCore, Wait } from "./protocols.ts";

/** What one wait of a task waits for. */
export function waitText(wait: Wait): string {
  const waited = wait.$waitingFor();
  if (!isFutureCore(waited)) return "the next turn";
  return !waited.done() && waited.$waitName() || String(waited);
}

/**
 * What a task waits for, in each place where it waits. Of a native promise, the
 * place is known in debug mode. Empty if the task is done.
 */
export function waitTexts(task: TaskCore): string[] {
  if (task.done()) return [];
  const texts = Array.from(task.$waitsOf(), waitText);
  return texts.length > 0 ? texts : [nativeText(task)];
}

/** `native promise`, with `at FILE:LINE` if that is known. */
export function nativeText(task: TaskCore): string {
  const frame = nativeFrames(task)?.[0];
  return frame === undefined
    ? "native promise"
    : `native promise at ${frame.file}:${frame.line}`;
}

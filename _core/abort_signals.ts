// Copyright 2026 the asyncio authors. MIT license.

/**
 * Tasks that an `AbortSignal` cancels.
 */

import { messageText } from "../_util/checks.ts";
import { valueText } from "../_util/repr.ts";
import { cancelAs } from "./cancellers.ts";
import type { TaskCore } from "./protocols.ts";

/** @throws {TypeError} If it is neither a signal nor absent. */
export function requireSignal(signal: unknown): void {
  if (
    signal !== undefined && signal !== null && !(signal instanceof AbortSignal)
  ) {
    throw new TypeError(
      `Cannot use as signal what is not an AbortSignal: current value is ${
        valueText(signal)
      }`,
    );
  }
}

/** Cancels the task when the signal is aborted, unless the task is done. */
export function obey(task: TaskCore, signal: AbortSignal): void {
  const cancel = () => {
    const before = cancelAs(signal);
    try {
      task.cancel(abortMessage(signal.reason));
    } finally {
      cancelAs(before);
    }
  };
  if (signal.aborted) {
    cancel();
    return;
  }
  signal.addEventListener("abort", cancel, { once: true });
  task.$addListener({
    $wakeup: () => signal.removeEventListener("abort", cancel),
  });
}

function abortMessage(reason: unknown): string | undefined {
  try {
    if (reason instanceof Error) return messageText(reason.message);
  } catch {
    return "<unprintable reason>";
  }
  return messageText(reason);
}

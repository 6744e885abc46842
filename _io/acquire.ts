// Copyright 2026 the asyncio authors. MIT license.

import { wrapFuture } from "../future.ts";

/**
 * Waits for something of the host that has to be closed. If the wait is
 * cancelled, it is closed, whenever it comes.
 */
export function* acquire<T>(
  make: (signal: AbortSignal) => Promise<T>,
  close: (made: T) => void,
): Generator<unknown, T, unknown> {
  let found: { made: T } | null = null;
  let isWanted = true;
  const future = wrapFuture(async (signal) => {
    const made = await make(signal);
    if (isWanted) found = { made };
    else close(made);
  });
  try {
    yield* future;
    const { made } = found! as { made: T };
    found = null;
    return made;
  } finally {
    isWanted = false;
    future.cancel();
    // It has come, and the task was cancelled in the same turn.
    const left = found as { made: T } | null;
    if (left !== null) close(left.made);
  }
}

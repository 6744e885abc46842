// Copyright 2026 the asyncio authors. MIT license.

import type { LoopCore } from "./protocols.ts";

/** Is told of loops that run. */
export interface RunWatcher {
  /** A loop begins to run. What it returns is called when the loop stops. */
  loopRuns(loop: LoopCore): () => void;
}

let watcher: RunWatcher | null = null;

/** Turns on debug mode for all loops that are made from now on. */
export function debugNewLoops(newWatcher: RunWatcher): void {
  watcher = newWatcher;
}

/** Whether a new loop is in debug mode if its maker does not say. */
export function isDebugDefault(): boolean {
  return watcher !== null;
}

/** A loop begins to run; returns what to call when it stops. */
export function watchRun(loop: LoopCore): (() => void) | null {
  return watcher === null ? null : watcher.loopRuns(loop);
}

// Copyright 2026 the asyncio authors. MIT license.

import { variable } from "../_host/environment.ts";
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

/** Whether `ASYNCIO_DEBUG` is set. It is looked up when the first loop is made. */
let isInEnvironment: boolean | null = null;

/** Whether a new loop is in debug mode if its maker does not say. */
export function isDebugDefault(): boolean {
  if (watcher !== null) return true;
  const off: unknown[] = [undefined, "", "0"];
  return isInEnvironment ??= !off.includes(variable("ASYNCIO_DEBUG"));
}

/** A loop begins to run; returns what to call when it stops. */
export function watchRun(loop: LoopCore): (() => void) | null {
  return watcher === null ? null : watcher.loopRuns(loop);
}

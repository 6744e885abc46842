// The internals of loops, coroutines and futures that tests check.

import type { EventLoop } from "@asyncio/asyncio";
import type { Engine } from "../_core/engine.ts";

/** The entries that a loop runs next. */
export function readyOf(loop: EventLoop): Engine["ready"] {
  return loop.$engineOf.ready;
}

/** The timers of a loop. */
export function timersOf(loop: EventLoop): Engine["timers"] {
  return loop.$engineOf.timers;
}

/** Calls a function between the steps of a loop, without taking a turn of it. */
export function beforeEachStep(loop: EventLoop, callback: () => void): void {
  loop.$engineOf.addInstrument({ $beforeEntry: callback });
}

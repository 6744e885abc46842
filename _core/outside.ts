// Copyright 2026 the asyncio authors. MIT license.

import type { LoopCore } from "./protocols.ts";
import { currentLoop, openScope, running } from "./running.ts";

/**
 * Ends what something outside the loop has done, now or when the director of
 * the loop says so. What the loop itself brings about is no news from outside.
 */
export function arrive(loop: LoopCore, complete: () => void): void {
  if (arrivesNow(loop)) complete();
  else loop.$engineOf.director!.deliver(complete);
}

/** Whether it may take effect now. It spares a closure where much arrives. */
export function arrivesNow(loop: LoopCore): boolean {
  return loop.$engineOf.director === null || running.loop === loop;
}

/**
 * For how many coroutines that are awaited outside every task each loop runs.
 */
const awaitedOutside = new WeakMap<LoopCore, number>();

/**
 * Runs a coroutine that is awaited outside every task. If its loop is not
 * running, it is run until all such coroutines are done.
 */
export function runOutside(coroutine: object): PromiseLike<unknown> {
  const loop = currentLoop();
  const task = loop.$spawn(coroutine);
  openScope()?.$adoptOutside?.(task);
  const others = awaitedOutside.get(loop) ?? 0;
  if (others === 0 && loop.isRunning()) return task;
  awaitedOutside.set(loop, others + 1);
  task.addDoneCallback(() => {
    const left = awaitedOutside.get(loop)! - 1;
    awaitedOutside.set(loop, left);
    if (left === 0) loop.stop();
  });
  return others === 0 ? loop.runForever().then(() => task) : task;
}

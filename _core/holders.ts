// Copyright 2026 the asyncio authors. MIT license.

/**
 * Who holds a lock or a semaphore, to say for whom those in its line wait.
 *
 * Invariant: it is recorded only while a test wants to know. Otherwise a lock
 * pays one check for `null`.
 */

import type { TaskCore } from "./protocols.ts";
import { activeTask } from "./running.ts";

/** The tasks that hold something, by the line of those who wait for it. */
export const holders: { byLine: WeakMap<object, TaskCore[]> | null } = {
  byLine: null,
};

let watchers = 0;

/**
 * Records from now on.
 *
 * @returns A function that ends it.
 */
export function watchHolders(): () => void {
  watchers++;
  holders.byLine ??= new WeakMap();
  return () => {
    if (--watchers === 0) holders.byLine = null;
  };
}

/** The running task holds what this is the line of. */
export function noteHeld(line: object): void {
  const task = activeTask();
  const others = holders.byLine?.get(line);
  if (task === null) return;
  if (others === undefined) holders.byLine?.set(line, [task]);
  else others.push(task);
}

/** It is released: by its holder, or else for the one who has it longest. */
export function noteReleased(line: object): void {
  const tasks = holders.byLine?.get(line) ?? [];
  const index = tasks.indexOf(activeTask()!);
  tasks.splice(Math.max(index, 0), 1);
}

/** Those who hold it, as far as that was recorded. */
export function holdersOf(line: object): readonly TaskCore[] {
  return holders.byLine?.get(line) ?? [];
}

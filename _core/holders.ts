// Copyright 2026 the asyncio authors. MIT license.

/**
 * Who holds a lock or a semaphore, to say for whom those in its line wait.
 *
 * Invariant: it is recorded only while a test or debug mode wants to know.
 * Otherwise a lock pays one check for `null`.
 */

import { stringRepr } from "../_util/repr.ts";
import type { Frame } from "../_util/stack_trace.ts";
import { framesHere } from "./graph.ts";
import type { TaskCore } from "./protocols.ts";
import { activeTask } from "./running.ts";

/** That a task holds something. */
interface Holding {
  readonly task: TaskCore;
  /** Whether it has to release it before it ends. */
  readonly isLock: boolean;
  /** Where it was acquired, in debug mode. */
  readonly frames: readonly Frame[];
}

/** What is held, by the line of those who wait for it. */
export const holders: { byLine: WeakMap<object, Holding[]> | null } = {
  byLine: null,
};

/** The lines of the locks that tasks hold. */
const held = new WeakMap<TaskCore, Set<object>>();

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
export function noteHeld(line: object, isLock = false): void {
  const task = activeTask();
  if (task === null) return;
  const isDebugged = task.getLoop().getDebug();
  const frames = isDebugged ? framesHere(task, noteHeld) : [];
  const holding = { task, isLock, frames };
  const others = holders.byLine?.get(line);
  if (others === undefined) holders.byLine?.set(line, [holding]);
  else others.push(holding);
  const lines = held.get(task);
  if (lines === undefined) held.set(task, new Set([line]));
  else lines.add(line);
}

/** It is released: by its holder, or else for the one who has it longest. */
export function noteReleased(line: object): void {
  const holdings = holders.byLine?.get(line) ?? [];
  const active = activeTask();
  const index = holdings.findIndex(({ task }) => task === active);
  holdings.splice(Math.max(index, 0), 1);
}

/** Those who hold it, as far as that was recorded. */
export function holdersOf(line: object): readonly TaskCore[] {
  return holders.byLine?.get(line)?.map(({ task }) => task) ?? [];
}

/** The locks that a task holds, and where it has acquired each. */
export function* locksOf(
  task: TaskCore,
): Generator<{ line: object; frames: readonly Frame[] }> {
  for (const line of held.get(task) ?? []) {
    for (const holding of holders.byLine?.get(line) ?? []) {
      if (holding.task !== task || !holding.isLock) continue;
      yield { line, frames: holding.frames };
    }
  }
}

/** `, held by Task 'b'` in debug mode, if that was recorded. */
export function holderText(line: object): string {
  const names = holdersOf(line)
    .filter((task) => task.getLoop().getDebug())
    .map((task) => `Task ${stringRepr(task.getName())}`);
  return names.length === 0 ? "" : `, held by ${names.join(", ")}`;
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * The asynchronous contexts of callbacks and of the steps of generators.
 *
 * A task that is given a context runs all its steps in it; each step is bound to
 * the context that the last one left. Other generators, and callbacks, run in the
 * context of the loop: what they enter with `enterWith()` is taken back when
 * their step is over.
 */

import { requireFunction } from "../_util/checks.ts";
import { AsyncLocalStorage, watchStores } from "../_host/context.ts";
import type { LoopCore, Scope } from "./protocols.ts";
import { running, scopeStore } from "./running.ts";

/**
 * An asynchronous context: a function that calls another one in it, and returns
 * what that returns. `AsyncLocalStorage.snapshot()` captures the active one.
 *
 * @category Tasks
 */
export type Context = <R>(fn: () => R) => R;

/**
 * Captures the active context, for code that runs outside of every task of a
 * loop; on a host that has none, a function that just calls.
 */
export function contextOutside(loop: LoopCore): Context {
  // Where the host has none, what is entered would last until the step is over.
  if (AsyncLocalStorage.snapshot === undefined) return (fn) => fn();
  const snapshot = scopeStore.run(loop, () => AsyncLocalStorage.snapshot());
  return (fn) => {
    const enteredBefore = entered.length;
    try {
      return snapshot(fn);
    } finally {
      leaveStores(enteredBefore); // once more in it, if it is entered again
    }
  };
}

/** The options of functions whose only option is a context. */
export const CONTEXT_OPTION: readonly string[] = ["context"];

/**
 * How to take back the stores that were entered on the current stack, in order.
 * Empty unless a callback or a step of a generator has called `enterWith()`.
 */
export const entered: (() => void)[] = [];

/** Starts to note what callbacks and generators enter. Loops call it. */
export function watchContexts(): void {
  watchStores((restore) => {
    // An async function that goes on by itself has a context of its own.
    if (running.loop !== null) entered.push(restore);
  });
}

/** Takes back all stores that were entered after the first `count`. */
export function leaveStores(count: number): void {
  while (entered.length > count) entered.pop()!();
}

/**
 * Refuses what cannot be a context. `null` and `undefined` stand for none.
 *
 * @throws {TypeError} If it is not a function.
 */
export function requireContext(fn: string, context: unknown): void {
  if (context !== undefined && context !== null) {
    requireFunction(`the context option of ${fn}`, context);
  }
}

/**
 * Calls a function in a context, with a given scope: the context may have been
 * captured in another task, or in none.
 */
export function callIn<R>(
  context: Context,
  scope: Scope | LoopCore,
  fn: () => R,
): R {
  return context(() => {
    const enteredBefore = entered.length;
    try {
      return scopeStore.run(scope, fn);
    } finally {
      leaveStores(enteredBefore); // here, as they were entered in it
    }
  });
}

/**
 * Calls a function in a context, or in the active one if it is `null`, and takes
 * back the stores that it enters.
 */
export function callOnce(
  context: Context | null,
  scope: LoopCore,
  fn: () => void,
): void {
  if (context !== null) return callIn(context, scope, fn);
  const enteredBefore = entered.length;
  try {
    fn();
  } finally {
    leaveStores(enteredBefore);
  }
}

/**
 * {@linkcode callIn} for the first step of a task, which must not get lost.
 *
 * @throws {TypeError} If `context` did not call the function.
 */
export function beginIn(
  context: Context,
  scope: Scope | LoopCore,
  begin: () => void,
): void {
  let called = false;
  callIn(context, scope, () => {
    called = true;
    begin();
  });
  if (called) return;
  throw new TypeError("The context of a task must call the function at once");
}

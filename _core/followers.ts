// Copyright 2026 the asyncio authors. MIT license.

/**
 * What waits for native promises.
 *
 * A promise keeps its reactions for as long as it is pending, and with each its
 * asynchronous context: what has waited for a promise that lives as long as the
 * program would, too. So one reaction serves all that wait for a promise, and they
 * can leave.
 */

import type { LoopCore } from "./protocols.ts";
import { scopeStore, stepStore } from "./running.ts";

/** What waits for a promise. */
export interface Follower<T> {
  /** The promise is fulfilled. */
  $fulfil(value: T): void;
  /** The promise is rejected. */
  $reject(error: unknown): void;
}

/** Those of each promise that is not settled. */
const followers = /* @__PURE__ */ new WeakMap<
  PromiseLike<unknown>,
  Set<Follower<unknown>>
>();

type First = [promise: Promise<unknown>, follower: Follower<unknown>];

/** Tells `follower`, in the order in which all followers came. */
export function follow<T>(
  promise: Promise<T>,
  follower: Follower<T>,
  loop: LoopCore,
): void {
  const others = followers.get(promise);
  if (others !== undefined) {
    others.add(follower as Follower<unknown>);
    return;
  }
  const first: First = [promise, follower as Follower<unknown>];
  // Not in the context of the task that happens to be the first, if there is one.
  if (stepStore !== null) register(first);
  else if (scopeStore.runAlone) scopeStore.runAlone(loop, register, first);
  else scopeStore.run(loop, register, first);
}

function register([promise, first]: First): void {
  const all = new Set([first]);
  promise.then(
    (value) => {
      followers.delete(promise);
      for (const follower of all) follower.$fulfil(value);
    },
    (error) => {
      followers.delete(promise);
      for (const follower of all) follower.$reject(error);
    },
  );
  followers.set(promise, all);
}

/** Tells it no more. */
export function unfollow(
  promise: PromiseLike<unknown>,
  follower: Follower<never>,
): void {
  followers.get(promise)?.delete(follower as Follower<unknown>);
}

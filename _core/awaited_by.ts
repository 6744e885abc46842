// Copyright 2026 the asyncio authors. MIT license.

/**
 * Who waits for a future: the tasks among its listeners, and what its callbacks
 * stand for.
 */

import type { FutureCore } from "./protocols.ts";
import { isFutureCore } from "./recognition.ts";

/** What a callback wakes: a gathering, a shield, a task; or how to find out. */
type Awaiters = FutureCore | (() => Iterable<FutureCore>);

const awaiters = new WeakMap<object, Awaiters>();

/**
 * Says for whom a callback waits. Called once for each group of callbacks, by
 * whatever waits for a future by other means than `await` and `yield*`.
 */
export function awaitsFor(callback: object, awaiter: Awaiters): void {
  awaiters.set(callback, awaiter);
}

/** A wait of a task, or what stands for whoever waits. */
type Listener = { $taskOf?: FutureCore | null; $awaiterOf?: FutureCore };

/** Those for whom a listener or a callback of a future waits. */
function awaitersBehind(listener: object): Iterable<FutureCore> {
  const { $taskOf, $awaiterOf } = listener as Listener;
  const awaiter = $taskOf ?? $awaiterOf;
  if (awaiter) return [awaiter];
  if (isFutureCore(listener)) return [listener];
  const noted = awaiters.get(listener);
  if (noted === undefined) return [];
  return typeof noted === "function" ? noted() : [noted];
}

/** What programs have said by `futureAddToAwaitedBy()`. */
const added = new WeakMap<FutureCore, Set<FutureCore>>();

export function addAwaiter(future: FutureCore, awaiter: FutureCore): void {
  const others = added.get(future);
  if (others === undefined) {
    added.set(future, new Set([awaiter]));
    return;
  }
  others.add(awaiter);
  // Each time that there are twice as many: the future may outlive them all.
  if ((others.size & (others.size - 1)) !== 0) return;
  for (const other of others) if (other.done()) others.delete(other);
}

export function deleteAwaiter(future: FutureCore, awaiter: FutureCore): void {
  added.get(future)?.delete(awaiter);
}

/** The tasks and futures that wait for a future and are not done, in order. */
export function awaitersOf(future: FutureCore): Set<FutureCore> {
  const found = new Set<FutureCore>();
  for (const listener of future.$listenersOf()) {
    for (const awaiter of awaitersBehind(listener)) found.add(awaiter);
  }
  for (const awaiter of added.get(future) ?? []) found.add(awaiter);
  for (const awaiter of found) if (awaiter.done()) found.delete(awaiter);
  return found;
}

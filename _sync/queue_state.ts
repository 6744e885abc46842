// Copyright 2026 the asyncio authors. MIT license.

import { Deque } from "../_util/deque.ts";
import { QueueShutDown } from "../errors.ts";
import { LoopBinding, WaitQueue } from "./wait_queue.ts";

/** What keeps the items of a queue, in the order in which they are taken. */
export interface Items<T> extends Iterable<T> {
  readonly length: number;
  push(item: T): void;
  /** Takes the next item. There must be one. */
  shift(): T;
  clear(): void;
}

/**
 * What a queue shares with its waiters and its subclasses.
 *
 * The queue alone changes it, and the waiters only read it, with two
 * exceptions: a subclass replaces `items` in its constructor, and a waiter adds
 * itself to one of the wait queues and wakes others there.
 */
export class QueueState<T> {
  items: Items<T> = new Deque<T>();
  /** How many items have been put in for which no `taskDone()` was called. */
  unfinished = 0;
  isShutDown = false;
  /** Tasks that wait for an item. */
  readonly getters: WaitQueue;
  /** Tasks that wait for room. */
  readonly putters: WaitQueue;
  /** Tasks that wait until `unfinished` is 0. */
  readonly joiners: WaitQueue;

  /** @param makeSpecimens Makes what waits in the three. */
  constructor(owner: object, makeSpecimens: () => unknown) {
    const binding = new LoopBinding(owner);
    this.getters = new WaitQueue(binding, makeSpecimens);
    this.putters = new WaitQueue(binding);
    this.joiners = new WaitQueue(binding);
  }
}

/** The error for a call that comes after the queue was shut down. */
export function shutDownError(act: string, what = "queue"): QueueShutDown {
  return new QueueShutDown(`Cannot ${act} as the ${what} was shut down`);
}

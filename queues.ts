// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Queues: tools with which tasks hand items to each other. An item of a
 * {@linkcode Queue} goes to one task, an item of a {@linkcode Broadcast} to all
 * that have subscribed.
 *
 * ```ts
 * import { Queue, run, taskGroup } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const done: number[] = [];
 * await run(() =>
 *   taskGroup(async (group) => {
 *     const queue = new Queue<number>(2); // room for two items: put() may wait
 *     group.createTask(async () => {
 *       for (let i = 0; i < 5; i++) await queue.put(i);
 *       queue.shutdown(); // no more items will come
 *     });
 *     group.createTask(async () => {
 *       for await (const item of queue) done.push(item);
 *     });
 *   })
 * );
 * assertEquals(done, [0, 1, 2, 3, 4]);
 * ```
 *
 * Queues are for the tasks of one loop. Each is bound to the loop in which a
 * task first waits for it; waiting for it in another loop is an error.
 *
 * @module
 */

export { Broadcast, Subscription } from "./_sync/broadcast.ts";
export type { OverflowPolicy, SubscribeOptions } from "./_sync/broadcast.ts";
export { LifoQueue } from "./_sync/lifo_queue.ts";
export { PriorityQueue } from "./_sync/priority_queue.ts";
export type { PriorityQueueOptions } from "./_sync/priority_queue.ts";
export { Queue } from "./_sync/queue.ts";
export type { Compare } from "./_util/compare.ts";

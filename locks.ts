// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Locks: tools with which tasks exclude each other and wait for each other.
 *
 * - {@linkcode Lock}, {@linkcode RWLock} and {@linkcode Semaphore} let in one, one
 *   writer or many readers, and so many.
 * - {@linkcode Event}, {@linkcode Condition} and {@linkcode Barrier} are waited for.
 * - {@linkcode RateLimiter} lets in so many in a given time.
 *
 * ```ts
 * import { gather, Lock, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new Lock();
 * let balance = 100;
 *
 * async function withdraw(amount: number) {
 *   using _ = await lock.acquire(); // held until the function ends
 *   const before = balance;
 *   await sleep(0.01);
 *   balance = before - amount;
 * }
 *
 * await run(async () => {
 *   await gather(() => withdraw(30), () => withdraw(20));
 * });
 * assertEquals(balance, 50);
 * ```
 *
 * These objects are for the tasks of one loop. Each is bound to the loop in
 * which a task first waits for it; waiting for it in another loop is an error.
 *
 * @module
 */

export { Barrier } from "./_sync/barrier.ts";
export { Condition } from "./_sync/condition.ts";
export { Event } from "./_sync/event.ts";
export { Lock } from "./_sync/lock.ts";
export { RateLimiter } from "./_sync/rate_limiter.ts";
export type { RateLimiterOptions } from "./_sync/rate_limiter.ts";
export { RWLock } from "./_sync/rw_lock.ts";
export { BoundedSemaphore, Semaphore } from "./_sync/semaphore.ts";

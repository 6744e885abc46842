// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Python's asyncio for Deno: an event loop, coroutines, futures and tasks that
 * can be cancelled, named, listed and waited for together.
 *
 * ```ts
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function work(seconds: number) {
 *   await sleep(seconds);
 *   return `slept ${seconds}`;
 * }
 *
 * async function main() {
 *   return await gather(() => work(0.02), () => work(0.01));
 * }
 *
 * assertEquals(await run(main), ["slept 0.02", "slept 0.01"]);
 * ```
 *
 * All times are in seconds.
 *
 * @module
 */

export * from "./coroutine.ts";
export * from "./errors.ts";
export * from "./future.ts";
export * from "./gather.ts";
export * from "./locks.ts";
export * from "./loop.ts";
export * from "./queues.ts";
export * from "./retry.ts";
export * from "./runner.ts";
export * from "./task.ts";
export * from "./task_group.ts";
export * from "./threads.ts";
export * from "./timeouts.ts";

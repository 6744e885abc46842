// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Waiting for several things at the same time.
 *
 * - {@linkcode gather} waits for all of them and gives the list of the results.
 * - {@linkcode wait} waits for all, for the first that is done or for the first
 *   that fails, and gives the futures themselves.
 * - {@linkcode asCompleted} gives the results one by one, as they come.
 * - {@linkcode race} waits for the first that is done, and ends the others.
 * - {@linkcode shield} waits for one without cancelling it.
 * - {@linkcode wrapIterable} waits for the elements of a native source, one by
 *   one.
 *
 * The option `limit` of {@linkcode gather} and {@linkcode asCompleted} says how many
 * are under way at once. Then what to wait for may come from any iterable, lazy or
 * asynchronous, and is asked for when it can begin.
 *
 * ```ts
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const results = await gather(sleep(0.02, "a"), sleep(0.01, 1));
 *   assertEquals(results, ["a", 1]);
 * });
 * ```
 *
 * @module
 */

export type { Outcome, Outcomes } from "./_util/awaitables.ts";
export * from "./_wait/as_completed.ts";
export * from "./_wait/gather.ts";
export * from "./_wait/race.ts";
export * from "./_wait/shield.ts";
export * from "./_wait/wait.ts";
export * from "./_wait/wait_for.ts";
export * from "./_wait/wrap_iterable.ts";

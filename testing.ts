// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Tests of asynchronous code: virtual time that jumps, deadlocks and leaks that
 * name themselves.
 *
 * ```ts
 * import { sleep } from "@asyncio/asyncio";
 * import { runTest } from "@asyncio/asyncio/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const result = await runTest(async () => {
 *   await sleep(3 * 60 * 60); // takes milliseconds
 *   return "done";
 * });
 * assertEquals(result, "done");
 * ```
 *
 * @module
 */

export { waitAllTasksBlocked } from "./_testing/blocked.ts";
export {
  cancelEverywhere,
  type CancelEverywhereOptions,
  type CancelEverywhereReport,
} from "./_testing/cancel_everywhere.ts";
export type { ExplorationLevel } from "./_testing/choices.ts";
export {
  DeadlockError,
  ExplorationError,
  LeakError,
  SweepError,
} from "./_testing/errors.ts";
export {
  type ExplorationReport,
  explore,
  type ExploreOptions,
} from "./_testing/explore.ts";
export { runTest, type RunTestOptions } from "./_testing/run_test.ts";
export {
  VirtualClock,
  type VirtualClockOptions,
} from "./_testing/virtual_clock.ts";

// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Limits on how long something may take.
 *
 * ```ts
 * import { run, sleep, timeout, TimeoutError } from "@asyncio/asyncio";
 * import { assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   await assertRejects(
 *     async () => await timeout(0.01, async () => await sleep(60)),
 *     TimeoutError,
 *   );
 * });
 * ```
 *
 * @module
 */

export { moveOnAfter, Timeout, timeout, timeoutAt } from "./_wait/timeout.ts";
export { waitFor } from "./_wait/wait_for.ts";

// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Trying again: {@linkcode retry} calls a function until it succeeds.
 *
 * ```ts
 * import { retry, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function roll(attempt: number) {
 *   if (attempt < 3) throw new Error("no luck");
 *   return `lucky at attempt ${attempt}`;
 * }
 *
 * assertEquals(await run(retry(roll, { backoff: 0 })), "lucky at attempt 3");
 * ```
 *
 * @module
 */

export * from "./_wait/retry.ts";

// Copyright 2026 the asyncio authors. MIT license.

import { requireCount } from "./checks.ts";

/**
 * The option `limit`: how many may be under way at once. No limit is `Infinity`.
 *
 * @param what What the error message calls it.
 * @throws {TypeError} If it is not a number, or is `NaN`.
 * @throws {RangeError} If it is less than 1, or not a whole number.
 */
export function optionalLimit(
  limit: number | null | undefined,
  what: string,
): number {
  if (limit === null || limit === undefined) return Infinity;
  if (limit !== Infinity) requireCount(what, 1, limit);
  return limit;
}

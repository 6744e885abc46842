// Copyright 2026 the asyncio authors. MIT license.

import { requireNumber } from "./checks.ts";

/**
 * A timeout in seconds as it was given as an option; `null` for none.
 *
 * @param what What the error message calls it.
 * @throws {TypeError} If it is not a number, or `NaN`.
 */
export function optionalTimeout(
  timeout: number | null | undefined,
  what: string,
): number | null {
  if (timeout === null || timeout === undefined) return null;
  requireNumber(what, timeout);
  return timeout;
}

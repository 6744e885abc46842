// Copyright 2026 the asyncio authors. MIT license.

import { valueText } from "../_util/repr.ts";

/** Refuses what is not a string, such as a host or a path. */
export function requireText(what: string, value: unknown): void {
  if (typeof value !== "string" || value === "") {
    throw new TypeError(
      `${what} must be a string that is not empty: current value is ${
        valueText(value)
      }`,
    );
  }
}

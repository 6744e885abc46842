// Copyright 2026 the asyncio authors. MIT license.

import { valueText } from "./repr.ts";

function isNumber(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(value);
}

/** Throws an error about a value of a wrong type. */
export function refuse(what: string, required: string, value: unknown): never {
  throw new TypeError(
    `Cannot use as ${what} what is not ${required}: current value is ${
      valueText(value)
    }`,
  );
}

/** Refuses what is not a number of seconds. `NaN` is none. */
export function requireNumber(what: string, value: unknown): void {
  if (!isNumber(value)) refuse(what, "a number of seconds", value);
}

/** Refuses what is not a number. `NaN` is none. */
export function requireAmount(what: string, value: unknown): void {
  if (!isNumber(value)) refuse(what, "a number", value);
}

/** Refuses what is not a whole number of `minimum` or more. */
export function requireCount(
  what: string,
  minimum: number,
  value: number,
): void {
  requireAmount(what, value);
  if (value >= minimum && Number.isInteger(value)) return;
  const rule = value < minimum ? `>= ${minimum}` : "a whole number";
  throw new RangeError(`${what} must be ${rule}: current value is ${value}`);
}

/** A limit as it was given as an option: a whole number, or `Infinity` for none. */
export function optionalLimit(
  limit: number | null | undefined,
  what: string,
): number {
  if (limit === null || limit === undefined) return Infinity;
  requireCount(what, 0, limit);
  return limit;
}

/** Refuses what is not a time in seconds that comes some day. */
export function requireTime(what: string, value: unknown): void {
  requireNumber(what, value);
  if (value === Infinity) {
    throw new RangeError(
      `Cannot use as ${what} what never comes: current value is ${value}`,
    );
  }
}

/** Refuses what is neither a function nor `null`. */
export function requireFunctionOrNull(what: string, value: unknown): void {
  if (value !== null && typeof value !== "function") {
    throw new TypeError(
      `${what} must be a function or null: current value is ${
        valueText(value)
      }`,
    );
  }
}

/** Refuses what is not a function. */
export function requireFunction(what: string, value: unknown): void {
  if (typeof value !== "function") {
    throw new TypeError(
      `a callable object was expected by ${what}, got ${valueText(value)}`,
    );
  }
}

/**
 * The message of a cancellation as text. It may come from anywhere, such as the
 * reason of a signal, and must not throw when it is turned into text.
 */
export function messageText(message: unknown): string | undefined {
  if (message === undefined || typeof message === "string") return message;
  try {
    return String(message);
  } catch {
    return "<unprintable message>";
  }
}

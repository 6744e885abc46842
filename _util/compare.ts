// Copyright 2026 the asyncio authors. MIT license.

import { valueText } from "./repr.ts";

/**
 * Negative if `a` comes before `b`, positive if after it, 0 if equal.
 *
 * @category Queues
 */
export type Compare<T> = (a: T, b: T) => number;

/** The rank of a code unit: surrogates are for characters above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** Orders strings by code points; JavaScript's `<` goes by code units. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    // As in Python's tuples, an object equals itself even if it has no order.
    if (a[i] === b[i]) continue;
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "bigint" ||
    typeof value === "number" && !Number.isNaN(value);
}

/** Orders numbers, strings and arrays of them as Python does. */
export function compareValues(a: unknown, b: unknown): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") {
    return compareStrings(a, b);
  }
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  throw new TypeError(
    `Cannot order ${valueText(a)} and ${
      valueText(b)
    }: two numbers, strings or arrays are required, or { compare }`,
  );
}

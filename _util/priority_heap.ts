import { valueText } from "./repr.ts";

/** Negative if `a` goes before `b`, positive if after it, else 0. */
export type Compare<T> = (a: T, b: T) => number;

/** Where code units stand: surrogates are of characters above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

/** Orders strings by code points; JavaScript itself does by code units. */
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
    // As with Python's tuples, what is the same object needs no order.
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

interface Entry<T> {
  readonly item: T;
  /** Which one it was to come, for those that are equal. */
  readonly turn: number;
}

/**
 * A binary heap, lowest first, equal items first in, first out.
 *
 * When a comparison throws, the heap is as it was before.
 */
export class Heap<T> implements Iterable<T> {
  #entries: Entry<T>[] = [];
  #turn = 0;
  #compare: Compare<T>;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#entries.length;
  }

  push(item: T): void {
    const entries = this.#entries;
    const entry: Entry<T> = { item, turn: this.#turn++ };
    let place = entries.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(entry, entries[parent])) break;
      place = parent;
    }
    // All have been compared: now those on the way move down.
    let hole = entries.length;
    entries.push(entry);
    while (hole > place) {
      const parent = (hole - 1) >> 1;
      entries[hole] = entries[parent];
      hole = parent;
    }
    entries[place] = entry;
  }

  /** Takes the lowest item. There must be one. */
  shift(): T {
    const entries = this.#entries;
    const first = entries[0];
    const length = entries.length - 1;
    const last = entries[length];
    let place = 0;
    for (let child = 1; child < length; child = 2 * place + 1) {
      const other = child + 1;
      if (other < length && this.#isBefore(entries[other], entries[child])) {
        child = other;
      }
      if (!this.#isBefore(entries[child], last)) break;
      place = child;
    }
    // All have been compared: now those on the way move up.
    entries.pop();
    if (length > 0) {
      let moving = last;
      while (place > 0) {
        const next = entries[place];
        entries[place] = moving;
        moving = next;
        place = (place - 1) >> 1;
      }
      entries[0] = moving;
    }
    return first.item;
  }

  clear(): void {
    this.#entries = [];
  }

  *[Symbol.iterator](): Generator<T> {
    for (const { item } of this.#entries) yield item;
  }

  #isBefore(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item);
    return order < 0 || (order === 0 && a.turn < b.turn);
  }
}

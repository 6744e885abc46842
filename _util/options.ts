// Copyright 2026 the asyncio authors. MIT license.

import { valueText } from "./repr.ts";

/** How a name compares: snake_case and camelCase are the same. */
function normalized(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/**
 * How many characters have to be inserted, deleted, replaced or swapped with
 * their neighbour to turn one name into the other.
 */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      row[j] = Math.min(
        previous[j] + 1,
        row[j - 1] + 1,
        previous[j - 1] + cost,
      );
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] &&
        from[i - 2] === to[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforePrevious[j - 2] + 1);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[to.length];
}

/** A similar name has at most one edit for this many characters. */
const CHARACTERS_PER_EDIT = 3;

/** The known name that `name` was probably meant to be, or `null`. */
function nearest(name: string, known: readonly string[]): string | null {
  const text = normalized(name);
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const other = normalized(candidate);
    const distance = editDistance(text, other);
    const limit = Math.max(text.length, other.length) / CHARACTERS_PER_EDIT;
    if (distance > limit || distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/**
 * Whether an object is written as options or made to be used as options. A task
 * or an `AbortSignal`, for example, is neither: the caller passed by position
 * what belongs in an option.
 */
function isOptions(options: object, known: readonly string[]): boolean {
  const prototype = Object.getPrototypeOf(options);
  if (prototype === Object.prototype || prototype === null) return true;
  if (Array.isArray(options) || "then" in options) return false;
  return known.some((name) => name in options);
}

/**
 * Options that the library itself has made, with nothing in them but a loop:
 * there is nothing to check. Whatever makes many futures or tasks passes these.
 *
 * @typeParam L The type of the loop.
 */
export class OwnOptions<L> {
  constructor(readonly loop: L) {}
}

/**
 * Refuses options that are not an object, and options that do not exist.
 * Allocates nothing unless it throws.
 *
 * @param fn The function that takes the options, as its message names it, such
 * as `"gather()"`.
 * @param options The options that the caller passed, if any.
 * @param known The names of all options of the function.
 * @throws {TypeError} If `options` is neither `undefined` nor an object of
 * options.
 * @throws {TypeError} If an option is not one of `known`.
 */
export function requireOptions(
  fn: string,
  options: unknown,
  known: readonly string[],
): void {
  if (options === undefined || options instanceof OwnOptions) return;
  if (
    typeof options !== "object" || options === null ||
    !isOptions(options, known)
  ) {
    throw new TypeError(
      `${fn} takes options as an object such as { ${
        known.join(", ")
      } }: current value is ${valueText(options)}`,
    );
  }
  for (const name in options) {
    if (known.includes(name) || !Object.hasOwn(options, name)) continue;
    const meant = nearest(name, known);
    throw new TypeError(
      `Unknown option ${name} for ${fn}: ${
        meant === null
          ? `the known ones are ${known.join(", ")}`
          : `did you mean ${meant}?`
      }`,
    );
  }
}

import { valueText } from "./repr.ts";

/** Refuses what is not a number, `NaN` included. */
export function requireNumber(what: string, value: unknown): void {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(
      `Cannot use as ${what} what is not a number of seconds: current value is ${
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

/** Refuses what cannot be the body of a scope. */
export function requireBody(what: string, value: unknown): void {
  if (typeof value !== "function") {
    throw new TypeError(
      `Cannot use as the body of ${what} what is not an async function or a function*: current value is ${
        valueText(value)
      }`,
    );
  }
}

/** Refuses what is not a number, `NaN` included. */
export function requireAmount(what: string, value: unknown): void {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new TypeError(
      `Cannot use as ${what} what is not a number: current value is ${
        valueText(value)
      }`,
    );
  }
}

/** Refuses what cannot be a number of things, `minimum` or more. */
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

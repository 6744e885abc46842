import { valueText } from "./_repr.ts";

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

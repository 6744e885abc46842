// Copyright 2026 the asyncio authors. MIT license.

import { setInspect } from "../_util/repr.ts";

const INSPECT_OPTIONS = {
  colors: false,
  compact: true,
  breakLength: Infinity,
} as const;

/** The text of a value as the host prints it, on one line where possible. */
export function inspect(value: unknown): string {
  try {
    return typeof Deno === "undefined"
      ? String(value)
      : Deno.inspect(value, INSPECT_OPTIONS);
  } catch {
    // A getter or a custom inspection that throws must not break the report.
    return `<unprintable ${typeof value}>`;
  }
}

setInspect(inspect);

/** An error with its stack and its causes. */
export function errorText(error: unknown): string {
  return typeof Deno === "undefined" && error instanceof Error
    ? String(error.stack)
    : inspect(error);
}

/** Prints to the host's error output. */
export function printError(...values: unknown[]): void {
  console.error(...values);
}

/** Prints a warning to the host's error output. */
export function printWarning(...values: unknown[]): void {
  console.warn(...values);
}

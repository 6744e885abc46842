// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";

const INSPECT_OPTIONS = {
  colors: false,
  compact: true,
  breakLength: Infinity,
} as const;

type Inspect = (value: unknown, options: object) => string;

let hostInspect: Inspect | null = null;

/** How the host prints values. It is looked up when the first one is printed. */
function findInspect(): Inspect {
  return typeof Deno === "undefined"
    ? builtin<{ inspect: Inspect }>("node:util")?.inspect ?? plainInspect
    : Deno.inspect;
}

/** The text of a value where the host cannot tell, as in browsers. */
function plainInspect(value: unknown): string {
  if (typeof value === "function") {
    return `[Function: ${value.name || "(anonymous)"}]`;
  }
  if (typeof value !== "object" || value === null) return String(value);
  if (typeof value.toString === "function") {
    const text = String(value);
    if (text !== "[object Object]") return text;
  }
  const entries = Object.entries(value).map(([key, value]) =>
    `${key}: ${typeof value === "string" ? JSON.stringify(value) : value}`
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** The text of a value as the host prints it, on one line where possible. */
export function inspect(value: unknown, options: object = {}): string {
  try {
    hostInspect ??= findInspect();
    return hostInspect(value, { ...INSPECT_OPTIONS, ...options });
  } catch {
    // A getter or a custom inspection that throws must not break the report.
    return `<unprintable ${typeof value}>`;
  }
}

/** An error with its stack and its causes. */
export function errorText(error: unknown): string {
  hostInspect ??= findInspect();
  return hostInspect === plainInspect && error instanceof Error
    ? String(error.stack)
    : inspect(error);
}

/** Prints to the host's standard output. */
export function printLine(text: string): void {
  console.log(text);
}

/** Prints to the host's error output. */
export function printError(...values: unknown[]): void {
  console.error(...values);
}

/** Prints a warning to the host's error output. */
export function printWarning(...values: unknown[]): void {
  console.warn(...values);
}

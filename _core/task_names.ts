// Copyright 2026 the asyncio authors. MIT license.

/**
 * The name of a task as text. One that was given no name has a number: most such
 * names are never read.
 */
export function nameText(name: string | number): string {
  return typeof name === "string" ? name : `Task-${name}`;
}

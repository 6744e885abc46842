// Copyright 2026 the asyncio authors. MIT license.

/** An error in one line. */
export function briefly(error: unknown): string {
  const [line] = String(error).split("\n", 1);
  return line;
}

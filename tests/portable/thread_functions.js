// Copyright 2026 the asyncio authors. MIT license.

/** Functions that `features.js` calls in other threads. */

export function add(x, y) {
  return x + y;
}

export function fail() {
  throw new RangeError("no");
}

export function leave() {
  globalThis.process.exit(3);
}

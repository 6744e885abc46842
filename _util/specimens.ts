// Copyright 2026 the asyncio authors. MIT license.

/**
 * Objects that are kept so that V8 keeps what it knows of their classes.
 *
 * V8 knows the layout of a class only as long as there are objects of it. Once
 * a full garbage collection finds none, as between two bursts of work, all code
 * that was optimized for it is discarded: the next 20,000 tasks or items take
 * two to three times as long. One object is enough to prevent that.
 *
 * They are made when a loop has been busy for a while, or idle for many times,
 * since a short program does not need them.
 */

const specimens = /* @__PURE__ */ new Map<() => unknown, unknown>();
let areMade = true;

/** Has a function called, once, that makes objects of the classes in use. */
export function keepSpecimens(make: () => unknown): void {
  if (specimens.has(make)) return;
  specimens.set(make, null);
  areMade = false;
}

/** Makes those that are not made yet. Called outside of every step. */
export function makeSpecimens(): void {
  if (areMade) return;
  areMade = true;
  for (const [make, made] of specimens) {
    if (made === null) specimens.set(make, make());
  }
}

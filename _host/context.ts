// Copyright 2026 the asyncio authors. MIT license.

import { AsyncLocalStorage, stepStorage } from "./async_hooks.ts";

// Carries a value through an asynchronous context: awaits, timers, callbacks.
export { AsyncLocalStorage, stepStorage };

let isWatched = false;

/**
 * Has `note` called whenever the program enters a store with `enterWith()`. It
 * is called with a function that enters the store that was active before.
 *
 * A loop runs many steps on one stack, so it has to take back what one of them
 * enters. No host tells whether a context has changed, and to run each step in
 * a context of its own takes ten times as long as the step. So this replaces
 * the method, once, when the first loop is made.
 */
export function watchStores(note: (restore: () => void) => void): void {
  const { prototype } = AsyncLocalStorage;
  if (isWatched || !("enterWith" in prototype)) return;
  isWatched = true;
  const original = prototype.enterWith;
  Object.defineProperty(prototype, "enterWith", {
    value: function enterWith(
      this: AsyncLocalStorage<unknown>,
      store: unknown,
    ): void {
      const before = this.getStore();
      original.call(this, store);
      note(() => original.call(this, before));
    },
    configurable: true,
    writable: true,
  });
}

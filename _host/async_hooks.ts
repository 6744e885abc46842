// Copyright 2026 the asyncio authors. MIT license.

import type { StepStorage } from "./step_storage.ts";

// The import alone decides how soon a program starts in Deno, where looking the
// module up at run time takes five times as long. The npm package replaces this
// module by `async_hooks_default.ts` where the host may not have that one.
export { AsyncLocalStorage } from "node:async_hooks";

/** A storage that has to be told of steps; `null` as the host carries it. */
export function stepStorage<T extends object>(
  _storage: { getStore(): T | undefined },
): StepStorage<T> | null {
  return null;
}

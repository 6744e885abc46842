// Copyright 2026 the asyncio authors. MIT license.

/**
 * The same as `async_hooks.ts` for hosts that may have no such module, as
 * browsers: an import of it would keep the program from being loaded.
 */

import type { AsyncLocalStorage as Native } from "./async_hooks.ts";
import { builtin } from "./builtin.ts";
import { StepStorage } from "./step_storage.ts";

type Module = { AsyncLocalStorage: typeof Native };

/** Carries a value through an asynchronous context, as far as the host can. */
export const AsyncLocalStorage: typeof Native =
  /* @__PURE__ */ builtin<Module>("node:async_hooks")?.AsyncLocalStorage ??
    // It has those methods that the library calls.
    StepStorage as unknown as typeof Native;

/** A storage that has to be told of steps; `null` if the host carries it. */
export function stepStorage<T extends object>(
  storage: { getStore(): T | undefined },
): StepStorage<T> | null {
  const candidate: unknown = storage;
  return candidate instanceof StepStorage ? candidate : null;
}

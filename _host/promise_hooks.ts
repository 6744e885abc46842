// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";

/** A promise was made; `parent` is the one that it follows, if any. */
type Init = (promise: Promise<unknown>, parent?: Promise<unknown>) => void;

/** A reaction of a promise begins to run. */
type Before = (promise: Promise<unknown>) => void;

/** What is used of Deno's core, which has no public name. */
interface Core {
  setPromiseHooks(init: Init, before: Before): void;
}

/** What is used of `node:v8`. */
interface V8 {
  promiseHooks?: { onInit(init: Init): void; onBefore(before: Before): void };
}

let isWatching = false;

/**
 * Has functions called whenever an `await` or a `then` makes a promise, and
 * whenever a reaction of one begins to run. It cannot be taken back, and slows
 * all promises down.
 */
export function watchPromises(init: Init, before: Before): void {
  if (isWatching) return;
  isWatching = true;
  if (typeof Deno === "undefined") {
    const hooks = builtin<V8>("node:v8")?.promiseHooks;
    try {
      hooks?.onInit(init);
      hooks?.onBefore(before);
    } catch {
      // Bun has the functions, but what they do is not implemented.
    }
    return;
  }
  const { internal } = Deno as { internal?: symbol };
  if (typeof internal !== "symbol") return;
  const core: Partial<Core> | undefined = Reflect.get(Deno, internal)?.core;
  core?.setPromiseHooks?.(init, before);
}

// Copyright 2026 the asyncio authors. MIT license.

import { type Context, contextOutside } from "../_core/contexts.ts";
import { inPlaceOf, isStepped, type LoopCore } from "../_core/protocols.ts";
import { Coroutine } from "../coroutine.ts";
import type { Semaphore } from "./semaphore.ts";

/** The steps of a coroutine, the first of which runs in a context. */
class StepsIn<T> {
  #steps: Iterator<unknown, T>;
  #context: Context | null;

  constructor(coroutine: Coroutine<T>, context: Context) {
    this.#steps = coroutine[Symbol.iterator]();
    this.#context = context;
  }

  next(): IteratorResult<unknown, T> {
    const context = this.#context;
    if (context === null) return this.#steps.next();
    this.#context = null;
    return context(() => this.#steps.next());
  }

  throw(error: unknown): IteratorResult<unknown, T> {
    return this.#steps.throw!(error);
  }

  [Symbol.iterator](): this {
    return this;
  }
}

function* admit<T>(
  slots: Semaphore,
  coroutine: Coroutine<T>,
  context: Context | null,
): Generator<unknown, T, unknown> {
  const slot = yield* slots.acquire();
  try {
    return yield* context === null
      ? coroutine
      : new StepsIn<T>(coroutine, context);
  } finally {
    slot[Symbol.dispose]();
  }
}

/**
 * A coroutine that stands for another one, which begins when there is a slot for
 * it, first come, first served, and keeps the slot until it has ended.
 *
 * An async function runs in the asynchronous context in which this is called, as
 * it would without the wait; a generator function runs in that of the loop.
 */
export function whenAdmitted<T>(
  slots: Semaphore,
  coroutine: Coroutine<T>,
  loop: LoopCore,
): Coroutine<T> {
  const context = coroutine[isStepped] ? null : contextOutside(loop);
  return Coroutine[inPlaceOf](coroutine, admit(slots, coroutine, context));
}

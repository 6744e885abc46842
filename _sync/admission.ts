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

/**
 * The place of a coroutine in the line for the slots of a semaphore.
 *
 * Its owner frees the slot, and not the coroutine: when that has failed, those in
 * line may be cancelled first, so that they never begin.
 */
export class Admission<T> {
  /** A coroutine that runs the other one when there is a slot for it. */
  readonly coroutine: Coroutine<T>;
  #slot: Disposable | null = null;

  /**
   * @param context The context that its task was given, if any. Without one, an
   * async function runs in the context in which this is called, as it would if it
   * need not wait; a generator function runs in that of the loop.
   */
  constructor(
    slots: Semaphore,
    coroutine: Coroutine<T>,
    loop: LoopCore,
    context: Context | null,
  ) {
    const own = context === null && !coroutine[isStepped]
      ? contextOutside(loop)
      : null;
    const steps = this.#run(slots, coroutine, own);
    this.coroutine = Coroutine[inPlaceOf](coroutine, steps);
  }

  *#run(
    slots: Semaphore,
    coroutine: Coroutine<T>,
    context: Context | null,
  ): Generator<unknown, T, unknown> {
    this.#slot = yield* slots.acquire();
    return yield* context === null
      ? coroutine
      : new StepsIn<T>(coroutine, context);
  }

  /** The coroutine has ended: frees its slot, if it had one. */
  release(): void {
    this.#slot?.[Symbol.dispose]();
  }
}

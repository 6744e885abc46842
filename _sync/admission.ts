// Copyright 2026 the asyncio authors. MIT license.

import { type Context, contextOutside } from "../_core/contexts.ts";
import type { LoopCore } from "../_core/protocols.ts";
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
  #inner: Coroutine<T>;
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
    this.#inner = coroutine;
    this.coroutine = Coroutine.$inPlaceOf(coroutine, (isStepped) => {
      const isKept = context === null && !isStepped;
      return this.#run(slots, isKept ? contextOutside(loop) : null);
    });
  }

  *#run(
    slots: Semaphore,
    context: Context | null,
  ): Generator<unknown, T, unknown> {
    this.#slot = yield* slots.acquire();
    return yield* context === null
      ? this.#inner
      : new StepsIn<T>(this.#inner, context);
  }

  /** Its task has ended: frees the slot, or ends what has not begun. */
  release(): void {
    if (this.#slot !== null) this.#slot[Symbol.dispose]();
    else if (this.#inner.$isFresh()) this.#inner.close();
  }
}

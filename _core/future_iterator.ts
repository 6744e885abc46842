// Copyright 2026 the asyncio authors. MIT license.

import { differentLoop } from "./await.ts";
import type { FutureCore } from "./protocols.ts";
import { running } from "./running.ts";

/**
 * The iterator of `yield*`: yields the future to the task, then returns the
 * result.
 */
export class FutureIterator<F extends FutureCore, T>
  implements Iterator<F, T, unknown> {
  #future: F;
  #yielded = false;

  constructor(future: F) {
    this.#future = future;
  }

  next(): IteratorResult<F, T> {
    const future = this.#future;
    if (future.done()) {
      const { loop, strand } = running;
      if (future.getLoop() !== loop && strand !== null) {
        throw differentLoop(strand.$taskOf!, future);
      }
      return { done: true, value: future.result() as T };
    }
    if (this.#yielded) throw new Error("yield* wasn't used with future");
    this.#yielded = true;
    future.$block(true);
    return { done: false, value: future };
  }

  throw(error: unknown): IteratorResult<F, T> {
    throw error;
  }
}

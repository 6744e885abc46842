// Copyright 2026 the asyncio authors. MIT license.

import { arrive } from "../_core/outside.ts";
import type { Future } from "../future.ts";
import { getRunningLoop } from "../loop.ts";

/** Tasks that wait for the same event, which the host brings about. */
export class Waiters {
  /** `null` as long as nobody has waited: most connections are idle. */
  #futures: Set<Future<void>> | null = null;

  get size(): number {
    return this.#futures?.size ?? 0;
  }

  /** Waits until it is told. */
  *wait(): Generator<unknown, void, unknown> {
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    loop.$holdingsOf.beginExternal(future);
    const futures = this.#futures ??= new Set();
    futures.add(future);
    try {
      yield* future;
    } finally {
      futures.delete(future);
      future.cancel(); // it is pending if the coroutine was closed
    }
  }

  /** Lets all go on, in the order in which they came. */
  wakeAll(): void {
    const futures = [...this.#futures ?? []];
    if (futures.length === 0) return;
    arrive(futures[0].getLoop(), () => {
      for (const future of futures) future.$setUnlessDone();
    });
  }

  /** Throws an error into all. */
  failAll(error: unknown): void {
    for (const future of this.#futures ?? []) {
      if (!future.done()) future.$fail(error);
    }
  }
}

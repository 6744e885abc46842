// Copyright 2026 the asyncio authors. MIT license.

/** What `acquire()` resolves to. Releases once, with `using` or by hand. */
export class Guard implements Disposable {
  #held: { release(): void } | null;

  constructor(held: { release(): void }) {
    this.#held = held;
  }

  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = null;
    held?.release();
  }
}

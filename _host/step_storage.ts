// Copyright 2026 the asyncio authors. MIT license.

/**
 * Stands in for `AsyncLocalStorage` where the host has none.
 *
 * A loop runs one step at a time, and lets microtasks pass until the step is
 * over. So what runs in a microtask meanwhile belongs to the task of that step.
 *
 * A function that waits for a native promise goes on outside of every step. If
 * just one waits so, what asks outside of a step is taken for it. If there are
 * several, nothing can tell them apart: then the store is their loop.
 */
export class StepStorage<T extends object> {
  #store: T | undefined = undefined;
  /** The loops that run. */
  readonly loops: Set<T> = new Set();
  /** The number of the step. */
  #epoch = 0;
  /** Those whose step ended while they waited for a native promise. */
  #adrift = new Set<T>();

  /** Calls `body` with a store, which it keeps in its microtasks too. */
  run<R>(store: T, body: () => R): R;
  run<R, A>(store: T, body: (argument: A) => R, argument: A): R;
  run<R, A>(store: T, body: (argument: A) => R, argument?: A): R {
    const outer = this.#store;
    this.enter(store);
    this.#store = store;
    try {
      return body(argument!);
    } finally {
      this.#store = outer;
    }
  }

  getStore(): T | undefined {
    if (this.#store !== undefined) return this.#store;
    for (const store of this.#adrift) {
      if ((store as { done?(): boolean }).done?.()) this.#adrift.delete(store);
    }
    const [store] = this.#adrift;
    if (this.#adrift.size === 1) return store;
    const [loop] = this.loops;
    return this.#adrift.size > 0 && this.loops.size === 1 ? loop : undefined;
  }

  /** From the next microtask on, until the step is over, this is the store. */
  enter(store: T | undefined): void {
    const epoch = this.#epoch;
    queueMicrotask(() => {
      if (this.#epoch === epoch) this.#store = store;
    });
  }

  /** A function waits for something of the loop again. */
  found(store: T): void {
    this.#adrift.delete(store);
  }

  /**
   * The step is over.
   *
   * @param adrift Whether its function waits for a native promise.
   */
  endStep(adrift: boolean): void {
    if (adrift && this.#store !== undefined) this.#adrift.add(this.#store);
    this.#store = undefined;
    this.#epoch++;
  }
}

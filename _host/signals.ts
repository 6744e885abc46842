// Copyright 2026 the asyncio authors. MIT license.

/**
 * Calls `listener` each time the process gets a signal.
 *
 * @returns A function that removes the listener.
 * @throws {TypeError} If there is no such signal, or it cannot be handled.
 */
export function onSignal(
  signal: Deno.Signal,
  listener: () => void,
): () => void {
  Deno.addSignalListener(signal, listener);
  return () => Deno.removeSignalListener(signal, listener);
}

/** The signal listeners of a loop, at most one for each signal. */
export class SignalHandlers {
  #removers = new Map<Deno.Signal, () => void>();

  /** Adds a listener, in place of the one that the signal may have. */
  set(signal: Deno.Signal, listener: () => void): void {
    const remove = onSignal(signal, listener);
    this.delete(signal); // not before the line above, which may throw
    this.#removers.set(signal, remove);
  }

  has(signal: Deno.Signal): boolean {
    return this.#removers.has(signal);
  }

  /** Returns whether the signal had a listener. */
  delete(signal: Deno.Signal): boolean {
    this.#removers.get(signal)?.();
    return this.#removers.delete(signal);
  }

  clear(): void {
    for (const remove of this.#removers.values()) remove();
    this.#removers.clear();
  }
}

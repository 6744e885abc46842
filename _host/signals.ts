/** Listeners of operating system signals, one for each signal. */
export class SignalHandlers {
  #listeners = new Map<Deno.Signal, () => void>();

  /** Replaces the listener that there may be. */
  set(signal: Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener); // throws if there is no such signal
    this.delete(signal);
    this.#listeners.set(signal, listener);
  }

  has(signal: Deno.Signal): boolean {
    return this.#listeners.has(signal);
  }

  /** Whether there was one. */
  delete(signal: Deno.Signal): boolean {
    const listener = this.#listeners.get(signal);
    if (listener === undefined) return false;
    Deno.removeSignalListener(signal, listener);
    return this.#listeners.delete(signal);
  }

  clear(): void {
    for (const signal of [...this.#listeners.keys()]) this.delete(signal);
  }
}

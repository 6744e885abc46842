// Copyright 2026 the asyncio authors. MIT license.

import {
  hasSignals,
  isWorker,
  listenToSignal,
  type Signal,
} from "./listen_signal.ts";
import { beginOwnOperation, endOwnOperation } from "./own_operations.ts";

export type { Signal } from "./listen_signal.ts";

/** How many listeners each signal has. */
const listening = new Map<string, number>();

/**
 * Calls `listener` each time the process gets a signal.
 *
 * @returns A function that removes the listener.
 * @throws {TypeError} If there is no such signal, or it cannot be handled.
 */
function onSignal(
  signal: Signal,
  listener: () => void,
): () => void {
  const remove = listenToSignal(signal, listener);
  const others = listening.get(signal) ?? 0;
  // The host waits for a signal once, however many listeners it has.
  if (others === 0) beginOwnOperation();
  listening.set(signal, others + 1);
  return () => {
    remove();
    const left = listening.get(signal)! - 1;
    if (left === 0) endOwnOperation();
    listening.set(signal, left);
  };
}

/** Listeners for several signals, which can be removed and added again. */
export interface SignalListeners {
  add(): void;
  remove(): void;
}

/**
 * Calls a function on every one of these signals, in place of the host's
 * reaction.
 *
 * Where the host has no signals nothing is ever called. Nor is it in a worker:
 * signals are for the main thread.
 *
 * @throws {TypeError} If there is no such signal, or it cannot be handled.
 */
export function listenToSignals(
  signals: readonly Signal[],
  listener: (signal: Signal) => void,
): SignalListeners {
  if (!hasSignals() || isWorker()) {
    return { add() {}, remove() {} };
  }
  let removers: (() => void)[] = [];
  const listeners = {
    add() {
      if (removers.length > 0) return;
      try {
        for (const signal of new Set(signals)) {
          removers.push(onSignal(signal, () => listener(signal)));
        }
      } catch (error) {
        listeners.remove();
        throw error;
      }
    },
    remove() {
      for (const remove of removers) remove();
      removers = [];
    },
  };
  listeners.add();
  return listeners;
}

/** The numbers that POSIX gives to signals. */
const NUMBERS: { readonly [signal: string]: number } = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGALRM: 14,
  SIGTERM: 15,
};

/**
 * The exit status of a program that a signal has ended, as shells have it: 130
 * for SIGINT, 143 for SIGTERM. It is 1 for signals whose number depends on the
 * system.
 */
export function exitStatusOf(signal: string): number {
  return signal in NUMBERS ? 128 + NUMBERS[signal] : 1;
}

/** The signal listeners of a loop, at most one for each signal. */
export class SignalHandlers {
  #removers = new Map<Signal, () => void>();

  get size(): number {
    return this.#removers.size;
  }

  /** Adds a listener, in place of the one that the signal may have. */
  set(signal: Signal, listener: () => void): void {
    const remove = onSignal(signal, listener);
    this.delete(signal); // not before the line above, which may throw
    this.#removers.set(signal, remove);
  }

  has(signal: Signal): boolean {
    return this.#removers.has(signal);
  }

  /** Returns whether the signal had a listener. */
  delete(signal: Signal): boolean {
    this.#removers.get(signal)?.();
    return this.#removers.delete(signal);
  }

  clear(): void {
    for (const remove of this.#removers.values()) remove();
    this.#removers.clear();
  }
}

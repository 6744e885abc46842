// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";
import { hostProcess, listenToProcess } from "./process_events.ts";

/**
 * The name of a signal.
 *
 * @category Running
 */
export type Signal =
  | "SIGABRT"
  | "SIGALRM"
  | "SIGBREAK"
  | "SIGBUS"
  | "SIGCHLD"
  | "SIGCONT"
  | "SIGEMT"
  | "SIGFPE"
  | "SIGHUP"
  | "SIGILL"
  | "SIGINFO"
  | "SIGINT"
  | "SIGIO"
  | "SIGPOLL"
  | "SIGUNUSED"
  | "SIGKILL"
  | "SIGPIPE"
  | "SIGPROF"
  | "SIGPWR"
  | "SIGQUIT"
  | "SIGSEGV"
  | "SIGSTKFLT"
  | "SIGSTOP"
  | "SIGSYS"
  | "SIGTERM"
  | "SIGTRAP"
  | "SIGTSTP"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGURG"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGVTALRM"
  | "SIGWINCH"
  | "SIGXCPU"
  | "SIGXFSZ";

interface Os {
  constants: { signals: Record<string, number> };
}

/** Whether the host has signals at all. */
export function hasSignals(): boolean {
  return typeof Deno !== "undefined" ||
    typeof hostProcess()?.on === "function";
}

/** Whether code runs in a worker: signals are for the main thread. */
export function isWorker(): boolean {
  if ("WorkerGlobalScope" in globalThis) return true;
  if (typeof Deno !== "undefined") return false; // what follows takes time
  return builtin<{ isMainThread: boolean }>("node:worker_threads")
    ?.isMainThread === false;
}

/**
 * Calls `listener` each time the process gets a signal.
 *
 * @returns A function that removes the listener.
 * @throws {TypeError} If there is no such signal, or it cannot be handled.
 */
export function listenToSignal(
  signal: Signal,
  listener: () => void,
): () => void {
  if (typeof Deno !== "undefined") {
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  }
  const process = hostProcess();
  const known = builtin<Os>("node:os")?.constants.signals ?? {};
  if (typeof process?.on !== "function" || !Object.hasOwn(known, signal)) {
    throw new TypeError(`Invalid signal: ${String(signal)}`);
  }
  try {
    return listenToProcess(process, signal, listener);
  } catch (cause) {
    const message = `Binding to signal '${signal}' is not allowed`;
    throw new TypeError(message, { cause });
  }
}

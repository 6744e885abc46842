// Copyright 2026 the asyncio authors. MIT license.

/**
 * Calls a function on every SIGINT (Ctrl-C), in place of the host's reaction.
 *
 * Where the host has no signals nothing is ever called. Nor is it in a worker:
 * signals are for the main thread.
 *
 * @returns A function that stops listening.
 */
export function onInterrupt(listener: () => void): () => void {
  if (typeof Deno === "undefined" || "WorkerGlobalScope" in globalThis) {
    return () => {};
  }
  Deno.addSignalListener("SIGINT", listener);
  return () => Deno.removeSignalListener("SIGINT", listener);
}

/** Ends the process. */
export function exitProcess(status: number): never {
  Deno.exit(status);
}

// Copyright 2026 the asyncio authors. MIT license.

/** Ends the process. */
export function exitProcess(status: number): never {
  Deno.exit(status);
}

/** Sets the status with which the process ends when it has nothing to do. */
export function setExitStatus(status: number): void {
  Deno.exitCode = status;
}

/**
 * Calls a function when the program ends because the host has nothing left to
 * do, if the host says so. A call that ends the process does not count.
 *
 * @returns A function that stops listening.
 */
export function onNaturalEnd(listener: () => void): () => void {
  if (typeof globalThis.addEventListener !== "function") return () => {};
  globalThis.addEventListener("beforeunload", listener);
  return () => globalThis.removeEventListener("beforeunload", listener);
}

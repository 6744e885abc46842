// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";
import { hostProcess, listenToProcess } from "./process_events.ts";

/** Ends the process. */
export function exitProcess(status: number): never {
  if (typeof Deno !== "undefined") Deno.exit(status);
  hostProcess()?.exit(status);
  throw new Error("Cannot end the process: this host has none");
}

/** Sets the status with which the process ends when it has nothing to do. */
export function setExitStatus(status: number): void {
  if (typeof Deno !== "undefined") Deno.exitCode = status;
  else Object.assign(hostProcess() ?? {}, { exitCode: status });
}

/**
 * Calls a function when the program ends because the host has nothing left to
 * do, if the host says so. A call that ends the process does not count.
 *
 * @returns A function that stops listening.
 */
export function onNaturalEnd(listener: () => void): () => void {
  if (typeof Deno !== "undefined") {
    globalThis.addEventListener("beforeunload", listener);
    return () => globalThis.removeEventListener("beforeunload", listener);
  }
  const process = hostProcess();
  if (typeof process?.on !== "function") return () => {};
  return listenToProcess(process, "beforeExit", listener);
}

interface ProgramProcess {
  argv: readonly string[];
}

/** The arguments of the program. */
export function programArguments(): readonly string[] {
  if (typeof Deno !== "undefined") return Deno.args;
  return builtin<ProgramProcess>("node:process")?.argv.slice(2) ?? [];
}

/** Whether a module is the program itself. Node.js has no name for it before 24.2. */
export function isMainModule(module: ImportMeta): boolean {
  if (typeof module.main === "boolean") return module.main;
  const program = builtin<ProgramProcess>("node:process")?.argv[1];
  if (program === undefined) return false;
  interface Fs {
    realpathSync(path: string): string;
  }
  interface Url {
    fileURLToPath(url: string): string;
  }
  const path = builtin<Url>("node:url")?.fileURLToPath(module.url);
  try {
    return builtin<Fs>("node:fs")?.realpathSync(program) === path;
  } catch {
    return false; // there is no such file
  }
}

/**
 * Calls a function when something ends the program by a call, such as
 * `Deno.exit()`. It must not wait for anything.
 *
 * @returns A function that stops listening.
 */
export function onExit(listener: () => void): () => void {
  if (typeof Deno !== "undefined") {
    globalThis.addEventListener("unload", listener);
    return () => globalThis.removeEventListener("unload", listener);
  }
  const process = hostProcess();
  if (typeof process?.on !== "function") return () => {};
  return listenToProcess(process, "exit", listener);
}

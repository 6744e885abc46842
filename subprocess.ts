// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno, Node.js or Bun.

/**
 * Child processes, whose waits can be cancelled and which can be ended with all
 * their descendants.
 *
 * {@linkcode runProcess} runs a command to its end. With
 * {@linkcode createSubprocessExec} and {@linkcode createSubprocessShell} you talk
 * to a process while it runs.
 *
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { runProcess } from "@asyncio/asyncio/subprocess";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const { returncode, stdout } = await runProcess(["echo", "hello"]);
 *   assertEquals(returncode, 0);
 *   assertEquals(new TextDecoder().decode(stdout), "hello\n");
 * });
 * ```
 *
 * Deno asks for the permission `--allow-run`.
 *
 * @module
 */

export {
  type Command,
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  type InputOf,
  type OutputOf,
  PIPE,
  type ProcessErrorStream,
  type ProcessStream,
  type Redirection,
  STDOUT,
  type SubprocessOptions,
} from "./_io/create_process.ts";
export { Process } from "./_io/process.ts";
export {
  type CollectedOf,
  CompletedProcess,
  runProcess,
  type RunProcessOptions,
} from "./_io/run_process.ts";
export { CalledProcessError, ProcessLookupError } from "./errors.ts";

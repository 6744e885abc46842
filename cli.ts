// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * A program that shows the tasks of another process, as `python -m asyncio ps`
 * and `pstree` do.
 *
 * The other process imports `@asyncio/asyncio/debug`.
 *
 * ```sh
 * deno run --allow-run jsr:@asyncio/asyncio/cli pstree 4711
 * deno run --allow-run --allow-read --allow-write --allow-net \
 *   jsr:@asyncio/asyncio/cli ps --json 4711
 * ```
 *
 * @module
 */

import { runCommand } from "./_debug/command.ts";
import {
  isMainModule,
  programArguments,
  setExitStatus,
} from "./_host/process.ts";

/**
 * Runs the program.
 *
 * @param args Its arguments: `ps` or `pstree`, the number of a process, and
 * `--json` if wanted. Without any, it prints how it is used.
 * @returns A promise of the status with which the program ends: 0 if the tasks
 * were shown, 1 if not or if tasks wait for each other in a circle, 2 if the
 * arguments are wrong. It prints a message in the last two cases. Where the other
 * process is asked by a signal, and prints the tree itself, a circle is not known.
 *
 * @example Usage
 * ```ts
 * import { main } from "@asyncio/asyncio/cli";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await main(["ps", "--help"]), 0);
 * ```
 *
 * @category Debugging
 */
export async function main(args: readonly string[]): Promise<number> {
  return await runCommand(args, {
    print: (text) => console.log(text),
    printError: (text) => console.error(text),
  });
}

if (isMainModule(import.meta)) setExitStatus(await main(programArguments()));

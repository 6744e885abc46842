// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Importing this module turns on debug mode for every loop that is made
 * afterwards. The program itself need not be changed:
 *
 * ```sh
 * deno run --preload jsr:@asyncio/asyncio/debug main.ts
 * ```
 *
 * In Node.js that is `node --import @asyncio/asyncio/debug main.js`. A loop that
 * is made with `debug: false` is not in debug mode.
 *
 * While a loop runs, the process also tells what its tasks wait for:
 *
 * - On the signal SIGUSR1 it prints the tree of its tasks to its standard error:
 *   `kill -USR1 PID`. Do not send it at other times: it ends a process that does
 *   not listen.
 * - With `--allow-read`, `--allow-write` and `--allow-net` it has a unix socket,
 *   `/tmp/asyncio-PID.sock`, which the program `@asyncio/asyncio/cli` asks. Only
 *   the same user can.
 *
 * Neither keeps the process alive. Windows has neither.
 *
 * @module
 */

import { debugNewLoops } from "./_core/debug_mode.ts";
import { OutsideWatcher } from "./_debug/watcher.ts";

debugNewLoops(new OutsideWatcher());

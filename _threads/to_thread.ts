// Copyright 2026 the asyncio authors. MIT license.

import { getRunningLoop } from "../loop.ts";
import { Coroutine } from "../coroutine.ts";
import { providePool } from "./pool.ts";
import type { WorkArguments, WorkResult } from "./worker_future.ts";

const toThreadCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  function* toThread(module: URL | string, name: string, args: unknown[]) {
    const loop = getRunningLoop();
    providePool();
    return yield* loop.runInExecutor(null, module, name, ...args);
  },
);

/**
 * Runs an exported function of a module in another thread, with the default
 * executor of the loop. What would block the loop blocks that thread instead.
 *
 * Cancelling the task that waits ends its wait at once. A call that waits for a
 * worker is removed. One that is running goes on to its end unobserved; see the
 * `terminate` option of {@linkcode ThreadPoolExecutor}.
 *
 * @typeParam F The type of the function, as in `typeof countPrimes`, or just
 * that of its result.
 * @param module The module that exports it: a URL, or what an absolute `import`
 * takes. For one next to yours, `new URL("./it.ts", import.meta.url)`.
 * @param name The name of the export. `"default"` is the default export.
 * @param args Its arguments. They are cloned when the call is submitted.
 * @returns A coroutine of its result. It throws what the function throws; a
 * `TypeError` if there is no such module or function, if `module` is a relative
 * path, or `name` is not a string; a `DOMException` if arguments or result
 * cannot be cloned; an `Error` if the worker dies.
 *
 * @example Usage
 * ```ts ignore
 * import { run, toThread } from "@asyncio/asyncio";
 *
 * // primes.ts: export function countPrimes(from: number, to: number): number
 * const module = new URL("./primes.ts", import.meta.url);
 *
 * await run(async () => {
 *   console.log(await toThread(module, "countPrimes", 1, 1_000_000));
 * });
 * ```
 *
 * @category Threads
 */
export function toThread<F = unknown>(
  module: URL | string,
  name: string,
  ...args: WorkArguments<F>
): Coroutine<WorkResult<F>> {
  return toThreadCoroutine(module, name, args as unknown[]) as Coroutine<
    WorkResult<F>
  >;
}

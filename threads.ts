/**
 * Threads: calls into a loop from Workers, and work that would block the loop,
 * in a pool of Workers.
 *
 * - {@linkcode exposeLoop} in the thread of a loop and {@linkcode connectLoop}
 *   in another one let that submit coroutines, with `runCoroutineThreadsafe()`.
 * - {@linkcode toThread} calls an exported function of a module in another
 *   thread. {@linkcode ThreadPoolExecutor} does so with workers of its own.
 *
 * Threads share no objects. Arguments and results are cloned, like everything
 * that is posted; {@linkcode withTransfer} moves parts of them instead. Errors
 * arrive with name, message, stack and cause, and as instances of their classes,
 * where those are JavaScript's, Deno's or this library's.
 *
 * ```ts ignore
 * import { run, toThread } from "@asyncio/asyncio";
 *
 * // hash.ts: export function hash(text: string): string { … }
 * const module = new URL("./hash.ts", import.meta.url);
 *
 * await run(async () => {
 *   console.log(await toThread(module, "hash", "some text"));
 * });
 * ```
 *
 * A worker reads its modules itself, and the pool's workers one of this library:
 * that is `--allow-read` for modules in files.
 *
 * @module
 */

import { type ExposeLoopOptions, Exposure } from "./_threads/expose.ts";
import {
  type RemoteFunctions,
  RemoteLoop,
  type UnknownFunctions,
} from "./_threads/remote.ts";
import type { WorkArguments, WorkResult } from "./_threads/worker_future.ts";
import { requireRunningLoop } from "./_core/running.ts";
import { valueText } from "./_util/repr.ts";
import { type Coroutine, coroutine } from "./coroutine.ts";
import { EventLoop } from "./loop.ts";

export type { ExposeLoopOptions, RemoteFunctions, UnknownFunctions };
export {
  type RemoteArguments,
  RemoteCoroutine,
  RemoteLoop,
  type RemoteResult,
} from "./_threads/remote.ts";
export {
  type ShutdownOptions,
  ThreadPoolExecutor,
  type ThreadPoolExecutorOptions,
} from "./_threads/pool.ts";
export { type CancelWorkOptions, WorkFuture } from "./_threads/worker_future.ts";
export type { WorkArguments, WorkResult };
export { type TransferOptions, withTransfer } from "./_threads/messages.ts";

/**
 * Lets another thread submit coroutines to a loop.
 *
 * - The other side calls by name, and only what is named here.
 * - Each call becomes a task of the loop, and is answered once, when that is
 *   done. Calls start in the order in which they were submitted, with the turns
 *   of the loop: a loop that does not run lets them wait.
 * - Whatever arrives, the loop goes on: a call beyond `maxCalls` is answered
 *   with `QueueFull`, and what is no message of this library is left alone, so
 *   that the port can serve the program as well.
 * - It ends with the loop's `close()`, with the port, or by `using`. The tasks
 *   of calls without an answer are cancelled then, and the other side is told.
 *
 * @param loop The loop that runs the calls.
 * @param port What leads to the other thread: its `Worker`; inside of a worker
 * `self`; or a `MessagePort`.
 * @param functions The coroutine functions, or plain `async` and generator
 * functions, by name. Own properties count, as they are now.
 * @param options How many calls may be in flight.
 * @returns A `Disposable` that stops it. The port stays open.
 * @throws {TypeError} If `loop` is not a loop, `port` not a port, or one of the
 * functions is not a function.
 * @throws {TypeError} If `maxCalls` is not a number, or `NaN`.
 * @throws {RangeError} If `maxCalls` is not a whole number above zero.
 * @throws {Error} If the loop is closed.
 * @throws {Error} If a loop is exposed on that port already.
 *
 * @example Usage
 * ```ts
 * import {
 *   connectLoop,
 *   exposeLoop,
 *   getRunningLoop,
 *   run,
 *   runCoroutineThreadsafe,
 *   sleep,
 *   wrapFuture,
 * } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const functions = {
 *   async greet(name: string) {
 *     await sleep(0.01);
 *     return `Hello ${name}`;
 *   },
 * };
 * const { port1, port2 } = new MessageChannel();
 *
 * await run(async () => {
 *   using _ = exposeLoop(getRunningLoop(), port1, functions);
 *
 *   // In the other thread, to which port2 was posted:
 *   using remote = connectLoop<typeof functions>(port2);
 *   const call = remote.coroutine("greet", "you");
 *   const answer = runCoroutineThreadsafe(call, remote);
 *   assertEquals(await wrapFuture(answer), "Hello you");
 * });
 * port1.close();
 * port2.close();
 * ```
 */
export function exposeLoop(
  loop: EventLoop,
  port: EventTarget,
  functions: RemoteFunctions,
  options?: ExposeLoopOptions,
): Disposable {
  if (!(loop instanceof EventLoop)) {
    throw new TypeError(
      `Cannot expose what is not a loop: current value is ${valueText(loop)}`,
    );
  }
  return new Exposure(loop, port, functions, options);
}

/**
 * Connects to a loop that another thread exposes, or will expose.
 *
 * @typeParam F The types of the functions by name: `typeof functions`, which can
 * be imported as a type from the other side's module.
 * @param port What leads to that thread: inside of a worker `self`; its
 * `Worker`; or a `MessagePort`.
 * @returns The loop, as far as it can be reached.
 * @throws {TypeError} If `port` is not a port.
 *
 * @example In a worker
 * ```ts ignore
 * import { connectLoop, runCoroutineThreadsafe } from "@asyncio/asyncio";
 *
 * const remote = connectLoop(self);
 * const call = remote.coroutine("fetchPage", "https://example.com");
 * console.log(await runCoroutineThreadsafe(call, remote));
 * ```
 */
export function connectLoop<F extends object = UnknownFunctions>(
  port: EventTarget,
): RemoteLoop<F> {
  return RemoteLoop["_connect"]<F>(port);
}

const toThreadCoroutine = coroutine(
  function* toThread(module: URL | string, name: string, args: unknown[]) {
    const loop = requireRunningLoop();
    return yield* loop.runInExecutor(null, module, name, ...args);
  },
);

/**
 * Runs an exported function of a module in another thread, with the default
 * executor of the loop: what would block the loop blocks that thread.
 *
 * Cancelling the task that waits frees it at once. A call that still waits for a
 * worker is removed, one that runs goes on to its end, unheard; see the
 * `terminate` option of {@linkcode ThreadPoolExecutor}.
 *
 * @typeParam F The type of the function, as in `typeof countPrimes`, or just
 * that of its result.
 * @param module The module that exports it: a URL, or what an absolute `import`
 * takes. For one next to yours, `new URL("./it.ts", import.meta.url)`.
 * @param name Under which name. `"default"` is the default export.
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

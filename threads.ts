// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Threads: calls into a loop from Workers, and a pool of Workers for work that
 * would block the loop.
 *
 * - {@linkcode exposeLoop} in the thread of a loop and {@linkcode connectLoop}
 *   in another thread let the latter submit coroutines, with
 *   {@linkcode runCoroutineThreadsafe}.
 * - {@linkcode toThread} calls an exported function of a module in another
 *   thread. {@linkcode ThreadPoolExecutor} does so with workers of its own.
 *
 * Threads share no objects. Arguments and results are cloned, like everything
 * that is posted; {@linkcode withTransfer} moves parts of them instead. Errors
 * arrive with name, message, stack and cause, and as instances of their classes
 * if these belong to JavaScript, Deno or this library.
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
 * A worker reads its modules itself, and the workers of a pool read one of this
 * library. For modules in files that takes `--allow-read`.
 *
 * @module
 */

export { exposeLoop, type ExposeLoopOptions } from "./_threads/expose.ts";
export { type TransferOptions, withTransfer } from "./_threads/messages.ts";
export {
  type ShutdownOptions,
  ThreadPoolExecutor,
  type ThreadPoolExecutorOptions,
} from "./_threads/pool.ts";
export {
  connectLoop,
  type RemoteArguments,
  RemoteCoroutine,
  type RemoteFunctions,
  RemoteLoop,
  type RemoteResult,
  type UnknownFunctions,
} from "./_threads/remote.ts";
export { runCoroutineThreadsafe } from "./_threads/submission.ts";
export type { ThreadsafeFuture } from "./_threads/threadsafe_future.ts";
export { toThread } from "./_threads/to_thread.ts";
export {
  type CancelWorkOptions,
  type WorkArguments,
  WorkFuture,
  type WorkResult,
} from "./_threads/worker_future.ts";

// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Tasks that can be cancelled, timed out, limited, supervised and looked at:
 * Python's asyncio for TypeScript. You keep your plain `async` functions and run
 * them as tasks.
 *
 * When a task of a group fails, the group cancels the others, waits until they
 * have cleaned up, and only then lets the error out. `Promise.all()` would leave
 * them running.
 *
 * ```ts
 * import { run, sleep, taskGroup } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 *
 * async function copy(file: string, seconds: number) {
 *   try {
 *     await sleep(seconds); // in seconds, not in milliseconds
 *     log.push(`copied ${file}`);
 *   } finally {
 *     log.push(`closed ${file}`);
 *   }
 * }
 *
 * async function check() {
 *   await sleep(0.01);
 *   throw new Error("the disk is full");
 * }
 *
 * await run(async () => {
 *   try {
 *     await taskGroup(async (group) => {
 *       group.createTask(() => copy("photos", 60));
 *       group.createTask(() => copy("music", 60));
 *       group.createTask(check);
 *     });
 *   } catch (error) {
 *     if (!(error instanceof AggregateError)) throw error;
 *     log.push(error.errors[0].message);
 *   }
 * });
 *
 * assertEquals(log, ["closed photos", "closed music", "the disk is full"]);
 * ```
 *
 * **All times are in seconds.**
 *
 * | from JavaScript             | here                                                   |
 * | --------------------------- | ------------------------------------------------------ |
 * | `Promise.all([f(), g()])`   | `gather(f, g)`, or `taskGroup()`                       |
 * | `Promise.race([…])`         | `race(…)`, which cancels the losers                    |
 * | `AbortController`           | `task.cancel()`                                        |
 * | `AbortSignal.timeout(2000)` | `timeout(2, f)`                                        |
 * | p-limit, p-queue, p-retry   | `gather(calls, { limit })`, `Queue`, `retry()`         |
 * | `await fetch(url)`          | `await wrapFuture((signal) => fetch(url, { signal }))` |
 * | worker_threads              | `toThread(module, "f", x)`                             |
 *
 * | from Python                      | here                                             |
 * | -------------------------------- | ------------------------------------------------ |
 * | `async def f(x): …`              | `const f = coroutine(async function f(x) { … })` |
 * | `asyncio.run(main())`            | `await run(main)`                                |
 * | `asyncio.create_task(f(x))`      | `createTask(f(x))`                               |
 * | `async with asyncio.timeout(1):` | `await timeout(1, async () => { … })`            |
 * | `async with lock:`               | `using _ = await lock.acquire()`                 |
 *
 * It runs in Deno, Node.js, Bun, workerd and browsers. Do without it where you
 * have a few promises and nothing to cancel, and in libraries for others, which
 * should take an `AbortSignal`.
 *
 * More in the [tutorial](https://github.com/asyncio/asyncio/blob/main/docs/tutorial.md), in
 * [From promises](https://github.com/asyncio/asyncio/blob/main/docs/from-promises.md),
 * [From Python](https://github.com/asyncio/asyncio/blob/main/docs/from-python.md) and
 * [Cancellation](https://github.com/asyncio/asyncio/blob/main/docs/cancellation.md); and what error messages mean, in
 * [Questions](https://github.com/asyncio/asyncio/blob/main/docs/faq.md).
 *
 * @module
 */

export * from "./coroutine.ts";
export * from "./errors.ts";
export * from "./future.ts";
export * from "./gather.ts";
export * from "./locks.ts";
export * from "./loop.ts";
export * from "./queues.ts";
export * from "./retry.ts";
export * from "./runner.ts";
export * from "./task.ts";
export * from "./task_group.ts";
export * from "./threads.ts";
export * from "./timeouts.ts";

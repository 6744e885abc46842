// Copyright 2026 the asyncio authors. MIT license.

import { Coroutine } from "../coroutine.ts";
import { getRunningLoop } from "../loop.ts";

const blocked = /* @__PURE__ */ Coroutine.$ownFunction(
  function* waitAllTasksBlocked() {
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    loop.$engineOf.outside.whenQuiet(() => future.$setUnlessDone(undefined));
    yield* future;
  },
  "waitAllTasksBlocked",
);

/**
 * Waits until every other task of the loop waits: nothing is left to run before
 * time passes, or something happens outside.
 *
 * It takes the place of `sleep(0)`, repeated until it is enough: what was started
 * before has come as far as it can. A task that is in a native promise does not
 * wait for the loop, and is waited for. Those who call this at the same time go
 * on together. A clock that jumps does not do so before.
 *
 * @returns A coroutine that ends when every other task waits.
 *
 * @example Usage
 * ```ts
 * import { createTask, Event, sleep } from "@asyncio/asyncio";
 * import { runTest, waitAllTasksBlocked } from "@asyncio/asyncio/testing";
 * import { assertEquals } from "@std/assert";
 *
 * await runTest(async () => {
 *   const log: string[] = [];
 *   const start = new Event();
 *   const task = createTask(async () => {
 *     for (let i = 0; i < 5; i++) await sleep(0);
 *     log.push("ready");
 *     await start.wait();
 *     log.push("started");
 *   });
 *   await waitAllTasksBlocked();
 *   assertEquals(log, ["ready"]);
 *   start.set();
 *   await task;
 *   assertEquals(log, ["ready", "started"]);
 * });
 * ```
 *
 * @category Testing
 */
export function waitAllTasksBlocked(): Coroutine<void> {
  return blocked();
}

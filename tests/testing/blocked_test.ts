import { assertEquals, assertThrows } from "@std/assert";
import {
  createTask,
  Event,
  gather,
  run,
  sleep,
  wrapFuture,
} from "@asyncio/asyncio";
import { runTest, waitAllTasksBlocked } from "@asyncio/asyncio/testing";
import { inKind, type Script, testKinds } from "../_helpers.ts";

testKinds(
  "waitAllTasksBlocked() goes on when every other task waits",
  (kind) =>
    runTest(function* () {
      const log: string[] = [];
      const event = new Event();
      const busy = inKind(kind, function* busy(turns: number): Script<void> {
        for (let i = 0; i < turns; i++) yield sleep(0);
        log.push(`waits after ${turns}`);
        yield event.wait();
      });
      const tasks = [1, 5, 20].map((turns) => createTask(busy(turns)));
      yield* waitAllTasksBlocked();
      log.push("all");
      event.set();
      yield* gather(tasks);
      assertEquals(log, [
        "waits after 1",
        "waits after 5",
        "waits after 20",
        "all",
      ]);
    }),
);

testKinds(
  "waitAllTasksBlocked() comes before a timer, and before a jump",
  (kind) =>
    runTest(
      inKind(kind, function* main(): Script<void> {
        const log: string[] = [];
        const nap = createTask(
          inKind(kind, function* nap(): Script<void> {
            yield sleep(0.001);
            log.push("nap");
          })(),
        );
        yield waitAllTasksBlocked();
        log.push("blocked");
        yield nap;
        assertEquals(log, ["blocked", "nap"]);
      }).body,
    ),
);

Deno.test("those who call waitAllTasksBlocked() at the same time go on together", () =>
  runTest(async () => {
    const log: string[] = [];
    await gather(["a", "b", "c"].map(async (name) => {
      await waitAllTasksBlocked();
      log.push(name);
    }));
    assertEquals(log, ["a", "b", "c"]);
  }));

Deno.test("waitAllTasksBlocked() waits for a task in a native promise, in any loop", () =>
  run(async () => {
    let isBack = false;
    const event = new Event();
    const task = createTask(async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      isBack = true;
      await event.wait();
    });
    await waitAllTasksBlocked();
    assertEquals(isBack, true);
    event.set();
    await task;
  }));

Deno.test("a task that waits for something outside is blocked", () =>
  runTest(async () => {
    const settled: string[] = [];
    const slow = new Promise((resolve) => setTimeout(resolve, 20));
    const task = createTask(async () => {
      await wrapFuture(slow);
      settled.push("slow");
    });
    await waitAllTasksBlocked();
    assertEquals(settled, []);
    await task;
  }));

Deno.test("waitAllTasksBlocked() can be cancelled", () =>
  runTest(async () => {
    const task = createTask(async () => {
      await waitAllTasksBlocked();
    });
    const other = createTask(async () => {
      for (let i = 0; i < 10; i++) await sleep(0);
    });
    await sleep(0);
    task.cancel();
    await other;
    assertEquals(task.cancelled(), true);
  }));

Deno.test("waitAllTasksBlocked() needs a running loop", () => {
  const coroutine = waitAllTasksBlocked();
  assertThrows(
    () => coroutine[Symbol.iterator]().next(),
    Error,
    "no running event loop",
  );
});

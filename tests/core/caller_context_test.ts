// Copyright 2026 the asyncio authors. MIT license.

// Functions of the library that call functions of the program: these run in the
// asynchronous context of whoever has called the library.

import { assertEquals } from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  Condition,
  type Coroutine,
  createTask,
  eagerTaskFactory,
  gather,
  getRunningLoop,
  moveOnAfter,
  race,
  retry,
  sleep,
  taskGroup,
  timeout,
  timeoutAt,
  waitFor,
} from "@asyncio/asyncio";
import { inVirtualTime } from "../_helpers.ts";

const user = new AsyncLocalStorage<string>();

/** What each call sees, before and after it has waited. */
let seen: unknown[] = [];

async function look(): Promise<void> {
  seen.push(user.getStore());
  await sleep(1);
  seen.push(user.getStore());
}

/** Each calls `look` once or more often. */
const CALLERS: Record<string, () => Coroutine<unknown>> = {
  "timeout()": () => timeout(9, look),
  "timeoutAt()": () => timeoutAt(getRunningLoop().time() + 9, look),
  "moveOnAfter()": () => moveOnAfter(9, look),
  "waitFor()": () => waitFor(look, 9),
  "taskGroup()": () => taskGroup(look),
  "taskGroup(), in a task of the group": () =>
    taskGroup(function* (group) {
      group.createTask(look);
    }),
  "group.start()": () =>
    taskGroup(async (group) => {
      await group.start(async (started) => {
        await look();
        started();
      });
    }),
  "race()": () => race(look, sleep(9)),
  "retry()": () =>
    retry(async (attempt) => {
      await look();
      if (attempt < 3) throw new Error("busy");
    }),
  "retry(), in its options": () =>
    retry(async (attempt) => {
      if (attempt < 3) throw new Error("busy");
    }, {
      when: () => Boolean(seen.push(user.getStore())),
      backoff: () => seen.push(user.getStore()),
    }),
  "condition.waitFor()": () => {
    const condition = new Condition();
    let calls = 0;
    return taskGroup(async (group) => {
      using _ = await condition.acquire();
      group.createTask(async () => {
        while (calls < 3) {
          await sleep(1);
          using _ = await condition.acquire();
          condition.notifyAll();
        }
      });
      await condition.waitFor(() => {
        seen.push(user.getStore());
        return ++calls === 3;
      });
    });
  },
};

const WAYS: Record<string, (call: () => Coroutine<unknown>) => unknown> = {
  "awaited": (call) => call(),
  "as a task": (call) => createTask(call()),
  "as an eager task": (call) =>
    eagerTaskFactory(getRunningLoop(), call(), undefined),
  "as a part of gather()": (call) => gather(call(), sleep(1)),
};

for (const [caller, call] of Object.entries(CALLERS)) {
  for (const [way, start] of Object.entries(WAYS)) {
    // Cause: a coroutine of the library had the context of its loop as a task,
    // and after its first wait.
    Deno.test(`${caller} ${way} calls functions in the context of its caller`, async () => {
      seen = [];
      await inVirtualTime(() => user.run("Ada", async () => await start(call)));
      assertEquals([...new Set(seen)], ["Ada"]);
    });
  }
}

Deno.test("timeout() as a task keeps the context of its creation for a generator, too", async () => {
  seen = [];
  await inVirtualTime(async () => {
    const body = function* () {
      seen.push(user.getStore());
      yield* sleep(1);
      seen.push(user.getStore());
    };
    await user.run("Ada", () => createTask(timeout(9, body)));
  });
  assertEquals(seen, ["Ada", "Ada"]);
});

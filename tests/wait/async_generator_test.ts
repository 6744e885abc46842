// Copyright 2026 the asyncio authors. MIT license.

// An async generator is no coroutine: nothing reads what it yields.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Coroutine,
  coroutine,
  createTask,
  gather,
  moveOnAfter,
  race,
  retry,
  run,
  shield,
  sleep,
  taskGroup,
  timeout,
  timeoutAt,
  waitFor,
} from "@asyncio/asyncio";
import { runTest } from "@asyncio/asyncio/testing";
import { inVirtualTime } from "../_helpers.ts";

let hasBegun = false;

async function* pages() {
  hasBegun = true;
  yield 1;
}

/** The types refuse it; those who write JavaScript have none. */
const body = pages as unknown as () => Coroutine<void>;
const call = (() => pages()) as unknown as () => Coroutine<void>;

const REFUSED: Record<string, () => unknown> = {
  "timeout()": () => timeout(1, body),
  "timeoutAt()": () => timeoutAt(1, body),
  "moveOnAfter()": () => moveOnAfter(1, body),
  "taskGroup()": () => taskGroup(body),
  "retry()": () => retry(body),
  "createTask()": () => createTask(body),
  "coroutine()": () => coroutine(body),
  "shield()": () => shield(body),
};

for (const [name, refuse] of Object.entries(REFUSED)) {
  Deno.test(`${name} refuses an async generator function when it is called`, async () => {
    await inVirtualTime(async () => {
      await sleep(0);
      assertThrows(refuse, TypeError, "[AsyncGeneratorFunction: pages]");
    });
  });
}

// Cause: an async generator has the methods of a generator, and what its `next()`
// returns has no `done`.
const FAILING: Record<string, () => PromiseLike<unknown>> = {
  "createTask()": () => createTask(call),
  "timeout()": () => timeout(1, call),
  "gather()": () => gather(call),
  "waitFor()": () => waitFor(call, 1),
  "race()": () => race(call, sleep(1)),
};

for (const [name, start] of Object.entries(FAILING)) {
  Deno.test(`${name} fails where a function returns an async generator, and does not spin`, async () => {
    await inVirtualTime(async () => {
      await assertRejects(
        async () => await start(),
        TypeError,
        "a coroutine was expected from call(), got Object [AsyncGenerator] {}",
      );
    });
  });
}

Deno.test("run() and runTest() refuse an async generator function", async () => {
  await assertRejects(() => run(body), TypeError, "coroutine");
  await assertRejects(() => runTest(body), TypeError, "[AsyncGenerator");
  assertEquals(hasBegun, false);
});

Deno.test("a task fails where the iterator that its function returns gives promises", async () => {
  await inVirtualTime(async () => {
    const steps = {
      next: () => Promise.resolve({ done: true, value: 1 }),
      throw: (error: unknown) => Promise.reject(error),
    };
    await assertRejects(
      async () =>
        await createTask((() => steps) as unknown as () => Coroutine<number>),
      TypeError,
      "Iterator result is a promise: the iterator is an asynchronous one",
    );
  });
});

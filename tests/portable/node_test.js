// Copyright 2026 the asyncio authors. MIT license.

// What docs/testing.md promises, in the test runner of Node.js.

import assert from "node:assert/strict";
import test from "node:test";
import { createTask, Event, Queue, sleep, taskGroup } from "@asyncio/asyncio";
import {
  cancelEverywhere,
  DeadlockError,
  ExplorationError,
  explore,
  LeakError,
  runTest,
  waitAllTasksBlocked,
} from "@asyncio/asyncio/testing";

test("three hours take no time (async)", () =>
  runTest(async () => {
    await sleep(3 * 3600);
  }));

test("three hours take no time (generator)", () =>
  runTest(function* () {
    yield* sleep(3 * 3600);
  }));

test("a deadlock is an error", async () => {
  await assert.rejects(
    runTest(() => new Event().wait()),
    (error) => error instanceof DeadlockError && /Event/.test(error.message),
  );
});

// Cause: the host was asked again by a timer that did not hold the process.
test("a deadlock is found when the host is no longer busy", async () => {
  const body = async () => {
    setTimeout(() => {}, 20);
    await new Event().wait();
  };
  await assert.rejects(runTest(body), DeadlockError);
});

test("a timer of the host is no deadlock", () =>
  runTest(async () => {
    const event = new Event();
    setTimeout(() => event.set(), 10);
    await event.wait();
  }));

test("a leak is an error, with its place", async () => {
  const body = async () => {
    createTask(() => sleep(60), { name: "forgotten" });
  };
  await assert.rejects(
    runTest(body),
    (error) =>
      error instanceof LeakError &&
      /forgotten.*made at .*node_test\.js:\d+/.test(error.message),
  );
});

test("a schedule is found and repeated", async () => {
  const body = () =>
    taskGroup(async (group) => {
      const order = [];
      for (const name of ["a", "b"]) {
        group.createTask(async () => {
          await sleep(1);
          order.push(name);
        });
      }
      await sleep(2);
      assert.deepEqual(order, ["a", "b"]);
    });
  const error = await explore(body).catch((error) => error);
  assert(error instanceof ExplorationError);
  await assert.rejects(explore(body, { replay: error.replay }), {
    name: "ExplorationError",
    replay: error.replay,
  });
});

test("everything is cancelled everywhere", async () => {
  const { cancellations } = await cancelEverywhere(() =>
    taskGroup(async (group) => {
      const queue = new Queue();
      group.createTask(() => queue.get());
      await waitAllTasksBlocked();
      queue.putNowait("item");
    })
  );
  assert(cancellations >= 2);
});

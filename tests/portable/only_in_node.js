// Copyright 2026 the asyncio authors. MIT license.

// What Node.js alone does: with tests in its workers, with listeners of its
// process, and with rejections that nobody handles.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import test from "node:test";
import { Worker } from "node:worker_threads";
import { run } from "@asyncio/asyncio";
import { runProcess } from "@asyncio/asyncio/subprocess";

test("Node.js does not warn of twelve programs and processes at once", async () => {
  const warnings = [];
  const listener = ({ name }) => warnings.push(name);
  process.on("warning", listener);
  const main = () => runProcess(["true"]);
  await Promise.all(Array.from({ length: 12 }, () => run(main)));
  process.off("warning", listener);
  assert.deepEqual(warnings, []);
});

/** Runs a program as a runner does whose tests run in workers. */
async function answerOf(program) {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
    parentPort.on("message", () => {});
    (async () => {
      const { Queue } = await import("@asyncio/asyncio");
      const { runTest } = await import("@asyncio/asyncio/testing");
      ${program}
    })().catch((error) => error.name)
      .then((answer) => parentPort.postMessage(answer));`,
    { eval: true },
  );
  try {
    return (await once(worker, "message"))[0];
  } finally {
    await worker.terminate();
  }
}

// Cause: the port by which a runner directs a worker was taken for a port of the
// program, which may wake a task.
test("a deadlock is found in a worker", async () => {
  const program = `await runTest(() => new Queue().get());`;
  assert.equal(await answerOf(program), "DeadlockError");
});

test("a port of the program that was open before is no deadlock", async () => {
  const program = `
    const { port1, port2 } = new MessageChannel();
    const queue = new Queue();
    port1.on("message", (message) => queue.putNowait(message));
    port2.unref();
    const answer = runTest(() => queue.get());
    setTimeout(() => port2.postMessage("fine"), 20).unref();
    return await answer;`;
  assert.equal(await answerOf(program), "fine");
});

/** Runs a program in which a function was cancelled that nobody awaits. */
function play(program, ...flags) {
  const source = `
    import { createTask, run, sleep } from "@asyncio/asyncio";
    await run(async () => {
      const forever = async () => { for (;;) await sleep(1); };
      const task = createTask(async () => { forever(); await sleep(60); });
      await sleep(0);
      task.cancel();
      await task.catch(() => {});
      await sleep(0.001);
    });
    ${program}`;
  const args = [...flags, "--input-type=module", "--eval", source];
  const options = { cwd: import.meta.dirname, encoding: "utf8" };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  return { status, stdout, stderr };
}

test("a cancelled function that nobody awaits does not end the process", () => {
  assert.deepEqual(play(`console.log("alive");`), {
    status: 0,
    stdout: "alive\n",
    stderr: "",
  });
});

for (const reason of [`new Error("careless")`, `"careless"`]) {
  test(`a rejection with ${reason} ends it as always`, () => {
    const { status, stderr } = play(`
      Promise.reject(${reason});
      setTimeout(() => console.log("not reached"), 60_000);`);
    assert.equal(status, 1);
    assert.match(stderr, /careless/);
    assert.doesNotMatch(stderr, /rejections\.js/); // no place in the library
  });
}

test("other rejections reach the listeners of uncaught exceptions, each time", () => {
  const { status, stdout } = play(`
    process.on("uncaughtException", ({ message }, origin) => {
      console.log(message, origin);
    });
    Promise.reject(new Error("first"));
    setTimeout(() => Promise.reject(new Error("second")), 20);`);
  assert.deepEqual([status, stdout], [
    0,
    "first unhandledRejection\nsecond unhandledRejection\n",
  ]);
});

test("where the program listens to rejections, it is told of them once", () => {
  const { status, stdout } = play(`
    process.on("unhandledRejection", ({ message }) => console.log(message));
    Promise.reject(new Error("careless"));`);
  assert.deepEqual([status, stdout], [0, "careless\n"]);
});

test("--unhandled-rejections=none holds for other rejections", () => {
  const { status, stdout } = play(
    `Promise.reject(new Error("careless"));
     setTimeout(() => console.log("alive"), 20);`,
    "--unhandled-rejections=none",
  );
  assert.deepEqual([status, stdout], [0, "alive\n"]);
});

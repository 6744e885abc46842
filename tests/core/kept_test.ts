// Copyright 2026 the asyncio authors. MIT license.

// What stays alive of tasks that have ended, counted in processes of their own.

import { assert, assertEquals } from "@std/assert";
import { Child, testChild } from "../host/_child.ts";

/** How many of a thousand tasks have left something when a program counts them. */
async function countAlive(program: string): Promise<number> {
  await using child = new Child(
    `const tasks = [];
     const note = (task) => {
       tasks.push(new WeakRef(task.getCoro?.() ?? task));
       return task;
     };
     const count = async () => {
       await new Promise((resolve) => setTimeout(resolve, 0));
       gc();
       console.log(tasks.filter((task) => task.deref()).length, tasks.length);
     };
     ${program}`,
    ["--v8-flags=--expose-gc"],
  );
  const [alive, all] = (await child.line()).split(" ").map(Number);
  assertEquals(all, 1000);
  return alive;
}

// Cause: the stack trace that tells the place of a function keeps the coroutines
// that were on the stack, and these the place of their own.
for (
  const [kind, program] of [
    [
      "generator",
      `function* job(n) {
         yield* sleep(0);
         if (n < 1000) note(createTask(() => job(n + 1)));
         else yield* sleep(60);
       }`,
    ],
    [
      "async",
      `async function job(n) {
         if (n < 1000) note(createTask(() => job(n + 1)));
         await sleep(n < 1000 ? 0 : 60);
       }`,
    ],
  ]
) {
  testChild(
    `of a line of tasks, each of which starts the next one, few stay alive (${kind})`,
    async () => {
      const alive = await countAlive(
        `${program}
       await run(async () => {
         createTask(() => job(0));
         while (tasks.length < 1000) await sleep(0);
         await sleep(0);
         await count();
       });`,
      );
      assert(alive <= 70, `${alive} are alive`);
    },
  );
}

// Cause: the traces that debug mode takes keep the callbacks that were running.
testChild(
  "of a line of callbacks, each of which schedules the next one, few stay alive in debug mode",
  async () => {
    const alive = await countAlive(
      `await run(async () => {
       const loop = getRunningLoop();
       const beat = (n) => {
         if (n < 1000) note(loop.callLater(0, beat, n + 1));
         else loop.callLater(60, () => {});
       };
       beat(0);
       while (tasks.length < 1000) await sleep(0);
       await sleep(0);
       await count();
     }, { debug: true });`,
    );
    assert(alive <= 200, `${alive} are alive`);
  },
);

// Cause: each had left a reaction with the promise, and in that its context.
for (
  const [wait, program] of [
    ["race()", "library.race(forever, sleep(0))"],
    ["waitFor()", "library.waitFor(forever, 0.0001).catch(() => {})"],
    [
      "moveOnAfter()",
      "library.moveOnAfter(0, () => wrapFuture(forever))",
    ],
  ]
) {
  testChild(
    `of tasks that have waited for a promise by ${wait}, none stays alive while it is pending`,
    async () => {
      const alive = await countAlive(
        `const forever = new Promise(() => {});
       await run(async () => {
         for (let i = 0; i < 1000; i++) {
           await note(createTask(async () => { await ${program}; }));
         }
         await sleep(0);
         await count();
       });
       globalThis.forever = forever;`,
      );
      assert(alive <= 2, `${alive} are alive`);
    },
  );
}

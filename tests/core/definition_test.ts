// What the library keeps of functions that become tasks as they are.

import { assertMatch } from "@std/assert";
import { createTask } from "@asyncio/asyncio";
import { inVirtualTime, KINDS } from "../_helpers.ts";
import { Child, testChild } from "../host/_child.ts";

const FUNCTIONS = {
  async: "async function work() { return {}; }",
  generator: "function* work() { return {}; }",
};

for (const kind of KINDS) {
  testChild(
    `a function keeps none of its tasks alive, however often it is started (${kind})`,
    async () => {
      await using child = new Child(
        `
      ${FUNCTIONS[kind]}
      const tasks = [];
      async function start() {
        const task = createTask(work);
        tasks.push(new WeakRef(task));
        await task;
      }
      await run(async () => {
        for (let i = 0; i < 4; i++) await start();
      });
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve));
        gc();
      }
      console.log(work.name, tasks.filter((task) => task.deref()).length);
    `,
        ["--v8-flags=--expose-gc"],
      );
      await child.prints("work 0");
    },
  );

  Deno.test(`a function that is started again prints where a task of it was made (${kind})`, async () => {
    const { work } = kind === "async" ? { async work() {} } : { *work() {} };
    await inVirtualTime(async () => {
      for (let i = 0; i < 3; i++) {
        assertMatch(
          String(createTask(work as () => Promise<void>)),
          /coro=<work\(\) running at \S*definition_test\.ts:\d+>/,
        );
      }
    });
  });
}

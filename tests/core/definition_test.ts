// What the library keeps of functions that become tasks as they are.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createTask } from "@asyncio/asyncio";
import { definitionFor } from "../../_core/definition.ts";
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

for (
  const [what, name, starts] of [["with a name", "work", 2], [
    "without a name",
    "",
    18,
  ]] as const
) {
  Deno.test(`the definition of a function ${what} is found once if it is started again and again`, () => {
    const body = Object.defineProperty(async () => {}, "name", { value: name });
    const found = Array.from({ length: 40 }, () => definitionFor(body));
    assert(found.every((definition) => definition !== null));
    assertEquals(new Set(found.slice(starts - 1)).size, 1);
  });
}

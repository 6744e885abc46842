// A failure in an inner group is thrown as a group inside a group.
// Derived from groups_nested.ts by `deno task conformance --record`.
import {
  coroutine,
  currentTask,
  run,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail(message: string) {
  await sleep(1);
  throw new RangeError(message);
});

const inner = coroutine(async function inner() {
  await taskGroup(async function (tg: TaskGroup) {
    tg.createTask(fail("inner"));
    await sleep(60);
  });
});

async function main() {
  let sibling: Task<void> | undefined;
  try {
    await taskGroup(async function (outer: TaskGroup) {
      sibling = outer.createTask(sleep(60));
      outer.createTask(inner());
    });
  } catch (group) {
    print(repr(group));
  }
  print(sibling?.cancelled());
  try {
    await taskGroup(async function () {
      await taskGroup(async function (innermost: TaskGroup) {
        innermost.createTask(fail("innermost"));
      });
    });
  } catch (group) {
    print(repr(group));
  }
  print(currentTask()?.cancelling());
}

await run(main);

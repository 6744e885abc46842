// Cancelling the task of a group cancels the group's tasks and waits for them.
// Derived from groups_cancelled_outside.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(async function child(name: string) {
  try {
    await sleep(60);
  } finally {
    print(name, "cleans up");
    await sleep(1);
    print(name, "is over");
  }
});

const parent = coroutine(async function parent(inBody: boolean) {
  await taskGroup(async function (tg: TaskGroup) {
    tg.createTask(child("child"));
    if (inBody) await sleep(60);
  });
});

async function main() {
  for (const inBody of [true, false]) {
    const task = createTask(parent(inBody));
    await sleep(1);
    task.cancel("from outside");
    try {
      await task;
    } catch (error) {
      print(repr(error), task.cancelling());
    }
    print(task.cancelled(), getRunningLoop().time());
  }
}

await run(main);

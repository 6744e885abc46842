// When a group is cancelled and has failures, the failures are thrown.
// Derived from groups_cancelled_and_failed.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(async function child() {
  try {
    await sleep(60);
  } catch {
    throw new RangeError("cannot clean up");
  }
});

const parent = coroutine(async function parent() {
  try {
    await taskGroup(async function (tg: TaskGroup) {
      tg.createTask(child());
    });
  } catch (group) {
    print(repr(group), currentTask()?.cancelling());
  }
  try {
    await sleep(1);
    print("never");
  } catch (error) {
    print("still cancelled");
    throw error;
  }
});

async function main() {
  const task = createTask(parent());
  await sleep(1);
  task.cancel();
  await wait([task]);
  print(task.cancelled());
}

await run(main);

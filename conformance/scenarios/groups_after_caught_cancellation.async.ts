// A group that fails in a task that has caught a cancellation before.
// Derived from groups_after_caught_cancellation.ts by `deno task conformance --record`.
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

const fail = coroutine(async function fail() {
  throw new RangeError("no luck");
});

const work = coroutine(async function work() {
  try {
    await sleep(60);
  } catch {
    print("caught");
  }
  try {
    await taskGroup(async function (tg: TaskGroup) {
      tg.createTask(fail());
    });
  } catch (group) {
    print(repr(group), currentTask()?.cancelling());
  }
  await sleep(1);
  print("went on");
});

async function main() {
  const task = createTask(work());
  await sleep(1);
  task.cancel();
  await wait([task]);
  print(task.cancelled());
}

await run(main);

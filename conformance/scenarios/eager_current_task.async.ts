// An eager task is the current task while it starts, then its creator is again.
// Derived from eager_current_task.ts by `deno task conformance --record`.
import {
  allTasks,
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const inner = coroutine(async function inner() {
  print("inner", currentTask()?.getName());
  await sleep(0);
  print("inner later", currentTask()?.getName());
});

const outer = coroutine(async function outer() {
  const task = createTask(inner(), { name: "inner", eagerStart: true });
  print("outer", currentTask()?.getName());
  await task;
});

async function main() {
  currentTask()?.setName("main");
  const task = createTask(outer(), { name: "outer", eagerStart: true });
  print("main", currentTask()?.getName());
  print(allTasks().has(task), allTasks().size);
  await task;
  print("main", currentTask()?.getName(), allTasks().size);
}

await run(main);

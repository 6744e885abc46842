// A task has a name, which can be given and changed.
// Derived from tasks_names.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  print("inside", currentTask()?.getName());
});

async function main() {
  const task = createTask(work(), { name: "given" });
  print(task.getName());
  task.setName("changed");
  await task;
  const unnamed = createTask(work(), { name: "" });
  print(repr(unnamed.getName()));
  const automatic = createTask(sleep(0));
  print(automatic.getName().startsWith("Task-"));
  await automatic;
}

await run(main);

// A task has a name, which can be given and changed.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  print("inside", currentTask()?.getName());
});

function* main() {
  const task = createTask(work(), { name: "given" });
  print(task.getName());
  task.setName("changed");
  yield* task;
  const unnamed = createTask(work(), { name: "" });
  print(repr(unnamed.getName()));
  const automatic = createTask(sleep(0));
  print(automatic.getName().startsWith("Task-"));
  yield* automatic;
}

await run(main);

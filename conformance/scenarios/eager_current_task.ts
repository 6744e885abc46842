// An eager task is the current task while it starts, then its creator is again.
import {
  allTasks,
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const inner = coroutine(function* inner() {
  print("inner", currentTask()?.getName());
  yield* sleep(0);
  print("inner later", currentTask()?.getName());
});

const outer = coroutine(function* outer() {
  const task = createTask(inner(), { name: "inner", eagerStart: true });
  print("outer", currentTask()?.getName());
  yield* task;
});

function* main() {
  currentTask()?.setName("main");
  const task = createTask(outer(), { name: "outer", eagerStart: true });
  print("main", currentTask()?.getName());
  print(allTasks().has(task), allTasks().size);
  yield* task;
  print("main", currentTask()?.getName(), allTasks().size);
}

await run(main);

// The current task is correct in every coroutine, and null in callbacks.
import {
  allTasks,
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const inner = coroutine(function* inner(expected: unknown) {
  print("inner", currentTask() === expected);
  yield* sleep(0);
  print("inner later", currentTask() === expected);
});

const work = coroutine(function* work() {
  yield* inner(currentTask());
});

function* main() {
  const loop = getRunningLoop();
  const me = currentTask();
  loop.callSoon(() => print("callback", currentTask()));
  const task = createTask(work());
  task.addDoneCallback(() => print("done", currentTask()));
  const all = allTasks();
  print("all", all.size === 2 && all.has(me!) && all.has(task));
  yield* task;
  print("main", currentTask() === me);
  print("all", allTasks().size === 1 && allTasks().has(me!));
  print("of the loop", currentTask(loop) === me);
}

await run(main);

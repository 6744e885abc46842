// The current task is correct in every coroutine, and null in callbacks.
// Derived from tasks_current.ts by `deno task conformance --record`.
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

const inner = coroutine(async function inner(expected: unknown) {
  print("inner", currentTask() === expected);
  await sleep(0);
  print("inner later", currentTask() === expected);
});

const work = coroutine(async function work() {
  await inner(currentTask());
});

async function main() {
  const loop = getRunningLoop();
  const me = currentTask();
  loop.callSoon(() => print("callback", currentTask()));
  const task = createTask(work());
  task.addDoneCallback(() => print("done", currentTask()));
  const all = allTasks();
  print("all", all.size === 2 && all.has(me!) && all.has(task));
  await task;
  print("main", currentTask() === me);
  print("all", allTasks().size === 1 && allTasks().has(me!));
  print("of the loop", currentTask(loop) === me);
}

await run(main);

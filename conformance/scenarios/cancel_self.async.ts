// A task that cancels itself is cancelled at its next wait.
// Derived from cancel_self.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  currentTask()?.cancel("by myself");
  print("still running");
  try {
    await sleep(0);
    print("never");
  } catch (error) {
    print(repr(error));
    throw error;
  }
});

const noWait = coroutine(async function noWait() {
  currentTask()?.cancel();
  return "result";
});

async function main() {
  const task = createTask(work());
  await wait([task]);
  print(task.cancelled());
  const other = createTask(noWait());
  await wait([other]);
  print(other.cancelled());
  const done = getRunningLoop().createFuture<string>();
  done.setResult("no wait either");
  currentTask()?.cancel();
  print(await done);
  try {
    await sleep(1);
  } catch {
    print("main cancelled", currentTask()?.uncancel());
  }
}

await run(main);

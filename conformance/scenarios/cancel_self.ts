// A task that cancels itself is cancelled at its next wait.
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

const work = coroutine(function* work() {
  currentTask()?.cancel("by myself");
  print("still running");
  try {
    yield* sleep(0);
    print("never");
  } catch (error) {
    print(repr(error));
    throw error;
  }
});

const noWait = coroutine(function* noWait() {
  currentTask()?.cancel();
  return "result";
});

function* main() {
  const task = createTask(work());
  yield* wait([task]);
  print(task.cancelled());
  const other = createTask(noWait());
  yield* wait([other]);
  print(other.cancelled());
  const done = getRunningLoop().createFuture<string>();
  done.setResult("no wait either");
  currentTask()?.cancel();
  print(yield* done);
  try {
    yield* sleep(1);
  } catch {
    print("main cancelled", currentTask()?.uncancel());
  }
}

await run(main);

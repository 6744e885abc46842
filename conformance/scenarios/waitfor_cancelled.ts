// Cancelling a task in waitFor() cancels the awaitable.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  type Task,
  wait,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  try {
    yield* sleep(60);
  } finally {
    print("work is over");
  }
});

const waiter = coroutine(function* waiter(task: Task<void>) {
  try {
    yield* waitFor(task, 30);
  } catch (error) {
    print("waiter", repr(error), task.cancelled());
    throw error;
  }
});

function* main() {
  const inner = createTask(work());
  const outer = createTask(waiter(inner));
  yield* sleep(1);
  outer.cancel("from outside");
  yield* wait([outer]);
  print(outer.cancelled(), getRunningLoop().time());
}

await run(main);

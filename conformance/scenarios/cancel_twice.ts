// Which message a task gets if it is cancelled twice before it runs.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  try {
    yield* sleep(60);
  } catch (error) {
    print(repr(error), currentTask()?.cancelling());
    throw error;
  }
});

function* main() {
  for (const start of [false, true]) {
    const task = createTask(work());
    if (start) yield* sleep(0);
    task.cancel("one");
    task.cancel("two");
    try {
      yield* task;
    } catch (error) {
      print(repr(error));
    }
    print(task.cancelled(), task.cancelling());
  }
}

await run(main);

// Which message a task gets if it is cancelled twice before it runs.
// Derived from cancel_twice.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  try {
    await sleep(60);
  } catch (error) {
    print(repr(error), currentTask()?.cancelling());
    throw error;
  }
});

async function main() {
  for (const start of [false, true]) {
    const task = createTask(work());
    if (start) await sleep(0);
    task.cancel("one");
    task.cancel("two");
    try {
      await task;
    } catch (error) {
      print(repr(error));
    }
    print(task.cancelled(), task.cancelling());
  }
}

await run(main);

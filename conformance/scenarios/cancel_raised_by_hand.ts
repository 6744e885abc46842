// A coroutine that throws CancelledError of its own accord cancels its task.
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work(wait: boolean) {
  if (wait) yield* sleep(1);
  throw new CancelledError("by hand");
});

function* main() {
  for (const wait of [false, true]) {
    const task = createTask(work(wait));
    try {
      yield* task;
    } catch (error) {
      print(repr(error));
    }
    print(task.cancelled(), task.cancelling());
    print(currentTask()?.cancelling());
  }
}

await run(main);

// A task that catches its cancellation continues, and decides how it ends.
import {
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const stubborn = coroutine(function* stubborn() {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      yield* sleep(60);
    } catch (error) {
      print("caught", error, currentTask()?.cancelling());
    }
  }
  yield* sleep(1);
  return "survived";
});

function* main() {
  const task = createTask(stubborn());
  yield* sleep(1);
  task.cancel("first");
  yield* sleep(1);
  print(task.done());
  task.cancel("second");
  print(yield* task, task.cancelled(), task.cancelling());
  print(getRunningLoop().time());
}

await run(main);

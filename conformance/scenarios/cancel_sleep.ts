// Cancelling a task throws CancelledError where it waits.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  try {
    yield* sleep(60);
  } catch (error) {
    print("work got", repr(error));
    throw error;
  } finally {
    print("work is over");
  }
});

function* main() {
  const loop = getRunningLoop();
  const task = createTask(work());
  yield* sleep(1);
  print(task.cancel("enough"), task.cancelled(), task.cancelling());
  try {
    yield* task;
  } catch (error) {
    print("main got", repr(error));
  }
  print(task.cancelled(), task.done(), loop.time());
  print(task.cancel(), task.cancelling());
}

await run(main);

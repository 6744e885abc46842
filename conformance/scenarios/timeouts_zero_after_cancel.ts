// A timeout of zero, entered by a task that is already cancelled.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
  timeout,
  TimeoutError,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work() {
  currentTask()?.cancel("before");
  try {
    yield* timeout(0, function* () {
      yield* sleep(1);
    });
  } catch (error) {
    if (error instanceof TimeoutError) {
      print("timed out");
    } else {
      print("cancelled", error);
      throw error;
    }
  }
  yield* sleep(1);
  print("the cancellation is lost");
});

function* main() {
  const task = createTask(work());
  yield* wait([task]);
  print(task.cancelled());
}

await run(main);

// A cancellation in the same turn as the timeout is not lost.
import {
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  timeout,
  TimeoutError,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(cleanup: number) {
  try {
    yield* timeout(1, function* () {
      try {
        yield* sleep(60);
      } finally {
        yield* sleep(cleanup);
      }
    });
    print("never");
  } catch (error) {
    if (error instanceof TimeoutError) {
      print("work timed out");
    } else {
      print("work cancelled", error, currentTask()?.cancelling());
      throw error;
    }
  }
});

function* main() {
  // The cancellation comes while the body cleans up after the timeout.
  let task = createTask(work(2));
  yield* sleep(2);
  task.cancel("in cleanup");
  yield* wait([task]);
  print(task.cancelled());
  // The cancellation comes in the same turn as the timeout.
  task = createTask(work(0));
  yield* sleep(0);
  getRunningLoop().callAt(3, () => task.cancel("same time"));
  yield* wait([task]);
  print(task.cancelled());
}

await run(main);

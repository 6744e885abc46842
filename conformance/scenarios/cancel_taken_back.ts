// A cancellation that is taken back in time is never thrown.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  print("begins");
  const result = yield* sleep(1, "slept");
  print("ends");
  return result;
});

function* main() {
  let task = createTask(work());
  task.cancel();
  print(task.cancelling(), task.uncancel());
  print(yield* task);
  // Of two requests one is taken back, so the task is still cancelled.
  task = createTask(work());
  task.cancel("a");
  task.cancel("b");
  print(task.uncancel());
  try {
    yield* task;
  } catch (error) {
    print(repr(error));
  }
}

await run(main);

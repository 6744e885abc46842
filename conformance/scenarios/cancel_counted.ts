// Requests to cancel are counted; uncancel() takes one back.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work() {
  const task = currentTask()!;
  try {
    yield* sleep(60);
  } catch {
    print("cancelling", task.cancelling());
  }
  print("uncancel", task.uncancel());
  print("uncancel", task.uncancel());
  print("uncancel", task.uncancel());
  yield* sleep(1);
  return "went on";
});

function* main() {
  const task = createTask(work());
  yield* sleep(1);
  print(task.cancel("one"), task.cancel("two"), task.cancelling());
  print(yield* task, task.cancelling(), task.cancelled());
}

await run(main);

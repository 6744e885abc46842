// A cancellation that the awaited task suppresses goes no further.
import {
  CancelledError,
  coroutine,
  createTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const child = coroutine(function* child() {
  try {
    yield* sleep(60);
  } catch (error) {
    if (error instanceof CancelledError) print("child says no");
  }
  return "child result";
});

const parent = coroutine(function* parent() {
  const result = yield* createTask(child());
  print("parent got", result);
  yield* sleep(1);
  return "parent result";
});

function* main() {
  const task = createTask(parent());
  yield* sleep(1);
  task.cancel();
  print(yield* task, task.cancelling(), task.cancelled());
}

await run(main);

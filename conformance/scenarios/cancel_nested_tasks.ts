// Cancelling a task that waits for a task cancels the innermost one first.
import {
  coroutine,
  createTask,
  run,
  sleep,
  type Task,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(function* child() {
  try {
    yield* sleep(60);
  } catch (error) {
    print("child", repr(error));
    throw error;
  }
});

const parent = coroutine(function* parent(task: Task<void>) {
  try {
    yield* task;
  } catch (error) {
    print("parent", repr(error), task.cancelled());
    throw error;
  }
});

function* main() {
  const inner = createTask(child());
  const outer = createTask(parent(inner));
  const other = createTask(parent(inner));
  yield* sleep(1);
  outer.cancel("enough");
  print(inner.cancelling(), outer.cancelling(), other.cancelling());
  yield* wait([outer, other]);
  print(inner.cancelled(), outer.cancelled(), other.cancelled());
}

await run(main);

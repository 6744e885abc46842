// A cancellation propagates through every coroutine of the task.
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const inner = coroutine(function* inner() {
  try {
    yield* sleep(60);
  } finally {
    print("inner", currentTask()?.cancelling());
  }
});

const middle = coroutine(function* middle() {
  try {
    yield* inner();
  } catch (error) {
    print("middle", error);
    throw new CancelledError("from the middle");
  }
});

const outer = coroutine(function* outer() {
  try {
    yield* middle();
  } finally {
    print("outer");
  }
});

function* main() {
  const task = createTask(outer());
  yield* sleep(1);
  task.cancel("from main");
  try {
    yield* task;
  } catch (error) {
    print(error);
  }
  print(task.cancelled());
}

await run(main);

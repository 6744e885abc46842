// A cancellation propagates through every coroutine of the task.
// Derived from cancel_nested_coroutines.ts by `deno task conformance --record`.
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const inner = coroutine(async function inner() {
  try {
    await sleep(60);
  } finally {
    print("inner", currentTask()?.cancelling());
  }
});

const middle = coroutine(async function middle() {
  try {
    await inner();
  } catch (error) {
    print("middle", error);
    throw new CancelledError("from the middle");
  }
});

const outer = coroutine(async function outer() {
  try {
    await middle();
  } finally {
    print("outer");
  }
});

async function main() {
  const task = createTask(outer());
  await sleep(1);
  task.cancel("from main");
  try {
    await task;
  } catch (error) {
    print(error);
  }
  print(task.cancelled());
}

await run(main);

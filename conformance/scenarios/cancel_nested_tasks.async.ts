// Cancelling a task that waits for a task cancels the innermost one first.
// Derived from cancel_nested_tasks.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  run,
  sleep,
  type Task,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const child = coroutine(async function child() {
  try {
    await sleep(60);
  } catch (error) {
    print("child", repr(error));
    throw error;
  }
});

const parent = coroutine(async function parent(task: Task<void>) {
  try {
    await task;
  } catch (error) {
    print("parent", repr(error), task.cancelled());
    throw error;
  }
});

async function main() {
  const inner = createTask(child());
  const outer = createTask(parent(inner));
  const other = createTask(parent(inner));
  await sleep(1);
  outer.cancel("enough");
  print(inner.cancelling(), outer.cancelling(), other.cancelling());
  await wait([outer, other]);
  print(inner.cancelled(), outer.cancelled(), other.cancelled());
}

await run(main);

// Cancelling a task in waitFor() cancels the awaitable.
// Derived from waitfor_cancelled.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  type Task,
  wait,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  try {
    await sleep(60);
  } finally {
    print("work is over");
  }
});

const waiter = coroutine(async function waiter(task: Task<void>) {
  try {
    await waitFor(task, 30);
  } catch (error) {
    print("waiter", repr(error), task.cancelled());
    throw error;
  }
});

async function main() {
  const inner = createTask(work());
  const outer = createTask(waiter(inner));
  await sleep(1);
  outer.cancel("from outside");
  await wait([outer]);
  print(outer.cancelled(), getRunningLoop().time());
}

await run(main);

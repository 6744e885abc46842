// Requests to cancel are counted; uncancel() takes one back.
// Derived from cancel_counted.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work() {
  const task = currentTask()!;
  try {
    await sleep(60);
  } catch {
    print("cancelling", task.cancelling());
  }
  print("uncancel", task.uncancel());
  print("uncancel", task.uncancel());
  print("uncancel", task.uncancel());
  await sleep(1);
  return "went on";
});

async function main() {
  const task = createTask(work());
  await sleep(1);
  print(task.cancel("one"), task.cancel("two"), task.cancelling());
  print(await task, task.cancelling(), task.cancelled());
}

await run(main);

// A task that catches its cancellation continues, and decides how it ends.
// Derived from cancel_suppressed.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const stubborn = coroutine(async function stubborn() {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await sleep(60);
    } catch (error) {
      print("caught", error, currentTask()?.cancelling());
    }
  }
  await sleep(1);
  return "survived";
});

async function main() {
  const task = createTask(stubborn());
  await sleep(1);
  task.cancel("first");
  await sleep(1);
  print(task.done());
  task.cancel("second");
  print(await task, task.cancelled(), task.cancelling());
  print(getRunningLoop().time());
}

await run(main);

// Cancelling a task throws CancelledError where it waits.
// Derived from cancel_sleep.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  try {
    await sleep(60);
  } catch (error) {
    print("work got", repr(error));
    throw error;
  } finally {
    print("work is over");
  }
});

async function main() {
  const loop = getRunningLoop();
  const task = createTask(work());
  await sleep(1);
  print(task.cancel("enough"), task.cancelled(), task.cancelling());
  try {
    await task;
  } catch (error) {
    print("main got", repr(error));
  }
  print(task.cancelled(), task.done(), loop.time());
  print(task.cancel(), task.cancelling());
}

await run(main);

// A coroutine that throws CancelledError of its own accord cancels its task.
// Derived from cancel_raised_by_hand.ts by `deno task conformance --record`.
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work(wait: boolean) {
  if (wait) await sleep(1);
  throw new CancelledError("by hand");
});

async function main() {
  for (const wait of [false, true]) {
    const task = createTask(work(wait));
    try {
      await task;
    } catch (error) {
      print(repr(error));
    }
    print(task.cancelled(), task.cancelling());
    print(currentTask()?.cancelling());
  }
}

await run(main);

// A timeout of zero, entered by a task that is already cancelled.
// Derived from timeouts_zero_after_cancel.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  run,
  sleep,
  timeout,
  TimeoutError,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work() {
  currentTask()?.cancel("before");
  try {
    await timeout(0, async function () {
      await sleep(1);
    });
  } catch (error) {
    if (error instanceof TimeoutError) {
      print("timed out");
    } else {
      print("cancelled", error);
      throw error;
    }
  }
  await sleep(1);
  print("the cancellation is lost");
});

async function main() {
  const task = createTask(work());
  await wait([task]);
  print(task.cancelled());
}

await run(main);

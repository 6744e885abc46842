// A cancellation in the same turn as the timeout is not lost.
// Derived from timeouts_both_at_once.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  timeout,
  TimeoutError,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(cleanup: number) {
  try {
    await timeout(1, async function () {
      try {
        await sleep(60);
      } finally {
        await sleep(cleanup);
      }
    });
    print("never");
  } catch (error) {
    if (error instanceof TimeoutError) {
      print("work timed out");
    } else {
      print("work cancelled", error, currentTask()?.cancelling());
      throw error;
    }
  }
});

async function main() {
  // The cancellation comes while the body cleans up after the timeout.
  let task = createTask(work(2));
  await sleep(2);
  task.cancel("in cleanup");
  await wait([task]);
  print(task.cancelled());
  // The cancellation comes in the same turn as the timeout.
  task = createTask(work(0));
  await sleep(0);
  getRunningLoop().callAt(3, () => task.cancel("same time"));
  await wait([task]);
  print(task.cancelled());
}

await run(main);

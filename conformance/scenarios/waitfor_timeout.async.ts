// waitFor() cancels an awaitable that takes too long, and waits until it ends.
// Derived from waitfor_timeout.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  try {
    await sleep(60);
  } catch (error) {
    print("cleaning up");
    await sleep(2);
    print("cleaned up");
    throw error;
  }
});

async function main() {
  const loop = getRunningLoop();
  try {
    await waitFor(work(), 1);
  } catch (error) {
    if (error instanceof TimeoutError) print(repr(error), loop.time());
  }
  const task = createTask(work());
  try {
    await waitFor(task, 1);
  } catch (error) {
    if (error instanceof TimeoutError) print(task.cancelled(), loop.time());
  }
  const future = loop.createFuture();
  try {
    await waitFor(future, 1);
  } catch (error) {
    if (error instanceof TimeoutError) print(future.cancelled(), loop.time());
  }
  print(currentTask()?.cancelling());
}

await run(main);

// waitFor() cancels an awaitable that takes too long, and waits until it ends.
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

const work = coroutine(function* work() {
  try {
    yield* sleep(60);
  } catch (error) {
    print("cleaning up");
    yield* sleep(2);
    print("cleaned up");
    throw error;
  }
});

function* main() {
  const loop = getRunningLoop();
  try {
    yield* waitFor(work(), 1);
  } catch (error) {
    if (error instanceof TimeoutError) print(repr(error), loop.time());
  }
  const task = createTask(work());
  try {
    yield* waitFor(task, 1);
  } catch (error) {
    if (error instanceof TimeoutError) print(task.cancelled(), loop.time());
  }
  const future = loop.createFuture();
  try {
    yield* waitFor(future, 1);
  } catch (error) {
    if (error instanceof TimeoutError) print(future.cancelled(), loop.time());
  }
  print(currentTask()?.cancelling());
}

await run(main);

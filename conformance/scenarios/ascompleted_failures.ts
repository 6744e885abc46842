// A failure is thrown when it is its turn, and the others can still be awaited.
import {
  asCompleted,
  type Awaitable,
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail(seconds: number) {
  yield* sleep(seconds);
  throw new RangeError(`after ${seconds}`);
});

function* main() {
  const cancelled = createTask(sleep(60));
  getRunningLoop().callLater(1, () => cancelled.cancel());
  const waits: Awaitable<unknown>[] = [
    fail(2),
    sleep(3, "result"),
    cancelled,
    fail(0),
  ];
  for (const nextOne of asCompleted(waits)) {
    try {
      print(yield* nextOne);
    } catch (error) {
      print(repr(error));
    }
  }
}

await run(main);

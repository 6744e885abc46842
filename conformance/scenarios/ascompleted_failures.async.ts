// A failure is thrown when it is its turn, and the others can still be awaited.
// Derived from ascompleted_failures.ts by `deno task conformance --record`.
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

const fail = coroutine(async function fail(seconds: number) {
  await sleep(seconds);
  throw new RangeError(`after ${seconds}`);
});

async function main() {
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
      print(await nextOne);
    } catch (error) {
      print(repr(error));
    }
  }
}

await run(main);

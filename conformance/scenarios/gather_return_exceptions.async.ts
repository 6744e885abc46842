// With returnExceptions, failures and cancellations are among the results.
// Derived from gather_return_exceptions.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail(seconds: number, name: string) {
  await sleep(seconds);
  throw new RangeError(name);
});

async function main() {
  const task = createTask(sleep(60));
  getRunningLoop().callLater(2, () => task.cancel("enough"));
  const results = await gather([
    fail(3, "late"),
    sleep(1, "result"),
    task,
    fail(0, "early"),
  ], { returnExceptions: true });
  for (const result of results) print(repr(result));
  print(currentTask()?.cancelling());
}

await run(main);

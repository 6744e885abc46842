// With returnExceptions, failures and cancellations are among the results.
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

const fail = coroutine(function* fail(seconds: number, name: string) {
  yield* sleep(seconds);
  throw new RangeError(name);
});

function* main() {
  const task = createTask(sleep(60));
  getRunningLoop().callLater(2, () => task.cancel("enough"));
  const results = yield* gather([
    fail(3, "late"),
    sleep(1, "result"),
    task,
    fail(0, "early"),
  ], { returnExceptions: true });
  for (const result of results) print(repr(result));
  print(currentTask()?.cancelling());
}

await run(main);

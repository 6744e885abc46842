// A timeout of zero lets the body run up to its first wait.
import {
  currentTask,
  getRunningLoop,
  run,
  sleep,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  for (const delay of [0, -1]) {
    try {
      yield* timeout(delay, function* () {
        print("begins");
        yield* sleep(0);
        print("one turn is enough for nothing");
        yield* sleep(0);
        print("never");
      });
    } catch (error) {
      if (error instanceof TimeoutError) print("timed out", loop.time());
    }
  }
  yield* timeout(0, function* () {
    print("does not wait");
  });
  yield* sleep(0);
  print(currentTask()?.cancelling());
}

await run(main);

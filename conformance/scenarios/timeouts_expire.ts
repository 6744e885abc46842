// A body that takes too long is cancelled, and TimeoutError is thrown.
import {
  currentTask,
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  try {
    yield* timeout(1, function* () {
      try {
        yield* sleep(60);
      } catch (error) {
        print("inside", repr(error), currentTask()?.cancelling());
        throw error;
      }
    });
  } catch (error) {
    print("outside", repr(error), repr((error as Error).cause));
  }
  print(currentTask()?.cancelling(), loop.time());
  const scope = yield* timeout(2, function* (scope: Timeout) {
    yield* sleep(1);
    print("in time");
    return scope;
  });
  print(scope.expired(), loop.time());
  yield* sleep(5);
  print("nothing comes later");
}

await run(main);

// timeoutAt() accepts a time of the loop's clock.
import {
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeoutAt,
  TimeoutError,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  yield* sleep(1);
  try {
    yield* timeoutAt(loop.time() + 2, function* (scope: Timeout) {
      print(scope.when() === 3);
      yield* sleep(60);
    });
  } catch (error) {
    if (error instanceof TimeoutError) print("timed out", loop.time());
  }
  try {
    yield* timeoutAt(1, function* () {
      yield* sleep(60);
    });
  } catch (error) {
    if (error instanceof TimeoutError) print("in the past", loop.time());
  }
  yield* timeoutAt(null, function* (scope: Timeout) {
    print(scope.when(), scope.expired());
  });
}

await run(main);

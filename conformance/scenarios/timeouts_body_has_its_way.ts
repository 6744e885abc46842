// The outcome of a body that catches the cancellation or throws is kept.
import {
  currentTask,
  run,
  sleep,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

function* main() {
  let scope!: Timeout;
  yield* timeout(1, function* (entered: Timeout) {
    scope = entered;
    try {
      yield* sleep(60);
    } catch {
      print("caught");
    }
  });
  print("no error", scope.expired(), currentTask()?.cancelling());
  try {
    yield* timeout(1, function* (entered: Timeout) {
      scope = entered;
      try {
        yield* sleep(60);
      } catch {
        throw new RangeError("other");
      }
    });
  } catch (error) {
    print(repr(error), scope.expired(), currentTask()?.cancelling());
  }
  try {
    yield* timeout(1, function* (entered: Timeout) {
      scope = entered;
      throw new RangeError("before");
    });
  } catch (error) {
    print(repr(error), scope.expired());
  }
  yield* sleep(5);
}

await run(main);

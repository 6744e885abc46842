// The deadline can be moved while the body runs, but not afterwards.
import {
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  let scope!: Timeout;
  yield* timeout(null, function* (entered: Timeout) {
    scope = entered;
    print(scope.when());
    scope.reschedule(loop.time() + 1);
    scope.reschedule(loop.time() + 3);
    yield* sleep(2);
    print(scope.when()?.toFixed(1), scope.expired());
    scope.reschedule(null);
    yield* sleep(10);
  });
  try {
    scope.reschedule(loop.time() + 1);
  } catch (error) {
    print(error);
  }
  try {
    yield* timeout(60, function* (entered: Timeout) {
      scope = entered;
      scope.reschedule(loop.time() - 1);
      print(scope.expired());
      yield* sleep(1);
    });
  } catch (error) {
    if (error instanceof TimeoutError) print(scope.expired(), loop.time());
  }
  try {
    scope.reschedule(null);
  } catch (error) {
    print(error);
  }
}

await run(main);

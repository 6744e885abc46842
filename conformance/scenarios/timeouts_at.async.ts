// timeoutAt() accepts a time of the loop's clock.
// Derived from timeouts_at.ts by `deno task conformance --record`.
import {
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeoutAt,
  TimeoutError,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  await sleep(1);
  try {
    await timeoutAt(loop.time() + 2, async function (scope: Timeout) {
      print(scope.when() === 3);
      await sleep(60);
    });
  } catch (error) {
    if (error instanceof TimeoutError) print("timed out", loop.time());
  }
  try {
    await timeoutAt(1, async function () {
      await sleep(60);
    });
  } catch (error) {
    if (error instanceof TimeoutError) print("in the past", loop.time());
  }
  await timeoutAt(null, async function (scope: Timeout) {
    print(scope.when(), scope.expired());
  });
}

await run(main);

// A body that takes too long is cancelled, and TimeoutError is thrown.
// Derived from timeouts_expire.ts by `deno task conformance --record`.
import {
  currentTask,
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  try {
    await timeout(1, async function () {
      try {
        await sleep(60);
      } catch (error) {
        print("inside", repr(error), currentTask()?.cancelling());
        throw error;
      }
    });
  } catch (error) {
    print("outside", repr(error), repr((error as Error).cause));
  }
  print(currentTask()?.cancelling(), loop.time());
  const scope = await timeout(2, async function (scope: Timeout) {
    await sleep(1);
    print("in time");
    return scope;
  });
  print(scope.expired(), loop.time());
  await sleep(5);
  print("nothing comes later");
}

await run(main);

// A timeout of zero lets the body run up to its first wait.
// Derived from timeouts_zero.ts by `deno task conformance --record`.
import {
  currentTask,
  getRunningLoop,
  run,
  sleep,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  for (const delay of [0, -1]) {
    try {
      await timeout(delay, async function () {
        print("begins");
        await sleep(0);
        print("one turn is enough for nothing");
        await sleep(0);
        print("never");
      });
    } catch (error) {
      if (error instanceof TimeoutError) print("timed out", loop.time());
    }
  }
  await timeout(0, async function () {
    print("does not wait");
  });
  await sleep(0);
  print(currentTask()?.cancelling());
}

await run(main);

// The outcome of a body that catches the cancellation or throws is kept.
// Derived from timeouts_body_has_its_way.ts by `deno task conformance --record`.
import {
  currentTask,
  run,
  sleep,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

async function main() {
  let scope!: Timeout;
  await timeout(1, async function (entered: Timeout) {
    scope = entered;
    try {
      await sleep(60);
    } catch {
      print("caught");
    }
  });
  print("no error", scope.expired(), currentTask()?.cancelling());
  try {
    await timeout(1, async function (entered: Timeout) {
      scope = entered;
      try {
        await sleep(60);
      } catch {
        throw new RangeError("other");
      }
    });
  } catch (error) {
    print(repr(error), scope.expired(), currentTask()?.cancelling());
  }
  try {
    await timeout(1, async function (entered: Timeout) {
      scope = entered;
      throw new RangeError("before");
    });
  } catch (error) {
    print(repr(error), scope.expired());
  }
  await sleep(5);
}

await run(main);

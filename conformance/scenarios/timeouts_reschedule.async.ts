// The deadline can be moved while the body runs, but not afterwards.
// Derived from timeouts_reschedule.ts by `deno task conformance --record`.
import {
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  let scope!: Timeout;
  await timeout(null, async function (entered: Timeout) {
    scope = entered;
    print(scope.when());
    scope.reschedule(loop.time() + 1);
    scope.reschedule(loop.time() + 3);
    await sleep(2);
    print(scope.when()?.toFixed(1), scope.expired());
    scope.reschedule(null);
    await sleep(10);
  });
  try {
    scope.reschedule(loop.time() + 1);
  } catch (error) {
    print(error);
  }
  try {
    await timeout(60, async function (entered: Timeout) {
      scope = entered;
      scope.reschedule(loop.time() - 1);
      print(scope.expired());
      await sleep(1);
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

// Waiting for a done future does not suspend.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  loop.callSoon(print, "callback");
  const future = loop.createFuture<string>();
  future.setResult("done before");
  print(yield* future);
  const failed = loop.createFuture();
  failed.setException(new RangeError("failed before"));
  try {
    yield* failed;
  } catch (error) {
    print(error);
  }
  print("the callback has not run");
  yield* sleep(0);
}

await run(main);

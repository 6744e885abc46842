// Waiting for a done future does not suspend.
// Derived from futures_done_no_suspension.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  loop.callSoon(print, "callback");
  const future = loop.createFuture<string>();
  future.setResult("done before");
  print(await future);
  const failed = loop.createFuture();
  failed.setException(new RangeError("failed before"));
  try {
    await failed;
  } catch (error) {
    print(error);
  }
  print("the callback has not run");
  await sleep(0);
}

await run(main);

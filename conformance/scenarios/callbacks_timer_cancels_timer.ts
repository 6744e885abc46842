// A timer can cancel a later one.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  const later = loop.callLater(2, print, "never");
  loop.callLater(1, () => later.cancel());
  print(later.when() - loop.time() === 2);
  yield* sleep(3);
  print(later.cancelled(), loop.time());
}

await run(main);

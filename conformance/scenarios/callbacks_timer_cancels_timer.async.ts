// A timer can cancel a later one.
// Derived from callbacks_timer_cancels_timer.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const later = loop.callLater(2, print, "never");
  loop.callLater(1, () => later.cancel());
  print(later.when() - loop.time() === 2);
  await sleep(3);
  print(later.cancelled(), loop.time());
}

await run(main);

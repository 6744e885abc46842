// A handle can cancel its callback at any time before it runs.
import { getRunningLoop, type Handle, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  const soon = loop.callSoon(print, "never");
  const later = loop.callLater(1, print, "never later");
  soon.cancel();
  print(soon.cancelled(), later.cancelled());
  // The first callback runs in the same turn in which the second is ready.
  loop.callSoon(() => second.cancel());
  const second: Handle = loop.callSoon(print, "never either");
  yield* sleep(0);
  print(second.cancelled());
  later.cancel();
  later.cancel();
  yield* sleep(2);
  const ran = loop.callSoon(print, "runs");
  yield* sleep(0);
  print(ran.cancelled());
}

await run(main);

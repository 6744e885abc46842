// How handles print.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function callback() {
}

function* main() {
  const loop = getRunningLoop();
  const soon = loop.callSoon(callback);
  print(soon);
  soon.cancel();
  print(soon);
  const later = loop.callAt(5.5, callback);
  print(later);
  later.cancel();
  print(later);
  print(loop.callSoon(callback));
  yield* sleep(0);
}

await run(main);

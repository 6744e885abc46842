// How handles print.
// Derived from repr_handles.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function callback() {
}

async function main() {
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
  await sleep(0);
}

await run(main);

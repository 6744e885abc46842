// Due timers run after the callbacks that are ready, and before those they add.
// Derived from callbacks_due_timers.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();

  function ready(name: string) {
    print(name);
    loop.callSoon(print, name, "adds");
  }

  loop.callLater(0, print, "no delay");
  loop.callLater(-1, print, "negative delay");
  loop.callSoon(ready, "ready");
  await sleep(0);
  print("main again");
  await sleep(0);
  print("main ends");
}

await run(main);

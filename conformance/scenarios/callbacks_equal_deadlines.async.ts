// Timers with equal deadlines.
// Derived from callbacks_equal_deadlines.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  for (let number = 0; number < 6; number++) {
    loop.callAt(1, print, number);
  }
  await sleep(2);
}

await run(main);

// Timers with equal deadlines.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  for (let number = 0; number < 6; number++) {
    loop.callAt(1, print, number);
  }
  yield* sleep(2);
}

await run(main);

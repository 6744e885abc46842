// Timers fire in the order of their deadlines, whenever they were set.
// Derived from callbacks_timers.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();

  function tell(name: string) {
    print(name, loop.time());
  }

  loop.callLater(3, tell, "three");
  loop.callLater(1, tell, "one");
  loop.callAt(loop.time() + 2, tell, "two");
  loop.callLater(1, () => loop.callLater(3, tell, "one and three"));
  loop.callSoon(tell, "soon");
  await sleep(5);
  tell("main");
}

await run(main);

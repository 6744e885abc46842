// Timers fire in the order of their deadlines, whenever they were set.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();

  function tell(name: string) {
    print(name, loop.time());
  }

  loop.callLater(3, tell, "three");
  loop.callLater(1, tell, "one");
  loop.callAt(loop.time() + 2, tell, "two");
  loop.callLater(1, () => loop.callLater(3, tell, "one and three"));
  loop.callSoon(tell, "soon");
  yield* sleep(5);
  tell("main");
}

await run(main);

// Done callbacks run in the next turn, in order, and get the future.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  const future = loop.createFuture<string>();
  for (const name of "abc") {
    future.addDoneCallback((done) => print(name, done.result()));
  }
  loop.callSoon(print, "scheduled before");
  future.setResult("set");
  loop.callSoon(print, "scheduled after");
  print("nothing has run");
  yield* sleep(0);
  print("all have run");
  future.addDoneCallback((done) => print("late", done === future));
  print("not at once");
  yield* sleep(0);
}

await run(main);

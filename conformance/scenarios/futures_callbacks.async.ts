// Done callbacks run in the next turn, in order, and get the future.
// Derived from futures_callbacks.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const future = loop.createFuture<string>();
  for (const name of "abc") {
    future.addDoneCallback((done) => print(name, done.result()));
  }
  loop.callSoon(print, "scheduled before");
  future.setResult("set");
  loop.callSoon(print, "scheduled after");
  print("nothing has run");
  await sleep(0);
  print("all have run");
  future.addDoneCallback((done) => print("late", done === future));
  print("not at once");
  await sleep(0);
}

await run(main);

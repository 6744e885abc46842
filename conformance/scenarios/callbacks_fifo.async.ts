// Callbacks run in order of scheduling; callbacks they schedule run later.
// Derived from callbacks_fifo.ts by `deno task conformance --record`.
import { type EventLoop, getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function first(loop: EventLoop) {
  print("first");
  loop.callSoon(print, "scheduled by first");
}

function second(loop: EventLoop) {
  print("second");
  loop.callSoon(print, "scheduled by second");
}

async function main() {
  const loop = getRunningLoop();
  loop.callSoon(first, loop);
  loop.callSoon(second, loop);
  loop.callSoon(print, "third");
  print("main waits");
  await sleep(0);
  print("main goes on");
  await sleep(0);
  print("main ends");
}

await run(main);

// Cancelled tasks run in the order of their cancellation.
// Derived from cancel_order.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(name: string) {
  try {
    await sleep(60);
  } finally {
    print(name, "out");
  }
});

async function main() {
  const loop = getRunningLoop();
  const a = createTask(work("a"));
  const b = createTask(work("b"));
  const c = createTask(work("c"));
  await sleep(1);
  c.cancel();
  loop.callSoon(print, "callback");
  a.cancel();
  createTask(work("late"));
  b.cancel();
  c.cancel();
  await sleep(0);
  print("after one turn");
  await sleep(0);
  print("after two turns", [a, b, c].map((task) => task.done()));
}

await run(main);

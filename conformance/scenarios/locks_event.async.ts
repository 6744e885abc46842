// An event wakes all its waiters, in the order in which they came.
// Derived from locks_event.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  Event,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const waiter = coroutine(async function waiter(event: Event, name: string) {
  print(name, await event.wait(), event.isSet());
});

async function main() {
  const loop = getRunningLoop();
  const event = new Event();
  const tasks = [..."abc"].map((name) => createTask(waiter(event, name)));
  await sleep(1);
  tasks[1].cancel();
  loop.callSoon(print, "soon");
  event.set();
  event.set();
  print(event.isSet(), await event.wait(), "without a turn");
  event.clear();
  print(event.isSet());
  await wait(tasks);
  print(tasks[1].cancelled());
  loop.callLater(1, () => event.set());
  print(await event.wait(), loop.time());
}

await run(main);

// An event wakes all its waiters, in the order in which they came.
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

const waiter = coroutine(function* waiter(event: Event, name: string) {
  print(name, yield* event.wait(), event.isSet());
});

function* main() {
  const loop = getRunningLoop();
  const event = new Event();
  const tasks = [..."abc"].map((name) => createTask(waiter(event, name)));
  yield* sleep(1);
  tasks[1].cancel();
  loop.callSoon(print, "soon");
  event.set();
  event.set();
  print(event.isSet(), yield* event.wait(), "without a turn");
  event.clear();
  print(event.isSet());
  yield* wait(tasks);
  print(tasks[1].cancelled());
  loop.callLater(1, () => event.set());
  print(yield* event.wait(), loop.time());
}

await run(main);

// Cancelled tasks run in the order of their cancellation.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(name: string) {
  try {
    yield* sleep(60);
  } finally {
    print(name, "out");
  }
});

function* main() {
  const loop = getRunningLoop();
  const a = createTask(work("a"));
  const b = createTask(work("b"));
  const c = createTask(work("c"));
  yield* sleep(1);
  c.cancel();
  loop.callSoon(print, "callback");
  a.cancel();
  createTask(work("late"));
  b.cancel();
  c.cancel();
  yield* sleep(0);
  print("after one turn");
  yield* sleep(0);
  print("after two turns", [a, b, c].map((task) => task.done()));
}

await run(main);

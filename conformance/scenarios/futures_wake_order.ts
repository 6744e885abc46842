// Waiters and callbacks of one future run in the order in which they came.
import {
  coroutine,
  createTask,
  type Future,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const waiter = coroutine(
  function* waiter(name: string, future: Future<number>) {
    print(name, "got", yield* future);
  },
);

function* main() {
  const loop = getRunningLoop();
  const future = loop.createFuture<number>();
  createTask(waiter("a", future));
  yield* sleep(0);
  future.addDoneCallback(() => print("callback"));
  createTask(waiter("b", future));
  yield* sleep(0);
  loop.callSoon(print, "soon");
  future.setResult(1);
  createTask(waiter("c", future));
  print(yield* future);
  yield* sleep(0);
}

await run(main);

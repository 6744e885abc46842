// A cancellation takes precedence over a result in the same turn.
import {
  CancelledError,
  coroutine,
  createTask,
  type Future,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(future: Future<string>) {
  try {
    print("got", yield* future);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    print("cancelled, but the future is", future.result());
    throw error;
  }
});

function* main() {
  const loop = getRunningLoop();
  for (const resultFirst of [true, false]) {
    const future = loop.createFuture<string>();
    const task = createTask(work(future));
    yield* sleep(1);
    if (resultFirst) {
      future.setResult("set");
      print(task.cancel());
    } else {
      print(task.cancel(), future.cancelled());
    }
    yield* wait([task]);
    print(task.cancelled());
  }
}

await run(main);

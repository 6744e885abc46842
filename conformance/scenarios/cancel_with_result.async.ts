// A cancellation takes precedence over a result in the same turn.
// Derived from cancel_with_result.ts by `deno task conformance --record`.
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

const work = coroutine(async function work(future: Future<string>) {
  try {
    print("got", await future);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    print("cancelled, but the future is", future.result());
    throw error;
  }
});

async function main() {
  const loop = getRunningLoop();
  for (const resultFirst of [true, false]) {
    const future = loop.createFuture<string>();
    const task = createTask(work(future));
    await sleep(1);
    if (resultFirst) {
      future.setResult("set");
      print(task.cancel());
    } else {
      print(task.cancel(), future.cancelled());
    }
    await wait([task]);
    print(task.cancelled());
  }
}

await run(main);

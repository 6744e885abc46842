// How futures print.
// Derived from repr_futures.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  type Future,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

function callback() {
}

const waiter = coroutine(async function waiter(future: Future<unknown>) {
  await future;
});

async function main() {
  const loop = getRunningLoop();
  const future = loop.createFuture();
  print(future);
  for (let i = 0; i < 4; i++) {
    future.addDoneCallback(callback);
    print(future);
  }
  future.setResult([1, "two", null, true, [3.5]]);
  print(future);
  const failed = loop.createFuture();
  failed.setException(new RangeError("no luck"));
  print(failed, repr(failed.exception()));
  const cancelled = loop.createFuture();
  cancelled.cancel("message");
  print(cancelled);
  const awaited = loop.createFuture();
  createTask(waiter(awaited));
  await sleep(0);
  print(awaited);
  awaited.setResult(null);
}

await run(main);

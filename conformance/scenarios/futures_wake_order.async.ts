// Waiters and callbacks of one future run in the order in which they came.
// Derived from futures_wake_order.ts by `deno task conformance --record`.
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
  async function waiter(name: string, future: Future<number>) {
    print(name, "got", await future);
  },
);

async function main() {
  const loop = getRunningLoop();
  const future = loop.createFuture<number>();
  createTask(waiter("a", future));
  await sleep(0);
  future.addDoneCallback(() => print("callback"));
  createTask(waiter("b", future));
  await sleep(0);
  loop.callSoon(print, "soon");
  future.setResult(1);
  createTask(waiter("c", future));
  print(await future);
  await sleep(0);
}

await run(main);

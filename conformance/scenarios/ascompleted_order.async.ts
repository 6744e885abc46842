// asCompleted() yields the awaitables in the order in which they are done.
// Derived from ascompleted_order.ts by `deno task conformance --record`.
import {
  asCompleted,
  coroutine,
  type Future,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(seconds: number, name: string) {
  await sleep(seconds);
  return name;
});

async function main() {
  const loop = getRunningLoop();
  const all = [work(3, "c"), work(1, "a"), work(2, "b")];
  for (const nextOne of asCompleted(all)) {
    print(await nextOne, loop.time());
  }
  const ready: Future<string> = loop.createFuture();
  ready.setResult("ready");
  for (const nextOne of asCompleted([work(1, "later"), ready])) {
    print(await nextOne, loop.time());
  }
  print([...asCompleted([])]);
}

await run(main);

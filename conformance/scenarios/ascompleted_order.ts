// asCompleted() yields the awaitables in the order in which they are done.
import {
  asCompleted,
  coroutine,
  type Future,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(seconds: number, name: string) {
  yield* sleep(seconds);
  return name;
});

function* main() {
  const loop = getRunningLoop();
  const all = [work(3, "c"), work(1, "a"), work(2, "b")];
  for (const nextOne of asCompleted(all)) {
    print(yield* nextOne, loop.time());
  }
  const ready: Future<string> = loop.createFuture();
  ready.setResult("ready");
  for (const nextOne of asCompleted([work(1, "later"), ready])) {
    print(yield* nextOne, loop.time());
  }
  print([...asCompleted([])]);
}

await run(main);

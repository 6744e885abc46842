// gather() returns the results in the order of its arguments.
import {
  coroutine,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(seconds: number, name: string) {
  print(name, "begins");
  yield* sleep(seconds);
  print(name, "ends");
  return name;
});

function* main() {
  const loop = getRunningLoop();
  const future = loop.createFuture<string>();
  loop.callLater(2, () => future.setResult("future"));
  const results = yield* gather(work(3, "a"), work(1, "b"), future);
  print(results, loop.time());
  print(yield* gather([..."xy"].map((name) => work(1, name))));
  print(yield* gather());
}

await run(main);

// gather() returns the results in the order of its arguments.
// Derived from gather_results.ts by `deno task conformance --record`.
import {
  coroutine,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(seconds: number, name: string) {
  print(name, "begins");
  await sleep(seconds);
  print(name, "ends");
  return name;
});

async function main() {
  const loop = getRunningLoop();
  const future = loop.createFuture<string>();
  loop.callLater(2, () => future.setResult("future"));
  const results = await gather(work(3, "a"), work(1, "b"), future);
  print(results, loop.time());
  print(await gather([..."xy"].map((name) => work(1, name))));
  print(await gather());
}

await run(main);

// waitFor() returns the result of an awaitable that ends in time, or throws.
// Derived from waitfor_in_time.ts by `deno task conformance --record`.
import {
  coroutine,
  getRunningLoop,
  run,
  sleep,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(async function fail() {
  await sleep(1);
  throw new RangeError("no luck");
});

async function main() {
  const loop = getRunningLoop();
  print(await waitFor(sleep(1, "in time"), 2));
  try {
    await waitFor(fail(), 2);
  } catch (error) {
    print(repr(error));
  }
  print(await waitFor(sleep(5, "no limit"), null));
  const future = loop.createFuture<string>();
  future.setResult("done before");
  print(await waitFor(future, 0), await waitFor(future, -1));
  print(loop.time());
}

await run(main);

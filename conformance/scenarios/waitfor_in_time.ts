// waitFor() returns the result of an awaitable that ends in time, or throws.
import {
  coroutine,
  getRunningLoop,
  run,
  sleep,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail() {
  yield* sleep(1);
  throw new RangeError("no luck");
});

function* main() {
  const loop = getRunningLoop();
  print(yield* waitFor(sleep(1, "in time"), 2));
  try {
    yield* waitFor(fail(), 2);
  } catch (error) {
    print(repr(error));
  }
  print(yield* waitFor(sleep(5, "no limit"), null));
  const future = loop.createFuture<string>();
  future.setResult("done before");
  print(yield* waitFor(future, 0), yield* waitFor(future, -1));
  print(loop.time());
}

await run(main);

// Cancelling gather() cancels and awaits all children that are not done.
import {
  coroutine,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work(seconds: number, name: string) {
  try {
    yield* sleep(seconds);
    print(name, "ends");
  } catch (error) {
    print(name, "cancelled", repr(error));
    yield* sleep(1);
    throw error;
  }
});

function* main() {
  const loop = getRunningLoop();
  const future = gather(work(60, "a"), work(1, "b"), work(60, "c"));
  yield* sleep(2);
  print(future.cancel("enough"), future.done());
  try {
    yield* future;
  } catch (error) {
    print(repr(error), loop.time());
  }
  print(future.cancelled(), future.cancel());
}

await run(main);

// Cancelling gather() cancels and awaits all children that are not done.
// Derived from gather_cancel.ts by `deno task conformance --record`.
import {
  coroutine,
  gather,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work(seconds: number, name: string) {
  try {
    await sleep(seconds);
    print(name, "ends");
  } catch (error) {
    print(name, "cancelled", repr(error));
    await sleep(1);
    throw error;
  }
});

async function main() {
  const loop = getRunningLoop();
  const future = gather(work(60, "a"), work(1, "b"), work(60, "c"));
  await sleep(2);
  print(future.cancel("enough"), future.done());
  try {
    await future;
  } catch (error) {
    print(repr(error), loop.time());
  }
  print(future.cancelled(), future.cancel());
}

await run(main);

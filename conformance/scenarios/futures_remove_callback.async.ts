// Removing a callback removes every occurrence, and returns how many.
// Derived from futures_remove_callback.ts by `deno task conformance --record`.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function one() {
  print("one");
}

function two() {
  print("two");
}

async function main() {
  const future = getRunningLoop().createFuture<void>();
  for (const callback of [one, two, one, two, one]) {
    future.addDoneCallback(callback);
  }
  print(future.removeDoneCallback(one));
  print(future.removeDoneCallback(one));
  future.setResult();
  print(future.removeDoneCallback(two));
  await sleep(0);
  future.addDoneCallback(one);
  print(future.removeDoneCallback(one));
  await sleep(0);
}

await run(main);

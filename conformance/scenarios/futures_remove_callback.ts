// Removing a callback removes every occurrence, and returns how many.
import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

function one() {
  print("one");
}

function two() {
  print("two");
}

function* main() {
  const future = getRunningLoop().createFuture<void>();
  for (const callback of [one, two, one, two, one]) {
    future.addDoneCallback(callback);
  }
  print(future.removeDoneCallback(one));
  print(future.removeDoneCallback(one));
  future.setResult();
  print(future.removeDoneCallback(two));
  yield* sleep(0);
  future.addDoneCallback(one);
  print(future.removeDoneCallback(one));
  yield* sleep(0);
}

await run(main);

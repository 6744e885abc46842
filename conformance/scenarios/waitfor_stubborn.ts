// The outcome of a coroutine that suppresses the cancellation is kept.
import {
  type Coroutine,
  coroutine,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const returns = coroutine(function* returns() {
  try {
    yield* sleep(60);
  } catch {
    return "all the same";
  }
});

const fails = coroutine(function* fails() {
  try {
    yield* sleep(60);
  } catch {
    throw new RangeError("all the same");
  }
});

function* main() {
  for (const stubborn of [returns, fails]) {
    try {
      const body: Coroutine<unknown> = stubborn();
      print(yield* waitFor(body, 1));
    } catch (error) {
      print(repr(error));
    }
    print(currentTask()?.cancelling());
  }
  print(getRunningLoop().time());
}

await run(main);

// The outcome of a coroutine that suppresses the cancellation is kept.
// Derived from waitfor_stubborn.ts by `deno task conformance --record`.
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

const returns = coroutine(async function returns() {
  try {
    await sleep(60);
  } catch {
    return "all the same";
  }
});

const fails = coroutine(async function fails() {
  try {
    await sleep(60);
  } catch {
    throw new RangeError("all the same");
  }
});

async function main() {
  for (const stubborn of [returns, fails]) {
    try {
      const body: Coroutine<unknown> = stubborn();
      print(await waitFor(body, 1));
    } catch (error) {
      print(repr(error));
    }
    print(currentTask()?.cancelling());
  }
  print(getRunningLoop().time());
}

await run(main);

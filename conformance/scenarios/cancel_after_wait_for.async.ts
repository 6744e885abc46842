// A task that cancels itself after waiting in waitFor() is cancelled once.
// Derived from cancel_after_wait_for.ts by `deno task conformance --record`.
import {
  coroutine,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  return "result";
});

async function main() {
  print(await waitFor(work(), 1));
  currentTask()!.cancel("by itself");
  for (let i = 0; i < 2; i++) {
    try {
      print(await sleep(1, "slept"));
    } catch (error) {
      print(repr(error));
    }
  }
  print(getRunningLoop().time());
}

await run(main);

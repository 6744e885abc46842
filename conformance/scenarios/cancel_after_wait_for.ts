// A task that cancels itself after waiting in waitFor() is cancelled once.
import {
  coroutine,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  return "result";
});

function* main() {
  print(yield* waitFor(work(), 1));
  currentTask()!.cancel("by itself");
  for (let i = 0; i < 2; i++) {
    try {
      print(yield* sleep(1, "slept"));
    } catch (error) {
      print(repr(error));
    }
  }
  print(getRunningLoop().time());
}

await run(main);

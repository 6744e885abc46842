// An exception thrown while cleaning up replaces the cancellation.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  try {
    yield* sleep(60);
  } catch {
    throw new RangeError("cannot clean up");
  }
});

const returns = coroutine(function* returns() {
  try {
    yield* sleep(60);
  } finally {
    // deno-lint-ignore no-unsafe-finally -- this is what the scenario is about
    return "a return in finally";
  }
});

function* main() {
  for (const stubborn of [work, returns]) {
    const task = createTask<unknown>(stubborn());
    yield* sleep(1);
    task.cancel();
    try {
      print(yield* task);
    } catch (error) {
      print(repr(error));
    }
    print(task.cancelled(), task.cancelling());
  }
}

await run(main);

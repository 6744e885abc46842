// An exception thrown while cleaning up replaces the cancellation.
// Derived from cancel_becomes_error.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  try {
    await sleep(60);
  } catch {
    throw new RangeError("cannot clean up");
  }
});

const returns = coroutine(async function returns() {
  try {
    await sleep(60);
  } finally {
    // deno-lint-ignore no-unsafe-finally -- this is what the scenario is about
    return "a return in finally";
  }
});

async function main() {
  for (const stubborn of [work, returns]) {
    const task = createTask<unknown>(stubborn());
    await sleep(1);
    task.cancel();
    try {
      print(await task);
    } catch (error) {
      print(repr(error));
    }
    print(task.cancelled(), task.cancelling());
  }
}

await run(main);

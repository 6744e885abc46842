// A cancellation that is taken back in time is never thrown.
// Derived from cancel_taken_back.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  print("begins");
  const result = await sleep(1, "slept");
  print("ends");
  return result;
});

async function main() {
  let task = createTask(work());
  task.cancel();
  print(task.cancelling(), task.uncancel());
  print(await task);
  // Of two requests one is taken back, so the task is still cancelled.
  task = createTask(work());
  task.cancel("a");
  task.cancel("b");
  print(task.uncancel());
  try {
    await task;
  } catch (error) {
    print(repr(error));
  }
}

await run(main);

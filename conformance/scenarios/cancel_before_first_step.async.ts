// A task that is cancelled before its first step never begins.
// Derived from cancel_before_first_step.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  print("never");
  try {
    await sleep(1);
  } finally {
    print("never either");
  }
});

async function main() {
  const task = createTask(work());
  task.addDoneCallback((done) => print("done", done.cancelled()));
  print(task.cancel("too early"), task.done());
  await sleep(0);
  print(task.done(), task.cancelled());
  try {
    await task;
  } catch (error) {
    print(repr(error));
  }
}

await run(main);

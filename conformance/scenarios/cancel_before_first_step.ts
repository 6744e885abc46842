// A task that is cancelled before its first step never begins.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  print("never");
  try {
    yield* sleep(1);
  } finally {
    print("never either");
  }
});

function* main() {
  const task = createTask(work());
  task.addDoneCallback((done) => print("done", done.cancelled()));
  print(task.cancel("too early"), task.done());
  yield* sleep(0);
  print(task.done(), task.cancelled());
  try {
    yield* task;
  } catch (error) {
    print(repr(error));
  }
}

await run(main);

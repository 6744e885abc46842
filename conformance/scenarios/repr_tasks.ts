// How tasks print.
import { coroutine, createTask, run, sleep, wait } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  yield* sleep(1);
  return "result";
});

const fail = coroutine(function* fail() {
  throw new RangeError("no luck");
});

function callback() {
}

function* main() {
  const task = createTask(work());
  print(task);
  yield* sleep(0);
  task.addDoneCallback(callback);
  print(task);
  yield* task;
  print(task);
  const named = createTask(work(), { name: "a name" });
  print(named);
  yield* sleep(0);
  named.cancel();
  print(named);
  yield* wait([named]);
  print(named);
  const failed = createTask(fail());
  yield* wait([failed]);
  print(failed);
  print(repr(failed.exception()));
}

await run(main);

// A task throws the error that its coroutine throws, the same object.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const error = new RangeError("no luck");

const fail = coroutine(function* fail() {
  yield* sleep(1);
  throw error;
});

const failAtOnce = coroutine(function* failAtOnce() {
  throw error;
});

function* main() {
  for (const failing of [fail, failAtOnce]) {
    const task = createTask(failing());
    try {
      yield* task;
    } catch (caught) {
      print(repr(caught), caught === error);
    }
    print(task.done(), task.cancelled(), task.exception() === error);
    try {
      task.result();
    } catch (caught) {
      print(caught === error);
    }
  }
}

await run(main);

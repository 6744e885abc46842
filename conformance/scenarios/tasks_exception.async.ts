// A task throws the error that its coroutine throws, the same object.
// Derived from tasks_exception.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const error = new RangeError("no luck");

const fail = coroutine(async function fail() {
  await sleep(1);
  throw error;
});

const failAtOnce = coroutine(async function failAtOnce() {
  throw error;
});

async function main() {
  for (const failing of [fail, failAtOnce]) {
    const task = createTask(failing());
    try {
      await task;
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

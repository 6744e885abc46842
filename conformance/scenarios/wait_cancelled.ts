// Cancelling wait() does not cancel the futures that it waits for.
import { coroutine, createTask, run, sleep, wait } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work(name: string) {
  try {
    yield* sleep(3);
    print(name, "ends");
  } finally {
    print(name, "is over");
  }
});

function* main() {
  const tasks = [..."ab"].map((name) => createTask(work(name)));
  const waiting = createTask(wait(tasks));
  yield* sleep(1);
  waiting.cancel("enough");
  try {
    yield* waiting;
  } catch (error) {
    print(repr(error), tasks.map((task) => task.cancelling()));
  }
  yield* wait(tasks);
}

await run(main);

// waitFor() with a timeout of zero cancels what is not done, before it begins.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work(name: string) {
  print(name, "begins");
  yield* sleep(1);
});

function* main() {
  const loop = getRunningLoop();
  for (const limit of [0, -1]) {
    try {
      yield* waitFor(work("coroutine"), limit);
    } catch (error) {
      print(repr(error), loop.time());
    }
  }
  const task = createTask(work("task"));
  yield* sleep(0);
  try {
    yield* waitFor(task, 0);
  } catch (error) {
    if (error instanceof TimeoutError) print(task.cancelled(), loop.time());
  }
}

await run(main);

// After the timeout, asCompleted() throws for each awaitable that is not done.
import {
  asCompleted,
  createTask,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

function* main() {
  const loop = getRunningLoop();
  const tasks = [1, 5, 6].map((n) => createTask(sleep(n, n)));
  for (const nextOne of asCompleted(tasks, { timeout: 3 })) {
    try {
      print(yield* nextOne, loop.time());
    } catch (error) {
      print(repr(error), loop.time());
    }
  }
  print(tasks.map((task) => task.done()));
  yield* wait(tasks);
  print(tasks.map((task) => task.cancelled()), loop.time());
}

await run(main);

// After the timeout, asCompleted() throws for each awaitable that is not done.
// Derived from ascompleted_timeout.ts by `deno task conformance --record`.
import {
  asCompleted,
  createTask,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const tasks = [1, 5, 6].map((n) => createTask(sleep(n, n)));
  for (const nextOne of asCompleted(tasks, { timeout: 3 })) {
    try {
      print(await nextOne, loop.time());
    } catch (error) {
      print(repr(error), loop.time());
    }
  }
  print(tasks.map((task) => task.done()));
  await wait(tasks);
  print(tasks.map((task) => task.cancelled()), loop.time());
}

await run(main);

// waitFor() with a timeout of zero cancels what is not done, before it begins.
// Derived from waitfor_zero.ts by `deno task conformance --record`.
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

const work = coroutine(async function work(name: string) {
  print(name, "begins");
  await sleep(1);
});

async function main() {
  const loop = getRunningLoop();
  for (const limit of [0, -1]) {
    try {
      await waitFor(work("coroutine"), limit);
    } catch (error) {
      print(repr(error), loop.time());
    }
  }
  const task = createTask(work("task"));
  await sleep(0);
  try {
    await waitFor(task, 0);
  } catch (error) {
    if (error instanceof TimeoutError) print(task.cancelled(), loop.time());
  }
}

await run(main);

// Cancelling wait() does not cancel the futures that it waits for.
// Derived from wait_cancelled.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep, wait } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work(name: string) {
  try {
    await sleep(3);
    print(name, "ends");
  } finally {
    print(name, "is over");
  }
});

async function main() {
  const tasks = [..."ab"].map((name) => createTask(work(name)));
  const waiting = createTask(wait(tasks));
  await sleep(1);
  waiting.cancel("enough");
  try {
    await waiting;
  } catch (error) {
    print(repr(error), tasks.map((task) => task.cancelling()));
  }
  await wait(tasks);
}

await run(main);

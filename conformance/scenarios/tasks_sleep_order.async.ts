// Sleeping tasks wake by deadline, and sleep() returns its result.
// Derived from tasks_sleep_order.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const nap = coroutine(async function nap(seconds: number, name: string) {
  const result = await sleep(seconds, name);
  print(result, getRunningLoop().time());
  return result;
});

async function main() {
  const tasks = [
    createTask(nap(3, "c")),
    createTask(nap(1, "a")),
    createTask(nap(2, "b")),
    createTask(nap(0, "now")),
  ];
  print(await sleep(2.5, "main"));
  print(tasks.map((task) => task.done()));
  await tasks[0];
  print(await sleep(0), await sleep(-1, "past"));
}

await run(main);

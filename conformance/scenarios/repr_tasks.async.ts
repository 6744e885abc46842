// How tasks print.
// Derived from repr_tasks.ts by `deno task conformance --record`.
import { coroutine, createTask, run, sleep, wait } from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  await sleep(1);
  return "result";
});

const fail = coroutine(async function fail() {
  throw new RangeError("no luck");
});

function callback() {
}

async function main() {
  const task = createTask(work());
  print(task);
  await sleep(0);
  task.addDoneCallback(callback);
  print(task);
  await task;
  print(task);
  const named = createTask(work(), { name: "a name" });
  print(named);
  await sleep(0);
  named.cancel();
  print(named);
  await wait([named]);
  print(named);
  const failed = createTask(fail());
  await wait([failed]);
  print(failed);
  print(repr(failed.exception()));
}

await run(main);

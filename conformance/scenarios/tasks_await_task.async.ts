// A task that waits for another continues one turn after that has ended.
// Derived from tasks_await_task.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  ensureFuture,
  type Future,
  getRunningLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work() {
  getRunningLoop().callSoon(print, "scheduled by work");
  print("work ends");
  return 1;
});

async function main() {
  const loop = getRunningLoop();
  const task = createTask(work());
  task.addDoneCallback(() => print("done callback"));
  loop.callSoon(print, "scheduled by main");
  print(await task);
  loop.callSoon(print, "no turn for this");
  print(await task, "again");
  const same: Future<number> = ensureFuture(task);
  print(await same, same === task);
  await sleep(0);
}

await run(main);

// A task that waits for another continues one turn after that has ended.
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

const work = coroutine(function* work() {
  getRunningLoop().callSoon(print, "scheduled by work");
  print("work ends");
  return 1;
});

function* main() {
  const loop = getRunningLoop();
  const task = createTask(work());
  task.addDoneCallback(() => print("done callback"));
  loop.callSoon(print, "scheduled by main");
  print(yield* task);
  loop.callSoon(print, "no turn for this");
  print(yield* task, "again");
  const same: Future<number> = ensureFuture(task);
  print(yield* same, same === task);
  yield* sleep(0);
}

await run(main);

// A cancellation from outside is thrown unchanged.
import {
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  type Timeout,
  timeout,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work(scopes: Timeout[]) {
  try {
    yield* timeout(10, function* (scope: Timeout) {
      scopes.push(scope);
      yield* sleep(60);
    });
  } catch (error) {
    print("work got", repr(error), currentTask()?.cancelling());
    throw error;
  }
});

function* main() {
  const loop = getRunningLoop();
  const scopes: Timeout[] = [];
  const task = createTask(work(scopes));
  yield* sleep(1);
  task.cancel("from outside");
  yield* wait([task]);
  print(task.cancelled(), scopes[0].expired(), loop.time());
}

await run(main);

// wait() can end with the first failure; a cancellation is not a failure.
import {
  coroutine,
  createTask,
  FIRST_EXCEPTION,
  getRunningLoop,
  run,
  sleep,
  type Task,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const fail = coroutine(function* fail(seconds: number) {
  yield* sleep(seconds);
  throw new RangeError(`after ${seconds}`);
});

function* main() {
  const loop = getRunningLoop();
  const cancelled = createTask(sleep(60));
  loop.callLater(2, () => cancelled.cancel());
  const tasks: Task<void>[] = [
    createTask(sleep(1)),
    createTask(fail(3)),
    createTask(sleep(5)),
    cancelled,
  ];
  let [done, pending] = yield* wait(tasks, { returnWhen: FIRST_EXCEPTION });
  print(done.size, pending.size, loop.time());
  print(repr(tasks[1].exception()), done.has(tasks[3]));
  [done, pending] = yield* wait(pending, { returnWhen: FIRST_EXCEPTION });
  print(done.size, pending.size, loop.time());
}

await run(main);

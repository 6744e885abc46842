// wait() can end with the first failure; a cancellation is not a failure.
// Derived from wait_first_exception.ts by `deno task conformance --record`.
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

const fail = coroutine(async function fail(seconds: number) {
  await sleep(seconds);
  throw new RangeError(`after ${seconds}`);
});

async function main() {
  const loop = getRunningLoop();
  const cancelled = createTask(sleep(60));
  loop.callLater(2, () => cancelled.cancel());
  const tasks: Task<void>[] = [
    createTask(sleep(1)),
    createTask(fail(3)),
    createTask(sleep(5)),
    cancelled,
  ];
  let [done, pending] = await wait(tasks, { returnWhen: FIRST_EXCEPTION });
  print(done.size, pending.size, loop.time());
  print(repr(tasks[1].exception()), done.has(tasks[3]));
  [done, pending] = await wait(pending, { returnWhen: FIRST_EXCEPTION });
  print(done.size, pending.size, loop.time());
}

await run(main);

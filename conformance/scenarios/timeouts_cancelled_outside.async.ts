// A cancellation from outside is thrown unchanged.
// Derived from timeouts_cancelled_outside.ts by `deno task conformance --record`.
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

const work = coroutine(async function work(scopes: Timeout[]) {
  try {
    await timeout(10, async function (scope: Timeout) {
      scopes.push(scope);
      await sleep(60);
    });
  } catch (error) {
    print("work got", repr(error), currentTask()?.cancelling());
    throw error;
  }
});

async function main() {
  const loop = getRunningLoop();
  const scopes: Timeout[] = [];
  const task = createTask(work(scopes));
  await sleep(1);
  task.cancel("from outside");
  await wait([task]);
  print(task.cancelled(), scopes[0].expired(), loop.time());
}

await run(main);

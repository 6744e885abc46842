// A task whose wait has ended can be cancelled until it runs.
// Derived from cancel_while_waking.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(async function work() {
  try {
    print(await sleep(1, "slept"));
  } catch (error) {
    print(repr(error));
    throw error;
  }
});

async function main() {
  const loop = getRunningLoop();
  // This timer is due just before the sleep ends, and cancels two turns later.
  const task = createTask(work());

  function cancelNextTurn() {
    loop.callSoon(() => print("cancel", task.cancel("too late")));
  }

  await sleep(0);
  loop.callAt(1, cancelNextTurn);
  await wait([task]);
  print(task.cancelled());
}

await run(main);

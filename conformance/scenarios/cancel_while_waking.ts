// A task whose wait has ended can be cancelled until it runs.
import {
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const work = coroutine(function* work() {
  try {
    print(yield* sleep(1, "slept"));
  } catch (error) {
    print(repr(error));
    throw error;
  }
});

function* main() {
  const loop = getRunningLoop();
  // This timer is due just before the sleep ends, and cancels two turns later.
  const task = createTask(work());

  function cancelNextTurn() {
    loop.callSoon(() => print("cancel", task.cancel("too late")));
  }

  yield* sleep(0);
  loop.callAt(1, cancelNextTurn);
  yield* wait([task]);
  print(task.cancelled());
}

await run(main);

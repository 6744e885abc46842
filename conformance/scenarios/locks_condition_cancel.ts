// A waiter of a condition that is cancelled first acquires the lock again.
import {
  Condition,
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print, repr } from "../print.ts";

const waiter = coroutine(function* waiter(condition: Condition, name: string) {
  using _ = yield* condition.acquire();
  try {
    yield* condition.wait();
    print(name, "notified");
  } catch (error) {
    print(name, repr(error), condition.locked());
    throw error;
  }
});

function* main() {
  const loop = getRunningLoop();
  const condition = new Condition();
  const [a, b, c] = [..."abc"].map((name) =>
    createTask(waiter(condition, name))
  );
  yield* sleep(1);
  yield* condition.acquire();
  a.cancel("while locked");
  yield* sleep(1);
  print(a.done(), loop.time());
  condition.release();
  yield* wait([a]);
  // The notification of a cancelled waiter passes to the next one.
  yield* condition.acquire();
  condition.notify();
  b.cancel("when notified");
  condition.release();
  yield* wait([b, c]);
  print(a.cancelled(), b.cancelled(), c.cancelled(), condition.locked());
}

await run(main);

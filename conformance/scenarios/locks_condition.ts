// A condition wakes as many waiters as requested, one at a time.
import {
  Condition,
  coroutine,
  createTask,
  getRunningLoop,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const waiter = coroutine(function* waiter(condition: Condition, name: string) {
  using _ = yield* condition.acquire();
  print(name, "waits");
  print(name, yield* condition.wait(), condition.locked());
  yield* sleep(1);
  print(name, "ends", getRunningLoop().time());
});

function* main() {
  const condition = new Condition();
  const tasks = [..."abcd"].map((name) => createTask(waiter(condition, name)));
  yield* sleep(1);
  yield* condition.acquire();
  condition.notify(2);
  print("notified", condition.locked());
  yield* sleep(1);
  condition.release();
  yield* sleep(5);
  print(tasks.map((task) => task.done()));
  yield* condition.acquire();
  condition.notifyAll();
  condition.release();
  yield* wait(tasks);
  try {
    condition.notify();
  } catch (error) {
    print(error);
  }
  try {
    yield* condition.wait();
  } catch (error) {
    print(error);
  }
}

await run(main);

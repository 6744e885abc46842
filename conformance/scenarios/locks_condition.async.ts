// A condition wakes as many waiters as requested, one at a time.
// Derived from locks_condition.ts by `deno task conformance --record`.
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

const waiter = coroutine(
  async function waiter(condition: Condition, name: string) {
    using _ = await condition.acquire();
    print(name, "waits");
    print(name, await condition.wait(), condition.locked());
    await sleep(1);
    print(name, "ends", getRunningLoop().time());
  },
);

async function main() {
  const condition = new Condition();
  const tasks = [..."abcd"].map((name) => createTask(waiter(condition, name)));
  await sleep(1);
  await condition.acquire();
  condition.notify(2);
  print("notified", condition.locked());
  await sleep(1);
  condition.release();
  await sleep(5);
  print(tasks.map((task) => task.done()));
  await condition.acquire();
  condition.notifyAll();
  condition.release();
  await wait(tasks);
  try {
    condition.notify();
  } catch (error) {
    print(error);
  }
  try {
    await condition.wait();
  } catch (error) {
    print(error);
  }
}

await run(main);

// A waiter of a condition that is cancelled first acquires the lock again.
// Derived from locks_condition_cancel.ts by `deno task conformance --record`.
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

const waiter = coroutine(
  async function waiter(condition: Condition, name: string) {
    using _ = await condition.acquire();
    try {
      await condition.wait();
      print(name, "notified");
    } catch (error) {
      print(name, repr(error), condition.locked());
      throw error;
    }
  },
);

async function main() {
  const loop = getRunningLoop();
  const condition = new Condition();
  const [a, b, c] = [..."abc"].map((name) =>
    createTask(waiter(condition, name))
  );
  await sleep(1);
  await condition.acquire();
  a.cancel("while locked");
  await sleep(1);
  print(a.done(), loop.time());
  condition.release();
  await wait([a]);
  // The notification of a cancelled waiter passes to the next one.
  await condition.acquire();
  condition.notify();
  b.cancel("when notified");
  condition.release();
  await wait([b, c]);
  print(a.cancelled(), b.cancelled(), c.cancelled(), condition.locked());
}

await run(main);

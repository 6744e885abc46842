// A cancelled waiter of a lock leaves the queue, and the lock is not lost.
// Derived from locks_cancel.ts by `deno task conformance --record`.
import {
  coroutine,
  createTask,
  Lock,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(async function work(lock: Lock, name: string) {
  try {
    using _ = await lock.acquire();
    print(name, "has it");
  } catch (error) {
    print(name, "cancelled");
    throw error;
  }
});

async function main() {
  const lock = new Lock();
  await lock.acquire();
  const tasks = [..."abcd"].map((name) => createTask(work(lock, name)));
  const [a, b, c] = tasks;
  await sleep(1);
  b.cancel();
  await sleep(0);
  // The lock was handed to the first waiter when that is cancelled.
  lock.release();
  a.cancel();
  await wait(tasks);
  print(a.cancelled(), b.cancelled(), c.cancelled(), lock.locked());
}

await run(main);

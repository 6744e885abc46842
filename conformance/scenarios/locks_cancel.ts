// A cancelled waiter of a lock leaves the queue, and the lock is not lost.
import {
  coroutine,
  createTask,
  Lock,
  run,
  sleep,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(lock: Lock, name: string) {
  try {
    using _ = yield* lock.acquire();
    print(name, "has it");
  } catch (error) {
    print(name, "cancelled");
    throw error;
  }
});

function* main() {
  const lock = new Lock();
  yield* lock.acquire();
  const tasks = [..."abcd"].map((name) => createTask(work(lock, name)));
  const [a, b, c] = tasks;
  yield* sleep(1);
  b.cancel();
  yield* sleep(0);
  // The lock was handed to the first waiter when that is cancelled.
  lock.release();
  a.cancel();
  yield* wait(tasks);
  print(a.cancelled(), b.cancelled(), c.cancelled(), lock.locked());
}

await run(main);

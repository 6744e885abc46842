// A lock goes to its waiters in the order in which they came.
import {
  coroutine,
  createTask,
  gather,
  getRunningLoop,
  Lock,
  run,
  sleep,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

const work = coroutine(function* work(lock: Lock, name: string) {
  using _ = yield* lock.acquire();
  print(name, "in", lock.locked());
  yield* sleep(1);
  print(name, "out", getRunningLoop().time());
});

function* main() {
  const lock = new Lock();
  print(lock.locked());
  yield* lock.acquire();
  const tasks = [..."abc"].map((name) => createTask(work(lock, name)));
  yield* sleep(1);
  print("released");
  lock.release();
  print(lock.locked());
  yield* work(lock, "main");
  yield* gather(tasks);
  try {
    lock.release();
  } catch (error) {
    print(error);
  }
}

await run(main);

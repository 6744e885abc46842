// A lock goes to its waiters in the order in which they came.
// Derived from locks_order.ts by `deno task conformance --record`.
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

const work = coroutine(async function work(lock: Lock, name: string) {
  using _ = await lock.acquire();
  print(name, "in", lock.locked());
  await sleep(1);
  print(name, "out", getRunningLoop().time());
});

async function main() {
  const lock = new Lock();
  print(lock.locked());
  await lock.acquire();
  const tasks = [..."abc"].map((name) => createTask(work(lock, name)));
  await sleep(1);
  print("released");
  lock.release();
  print(lock.locked());
  await work(lock, "main");
  await gather(tasks);
  try {
    lock.release();
  } catch (error) {
    print(error);
  }
}

await run(main);

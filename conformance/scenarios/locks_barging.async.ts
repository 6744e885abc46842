// A task that acquires a released lock waits behind the earlier waiters.
// Derived from locks_barging.ts by `deno task conformance --record`.
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
  print(name, "comes");
  await lock.acquire();
  print(name, "has it");
  await sleep(0);
  lock.release();
  print(name, "gave it back");
});

async function main() {
  const lock = new Lock();
  print((await lock.acquire()) !== null);
  const first = createTask(work(lock, "first"));
  await sleep(0);
  lock.release();
  print("released", lock.locked());
  const late = createTask(work(lock, "late"));
  await work(lock, "main");
  await wait([first, late]);
  print(lock.locked());
}

await run(main);

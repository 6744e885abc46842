// A task that acquires a released lock waits behind the earlier waiters.
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
  print(name, "comes");
  yield* lock.acquire();
  print(name, "has it");
  yield* sleep(0);
  lock.release();
  print(name, "gave it back");
});

function* main() {
  const lock = new Lock();
  print((yield* lock.acquire()) !== null);
  const first = createTask(work(lock, "first"));
  yield* sleep(0);
  lock.release();
  print("released", lock.locked());
  const late = createTask(work(lock, "late"));
  yield* work(lock, "main");
  yield* wait([first, late]);
  print(lock.locked());
}

await run(main);

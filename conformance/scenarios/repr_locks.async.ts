// How locks and queues print.
// Derived from repr_locks.ts by `deno task conformance --record`.
import {
  Barrier,
  Condition,
  createTask,
  Event,
  Lock,
  Queue,
  run,
  Semaphore,
  sleep,
  type Task,
  wait,
} from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const lock = new Lock();
  const event = new Event();
  const semaphore = new Semaphore(2);
  const condition = new Condition();
  const barrier = new Barrier(2);
  const queue = new Queue<string>(2);
  print(lock, event, semaphore, condition, barrier, queue);
  await lock.acquire();
  await semaphore.acquire();
  await condition.acquire();
  await queue.put("item");
  const tasks: Task<unknown>[] = [
    createTask(lock.acquire()),
    createTask(event.wait()),
    createTask(barrier.wait()),
  ];
  await sleep(0);
  print(lock, event, semaphore, condition, barrier, queue);
  event.set();
  lock.release();
  await barrier.abort();
  await wait(tasks);
  tasks[2].exception();
  queue.shutdown();
  print(lock, event, semaphore, condition, barrier, queue);
}

await run(main);

// How locks and queues print.
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

function* main() {
  const lock = new Lock();
  const event = new Event();
  const semaphore = new Semaphore(2);
  const condition = new Condition();
  const barrier = new Barrier(2);
  const queue = new Queue<string>(2);
  print(lock, event, semaphore, condition, barrier, queue);
  yield* lock.acquire();
  yield* semaphore.acquire();
  yield* condition.acquire();
  yield* queue.put("item");
  const tasks: Task<unknown>[] = [
    createTask(lock.acquire()),
    createTask(event.wait()),
    createTask(barrier.wait()),
  ];
  yield* sleep(0);
  print(lock, event, semaphore, condition, barrier, queue);
  event.set();
  lock.release();
  yield* barrier.abort();
  yield* wait(tasks);
  tasks[2].exception();
  queue.shutdown();
  print(lock, event, semaphore, condition, barrier, queue);
}

await run(main);

// Queues and locks between tasks of async functions.
import {
  coroutine,
  createTask,
  Lock,
  Queue,
  run,
  Semaphore,
  sleep,
  type Task,
} from "@asyncio/asyncio";
import {
  CONTENDERS,
  expect,
  FAN_OUT,
  type Measurements,
  QUEUE_SIZE,
  sumBelow,
} from "./_measure.ts";

/** Measures a body that does all the work and checks the result. */
function timed(body: () => Promise<void>): Promise<number> {
  return run(async function main() {
    const start = performance.now();
    await body();
    return performance.now() - start;
  });
}

async function throughQueue(pairs: number, n: number): Promise<void> {
  const queue = new Queue<number>(QUEUE_SIZE);
  const produce = coroutine(async function produce() {
    for (let i = 0; i < n / pairs; i++) await queue.put(i);
  });
  const consume = coroutine(async function consume() {
    let sum = 0;
    for (let i = 0; i < n / pairs; i++) sum += await queue.get();
    return sum;
  });
  const consumers: Task<number>[] = [];
  for (let i = 0; i < pairs; i++) consumers.push(createTask(consume()));
  for (let i = 0; i < pairs; i++) createTask(produce());
  let sum = 0;
  for (const consumer of consumers) sum += await consumer;
  expect(sum, pairs * sumBelow(n / pairs));
}

async function fanOut(n: number): Promise<void> {
  const semaphore = new Semaphore(CONTENDERS);
  let inside = 0;
  let most = 0;
  let entered = 0;
  const enter = coroutine(async function enter() {
    await semaphore.acquire();
    most = Math.max(most, ++inside);
    entered++;
    await sleep(0);
    inside--;
    semaphore.release();
  });
  const tasks: Task<void>[] = [];
  for (let i = 0; i < n; i++) tasks.push(createTask(enter()));
  for (const task of tasks) await task;
  expect(most, CONTENDERS);
  expect(entered, n);
}

export const measurements: Measurements = {
  "queue": (n) => timed(() => throughQueue(1, n)),

  "queue-100": (n) => timed(() => throughQueue(CONTENDERS, n)),

  "lock": (n) =>
    timed(async function () {
      const lock = new Lock();
      let count = 0;
      const contend = coroutine(async function contend() {
        for (let i = 0; i < n / CONTENDERS; i++) {
          await lock.acquire();
          count++;
          lock.release();
        }
      });
      await lock.acquire();
      const tasks: Task<void>[] = [];
      for (let i = 0; i < CONTENDERS; i++) tasks.push(createTask(contend()));
      await sleep(0);
      lock.release(); // now that all of them wait
      for (const task of tasks) await task;
      expect(count, n);
    }),

  "semaphore": (n) =>
    timed(async function () {
      for (let left = n; left > 0; left -= FAN_OUT) {
        await fanOut(Math.min(left, FAN_OUT));
      }
    }),
};

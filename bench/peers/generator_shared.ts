// Queues and locks between tasks of generator functions.
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

type Steps<T> = Generator<unknown, T, unknown>;

/** Measures a body that does all the work and checks the result. */
function timed(body: () => Steps<void>): Promise<number> {
  return run(function* main() {
    const start = performance.now();
    yield* body();
    return performance.now() - start;
  });
}

function* throughQueue(pairs: number, n: number): Steps<void> {
  const queue = new Queue<number>(QUEUE_SIZE);
  const produce = coroutine(function* produce() {
    for (let i = 0; i < n / pairs; i++) yield* queue.put(i);
  });
  const consume = coroutine(function* consume() {
    let sum = 0;
    for (let i = 0; i < n / pairs; i++) sum += yield* queue.get();
    return sum;
  });
  const consumers: Task<number>[] = [];
  for (let i = 0; i < pairs; i++) consumers.push(createTask(consume()));
  for (let i = 0; i < pairs; i++) createTask(produce());
  let sum = 0;
  for (const consumer of consumers) sum += yield* consumer;
  expect(sum, pairs * sumBelow(n / pairs));
}

function* fanOut(n: number): Steps<void> {
  const semaphore = new Semaphore(CONTENDERS);
  let inside = 0;
  let most = 0;
  let entered = 0;
  const enter = coroutine(function* enter() {
    yield* semaphore.acquire();
    most = Math.max(most, ++inside);
    entered++;
    yield* sleep(0);
    inside--;
    semaphore.release();
  });
  const tasks: Task<void>[] = [];
  for (let i = 0; i < n; i++) tasks.push(createTask(enter()));
  for (const task of tasks) yield* task;
  expect(most, CONTENDERS);
  expect(entered, n);
}

export const measurements: Measurements = {
  "queue": (n) => timed(() => throughQueue(1, n)),

  "queue-100": (n) => timed(() => throughQueue(CONTENDERS, n)),

  "lock": (n) =>
    timed(function* () {
      const lock = new Lock();
      let count = 0;
      const contend = coroutine(function* contend() {
        for (let i = 0; i < n / CONTENDERS; i++) {
          yield* lock.acquire();
          count++;
          lock.release();
        }
      });
      yield* lock.acquire();
      const tasks: Task<void>[] = [];
      for (let i = 0; i < CONTENDERS; i++) tasks.push(createTask(contend()));
      yield* sleep(0);
      lock.release(); // now that all of them wait
      for (const task of tasks) yield* task;
      expect(count, n);
    }),

  "semaphore": (n) =>
    timed(function* () {
      for (let left = n; left > 0; left -= FAN_OUT) {
        yield* fanOut(Math.min(left, FAN_OUT));
      }
    }),
};

import {
  coroutine,
  createTask,
  Lock,
  Queue,
  run,
  timeout,
} from "@asyncio/asyncio";

const TIMES = 1000;
const LONG = 3600;

const produce = coroutine(function* produce(queue: Queue<number>) {
  for (let i = 0; i < TIMES; i++) yield* queue.put(i);
});
const produceAsync = coroutine(async function produceAsync(
  queue: Queue<number>,
) {
  for (let i = 0; i < TIMES; i++) await queue.put(i);
});

Deno.bench({
  name: `put and get, ${TIMES} times, generators`,
  group: "queue of size 1",
  async fn() {
    await run(function* main() {
      const queue = new Queue<number>(1);
      createTask(produce(queue));
      for (let i = 0; i < TIMES; i++) yield* queue.get();
    });
  },
});

Deno.bench({
  name: `put and get, ${TIMES} times, async functions`,
  group: "queue of size 1",
  async fn() {
    await run(async function main() {
      const queue = new Queue<number>(1);
      createTask(produceAsync(queue));
      for (let i = 0; i < TIMES; i++) await queue.get();
    });
  },
});

Deno.bench({
  name: `acquire and release, ${TIMES} times, generator`,
  group: "free lock",
  async fn() {
    await run(function* main() {
      const lock = new Lock();
      for (let i = 0; i < TIMES; i++) {
        yield* lock.acquire();
        lock.release();
      }
    });
  },
});

Deno.bench({
  name: `acquire and release, ${TIMES} times, async function`,
  group: "free lock",
  async fn() {
    await run(async function main() {
      const lock = new Lock();
      for (let i = 0; i < TIMES; i++) {
        await lock.acquire();
        lock.release();
      }
    });
  },
});

Deno.bench({
  name: `timeout around nothing, ${TIMES} times, generator`,
  group: "timeout",
  async fn() {
    await run(function* main() {
      for (let i = 0; i < TIMES; i++) yield* timeout(LONG, function* () {});
    });
  },
});

Deno.bench({
  name: `timeout around nothing, ${TIMES} times, async function`,
  group: "timeout",
  async fn() {
    await run(async function main() {
      for (let i = 0; i < TIMES; i++) await timeout(LONG, async () => {});
    });
  },
});

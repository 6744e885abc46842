import {
  type Coroutine,
  coroutine,
  createTask,
  gather,
  run,
  sleep,
} from "@asyncio/asyncio";

/** Repetitions in an iteration, so that starting a loop hardly counts. */
const TIMES = 1000;

const echo = coroutine(function* echo(i: number) {
  return i;
});
const echoAsync = coroutine(async function echoAsync(i: number) {
  return i;
});
const echoNative = async (i: number) => i;

Deno.bench({
  name: `native promise, ${TIMES} times`,
  group: "start and join",
  baseline: true,
  async fn() {
    for (let i = 0; i < TIMES; i++) await echoNative(i);
  },
});

Deno.bench({
  name: `task of a generator, ${TIMES} times`,
  group: "start and join",
  async fn() {
    await run(function* main() {
      for (let i = 0; i < TIMES; i++) yield* createTask(echo(i));
    });
  },
});

Deno.bench({
  name: `task of an async function, ${TIMES} times`,
  group: "start and join",
  async fn() {
    await run(async function main() {
      for (let i = 0; i < TIMES; i++) await createTask(echoAsync(i));
    });
  },
});

Deno.bench({
  name: `await null, ${TIMES} times`,
  group: "sleep(0)",
  baseline: true,
  async fn() {
    for (let i = 0; i < TIMES; i++) await null;
  },
});

Deno.bench({
  name: `yield* sleep(0), ${TIMES} times`,
  group: "sleep(0)",
  async fn() {
    await run(function* main() {
      for (let i = 0; i < TIMES; i++) yield* sleep(0);
    });
  },
});

Deno.bench({
  name: `await sleep(0), ${TIMES} times`,
  group: "sleep(0)",
  async fn() {
    await run(async function main() {
      for (let i = 0; i < TIMES; i++) await sleep(0);
    });
  },
});

Deno.bench({
  name: `Promise.all of ${TIMES}`,
  group: "gather",
  baseline: true,
  async fn() {
    const promises: Promise<number>[] = [];
    for (let i = 0; i < TIMES; i++) promises.push(echoNative(i));
    await Promise.all(promises);
  },
});

Deno.bench({
  name: `gather of ${TIMES} generators`,
  group: "gather",
  async fn() {
    await run(function* main() {
      const coroutines: Coroutine<number>[] = [];
      for (let i = 0; i < TIMES; i++) coroutines.push(echo(i));
      yield* gather(coroutines);
    });
  },
});

Deno.bench({
  name: `gather of ${TIMES} async functions`,
  group: "gather",
  async fn() {
    await run(async function main() {
      const coroutines: Coroutine<number>[] = [];
      for (let i = 0; i < TIMES; i++) coroutines.push(echoAsync(i));
      await gather(coroutines);
    });
  },
});

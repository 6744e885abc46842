// This library, tasks of async functions.
import {
  type Coroutine,
  coroutine,
  createTask,
  type Future,
  gather,
  getRunningLoop,
  run,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  timeout,
} from "@asyncio/asyncio";
import config from "../../deno.json" with { type: "json" };
import {
  CONTENDERS,
  DEPTH,
  expect,
  heapUsed,
  LONG,
  type Measurements,
  shortDelay,
  sumBelow,
  TASKS,
} from "./_measure.ts";
import { measurements as shared } from "./async_shared.ts";

export const version = `asyncio ${config.version}`;

/** Measures a body that does all the work and checks the result. */
function timed(body: () => Promise<void>): Promise<number> {
  return run(async function main() {
    const start = performance.now();
    await body();
    return performance.now() - start;
  });
}

const echo = coroutine(async function echo(i: number) {
  return i;
});

const turns = coroutine(async function turns(count: number) {
  let done = 0;
  for (; done < count; done++) await sleep(0);
  return done;
});

async function deep(depth: number): Promise<number> {
  if (depth > 1) return 1 + (await deep(depth - 1));
  await sleep(0);
  return 1;
}

const deepCoroutine: (depth: number) => Coroutine<number> = coroutine(
  async function deepCoroutine(depth: number): Promise<number> {
    if (depth > 1) return 1 + (await deepCoroutine(depth - 1));
    await sleep(0);
    return 1;
  },
);

const sleeper = coroutine(async function sleeper() {
  await sleep(LONG);
});

const nap = coroutine(async function nap(i: number) {
  await sleep(shortDelay(i));
  return i;
});

const waiter = coroutine(async function waiter(future: Future<void>) {
  await future;
});

async function startTogether(make: (i: number) => Task<number>, n: number) {
  const tasks: Task<number>[] = [];
  for (let i = 0; i < n; i++) tasks.push(make(i));
  let sum = 0;
  for (const task of tasks) sum += await task;
  expect(sum, sumBelow(n));
}

/** The same, with a thousand alive at a time. */
async function startInBatches(make: (i: number) => Task<number>, n: number) {
  for (let i = 0; i < n; i += TASKS) {
    await startTogether(make, Math.min(TASKS, n - i));
  }
}

async function one() {
  return 1;
}

/** Starts ten children in a group, which waits for them. */
async function groupOfTen(group: TaskGroup) {
  for (let i = 0; i < DEPTH; i++) group.createTask(one);
}

export const measurements: Measurements = {
  ...shared,

  "start": (n) => timed(() => startTogether((i) => createTask(echo(i)), n)),

  "start-inline": (n) =>
    timed(() =>
      startTogether((i) =>
        createTask(async function () {
          return i;
        }), n)
    ),

  "start-1000": (n) =>
    timed(() => startInBatches((i) => createTask(echo(i)), n)),

  "start-inline-1000": (n) =>
    timed(() =>
      startInBatches((i) =>
        createTask(async function () {
          return i;
        }), n)
    ),

  "sleep": (n) =>
    timed(async function () {
      expect(await turns(n), n);
    }),

  "sleep-watched": (n) =>
    timed(async () => {
      let steps = 0;
      getRunningLoop().addInstrument({ afterTaskStep: () => steps++ });
      expect(await turns(n), n);
      expect(steps, n - 1); // the last one is not over yet
    }),

  "sleep-1000": (n) =>
    timed(async function () {
      const tasks: Task<number>[] = [];
      for (let i = 0; i < TASKS; i++) tasks.push(createTask(turns(n / TASKS)));
      let sum = 0;
      for (const task of tasks) sum += await task;
      expect(sum, n);
    }),

  "deep": (n) =>
    timed(async function () {
      let sum = 0;
      for (let i = 0; i < n; i += DEPTH) sum += await deep(DEPTH);
      expect(sum, n);
    }),

  "deep-coroutine": (n) =>
    timed(async function () {
      let sum = 0;
      for (let i = 0; i < n; i += DEPTH) sum += await deepCoroutine(DEPTH);
      expect(sum, n);
    }),

  "ping-pong": (n) =>
    timed(async function () {
      const loop = getRunningLoop();
      let ping = loop.createFuture<void>();
      let pong = loop.createFuture<void>();
      let sum = 0;
      const player = createTask(async function player() {
        for (let i = 0; i < n; i += 2) {
          await ping;
          ping = loop.createFuture();
          sum++;
          pong.setResult();
        }
      });
      for (let i = 0; i < n; i += 2) {
        ping.setResult();
        await pong;
        pong = loop.createFuture();
        sum++;
      }
      await player;
      expect(sum, n);
    }),

  "gather": (n) =>
    timed(async function () {
      const coroutines: Coroutine<number>[] = [];
      for (let i = 0; i < n; i++) coroutines.push(echo(i));
      const results = await gather(coroutines);
      expect(results.reduce((sum, i) => sum + i), sumBelow(n));
    }),

  "call-soon": (n) =>
    timed(async function () {
      const loop = getRunningLoop();
      const finished = loop.createFuture<void>();
      let calls = 0;
      function again() {
        calls++;
        if (calls === n) finished.setResult();
        else if (calls <= n - CONTENDERS) loop.callSoon(again);
      }
      for (let i = 0; i < CONTENDERS; i++) loop.callSoon(again);
      await finished;
      expect(calls, n);
    }),

  "timer-cancel": (n) =>
    timed(async function () {
      const loop = getRunningLoop();
      const timers = [];
      for (let i = 0; i < n; i++) {
        timers.push(loop.callLater(LONG + shortDelay(i), () => {}));
      }
      for (const timer of timers) timer.cancel();
      expect(timers.filter((timer) => timer.cancelled()).length, n);
    }),

  "timer-fire": (n) =>
    timed(async function () {
      const loop = getRunningLoop();
      const finished = loop.createFuture<void>();
      let fired = 0;
      function fire() {
        if (++fired === n) finished.setResult();
      }
      for (let i = 0; i < n; i++) loop.callLater(shortDelay(i), fire);
      await finished;
      expect(fired, n);
    }),

  "timer-sleep": (n) =>
    timed(() => startTogether((i) => createTask(nap(i)), n)),

  "cancel": (n) =>
    run(async function main() {
      const tasks: Task<void>[] = [];
      for (let i = 0; i < n; i++) tasks.push(createTask(sleeper()));
      await sleep(0);
      const start = performance.now();
      for (const task of tasks) task.cancel();
      await gather(tasks, { returnExceptions: true });
      expect(tasks.filter((task) => task.cancelled()).length, n);
      return performance.now() - start;
    }),

  "timeout": (n) =>
    timed(async function () {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        sum += await timeout(LONG, async function () {
          return 1;
        });
      }
      expect(sum, n);
    }),

  "timeout-hoisted": (n) =>
    timed(async function () {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += await timeout(LONG, one);
      expect(sum, n);
    }),

  "group": (n) =>
    timed(async function () {
      for (let i = 0; i < n; i += DEPTH) await taskGroup(groupOfTen);
    }),

  "memory": (n) =>
    run(async function main() {
      const future = getRunningLoop().createFuture<void>();
      const tasks: Task<void>[] = [];
      const before = await heapUsed();
      for (let i = 0; i < n; i++) tasks.push(createTask(waiter(future)));
      await sleep(0);
      const bytes = (await heapUsed() - before) / n;
      expect(tasks.filter((task) => !task.done()).length, n);
      future.setResult();
      return bytes;
    }),
};

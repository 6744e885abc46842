// Native promises, and the host's timers.
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

export const version = `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`;

async function timed(body: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await body();
  return performance.now() - start;
}

async function echo(i: number): Promise<number> {
  return i;
}

async function turns(count: number): Promise<number> {
  let done = 0;
  for (; done < count; done++) await null;
  return done;
}

async function deep(depth: number): Promise<number> {
  if (depth > 1) return 1 + await deep(depth - 1);
  await null;
  return 1;
}

async function nap(i: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, shortDelay(i) * 1000));
  return i;
}

async function startTogether(make: (i: number) => Promise<number>, n: number) {
  const promises: Promise<number>[] = [];
  for (let i = 0; i < n; i++) promises.push(make(i));
  let sum = 0;
  for (const promise of promises) sum += await promise;
  expect(sum, sumBelow(n));
}

async function startInBatches(
  make: (i: number) => Promise<number>,
  n: number,
) {
  for (let i = 0; i < n; i += TASKS) {
    await startTogether(make, Math.min(TASKS, n - i));
  }
}

async function callDeep(n: number): Promise<void> {
  let sum = 0;
  for (let i = 0; i < n; i += DEPTH) sum += await deep(DEPTH);
  expect(sum, n);
}

/** A time limit as it is written with promises. */
async function limited(milliseconds: number): Promise<number> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      echo(1),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("late")), milliseconds);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

export const measurements: Measurements = {
  "start": (n) => timed(() => startTogether(echo, n)),

  "start-inline": (n) =>
    timed(() => startTogether((i) => (async () => i)(), n)),

  "start-1000": (n) => timed(() => startInBatches(echo, n)),

  "start-inline-1000": (n) =>
    timed(() => startInBatches((i) => (async () => i)(), n)),

  "sleep": (n) =>
    timed(async () => {
      expect(await turns(n), n);
    }),

  "sleep-1000": (n) =>
    timed(async () => {
      const promises: Promise<number>[] = [];
      for (let i = 0; i < TASKS; i++) promises.push(turns(n / TASKS));
      let sum = 0;
      for (const promise of promises) sum += await promise;
      expect(sum, n);
    }),

  "deep": (n) => timed(() => callDeep(n)),
  "deep-coroutine": (n) => timed(() => callDeep(n)),

  "ping-pong": (n) =>
    timed(async () => {
      let ping = Promise.withResolvers<void>();
      let pong = Promise.withResolvers<void>();
      let sum = 0;
      async function play() {
        for (let i = 0; i < n; i += 2) {
          await ping.promise;
          ping = Promise.withResolvers();
          sum++;
          pong.resolve();
        }
      }
      const player = play();
      for (let i = 0; i < n; i += 2) {
        ping.resolve();
        await pong.promise;
        pong = Promise.withResolvers();
        sum++;
      }
      await player;
      expect(sum, n);
    }),

  "gather": (n) =>
    timed(async () => {
      const promises: Promise<number>[] = [];
      for (let i = 0; i < n; i++) promises.push(echo(i));
      const results = await Promise.all(promises);
      expect(results.reduce((sum, i) => sum + i), sumBelow(n));
    }),

  "call-soon": (n) =>
    timed(async () => {
      const finished = Promise.withResolvers<void>();
      let calls = 0;
      function again() {
        calls++;
        if (calls === n) finished.resolve();
        else if (calls <= n - CONTENDERS) queueMicrotask(again);
      }
      for (let i = 0; i < CONTENDERS; i++) queueMicrotask(again);
      await finished.promise;
      expect(calls, n);
    }),

  "timer-cancel": async (n) => {
    let fired = 0;
    const milliseconds = await timed(async () => {
      const timers: ReturnType<typeof setTimeout>[] = [];
      for (let i = 0; i < n; i++) {
        timers.push(setTimeout(() => fired++, shortDelay(i) * 1000));
      }
      for (const timer of timers) clearTimeout(timer);
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(fired, 0);
    return milliseconds;
  },

  "timer-fire": (n) =>
    timed(async () => {
      const finished = Promise.withResolvers<void>();
      let fired = 0;
      function fire() {
        if (++fired === n) finished.resolve();
      }
      for (let i = 0; i < n; i++) setTimeout(fire, shortDelay(i) * 1000);
      await finished.promise;
      expect(fired, n);
    }),

  "timer-sleep": (n) => timed(() => startTogether(nap, n)),

  "timeout": (n) =>
    timed(async () => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += await limited(LONG * 1000);
      expect(sum, n);
    }),

  "timeout-hoisted": (n) =>
    timed(async () => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += await limited(LONG * 1000);
      expect(sum, n);
    }),

  "group": (n) =>
    timed(async () => {
      for (let i = 0; i < n; i += DEPTH) {
        await Promise.all(Array.from({ length: DEPTH }, () => echo(1)));
      }
    }),

  /** An async function that waits for a promise. */
  "memory": async (n) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waitingFor = 0;
    async function waiter() {
      waitingFor++;
      await promise;
      waitingFor--;
    }
    const waiting: Promise<void>[] = [];
    const before = await heapUsed();
    for (let i = 0; i < n; i++) waiting.push(waiter());
    const bytes = (await heapUsed() - before) / n;
    expect(waitingFor, n);
    resolve();
    await Promise.all(waiting);
    return bytes;
  },

  /** A generator that has yielded, which every generator task needs. */
  "memory-generator": async (n) => {
    function* waiter() {
      yield;
    }
    const waiting: Generator[] = [];
    const before = await heapUsed();
    for (let i = 0; i < n; i++) {
      const steps = waiter();
      steps.next();
      waiting.push(steps);
    }
    const bytes = (await heapUsed() - before) / n;
    expect(waiting.filter((steps) => !steps.next().done).length, 0);
    return bytes;
  },
};

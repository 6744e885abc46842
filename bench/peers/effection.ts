// Effection.
import { importNewest, newestVersion } from "./_npm.ts";
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

const { all, createQueue, race, run, sleep, spawn, until, withResolvers } =
  await importNewest("effection");

export const version = `Effection ${await newestVersion("effection")}`;

// deno-lint-ignore no-explicit-any -- it has no types here
type Steps = Generator<any, any, any>;

/** Measures a body that does all the work and checks the result. */
function timed(body: () => Steps): Promise<number> {
  return run(function* main() {
    const start = performance.now();
    yield* body();
    return performance.now() - start;
  });
}

/** The cheapest way to let other tasks run, since its `sleep(0)` is a timer. */
function turn() {
  return until(Promise.resolve());
}

function* echo(i: number): Steps {
  return i;
}

function* turns(count: number): Steps {
  let done = 0;
  for (; done < count; done++) yield* turn();
  return done;
}

function* deep(depth: number): Steps {
  if (depth > 1) return 1 + (yield* deep(depth - 1));
  yield* turn();
  return 1;
}

function* callDeep(n: number): Steps {
  let sum = 0;
  for (let i = 0; i < n; i += DEPTH) sum += yield* deep(DEPTH);
  expect(sum, n);
}

function* startTogether(n: number): Steps {
  const tasks = [];
  for (let i = 0; i < n; i++) tasks.push(yield* spawn(() => echo(i)));
  let sum = 0;
  for (const task of tasks) sum += yield* task;
  expect(sum, sumBelow(n));
}

function* startInBatches(n: number): Steps {
  for (let i = 0; i < n; i += TASKS) {
    yield* startTogether(Math.min(TASKS, n - i));
  }
}

/** Its queues have no limit, so producers yield after each item instead. */
function* throughQueue(pairs: number, n: number): Steps {
  const queue = createQueue();
  function* produce(): Steps {
    for (let i = 0; i < n / pairs; i++) {
      queue.add(i);
      yield* turn();
    }
  }
  function* consume(): Steps {
    let sum = 0;
    for (let i = 0; i < n / pairs; i++) sum += (yield* queue.next()).value;
    return sum;
  }
  const consumers = [];
  for (let i = 0; i < pairs; i++) consumers.push(yield* spawn(consume));
  for (let i = 0; i < pairs; i++) yield* spawn(produce);
  let sum = 0;
  for (const consumer of consumers) sum += yield* consumer;
  expect(sum, pairs * sumBelow(n / pairs));
}

export const measurements: Measurements = {
  "start": (n) => timed(() => startTogether(n)),
  "start-inline": (n) => timed(() => startTogether(n)),
  "start-1000": (n) => timed(() => startInBatches(n)),
  "start-inline-1000": (n) => timed(() => startInBatches(n)),

  "sleep": (n) =>
    timed(function* () {
      expect(yield* turns(n), n);
    }),

  "sleep-1000": (n) =>
    timed(function* () {
      const tasks = [];
      for (let i = 0; i < TASKS; i++) {
        tasks.push(yield* spawn(() => turns(n / TASKS)));
      }
      let sum = 0;
      for (const task of tasks) sum += yield* task;
      expect(sum, n);
    }),

  "deep": (n) => timed(() => callDeep(n)),
  "deep-coroutine": (n) => timed(() => callDeep(n)),

  "ping-pong": (n) =>
    timed(function* () {
      let ping = withResolvers();
      let pong = withResolvers();
      let sum = 0;
      const player = yield* spawn(function* player() {
        for (let i = 0; i < n; i += 2) {
          yield* ping.operation;
          ping = withResolvers();
          sum++;
          pong.resolve();
        }
      });
      for (let i = 0; i < n; i += 2) {
        ping.resolve();
        yield* pong.operation;
        pong = withResolvers();
        sum++;
      }
      yield* player;
      expect(sum, n);
    }),

  "gather": (n) =>
    timed(function* () {
      const operations = [];
      for (let i = 0; i < n; i++) operations.push(echo(i));
      const results: number[] = yield* all(operations);
      expect(results.reduce((sum, i) => sum + i), sumBelow(n));
    }),

  "timer-sleep": (n) =>
    timed(function* () {
      let fired = 0;
      const tasks = [];
      for (let i = 0; i < n; i++) {
        const task = yield* spawn(function* fire() {
          yield* sleep(shortDelay(i) * 1000);
          fired++;
        });
        tasks.push(task);
      }
      for (const task of tasks) yield* task;
      expect(fired, n);
    }),

  "queue": (n) => timed(() => throughQueue(1, n)),
  "queue-100": (n) => timed(() => throughQueue(CONTENDERS, n)),

  "cancel": (n) =>
    run(function* main(): Steps {
      let cancelled = 0;
      function* sleeper(): Steps {
        try {
          yield* sleep(LONG * 1000);
        } finally {
          cancelled++;
        }
      }
      const tasks = [];
      for (let i = 0; i < n; i++) tasks.push(yield* spawn(sleeper));
      yield* turn();
      const start = performance.now();
      for (const task of tasks) yield* task.halt();
      expect(cancelled, n);
      return performance.now() - start;
    }),

  "timeout": (n) =>
    timed(function* () {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        sum += yield* race([echo(1), sleep(LONG * 1000)]);
      }
      expect(sum, n);
    }),

  "memory": (n) =>
    run(function* main(): Steps {
      const { operation, resolve } = withResolvers();
      let waiting = 0;
      function* waiter(): Steps {
        waiting++;
        yield* operation;
        waiting--;
      }
      const tasks = [];
      const before = yield* until(heapUsed());
      for (let i = 0; i < n; i++) tasks.push(yield* spawn(waiter));
      yield* turn();
      const bytes = ((yield* until(heapUsed())) - before) / n;
      expect(waiting, n);
      resolve();
      return bytes;
    }),
};

// Effect.
import { importNewest, newestVersion } from "./_npm.ts";
import {
  CONTENDERS,
  DEPTH,
  expect,
  FAN_OUT,
  heapUsed,
  LONG,
  type Measurements,
  QUEUE_SIZE,
  shortDelay,
  sumBelow,
  TASKS,
} from "./_measure.ts";

const { Deferred, Effect, Fiber, Queue, Semaphore } = await importNewest(
  "effect",
);

export const version = `Effect ${await newestVersion("effect")}`;

// deno-lint-ignore no-explicit-any -- it has no types here
type Steps = Generator<any, any, any>;

/** Measures a body that does all the work and checks the result. */
function timed(body: () => Steps): Promise<number> {
  return Effect.runPromise(Effect.gen(function* () {
    const start = performance.now();
    yield* body();
    return performance.now() - start;
  }));
}

const echo = (i: number) =>
  Effect.gen(function* echo() {
    return i;
  });

const turns = (count: number) =>
  Effect.gen(function* turns() {
    let done = 0;
    for (; done < count; done++) yield* Effect.yieldNow;
    return done;
  });

function* deep(depth: number): Steps {
  if (depth > 1) return 1 + (yield* deep(depth - 1));
  yield* Effect.yieldNow;
  return 1;
}

const deepEffect = (depth: number): Steps =>
  Effect.gen(function* deepSteps(): Steps {
    if (depth > 1) return 1 + (yield* deepEffect(depth - 1));
    yield* Effect.yieldNow;
    return 1;
  });

function* callDeep(call: (depth: number) => Steps, n: number): Steps {
  let sum = 0;
  for (let i = 0; i < n; i += DEPTH) sum += yield* call(DEPTH);
  expect(sum, n);
}

function* startTogether(n: number): Steps {
  const fibers = [];
  for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(echo(i)));
  let sum = 0;
  for (const fiber of fibers) sum += yield* Fiber.join(fiber);
  expect(sum, sumBelow(n));
}

function* startInBatches(n: number): Steps {
  for (let i = 0; i < n; i += TASKS) {
    yield* startTogether(Math.min(TASKS, n - i));
  }
}

const one = Effect.gen(function* one() {
  return 1;
});

const groupOfTen = Effect.all(new Array(DEPTH).fill(one), {
  concurrency: "unbounded",
  discard: true,
});

function* throughQueue(pairs: number, n: number): Steps {
  const queue = yield* Queue.bounded(QUEUE_SIZE);
  const produce = Effect.gen(function* produce() {
    for (let i = 0; i < n / pairs; i++) yield* Queue.offer(queue, i);
  });
  const consume = Effect.gen(function* consume() {
    let sum = 0;
    for (let i = 0; i < n / pairs; i++) sum += yield* Queue.take(queue);
    return sum;
  });
  const consumers = [];
  for (let i = 0; i < pairs; i++) {
    consumers.push(yield* Effect.forkChild(consume));
  }
  for (let i = 0; i < pairs; i++) yield* Effect.forkChild(produce);
  let sum = 0;
  for (const consumer of consumers) sum += yield* Fiber.join(consumer);
  expect(sum, pairs * sumBelow(n / pairs));
}

function* fanOut(n: number): Steps {
  const semaphore = yield* Semaphore.make(CONTENDERS);
  let inside = 0;
  let most = 0;
  let entered = 0;
  const enter = Effect.gen(function* enter() {
    yield* semaphore.take(1);
    most = Math.max(most, ++inside);
    entered++;
    yield* Effect.yieldNow;
    inside--;
    yield* semaphore.release(1);
  });
  const fibers = [];
  for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(enter));
  for (const fiber of fibers) yield* Fiber.join(fiber);
  expect(most, CONTENDERS);
  expect(entered, n);
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
      const fibers = [];
      for (let i = 0; i < TASKS; i++) {
        fibers.push(yield* Effect.forkChild(turns(n / TASKS)));
      }
      let sum = 0;
      for (const fiber of fibers) sum += yield* Fiber.join(fiber);
      expect(sum, n);
    }),

  "deep": (n) => timed(() => callDeep(deep, n)),
  "deep-coroutine": (n) => timed(() => callDeep(deepEffect, n)),

  "ping-pong": (n) =>
    timed(function* () {
      let ping = yield* Deferred.make();
      let pong = yield* Deferred.make();
      let sum = 0;
      const player = yield* Effect.forkChild(Effect.gen(function* player() {
        for (let i = 0; i < n; i += 2) {
          yield* Deferred.await(ping);
          ping = yield* Deferred.make();
          sum++;
          yield* Deferred.succeed(pong, undefined);
        }
      }));
      for (let i = 0; i < n; i += 2) {
        yield* Deferred.succeed(ping, undefined);
        yield* Deferred.await(pong);
        pong = yield* Deferred.make();
        sum++;
      }
      yield* Fiber.join(player);
      expect(sum, n);
    }),

  "gather": (n) =>
    timed(function* () {
      const effects = [];
      for (let i = 0; i < n; i++) effects.push(echo(i));
      const results: number[] = yield* Effect.all(effects, {
        concurrency: "unbounded",
      });
      expect(results.reduce((sum, i) => sum + i), sumBelow(n));
    }),

  "timer-sleep": (n) =>
    timed(function* () {
      let fired = 0;
      const fibers = [];
      for (let i = 0; i < n; i++) {
        const fire = Effect.map(
          Effect.sleep(shortDelay(i) * 1000),
          () => fired++,
        );
        fibers.push(yield* Effect.forkChild(fire));
      }
      yield* Fiber.awaitAll(fibers);
      expect(fired, n);
    }),

  "queue": (n) => timed(() => throughQueue(1, n)),
  "queue-100": (n) => timed(() => throughQueue(CONTENDERS, n)),

  "lock": (n) =>
    timed(function* () {
      const lock = yield* Semaphore.make(1);
      let count = 0;
      const contend = Effect.gen(function* contend() {
        for (let i = 0; i < n / CONTENDERS; i++) {
          yield* lock.take(1);
          count++;
          yield* lock.release(1);
        }
      });
      yield* lock.take(1);
      const fibers = [];
      for (let i = 0; i < CONTENDERS; i++) {
        fibers.push(yield* Effect.forkChild(contend));
      }
      yield* Effect.yieldNow;
      yield* lock.release(1);
      for (const fiber of fibers) yield* Fiber.join(fiber);
      expect(count, n);
    }),

  "semaphore": (n) =>
    timed(function* () {
      for (let left = n; left > 0; left -= FAN_OUT) {
        yield* fanOut(Math.min(left, FAN_OUT));
      }
    }),

  "cancel": (n) =>
    Effect.runPromise(Effect.gen(function* () {
      let cancelled = 0;
      const sleeper = Effect.onInterrupt(
        Effect.sleep(LONG * 1000),
        () => Effect.sync(() => cancelled++),
      );
      const fibers = [];
      for (let i = 0; i < n; i++) {
        fibers.push(yield* Effect.forkChild(sleeper));
      }
      yield* Effect.yieldNow;
      const start = performance.now();
      yield* Fiber.interruptAll(fibers);
      expect(cancelled, n);
      return performance.now() - start;
    })),

  "timeout": (n) =>
    timed(function* () {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        sum += yield* Effect.timeout(echo(1), LONG * 1000);
      }
      expect(sum, n);
    }),

  "timeout-hoisted": (n) =>
    timed(function* () {
      let sum = 0;
      for (let i = 0; i < n; i++) {
        sum += yield* Effect.timeout(one, LONG * 1000);
      }
      expect(sum, n);
    }),

  "group": (n) =>
    timed(function* () {
      for (let i = 0; i < n; i += DEPTH) yield* groupOfTen;
    }),

  "memory": (n) =>
    Effect.runPromise(Effect.gen(function* () {
      const deferred = yield* Deferred.make();
      let waiting = 0;
      const waiter = Effect.gen(function* waiter() {
        waiting++;
        yield* Deferred.await(deferred);
        waiting--;
      });
      const fibers = [];
      const before = yield* Effect.promise(heapUsed);
      for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(waiter));
      yield* Effect.yieldNow;
      const bytes = ((yield* Effect.promise(heapUsed)) - before) / n;
      expect(waiting, n);
      yield* Deferred.succeed(deferred, undefined);
      return bytes;
    })),
};

// Measures tests in virtual time, and the exploration of schedules.
//
//   deno run bench/testing.ts

import {
  createTask,
  Lock,
  run,
  sleep,
  type TaskGroup,
  taskGroup,
} from "@asyncio/asyncio";
import { explore, runTest } from "@asyncio/asyncio/testing";

const SLEEPS = 100_000;
const SCHEDULES = 1_000;
const ROUNDS = 5;

/** The best of some rounds, in milliseconds. */
async function best(work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Sleeps one after another. */
const inTurn = {
  async: (seconds: number) => async () => {
    for (let i = 0; i < SLEEPS; i++) await sleep(seconds);
  },
  generator: (seconds: number) =>
    function* () {
      for (let i = 0; i < SLEEPS; i++) yield* sleep(seconds);
    },
};

/** As many tasks, each of which sleeps once, for a time of its own. */
const atOnce = (seconds: number) => async () => {
  const tasks = Array.from(
    { length: SLEEPS },
    (_, i) => createTask(sleep(seconds * (i + 1))),
  );
  for (const task of tasks) await task;
};

/** Four tasks of five steps, which share a lock. */
const explored = {
  async: async () => {
    const lock = new Lock();
    await taskGroup(async (group) => {
      for (let i = 0; i < 4; i++) {
        group.createTask(async () => {
          await sleep(0.01);
          using _ = await lock.acquire();
          await sleep(0);
          await sleep(0.01);
          await sleep(0);
        });
      }
    });
  },
  generator: function* () {
    const lock = new Lock();
    yield* taskGroup(function* (group: TaskGroup) {
      for (let i = 0; i < 4; i++) {
        group.createTask(function* () {
          yield* sleep(0.01);
          using _ = yield* lock.acquire();
          yield* sleep(0);
          yield* sleep(0.01);
          yield* sleep(0);
        });
      }
    });
  },
};

function print(what: string, milliseconds: number, plain?: number): void {
  const ratio = plain === undefined
    ? ""
    : `, ${(milliseconds / plain).toFixed(1)} times the plain loop`;
  console.log(`${what}: ${milliseconds.toFixed(0)} ms${ratio}`);
}

const plain = await best(() => run(inTurn.async(0)));
print("100,000 sleep(0), async function, run()", plain);
const virtual = await best(() => runTest(inTurn.async(1)));
print("100,000 sleep(1), async function, runTest()", virtual, plain);
const plainSteps = await best(() => run(inTurn.generator(0)));
print("100,000 sleep(0), generator, run()", plainSteps);
const virtualSteps = await best(() => runTest(inTurn.generator(1)));
print("100,000 sleep(1), generator, runTest()", virtualSteps, plainSteps);
const plainTasks = await best(() => run(atOnce(1e-8)));
print("100,000 tasks that sleep for up to 1 ms, run()", plainTasks);
const virtualTasks = await best(() => runTest(atOnce(1)));
print(
  "100,000 tasks that sleep for up to 28 h, runTest()",
  virtualTasks,
  plainTasks,
);
for (const level of ["timing", "turns"] as const) {
  for (const kind of ["async", "generator"] as const) {
    print(
      `${SCHEDULES} schedules of 20 steps, ${kind}, "${level}"`,
      await best(() =>
        kind === "async"
          ? explore(explored.async, { runs: SCHEDULES, level })
          : explore(explored.generator, { runs: SCHEDULES, level })
      ),
    );
  }
}

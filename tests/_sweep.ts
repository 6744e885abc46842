import { assert, assertEquals } from "@std/assert";
import {
  type CoroutineLike,
  createTask,
  ensureFuture,
  sleep,
  type Task,
  wait,
} from "@asyncio/asyncio";
import { cancelEverywhere, runTest } from "@asyncio/asyncio/testing";
import { inKind, type Kind, type Script, testKinds } from "./_helpers.ts";

/** Several tasks that share some objects. */
export interface Stage {
  /** The programs of the tasks, any one of which may be cancelled. */
  scripts: (() => Script<unknown>)[];
  /** The program of one more task, which is never cancelled. */
  director?: () => Script<unknown>;
  /** Checks the shared objects after all tasks have ended. */
  check(tasks: Task<unknown>[]): void;
}

/** Runs `main` in virtual time. A deadlock is an error, as is what is left. */
export function untilDone<T>(main: CoroutineLike<T>): Promise<T> {
  return runTest(async () => await ensureFuture(main));
}

/**
 * Registers a test for each kind of coroutine. It plays a stage once to its end.
 * Then it plays the stage once for each task and each step of the loop, with
 * that task cancelled before that step. Each time, the other tasks must end
 * without an error, the cancelled one as cancelled, and `check` must pass.
 */
export function testSweep(claim: string, stage: () => Stage): void {
  testKinds(
    `${claim}, whichever task is cancelled, at any step`,
    async (kind) => {
      let victims = new Set<Task<unknown>>();
      let afterwards = () => {};
      await cancelEverywhere(
        async () => {
          const { scripts, director, check } = stage();
          const tasks = scripts.map((script) =>
            createTask(inKind(kind, script)())
          );
          victims = new Set(tasks);
          if (director !== undefined) {
            tasks.push(createTask(inKind(kind, director)()));
          }
          await wait(tasks);
          afterwards = () => {
            for (const task of tasks) {
              // None of them catches a cancellation.
              if (task.cancelled()) assert(task.cancelling() > 0);
              else {
                task.result();
                assertEquals(task.cancelling(), 0, "the cancellation was lost");
              }
            }
            check(tasks);
          };
        },
        () => afterwards(),
        { at: "steps", tasks: (task) => victims.has(task) },
      );
    },
  );
}

/** Three tasks that wait for the same event, and what wakes them. */
export interface Row {
  /** Waits, and returns when it is woken. */
  wait(index: number): Script<unknown>;
  /** Wakes the next waiter, or all of them. */
  wake(): Script<unknown>;
  /** Whether `wake()` wakes all waiters. */
  all?: boolean;
  /**
   * Whether a waiter that is cancelled before the wake-up may change the order
   * of the others.
   */
  upset?: boolean;
  /** Checks the shared objects after all tasks have ended. */
  check?(): void;
}

const PLACES = ["first", "middle", "last"];
const MOMENTS = ["before the wake-up", "with the wake-up", "after it"];

/** Enough turns for all tasks that can continue. */
function* settle(): Script<void> {
  for (let i = 0; i < 12; i++) yield sleep(0);
}

/**
 * Registers a test for each kind of coroutine, for each of three waiters as the
 * one that is cancelled, and for each moment: before the wake-up, in the same
 * turn, and afterwards. The others must be woken in their order, with no more
 * wake-ups than needed.
 */
export function testThreeWaiters(claim: string, make: () => Row): void {
  for (const [victim, place] of PLACES.entries()) {
    for (const [moment, when] of MOMENTS.entries()) {
      testKinds(
        `${claim}: of three waiters, the ${place} is cancelled ${when}`,
        (kind) => playThree(kind, make(), victim, moment),
      );
    }
  }
}

async function playThree(
  kind: Kind,
  row: Row,
  victim: number,
  moment: number,
): Promise<void> {
  const passed: number[] = [];
  const waiter = inKind(kind, function* waiter(index: number): Script<void> {
    yield* row.wait(index);
    passed.push(index);
  });
  await runTest(
    inKind(kind, function* main(): Script<void> {
      const tasks = [0, 1, 2].map((index) => createTask(waiter(index)));
      yield* settle();
      assertEquals(passed, []);
      if (moment === 0) tasks[victim].cancel();
      if (moment === 0) yield* settle();
      yield* row.wake();
      if (moment === 1) tasks[victim].cancel();
      yield* settle();
      const late = moment === 2 && (row.all || victim === 0);
      const expected = [0, 1, 2].filter((index) => late || index !== victim);
      if (moment === 2) assertEquals(tasks[victim].cancel(), !late);
      for (let count = 1; !row.all && count < expected.length; count++) {
        assertEquals(passed.length, count);
        yield* row.wake();
        yield* settle();
      }
      if (row.upset && moment === 0) passed.sort();
      assertEquals(passed, expected);
      assertEquals(tasks[victim].cancelled(), !late);
      for (const task of tasks) assert(task.done());
      row.check?.();
    }).body,
  );
}

/** Random integers from 0 to `limit - 1`, reproducible for a seed. */
export function randomly(seed: number): (limit: number) => number {
  let state = seed >>> 0; // mulberry32
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

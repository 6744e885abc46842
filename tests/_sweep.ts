import { beforeEachStep, timersOf } from "./_internals.ts";
import { assert, assertEquals } from "@std/assert";
import {
  allTasks,
  type Coroutine,
  type CoroutineLike,
  createTask,
  EventLoop,
  setEventLoop,
  sleep,
  type Task,
  wait,
  waitFor,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  type Script,
  testKinds,
  VirtualClock,
} from "./_helpers.ts";

/** Several tasks that share some objects. */
export interface Stage {
  /** The programs of the tasks, any one of which may be cancelled. */
  scripts: (() => Script<unknown>)[];
  /** The program of one more task, which is never cancelled. */
  director?: () => Script<unknown>;
  /** Checks the shared objects after all tasks have ended. */
  check(tasks: Task<unknown>[]): void;
}

/** Tasks that have not ended by this time are stuck. In seconds. */
const DEADLINE = 1e4;

/** Runs `main` in virtual time. Fails instead of waiting if it never ends. */
export function untilDone<T>(main: CoroutineLike<T>): Promise<T> {
  return inVirtualTime(() => waitFor(main, DEADLINE) as Coroutine<T>);
}

/** Stands for a task or a step: no task is cancelled. */
const NONE = -1;

/** Plays a stage, and cancels one task before one of the loop's steps. */
async function play(
  kind: Kind,
  { scripts, director, check }: Stage,
  victim: number,
  cancelAt: number,
): Promise<number> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const reported: unknown[] = [];
  loop.setExceptionHandler((_loop, context) => reported.push(context));
  setEventLoop(loop);
  const tasks = scripts.map((script) =>
    loop.createTask(inKind(kind, script)())
  );
  if (director !== undefined) {
    tasks.push(loop.createTask(inKind(kind, director)()));
  }

  // Cancels between two steps, as a callback of the loop would, but without
  // one, which would shift the others by a turn.
  let steps = 0;
  let cancelled = false;
  beforeEachStep(loop, () => {
    if (steps++ === cancelAt) cancelled = tasks[victim].cancel();
  });

  let stuck = false;
  const deadline = loop.callAt(DEADLINE, () => {
    stuck = true;
    loop.stop();
  });
  try {
    await loop.runUntilComplete(async () => {
      await wait(tasks);
    });
  } catch (error) {
    if (!stuck) throw error;
  } finally {
    setEventLoop(null);
  }
  assert(!stuck, `stuck: ${[...allTasks(loop)].join("\n")}`);
  deadline.cancel();
  for (const [index, task] of tasks.entries()) {
    if (index === victim && cancelled) assert(task.cancelled(), String(task));
    else task.result();
  }
  check(tasks);
  assertEquals(reported, []);
  loop.close();
  return steps;
}

/**
 * Registers a test for each kind of coroutine. It plays a stage once to its end
 * and counts the steps of the loop. Then it plays the stage once for each task
 * and each of these steps, with that task cancelled before that step. Each time,
 * the other tasks must end and `check` must pass.
 */
export function testSweep(claim: string, stage: () => Stage): void {
  testKinds(
    `${claim}, whichever task is cancelled, at any step`,
    async (kind) => {
      const steps = await play(kind, stage(), NONE, NONE);
      const victims = stage().scripts.length;
      for (let victim = 0; victim < victims; victim++) {
        for (let step = 0; step < steps; step++) {
          try {
            await play(kind, stage(), victim, step);
          } catch (error) {
            const place = `task ${victim} cancelled before step ${step}`;
            throw new Error(place, { cause: error });
          }
        }
      }
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
  const loop = new EventLoop({ clock: new VirtualClock() });
  const passed: number[] = [];
  const waiter = inKind(kind, function* waiter(index: number): Script<void> {
    yield* row.wait(index);
    passed.push(index);
  });
  await loop.runUntilComplete(
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
    })(),
  );
  assertEquals(timersOf(loop).size, 0);
  loop.close();
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

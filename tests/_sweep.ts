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

/** Several tasks with the same objects. */
export interface Stage {
  /** What the tasks do, each of which may be the one that is cancelled. */
  scripts: (() => Script<unknown>)[];
  /** What one more task does, which is never cancelled. */
  director?: () => Script<unknown>;
  /** Looks at what is left, when all have ended. */
  check(tasks: Task<unknown>[]): void;
}

/** The time at which whatever has not ended is stuck. */
const DOOMSDAY = 1e4;

/** Runs `main` in virtual time. Fails if it never ends, instead of waiting. */
export function untilDone<T>(main: CoroutineLike<T>): Promise<T> {
  return inVirtualTime(() => waitFor(main, DOOMSDAY) as Coroutine<T>);
}

/** Nobody is cancelled. */
const NOBODY = -1;

/** Plays it, with `cancel()` of one task before one of the loop's steps. */
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

  // Between two steps, as a callback of the loop would do it, but without one:
  // nothing may be shifted by a turn.
  let steps = 0;
  let cancelled = false;
  const ready = loop["_ready"];
  const shift = ready.shift.bind(ready);
  ready.shift = () => {
    if (loop["_steps"].open === 0 && steps++ === cancelAt) {
      cancelled = tasks[victim].cancel();
    }
    return shift();
  };

  let stuck = false;
  const doomsday = loop.callAt(DOOMSDAY, () => {
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
  doomsday.cancel();
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
 * Registers a test, for each kind of coroutine: it plays a stage once to its
 * end, while the steps of the loop are counted, and then once for each task and
 * each of these steps, with the task cancelled there. Whenever that is, the
 * others must come to their end, and `check` must find nothing amiss.
 */
export function testSweep(claim: string, stage: () => Stage): void {
  testKinds(`${claim}, whoever is cancelled, at any step`, async (kind) => {
    const steps = await play(kind, stage(), NOBODY, NOBODY);
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
  });
}

/** Three tasks that wait for the same, and what wakes them. */
export interface Row {
  /** Waits, and is over when it is its turn. */
  wait(index: number): Script<unknown>;
  /** Wakes the one whose turn it is, or all. */
  wake(): Script<unknown>;
  /** Whether it wakes all. */
  all?: boolean;
  /**
   * Whether one who is cancelled before the wake-up may upset the order of the
   * others.
   */
  upset?: boolean;
  /** Looks at what is left, when all have ended. */
  check?(): void;
}

const PLACES = ["first", "middle", "last"];
const MOMENTS = ["before the wake-up", "with the wake-up", "after it"];

/** Enough turns for everybody who can go on. */
function* settle(): Script<void> {
  for (let i = 0; i < 12; i++) yield sleep(0);
}

/**
 * Registers a test for each kind of coroutine, each of three waiters that may be
 * the one that is cancelled, and each moment: before they are woken, in the same
 * turn, and when that is over. The others must be woken in their order, and by
 * just as many wake-ups as it takes.
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
  assertEquals(loop["_timers"].size, 0);
  loop.close();
}

/** Random whole numbers from 0 to `limit - 1`, the same ones for a seed. */
export function randomly(seed: number): (limit: number) => number {
  let state = seed >>> 0; // mulberry32
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  allTasks,
  type Awaitable,
  type Clock,
  type Coroutine,
  coroutine,
  type CoroutineLike,
  EventLoop,
  type ExceptionContext,
  setEventLoop,
} from "@asyncio/asyncio";

/**
 * A clock that stands still while anything runs, and jumps to the next timer
 * when nothing does. For tests of many short runs: `FakeTime` takes a real
 * millisecond for each step.
 */
export class VirtualClock implements Clock {
  #now = 0;

  time(): number {
    return this.#now;
  }

  wake(callback: () => void, delay: number): () => void {
    // A macrotask later, so that native promises have their say first.
    const hop = setImmediate(() => {
      this.#now += delay;
      callback();
    });
    return () => clearImmediate(hop);
  }
}

/** What a run left behind. */
export interface Report<T> {
  result: T;
  /** What the exception handler was told. */
  contexts: ExceptionContext[];
  /** How long it took, in virtual seconds. */
  elapsed: number;
}

/**
 * Runs `main` in virtual time and tells what happened. Fails if anything is
 * left in the loop: a task, a timer.
 */
export async function runVirtually<T>(
  main: CoroutineLike<T>,
  options: { prepare?: (loop: EventLoop) => void } = {},
): Promise<Report<T>> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  options.prepare?.(loop);
  setEventLoop(loop);
  try {
    const start = loop.time();
    const result = await loop.runUntilComplete(main);
    const elapsed = loop.time() - start;
    assertEquals([...allTasks(loop)].map(String), [], "tasks were left");
    assertEquals(loop["_timers"].size, 0, "timers were left");
    loop.close();
    return { result, contexts, elapsed };
  } finally {
    setEventLoop(null);
  }
}

/** {@linkcode runVirtually}, where no error may be reported either. */
export async function inVirtualTime<T>(main: CoroutineLike<T>): Promise<T> {
  const { result, contexts } = await runVirtually(main);
  assertEquals(contexts, []);
  return result;
}

/**
 * Waits for a promise while `FakeTime` goes on from timer to timer.
 *
 * @param limit How many timers to let fire before giving up.
 */
export async function throughFakeTime<T>(
  time: FakeTime,
  promise: Promise<T>,
  limit = 1000,
): Promise<T> {
  let pending = true;
  const settled = promise.finally(() => pending = false);
  settled.catch(() => {});
  for (let i = 0; pending && i < limit; i++) await time.nextAsync();
  if (pending) throw new Error("still pending when fake time had run out");
  return await settled;
}

/** Runs `main` in a loop of its own under `FakeTime`. */
export async function inFakeTime<T>(main: CoroutineLike<T>): Promise<T> {
  using time = new FakeTime(0);
  const loop = new EventLoop();
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  try {
    return await throughFakeTime(time, loop.runUntilComplete(main));
  } finally {
    loop.close();
    assertEquals(contexts, []);
  }
}

/** Both ways to write a coroutine function. */
export const KINDS = ["async", "generator"] as const;
export type Kind = typeof KINDS[number];

/**
 * A program in neither kind: it `yield`s what it wants to wait for and gets the
 * outcome back.
 */
// deno-lint-ignore no-explicit-any -- what comes back depends on what went out
export type Script<T> = Generator<Awaitable<unknown>, T, any>;

/** Makes a coroutine function of either kind of the same program. */
export function inKind<Args extends unknown[], T>(
  kind: Kind,
  script: (...args: Args) => Script<T>,
): (...args: Args) => Coroutine<T> {
  const body = kind === "async"
    ? async function (...args: Args): Promise<T> {
      const steps = script(...args);
      let step = steps.next();
      while (!step.done) {
        let outcome: unknown;
        try {
          outcome = await step.value;
        } catch (error) {
          step = steps.throw(error);
          continue;
        }
        step = steps.next(outcome);
      }
      return step.value;
    }
    : function* (...args: Args): Generator<unknown, T, unknown> {
      const steps = script(...args);
      let step = steps.next();
      while (!step.done) {
        let outcome: unknown;
        try {
          outcome = yield* step.value as Coroutine<unknown>;
        } catch (error) {
          step = steps.throw(error);
          continue;
        }
        step = steps.next(outcome);
      }
      return step.value;
    };
  Object.defineProperty(body, "name", { value: script.name });
  return coroutine(body as (...args: Args) => Promise<T>);
}

/** Registers a test for each kind of coroutine. */
export function testKinds(
  name: string,
  body: (kind: Kind) => Promise<void>,
): void {
  for (const kind of KINDS) Deno.test(`${name} (${kind})`, () => body(kind));
}

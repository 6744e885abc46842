import { timersOf } from "./_internals.ts";
import { assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import {
  allTasks,
  type Awaitable,
  type Coroutine,
  coroutine,
  type CoroutineBody,
  type CoroutineLike,
  EventLoop,
  type ExceptionContext,
  setEventLoop,
} from "@asyncio/asyncio";
import { VirtualClock } from "@asyncio/asyncio/testing";

export { VirtualClock };

/** The outcome of a run. */
export interface Report<T> {
  result: T;
  /** The contexts that the exception handler was called with. */
  contexts: ExceptionContext[];
  /** How long the run took, in virtual seconds. */
  elapsed: number;
}

/**
 * Runs `main` in virtual time and reports the outcome. Fails if a task or a
 * timer is left in the loop.
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
    assertEquals(timersOf(loop).size, 0, "timers were left");
    loop.close();
    return { result, contexts, elapsed };
  } finally {
    setEventLoop(null);
  }
}

/** {@linkcode runVirtually} that also fails if an error was reported. */
export async function inVirtualTime<T>(main: CoroutineLike<T>): Promise<T> {
  const { result, contexts } = await runVirtually(main);
  assertEquals(contexts, []);
  return result;
}

/**
 * Waits for a promise while `FakeTime` moves from timer to timer.
 *
 * @param limit How many timers may fire before giving up.
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
 * A program of neither kind: it yields what it waits for, and gets the result or
 * the error.
 */
// deno-lint-ignore no-explicit-any -- a result depends on what was yielded
export type Script<T> = Generator<Awaitable<unknown>, T, any>;

/** A coroutine function, and the plain function that it wraps. */
export type InKind<Args extends unknown[], T> =
  & ((...args: Args) => Coroutine<T>)
  & { readonly body: CoroutineBody<T, Args> };

/** Makes a coroutine function of the given kind out of a script. */
export function inKind<Args extends unknown[], T>(
  kind: Kind,
  script: (...args: Args) => Script<T>,
): InKind<Args, T> {
  const body: CoroutineBody<T, Args> = kind === "async"
    ? async function (...args: Args): Promise<T> {
      const steps = script(...args);
      let step = steps.next();
      while (!step.done) {
        let result: unknown;
        try {
          result = await step.value;
        } catch (error) {
          step = steps.throw(error);
          continue;
        }
        step = steps.next(result);
      }
      return step.value;
    }
    : function* (...args: Args): Generator<unknown, T, never> {
      const steps = script(...args);
      let step = steps.next();
      while (!step.done) {
        let result: unknown;
        try {
          result = yield* step.value as Coroutine<unknown>;
        } catch (error) {
          step = steps.throw(error);
          continue;
        }
        step = steps.next(result);
      }
      return step.value;
    };
  Object.defineProperty(body, "name", { value: script.name });
  // Either kind will do: no overload of coroutine() takes both.
  const made = coroutine(body as (...args: Args) => Promise<T>);
  return Object.assign(made, { body });
}

/** Runs a script as the main coroutine, in virtual time. */
export function runScript<T>(kind: Kind, script: () => Script<T>): Promise<T> {
  return inVirtualTime(inKind(kind, script)());
}

/** Registers a test for each kind of coroutine. */
export function testKinds(
  name: string,
  body: (kind: Kind) => Promise<void>,
): void {
  for (const kind of KINDS) Deno.test(`${name} (${kind})`, () => body(kind));
}

/** Makes `performance.now()` stand still, except that `pass()` advances it. */
export function stubPerformance(): {
  pass(seconds: number): void;
} & Disposable {
  let now = 1000;
  const clock = stub(performance, "now", () => now);
  return {
    pass: (seconds: number) => void (now += seconds * 1000),
    [Symbol.dispose]: () => clock[Symbol.dispose](),
  };
}

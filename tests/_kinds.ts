import {
  type Awaitable,
  type Coroutine,
  type CoroutineBody,
  eagerTaskFactory,
  type EventLoop,
} from "@asyncio/asyncio";
import { type Kind, KINDS, type Script } from "./_helpers.ts";

/**
 * The function itself, of either kind, of which `inKind` makes a coroutine
 * function: for what takes a body.
 */
export function bodyIn<Args extends unknown[], T>(
  kind: Kind,
  script: (...args: Args) => Script<T>,
): CoroutineBody<T, Args> {
  return kind === "async"
    ? async (...args: Args): Promise<T> => {
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
    : function* (...args: Args): Generator<unknown, T, never> {
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
}

/** What waiting for it throws; `null` if nothing. */
export function* caught(awaitable: Awaitable<unknown>): Script<unknown> {
  try {
    yield awaitable;
  } catch (error) {
    return error;
  }
  return null;
}

/** How the tasks of a loop start. */
export const STARTS = ["lazy", "eager"] as const;
export type Start = typeof STARTS[number];

/** Has the tasks of a loop start so. */
export function startTasks(loop: EventLoop, start: Start): void {
  loop.setTaskFactory(start === "eager" ? eagerTaskFactory : null);
}

/** Registers a test for each kind of coroutine and each start of tasks. */
export function testStarts(
  name: string,
  body: (kind: Kind, start: Start) => Promise<void>,
): void {
  for (const kind of KINDS) {
    for (const start of STARTS) {
      Deno.test(`${name} (${kind}, ${start})`, () => body(kind, start));
    }
  }
}

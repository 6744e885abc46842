import {
  type Awaitable,
  eagerTaskFactory,
  type EventLoop,
} from "@asyncio/asyncio";
import { type Kind, KINDS, type Script } from "./_helpers.ts";

/** The error that waiting for `awaitable` throws, or `null` if none. */
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

/** Makes all tasks of a loop start lazily or eagerly. */
export function startTasks(loop: EventLoop, start: Start): void {
  loop.setTaskFactory(start === "eager" ? eagerTaskFactory : null);
}

/** Registers a test for each kind of coroutine, with lazy and eager tasks. */
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

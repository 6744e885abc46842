// Copyright 2026 the asyncio authors. MIT license.

/**
 * The `cause` of a cancellation: who has asked for it, and in debug mode also
 * where, and where the task waited.
 */

import { printAs, recursively, stringRepr } from "../_util/repr.ts";
import type { Frame } from "../_util/stack_trace.ts";
import { canceller } from "./cancellers.ts";
import { framesHere, framesOf } from "./graph.ts";
import type { TaskCore } from "./protocols.ts";
import { activeTask } from "./running.ts";
import { nameText } from "./task_names.ts";

/** Where scopes were entered, in debug mode. */
const entrances = new WeakMap<object, readonly Frame[]>();

/** Records where a timeout or a group was entered, and returns that. */
export function noteEntrance(owner: object, task: TaskCore): readonly Frame[] {
  const frames = framesHere(task, noteEntrance);
  entrances.set(owner, frames);
  return frames;
}

/** Where a timeout or a group was entered, if that was recorded. */
export function entranceOf(owner: object): readonly Frame[] {
  return entrances.get(owner) ?? [];
}

/** `FILE:LINE` of the innermost frame, between two texts; or nothing. */
function placeText(
  before: string,
  [frame]: readonly Frame[],
  after = "",
): string {
  if (frame === undefined) return "";
  return `${before} ${frame.file}:${frame.line}${after}`;
}

function taskText(name: string | number): string {
  return `Task ${stringRepr(nameText(name))}`;
}

function byText(by: unknown): string {
  if (by === null) return "A callback, or code outside of the loop,";
  if (typeof by === "string") return by;
  const { $taskOf: task, $cancellerText: text } = by as {
    $taskOf?: TaskCore;
    /** What a timeout or a group is called where it has cancelled something. */
    $cancellerText?(): string;
  };
  if (task !== undefined && task === by) return taskText(task.getName());
  if (by instanceof AbortSignal) return "An AbortSignal";
  return text === undefined
    ? "A scope"
    : `${text.call(by)}${placeText(", set at", entranceOf(by as object), ",")}`;
}

/**
 * A cause that is printed as its text, which is made when that is needed. It is no
 * `Error`, since many tasks are cancelled, and a stack costs more than all the
 * rest.
 */
class Cause {
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Cause",
  );

  readonly #text: () => string;

  constructor(text: () => string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text();
  }

  /**
   * Node.js prints an error that ends the process without custom inspection, but
   * with this.
   */
  get [Symbol.toStringTag](): string {
    return this.#text();
  }
}

function isTaskOf(by: unknown): boolean {
  return (by as Partial<TaskCore> | null)?.$taskOf === by && by !== null;
}

/** Who has cancelled a task. It keeps names, and neither of both. */
function causeOf(by: unknown, task: TaskCore): Cause {
  const isByTask = isTaskOf(by);
  const name = isByTask ? (by as TaskCore).$nameOrNumber : byText(by);
  const taskName = task.$nameOrNumber;
  return new Cause(() =>
    `${isByTask ? taskText(name) : name} has cancelled ${taskText(taskName)}`
  );
}

/** The cause of a `TimeoutError` for which nothing was cancelled. */
export function causeOfTimeout(seconds: number): unknown {
  return new Cause(() => `${limitText(seconds)} has passed`);
}

export function limitText(seconds: number): string {
  return `The time limit of ${seconds} s`;
}

/** The same in debug mode, with the stack of the request. */
class TracedCancellation extends Error {
  override name = "Cancellation";
}

/**
 * Returns the cause of the errors of a request that is being made. That of an
 * aborted signal is its reason; in debug mode, the reason is the cause of that.
 */
export function causeOfCancel(task: TaskCore): unknown {
  const by = canceller();
  const isSignal = by instanceof AbortSignal;
  if (!task.getLoop().getDebug()) {
    return isSignal ? by.reason : causeOf(by, task);
  }
  const caller = activeTask();
  const here = caller === null ? [] : framesHere(caller, causeOfCancel);
  const waited = caller === task ? [] : framesOf(task);
  const text = recursively(
    task,
    () =>
      `${byText(by)} has cancelled ${taskText(task.getName())}${
        placeText(" at", here)
      }${placeText(", which was waiting at", waited)}`,
  );
  const options = isSignal ? { cause: by.reason } : undefined;
  return new TracedCancellation(text, options);
}

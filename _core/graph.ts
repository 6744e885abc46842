// Copyright 2026 the asyncio authors. MIT license.

/**
 * The graph of waits: where a task waits, and who waits for it.
 *
 * Nothing here recurses, so that a chain of any length can be printed.
 */

import { address, stringRepr } from "../_util/repr.ts";
import {
  type Frame,
  frameOf,
  kindOf,
  programFrames,
  StackTrace,
  withKind,
} from "../_util/stack_trace.ts";
import { awaitersOf } from "./awaited_by.ts";
import {
  awaitSiteOf,
  callerOf,
  nativeSiteOf,
  runningCaller,
} from "./await_sites.ts";
import type { Driver } from "./drivers.ts";
import type { FutureCore, TaskCore, Wait } from "./protocols.ts";
import { activeTask } from "./running.ts";

export type { Frame };

/** What waits for the outcome of a coroutine, on the way to its task. */
interface Link {
  readonly $ownerOf?: object | null;
  readonly $definitionOf?: {
    readonly name: string;
    readonly site: object | null;
    readonly driver: Driver;
  };
}

/** The frame of a coroutine whose line is not known: where it is defined. */
function definitionFrame(link: Link): Frame[] {
  const definition = link.$definitionOf;
  if (!definition?.site) return [];
  const { name, site, driver } = definition;
  const frame = frameOf(name, String(site));
  return [withKind(frame, driver.isStepped ? "generator" : "async")];
}

/** Whether it is a coroutine of the library, whose frames are of no interest. */
function isOwn(link: Link): boolean {
  return link.$definitionOf?.driver.isOwn === true;
}

/**
 * The frames from one of the waits of a task up to the coroutine of the task,
 * innermost first. In debug mode, each is at the line of its `await` or `yield*`;
 * otherwise at the place where the coroutine is defined.
 */
function framesFrom(start: object, task: TaskCore): Frame[] {
  const frames: Frame[] = [];
  const coroutine = task.getCoro();
  let isWhole = false;
  for (let link: object | null = start; link !== null && link !== task;) {
    const site = awaitSiteOf(link);
    isWhole ||= link === coroutine || site !== undefined;
    if (site !== undefined && site.frames.length > 0) {
      frames.push(...site.frames);
    } else if (!isOwn(link)) {
      frames.push(...definitionFrame(link));
    }
    link = nextLink(link);
  }
  // What async functions await is not known without debug mode.
  if (!isWhole || frames.length === 0) {
    frames.push(...definitionFrame(coroutine));
  }
  return frames;
}

/**
 * What waits for a link. An `await` stands in the function of a coroutine, whose
 * frame is part of its trace: what waits for that coroutine is next.
 */
function nextLink(link: object): object | null {
  const { $ownerOf: owner } = link as Link;
  if (owner !== undefined) return owner;
  return callerOf(link)?.$ownerOf ?? null;
}

/** The frames of a task: of its first wait, or of where it has failed. */
export function framesOf(task: TaskCore): Frame[] {
  if (task.done()) {
    const error = task.cancelled() ? undefined : task.$rawValue;
    return error instanceof Error ? programFrames(error.stack) : [];
  }
  for (const wait of task.$waitsOf()) return framesFrom(wait, task);
  return nativeFrames(task) ?? framesFrom(task.getCoro(), task);
}

/** The frames of a task in a native promise, if they are known. */
export function nativeFrames(task: TaskCore): Frame[] | null {
  const site = nativeSiteOf(task);
  return site === undefined || site.frames.length === 0
    ? null
    : [...site.frames];
}

/** The frames of each wait of a task: it may wait in several places at once. */
export function framesOfWaits(task: TaskCore): Map<Wait, Frame[]> {
  const frames = new Map<Wait, Frame[]>();
  for (const wait of task.$waitsOf()) frames.set(wait, framesFrom(wait, task));
  return frames;
}

/**
 * The frames of the code that calls this, which `task` is running.
 *
 * @param below The function whose callers are wanted.
 */
export function framesHere(
  task: TaskCore,
  below: (...args: never[]) => unknown,
): Frame[] {
  const frames = [...new StackTrace(below).frames];
  const caller = runningCaller(task);
  const next = caller === null ? null : nextLink(caller);
  if (next !== null && next !== task) frames.push(...framesFrom(next, task));
  return frames;
}

/**
 * The frames of a task as CPython lists them, oldest first: of a task that has
 * failed, those of its error.
 *
 * @param below The function that calls this, for the task that is running.
 */
export function stackOf(
  task: TaskCore,
  limit: number,
  below: (...args: never[]) => unknown,
): Frame[] {
  const isHere = activeTask() === task;
  const frames = isHere ? framesHere(task, below) : framesOf(task);
  frames.reverse();
  // The newest of a stack, the oldest of a traceback, as in CPython.
  return task.done()
    ? frames.slice(0, limit)
    : frames.slice(Math.max(0, frames.length - limit));
}

/** The text of a stack, as CPython prints it, but without the source. */
export function stackText(task: TaskCore, frames: readonly Frame[]): string {
  const failed = task.done() && !task.cancelled() &&
    task.$rawValue instanceof Error;
  if (frames.length === 0 && !failed) return `No stack for ${task}`;
  const lines = frames.map(({ name, file, line }) =>
    `  File "${file}", line ${line}, in ${name}`
  );
  const what = failed ? "Traceback" : "Stack";
  lines.unshift(`${what} for ${task} (most recent call last):`);
  if (failed) lines.push(String(task.$rawValue));
  return lines.join("\n");
}

/** A future, where it waits, and who waits for it. */
export interface GraphNode<F = FutureCore> {
  readonly future: F;
  /** Innermost first. Empty for what is no task. */
  readonly callStack: readonly Frame[];
  readonly awaitedBy: readonly GraphNode<F>[];
  /**
   * Why `callStack` and `awaitedBy` were left out: the future waits for itself,
   * by way of those between, or stands in another place of the graph.
   */
  readonly cut?: "circle" | "repeated";
}

/** At most `limit` frames, the innermost. */
function limited(frames: Frame[], limit: number): Frame[] {
  return frames.length > limit ? frames.slice(0, limit) : frames;
}

/** What is under way while a graph is built: the path from its root. */
interface Visit {
  readonly future: FutureCore;
  readonly todo: Iterator<FutureCore>;
  readonly awaitedBy: GraphNode[];
}

/**
 * Builds the graph of a future.
 *
 * @param limit How many frames each task has at most.
 * @param frames The frames of the future itself, if they are known already.
 */
export function buildGraph(
  root: FutureCore,
  limit = Infinity,
  frames?: Frame[],
): GraphNode {
  const visited = new Set<FutureCore>();
  const onPath = new Set<FutureCore>();
  const path: Visit[] = [];
  function enter(future: FutureCore, frames?: Frame[]): GraphNode {
    visited.add(future);
    onPath.add(future);
    const awaitedBy: GraphNode[] = [];
    path.push({ future, todo: awaitersOf(future).values(), awaitedBy });
    const stack = frames ?? (isTask(future) ? framesOf(future) : []);
    return { future, callStack: limited(stack, limit), awaitedBy };
  }
  const graph = enter(root, frames);
  for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
    const { done, value: future } = visit.todo.next();
    if (done) {
      onPath.delete(visit.future);
      path.pop();
    } else if (visited.has(future)) {
      const cut = onPath.has(future) ? "circle" : "repeated";
      visit.awaitedBy.push({ future, callStack: [], awaitedBy: [], cut });
    } else {
      visit.awaitedBy.push(enter(future));
    }
  }
  return graph;
}

export function isTask(future: FutureCore): future is TaskCore {
  return (future as Partial<TaskCore>).$taskOf === future;
}

/** The text of a frame, as CPython prints it. */
function frameText(frame: Frame): string {
  const { name, file, line } = frame;
  const kind = kindOf(frame);
  return `File ${stringRepr(file)}, line ${line}, in ${
    kind === undefined ? "" : `${kind} `
  }${name}()`;
}

/** The text of a graph, as CPython prints it, and notes where it was cut. */
export function graphText(graph: GraphNode): string {
  const lines: string[] = [];
  const todo: [node: GraphNode, level: number][] = [[graph, 0]];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [{ future, callStack, awaitedBy, cut }, level] = next;
    const add = (line: string) => lines.push(`${"    ".repeat(level)}${line}`);
    const id = `id=${address(future)}`;
    const note = cut === undefined
      ? ""
      : cut === "circle"
      ? " (circle: it waits for itself)"
      : " (shown above)";
    add(
      isTask(future)
        ? `* Task(name=${stringRepr(future.getName())}, ${id})${note}`
        : `* Future(${id})${note}`,
    );
    if (callStack.length > 0) add("  + Call stack:");
    for (const frame of callStack) add(`  |   ${frameText(frame)}`);
    if (awaitedBy.length > 0) add("  + Awaited by:");
    for (const node of [...awaitedBy].reverse()) todo.push([node, level + 1]);
  }
  return lines.join("\n");
}

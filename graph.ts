// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Call graphs: where a task waits, and who waits for it.
 *
 * In debug mode, the frames of a call stack are the lines of the `await` or
 * `yield*` in which each function waits. Without it they are the places where
 * the coroutines are defined.
 *
 * ```ts
 * import { createTask, run, sleep } from "@asyncio/asyncio";
 * import { captureCallGraph } from "@asyncio/asyncio/graph";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const job = createTask(async function job() {
 *     await sleep(60);
 *   }, { name: "job" });
 *   const parent = createTask(async function parent() {
 *     await job;
 *   }, { name: "parent" });
 *   await sleep(0);
 *   const graph = captureCallGraph(job)!;
 *   assertEquals(graph.callStack.map(({ name }) => name), ["job"]);
 *   assertEquals(graph.awaitedBy.map(({ future }) => future), [parent]);
 *   job.cancel();
 * }, { debug: true });
 * ```
 *
 * @module
 */

import { addAwaiter, deleteAwaiter } from "./_core/awaited_by.ts";
import {
  buildGraph,
  framesHere,
  type GraphNode,
  graphText,
} from "./_core/graph.ts";
import { activeLoop } from "./_core/running.ts";
import { printLine } from "./_host/printing.ts";
import { optionalLimit, requireCount } from "./_util/checks.ts";
import { requireOptions } from "./_util/options.ts";
import { valueText } from "./_util/repr.ts";
import type { FrameCallGraphEntry } from "./_util/stack_trace.ts";
import { InvalidStateError } from "./errors.ts";
import { type Future, isFuture } from "./future.ts";
import { currentTask } from "./task.ts";

export type { FrameCallGraphEntry };

/**
 * A future or a task, where it waits, and who waits for it.
 *
 * @category Call graph
 */
export interface FutureCallGraph {
  /** The future or the task. */
  readonly future: Future<unknown>;
  /**
   * The functions in which the task waits, innermost first. Those of the library
   * and of the host are left out. Empty if it is not a task.
   */
  readonly callStack: readonly FrameCallGraphEntry[];
  /** The graphs of those that wait for it. */
  readonly awaitedBy: readonly FutureCallGraph[];
  /**
   * Why `callStack` and `awaitedBy` are empty, if they were left out: the future
   * waits for itself (`"circle"`), or is in the graph already (`"repeated"`).
   */
  readonly cut?: "circle" | "repeated";
}

/**
 * Options for {@linkcode captureCallGraph} and its kin.
 *
 * @category Call graph
 */
export interface CallGraphOptions {
  /**
   * Where the stack of the calling task begins: 1 for the function that calls
   * this, 2 for the one that has called that function, and so on.
   *
   * @default {1}
   */
  depth?: number;
  /**
   * How many frames a call stack has at most. The innermost are kept.
   *
   * @default {null, all}
   */
  limit?: number | null;
}

const OPTIONS: readonly string[] = ["depth", "limit"];

/**
 * Captures where a task waits, and who waits for it.
 *
 * @param future A future or a task. The default is the calling task, whose call
 * stack is that of the call.
 * @param options How many frames are wanted.
 * @returns The graph; `null` in a callback, where no task is running.
 * @throws {TypeError} If `future` is not a future.
 * @throws {TypeError} If there is no such option, or one is not a number.
 * @throws {RangeError} If `depth` or `limit` is negative or not a whole number.
 * @throws {InvalidStateError} If the future is done: nothing waits for it.
 * @throws {Error} If the future belongs to a different loop than the running
 * one.
 * @throws {Error} If no future is given and no loop is running.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, sleep } from "@asyncio/asyncio";
 * import { captureCallGraph } from "@asyncio/asyncio/graph";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(async function nap() {
 *     await sleep(60);
 *   });
 *   await sleep(0);
 *   assertEquals(captureCallGraph(task)?.callStack[0].name, "nap");
 *   task.cancel();
 * });
 * ```
 *
 * @category Call graph
 */
export function captureCallGraph(
  future?: Future<unknown> | null,
  options?: CallGraphOptions,
): FutureCallGraph | null {
  const graph = capture(
    "captureCallGraph()",
    captureCallGraph,
    future,
    options,
  );
  return graph as FutureCallGraph | null;
}

/**
 * Captures a call graph, and returns it as text, in the format of CPython. Where
 * a future waits for itself, the text says so.
 *
 * @param future A future or a task. The default is the calling task.
 * @param options How many frames are wanted.
 * @returns The text; empty in a callback, where no task is running.
 * @throws {TypeError} If `future` is not a future.
 * @throws {TypeError} If there is no such option, or one is not a number.
 * @throws {RangeError} If `depth` or `limit` is negative or not a whole number.
 * @throws {InvalidStateError} If the future is done.
 * @throws {Error} If the future belongs to a different loop than the running
 * one.
 * @throws {Error} If no future is given and no loop is running.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, sleep } from "@asyncio/asyncio";
 * import { formatCallGraph } from "@asyncio/asyncio/graph";
 * import { assertStringIncludes } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(sleep(60), { name: "nap" });
 *   await sleep(0);
 *   assertStringIncludes(formatCallGraph(task), "* Task(name='nap', id=0x");
 *   task.cancel();
 * });
 * ```
 *
 * @category Call graph
 */
export function formatCallGraph(
  future?: Future<unknown> | null,
  options?: CallGraphOptions,
): string {
  const graph = capture("formatCallGraph()", formatCallGraph, future, options);
  return graph === null ? "" : graphText(graph);
}

/**
 * Captures a call graph and prints it with `console.log`, as
 * {@linkcode formatCallGraph} formats it.
 *
 * @param future A future or a task. The default is the calling task.
 * @param options How many frames are wanted.
 * @throws {TypeError} If `future` is not a future.
 * @throws {TypeError} If there is no such option, or one is not a number.
 * @throws {RangeError} If `depth` or `limit` is negative or not a whole number.
 * @throws {InvalidStateError} If the future is done.
 * @throws {Error} If the future belongs to a different loop than the running
 * one.
 * @throws {Error} If no future is given and no loop is running.
 *
 * @category Call graph
 */
export function printCallGraph(
  future?: Future<unknown> | null,
  options?: CallGraphOptions,
): void {
  const graph = capture("printCallGraph()", printCallGraph, future, options);
  printLine(graph === null ? "" : graphText(graph));
}

function capture(
  name: string,
  callee: (...args: never[]) => unknown,
  future: Future<unknown> | null | undefined,
  options: CallGraphOptions | undefined,
): GraphNode | null {
  requireOptions(name, options, OPTIONS);
  const depth = options?.depth ?? 1;
  requireCount(`the depth of ${name}`, 0, depth);
  const limit = optionalLimit(options?.limit, `the limit of ${name}`);
  const loop = activeLoop();
  const running = loop === null ? null : currentTask();
  if (future === undefined || future === null) {
    if (loop === null) {
      throw new Error(
        `${name} was called outside of a running event loop, and without a future`,
      );
    }
    future = running;
    if (future === null) return null;
  }
  requireFuture(name, future);
  if (loop !== null && future.getLoop() !== loop) {
    throw new Error(
      `${name} got a future that belongs to a different loop: ${future}`,
    );
  }
  if (future.done()) {
    throw new InvalidStateError(`${name} got a future that is done: ${future}`);
  }
  const frames = running !== null && future === running
    ? framesHere(running, callee).slice(Math.max(depth, 1) - 1)
    : undefined;
  return buildGraph(future, limit, frames);
}

function requireFuture(name: string, value: unknown): void {
  if (isFuture(value)) return;
  throw new TypeError(
    `a future was expected by ${name}, got ${valueText(value)}`,
  );
}

/**
 * Records that a future is awaited by another one, or by a task. What `await`,
 * `yield*` and the functions of this library wait for is known without it: this
 * is for primitives that wait by callbacks.
 *
 * @param future What is waited for.
 * @param waiter What waits.
 * @throws {TypeError} If one of them is not a future.
 * @throws {Error} If they belong to different loops.
 * @throws {InvalidStateError} If the future is done.
 *
 * @example Usage
 * ```ts
 * import { getRunningLoop, run } from "@asyncio/asyncio";
 * import { captureCallGraph, futureAddToAwaitedBy } from "@asyncio/asyncio/graph";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const inner = getRunningLoop().createFuture<void>();
 *   const outer = getRunningLoop().createFuture<void>();
 *   inner.addDoneCallback(() => outer.setResult());
 *   futureAddToAwaitedBy(inner, outer);
 *   assertEquals(captureCallGraph(inner)?.awaitedBy[0].future, outer);
 * });
 * ```
 *
 * @category Call graph
 */
export function futureAddToAwaitedBy(
  future: Future<unknown>,
  waiter: Future<unknown>,
): void {
  const name = "futureAddToAwaitedBy()";
  requireFuture(name, future);
  requireFuture(name, waiter);
  if (future.getLoop() !== waiter.getLoop()) {
    throw new Error(
      `${name} got futures of different loops: ${future}, ${waiter}`,
    );
  }
  if (future.done()) {
    throw new InvalidStateError(`${name} got a future that is done: ${future}`);
  }
  addAwaiter(future, waiter);
}

/**
 * Takes back what {@linkcode futureAddToAwaitedBy} has recorded. If it was not
 * recorded, nothing happens. When either of them is done, it is forgotten
 * anyway.
 *
 * @param future What was waited for.
 * @param waiter What has waited.
 * @throws {TypeError} If one of them is not a future.
 *
 * @category Call graph
 */
export function futureDiscardFromAwaitedBy(
  future: Future<unknown>,
  waiter: Future<unknown>,
): void {
  requireFuture("futureDiscardFromAwaitedBy()", future);
  requireFuture("futureDiscardFromAwaitedBy()", waiter);
  deleteAwaiter(future, waiter);
}

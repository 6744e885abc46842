// Copyright 2026 the asyncio authors. MIT license.

/**
 * Where the waits of tasks stand in the source. Recorded in debug mode only, one
 * stack trace for each wait.
 *
 * - An `await` has V8 call `then`, whose trace has the whole chain of async
 *   functions that natively await each other, up to the function of a coroutine.
 *   Which coroutine that is travels in an asynchronous context of its own.
 * - A `yield*` calls the iterator method of what it waits for, with the whole
 *   chain of generators on the stack, each at its line.
 * - An `await` of a native promise calls nothing of the library. Hooks of V8 tell
 *   when it makes a promise: what an async function awaits last before it gives
 *   the thread back is what it waits for, and its own `await` comes before those
 *   of the functions that await it.
 */

import { AsyncLocalStorage } from "../_host/context.ts";
import { watchPromises } from "../_host/promise_hooks.ts";
import { StackTrace } from "../_util/stack_trace.ts";
import type { CoroutineCore, Scope, TaskCore, Wait } from "./protocols.ts";
import { running, scopeStore, stepStore } from "./running.ts";

/** The switch: whether any loop is in debug mode, or has been. */
export const awaitSites: { active: boolean } = { active: false };

/** Where waits, and coroutines that wait by `yield*`, stand. */
const traces = new WeakMap<object, StackTrace>();
/** The same by the hooks, for a V8 in which a `then` has no trace of its await. */
const hookTraces = new WeakMap<object, StackTrace>();
/** The coroutines whose async functions do these awaits. */
const callers = new WeakMap<object, CoroutineCore>();
/** The coroutine whose async function runs in this asynchronous context. */
let current: AsyncLocalStorage<CoroutineCore> | null = null;

/** Records from now on. Called when a loop enters debug mode. */
export function recordAwaitSites(): void {
  awaitSites.active = true;
  // Where the host does not carry it along, the chain ends with the function.
  if (stepStore !== null) return;
  current ??= new AsyncLocalStorage();
  watchPromises(noteNativeAwait, () => burst++);
}

/** Counts the reactions of promises: each is one run of an async function. */
let burst = 0;

/** Where tasks have last done an `await`, and in which run. */
const natives = new WeakMap<TaskCore, { trace: StackTrace; burst: number }>();

function noteNativeAwait(_promise: object, parent?: object): void {
  if (parent === undefined) return;
  const { $taskOf: task } = (scopeStore.getStore() ?? {}) as Partial<Scope>;
  if (!task?.getLoop().getDebug() || natives.get(task)?.burst === burst) return;
  natives.set(task, { trace: new StackTrace(noteNativeAwait, "async"), burst });
}

/** Where a task waits that is in a native promise, if that was recorded. */
export function nativeSiteOf(task: TaskCore): StackTrace | undefined {
  return natives.get(task)?.trace;
}

/**
 * Records an `await`.
 *
 * @param wait The wait that has begun.
 * @param then The method that V8 has called.
 */
export function noteAwait(
  wait: Pick<Wait, "$taskOf">,
  then: (...args: never[]) => unknown,
): void {
  const task = wait.$taskOf;
  if (!task?.getLoop().getDebug()) return;
  traces.set(wait, new StackTrace(then, "async"));
  const native = nativeSiteOf(task);
  if (native !== undefined) hookTraces.set(wait, native);
  const caller = current?.getStore();
  if (caller?.$taskOf === task) callers.set(wait, caller);
}

/** Records a `yield*` in the running coroutine. */
export function noteYield(iterate: (...args: never[]) => unknown): void {
  const { strand } = running;
  if (strand === null || !strand.$taskOf?.getLoop().getDebug()) return;
  traces.set(strand, new StackTrace(iterate, "generator"));
}

/** Calls the function of a coroutine, so that its awaits are known as its own. */
export function callAs<R>(coroutine: CoroutineCore, call: () => R): R {
  return current === null ? call() : current.run(coroutine, call);
}

/** Where a wait or a coroutine waits, if that was recorded. */
export function awaitSiteOf(wait: object): StackTrace | undefined {
  const trace = traces.get(wait);
  return trace?.frames.length === 0 ? hookTraces.get(wait) ?? trace : trace;
}

/** The coroutine whose function does an await, if that was recorded. */
export function callerOf(wait: object): CoroutineCore | undefined {
  return callers.get(wait);
}

/** The coroutine whose async function is running, if that is known. */
export function runningCaller(task: TaskCore): object | null {
  if (running.strand !== null) return running.strand;
  const caller = current?.getStore();
  return caller !== undefined && caller.$taskOf === task ? caller : null;
}

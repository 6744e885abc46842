// Copyright 2026 the asyncio authors. MIT license.

import { stepStorage } from "../_host/context.ts";
import {
  type ContextVariable,
  contextVariable,
} from "../_host/context_variable.ts";
import type { StepStorage } from "../_host/step_storage.ts";
import type { LoopCore, Scope, Strand, TaskCore } from "./protocols.ts";

/**
 * What is currently running on the stack: for which loop, and as which strand
 * of which task.
 *
 * There are two sources. While a loop runs something synchronously (a callback,
 * a step of a generator), it is recorded here: a step can afford no more than a
 * field. An async function continues from a microtask, when the stack is empty,
 * so its scope is kept in its asynchronous context, which its promises carry
 * along, through native awaits too. The field takes precedence: a loop may have
 * been woken from inside a task and still carry that task's storage.
 */
export const running: { loop: LoopCore | null; strand: Strand | null } = {
  loop: null,
  strand: null,
};

/**
 * The scope in whose body an async function of this asynchronous context runs:
 * a task, or the body of a timeout or a group in it. For what a callback or a
 * generator has called or registered, it is just the loop: to set a scope for
 * each of their steps would cost more than the step.
 */
export const scopeStore: ContextVariable<Scope | LoopCore> =
  /* @__PURE__ */ contextVariable();

/** The same where the host does not carry it along; else `null`. */
export const stepStore: StepStorage<Scope | LoopCore> | null =
  /* @__PURE__ */ stepStorage(scopeStore);

function isScope(store: Scope | LoopCore): store is Scope {
  return (store as Partial<Scope>).$taskOf !== undefined;
}

/** The running task, or `null`. */
export function activeTask(): TaskCore | null {
  if (running.loop !== null) {
    return running.strand === null ? null : running.strand.$taskOf ?? null;
  }
  return awaitingScope()?.$taskOf ?? null;
}

/**
 * Whether a coroutine of the library is running whose outcome is no longer
 * needed: its task has ended without waiting for it.
 */
export function isAbandoned(): boolean {
  return running.strand !== null && running.strand.$isDisowned;
}

/** The loop that runs the current code, or `null`. */
export function activeLoop(): LoopCore | null {
  if (running.loop !== null) return running.loop;
  const store = scopeStore.getStore();
  if (store === undefined) return null;
  const loop = isScope(store) ? store.$taskOf.getLoop() : store;
  return loop.isRunning() ? loop : null;
}

/**
 * Whether a loop has called the current code, or what called that. It may have
 * been left behind by its task, or by the loop.
 */
export function isInLoop(): boolean {
  return running.loop !== null || scopeStore.getStore() !== undefined;
}

/**
 * Whether what a task does now belongs to the step of this moment: the loop is
 * on the stack, or it lets microtasks pass for a step that the task is part of.
 */
export function isInStep(task: TaskCore): boolean {
  const loop = task.getLoop();
  return running.loop === loop || loop.$engineOf.steps.includes(task);
}

/** The innermost running scope, or `null` outside every task. */
export function activeScope(): Scope | null {
  if (running.loop === null) return awaitingScope();
  return running.strand === null ? null : running.strand.$scopeOf;
}

/** The scope that an `await` in the current code belongs to, or `null`. */
export function awaitingScope(): Scope | null {
  const scope = openScope();
  // What a task started and left behind (a server, a timer) outlives it.
  return scope === null || scope.$taskOf.done() ? null : scope;
}

/**
 * The innermost scope of the current async function whose body is not over, or
 * `null`. Its task may have ended without waiting for it.
 */
export function openScope(): Scope | null {
  // A generator or a callback cannot use `await`: it has called `then` itself.
  if (running.loop !== null) return null;
  const store = scopeStore.getStore();
  if (store === undefined || !isScope(store)) return null;
  let scope: Scope | null = store;
  while (scope !== null && scope.$isLeft) scope = scope.$outerScope;
  return scope;
}

/**
 * Creates a loop. The class of loops, which is on an upper floor, sets this, so
 * that futures and locks can get the current loop.
 */
let newLoop: (() => LoopCore) | null = null;

/** The loop that {@linkcode currentLoop} returns if none is running. */
let current: LoopCore | null = null;

export function provideLoop(make: () => LoopCore): void {
  newLoop = make;
}

/** Returns the running loop, else the one that was set, else a new one. */
export function currentLoop(): LoopCore {
  const loop = activeLoop() ?? current;
  if (loop !== null) return loop;
  if (newLoop === null) {
    throw new Error("no event loop: nothing has imported one");
  }
  return current = newLoop();
}

export function setCurrentLoop(loop: LoopCore | null): void {
  current = loop;
}

/**
 * Returns the running loop, or throws if there is none.
 *
 * What the host calls, such as a handler of a server, has no asynchronous
 * context, so that the loop is unknown there, even if one runs: the error says
 * what to do.
 */
export function requireRunningLoop(): LoopCore {
  const loop = activeLoop();
  if (loop === null) {
    throw new Error(
      "no running event loop: start one with run(), or, in what the host calls (a handler of a server, a listener of a signal), use group.createTask(), loop.createTask() or runCoroutineThreadsafe()",
    );
  }
  return loop;
}

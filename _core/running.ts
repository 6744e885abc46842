import { AsyncLocalStorage } from "../_host/context.ts";
import "../_host/printing.ts"; // for its effect: how values are printed
import {
  isDisowned,
  type LoopCore,
  type Scope,
  scopeOf,
  type Strand,
  type TaskCore,
  taskOf,
} from "./protocols.ts";

/**
 * What runs on the stack right now: on behalf of which loop, and as which strand
 * of which task.
 *
 * Two ways lead to the answer. While a loop runs something synchronously (a
 * callback, a step of a generator), it stands here: a field is all that a step
 * can afford. An async function runs on when the stack is empty, from a
 * microtask, so for it the scope is kept in an `AsyncLocalStorage`, which its
 * promises carry along, through native awaits too. The field goes first: a loop
 * may have been woken from inside a task and still carry that task's storage.
 */
export const running: { loop: LoopCore | null; strand: Strand | null } = {
  loop: null,
  strand: null,
};

/**
 * The scope in whose body an async function of this asynchronous context runs:
 * a task, or the body of a timeout or a group in it.
 */
export const scopeStore: AsyncLocalStorage<Scope> = new AsyncLocalStorage();

/** The task that runs right now, or `null`. */
export function activeTask(): TaskCore | null {
  if (running.loop !== null) {
    return running.strand === null ? null : running.strand[taskOf] ?? null;
  }
  return awaitingScope()?.[taskOf] ?? null;
}

/**
 * Whether what runs is a coroutine of the library whose outcome is of no use any
 * more: its task has ended without waiting for it.
 */
export function isAbandoned(): boolean {
  return running.strand !== null && running.strand[isDisowned];
}

/** The loop that runs the code that runs right now, or `null`. */
export function activeLoop(): LoopCore | null {
  if (running.loop !== null) return running.loop;
  const loop = scopeStore.getStore()?.[taskOf].getLoop();
  return loop !== undefined && loop.isRunning() ? loop : null;
}

/** The innermost scope that runs right now, or `null` outside of every task. */
export function activeScope(): Scope | null {
  if (running.loop === null) return awaitingScope();
  return running.strand === null ? null : running.strand[scopeOf];
}

/** The scope that an `await` of this moment belongs to, or `null`. */
export function awaitingScope(): Scope | null {
  // A generator's step and a callback cannot await: they call `then` by hand.
  if (running.loop !== null) return null;
  const scope = scopeStore.getStore();
  // What a task started and left behind (a server, a timer) outlives it.
  return scope === undefined || scope[taskOf].done() ? null : scope;
}

/**
 * The class of loops stands on an upper floor. It says here how to make one, so
 * that futures and locks can ask for the current loop.
 */
let newLoop: (() => LoopCore) | null = null;

/** The loop that {@linkcode currentLoop} gives when none runs. */
let current: LoopCore | null = null;

export function provideLoop(make: () => LoopCore): void {
  newLoop = make;
}

/** The running loop, else the one that was set, else a new one. */
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

/** The running loop. */
export function requireRunningLoop(): LoopCore {
  const loop = activeLoop();
  if (loop === null) throw new Error("no running event loop");
  return loop;
}

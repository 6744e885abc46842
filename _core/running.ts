import { AsyncLocalStorage } from "node:async_hooks";
import type { Coroutine } from "../coroutine.ts";
import type { EventLoop } from "../loop.ts";
import type { Task } from "../task.ts";

/**
 * What runs on the stack right now, on behalf of which loop and which task.
 *
 * Two ways lead to the answer. While a loop runs something synchronously (a
 * callback, a step of a generator), it stands here: a field is all that a step
 * can afford. An async function runs on when the stack is empty, from a
 * microtask, so for it the task is kept in an `AsyncLocalStorage`, which its
 * promises carry along, through native awaits too. The field goes first: a loop
 * may have been woken from inside a task and still carry that task's storage.
 */
export const scope: { loop: EventLoop | null; task: Task<unknown> | null } = {
  loop: null,
  task: null,
};

/** The task whose async function runs in this asynchronous context. */
export const taskStore: AsyncLocalStorage<Task<unknown>> =
  new AsyncLocalStorage();

/** The task that runs right now, or `null`. */
export function activeTask(): Task<unknown> | null {
  if (scope.loop !== null) return scope.task;
  const task = taskStore.getStore();
  // What a task started and left behind (a server, a timer) outlives it.
  return task === undefined || task.done() ? null : task;
}

/** The loop that runs the code that runs right now, or `null`. */
export function activeLoop(): EventLoop | null {
  if (scope.loop !== null) return scope.loop;
  const loop = taskStore.getStore()?.getLoop();
  return loop !== undefined && loop.isRunning() ? loop : null;
}

/** The task that an `await` of this moment belongs to, or `null`. */
export function awaitingTask(): Task<unknown> | null {
  // A generator's step and a callback cannot await: they call `then` by hand.
  if (scope.loop !== null) return null;
  const task = taskStore.getStore();
  return task === undefined || task.done() ? null : task;
}

/** What the module of the loop, which stands above, does for those below. */
interface LoopModule {
  newLoop(): EventLoop;
  /** Runs a coroutine that is awaited outside of every task. */
  awaitOutside<T>(coroutine: Coroutine<T>): PromiseLike<T>;
}

let loopModule: LoopModule | null = null;

/** The loop that {@linkcode currentLoop} gives when none runs. */
let current: EventLoop | null = null;

export function provideLoopModule(provided: LoopModule): void {
  loopModule = provided;
}

function requireLoopModule(): LoopModule {
  if (loopModule === null) {
    throw new Error("no event loop: nothing has imported one");
  }
  return loopModule;
}

/** The running loop, else the one that was set, else a new one. */
export function currentLoop(): EventLoop {
  return activeLoop() ?? (current ??= requireLoopModule().newLoop());
}

export function setCurrentLoop(loop: EventLoop | null): void {
  current = loop;
}

/** The running loop. */
export function requireRunningLoop(): EventLoop {
  const loop = activeLoop();
  if (loop === null) throw new Error("no running event loop");
  return loop;
}

export function awaitOutside<T>(coroutine: Coroutine<T>): PromiseLike<T> {
  return requireLoopModule().awaitOutside(coroutine);
}

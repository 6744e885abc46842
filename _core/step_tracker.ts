// Copyright 2026 the asyncio authors. MIT license.

/**
 * When the step of an async function is over, so that the loop may run its next
 * entry.
 *
 * Invariant: `open` is the number of tasks that have entered the current step
 * and not left it.
 */

/**
 * How many microtasks a loop lets pass for a step of an async function before
 * it waits for a macrotask to be sure. They cost about as much as a macrotask.
 */
export const MAX_MICROTASK_HOPS = 32;

/**
 * Tracks when a step of an async function is over.
 *
 * CPython's loop calls `send()` on a coroutine and gets the thread back when
 * the coroutine waits, however deep inside other coroutines that happens. This
 * loop does the same with a generator. An async function does not give the
 * thread back: the loop settles the promise that it awaits, and the function
 * continues in a later microtask, and takes as many more as there are native
 * async functions between it and its next wait. If the loop ran its next
 * callback meanwhile, the order of events would not be CPython's.
 *
 * So the step of a task is *open* from when the loop resumes the task until the
 * task waits for one of the loop's awaitables (whose `then` V8 calls in a
 * microtask of its own, in the task's asynchronous context) or is done. While
 * any step is open the loop only lets microtasks pass. A step that is still
 * open after {@linkcode MAX_MICROTASK_HOPS} of them gets one macrotask hop, by
 * which every microtask has run: then the function waits for a native promise,
 * and the step is over too. The task continues when that promise settles,
 * whenever that is, and is part of the loop's order again with the next of the
 * loop's awaitables that it waits for.
 *
 * Several awaits can belong to one step (`Promise.all([sleep(1), sleep(2)])`),
 * and a step can start further tasks eagerly, which belong to it as well.
 *
 * | the task                          | `#task` or `#others` | set by      |
 * | --------------------------------- | -------------------- | ----------- |
 * | runs in the current step          | open                 | `enter()`   |
 * | has run in it, and waits or ended | there, not open      | `leave()`   |
 * | has no part in it                 | not there            | `end()`     |
 */
export class StepTracker {
  /** The number of the current step. */
  epoch = 1;
  /** How many tasks are still running in the current step. */
  open = 0;
  /** The first task of the step, which is nearly always the only one. */
  #task: object | null = null;
  #isOpen = false;
  /** The other tasks, and whether each is still running. */
  #others: Map<object, boolean> | null = null;

  /** The task that the step began with; `null` if there was none. */
  get firstTask(): object | null {
    return this.#task;
  }

  /**
   * Whether a task has run in the step. Then `end()` must follow, even if no
   * task is still running.
   */
  get touched(): boolean {
    return this.#task !== null;
  }

  /** The task resumes, as part of the current step. */
  enter(task: object): void {
    if (this.#task === null) this.#task = task;
    else if (this.#task !== task) {
      this.#enterOther(task);
      return;
    }
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.open++;
  }

  /** The task waits, or is done. */
  leave(task: object): void {
    if (this.#task !== task) {
      if (this.#others !== null) this.#leaveOther(task);
      return;
    }
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.open--;
  }

  #enterOther(task: object): void {
    const others = this.#others ??= new Map();
    if (others.get(task) === true) return;
    others.set(task, true);
    this.open++;
  }

  #leaveOther(task: object): void {
    if (this.#others!.get(task) !== true) return;
    this.#others!.set(task, false);
    this.open--;
  }

  /** Whether what the task does now belongs to the current step. */
  includes(task: object): boolean {
    return this.#task === task ||
      this.#others !== null && this.#others.has(task);
  }

  /** The tasks that are still running in the current step. */
  *openTasks(): Generator<object> {
    if (this.#isOpen) yield this.#task!;
    for (const [task, isOpen] of this.#others ?? []) if (isOpen) yield task;
  }

  /** Ends the step: the loop continues with its next entry. */
  end(): void {
    this.epoch++;
    this.open = 0;
    this.#task = null;
    this.#isOpen = false;
    this.#others = null;
  }
}

import type { Task } from "../task.ts";

/**
 * How many microtasks a loop lets pass for a step of an async function before
 * it takes a macrotask to be sure. Together they cost about as much as that.
 */
export const PATIENCE = 32;

/**
 * Tells when a step of an async function is over.
 *
 * CPython's loop calls `send()` on a coroutine and has the thread back when the
 * coroutine waits, however deep inside other coroutines that happens. So does
 * this loop with a generator. An async function does not give the thread back:
 * the loop settles the promise that it awaits, and the function runs on in some
 * later microtask, through as many more as there are native async functions
 * between it and its next wait. Were the loop to run its next callback
 * meanwhile, the order of events would not be CPython's.
 *
 * So the step of a task is *open* from where the loop resumes the task until
 * the task waits for one of the loop's awaitables (whose `then` V8 calls in a
 * microtask of its own, in the task's asynchronous context) or is done. While
 * any step is open the loop only lets microtasks pass. A step that is still
 * open after {@linkcode PATIENCE} of them gets one macrotask hop, by which
 * every microtask has run: then the function waits for a promise that is not
 * the loop's, and the step is over too. The task will run on when that promise
 * settles, on nobody's schedule, and joins the order of the loop with the next
 * awaitable that it waits for.
 *
 * Several awaits can belong to one step (`Promise.all([sleep(1), sleep(2)])`),
 * and a step can start further tasks eagerly, which belong to it as well: hence
 * an epoch, which is the same for all that happens within one step of the loop,
 * and a count of the tasks that still run in it.
 */
export class Steps {
  /** The step of this moment. */
  epoch = 1;
  /** How many tasks still run in it. */
  open = 0;
  /** Whether any has run in it: then it must end, even if it was over at once. */
  touched = false;

  /** `task` runs on, as part of the step of this moment. */
  enter(task: Task<unknown>): void {
    if (task["_step"] === this.epoch) return;
    task["_step"] = this.epoch;
    this.touched = true;
    this.open++;
  }

  /** `task` waits, or is done. */
  leave(task: Task<unknown>): void {
    if (task["_step"] !== this.epoch) return;
    task["_step"] = -this.epoch;
    this.open--;
  }

  /** Whether what `task` does now belongs to the step of this moment. */
  includes(task: Task<unknown>): boolean {
    return Math.abs(task["_step"]) === this.epoch;
  }

  /** The loop goes on to its next callback. */
  end(): void {
    this.epoch++;
    this.open = 0;
    this.touched = false;
  }
}

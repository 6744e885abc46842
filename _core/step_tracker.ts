/**
 * How many microtasks a loop lets pass for a step of an async function before
 * it takes a macrotask to be sure. Together they cost about as much as that.
 */
export const MAX_MICROTASK_HOPS = 32;

/** The last step of a task, negative when that is over. */
export const lastStep: unique symbol = Symbol("lastStep");

/** What the tracker keeps in a task. */
export interface StepTaker {
  get [lastStep](): number;
  set [lastStep](step: number);
}

/**
 * Tells when a step of an async function is over.
 *
 * CPython's loop calls `send()` on a coroutine and has the thread back when the
 * coroutine waits, however deep inside other coroutines that happens. So does
 * this loop with a generator. An async function does not give the thread back:
 * the loop settles the promise that it awaits, and the function runs on in some
 * later microtask, through as many more as there are native async functions
 * between it and its next wait. If the loop ran its next callback meanwhile,
 * the order of events would not be CPython's.
 *
 * So the step of a task is *open* from where the loop resumes the task until
 * the task waits for one of the loop's awaitables (whose `then` V8 calls in a
 * microtask of its own, in the task's asynchronous context) or is done. While
 * any step is open the loop only lets microtasks pass. A step that is still
 * open after {@linkcode MAX_MICROTASK_HOPS} of them gets one macrotask hop, by
 * which every microtask has run: then the function waits for a promise that is
 * not the loop's, and the step is over too. The task goes on when that promise
 * settles, whenever that is, and joins the order of the loop with the next
 * awaitable that it waits for.
 *
 * Several awaits can belong to one step (`Promise.all([sleep(1), sleep(2)])`),
 * and a step can start further tasks eagerly, which belong to it as well: hence
 * an epoch, which is the same for all that happens within one step of the loop,
 * and a count of the tasks that still run in it.
 *
 * | `task[lastStep]` | the task                          | set by  |
 * | ---------------- | --------------------------------- | ------- |
 * | `epoch`          | runs in the step of this moment   | `enter` |
 * | `-epoch`         | has run in it, and waits or ended | `leave` |
 * | anything else    | has no part in it                 |         |
 */
export class StepTracker {
  /** The step of this moment. */
  epoch = 1;
  /** How many tasks still run in it. */
  open = 0;
  /** Whether any has run in it: then it must end, even if it was over at once. */
  touched = false;

  /** The task goes on, as part of the step of this moment. */
  enter(task: StepTaker): void {
    if (task[lastStep] === this.epoch) return;
    task[lastStep] = this.epoch;
    this.touched = true;
    this.open++;
  }

  /** The task waits, or is done. */
  leave(task: StepTaker): void {
    if (task[lastStep] !== this.epoch) return;
    task[lastStep] = -this.epoch;
    this.open--;
  }

  /** Whether what the task does now belongs to the step of this moment. */
  includes(task: StepTaker): boolean {
    return Math.abs(task[lastStep]) === this.epoch;
  }

  /** The loop goes on to its next callback. */
  end(): void {
    this.epoch++;
    this.open = 0;
    this.touched = false;
  }
}

import type { Coroutine } from "../coroutine.ts";
import { CancelledError } from "../errors.ts";
import type { EventLoop } from "../loop.ts";
import type { Task } from "../task.ts";

/** The outcome of a coroutine that runs in a loop elsewhere. */
export interface ThreadsafeFuture<T> extends PromiseLike<T> {
  /**
   * Cancels the coroutine. A loop of the same thread is not waited for; from
   * another thread comes an answer, which is the outcome.
   *
   * @returns Whether it was cancelled: `false` if it was already done.
   */
  cancel(): boolean;
  /** Whether it was cancelled. */
  cancelled(): boolean;
  /** Whether it is over: with a result, an exception, or cancelled. */
  done(): boolean;
  /**
   * Has a function called when it is over; at once, if it already is.
   *
   * @param callback Gets this future. What it throws is reported.
   */
  addDoneCallback(callback: (future: ThreadsafeFuture<T>) => void): void;
}

/** A coroutine on its way into a loop, and what came of it. */
export class Submission<T> implements ThreadsafeFuture<T> {
  #coro: Coroutine<T>;
  #loop: EventLoop;
  /** As soon as the loop has taken the coroutine up. */
  #task: Task<T> | null = null;
  /** Why it could not. */
  #refusal: { error: unknown } | null = null;
  #cancelled = false;
  /** Made when somebody waits: until then, a failure is the task's own. */
  #outcome: PromiseWithResolvers<T> | null = null;
  #callbacks: ((future: ThreadsafeFuture<T>) => void)[] = [];

  constructor(coro: Coroutine<T>, loop: EventLoop) {
    this.#coro = coro;
    this.#loop = loop;
    const submission = () => this.#start();
    loop.callSoonThreadsafe(submission);
  }

  #start(): void {
    if (this.#cancelled) {
      this.#coro.close();
      return;
    }
    try {
      this.#task = this.#loop.createTask(this.#coro);
    } catch (error) {
      this.#refusal = { error };
      this.#settle();
      throw error; // the exception handler is told, who else may be nobody
    }
    this.#task["_addWaiter"]({ _wakeup: () => this.#settle() });
    if (this.#task.done()) this.#settle(); // by an eager task factory
  }

  #settle(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) this.#call(callback);
    const outcome = this.#outcome;
    if (outcome === null) return;
    try {
      if (this.#cancelled) throw new CancelledError();
      if (this.#refusal !== null) throw this.#refusal.error;
      outcome.resolve(this.#task!.result());
    } catch (error) {
      outcome.reject(error);
    }
  }

  cancel(): boolean {
    if (this.done()) return false;
    this.#cancelled = true;
    this.#settle();
    if (this.#task !== null) {
      this.#loop.callSoonThreadsafe(() => this.#task!.cancel());
    }
    return true;
  }

  cancelled(): boolean {
    return this.#cancelled || (this.#task?.cancelled() ?? false);
  }

  done(): boolean {
    return this.#cancelled || this.#refusal !== null ||
      (this.#task?.done() ?? false);
  }

  addDoneCallback(callback: (future: ThreadsafeFuture<T>) => void): void {
    if (this.done()) this.#call(callback);
    else this.#callbacks.push(callback);
  }

  #call(callback: (future: ThreadsafeFuture<T>) => void): void {
    try {
      callback(this);
    } catch (exception) {
      const message = "Exception in a callback of runCoroutineThreadsafe()";
      this.#loop.callExceptionHandler({ message, exception });
    }
  }

  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    if (this.#outcome === null) {
      this.#outcome = Promise.withResolvers();
      if (this.done()) this.#settle();
    }
    return this.#outcome.promise.then(onfulfilled, onrejected);
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import { noteThrownOut } from "../_core/cancellation.ts";
import { type Deferred, deferred } from "../_util/deferred.ts";

/**
 * The outcome of a coroutine that was submitted to a loop from outside.
 *
 * @category Threads
 */
export interface ThreadsafeFuture<T> extends PromiseLike<T> {
  /**
   * Cancels the coroutine. In a loop of the same thread the outcome is the
   * cancellation, at once. In another thread the outcome is what the coroutine
   * answers.
   *
   * @returns Whether it was cancelled: `false` if it was already done.
   */
  cancel(): boolean;
  /** Whether it was cancelled. */
  cancelled(): boolean;
  /** Whether it is done: with a result, with an exception, or cancelled. */
  done(): boolean;
  /**
   * Adds a function to be called when it is done; at once, if it already is.
   *
   * @param callback Gets this future. What it throws is reported.
   */
  addDoneCallback(callback: (future: ThreadsafeFuture<T>) => void): void;
  /**
   * Handles the exception, as the method of promises does.
   *
   * @typeParam R What the handler returns.
   * @param onrejected Gets the exception.
   * @returns A promise of the result, or of what the handler returns.
   */
  catch<R = never>(
    onrejected?: ((reason: unknown) => R | PromiseLike<R>) | null,
  ): Promise<T | R>;
  /**
   * Calls a function when it is done, as the method of promises does.
   *
   * @param onfinally The function.
   * @returns A promise of the outcome.
   */
  finally(onfinally?: (() => void) | null): Promise<T>;
}

/** How a submitted coroutine has ended. */
interface End<T> {
  cancelled: boolean;
  result: () => T;
}

/**
 * What every {@linkcode ThreadsafeFuture} does: it ends once, calls its
 * callbacks and settles the promise that stands for it.
 */
export abstract class BaseThreadsafeFuture<T> implements ThreadsafeFuture<T> {
  #end: End<T> | null = null;
  #callbacks: (() => void)[] = [];
  /**
   * Made when it is first awaited. Before that, a failure would be an unhandled
   * rejection of the promise.
   */
  #promised: Deferred<T> | null = null;

  abstract cancel(): boolean;

  /** Reports what a done callback has thrown. */
  protected abstract reportCallbackError(error: unknown): void;

  /**
   * Ends it. The second time, nothing happens.
   *
   * @param result Returns the result, or throws the exception. It is only
   * called if the outcome is awaited: until then a failure counts as not
   * retrieved.
   * @param cancelled Whether that exception is a cancellation.
   */
  protected settle(result: () => T, cancelled: boolean): void {
    if (this.#end !== null) return;
    this.#end = { cancelled, result };
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) callback();
    this.#settlePromise();
  }

  #settlePromise(): void {
    if (this.#end === null || this.#promised === null) return;
    try {
      this.#promised.resolve(this.#end.result());
    } catch (error) {
      noteThrownOut(error);
      this.#promised.reject(error);
    }
  }

  cancelled(): boolean {
    return this.#end !== null && this.#end.cancelled;
  }

  done(): boolean {
    return this.#end !== null;
  }

  addDoneCallback(callback: (future: ThreadsafeFuture<T>) => void): void {
    const call = () => {
      try {
        callback(this);
      } catch (error) {
        this.reportCallbackError(error);
      }
    };
    if (this.done()) call();
    else this.#callbacks.push(call);
  }

  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    if (this.#promised === null) {
      this.#promised = deferred();
      this.#settlePromise();
    }
    return this.#promised.promise.then(onfulfilled, onrejected);
  }

  catch<R = never>(
    onrejected?: ((reason: unknown) => R | PromiseLike<R>) | null,
  ): Promise<T | R> {
    return this.then(null, onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onfinally);
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import { arrive } from "../_core/outside.ts";
import { OwnOptions, requireOptions } from "../_util/options.ts";
import { CancelledError } from "../errors.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import { readAnswer } from "./messages.ts";

const CANCEL_WORK_OPTIONS: readonly string[] = ["terminate"];

/**
 * Options for {@linkcode WorkFuture.cancel}.
 *
 * @category Threads
 */
export interface CancelWorkOptions {
  /**
   * Whether to end the worker if the call is running.
   *
   * @default {what the executor was made with}
   */
  terminate?: boolean;
}

/**
 * The type of the result, given the type of a function or the result itself.
 *
 * @category Threads
 */
export type WorkResult<F> = F extends (...args: never[]) => infer R ? Awaited<R>
  : F;

/**
 * The types of the arguments, given the type of a function.
 *
 * @category Threads
 */
export type WorkArguments<F> = F extends (...args: infer A) => unknown ? A
  : unknown[];

/**
 * The future of a call in another thread.
 *
 * Cancelling it ends the wait at once. A call that waits for a worker is
 * removed. One that is running is ended with its worker, or runs to its end
 * unobserved.
 *
 * @typeParam T The type of the result.
 *
 * @category Threads
 */
export class WorkFuture<T> extends Future<T> {
  /** @ignore */
  static override readonly $printedClass: string = "WorkFuture";

  #stopWork: (terminate?: boolean) => void;

  /** @ignore */
  constructor(loop: EventLoop, stopWork: (terminate?: boolean) => void) {
    super(new OwnOptions(loop));
    this.#stopWork = stopWork;
    loop.$holdingsOf.beginExternal(this);
  }

  /**
   * Cancels the call.
   *
   * @param message The message of the `CancelledError`.
   * @param options Whether to end the worker.
   * @returns Whether it was cancelled: `false` if it was already done.
   * @throws {TypeError} If there is no such option.
   */
  override cancel(message?: string, options?: CancelWorkOptions): boolean {
    requireOptions("WorkFuture.cancel()", options, CANCEL_WORK_OPTIONS);
    if (!super.cancel(message)) return false;
    this.#stopWork(options?.terminate);
    return true;
  }

  /**
   * Ends the future with the answer of the worker.
   *
   * @ignore
   */
  $settle(answer: unknown): void {
    arrive(this.getLoop(), () => this.#settle(answer));
  }

  #settle(answer: unknown): void {
    if (this.done()) return; // it was cancelled meanwhile
    let result: unknown;
    try {
      result = readAnswer(answer);
    } catch (error) {
      // The work has ended by itself: there is none to stop.
      if (error instanceof CancelledError) super.cancel(error.message);
      else this.setException(error);
      return;
    }
    this.setResult(result as T);
  }
}

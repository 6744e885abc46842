import { resultOf } from "./messages.ts";
import { CancelledError } from "../errors.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";

/** Options for {@linkcode WorkFuture.cancel}. */
export interface CancelWorkOptions {
  /**
   * Whether to end the worker, if the call runs.
   *
   * @default {what the executor was made with}
   */
  terminate?: boolean;
}

/** The type of the result, given the type of a function or the result itself. */
export type WorkResult<F> = F extends (...args: never[]) => infer R ? Awaited<R>
  : F;

/** The types of the arguments, given the type of a function. */
export type WorkArguments<F> = F extends (...args: infer A) => unknown ? A
  : unknown[];

/**
 * The future of a call in another thread.
 *
 * Cancelling it ends the wait at once. A call that waits for a worker is
 * removed; one that runs is ended with its worker, or left to itself.
 *
 * @typeParam T The type of the result.
 */
export class WorkFuture<T> extends Future<T> {
  private _stopWork: (terminate?: boolean) => void;

  /** @ignore */
  constructor(loop: EventLoop, stopWork: (terminate?: boolean) => void) {
    super({ loop });
    this._stopWork = stopWork;
    // The loop must know that something comes of this yet.
    loop["_externals"]++;
    this["_addWaiter"]({ _wakeup: () => loop["_externals"]-- });
  }

  /**
   * Cancels the call.
   *
   * @param message The message of the `CancelledError`.
   * @param options Whether to end the worker.
   * @returns Whether it was cancelled: `false` if it was already done.
   */
  override cancel(message?: string, options?: CancelWorkOptions): boolean {
    if (!super.cancel(message)) return false;
    this._stopWork(options?.terminate);
    return true;
  }

  /** The answer is there. */
  private _settle(outcome: unknown): void {
    try {
      this["_end"]("finished", resultOf(outcome));
    } catch (error) {
      if (error instanceof CancelledError) super.cancel(error.message);
      else this["_fail"](error);
    }
  }
}

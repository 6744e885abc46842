// Copyright 2026 the asyncio authors. MIT license.

import { cancelNode } from "../_core/cancel.ts";
import type { CancelTarget } from "../_core/protocols.ts";
import { messageText } from "../_util/checks.ts";
import { OwnOptions } from "../_util/options.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";

/**
 * What `group.start()` waits for: that a task, its child, says that it has
 * started.
 *
 * - Pending: the child is starting. If it ends, this ends in the same way.
 * - Done with a result: the child has said so. What becomes of it from then on is
 *   up to its group.
 * - Cancelled while pending: the request goes on to the child. It cannot start any
 *   more; when it has ended, so has this.
 */
export class StartingFuture extends Future<unknown> {
  /** @ignore */
  static override readonly $printedClass: string = "_StartingFuture";

  #child: Future<unknown> | null = null;
  #wasCalled = false;
  #isCancelled = false;
  #message: string | undefined;

  constructor(loop: EventLoop) {
    super(new OwnOptions(loop));
  }

  /** What the child calls. */
  readonly started = (value: unknown): void => {
    if (this.#wasCalled) throw new Error("started() was called twice");
    this.#wasCalled = true;
    if (!this.done() && !this.#isCancelled) this.setResult(value);
  };

  /** The child exists. An eager one may have started already. */
  watch(child: Future<unknown>): void {
    this.#child = child;
  }

  /**
   * The child has ended.
   *
   * @returns Whether it had not started, so that its error has gone here.
   */
  childDone(child: Future<unknown>): boolean {
    if (this.done()) return false;
    if (child.$hasFailed()) this.setException(child.exception());
    else if (child.cancelled()) {
      const { message } = child.$takeCancelledError();
      super.cancel(message === "" ? this.#message : message);
    } else if (this.#isCancelled) super.cancel(this.#message);
    else {
      this.setException(
        new Error(`The task has ended without calling started(): ${child}`),
      );
    }
    return true;
  }

  override cancel(message?: string): boolean {
    return this.done()
      ? super.cancel(message)
      : cancelNode(this, messageText(message));
  }

  /** @ignore */
  override $cancelTargets(): CancelTarget[] {
    return [{ future: this.#child, wait: null }];
  }

  /** @ignore */
  override $beginCancel(message: string | undefined): null {
    this.#isCancelled = true;
    this.#message = message;
    return null;
  }
}

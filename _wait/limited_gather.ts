// Copyright 2026 the asyncio authors. MIT license.

import { awaitsFor } from "../_core/awaited_by.ts";
import { cancelNode } from "../_core/cancel.ts";
import type { CancelTarget } from "../_core/protocols.ts";
import { messageText } from "../_util/checks.ts";
import { OwnOptions } from "../_util/options.ts";
import { CancelledError } from "../errors.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import { outcomeOf } from "./gathering_future.ts";
import { type AnyIterable, type Closing, Intake } from "./intake.ts";

/** CPython's name of the callback, which is printed with each child. */
const CALLBACK_NAME = "gather.<locals>._done_callback";

/**
 * The future of the awaitables of an iterable, a limited number of which is
 * under way at once. It differs from a `GatheringFuture` in this:
 *
 * - It holds the futures that are under way, and the results of the others.
 * - When a child decides, or the iterable fails, nothing more is pulled. It is
 *   done when the iterable is closed, unless a native promise keeps that from
 *   being closed soon. What is under way goes on.
 * - Cancelling it also closes the iterable.
 */
export class LimitedGathering extends Future<unknown[]> {
  /** @ignore */
  static override readonly $printedClass: string = "_GatheringFuture";

  #loop: EventLoop;
  #intake: Intake;
  #returnExceptions: boolean;
  #results: unknown[] = [];
  #count = 0;
  /** Those that are under way, and their places among the results. */
  #running = new Map<Future<unknown>, number>();
  /** The other places of those that were given more than once. */
  #repeats = new Map<Future<unknown>, number[]>();
  #callback: (child: Future<unknown>) => void;
  /** What it is going to fail with. */
  #failure: { readonly error: unknown } | null = null;
  #isClosing = false;
  #isCancelled = false;
  #message: string | undefined;

  constructor(
    loop: EventLoop,
    iterable: AnyIterable<unknown>,
    limit: number,
    returnExceptions: boolean,
    repeats: boolean,
  ) {
    super(new OwnOptions(loop));
    this.#loop = loop;
    this.#returnExceptions = returnExceptions;
    this.#callback = {
      [CALLBACK_NAME]: (child: Future<unknown>) => this.#childDone(child),
    }[CALLBACK_NAME];
    awaitsFor(this.#callback, this);
    this.#intake = new Intake(loop, iterable, limit, {
      started: (future) => this.#started(future),
      ended: () => this.#finishIfOver(),
      failed: (error) => this.#fail(error),
    }, repeats);
    if (this.#intake.isAsync) loop.$holdingsOf.beginExternal(this);
    this.#intake.fill();
  }

  #started(future: Future<unknown>): boolean {
    const index = this.#count++;
    if (this.#running.has(future)) {
      const others = this.#repeats.get(future);
      if (others === undefined) this.#repeats.set(future, [index]);
      else others.push(index);
      return true;
    }
    this.#running.set(future, index);
    future.addDoneCallback(this.#callback);
    // An eager task may have cancelled this before it was added to it.
    if (this.#isCancelled) future.cancel(this.#message);
    return true;
  }

  #childDone(future: Future<unknown>): void {
    const index = this.#running.get(future)!;
    this.#running.delete(future);
    if (this.done() || this.#failure !== null) {
      // Nothing else will retrieve the exception.
      if (!future.cancelled()) future.exception();
      this.#finishIfOver();
    } else if (!this.#returnExceptions && future.cancelled()) {
      this.#fail(future.$takeCancelledError());
    } else if (!this.#returnExceptions && future.$hasFailed()) {
      this.#fail(future.exception());
    } else {
      const outcome = this.#results[index] = outcomeOf(future);
      const others = this.#repeats.get(future);
      if (others !== undefined) {
        this.#repeats.delete(future);
        for (const other of others) this.#results[other] = outcome;
      }
      this.#intake.release(1 + (others?.length ?? 0));
      this.#finishIfOver();
    }
  }

  #fail(error: unknown): void {
    if (this.done() || this.#failure !== null) return;
    this.#failure = { error };
    this.#close();
    this.#finishIfOver();
  }

  #closeNow = (): void => {
    this.#isClosing = false;
    this.#close();
    this.#finishIfOver();
  };

  #close(): void {
    const closing = this.#intake.close();
    if (closing === null) return;
    this.#isClosing = closing.isReady;
    this.#whenClosed(closing);
  }

  async #whenClosed({ closed }: Closing): Promise<void> {
    try {
      await closed;
    } catch (error) {
      this.#intake.reportClosing(error);
    }
    this.#isClosing = false;
    this.#finishIfOver();
  }

  #finishIfOver(): void {
    if (this.done() || this.#isClosing) return;
    if (this.#failure !== null) this.setException(this.#failure.error);
    else if (this.#running.size > 0 || this.#intake.hasMore) return;
    else if (this.#isCancelled) {
      this.setException(new CancelledError(this.#message));
    } else this.setResult(this.#results);
  }

  override cancel(message?: string): boolean {
    return this.done()
      ? super.cancel(message)
      : cancelNode(this, messageText(message));
  }

  /** @ignore */
  override $cancelTargets(): CancelTarget[] {
    return Array.from(
      this.#running.keys(),
      (future) => ({ future, wait: null }),
    );
  }

  /** @ignore */
  override $beginCancel(message: string | undefined): null {
    if (this.#intake.hasMore) {
      this.#isCancelled = true;
      this.#message = message;
      this.#intake.stop();
      this.#isClosing = true;
      // To close it runs the code of the iterable, which `cancel()` must not do.
      if (!this.#loop.isClosed()) this.#loop.callSoon(this.#closeNow);
    } else this.#isClosing = false; // asked again, it does not wait for that
    return null;
  }

  /** @ignore */
  override $endCancel(_request: null, reached: boolean): boolean {
    if (reached) this.#isCancelled = true;
    this.#finishIfOver();
    return this.#isCancelled && this.#failure === null;
  }
}

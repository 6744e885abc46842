// Copyright 2026 the asyncio authors. MIT license.

import { cancelNode } from "../_core/cancel.ts";
import type {
  CancelTarget,
  DoneListener,
  EngineCore,
  FutureCore,
  Runnable,
} from "../_core/protocols.ts";
import { messageText } from "../_util/checks.ts";
import { Deque } from "../_util/deque.ts";
import { printAs } from "../_util/repr.ts";
import { OwnOptions } from "../_util/options.ts";
import { keepSpecimens } from "../_util/specimens.ts";
import { CancelledError } from "../errors.ts";
import { Future } from "../future.ts";
import { EventLoop } from "../loop.ts";
import { Task } from "../task.ts";

/** CPython's text of the callback, which is printed with each child. */
const CALLBACK_TEXT = "gather.<locals>._done_callback()";

/**
 * What all children of a gathering notify when they are done. Each of them is
 * counted in a turn of its own, as by a callback, but needs no handle for that.
 */
class ChildListener implements DoneListener, Runnable {
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "ChildListener",
  );

  readonly $awaiterOf: GatheringFuture;
  #engine: EngineCore;
  #count: (child: Future<unknown>) => void;
  /** The children that are done and not counted, in order. */
  #done = new Deque<Future<unknown>>();

  constructor(
    gathering: GatheringFuture,
    count: (child: Future<unknown>) => void,
  ) {
    this.$awaiterOf = gathering;
    this.#engine = gathering.$engineOf;
    this.#count = count;
  }

  $wakeup(child: FutureCore): void {
    this.#done.push(child as Future<unknown>);
    this.#engine.enqueue(this);
  }

  $run(): void {
    this.#count(this.#done.shift());
  }

  $callbackText(): string {
    return CALLBACK_TEXT;
  }

  /** As an entry of the loop it prints as the handle that it saves. */
  toString(): string {
    return `<Handle ${CALLBACK_TEXT}>`;
  }
}

const NONE: ReadonlySet<Future<unknown>> = /* @__PURE__ */ new Set();

/** A gathering of a future. */
function gatheringSpecimens(): unknown {
  const loop = new EventLoop({ debug: false });
  const specimen = new GatheringFuture(loop, [loop.createFuture()], false);
  loop.close();
  return specimen;
}

/**
 * The future of several others, its children.
 *
 * - Pending: some children have not been counted yet.
 * - Done early, unless exceptions are returned: the first child that failed or
 *   was cancelled decides. The exceptions of later ones are dropped.
 * - Done when the last child has been counted: with the list of outcomes, or
 *   with a {@linkcode CancelledError} if it was cancelled meanwhile.
 *
 * A child is counted when its callback runs, one turn after it is done.
 */
export class GatheringFuture extends Future<unknown[]> {
  /** @ignore */
  static override readonly $printedClass: string = "_GatheringFuture";

  /** One for each awaitable, in order. The same one may be repeated. */
  #children: Future<unknown>[];
  /** Set when a cancellation has been passed on to at least one child. */
  #cancelRequested = false;
  #returnExceptions: boolean;
  /** How many children have not been counted yet. */
  #left = 0;

  /**
   * @param early Those that were done when they were made. The others are counted
   * in a turn of their own, even if an eager task that was made later ends them.
   */
  constructor(
    loop: EventLoop,
    children: Future<unknown>[],
    returnExceptions: boolean,
    early: ReadonlySet<Future<unknown>> = NONE,
  ) {
    super(new OwnOptions(loop));
    keepSpecimens(gatheringSpecimens);
    this.#children = children;
    this.#returnExceptions = returnExceptions;
    this.#listen(early);
  }

  override cancel(message?: string): boolean {
    return this.done()
      ? super.cancel(message)
      : cancelNode(this, messageText(message));
  }

  /** @ignore */
  override $cancelTargets(): CancelTarget[] {
    return this.#children.map((future) => ({ future, wait: null }));
  }

  /** @ignore */
  override $endCancel(_request: null, reached: boolean): boolean {
    if (reached) this.#cancelRequested = true;
    return reached;
  }

  #listen(early: ReadonlySet<Future<unknown>>): void {
    const listener = new ChildListener(
      this,
      (child) => this.#childDone(child),
    );
    for (const child of this.#children) {
      if (child.done() && early.has(child)) continue;
      if (child.$lastListener === listener) continue; // it is repeated
      child.$addListener(listener);
      this.#left++;
    }
    // Only now, as all of them may be: eager tasks often are.
    this.#left += early.size;
    for (const child of early) this.#childDone(child);
  }

  #childDone(child: Future<unknown>): void {
    this.#left--;
    if (this.done()) {
      // Nothing else will retrieve the exception.
      if (!child.cancelled()) child.exception();
      return;
    }
    if (!this.#returnExceptions && this.#failLike(child)) return;
    if (this.#left === 0) this.#finish();
  }

  /** Ends as the child did, if that has failed or was cancelled. */
  #failLike(child: Future<unknown>): boolean {
    if (child.cancelled()) this.setException(child.$takeCancelledError());
    else if (child.$hasFailed()) this.setException(child.exception());
    else return false;
    return true;
  }

  /** All children are done, and none has decided. */
  #finish(): void {
    const outcomes = this.#children.map(outcomeOf); // retrieves all exceptions
    if (this.#cancelRequested) {
      // CPython takes the message of the last child, even if that child was not
      // cancelled.
      this.setException(cancellationBy(this.#children.at(-1)!));
    } else {
      this.setResult(outcomes);
    }
  }
}

/** The error of a gathering that was cancelled, with CPython's message. */
function cancellationBy(last: Future<unknown>): CancelledError {
  if (last.cancelled()) return last.$takeCancelledError();
  const requests = last instanceof Task ? last.$cancelRequests() : null;
  return new CancelledError(requests?.cancelMessage);
}

/** The result, exception or cancellation of a future that is done. */
export function outcomeOf(future: Future<unknown>): unknown {
  if (future.cancelled()) return cancellationOf(future);
  return future.$hasFailed() ? future.exception() : future.result();
}

/**
 * The error that stands for a cancelled future among the results. It has the
 * message of the future. The error that a task threw serves if neither has a
 * message: creating an error is the larger part of the cost of a cancellation.
 */
function cancellationOf(future: Future<unknown>): CancelledError {
  const value = future.$rawValue;
  if (!(value instanceof CancelledError)) {
    return new CancelledError(value as string | undefined);
  }
  const serves = value.constructor === CancelledError && value.message === "";
  return serves ? value : new CancelledError();
}

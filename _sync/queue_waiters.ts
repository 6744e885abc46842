// Copyright 2026 the asyncio authors. MIT license.

import { Coroutine } from "../coroutine.ts";
import { type QueueState, shutDownError } from "./queue_state.ts";
import { type StepResult, Waiter } from "./wait_queue.ts";

/** What the waiters use of a queue, whose public methods may be overridden. */
interface WaitableQueue {
  empty(): boolean;
  full(): boolean;
  getNowait(): unknown;
  putNowait(item: unknown): void;
  readonly $state: QueueState<unknown>;
}

/** Waits for an item, and makes its result of it. */
abstract class ItemWaiter<R> extends Waiter<R> {
  #queue: WaitableQueue;

  constructor(queue: WaitableQueue) {
    super(queue.$state.getters);
    this.#queue = queue;
  }

  protected override _begin(): StepResult<R> {
    const queue = this.#queue;
    if (!queue.empty()) return this._take(queue.getNowait());
    return queue.$state.isShutDown ? this._end() : this._wait();
  }

  protected override _woken(): StepResult<R> {
    return this._begin();
  }

  override toString(): string {
    return `queue.get() of ${super.toString()}`;
  }

  protected override _abandoned(wasWoken: boolean): void {
    const queue = this.#queue;
    if (wasWoken && !queue.empty()) queue.$state.getters.popNext();
  }

  /** The last step, with the item that was taken. */
  protected abstract _take(item: unknown): StepResult<R>;

  /** The last step, if no more items will come. */
  protected abstract _end(): StepResult<R>;
}

class GetWaiter extends ItemWaiter<unknown> {
  protected override _take(item: unknown): StepResult<unknown> {
    return { done: true, value: item };
  }

  protected override _end(): never {
    throw shutDownError("get an item");
  }
}

class NextWaiter extends ItemWaiter<IteratorResult<unknown, undefined>> {
  protected override _take(
    value: unknown,
  ): StepResult<IteratorYieldResult<unknown>> {
    return { done: true, value: { done: false, value } };
  }

  protected override _end(): StepResult<IteratorReturnResult<undefined>> {
    return { done: true, value: { done: true, value: undefined } };
  }
}

class PutWaiter extends Waiter<void> {
  #queue: WaitableQueue;
  #item: unknown;

  constructor(queue: WaitableQueue, item: unknown) {
    super(queue.$state.putters);
    this.#queue = queue;
    this.#item = item;
  }

  protected override _begin(): StepResult<void> {
    const queue = this.#queue;
    if (queue.full() && !queue.$state.isShutDown) return this._wait();
    queue.putNowait(this.#item);
    return { done: true, value: undefined };
  }

  protected override _woken(): StepResult<void> {
    return this._begin();
  }

  override toString(): string {
    return `queue.put() of ${super.toString()}`;
  }

  protected override _abandoned(wasWoken: boolean): void {
    const queue = this.#queue;
    if (wasWoken && !queue.full()) queue.$state.putters.popNext();
  }
}

class JoinWaiter extends Waiter<void> {
  #state: QueueState<unknown>;

  constructor(queue: WaitableQueue) {
    super(queue.$state.joiners);
    this.#state = queue.$state;
  }

  protected override _begin(): StepResult<void> {
    return this.#state.unfinished === 0 ? this._woken() : this._wait();
  }

  override toString(): string {
    return `queue.join() of ${super.toString()}`;
  }

  // No second look: all items were done once, even if others have come since.
  protected override _woken(): StepResult<void> {
    return { done: true, value: undefined };
  }

  protected override _abandoned(): void {}
}

/** The coroutine of {@linkcode Queue.get}. */
export const getItem = /* @__PURE__ */ Coroutine.$ownFunction<
  [queue: WaitableQueue],
  unknown
>(function get(queue) {
  return new GetWaiter(queue);
});

/** The coroutine of `next()` of a queue's iterator. */
export const nextItem = /* @__PURE__ */ Coroutine.$ownFunction<
  [queue: WaitableQueue],
  IteratorResult<unknown, undefined>
>(function next(queue) {
  return new NextWaiter(queue);
});

/** The coroutine of {@linkcode Queue.put}. */
export const putItem = /* @__PURE__ */ Coroutine.$ownFunction<
  [queue: WaitableQueue, item: unknown],
  void
>(function put(queue, item) {
  return new PutWaiter(queue, item);
});

/** The coroutine of {@linkcode Queue.join}. */
export const joinQueue = /* @__PURE__ */ Coroutine.$ownFunction<
  [queue: WaitableQueue],
  void
>(function join(queue) {
  return new JoinWaiter(queue);
});

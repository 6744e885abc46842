// Copyright 2026 the asyncio authors. MIT license.

import { requireCount } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { classText, printAs, valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { QueueFull } from "../errors.ts";
import { Queue } from "./queue.ts";
import { shutDownError } from "./queue_state.ts";
import {
  LoopBinding,
  type StepResult,
  Waiter,
  WaitQueue,
} from "./wait_queue.ts";

/**
 * What happens to an item for which a subscriber has no room:
 *
 * - `"wait"`: {@linkcode Broadcast.publish} waits until there is room.
 * - `"drop-oldest"`: the oldest item that the subscriber holds is dropped.
 * - `"drop-newest"`: the item itself is dropped.
 *
 * @category Queues
 */
export type OverflowPolicy = "wait" | "drop-oldest" | "drop-newest";

const POLICIES: readonly OverflowPolicy[] = [
  "wait",
  "drop-oldest",
  "drop-newest",
];

const OPTIONS: readonly string[] = ["maxsize", "policy"];

/**
 * Options for {@linkcode Broadcast.subscribe}.
 *
 * @category Queues
 */
export interface SubscribeOptions {
  /**
   * How many items the subscriber has room for. Zero: no limit.
   *
   * @default {0}
   */
  maxsize?: number;
  /**
   * What happens to an item for which there is no room.
   *
   * @default {"wait"}
   */
  policy?: OverflowPolicy;
}

/**
 * The queue of one subscriber of a {@linkcode Broadcast}, which puts items into
 * it. To end the subscription, shut it down, or leave the block of a `using`.
 *
 * @typeParam T The type of the items.
 *
 * @example Only the latest
 * ```ts
 * import { Broadcast } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const prices = new Broadcast<number>();
 * using latest = prices.subscribe({ maxsize: 1, policy: "drop-oldest" });
 * for (const price of [10, 11, 12]) prices.publishNowait(price);
 * assertEquals(latest.getNowait(), 12);
 * assertEquals(latest.dropped, 2);
 * ```
 *
 * @category Queues
 */
export class Subscription<T> extends Queue<T> implements Disposable {
  /** @ignore */
  static override readonly $printedClass: string = "Subscription";

  #broadcast: Broadcast<T>;
  #policy: OverflowPolicy;
  #dropped = 0;

  /** @ignore */
  constructor(
    broadcast: Broadcast<T>,
    maxsize: number,
    policy: OverflowPolicy,
  ) {
    super(maxsize);
    this.#broadcast = broadcast;
    this.#policy = policy;
  }

  /** What happens to an item for which there is no room. */
  get policy(): OverflowPolicy {
    return this.#policy;
  }

  /** How many items were dropped because there was no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @ignore */
  override putNowait(item: T): void {
    super.putNowait(item);
    this.#noteRoom();
  }

  /** @ignore */
  override getNowait(): T {
    const item = super.getNowait();
    this.#noteRoom();
    return item;
  }

  /**
   * Ends the subscription: no more items come. Tasks that wait for one get a
   * `QueueShutDown`, or their `for await` ends, once there is none left.
   *
   * @param immediate Whether to drop the items that are left. They count as
   * done.
   */
  override shutdown(immediate: boolean = false): void {
    super.shutdown(immediate);
    this.#broadcast.$leave(this);
  }

  /** Ends the subscription and drops the items that are left. */
  [Symbol.dispose](): void {
    this.shutdown(true);
  }

  #noteRoom(): void {
    if (this.#policy !== "wait") return;
    this.#broadcast.$noteRoom(this, !this.full());
  }

  /**
   * Puts an item in, or drops one. With the policy to wait, there is room.
   *
   * @ignore
   */
  $deliver(item: T): void {
    if (this.full()) {
      this.#dropped++;
      if (this.#policy === "drop-newest") return;
      const own = this.$state;
      own.items.shift();
      own.unfinished = Math.max(own.unfinished - 1, 0);
    }
    this.putNowait(item);
  }
}

/**
 * A source of items that every subscriber gets, each in a queue of its own.
 *
 * - **Order.** Every subscriber gets the items in the same order: that in which
 *   they were published. It gets those that are published after it has
 *   subscribed. Without subscribers, an item goes nowhere.
 * - **Back-pressure.** A subscriber may have a maximum size, and a policy for
 *   what comes when it is full. While a subscriber that is to be waited for is
 *   full, `publish` waits, first come, first served. Otherwise it takes no turn
 *   of the loop.
 * - **Cancellation.** An item goes to all subscribers at once: a `publish` that
 *   is cancelled has delivered it to none of them.
 * - **End.** After {@linkcode Broadcast.shutdown} nothing can be published. Each
 *   subscriber still gets what it holds; then its `for await` ends. A subscriber
 *   leaves when its queue is shut down. One that just stops taking items stays,
 *   and in the end is waited for: prefer `using`.
 *
 * @typeParam T The type of the items.
 *
 * @example Two subscribers
 * ```ts
 * import { Broadcast, gather, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const news = new Broadcast<string>();
 *
 * async function follow(name: string) {
 *   using items = news.subscribe({ maxsize: 10 });
 *   for await (const item of items) log.push(`${name} got ${item}`);
 * }
 *
 * async function report() {
 *   await news.publish("rain");
 *   await news.publish("sun");
 *   news.shutdown();
 * }
 *
 * await run(async () => {
 *   await gather(() => follow("Ada"), () => follow("Bob"), report);
 * });
 * assertEquals(log, ["Ada got rain", "Ada got sun", "Bob got rain", "Bob got sun"]);
 * ```
 *
 * @category Queues
 */
export class Broadcast<T> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Broadcast",
  );

  #subscriptions = new Set<Subscription<T>>();
  /** Those that are full and to be waited for. */
  #full = new Set<Subscription<T>>();
  #isShutDown = false;
  private _publishers: WaitQueue = new WaitQueue(
    new LoopBinding(this),
    broadcastSpecimens,
  );

  /** How many subscribers there are. */
  get size(): number {
    return this.#subscriptions.size;
  }

  /**
   * Adds a subscriber. It gets all items that are published from now on.
   *
   * @param options How much room it has, and what happens when that is full.
   * @returns The queue of its items.
   * @throws {TypeError} If `maxsize` is not a number, or is `NaN`.
   * @throws {RangeError} If `maxsize` is negative, or not a whole number.
   * @throws {TypeError} If `policy` is none of the three.
   * @throws {RangeError} If items are to be dropped, but `maxsize` is no limit.
   * @throws {TypeError} If there is no such option.
   * @throws {QueueShutDown} If the broadcast was shut down.
   *
   * @example Usage
   * ```ts
   * import { Broadcast, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const ticks = new Broadcast<number>();
   *   using ticker = ticks.subscribe();
   *   await ticks.publish(1);
   *   assertEquals(await ticker.get(), 1);
   * });
   * ```
   */
  subscribe(options?: SubscribeOptions): Subscription<T> {
    requireOptions("subscribe()", options, OPTIONS);
    const { maxsize = 0, policy = "wait" } = options ?? {};
    requireCount("the maxsize of a subscriber", 0, maxsize);
    if (!POLICIES.includes(policy)) {
      throw new TypeError(
        `Cannot use as policy what is none of ${
          POLICIES.join(", ")
        }: current value is ${valueText(policy)}`,
      );
    }
    if (policy !== "wait" && maxsize === 0) {
      throw new RangeError(
        `the maxsize of a subscriber must be >= 1 with the policy ${policy}: current value is 0`,
      );
    }
    if (this.#isShutDown) throw shutDownError("subscribe", "broadcast");
    const subscription = new Subscription<T>(this, maxsize, policy);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /**
   * Gives an item to all subscribers; waits while one that is to be waited for
   * has no room.
   *
   * @param item The item.
   * @returns A coroutine that ends when all subscribers have the item.
   * @throws {QueueShutDown} If the broadcast was shut down, or is during the
   * wait.
   * @throws {Error} If it has to wait and the broadcast is bound to another loop.
   *
   * @example Not faster than the slowest
   * ```ts
   * import { Broadcast, createTask, run, sleep } from "@asyncio/asyncio";
   * import { assertEquals, assertFalse } from "@std/assert";
   *
   * await run(async () => {
   *   const news = new Broadcast<string>();
   *   using reader = news.subscribe({ maxsize: 1 });
   *   await news.publish("rain");
   *   const publishing = createTask(news.publish("sun"));
   *   await sleep(0);
   *   assertFalse(publishing.done());
   *   assertEquals(await reader.get(), "rain");
   *   await publishing;
   * });
   * ```
   */
  publish(item: T): Coroutine<void> {
    return publishItem(this as Broadcast<unknown>, item);
  }

  /**
   * Gives an item to all subscribers without waiting: to all of them or to none.
   *
   * @param item The item.
   * @throws {QueueFull} If {@linkcode Broadcast.publish} would have to wait.
   * @throws {QueueShutDown} If the broadcast was shut down.
   *
   * @example Usage
   * ```ts
   * import { Broadcast, QueueFull } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const news = new Broadcast<string>();
   * using _ = news.subscribe({ maxsize: 1 });
   * news.publishNowait("rain");
   * assertThrows(() => news.publishNowait("sun"), QueueFull);
   * ```
   */
  publishNowait(item: T): void {
    if (!this._mayPublish()) {
      throw new QueueFull(
        `Cannot publish an item as a subscriber is full: ${this}`,
      );
    }
    this._deliver(item);
  }

  /**
   * Shuts the broadcast down: nothing more can be published, and tasks that wait
   * in {@linkcode Broadcast.publish} get a {@linkcode QueueShutDown}. The queues
   * of all subscribers are shut down.
   *
   * @param immediate Whether subscribers lose what they still hold.
   *
   * @example Usage
   * ```ts
   * import { Broadcast, QueueShutDown, run } from "@asyncio/asyncio";
   * import { assertEquals, assertThrows } from "@std/assert";
   *
   * await run(async () => {
   *   const news = new Broadcast<string>();
   *   const reader = news.subscribe();
   *   await news.publish("rain");
   *   news.shutdown();
   *   assertThrows(() => news.publishNowait("sun"), QueueShutDown);
   *   assertEquals(await reader.get(), "rain");
   * });
   * ```
   */
  shutdown(immediate: boolean = false): void {
    this.#isShutDown = true;
    for (const subscription of [...this.#subscriptions]) {
      subscription.shutdown(immediate);
    }
    this._publishers.wakeAll();
  }

  /** Whether an item can be published now. Throws if none ever can. */
  private _mayPublish(): boolean {
    return this._hasRoom() && !this._publishers.hasUncancelled();
  }

  /** The same for the first publisher in line. */
  private _hasRoom(): boolean {
    if (this.#isShutDown) throw shutDownError("publish an item", "broadcast");
    return this.#full.size === 0;
  }

  /** Gives an item to all. There is room. */
  private _deliver(item: T): void {
    for (const subscription of this.#subscriptions) subscription.$deliver(item);
  }

  /** Wakes the first publisher in line, if there is room. */
  private _wakePublisher(): void {
    if (this.#full.size === 0) this._publishers.wakeFirst();
  }

  /** @ignore */
  $noteRoom(subscription: Subscription<T>, hasRoom: boolean): void {
    if (!hasRoom) {
      if (this.#subscriptions.has(subscription)) this.#full.add(subscription);
    } else if (this.#full.delete(subscription)) this._wakePublisher();
  }

  /** @ignore */
  $leave(subscription: Subscription<T>): void {
    this.#subscriptions.delete(subscription);
    if (this.#full.delete(subscription)) this._wakePublisher();
  }

  /** @ignore */
  toString(): string {
    let text = `<${classText(this)} subscribers=${this.size}`;
    const { size } = this._publishers;
    if (size > 0) text += ` _publishers[${size}]`;
    return this.#isShutDown ? `${text} shutdown>` : `${text}>`;
  }
}

/** What waits for room. */
function broadcastSpecimens(): unknown {
  return new Broadcast<null>().publish(null);
}

class PublishWaiter extends Waiter<void> {
  #broadcast: Broadcast<unknown>;
  #item: unknown;

  constructor(broadcast: Broadcast<unknown>, item: unknown) {
    super(broadcast["_publishers"]);
    this.#broadcast = broadcast;
    this.#item = item;
  }

  protected override _begin(): StepResult<void> {
    return this.#broadcast["_mayPublish"]() ? this.#deliver() : this._wait();
  }

  protected override _woken(): StepResult<void> {
    return this.#broadcast["_hasRoom"]() ? this.#deliver() : this._wait();
  }

  protected override _abandoned(): void {
    this.#broadcast["_wakePublisher"]();
  }

  #deliver(): StepResult<void> {
    this.#broadcast["_deliver"](this.#item);
    this.#broadcast["_wakePublisher"]();
    return { done: true, value: undefined };
  }
}

const publishItem = /* @__PURE__ */ Coroutine.$ownFunction<
  [broadcast: Broadcast<unknown>, item: unknown],
  void
>(function publish(broadcast, item) {
  return new PublishWaiter(broadcast, item);
});

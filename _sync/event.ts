// Copyright 2026 the asyncio authors. MIT license.

import { classText, printAs } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import {
  LoopBinding,
  SignalWaiter,
  type StepResult,
  waitersText,
  WaitQueue,
} from "./wait_queue.ts";

/**
 * A flag that tasks can wait for.
 *
 * - **Order.** Setting the flag wakes all waiters, in the order in which they
 *   came. They continue even if the flag is cleared before their turn. Waiting
 *   for a flag that is set takes no turn of the loop.
 * - **Cancellation.** A waiter that is cancelled leaves; no other is affected.
 *
 * @example A starting signal
 * ```ts
 * import { createTask, Event, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const go = new Event();
 *   const runners = ["a", "b"].map((name) =>
 *     createTask(async () => {
 *       await go.wait();
 *       return name;
 *     })
 *   );
 *   await sleep(0);
 *   assertEquals(String(go), "<Event [unset, waiters:2]>");
 *   go.set();
 *   assertEquals([await runners[0], await runners[1]], ["a", "b"]);
 * });
 * ```
 *
 * @category Locks
 */
export class Event {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Event",
  );

  private _isSet = false;
  private _waiters = new WaitQueue(new LoopBinding(this), eventSpecimens);

  /** Whether the flag is set. */
  isSet(): boolean {
    return this._isSet;
  }

  /** Sets the flag and wakes all waiters. */
  set(): void {
    this._isSet = true;
    this._waiters.wakeAll();
  }

  /** Clears the flag: later waits last until it is set again. */
  clear(): void {
    this._isSet = false;
  }

  /**
   * Waits until the flag is set.
   *
   * @returns A coroutine that resolves to `true`.
   * @throws {Error} If it has to wait and the event is bound to another loop.
   *
   * @example Usage
   * ```ts
   * import { Event, getRunningLoop, run } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const event = new Event();
   *   getRunningLoop().callLater(0.01, () => event.set());
   *   assert(await event.wait());
   * });
   * ```
   */
  wait(): Coroutine<true> {
    return waitForEvent(this);
  }

  /** @ignore */
  toString(): string {
    return `<${classText(this)} [${this._isSet ? "set" : "unset"}${
      waitersText(this._waiters)
    }]>`;
  }
}

/** What waits for an event. */
function eventSpecimens(): unknown {
  return new Event().wait();
}

class EventWaiter extends SignalWaiter {
  #event: Event;

  constructor(event: Event) {
    super(event["_waiters"]);
    this.#event = event;
  }

  protected override _begin(): StepResult<true> {
    return this.#event["_isSet"] ? this._woken() : this._wait();
  }
}

const waitForEvent = /* @__PURE__ */ Coroutine.$ownFunction<
  [event: Event],
  true
>(
  function wait(event) {
    return new EventWaiter(event);
  },
);

// Copyright 2026 the asyncio authors. MIT license.

/**
 * Handles: the entries of the ready queue that call a callback.
 */

import { classText, functionText, printAs, shortRepr } from "../_util/repr.ts";
import { describeOrigin, noteOrigin } from "../_util/origins.ts";
import type { Timed, TimerHeap } from "../_util/timer_heap.ts";
import { callIn, type Context, entered, leaveStores } from "./contexts.ts";
import type { LoopCore, Runnable } from "./protocols.ts";

type Callback = (...args: never[]) => unknown;

const NO_ARGUMENTS: readonly unknown[] = [];

/** The callbacks of cancelled handles, as text, in debug mode. */
const cancelledCallbacks = new WeakMap<Handle, string>();

/**
 * A callback that is scheduled in a loop. `callSoon` returns it.
 *
 * @example Cancel it
 * ```ts
 * import { getRunningLoop, run, sleep } from "@asyncio/asyncio";
 * import { assert, assertFalse } from "@std/assert";
 *
 * await run(async () => {
 *   let called = false;
 *   const handle = getRunningLoop().callSoon(() => called = true);
 *   handle.cancel();
 *   await sleep(0);
 *   assert(handle.cancelled());
 *   assertFalse(called);
 * });
 * ```
 *
 * @category Event loop
 */
export class Handle {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Handle",
  );

  #loop: LoopCore;
  /** `null` once it has been cancelled. */
  #callback: Callback | null;
  #args: readonly unknown[];
  #context: Context | null;

  /** @ignore */
  constructor(
    callback: Callback,
    args: readonly unknown[],
    loop: LoopCore,
    context: Context | null,
  ) {
    this.#loop = loop;
    this.#callback = callback;
    this.#args = args;
    this.#context = context;
    if (loop.getDebug()) noteOrigin(this);
  }

  /** Cancels the callback. If it has already run, nothing happens. */
  cancel(): void {
    if (this.#callback !== null && this.#loop.getDebug()) {
      cancelledCallbacks.set(this, this._describeCallback(this.#callback));
    }
    this.#callback = null;
    this.#args = NO_ARGUMENTS;
  }

  /** Whether the callback was cancelled. */
  cancelled(): boolean {
    return this.#callback === null;
  }

  /**
   * Returns the context that was given for the callback, or `null` if there was
   * none.
   */
  getContext(): Context | null {
    return this.#context;
  }

  /** @ignore */
  $run(): void {
    const callback = this.#callback;
    if (callback === null) return;
    if (entered.length > 0) leaveStores(0); // of other entries
    try {
      const result = this.#context === null
        ? callback(...this.#args as never[])
        : this._callIn(this.#context, callback);
      // A callback is not awaited, but its rejection is an error like any other.
      if (typeof result === "object" && result instanceof Promise) {
        this._watch(callback, result);
      }
    } catch (error) {
      this._report(callback, error);
    }
    if (entered.length > 0) leaveStores(0);
  }

  /**
   * The first argument of the callback: the future that a timer ends.
   *
   * @ignore
   */
  get $subjectOf(): unknown {
    return this.#args[0];
  }

  /** Reports a promise of the callback that is rejected. */
  private _watch(callback: Callback, result: Promise<unknown>): void {
    result.then(undefined, (error) => this._report(callback, error));
  }

  /** Calls the callback in its context. */
  private _callIn(context: Context, callback: Callback): unknown {
    return callIn(
      context,
      this.#loop,
      () => callback(...this.#args as never[]),
    );
  }

  /** Passes an error of the callback to the exception handler. */
  private _report(callback: Callback, exception: unknown): void {
    this.#loop.callExceptionHandler({
      message: `Exception in callback ${this._describeCallback(callback)}`,
      exception,
      handle: this,
    });
  }

  /** The printed text of the callback. */
  private _describeCallback(callback: Callback): string {
    // Arguments may hold data that should not be printed, so in debug mode
    // only.
    const args = this.#loop.getDebug()
      ? this.#args.map((arg) => shortRepr(arg)).join(", ")
      : "";
    return functionText(callback, args);
  }

  /**
   * The parts of the printed text after the name of the class.
   *
   * @ignore
   */
  $textParts(): string[] {
    const parts = this.#callback !== null
      ? [this._describeCallback(this.#callback)]
      : [
        "cancelled",
        ...(cancelledCallbacks.has(this)
          ? [cancelledCallbacks.get(this)!]
          : []),
      ];
    return [...parts, ...describeOrigin(this)];
  }

  /** @ignore */
  toString(): string {
    return `<${[classText(this), ...this.$textParts()].join(" ")}>`;
  }
}

/** Counts timers, so that equal deadlines keep their order. */
let timerCount = 0;

/**
 * A callback that is scheduled for a later time. `callLater` and `callAt`
 * return it.
 *
 * @example When it is due
 * ```ts
 * import { getRunningLoop, run } from "@asyncio/asyncio";
 * import { assertGreater } from "@std/assert";
 *
 * await run(async () => {
 *   const loop = getRunningLoop();
 *   const timer = loop.callLater(5, () => {});
 *   assertGreater(timer.when(), loop.time());
 *   timer.cancel();
 * });
 * ```
 *
 * @category Event loop
 */
export class TimerHandle extends Handle {
  /** @ignore */
  static override readonly $printedClass: string = "TimerHandle";

  #when: number;
  /** @ignore */
  readonly $order: number = timerCount++;
  #isPending = false;
  #heap: TimerHeap<Timed & Runnable>;

  /** @ignore */
  constructor(
    when: number,
    callback: Callback,
    args: readonly unknown[],
    loop: LoopCore,
    heap: TimerHeap<Timed & Runnable>,
    context: Context | null,
  ) {
    super(callback, args, loop, context);
    this.#when = when;
    this.#heap = heap;
  }

  /** @ignore */
  get $isPending(): boolean {
    return this.#isPending;
  }

  /** @ignore */
  set $isPending(isPending: boolean) {
    this.#isPending = isPending;
  }

  /** Returns when the callback is due, in seconds by the loop's clock. */
  when(): number {
    return this.#when;
  }

  /** Cancels the callback. If it has already run, nothing happens. */
  override cancel(): void {
    super.cancel();
    this.#heap.delete(this);
  }

  /** @ignore */
  override $textParts(): string[] {
    const parts = super.$textParts();
    parts.splice(this.cancelled() ? 1 : 0, 0, `when=${this.#when}`);
    return parts;
  }
}

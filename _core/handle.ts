import type { Runnable } from "./ready_queue.ts";
import { functionText, printsAs, shortRepr } from "../_util/repr.ts";
import { describeOrigin, noteOrigin } from "../_util/source_site.ts";
import type { Timed } from "../_util/timer_heap.ts";
import type { EventLoop } from "../loop.ts";

type Callback = (...args: never[]) => unknown;

const NO_ARGUMENTS: readonly unknown[] = [];

/** What handles would have called, in debug mode. */
const calledOff = new WeakMap<Handle, string>();

/**
 * A callback that waits for its turn in a loop. What `callSoon` gives back.
 *
 * @example Call it off
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
 */
export class Handle {
  private _loop: EventLoop;
  /** `null` once it has been cancelled. */
  private _callback: Callback | null;
  private _args: readonly unknown[];

  /** @ignore */
  constructor(callback: Callback, args: readonly unknown[], loop: EventLoop) {
    this._loop = loop;
    this._callback = callback;
    this._args = args;
    if (loop.getDebug()) noteOrigin(this);
  }

  /** Calls the callback off. When it has run already, nothing happens. */
  cancel(): void {
    if (this._callback !== null && this._loop.getDebug()) {
      calledOff.set(this, this._describeCallback(this._callback));
    }
    this._callback = null;
    this._args = NO_ARGUMENTS;
  }

  /** Whether the callback was called off. */
  cancelled(): boolean {
    return this._callback === null;
  }

  /** Calls the callback, unless it was called off. */
  private _run(): void {
    const callback = this._callback;
    if (callback === null) return;
    try {
      callback(...this._args as never[]);
    } catch (exception) {
      this._loop.callExceptionHandler({
        message: `Exception in callback ${this._describeCallback(callback)}`,
        exception,
        handle: this,
      });
    }
  }

  /** The printed text of the callback. */
  private _describeCallback(callback: Callback): string {
    // Arguments may hold what should not be printed, hence in debug mode only.
    const args = this._loop.getDebug()
      ? this._args.map((arg) => shortRepr(arg)).join(", ")
      : "";
    return functionText(callback, args);
  }

  /**
   * The parts of the printed text after the name of the class.
   *
   * @ignore
   */
  protected _describe(): string[] {
    const parts = this._callback !== null
      ? [this._describeCallback(this._callback)]
      : ["cancelled", ...(calledOff.has(this) ? [calledOff.get(this)!] : [])];
    return [...parts, ...describeOrigin(this)];
  }

  static {
    printsAs(
      Handle.prototype,
      (handle) =>
        `<${[handle.constructor.name, ...handle._describe()].join(" ")}>`,
    );
  }
}

/** Counts timers, so that equal deadlines keep their order. */
let sequence = 0;

/**
 * A callback that waits for its time in a loop. What `callLater` and `callAt`
 * give back.
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
 */
export class TimerHandle extends Handle {
  private _when: number;
  private _sequence: number = sequence++;
  private _index = -1;

  /** @ignore */
  constructor(
    when: number,
    callback: Callback,
    args: readonly unknown[],
    loop: EventLoop,
  ) {
    super(callback, args, loop);
    this._when = when;
  }

  /** When the callback is due, in seconds by the loop's clock. */
  when(): number {
    return this._when;
  }

  /** Calls the callback off. When it has run already, nothing happens. */
  override cancel(): void {
    super.cancel();
    this["_loop"]["_timers"].delete(this as unknown as Timed & Runnable);
  }

  /** @ignore */
  protected override _describe(): string[] {
    const parts = super._describe();
    parts.splice(this.cancelled() ? 1 : 0, 0, `when=${this._when}`);
    return parts;
  }
}

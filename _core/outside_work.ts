// Copyright 2026 the asyncio authors. MIT license.

/**
 * What is under way outside of a loop: native promises, wrapped ones, threads.
 * A clock that jumps must not outrun them, and a loop that waits for them is not
 * stuck.
 */

import type { ClockUser } from "../_host/clock.ts";
import { tellsOperations } from "../_host/pending.ts";
import { probeAfter } from "../_host/probes.ts";
import type { TaskCore } from "./protocols.ts";

/** After how many seconds tasks in native promises are looked at again. */
const NEXT_LOOK = 0.002;

/** How many tasks are collected before those that are back are dropped. */
const SWEEP_AT = 64;

/** What is needed of the loop. */
interface BusyLoop {
  readonly $holdingsOf: { readonly externals: number };
  $tasksOf(): Iterable<TaskCore>;
}

/** What is under way outside of one loop. */
export class Outside implements ClockUser {
  readonly #loop: BusyLoop;
  readonly #isIdle: () => boolean;
  /**
   * The tasks that may be in a native promise: their last step has ended in one.
   * Whether they still are is found out when it matters. `null` if that is so
   * rare that it is no trouble to look at all tasks.
   */
  #native: Set<TaskCore> | null = null;
  #sweepAt = SWEEP_AT;
  #hasUsedHost = false;
  #listeners: (() => void)[] = [];
  #cancelLook: (() => void) | null = null;

  constructor(loop: BusyLoop, isIdle: () => boolean) {
    this.#loop = loop;
    this.#isIdle = isIdle;
  }

  /** Prepares to be asked often. Called before the loop runs. */
  track(): void {
    this.#native ??= new Set();
  }

  /** A step has ended, and these tasks did not wait for the loop. */
  noteNative(tasks: Iterable<object>): void {
    this.#hasUsedHost = true;
    const native = this.#native;
    if (native === null) return;
    for (const task of tasks) native.add(task as TaskCore);
    if (native.size < this.#sweepAt) return;
    for (const task of native) if (!isNative(task)) native.delete(task);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * native.size);
  }

  /** Whether a task of the loop is in a native promise. Nothing is ready. */
  get hasNative(): boolean {
    for (const task of this.#native ?? this.#loop.$tasksOf()) {
      if (isNative(task)) return true;
      this.#native?.delete(task);
    }
    return false;
  }

  /** Whether the loop knows of anything outside that may wake it. */
  get isUnderWay(): boolean {
    if (this.#loop.$holdingsOf.externals === 0) return this.hasNative;
    return this.#hasUsedHost = true;
  }

  /**
   * Whether all that is under way may depend on the loop itself: a native async
   * function that was called and then passed to `gather()`, or the reading end of
   * a pipe in memory. A host that tells of its operations knows. Elsewhere it is
   * at most the first: then so many tasks have waits beside the first one.
   */
  get isDoubtful(): boolean {
    if (this.hasNative) return false;
    if (tellsOperations()) return true;
    let strands = 0;
    for (const task of this.#loop.$tasksOf()) {
      let waits = 0;
      for (const _wait of task.$waitsOf()) waits++;
      if (waits > 1) strands += waits - 1;
    }
    return strands >= this.#loop.$holdingsOf.externals;
  }

  get isQuiet(): boolean {
    return this.#isIdle() && !this.isUnderWay;
  }

  get hasUsedHost(): boolean {
    return this.#hasUsedHost;
  }

  /** Calls a function, once, when every task waits. */
  whenQuiet(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Whether anybody waits until every task does. */
  get hasListeners(): boolean {
    return this.#listeners.length > 0;
  }

  /**
   * Nothing is ready. Tells those who wait for that, unless a task is in a native
   * promise: then it is looked for again soon.
   */
  tellQuiet(lookAgain: () => void): void {
    if (this.hasNative) {
      this.#cancelLook ??= probeAfter(NEXT_LOOK, false, () => {
        this.#cancelLook = null;
        lookAgain();
      });
      return;
    }
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** The loop stops. */
  end(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
  }
}

/** Whether a task that is not ready to run is in a native promise. */
function isNative(task: TaskCore): boolean {
  return !task.done() && !task.$isWaiting;
}

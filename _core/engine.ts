// Copyright 2026 the asyncio authors. MIT license.

/**
 * The engine of a loop: the ready queue, the timers and the turns.
 *
 * Invariant: entries run one at a time, in the order in which they became
 * ready.
 */

import {
  chooseClock,
  type Clock,
  CLOCK_RESOLUTION,
  isSharedClock,
  MICROTASKS_BEFORE_JUMP,
  type SharedClock,
} from "../_host/clock.ts";
import { lookUnderWay } from "../_host/pending.ts";
import { microtasksDone } from "../_host/turn.ts";
import { Deque } from "../_util/deque.ts";
import { type Timed, TimerHeap } from "../_util/timer_heap.ts";
import { makeSpecimens } from "../_util/specimens.ts";
import { untold } from "./births.ts";
import { watchRun } from "./debug_mode.ts";
import { IdleWatch, type WatchedLoop } from "./idle_watch.ts";
import { Instruments, type OwnInstrument } from "./instruments.ts";
import { Outside } from "./outside_work.ts";
import type {
  Director,
  EngineCore,
  LoopHoldings,
  Runnable,
} from "./protocols.ts";
import { running, scopeStore, stepStore } from "./running.ts";
import { Slice } from "./slice.ts";
import { MAX_MICROTASK_HOPS, StepTracker } from "./step_tracker.ts";

/** Awaiting it lets one microtask pass and allocates no promise. */
const NOTHING = /* @__PURE__ */ Promise.resolve();

/** A timer: when it is due it becomes a ready entry. */
export type Timer = Timed & Runnable;

/** What the engine needs of what its loop keeps account of. */
interface OwnerHoldings extends LoopHoldings {
  readonly hasUnreported: boolean;
  whenIdle(timerPending: boolean): void;
}

/** What the engine needs of its loop. */
export interface EngineOwner extends WatchedLoop {
  readonly $holdingsOf: OwnerHoldings;
}

/**
 * Runs a loop: its ready entries, its timers and its clock.
 *
 * One turn runs the entries that were ready when it began; what they schedule
 * runs in the next turn. Timers that are due are added before a turn begins.
 *
 * - `ready` holds what runs next, in order; `timers` what runs later.
 * - `steps` knows whether the step of an async function is over: an entry that
 *   touches it ends with a pause of some microtasks, see `step_tracker.ts`.
 * - `running.loop` is set while an entry runs, and only then.
 * - Only `run()` takes entries out of `ready`. Any code may add some.
 */
export class Engine implements EngineCore {
  readonly ready: Deque<Runnable> = new Deque();
  readonly timers: TimerHeap<Timer> = new TimerHeap();
  readonly steps: StepTracker = new StepTracker();
  readonly loop: EngineOwner;
  readonly idleWatch: IdleWatch;
  isRunning = false;
  /** Whether the loop was closed: from then on, nothing is scheduled. */
  isClosed = false;
  /** Those that watch it; `null` if there are none. */
  instruments: Instruments | null = null;
  director: Director | null = null;
  /** What is under way outside the loop, for a clock that waits for it. */
  readonly outside: Outside;
  #clock: Clock;
  #stopping = false;
  #slice: Slice;
  #idleWaits = 0;
  /** Ends the idle wait; `null` while there is none. */
  #endWait: (() => void) | null = null;
  /** Ends it when a timer is due. */
  readonly #timeIsUp: () => void;
  /** Withdraws the timer of the host that ends the idle wait, if there is one. */
  #cancelTimer: (() => void) | null = null;

  constructor(loop: EngineOwner, givenClock?: Clock | (() => number)) {
    const { clock, slice, hasHostTimers } = chooseClock(givenClock);
    this.loop = loop;
    this.idleWatch = new IdleWatch(loop);
    this.outside = new Outside(loop, () => this.#endWait !== null);
    this.#clock = clock;
    this.#slice = new Slice(slice);
    this.#timeIsUp = hasHostTimers
      ? () => {
        this.#slice.noteTurn();
        this.wake();
      }
      : () => this.wake();
  }

  time(): number {
    return this.#clock.time();
  }

  /** Adds an instrument, which sees all that begins from now on. */
  addInstrument(instrument: OwnInstrument): void {
    const instruments = this.instruments ??
      new Instruments(this.loop, () => {
        this.instruments = instruments.size === 0 ? null : instruments;
        this.#slice.untilClockCheck = 0; // the next step may have to be watched
      });
    instruments.add(instrument);
  }

  /** Removes an instrument; returns whether it was there. */
  removeInstrument(instrument: OwnInstrument): boolean {
    return this.instruments !== null && this.instruments.delete(instrument);
  }

  enqueue(entry: Runnable): void {
    if (this.isClosed) return; // a future ended after that
    if (this.instruments !== null) this.#tellScheduled(entry);
    this.ready.push(entry);
    if (this.#endWait !== null) this.wake();
  }

  #tellScheduled(entry: Runnable): void {
    const task = entry.$taskOf;
    if (task) this.instruments!.taskScheduled(task);
  }

  schedule(timer: Timer): void {
    this.timers.push(timer);
    // An idle engine still waits for the timer that was the first before.
    if (this.#endWait !== null) this.wake();
  }

  /** Ends {@linkcode Engine.run} after the current turn, or after its first. */
  stop(): void {
    this.#stopping = true;
    this.wake();
  }

  /** Ends the idle wait, if there is one, and begins it anew. */
  wake(): void {
    const endWait = this.#endWait;
    this.#endWait = null;
    endWait?.();
  }

  /** Discards everything that is scheduled, permanently. */
  close(): void {
    this.isClosed = true;
    this.ready.clear();
    this.timers.clear();
  }

  /**
   * Runs turns until it is stopped. It is an async function, so it always
   * continues in the asynchronous context of its caller, whatever wakes it.
   */
  run(): Promise<void> {
    return stepStore === null
      ? scopeStore.run(this.loop, () => this.#run())
      : this.#run();
  }

  async #run(): Promise<void> {
    const slice = this.#slice;
    this.isRunning = true;
    const stopped = watchRun(this.loop);
    stepStore?.loops.add(this.loop);
    const clock = isSharedClock(this.#clock) ? this.#clock : null;
    if (clock !== null) {
      this.outside.track();
      clock.enter(this.outside);
    }
    try {
      await null; // nothing runs within the caller's call
      slice.resume();
      for (;;) {
        if (this.director === null) this.#collectTimers();
        else this.director.beginTurn();
        let todo = this.ready.length;
        while (todo > 0) {
          const watch = this.instruments !== null &&
              this.instruments.watchesSteps
            ? this.instruments.beginStep(this.ready.peek())
            : null;
          todo = this.#runEntries(todo, watch === null ? 0 : todo - 1);
          if (this.steps.touched) {
            // The step of an async function may not be over.
            let hops = MAX_MICROTASK_HOPS;
            while (this.steps.open > 0 && hops-- > 0) await NOTHING;
            watch?.stop();
            if (this.steps.open > 0) {
              await microtasksDone();
              if (this.steps.open > 0) this.#noteNative();
            }
            stepStore?.endStep(this.steps.open > 0);
            this.steps.end();
          }
          watch?.report();
          if (slice.untilClockCheck <= 0 && slice.isOver()) {
            await slice.end();
            untold(makeSpecimens);
          }
        }
        if (this.#stopping) return;
        if (clock !== null && this.#canJump(clock)) {
          for (let i = 0; i < MICROTASKS_BEFORE_JUMP; i++) await NOTHING;
          if (this.#canJump(clock)) {
            this.#jump(clock);
            continue;
          }
        }
        if (this.ready.length > 0) continue;
        if (this.#hasNews && await this.#tellNews()) continue;
        this.instruments?.beforeIdle();
        const delay = this.#idleTime();
        if (delay !== 0) {
          if (++this.#idleWaits % 64 === 0) untold(makeSpecimens);
          // One promise: a loop that serves sockets is idle after each message.
          slice.pause();
          await this.#waiting(delay);
          slice.resume();
          this.#cancelTimer?.();
          this.#cancelTimer = null;
          this.idleWatch.busy();
        }
        this.instruments?.afterIdle();
      }
    } finally {
      slice.pause();
      clock?.leave(this.outside);
      this.outside.end();
      this.director?.end();
      this.idleWatch.end();
      stopped?.();
      const look = lookUnderWay();
      if (look !== null) await look;
      stepStore?.loops.delete(this.loop);
      this.isRunning = false;
      this.#stopping = false;
    }
  }

  /**
   * Runs entries until `left` entries of this turn remain, or the step of one
   * is not over. If none remain, it continues with the next turn, unless
   * something has to happen between the two.
   */
  #runEntries(todo: number, left: number): number {
    const ready = this.ready;
    const steps = this.steps;
    const slice = this.#slice;
    running.loop = this.loop;
    running.strand = null;
    try {
      let entry: Runnable;
      do {
        todo--;
        slice.untilClockCheck--;
        entry = ready.shift();
        entry.$run();
        if (todo === 0 && this.#canMergeTurns) todo = ready.length;
      } while (todo > left && !steps.touched && slice.untilClockCheck > 0);
    } catch (exception) {
      this.#report(exception); // unexpected: entries handle their errors
    } finally {
      running.loop = null;
      running.strand = null;
    }
    return todo;
  }

  /** Whether nothing has to be checked between this turn and the next. */
  get #canMergeTurns(): boolean {
    return !this.steps.touched && this.timers.size === 0 && !this.#stopping &&
      this.director === null &&
      (this.instruments === null || !this.instruments.watchesSteps);
  }

  /** The step ends in a native promise. */
  #noteNative(): void {
    this.outside.noteNative(this.steps.openTasks());
    this.director?.noteNative();
  }

  /** Moves the timers that are due to the ready entries. */
  #collectTimers(): void {
    const { timers } = this;
    if (timers.size === 0) return;
    const due = this.#clock.time() + CLOCK_RESOLUTION;
    for (
      let timer = timers.peek();
      timer !== undefined && timer.when() <= due;
      timer = timers.peek()
    ) this.ready.push(timers.pop());
  }

  /** Whether nothing but time has to pass: then it need not become idle. */
  #canJump(clock: SharedClock): boolean {
    return this.ready.length === 0 && this.timers.size > 0 &&
      clock.mayJump && this.director === null && !this.#stopping &&
      !this.outside.isUnderWay && !this.outside.hasUsedHost &&
      !this.outside.hasListeners && !this.loop.$holdingsOf.hasUnreported;
  }

  #jump(clock: SharedClock): void {
    this.instruments?.beforeIdle();
    clock.jumpTo(this.timers.peek()!.when());
    this.instruments?.afterIdle();
  }

  /** Whether there is something to tell before the loop may be idle. */
  get #hasNews(): boolean {
    return this.loop.$holdingsOf.hasUnreported || this.outside.hasListeners ||
      this.director !== null && this.director.isHolding;
  }

  /** Tells it. Returns whether the loop has to go on then. */
  async #tellNews(): Promise<boolean> {
    if (this.loop.$holdingsOf.hasUnreported) {
      await microtasksDone(); // something may be on its way
      if (this.ready.length > 0 || this.#stopping) return true;
      this.#tellIdle();
      if (this.ready.length > 0 || this.#stopping) return true;
    }
    if (this.director?.isHolding) return true;
    return this.outside.hasListeners && await this.#tellQuiet();
  }

  /** How long the loop is idle, in seconds; `null` until something happens. */
  #idleTime(): number | null {
    if (this.ready.length > 0 || this.#stopping) return 0;
    const delay = this.#untilTimer();
    return delay === null || delay === 0 || this.director === null
      ? delay
      : this.director.chooseDelay(delay);
  }

  /** The time until the first timer is due, in seconds; `null` without any. */
  #untilTimer(): number | null {
    const timer = this.timers.peek();
    if (timer === undefined) return null;
    const delay = timer.when() - this.time();
    return delay <= CLOCK_RESOLUTION ? 0 : delay;
  }

  /** Tells those who wait until nothing is ready; returns whether they go on. */
  async #tellQuiet(): Promise<boolean> {
    await microtasksDone();
    if (this.ready.length > 0 || this.#stopping || this.#untilTimer() === 0) {
      return true;
    }
    this.outside.tellQuiet(() => this.wake());
    return this.ready.length > 0;
  }

  /** Begins an idle wait, until something is scheduled or a timer is due. */
  #waiting(delay: number | null): Promise<void> {
    const { isJumping = false } = this.#clock as { isJumping?: boolean };
    this.idleWatch.idle(delay !== null, isJumping);
    return new Promise((resolve) => {
      this.#endWait = resolve;
      if (delay === null) return;
      this.#cancelTimer = this.#clock.wake(this.#timeIsUp, delay);
    });
  }

  #tellIdle(): void {
    running.loop = this.loop; // for the code that this calls
    try {
      this.loop.$holdingsOf.whenIdle(this.timers.size > 0);
    } catch (exception) {
      this.#report(exception);
    } finally {
      running.loop = null;
    }
  }

  /**
   * Reports an error that escaped from what the loop called. The loop keeps
   * running.
   */
  #report(exception: unknown): void {
    this.loop.callExceptionHandler({
      message: "Unhandled error in the event loop",
      exception,
    });
  }
}

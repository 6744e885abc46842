import {
  chooseClock,
  type Clock,
  CLOCK_RESOLUTION,
  hostTurn,
  keepAlive,
  microtasksDone,
} from "../_host/clock.ts";
import { ReadyQueue, type Runnable } from "./ready_queue.ts";
import { scope } from "./running.ts";
import { PATIENCE, Steps } from "./step_tracker.ts";
import { type Timed, TimerHeap } from "../_util/timer_heap.ts";
import type { EventLoop } from "../loop.ts";

/** To await it is to let one microtask pass, and allocates no promise. */
const NOTHING = Promise.resolve();

/**
 * How many looks at the time a slice has about, and how many entries run between
 * two of them at most: a look costs as much as a step, but what was cheap so far
 * need not stay so.
 */
const LOOKS_PER_SLICE = 8;
const MAX_UNTIL_LOOK = 16;

/** A timer: when it is due it becomes a ready entry. */
export type Timer = Timed & Runnable;

/**
 * What turns a loop: ready entries, timers, and the time.
 *
 * One turn runs the entries that were ready when it began; what they schedule
 * waits for the next one. Timers that are due join before it begins.
 */
export class Engine {
  readonly ready = new ReadyQueue();
  readonly timers = new TimerHeap<Timer>();
  readonly steps = new Steps();
  running = false;
  /** Whether there is something to tell of when there is nothing to run. */
  hasNews: () => boolean = () => false;
  /** Called then; it may change that. */
  onIdle: (timerPending: boolean) => void = () => {};
  /** If set, called after each entry with what it was and for how long it ran. */
  onStep: ((entry: object, seconds: number) => void) | null = null;
  #loop: EventLoop;
  #clock: Clock;
  #stopping = false;
  /** For how many milliseconds the thread is kept, and until when. */
  #slice: number;
  #sliceEnd = 0;
  /** When the last look was, how many entries ago, and in how many the next is. */
  #lastLook = 0;
  #lookEvery = 1;
  #untilLook = 1;
  /** Ends the idle wait; `null` while there is none. */
  #wake: (() => void) | null = null;

  constructor(loop: EventLoop, givenClock?: Clock | (() => number)) {
    const { clock, slice } = chooseClock(givenClock);
    this.#loop = loop;
    this.#clock = clock;
    this.#slice = slice;
  }

  time(): number {
    return this.#clock.time();
  }

  enqueue(entry: Runnable): void {
    this.ready.push(entry);
    if (this.#wake !== null) this.#wake();
  }

  schedule(timer: Timer): void {
    this.timers.push(timer);
    // An idle engine waits for the timer that was first before.
    if (this.#wake !== null) this.#wake();
  }

  /** Ends {@linkcode Engine.run} with the present turn, or the first. */
  stop(): void {
    this.#stopping = true;
    this.#wake?.();
  }

  clear(): void {
    this.ready.clear();
    this.timers.clear();
  }

  /**
   * Turn by turn, until it is stopped. An async function, since its
   * continuations run in the context in which it was called, whoever wakes it.
   */
  async run(): Promise<void> {
    this.running = true;
    const release = keepAlive();
    try {
      await null; // nothing runs inside of the caller's call
      this.#beginSlice();
      for (;;) {
        this.#collectTimers();
        let todo = this.ready.length;
        while (todo > 0) {
          const watch = this.onStep === null ? null : new Watch(this.ready);
          todo = this.#runEntries(todo, watch === null ? 0 : todo - 1);
          if (this.steps.touched) {
            // The step of an async function may not be over: see `_step.ts`.
            let patience = PATIENCE;
            while (this.steps.open > 0 && patience-- > 0) await NOTHING;
            watch?.stop();
            if (this.steps.open > 0) await microtasksDone();
            this.steps.end();
          }
          watch?.report(this.onStep);
          if (this.#untilLook <= 0 && this.#isSliceOver()) {
            await hostTurn();
            this.#beginSlice();
          }
        }
        if (this.#stopping) return;
        if (this.ready.length === 0) await this.#idle();
      }
    } finally {
      release();
      this.running = false;
      this.#stopping = false;
    }
  }

  /**
   * Runs entries until `left` of this turn are left, or one is not over. With
   * none left it goes on to the next turn, if there is nothing between the two.
   */
  #runEntries(todo: number, left: number): number {
    const ready = this.ready;
    const { steps } = this;
    scope.loop = this.#loop;
    scope.task = null;
    try {
      let entry: Runnable;
      do {
        todo--;
        this.#untilLook--;
        entry = ready.shift();
        entry._run();
        if (todo === 0 && this.#goesOn) todo = ready.length;
      } while (todo > left && !steps.touched && this.#untilLook > 0);
      // What stands next to each other of the same task is one step: where it
      // waits for several things at once, a cancellation reaches all of them
      // before the task can tell.
      while (
        todo > 0 && steps.touched && entry._task &&
        ready.peek()._task === entry._task
      ) {
        todo--;
        ready.shift()._run();
      }
    } finally {
      scope.loop = null;
    }
    return todo;
  }

  /** Whether nothing needs to be looked at between this turn and the next. */
  get #goesOn(): boolean {
    return !this.steps.touched && this.timers.size === 0 && !this.#stopping &&
      this.onStep === null;
  }

  /** Timers that are due join the ready entries. */
  #collectTimers(): void {
    const { timers } = this;
    if (timers.size === 0) return;
    const due = this.#clock.time() + CLOCK_RESOLUTION;
    for (
      let timer = timers.peek();
      timer !== undefined && timer._when <= due;
      timer = timers.peek()
    ) this.ready.push(timers.pop());
  }

  /** Waits until somebody schedules something or a timer is due. */
  async #idle(): Promise<void> {
    if (this.hasNews()) {
      await microtasksDone(); // somebody may be on the way
      if (this.ready.length > 0 || this.#stopping) return;
      scope.loop = this.#loop; // what it calls is called by the loop
      this.onIdle(this.timers.size > 0);
      scope.loop = null;
      if (this.ready.length > 0 || this.#stopping) return;
    }
    const timer = this.timers.peek();
    const delay = timer === undefined ? null : timer._when - this.time();
    if (delay !== null && delay <= CLOCK_RESOLUTION) return;
    let callOff = () => {};
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
      if (delay !== null) {
        callOff = this.#clock.wake(() => this.#wake?.(), delay);
      }
    });
    callOff();
    this.#beginSlice();
  }

  #beginSlice(): void {
    this.#lastLook = performance.now();
    this.#sliceEnd = this.#lastLook + this.#slice;
    this.#lookEvery = this.#untilLook = 1;
  }

  /** Looks at the time. The heavier the entries, the sooner it looks again. */
  #isSliceOver(): boolean {
    const now = performance.now();
    const perEntry = (now - this.#lastLook) / this.#lookEvery;
    this.#lastLook = now;
    this.#lookEvery = this.#untilLook = Math.ceil(
      Math.min(this.#slice / LOOKS_PER_SLICE / perEntry, MAX_UNTIL_LOOK),
    );
    return now >= this.#sliceEnd;
  }
}

/** Takes the time of the first ready entry. */
class Watch {
  #entry: object;
  #start = performance.now();
  #seconds: number | null = null;

  constructor(ready: ReadyQueue) {
    const entry = ready.peek();
    this.#entry = entry._task ?? entry;
  }

  stop(): void {
    this.#seconds ??= (performance.now() - this.#start) / 1000;
  }

  report(onStep: Engine["onStep"]): void {
    this.stop();
    onStep?.(this.#entry, this.#seconds!);
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * For how long the loops of a thread keep it before the host gets a turn.
 *
 * A loop that is always busy gives the host a turn after each slice. One that
 * becomes idle leaves it the thread, but only if the host is what wakes it. A
 * promise that is already settled wakes it a few microtasks later, and the host had
 * no turn. The same holds for a loop that stops and runs again. Neither the loop nor
 * the clock can tell these apart, as a microtask may take long. Only the host can:
 * what it calls in its next turn finds the loop idle or not.
 *
 * To ask it costs 5 µs, a fifth of what a message of a socket takes. So after a
 * slice in which the loop was idle, the host is asked once, in the first idle wait
 * of the next one. If no answer has come by its end, the host had no turn. A timer
 * of the host that wakes the loop is an answer, too.
 */

import { hostTurn } from "../_host/turn.ts";
import { setHostImmediate } from "../_host/timers.ts";

/**
 * About how many times the clock is read in a slice, and how many entries run
 * between two readings at most. A reading costs as much as a step, but entries
 * that were cheap so far may become expensive.
 */
const CLOCK_CHECKS_PER_SLICE = 8;
const MAX_UNTIL_CLOCK_CHECK = 16;

/**
 * After so many readings of the same time, the clock stands still: some hosts
 * stop it until they get a turn. One that is just coarse moves on before that.
 */
const MAX_STANDSTILL = 1000;

/**
 * In place of a time that is not read yet. It is no small integer: if it were, V8
 * would change the layout of slices, and discard optimized code, with the first
 * time that is none.
 */
const LONG_AGO = -Number.MAX_VALUE;

/** What the loops of this thread know of the turns that the host had. */
const thread = {
  /** How many loops run and are not idle. */
  busy: 0,
  /** When the slice began: with the last turn that is known of. */
  start: LONG_AGO,
  /** Whether all loops were idle at some time since then. */
  wasIdle: true,
  /** Its number, and that of the last one whose time the host was told. */
  number: 0,
  counted: -1,
  /** Whether the host is asked for a sign when all are idle next. */
  isDoubtful: false,
  /** Whether it has been asked, and has not answered yet. */
  isAsked: false,
  /** Whether it had a turn while all loops were idle, as they still are. */
  hadTurn: false,
};

function beginSlice(): void {
  thread.start = performance.now();
  thread.number++;
  thread.wasIdle = thread.hadTurn = false;
}

/** The slices of the thread, as one loop sees them. */
export class Slice {
  /** After how many entries the clock is read again. */
  untilClockCheck = 1;
  /** How long it is, in milliseconds. */
  readonly #length: number;
  /** When the clock was last read, and how many entries run until it is again. */
  #lastClockCheck = LONG_AGO;
  #clockCheckEvery = 1;
  /** How many readings in a row gave the same time. */
  #standstill = 0;
  /** Whether the loop is idle, or does not run. */
  #isIdle = true;

  /** @param length For how many milliseconds the loop keeps the thread. */
  constructor(length: number) {
    this.#length = length;
  }

  /** The loop becomes idle, or stops. */
  pause(): void {
    if (this.#isIdle) return;
    this.#isIdle = true;
    if (--thread.busy > 0) return;
    thread.wasIdle = true;
    if (!thread.isDoubtful || thread.isAsked) return;
    thread.isAsked = true;
    setHostImmediate(() => {
      thread.isAsked = false;
      this.noteTurn();
    });
  }

  /** The host has called something. While a loop runs, that is no turn. */
  noteTurn(): void {
    if (thread.busy === 0) thread.hadTurn = true;
  }

  /** The loop is woken, or begins to run. */
  resume(): void {
    if (!this.#isIdle) return;
    this.#isIdle = false;
    thread.busy++;
    if (!thread.hadTurn) return;
    thread.isDoubtful = false;
    beginSlice();
  }

  /**
   * Reads the clock. The slower the entries are, the sooner it is read again.
   */
  isOver(): boolean {
    const now = performance.now();
    if (now !== this.#lastClockCheck) this.#standstill = 0;
    else if (++this.#standstill === MAX_STANDSTILL) return true;
    const perEntry = (now - this.#lastClockCheck) / this.#clockCheckEvery;
    this.#lastClockCheck = now;
    this.#clockCheckEvery = this.untilClockCheck = Math.ceil(
      Math.min(
        this.#length / CLOCK_CHECKS_PER_SLICE / perEntry,
        MAX_UNTIL_CLOCK_CHECK,
      ),
    );
    // A test may have replaced the clock, and set it back.
    return !(now >= thread.start && now < thread.start + this.#length);
  }

  /** The slice is over: gives the host a turn, unless it may have had some. */
  async end(): Promise<void> {
    const { number } = thread;
    if (thread.wasIdle && !thread.isDoubtful) thread.isDoubtful = true;
    else {
      // Where loops run side by side, the time counts once.
      const kept = thread.counted === number
        ? 0
        : this.#lastClockCheck - thread.start;
      thread.counted = number;
      await hostTurn(Math.max(kept, 0));
    }
    if (thread.number === number) beginSlice(); // the first that goes on
    this.#standstill = 0;
    this.#lastClockCheck = performance.now();
    this.#clockCheckEvery = this.untilClockCheck = 1;
  }
}

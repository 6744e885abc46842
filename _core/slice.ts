// Copyright 2026 the asyncio authors. MIT license.

/**
 * For how long a loop keeps the thread before the host gets a turn.
 *
 * A loop that is always busy gives the host a turn after each slice. One that
 * becomes idle leaves it the thread, but only if the host is what wakes it. A
 * promise that is already settled wakes it a few microtasks later, and the host had
 * no turn. Neither the loop nor the clock can tell these apart, as a microtask may
 * take long. Only the host can: what it calls in its next turn finds the loop idle
 * or not.
 *
 * To ask it costs 5 µs, a fifth of what a message of a socket takes. So after a
 * slice in which the loop was idle, the host is asked once, in the first idle wait
 * of the next one. If no answer has come by its end, the host had no turn.
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
 * A time that is not read yet. It is no integer: if it were, V8 would change the
 * layout of slices, and discard optimized code, with the first time that is.
 */
const NO_TIME = NaN;

/** The slice of a loop that runs. */
export class Slice {
  /** After how many entries the clock is read again. */
  untilClockCheck = 1;
  /** How long it is, in milliseconds, and when it began. */
  #length: number;
  #start = NO_TIME;
  /** When the clock was last read, and how many entries before that one. */
  #lastClockCheck = NO_TIME;
  #clockCheckEvery = 1;
  /** How many readings in a row gave the same time. */
  #standstill = 0;
  /** Whether the loop is idle, and whether it was since the slice began. */
  #isIdle = false;
  #wasIdle = false;
  /** Whether the host is asked for a sign when the loop is idle next. */
  #isDoubtful = false;
  /** Whether it has been asked, and has not answered yet. */
  #isAsked = false;
  /** Whether it had a turn in this idle wait. */
  #hadTurn = false;

  /** @param length For how many milliseconds the loop keeps the thread. */
  constructor(length: number) {
    this.#length = length;
  }

  /** The host had a turn just now, or the loop begins. */
  begin(): void {
    this.#wasIdle = false;
    this.#start = performance.now();
    this.#standstill = 0;
    this.#readAtNextEntry(this.#start);
  }

  #readAtNextEntry(now: number): void {
    this.#lastClockCheck = now;
    this.#clockCheckEvery = this.untilClockCheck = 1;
  }

  /** The loop becomes idle. */
  pause(): void {
    this.#isIdle = this.#wasIdle = true;
    if (!this.#isDoubtful || this.#isAsked) return;
    this.#isAsked = true;
    setHostImmediate(() => {
      this.#isAsked = false;
      if (this.#isIdle) this.#hadTurn = true;
    });
  }

  /** The loop is woken. */
  resume(): void {
    this.#isIdle = false;
    if (this.#hadTurn) {
      this.#hadTurn = this.#isDoubtful = false;
      this.begin();
    } else {
      this.#readAtNextEntry(performance.now());
    }
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
    return now - this.#start >= this.#length;
  }

  /** The slice is over: gives the host a turn, unless it may have had some. */
  async end(): Promise<void> {
    const isUnknown = this.#wasIdle && !this.#isDoubtful;
    if (isUnknown) this.#isDoubtful = true;
    else await hostTurn(this.#lastClockCheck - this.#start);
    this.begin();
  }
}

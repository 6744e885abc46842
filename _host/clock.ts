// From the module: a test that replaces the global timers must not stop the
// loop's own machinery.
import {
  clearInterval as clearHostInterval,
  clearTimeout as clearHostTimeout,
  setImmediate,
  setInterval as setHostInterval,
  setTimeout as setHostTimeout,
} from "node:timers";

/** The longest delay that host timers take, in milliseconds (about 25 days). */
const MAX_HOST_DELAY = 2 ** 31 - 1;

/**
 * A timer that is due within this many seconds is due now. It absorbs the
 * rounding of sums such as 0.1 + 0.2: under fake time the clock stands at whole
 * milliseconds, and a missed one would cost another.
 */
export const CLOCK_RESOLUTION = 1e-6;

/**
 * The time a loop lives by.
 *
 * A loop reads it with {@linkcode Clock.time}, and with {@linkcode Clock.wake}
 * asks to be woken when it has nothing to do before its next timer.
 */
export interface Clock {
  /** The time in seconds. It never goes back; where it starts is free. */
  time(): number;
  /**
   * Calls `callback` once, about `delay` seconds from now. Sooner is allowed:
   * the loop looks at the time and asks again.
   *
   * @param callback What to call.
   * @param delay In seconds, more than zero.
   * @returns A function that calls it off.
   */
  wake(callback: () => void, delay: number): () => void;
}

function toHostDelay(seconds: number): number {
  // Host timers cut fractions of a millisecond off: waking early would spin.
  const milliseconds = Math.ceil((seconds - CLOCK_RESOLUTION) * 1000);
  return Math.min(Math.max(milliseconds, 0), MAX_HOST_DELAY);
}

const monotonicClock: Clock = {
  time: () => performance.now() / 1000,
  wake(callback, delay) {
    const timer = setHostTimeout(callback, toHostDelay(delay));
    return () => clearHostTimeout(timer);
  },
};

/** Follows the global `Date` and `setTimeout`, which somebody has replaced. */
class FakedClock implements Clock {
  // Counted from here, small numbers keep the precision that the epoch's lack.
  #start = Date.now();

  time(): number {
    return (Date.now() - this.#start) / 1000;
  }

  wake(callback: () => void, delay: number): () => void {
    const timer = setTimeout(callback, toHostDelay(delay));
    return () => clearTimeout(timer);
  }
}

/**
 * Whether `@std/testing`'s `FakeTime`, or its like, stands in for the host's
 * time: only the host's own `Date` prints like this, whoever was loaded first.
 */
function isTimeFaked(): boolean {
  return Function.prototype.toString.call(globalThis.Date) !==
    "function Date() { [native code] }";
}

/**
 * How long a busy loop keeps the thread before the host has its turn, in ms.
 * Answering a request takes the host about three turns.
 */
const HOST_SLICE = 4;

/**
 * The same under a faked clock, where the host's turn is when a test moves the
 * time on: that should find the loop's work done, however slow the machine.
 */
const FAKED_SLICE = 100;

/** A clock, and for how many milliseconds its loop may keep the thread. */
export interface ChosenClock {
  clock: Clock;
  slice: number;
}

/** Completes what the user gave, or finds the clock that rules right now. */
export function chooseClock(given?: Clock | (() => number)): ChosenClock {
  if (given === undefined) {
    return isTimeFaked()
      ? { clock: new FakedClock(), slice: FAKED_SLICE }
      : { clock: monotonicClock, slice: HOST_SLICE };
  }
  if (typeof given === "function") {
    return {
      clock: { time: given, wake: monotonicClock.wake },
      slice: HOST_SLICE,
    };
  }
  if (typeof given?.time !== "function" || typeof given.wake !== "function") {
    throw new TypeError(
      `Cannot use as a clock: a function that gives seconds, or { time, wake }, is required: current value is ${
        Deno.inspect(given)
      }`,
    );
  }
  return { clock: given, slice: HOST_SLICE };
}

const SOMETHING = new Uint8Array(1);

/**
 * Lets the host do what it has to do, sockets included, and comes back.
 *
 * Deno looks at its sockets when it has nothing to run and goes to wait; between
 * `setImmediate` or `MessageChannel` callbacks it hardly ever gets there (8
 * requests answered in a second, beside a loop that gave it a turn every
 * millisecond). A timer makes it wait, but for 1 to 2 ms. What takes no time and
 * still has to be waited for is an operation of another thread: 25 µs.
 */
export async function hostTurn(): Promise<void> {
  await crypto.subtle.digest("SHA-1", SOMETHING);
}

/** Comes back when every microtask has run; cheap, but no turn for sockets. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Keeps the process alive, however long the loop waits for somebody to call.
 *
 * @returns A function that lets it go.
 */
export function keepAlive(): () => void {
  const timer = setHostInterval(() => {}, MAX_HOST_DELAY);
  return () => clearHostInterval(timer);
}

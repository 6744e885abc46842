// Copyright 2026 the asyncio authors. MIT license.

import {
  clearHostInterval,
  MAX_HOST_DELAY,
  setHostImmediate,
  setHostInterval,
  setHostTimeout,
} from "./timers.ts";
import { processorTime } from "./processor_time.ts";

// The figures are of Deno 2.9 on two cores that others used too: the requests
// that a server answered in a second beside a loop that was busy, and the
// slowest answer. Four clients in another process asked with `fetch()`. Beside
// a plain loop with `setTimeout(0)` every 4 ms, which waits for a fifth of its
// time, it was 2,300 to 5,600, in up to 10 to 20 ms.
//
// - Deno polls its sockets when it has nothing left to run and is about to
//   sleep, and hardly ever otherwise. `setImmediate` (5 µs) leaves it no time
//   for that: 7 to 90 requests, in up to 700 ms. Nor does an operation of
//   another thread that is over too soon, such as a digest (25 to 60 µs): 16 to
//   1,300, in up to 1.5 s.
// - A wait makes it sleep. The shortest one that `Atomics.waitAsync` can do
//   takes 1.1 ms, and a timer 1.1 to 2.3 ms.
// - In Node.js every turn polls the sockets, and waits are short if nothing
//   happens: there both kinds of turns do the same.
//
// A wait in every slice would take 22 % of the time of a loop without any I/O.
// So a host that has nothing to do gets a wait every 12 ms (8 %), and in between
// only a turn for its timers. How long the wait takes tells whether the host
// had something to do. As long as it has, it gets a quarter of the time: 3,000
// to 8,000 requests, in up to 10 to 26 ms. Loops without I/O take up to a tenth
// longer than with a digest every 4 ms, and up to a fifth if they make so much
// garbage that the host collects some in every wait.
//
// Where other programs use the processor, a wait is long without reason. The
// processor time of the process tells then: 0.1 to 0.2 ms in a wait in which
// nothing happened, however long it took, and 0.27 or more in one in which a
// request was answered.

/**
 * How long a loop runs until a host that had nothing to do last time gets a
 * wait, in milliseconds.
 */
const QUIET_TIME = 12;

/** How long waits take, compared with what the loop kept before them. */
const BUSY_SHARE = 1 / 3;

/** After how many turns in which it had nothing to do a host counts as quiet. */
const QUIET_TURNS = 3;

/** How many waits a turn has at most. */
const MAX_WAITS = 16;

/**
 * How long a wait takes while nothing happens, in milliseconds: the host sleeps
 * for whole ones. In a shorter wait something woke it. After a longer one it
 * was still busy, or collected garbage: then the next one tells. If the wait is
 * shorter than `MISSED`, it did not sleep. A host that used less than `WORK`
 * milliseconds of processor time in the wait had nothing to do.
 */
const IDLE_WAIT = { min: 1, max: 2 };
const MISSED = 0.1;
const WORK = 0.25;

const shortWait = /* @__PURE__ */ findShortWait();

function findShortWait(): () => Promise<unknown> {
  const { waitAsync } = Atomics;
  // Browsers have shared memory in isolated pages only. In workerd, what comes
  // after this wait belongs to no request, and may not even set a timer.
  const isWorkerd = globalThis.navigator?.userAgent === "Cloudflare-Workers";
  if (
    waitAsync === undefined || typeof SharedArrayBuffer === "undefined" ||
    isWorkerd
  ) {
    return () => new Promise<void>((resolve) => setHostTimeout(resolve, 0));
  }
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return async () => {
    // Deno does not count this wait as something to stay alive for.
    const letEnd = keepAlive();
    try {
      await waitAsync(cell, 0, 0, 0.001).value;
    } finally {
      letEnd();
    }
  };
}

/** In how many turns the host had nothing to do since it last had. */
let quietTurns = QUIET_TURNS;
/** For how many milliseconds the loops of this thread ran since the last wait. */
let sinceWait = 0;
/** Since when one of them waits for the host; `null` if none does. */
let waitingSince: number | null = null;

/**
 * How long that is at most, in milliseconds. In workerd a loop may never come back
 * from it, if the request that it belongs to was cancelled.
 */
const MAX_TURN = 100;

/**
 * Gives the host a turn, in which it serves timers and, at least every
 * {@linkcode QUIET_TIME}, sockets.
 *
 * @param kept For how many milliseconds the loop kept the thread before.
 */
export async function hostTurn(kept: number): Promise<void> {
  const start = performance.now();
  if (waitingSince !== null && start - waitingSince < MAX_TURN) {
    return await waitAsLong(waitingSince);
  }
  sinceWait += kept;
  if (quietTurns >= QUIET_TURNS && sinceWait < QUIET_TIME) {
    return await microtasksDone();
  }
  sinceWait = 0;
  waitingSince = start;
  try {
    await waitForHost(start, start + kept * BUSY_SHARE);
  } finally {
    waitingSince = null;
  }
}

/**
 * Waits while another loop does: the host does not sleep as long as one goes on.
 * Each has timers of its own, since in workerd they belong to a request.
 */
async function waitAsLong(since: number): Promise<void> {
  for (let waits = 1; waitingSince === since && waits <= MAX_WAITS; waits++) {
    await shortWait();
  }
}

/**
 * Waits once, or until `end` if the host has something to do.
 *
 * @param start The time now.
 */
async function waitForHost(start: number, end: number): Promise<void> {
  let isBusy = quietTurns === 0;
  let wasLong = false;
  quietTurns++;
  let used = processorTime();
  for (let waits = 1; waits <= MAX_WAITS; waits++) {
    await shortWait();
    const now = performance.now();
    const waited = now - start;
    start = now;
    const usedBefore = used;
    used = processorTime();
    const worked = used === null || used - usedBefore! >= WORK;
    const missed = waited < MISSED;
    const isShort = worked && !missed && waited < IDLE_WAIT.min;
    const isLong = worked && waited > IDLE_WAIT.max;
    if (isShort || (isLong && (isBusy || wasLong))) {
      isBusy = true;
      quietTurns = 0;
    }
    if (isBusy ? now >= end : waits > 1 || !(missed || isLong)) return;
    wasLong = isLong;
  }
}

/**
 * Waits until every pending microtask has run. It is cheap, but the host does
 * not serve its sockets meanwhile.
 */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => setHostImmediate(resolve));
}

/**
 * Keeps the process alive while a loop waits for calls from outside.
 *
 * @returns A function that lets the process end again.
 */
export function keepAlive(): () => void {
  const timer = setHostInterval(() => {}, MAX_HOST_DELAY);
  return () => clearHostInterval(timer);
}

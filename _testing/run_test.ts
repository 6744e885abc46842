// Copyright 2026 the asyncio authors. MIT license.

import { activeLoop } from "../_core/running.ts";
import { chooseClock, type Clock } from "../_host/clock.ts";
import { requireBody } from "../_core/definition.ts";
import { requireOptions } from "../_util/options.ts";
import { optionalTimeout } from "../_util/timeout.ts";
import type { CoroutineBody } from "../coroutine.ts";
import { outcomeOf, runBody } from "./test_run.ts";
import { VirtualClock } from "./virtual_clock.ts";

/**
 * Options for {@linkcode runTest}.
 *
 * @category Testing
 */
export interface RunTestOptions {
  /**
   * The clock of the loop, or a function that returns the time in seconds.
   *
   * @default {new VirtualClock()}
   */
  clock?: Clock | (() => number);
  /**
   * Whether a {@linkcode DeadlockError} ends the test at once when nothing can
   * wake any task.
   *
   * @default {true}
   */
  deadlock?: boolean;
  /**
   * Whether what is left at the end is a {@linkcode LeakError}.
   *
   * @default {true}
   */
  leaks?: boolean;
  /**
   * How long the test may take in real time, in seconds. `null` means no limit.
   * After that time its tasks are cancelled; what has not ended a second later is
   * left as it is.
   *
   * @default {60}
   */
  timeout?: number | null;
}

const RUN_TEST_OPTIONS: readonly string[] = [
  "clock",
  "deadlock",
  "leaks",
  "timeout",
];

/** How long a test may take in real time, in seconds. */
export const DEFAULT_TIMEOUT = 60;

/** Throws unless a test can run here. */
export function requireNoLoop(fn: string): void {
  if (activeLoop() === null) return;
  throw new Error(`${fn} cannot be called from a running event loop`);
}

/**
 * Runs the body of a test in a loop of its own, in virtual time.
 *
 * - **Time.** The clock is a {@linkcode VirtualClock}: while every task waits, it
 *   jumps to the next timer. What is under way outside the loop (native
 *   promises, wrapped ones, threads) takes real time, and the clock waits for
 *   it.
 * - **Deadlocks.** When nothing can wake any task, a {@linkcode DeadlockError} is
 *   thrown into the waits at once. It says which task waits for what.
 * - **Leaks.** What the body leaves behind is a {@linkcode LeakError}: tasks that
 *   are not done, coroutines that were never awaited, exceptions that nobody has
 *   looked at, timeouts and groups that were not left, timers, places in lines,
 *   and executors. Tasks are cancelled, and clean up, before the loop is closed.
 * - A body that throws is the failure of the test: then nothing else is looked
 *   for.
 *
 * It fits any test runner: `Deno.test("…", () => runTest(async () => { … }))`.
 *
 * @typeParam T The type of the result.
 * @param body An `async` or generator function without arguments.
 * @param options The clock, and what else makes the test fail.
 * @returns A promise of what the body returns. It is rejected with what the body
 * throws; with a {@linkcode DeadlockError}, a {@linkcode LeakError}, or a
 * `TimeoutError` which says who waits for what; with a `TypeError` if `body` is
 * no function, or an option is unknown or of the wrong type; with an `Error`
 * when called inside a running loop.
 *
 * @example Three hours take no time
 * ```ts
 * import { getRunningLoop, sleep } from "@asyncio/asyncio";
 * import { runTest } from "@asyncio/asyncio/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const seen = await runTest(async () => {
 *   const times: number[] = [];
 *   for (let i = 0; i < 3; i++) {
 *     await sleep(60 * 60);
 *     times.push(getRunningLoop().time());
 *   }
 *   return times;
 * });
 * assertEquals(seen, [3600, 7200, 10800]);
 * ```
 *
 * @category Testing
 */
export async function runTest<T>(
  body: CoroutineBody<T>,
  options?: RunTestOptions,
): Promise<T> {
  requireBody("runTest()", body);
  requireOptions("runTest()", options, RUN_TEST_OPTIONS);
  requireNoLoop("runTest()");
  const { clock = new VirtualClock(), deadlock = true, leaks = true } =
    options ?? {};
  const timeout = options?.timeout === undefined
    ? DEFAULT_TIMEOUT
    : optionalTimeout(options.timeout, "the timeout of runTest()");
  const end = await runBody(body, {
    callee: runTest,
    clock: chooseClock(clock).clock,
    deadlock: Boolean(deadlock),
    leaks: Boolean(leaks),
    isTold: true,
    timeout: timeout === Infinity ? null : timeout,
  });
  return outcomeOf(end);
}

// Copyright 2026 the asyncio authors. MIT license.

import { cancellationIn } from "../_core/cancellation.ts";
import { requireBody } from "../_core/definition.ts";
import { repeatingDriver } from "../_core/drivers.ts";
import { isPromiseLike } from "../_util/awaitables.ts";
import {
  requireAmount,
  requireCount,
  requireFunction,
  requireTime,
} from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import { Coroutine, type CoroutineBody } from "../coroutine.ts";
import { sleep } from "../task.ts";

const OPTIONS: readonly string[] = ["attempts", "backoff", "jitter", "when"];

/** Enough of them for any pause; more would overflow in the end. */
const MAX_DOUBLINGS = 1000;

/** The longest pause that doubling leads to, in seconds. */
const MAX_DOUBLED = 60;

/**
 * Options for {@linkcode retry}.
 *
 * @category Rates and retries
 */
export interface RetryOptions {
  /**
   * How often the function is called, at most. `Infinity` is allowed.
   *
   * @default {3}
   */
  attempts?: number;
  /**
   * The pause after the first attempt, in seconds. It doubles with each further
   * attempt, up to a minute, or to the first pause if that is longer.
   *
   * A function gives each pause: it is called with the number of the attempt that
   * has failed, from 1, and with the error.
   *
   * @default {1}
   */
  backoff?: number | ((attempt: number, error: unknown) => number);
  /**
   * Which part of each pause is left to chance, from 0 to 1, so that clients
   * which have failed together do not all come back together. With 0.5, a pause
   * takes between half and all of its time.
   *
   * @default {0}
   */
  jitter?: number;
  /**
   * Whether an error is worth another attempt. It is called with the error and
   * the number of the attempt. It is not asked about cancellations, which are
   * never retried.
   *
   * @default {() => true}
   */
  when?: (error: unknown, attempt: number) => boolean;
}

function requireDelay(delay: number): void {
  requireTime("the backoff of retry()", delay);
  if (delay < 0) {
    throw new RangeError(
      `the backoff of retry() must be >= 0: current value is ${delay}`,
    );
  }
}

function requireRetryOptions(options: Required<RetryOptions>): void {
  const { attempts, backoff, jitter, when } = options;
  if (attempts !== Infinity) {
    requireCount("the attempts of retry()", 1, attempts);
  }
  if (typeof backoff !== "function") requireDelay(backoff);
  requireAmount("the jitter of retry()", jitter);
  if (jitter < 0 || jitter > 1) {
    throw new RangeError(
      `the jitter of retry() must be from 0 to 1: current value is ${jitter}`,
    );
  }
  requireFunction("the when option of retry()", when);
}

/** How long to pause after an attempt that has failed, in seconds. */
function pauseAfter(
  attempt: number,
  error: unknown,
  { backoff, jitter }: Required<RetryOptions>,
): number {
  let pause: number;
  if (typeof backoff === "function") {
    pause = backoff(attempt, error);
    requireDelay(pause);
  } else {
    const longest = Math.max(MAX_DOUBLED, backoff);
    const doublings = Math.min(attempt - 1, MAX_DOUBLINGS);
    pause = Math.min(backoff * 2 ** doublings, longest);
  }
  return pause * (1 - jitter * Math.random());
}

function isWorthRetrying(
  error: unknown,
  attempt: number,
  { when }: Required<RetryOptions>,
): boolean {
  const answer: unknown = when(error, attempt);
  if (isPromiseLike(answer)) {
    throw new TypeError(
      `the when option of retry() must not be an async function: it returned ${
        valueText(answer)
      }`,
    );
  }
  return Boolean(answer);
}

const retryCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  function* retry(
    fn: CoroutineBody<unknown, [attempt: number]>,
    options: Required<RetryOptions>,
  ) {
    for (let attempt = 1;; attempt++) {
      let pause: number;
      try {
        return yield* Coroutine.$ofBody(fn, attempt);
      } catch (error) {
        if (
          cancellationIn(error) !== null || attempt >= options.attempts ||
          !isWorthRetrying(error, attempt, options)
        ) throw error;
        pause = pauseAfter(attempt, error, options);
      }
      yield* sleep(pause);
    }
  },
  "retry",
  repeatingDriver,
);

/**
 * Calls a function until it succeeds, with pauses in between.
 *
 * - The attempts are made one after the other, as part of the task that waits.
 *   When the last one fails, or one that is not worth retrying, its error comes
 *   out as the same object.
 * - A cancellation ends it at once, in an attempt as in a pause. So does a time
 *   limit around it. To limit each attempt, put a `timeout()` into the function:
 *   its `TimeoutError` is an error like any other.
 * - The pauses are measured by the clock of the loop, so tests run them in virtual
 *   time.
 *
 * @typeParam T The type of the result.
 * @param fn An `async` or generator function. It is called with the number of
 * the attempt, from 1.
 * @param options How often, after which pauses, and after which errors.
 * @returns A coroutine of the first result.
 * @throws {TypeError} If `fn` or `when` is not a function.
 * @throws {TypeError} If `attempts`, `backoff` or `jitter` is not a number, or is
 * `NaN`.
 * @throws {RangeError} If `attempts` is less than 1, or not a whole number.
 * @throws {RangeError} If `backoff` is negative or infinite.
 * @throws {RangeError} If `jitter` is not from 0 to 1.
 * @throws {TypeError} If there is no such option.
 *
 * @example Usage
 * ```ts
 * import { retry, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 *
 * async function connect(attempt: number) {
 *   log.push(`attempt ${attempt}`);
 *   if (attempt < 3) throw new Error("busy");
 *   return "connected";
 * }
 *
 * const result = await run(retry(connect, { attempts: 5, backoff: 0.01 }));
 * assertEquals(result, "connected");
 * assertEquals(log, ["attempt 1", "attempt 2", "attempt 3"]);
 * ```
 *
 * @example Only some errors, with a time limit for each attempt
 * ```ts
 * import { retry, run, sleep, timeout, TimeoutError } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * async function ask(attempt: number) {
 *   await sleep(attempt === 1 ? 60 : 0); // the first time, it hangs
 *   return "answer";
 * }
 *
 * const answer = await run(
 *   retry((attempt) => timeout(0.01, () => ask(attempt)), {
 *     backoff: 0,
 *     when: (error) => error instanceof TimeoutError,
 *   }),
 * );
 * assertEquals(answer, "answer");
 * ```
 *
 * @category Rates and retries
 */
export function retry<T>(
  fn: CoroutineBody<T, [attempt: number]>,
  options?: RetryOptions,
): Coroutine<T> {
  requireOptions("retry()", options, OPTIONS);
  requireFunction("retry()", fn);
  requireBody("retry()", fn);
  const all: Required<RetryOptions> = {
    attempts: options?.attempts ?? 3,
    backoff: options?.backoff ?? 1,
    jitter: options?.jitter ?? 0,
    when: options?.when ?? (() => true),
  };
  requireRetryOptions(all);
  return retryCoroutine(
    fn as CoroutineBody<unknown, [attempt: number]>,
    all,
  ) as Coroutine<T>;
}

// Copyright 2026 the asyncio authors. MIT license.

import { limitText } from "../_core/cancel_causes.ts";
import { cancellationIn } from "../_core/cancellation.ts";
import { requireBody } from "../_core/definition.ts";
import { callerDriver } from "../_core/drivers.ts";
import { CancelScope } from "../_core/scopes.ts";
import { requireNumber } from "../_util/checks.ts";
import { classText, printAs } from "../_util/repr.ts";
import { keepSpecimens } from "../_util/specimens.ts";
import { Coroutine, type CoroutineBody } from "../coroutine.ts";
import { TimeoutError } from "../errors.ts";
import type { EventLoop, Handle } from "../loop.ts";
import { suspendedIn } from "./suspended.ts";

/** The state of a timeout, in the words that are printed. */
type State = "created" | "active" | "expiring" | "expired" | "finished";

/**
 * The time limit of the body of {@linkcode timeout}, {@linkcode timeoutAt} or
 * {@linkcode moveOnAfter}. It is passed to the body, which can inspect and move
 * it.
 *
 * @example More time
 * ```ts
 * import { getRunningLoop, run, sleep, timeout } from "@asyncio/asyncio";
 * import { assertFalse } from "@std/assert";
 *
 * await run(async () => {
 *   await timeout(0.01, async (scope) => {
 *     scope.reschedule(getRunningLoop().time() + 60);
 *     await sleep(0.02);
 *     assertFalse(scope.expired());
 *   });
 * });
 * ```
 *
 * @category Time limits
 */
export class Timeout {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Timeout",
  );

  #state: State = "created";
  #when: number | null;
  /** The limit in seconds, if it was given as such and not moved since. */
  #delay: number | null = null;
  #handle: Handle | null = null;
  #scope: CancelScope | null = null;

  /** @ignore */
  constructor(when: number | null) {
    this.#when = when;
    keepSpecimens(timeoutSpecimens);
  }

  /**
   * Returns the deadline in seconds by the loop's clock; `null` if there is
   * none.
   */
  when(): number | null {
    return this.#when;
  }

  /** Whether the time ran out before the body was done. */
  expired(): boolean {
    return this.#state === "expiring" || this.#state === "expired";
  }

  /**
   * A signal that aborts when the time runs out, or when the body is cancelled
   * from outside, with the `CancelledError` as its reason. Use it for native
   * operations that the body starts: `fetch(url, { signal: scope.signal })`.
   *
   * @example Usage
   * ```ts
   * import { run, sleep, timeout } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   let signal: AbortSignal | undefined;
   *   await timeout(0.01, async (scope) => {
   *     signal = scope.signal;
   *     await sleep(60);
   *   }).catch(() => {});
   *   assert(signal?.aborted);
   * });
   * ```
   */
  get signal(): AbortSignal {
    return this.#requireScope().signal;
  }

  /**
   * Moves the deadline.
   *
   * @param when The new deadline in seconds by the loop's clock. `null` or
   * `undefined` removes the deadline; one in the past expires at once.
   * @throws {TypeError} If `when` is not a number, or `NaN`.
   * @throws {Error} If the body has ended.
   * @throws {Error} If the time has run out.
   */
  reschedule(when: number | null | undefined): void {
    if (this.#state !== "active") {
      this.#requireScope();
      throw new Error(`Cannot change state of ${this.#state} Timeout`);
    }
    if (when !== null && when !== undefined) {
      requireNumber("the deadline of a timeout", when);
    }
    this.#handle?.cancel();
    this.#handle = null;
    this.#delay = null;
    this.#expireAt(when ?? null, this.#loop.time());
  }

  #requireScope(): CancelScope {
    if (this.#scope === null) throw new Error("Timeout has not been entered");
    return this.#scope;
  }

  get #loop(): EventLoop {
    return this.#scope!.task.getLoop() as EventLoop;
  }

  #expireAt(when: number | null, now: number): void {
    this.#when = when;
    if (when === null || when === Infinity) return;
    const expire = () => this.#expire();
    this.#handle = when <= now
      ? this.#loop.callSoon(expire)
      : this.#loop.callAt(when, expire);
  }

  #expire(): void {
    this.#handle = null;
    this.#state = "expiring";
    this.#scope!.cancel();
  }

  /**
   * Starts the time limit, when the body begins.
   *
   * @param delay In how many seconds it expires; `null` if it has a deadline.
   *
   * @ignore
   */
  $enter(delay: number | null): void {
    this.#scope = new CancelScope(timeoutError, this);
    this.#state = "active";
    this.#delay = delay;
    const now = this.#loop.time();
    this.#expireAt(delay === null ? this.#when : now + delay, now);
  }

  /**
   * Ends the time limit, when the body has ended.
   *
   * @returns Whether the timeout, and nothing else, has cancelled the body.
   *
   * @ignore
   */
  $leave(): boolean {
    this.#handle?.cancel();
    this.#handle = null;
    const outside = this.#scope!.leave();
    if (this.#state === "active") this.#state = "finished";
    if (this.#state !== "expiring") return false;
    this.#state = "expired";
    return outside === null;
  }

  /** @ignore */
  $cancellerText(): string {
    return this.#delay === null
      ? `The deadline ${this.#when}`
      : limitText(this.#delay);
  }

  /** @ignore */
  toString(): string {
    const name = classText(this);
    const when = this.#when === null ? "None" : +this.#when.toFixed(3);
    return this.#state === "active"
      ? `<${name} [active] when=${when}>`
      : `<${name} [${this.#state}]>`;
  }
}

/** A timeout in whose body a task waits. */
function timeoutSpecimens(): unknown {
  return suspendedIn(timeout(0.5, function* () {
    yield null; // as `sleep(0)` does
  }));
}

/** Inserts a timeout between an error and the cancellation that caused it. */
function timeoutError(cause: unknown): TimeoutError {
  return new TimeoutError("", { cause });
}

function insertTimeout(error: unknown): void {
  const seen = new Set<unknown>();
  while (error instanceof Error && !seen.has(error)) {
    seen.add(error);
    if (cancellationIn(error.cause) !== null) {
      error.cause = timeoutError(error.cause);
      return;
    }
    error = error.cause;
  }
}

/** What happens to a body that has run out of time. */
type WhenExpired = "throw" | "move on";

function* runWithin<T>(
  when: number | null,
  delay: number | null,
  whenExpired: WhenExpired,
  body: CoroutineBody<T, [scope: Timeout]>,
) {
  const scope = new Timeout(when);
  scope.$enter(delay);
  let value: T;
  try {
    value = yield* Coroutine.$ofBody(body, scope);
  } catch (error) {
    return leaveWith(scope, error, whenExpired);
  }
  scope.$leave();
  return value;
}

/** Runs the steps of a coroutine of the library within a time limit. */
export function* runStepsWithin<T>(
  delay: number | null,
  steps: Iterable<unknown, T>,
): Generator<unknown, T, unknown> {
  const scope = new Timeout(null);
  scope.$enter(delay);
  let value: T;
  try {
    value = yield* steps;
  } catch (error) {
    return leaveWith(scope, error, "throw") as never;
  }
  scope.$leave();
  return value;
}

/** Leaves a timeout whose body has thrown: throws in its turn, or moves on. */
function leaveWith(
  scope: Timeout,
  error: unknown,
  whenExpired: WhenExpired,
): undefined {
  if (scope.$leave()) {
    if (cancellationIn(error) !== null) {
      if (whenExpired === "move on") return undefined;
      throw timeoutError(error);
    }
    insertTimeout(error);
    if (error instanceof AggregateError) error.errors.forEach(insertTimeout);
  }
  throw error;
}

const timeoutCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  runWithin,
  "timeout",
  callerDriver,
);

const timeoutAtCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  runWithin,
  "timeoutAt",
  callerDriver,
);

const moveOnAfterCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  runWithin,
  "moveOnAfter",
  callerDriver,
);

function requireLimit(what: string, limit: number | null | undefined): void {
  if (limit !== null && limit !== undefined) requireNumber(what, limit);
}

/**
 * Runs a body with a time limit.
 *
 * When the time runs out, whatever the body waits for is cancelled, and a
 * {@linkcode TimeoutError} is thrown. A cancellation from elsewhere is thrown
 * unchanged, even if both happen at once. Of nested timeouts, the one that
 * expired throws. If the body catches the cancellation, or ends with a result
 * or an error of its own, that outcome stands.
 *
 * @typeParam T The type of the result.
 * @param delay In seconds, from the start of the coroutine. Zero or less
 * expires as soon as the body waits; `null` or `undefined` means no limit.
 * @param body An `async` or generator function. It is called with the
 * {@linkcode Timeout}.
 * @returns A coroutine of the result of the body.
 * @throws {TypeError} If `delay` is not a number, or `NaN`.
 * @throws {TypeError} If `body` is not a function.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, timeout, TimeoutError } from "@asyncio/asyncio";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * await run(async () => {
 *   assertEquals(await timeout(60, async () => await sleep(0, "quick")), "quick");
 *   try {
 *     await timeout(0.01, async () => await sleep(60));
 *   } catch (error) {
 *     assertInstanceOf(error, TimeoutError);
 *   }
 * });
 * ```
 *
 * @category Time limits
 */
export function timeout<T>(
  delay: number | null | undefined,
  body: CoroutineBody<T, [scope: Timeout]>,
): Coroutine<T> {
  requireLimit("the delay of timeout()", delay);
  requireBody("timeout()", body);
  return timeoutCoroutine(
    null,
    delay ?? null,
    "throw",
    body as CoroutineBody<unknown, [Timeout]>,
  ) as Coroutine<T>;
}

/**
 * The same as {@linkcode timeout}, with a deadline instead of a delay.
 *
 * @typeParam T The type of the result.
 * @param when The deadline in seconds by the loop's clock, see `loop.time()`.
 * `null` or `undefined` means no limit.
 * @param body An `async` or generator function. It is called with the
 * {@linkcode Timeout}.
 * @returns A coroutine of the result of the body.
 * @throws {TypeError} If `when` is not a number, or `NaN`.
 * @throws {TypeError} If `body` is not a function.
 *
 * @example One deadline for several bodies
 * ```ts
 * import { getRunningLoop, run, sleep, timeoutAt } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const deadline = getRunningLoop().time() + 60;
 *   const first = await timeoutAt(deadline, async () => await sleep(0, 1));
 *   const second = await timeoutAt(deadline, async () => await sleep(0, 2));
 *   assertEquals([first, second], [1, 2]);
 * });
 * ```
 *
 * @category Time limits
 */
export function timeoutAt<T>(
  when: number | null | undefined,
  body: CoroutineBody<T, [scope: Timeout]>,
): Coroutine<T> {
  requireLimit("the deadline of timeoutAt()", when);
  requireBody("timeoutAt()", body);
  return timeoutAtCoroutine(
    when ?? null,
    null,
    "throw",
    body as CoroutineBody<unknown, [Timeout]>,
  ) as Coroutine<T>;
}

/**
 * Runs a body with a time limit, and continues without an error when the time
 * runs out. Otherwise the same as {@linkcode timeout}.
 *
 * @typeParam T The type of the result.
 * @param delay In seconds, from the start of the coroutine. Zero or less
 * expires as soon as the body waits; `null` or `undefined` means no limit.
 * @param body An `async` or generator function. It is called with the
 * {@linkcode Timeout}.
 * @returns A coroutine of the result of the body, or of `undefined` if the time
 * ran out. Errors of the body and cancellations from outside are thrown.
 * @throws {TypeError} If `delay` is not a number, or `NaN`.
 * @throws {TypeError} If `body` is not a function.
 *
 * @example Usage
 * ```ts
 * import { moveOnAfter, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const quick = await moveOnAfter(60, async () => await sleep(0, "quick"));
 *   const slow = await moveOnAfter(0.01, async () => await sleep(60, "slow"));
 *   assertEquals([quick, slow], ["quick", undefined]);
 * });
 * ```
 *
 * @category Time limits
 */
export function moveOnAfter<T>(
  delay: number | null | undefined,
  body: CoroutineBody<T, [scope: Timeout]>,
): Coroutine<T | undefined> {
  requireLimit("the delay of moveOnAfter()", delay);
  requireBody("moveOnAfter()", body);
  return moveOnAfterCoroutine(
    null,
    delay ?? null,
    "move on",
    body as CoroutineBody<unknown, [Timeout]>,
  ) as Coroutine<T | undefined>;
}

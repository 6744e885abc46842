/**
 * Limits on how long something may take.
 *
 * ```ts
 * import { run, sleep, timeout, TimeoutError } from "@asyncio/asyncio";
 * import { assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   await assertRejects(
 *     async () => await timeout(0.01, async () => await sleep(60)),
 *     TimeoutError,
 *   );
 * });
 * ```
 *
 * @module
 */

import { requireBody, requireNumber } from "./_util/checks.ts";
import { printsAs } from "./_util/repr.ts";
import { Coroutine, type CoroutineBody } from "./coroutine.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import type { Handle } from "./loop.ts";
import { currentTask, type Task } from "./task.ts";

/** What has become of a timeout, in the words that are printed. */
type State = "created" | "active" | "expiring" | "expired" | "finished";

/**
 * The limit that the body of {@linkcode timeout} or {@linkcode timeoutAt} is
 * under. The body gets it and can look at it and move it.
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
 */
export class Timeout {
  #state: State = "created";
  #when: number | null;
  #handle: Handle | null = null;
  #task: Task<unknown> | null = null;
  /** Requests to cancel the task that are nothing to do with this. */
  #dealtWith = 0;

  /** @ignore */
  constructor(when: number | null) {
    this.#when = when;
  }

  /** When it expires, in seconds by the loop's clock; `null` for never. */
  when(): number | null {
    return this.#when;
  }

  /** Whether the time was over before the body was done. */
  expired(): boolean {
    return this.#state === "expiring" || this.#state === "expired";
  }

  /**
   * Moves the deadline.
   *
   * @param when In seconds by the loop's clock. `null` or `undefined` for
   * never; what is past expires at once.
   * @throws {TypeError} If `when` is not a number, or `NaN`.
   * @throws {Error} If the body is not running any more, or has run out of time.
   */
  reschedule(when: number | null | undefined): void {
    if (this.#state !== "active") {
      throw new Error(
        this.#state === "created"
          ? "Timeout has not been entered"
          : `Cannot change state of ${this.#state} Timeout`,
      );
    }
    if (when !== null && when !== undefined) {
      requireNumber("the deadline of a timeout", when);
    }
    this.#handle?.cancel();
    this.#handle = null;
    this.#expireAt(when ?? null, this.#task!.getLoop().time());
  }

  #expireAt(when: number | null, now: number): void {
    this.#when = when;
    if (when === null || when === Infinity) return;
    const loop = this.#task!.getLoop();
    const expire = () => this.#expire();
    this.#handle = when <= now
      ? loop.callSoon(expire)
      : loop.callAt(when, expire);
  }

  #expire(): void {
    this.#handle = null;
    this.#state = "expiring";
    this.#task!.cancel();
  }

  /**
   * The body begins.
   *
   * @param delay When it expires from now on, if it was not made with a time.
   */
  private _enter(delay: number | null): void {
    const task = this.#task = currentTask()!;
    this.#dealtWith = task["_requestsDealtWith"]();
    this.#state = "active";
    const now = task.getLoop().time();
    this.#expireAt(delay === null ? this.#when : now + delay, now);
  }

  /** The body is over. */
  private _leave(): void {
    this.#handle?.cancel();
    this.#handle = null;
    if (this.#state === "active") this.#state = "finished";
  }

  /**
   * Takes the timeout's own request to cancel the task back.
   *
   * @returns Whether that was the only one, so that what the body threw is the
   * timeout's doing.
   */
  private _settle(): boolean {
    if (this.#state !== "expiring") return false;
    this.#state = "expired";
    return this.#task!["_takeBack"](this.#dealtWith);
  }

  static {
    printsAs(Timeout.prototype, (self) => {
      const when = self.#when === null ? "None" : +self.#when.toFixed(3);
      return self.#state === "active"
        ? `<Timeout [active] when=${when}>`
        : `<Timeout [${self.#state}]>`;
    });
  }
}

/** Puts the timeout between an error and the cancellation that it came of. */
function insertTimeout(error: unknown): void {
  const seen = new Set<unknown>();
  while (error instanceof Error && !seen.has(error)) {
    seen.add(error);
    if (error.cause instanceof CancelledError) {
      error.cause = new TimeoutError("", { cause: error.cause });
      return;
    }
    error = error.cause;
  }
}

function* runWithin<T>(
  when: number | null,
  delay: number | null,
  body: CoroutineBody<T, [scope: Timeout]>,
) {
  const scope = new Timeout(when);
  scope["_enter"](delay);
  let value: T;
  try {
    value = yield* Coroutine["_ofBody"](body, scope);
  } catch (error) {
    scope["_leave"]();
    if (scope["_settle"]()) {
      if (error instanceof CancelledError) {
        throw new TimeoutError("", { cause: error });
      }
      insertTimeout(error);
      if (error instanceof AggregateError) error.errors.forEach(insertTimeout);
    }
    throw error;
  }
  scope["_leave"]();
  scope["_settle"]();
  return value;
}

const timeoutCoroutine = /* @__PURE__ */ Coroutine["_own"](
  runWithin,
  "timeout",
);

const timeoutAtCoroutine = /* @__PURE__ */ Coroutine["_own"](
  runWithin,
  "timeoutAt",
);

function requireLimit(what: string, limit: number | null | undefined): void {
  if (limit !== null && limit !== undefined) requireNumber(what, limit);
}

/**
 * Runs a body that may take some time, and no longer.
 *
 * When the time is over, whatever the body waits for is cancelled, and
 * {@linkcode TimeoutError} comes out. A cancellation from elsewhere comes out as
 * it is, also when both happen at once; of nested timeouts the one that expired
 * is the one that throws. A body that ends all the same, by catching the
 * cancellation or with a value or error of its own, has its way.
 *
 * @typeParam T The type of the result.
 * @param delay In seconds, from when the coroutine starts. Zero or less expires
 * as soon as the body waits; `null` or `undefined` is no limit.
 * @param body What to run: an `async` or generator function. It gets the
 * {@linkcode Timeout}.
 * @returns A coroutine of what the body gives.
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
    body as CoroutineBody<unknown, [Timeout]>,
  ) as Coroutine<T>;
}

/**
 * {@linkcode timeout} with a deadline instead of a delay.
 *
 * @typeParam T The type of the result.
 * @param when In seconds by the loop's clock, see `loop.time()`. `null` or
 * `undefined` is no limit.
 * @param body What to run: an `async` or generator function. It gets the
 * {@linkcode Timeout}.
 * @returns A coroutine of what the body gives.
 * @throws {TypeError} If `when` is not a number, or `NaN`.
 * @throws {TypeError} If `body` is not a function.
 *
 * @example One deadline for several
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
    body as CoroutineBody<unknown, [Timeout]>,
  ) as Coroutine<T>;
}

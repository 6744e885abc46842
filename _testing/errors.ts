// Copyright 2026 the asyncio authors. MIT license.

/**
 * A test cannot go on: nothing is ready to run, no timer is set, and nothing is
 * under way outside the loop.
 *
 * The message says which task waits for what. The error is thrown into the
 * waits, so that `finally` blocks run, and `runTest()` rejects with it.
 *
 * @example Two tasks that wait for each other
 * ```ts
 * import { createTask, Event } from "@asyncio/asyncio";
 * import { DeadlockError, runTest } from "@asyncio/asyncio/testing";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () => runTest(async () => await new Event().wait()),
 *   DeadlockError,
 *   "waits for <Event [unset",
 * );
 * ```
 *
 * @category Testing
 */
export class DeadlockError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "DeadlockError";
  /** `"DeadlockError"` */
  override name = "DeadlockError";
}

/**
 * A test has left something behind: its message says what, and where it was
 * made. `runTest()` rejects with it.
 *
 * @example A task that nobody waits for
 * ```ts
 * import { createTask, sleep } from "@asyncio/asyncio";
 * import { LeakError, runTest } from "@asyncio/asyncio/testing";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(
 *   () =>
 *     runTest(async () => {
 *       createTask(sleep(60), { name: "forgotten" });
 *     }),
 *   LeakError,
 *   "forgotten",
 * );
 * ```
 *
 * @category Testing
 */
export class LeakError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "LeakError";
  /** `"LeakError"` */
  override name = "LeakError";
  /** What was left, each as one line of text. */
  readonly leaks: readonly string[];

  /**
   * Creates the error.
   *
   * @param leaks What was left, each as one line of text.
   * @param options Its cause.
   */
  constructor(leaks: readonly string[], options?: ErrorOptions) {
    super(
      `The test has left something behind:\n${
        leaks.map((leak) => `  ${leak}`).join("\n")
      }`,
      options,
    );
    this.leaks = leaks;
  }
}

/**
 * `explore()` has found a schedule under which the body fails. The error of the
 * body is the `cause`; the message tells what happened, step by step.
 *
 * @example Repeat it
 * ```ts
 * import { createTask, gather, sleep } from "@asyncio/asyncio";
 * import { ExplorationError, explore } from "@asyncio/asyncio/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * async function body() {
 *   const order: string[] = [];
 *   await gather(["a", "b"].map(async (name) => {
 *     await sleep(1);
 *     order.push(name);
 *   }));
 *   assertEquals(order, ["a", "b"]);
 * }
 *
 * const error = await assertRejects(() => explore(body), ExplorationError);
 * await assertRejects(
 *   () => explore(body, { replay: error.replay }),
 *   ExplorationError,
 * );
 * ```
 *
 * @category Testing
 */
export class ExplorationError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "ExplorationError";
  /** `"ExplorationError"` */
  override name = "ExplorationError";
  /**
   * The schedule, for the option `replay` of `explore()`: the numbers of the
   * choices that are not zero and their values, such as `"3:1,17:2"`.
   */
  readonly replay: string;
  /**
   * What happened, one line for each step. Empty if the body did not fail again
   * when the schedule was repeated: the message says so.
   */
  readonly interleaving: readonly string[];

  /**
   * Creates the error.
   *
   * @param message What failed, and how often it was tried.
   * @param replay The schedule.
   * @param interleaving What happened, one line for each step.
   * @param options Its cause.
   */
  constructor(
    message: string,
    replay: string,
    interleaving: readonly string[],
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.replay = replay;
    this.interleaving = interleaving;
  }
}

/**
 * Something was wrong after `cancelEverywhere()` had cancelled a task. The message
 * says which task and where; what was wrong is the `cause`.
 *
 * @example A lock that is not released
 * ```ts
 * import { Lock, sleep } from "@asyncio/asyncio";
 * import { cancelEverywhere, SweepError } from "@asyncio/asyncio/testing";
 * import { assertFalse, assertRejects } from "@std/assert";
 *
 * let lock = new Lock();
 * await assertRejects(
 *   () =>
 *     cancelEverywhere(async () => {
 *       lock = new Lock();
 *       await lock.acquire();
 *       await sleep(1); // not in a `try` block
 *       lock.release();
 *     }, () => assertFalse(lock.locked())),
 *   SweepError,
 *   "cancelled at wait 1",
 * );
 * ```
 *
 * @category Testing
 */
export class SweepError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "SweepError";
  /** `"SweepError"` */
  override name = "SweepError";
}

// Copyright 2026 the asyncio authors. MIT license.

import { awaitError } from "../_core/await.ts";
import { births } from "../_core/births.ts";
import { cancelNode } from "../_core/cancel.ts";
import { cancelAs } from "../_core/cancellers.ts";
import { cancellationIn } from "../_core/cancellation.ts";
import { callerDriver } from "../_core/drivers.ts";
import type {
  CancelTarget,
  DoneListener,
  LinePlace,
} from "../_core/protocols.ts";
import { CancelScope } from "../_core/scopes.ts";
import { isAwaitable, isIterable, type Outcome } from "../_util/awaitables.ts";
import { messageText } from "../_util/checks.ts";
import { OwnOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import { calledAs, SourceSite } from "../_util/source_site.ts";
import { keepSpecimens } from "../_util/specimens.ts";
import { Coroutine } from "../coroutine.ts";
import { Future, wrapFuture } from "../future.ts";
import { type Awaitable, sleep, Task } from "../task.ts";
import { commonLoop, requireAwaitable } from "./awaitables.ts";
import { suspendedIn } from "./suspended.ts";

/**
 * All tasks of a race start with the next turn, whatever the task factory: one
 * that ends in its first step cancels the others before they take theirs. Two
 * eager tasks could both have taken an item by then.
 */
const LAZILY = { eagerStart: false } as const;

/** Whether the race has made a contestant, or was given it. */
type Origin = "made" | "given";

/** A race that is not over. */
function raceSpecimens(): unknown {
  return suspendedIn(() => race([sleep(0.5)]));
}

/**
 * The future that a race waits for. It ends when all contestants have.
 *
 * - The first contestant that is done is the winner. The others are cancelled
 *   at that moment, not a turn later: a contestant that is about to take an item
 *   of a queue, or a lock, gets the cancellation instead and hands on what it
 *   would have taken.
 * - Cancelling the future cancels all contestants. Then one that ends as
 *   cancelled is no winner: the first that ends otherwise is.
 * - If there is no winner, the future ends as cancelled.
 */
class RacingFuture extends Future<void> implements DoneListener {
  static override readonly $printedClass: string = "_RacingFuture";

  /** @ignore */
  readonly $endsWithFirst = true;
  winner: Future<unknown> | null = null;
  #task: Task<unknown>;
  /** Those that are not done, in order. */
  #pending = new Map<Future<unknown>, Origin>();
  #isStarting = false;
  /** Whether a cancellation was passed on to the contestants. */
  #isCancelled = false;
  #message: string | undefined;

  constructor(task: Task<unknown>) {
    super(new OwnOptions(task.getLoop()));
    keepSpecimens(raceSpecimens);
    this.#task = task;
  }

  /** Starts all contestants, or none if one of them cannot be awaited here. */
  start(contestants: readonly Awaitable<unknown>[]): void {
    for (const contestant of contestants) {
      if (contestant instanceof Coroutine) contestant.$requireFresh();
      if (!(contestant instanceof Future)) continue;
      const error = awaitError(this.#task, contestant);
      if (error !== null) throw error;
    }
    this.#isStarting = true;
    this.winner = contestants.find(isDone) ?? null;
    for (const contestant of contestants) {
      if (this.winner === null) this.#add(contestant);
      else this.#drop(contestant);
    }
    this.#isStarting = false;
    this.#finishIfOver();
  }

  /** Cancels whatever has not ended. */
  stop(): void {
    for (const contestant of [...this.#pending.keys()]) {
      if (!contestant.done()) this.#cancelContestant(contestant);
    }
  }

  #add(contestant: Awaitable<unknown>): void {
    try {
      if (contestant instanceof Future) this.#watch(contestant, "given");
      else this.#watch(this.#make(contestant), "made");
    } catch (error) { // of a task factory, or of what looks like a promise
      const failed = this.getLoop().createFuture();
      failed.setException(error);
      this.#watch(failed, "made");
    }
  }

  #make(contestant: Awaitable<unknown>): Future<unknown> {
    const loop = this.getLoop();
    return contestant instanceof Coroutine || typeof contestant === "function"
      ? loop.createTask(contestant, LAZILY)
      : wrapFuture(contestant, { loop });
  }

  #watch(contestant: Future<unknown>, origin: Origin): void {
    if (contestant.done()) this.#settle(contestant, origin);
    else {
      this.#pending.set(contestant, origin);
      contestant.$addListener(this);
    }
  }

  /** The race is decided: this one need not even start. */
  #drop(contestant: Awaitable<unknown>): void {
    if (contestant instanceof Coroutine) return contestant.close();
    if (typeof contestant === "function" || isDone(contestant)) return;
    try {
      // A promise runs already. Its rejection is not to be an unhandled one.
      const isGiven = contestant instanceof Future;
      const future = isGiven ? contestant : this.#make(contestant);
      this.#watch(future, isGiven ? "given" : "made");
      this.#cancelContestant(future);
    } catch (error) {
      this.#report("Exception in what lost a race", error);
    }
  }

  #cancelContestant(contestant: Future<unknown>): void {
    const before = cancelAs("A race that is over");
    try {
      contestant.cancel();
    } catch (error) { // of a `cancel()` that is not the library's
      this.#report("Exception in cancel() of what lost a race", error, {
        future: contestant,
      });
    } finally {
      cancelAs(before);
    }
  }

  /** A contestant is done. */
  $wakeup(contestant: Future<unknown>): void {
    const origin = this.#pending.get(contestant) ?? "given"; // once more
    this.#pending.delete(contestant);
    this.#settle(contestant, origin);
    this.#finishIfOver();
  }

  #settle(contestant: Future<unknown>, origin: Origin): void {
    if (this.winner !== null) {
      if (origin === "made") this.#reportFailure(contestant);
    } else if (!this.#isCancelled || !endedAsCancelled(contestant)) {
      this.winner = contestant;
      // If the race was cancelled, they all have been asked to end already.
      if (!this.#isCancelled) this.stop();
    }
  }

  /** @ignore */
  $callbackText(): string {
    return "race()";
  }

  #finishIfOver(): void {
    if (this.#pending.size > 0 || this.#isStarting || this.done()) return;
    if (this.winner === null) super.cancel(this.#message);
    else this.setResult();
  }

  /**
   * Only the race knows the tasks that it has made, so it reports their errors.
   * A future that it was given may have other waiters; if it has none,
   * its loop reports it.
   */
  #reportFailure(contestant: Future<unknown>): void {
    if (!contestant.$hasFailed()) return;
    this.#report("Exception in what lost a race", contestant.exception(), {
      future: contestant,
    });
  }

  #report(message: string, exception: unknown, more: object = {}): void {
    this.getLoop().callExceptionHandler({ message, exception, ...more });
  }

  override cancel(message?: string): boolean {
    return this.done()
      ? super.cancel(message)
      : cancelNode(this, messageText(message));
  }

  /** @ignore */
  override $cancelTargets(): CancelTarget[] {
    return [...this.#pending.keys()].map((future) => ({ future, wait: null }));
  }

  /** @ignore */
  override $beginCancel(message: string | undefined): null {
    // Before it reaches them: a future ends as cancelled at once.
    this.#isCancelled = true;
    this.#message = message;
    return null;
  }

  /**
   * A race whose task ends without waiting for it goes on, unless it would take
   * what nothing gets: see `Task`.
   *
   * @ignore
   */
  override $placeInLine(): LinePlace | null {
    for (const contestant of this.#pending.keys()) {
      if (!(contestant instanceof Task)) continue;
      for (const wait of contestant.$waitsOf()) {
        const place = wait.$waitingFor()?.$placeInLine();
        if (place) return place;
      }
    }
    return null;
  }
}

function isDone(contestant: unknown): contestant is Future<unknown> {
  return contestant instanceof Future && contestant.done();
}

/** Whether a future was cancelled, or failed with a cancellation: a gathering. */
function endedAsCancelled(future: Future<unknown>): boolean {
  return future.cancelled() ||
    future.$hasFailed() && cancellationIn(future.$rawValue) !== null;
}

const raceCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  function* race(
    contestants: readonly Awaitable<unknown>[],
    site: SourceSite | null,
  ) {
    const scope = new CancelScope();
    const racing = new RacingFuture(scope.task as Task<unknown>);
    try {
      calledAs(site, () => racing.start(contestants));
      yield* racing;
    } catch (error) {
      if (racing.winner === null) {
        scope.leave();
        throw error;
      }
    } finally {
      racing.stop(); // what still runs, if the coroutine is closed
    }
    const request = scope.leave();
    // What the winner has given would be lost if a cancellation that came in the
    // meantime were thrown now: it comes with the next wait.
    if (request !== null) scope.task.$cancelRequests()!.setDue(request);
    return racing.winner!.result();
  },
  "race",
  callerDriver,
);

/**
 * Waits for the first of several awaitables, and ends the others.
 *
 * The first that is done decides, with a result or an exception. The others are
 * cancelled at that moment and waited for: when the race is over, nothing of it
 * runs any more. `Promise.race` leaves the others running.
 *
 * - Coroutines and functions become tasks, in the order given. They take their
 *   first steps with the next turn of the loop, also under an eager task
 *   factory. Of several that are done in the same turn, the first one wins; a
 *   task that has not begun by then never does.
 * - Nothing is taken and lost: a `queue.get()` or a `lock.acquire()` that does not
 *   win takes nothing, if it is a contestant itself or the last thing that one
 *   waits for. One that has its item and goes on to wait for something else is
 *   cancelled there, and what it does with the item is its own affair.
 * - The exception of the winner comes out as the same object. The exception of
 *   another contestant that fails while it is being cancelled goes to the
 *   exception handler of the loop, since no other code would see it; that of a
 *   future or task that was passed only if it is never retrieved. A result that a
 *   contestant gives although it was cancelled is dropped.
 * - Futures and tasks that were passed are cancelled when they lose. Pass
 *   `shield(task)` to keep one. A promise cannot be cancelled: its outcome is
 *   ignored.
 * - A cancellation of the race, by its task or a time limit, goes to all of the
 *   contestants, and comes out when they have ended. If one of them ends with a
 *   result or an exception all the same, that comes out, and the cancellation
 *   with the next wait of the task.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for. Nothing is started, and nothing cancelled,
 * before the race is awaited.
 * @returns A coroutine of the result of the winner.
 * @throws {TypeError} If there is no awaitable.
 * @throws {TypeError} If one of them cannot be awaited.
 * @throws {Error} If a coroutine was awaited before, or is given twice.
 * @throws {Error} If they belong to different loops.
 *
 * @example The first answer
 * ```ts
 * import { race, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 *
 * async function ask(server: string, delay: number) {
 *   try {
 *     await sleep(delay);
 *     return server;
 *   } finally {
 *     log.push(`${server} is over`);
 *   }
 * }
 *
 * await run(async () => {
 *   assertEquals(await race(() => ask("far", 60), () => ask("near", 0.01)), "near");
 *   assertEquals(log, ["near is over", "far is over"]);
 * });
 * ```
 *
 * @example An item, or the end
 * ```ts
 * import { Event, Queue, race, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const queue = new Queue<string>();
 *   const stop = new Event();
 *   stop.set();
 *   assertEquals(await race(stop.wait(), queue.get()), true);
 *   queue.putNowait("kept");
 *   assertEquals(queue.qsize(), 1);
 * });
 * ```
 *
 * @category Waiting
 */
export function race<A extends readonly Awaitable<unknown>[]>(
  ...awaitables: A
): Coroutine<Outcome<A[number]>>;
/**
 * Waits for the first of the awaitables of an iterable, and ends the others.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @returns A coroutine of the result of the winner.
 * @throws {TypeError} If there is no awaitable.
 * @throws {TypeError} If one of them cannot be awaited.
 * @throws {Error} If a coroutine was awaited before, or is given twice.
 * @throws {Error} If they belong to different loops.
 *
 * @example Usage
 * ```ts
 * import { race, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const delays = [0.02, 0.01, 60];
 *   const first = await race(delays.map((delay) => sleep(delay, delay)));
 *   assertEquals(first, 0.01);
 * });
 * ```
 *
 * @category Waiting
 */
export function race<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
): Coroutine<Outcome<A>>;
export function race(...args: unknown[]): Coroutine<unknown> {
  const awaitables = raceArguments(args);
  return raceCoroutine(awaitables, raceSite(awaitables));
}

/**
 * Where `race()` was called: nothing of that is running when the race begins.
 * `null` if it is not going to be printed.
 */
function raceSite(awaitables: readonly unknown[]): SourceSite | null {
  const isPrinted = births.note !== null ||
    awaitables.some((value) => typeof value === "function");
  return isPrinted ? new SourceSite(() => [race]) : null;
}

function raceArguments(args: unknown[]): Awaitable<unknown>[] {
  const [first] = args;
  const isList = args.length > 0 && !isAwaitable(first) && isIterable(first);
  const given = isList ? [...first] : args;
  if (isList && args.length > 1) {
    throw new TypeError(
      `race() takes awaitables, or one iterable of them: the second argument is ${
        valueText(args[1])
      }`,
    );
  }
  if (given.length === 0) {
    throw new TypeError("race() needs at least one awaitable");
  }
  const coroutines = new Set<unknown>();
  for (const value of given) {
    requireAwaitable(value);
    if (!(value instanceof Coroutine)) continue;
    if (coroutines.has(value)) {
      throw new Error(`race() was given the same coroutine twice: ${value}`);
    }
    coroutines.add(value);
  }
  const awaitables = given as Awaitable<unknown>[];
  if (awaitables.some((value) => value instanceof Future)) {
    commonLoop(awaitables);
  }
  return awaitables;
}

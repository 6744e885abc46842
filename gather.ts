/**
 * Waiting for several things at once.
 *
 * ```ts
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const results = await gather(sleep(0.02, "a"), sleep(0.01, 1));
 *   assertEquals(results, ["a", 1]);
 * });
 * ```
 *
 * @module
 */

import { requireNumber } from "./_arguments.ts";
import { cancelAll } from "./_cancel.ts";
import { valueText } from "./_repr.ts";
import { activeLoop, currentLoop, requireRunningLoop } from "./_scope.ts";
import { Coroutine, coroutine } from "./coroutine.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import { Future, wrapFuture } from "./future.ts";
import type { EventLoop, TimerHandle } from "./loop.ts";
import { type Awaitable, ensureFuture } from "./task.ts";
import { timeout } from "./timeouts.ts";

/** The type that awaiting a value of type `A` gives. */
export type Outcome<A> = A extends () => infer R
  ? R extends Generator<unknown, infer T, never> ? T : Awaited<R>
  : Awaited<A>;

/** The types of the results of several awaitables, in their order. */
export type Outcomes<A extends readonly unknown[]> = {
  -readonly [K in keyof A]: Outcome<A[K]>;
};

/** Options for {@linkcode gather}. */
export interface GatherOptions {
  /**
   * Whether exceptions stand among the results, instead of ending the gathering
   * with the first one.
   *
   * @default {false}
   */
  returnExceptions?: boolean;
}

/** The future that {@linkcode gather} gives. */
class GatheringFuture<T> extends Future<T> {
  private _children: Future<unknown>[];
  /** It was cancelled, and so were children: it ends when they have. */
  private _cancelRequested = false;

  constructor(loop: EventLoop, children: Future<unknown>[]) {
    super({ loop });
    this._children = children;
  }

  override cancel(message?: string): boolean {
    return this.done()
      ? super.cancel(message) && false
      : cancelAll(this, message);
  }

  /** @ignore */
  protected override _className(): string {
    return "_GatheringFuture";
  }
}

/**
 * Waits for several awaitables together.
 *
 * Coroutines become tasks, in the order given. The future that it gives ends
 * with the list of their results, in the order given, or with the first
 * exception; the others then run on. Cancelling it cancels all that are not
 * done. One of them being cancelled counts as an exception, and does not cancel
 * the rest.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for. The same one twice is waited for once, and
 * stands in the results twice.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Nothing is started then.
 * @throws {Error} If they belong to different loops.
 *
 * @example Usage
 * ```ts
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const [name, age] = await gather(sleep(0.01, "Ada"), sleep(0, 36));
 *   assertEquals([name, age], ["Ada", 36]);
 * });
 * ```
 */
export function gather<A extends readonly Awaitable<unknown>[]>(
  ...awaitables: A
): Future<Outcomes<A>>;
/**
 * Waits for all awaitables of a list together.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for.
 * @param options What to do with exceptions.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Nothing is started then.
 * @throws {Error} If they belong to different loops.
 *
 * @example Exceptions among the results
 * ```ts
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const error = new Error("no luck");
 *   const fail = async () => {
 *     throw error;
 *   };
 *   const results = await gather([fail, sleep(0, 1)], {
 *     returnExceptions: true,
 *   });
 *   assertEquals(results, [error, 1]);
 * });
 * ```
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options?: GatherOptions & { returnExceptions?: false },
): Future<Outcomes<A>>;
/**
 * Waits for all awaitables of a list together, exceptions among the results.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for.
 * @param options That exceptions are to stand among the results.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Nothing is started then.
 * @throws {Error} If they belong to different loops.
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options: GatherOptions,
): Future<{ -readonly [K in keyof A]: Outcome<A[K]> | Error }>;
/**
 * Waits for all awaitables of an iterable together.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @param options What to do with exceptions.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Nothing is started then.
 * @throws {Error} If they belong to different loops.
 */
export function gather<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options?: GatherOptions & { returnExceptions?: false },
): Future<Outcome<A>[]>;
/**
 * Waits for all awaitables of an iterable together, exceptions among the
 * results.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @param options That exceptions are to stand among the results.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Nothing is started then.
 * @throws {Error} If they belong to different loops.
 */
export function gather<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options: GatherOptions,
): Future<(Outcome<A> | Error)[]>;
export function gather(...args: unknown[]): Future<unknown> {
  const { awaitables, returnExceptions } = gatherArguments(args);
  const loop = commonLoop(awaitables);
  if (awaitables.length === 0) {
    const empty = loop.createFuture<unknown[]>();
    empty.setResult([]);
    return empty;
  }
  const futures = new Map<unknown, Future<unknown>>();
  for (const awaitable of awaitables) {
    if (futures.has(awaitable)) continue;
    futures.set(awaitable, ensureFuture(awaitable, { loop }));
  }
  const children = awaitables.map((awaitable) => futures.get(awaitable)!);
  const outer = new GatheringFuture<unknown[]>(loop, children);
  let left = futures.size;
  const childDone = (child: Future<unknown>) => {
    left--;
    if (outer.done()) {
      if (!child.cancelled()) child.exception(); // nobody else will look at it
      return;
    }
    if (!returnExceptions) {
      if (child.cancelled()) {
        outer.setException(child["_makeCancelledError"]());
        return;
      }
      const exception = child.exception();
      if (child["_state"] === "failed") {
        outer.setException(exception);
        return;
      }
    }
    if (left > 0) return;
    if (outer["_cancelRequested"]) {
      outer.setException(child["_makeCancelledError"]());
    } else {
      outer.setResult(children.map(outcomeOf));
    }
  };
  Object.defineProperty(childDone, "name", {
    value: "gather.<locals>._done_callback",
  });
  for (const child of futures.values()) {
    // What is done already counts at once: eager tasks may all be.
    if (child.done()) childDone(child);
    else child.addDoneCallback(childDone);
  }
  return outer;
}

function gatherArguments(
  args: unknown[],
): { awaitables: Awaitable<unknown>[]; returnExceptions: boolean } {
  const [first, options] = args;
  const given = isAwaitable(first) || first === undefined || !isIterable(first)
    ? args
    : [...first];
  if (given !== args && args.length > 2) {
    throw new TypeError(
      `gather() takes awaitables, or one iterable of them with options: the third argument is ${
        valueText(args[2])
      }`,
    );
  }
  given.forEach(requireAwaitable);
  return {
    awaitables: given as Awaitable<unknown>[],
    returnExceptions: given !== args &&
      Boolean((options as GatherOptions | undefined)?.returnExceptions),
  };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null &&
    Symbol.iterator in value;
}

function isAwaitable(value: unknown): value is Awaitable<unknown> {
  return typeof value === "function" ||
    typeof (value as PromiseLike<unknown> | null | undefined)?.then ===
      "function";
}

function requireAwaitable(value: unknown): void {
  if (!isAwaitable(value)) {
    throw new TypeError(
      `A Future, a coroutine or an awaitable is required, got ${
        valueText(value)
      }`,
    );
  }
  if (value instanceof Coroutine) value["_requireFresh"]();
}

/** The loop of the futures among the awaitables, else the current one. */
function commonLoop(awaitables: readonly Awaitable<unknown>[]): EventLoop {
  let loop = activeLoop();
  for (const awaitable of awaitables) {
    if (!(awaitable instanceof Future)) continue;
    loop ??= awaitable.getLoop();
    requireLoop(loop, awaitable);
  }
  return loop ?? currentLoop();
}

function requireLoop(loop: EventLoop, future: Future<unknown>): void {
  if (future.getLoop() !== loop) {
    throw new Error(`The future belongs to a different loop: ${future}`);
  }
}

/** The result, exception or cancellation of a future that is done. */
function outcomeOf(future: Future<unknown>): unknown {
  switch (future["_state"]) {
    case "cancelled":
      return future["_makeCancelledError"]();
    case "failed":
      return future.exception();
    default:
      return future.result();
  }
}

/** {@linkcode wait} ends when the first of them is done. */
export const FIRST_COMPLETED = "FIRST_COMPLETED";

/** {@linkcode wait} ends when the first has failed, or all are done. */
export const FIRST_EXCEPTION = "FIRST_EXCEPTION";

/** {@linkcode wait} ends when all of them are done. */
export const ALL_COMPLETED = "ALL_COMPLETED";

/** When {@linkcode wait} ends. */
export type ReturnWhen =
  | typeof FIRST_COMPLETED
  | typeof FIRST_EXCEPTION
  | typeof ALL_COMPLETED;

const RETURN_WHEN: readonly unknown[] = [
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  ALL_COMPLETED,
];

/** Options for {@linkcode wait}. */
export interface WaitOptions {
  /**
   * After how many seconds to end whatever is still pending.
   *
   * @default {null, never}
   */
  timeout?: number | null;
  /**
   * What to wait for.
   *
   * @default {ALL_COMPLETED}
   */
  returnWhen?: ReturnWhen;
}

/**
 * Waits for several futures and tasks, and says which are done.
 *
 * It takes no result and throws nobody's exception, and it cancels nothing: not
 * when the timeout is over, nor when it is cancelled itself.
 *
 * @typeParam F The type of the futures.
 * @param futures What to wait for. Coroutines must be made tasks before: who
 * else could tell them apart afterwards?
 * @param options How long and for what to wait.
 * @returns A coroutine of two sets, the done and the pending.
 * @throws {TypeError} If it is not an iterable of futures.
 * @throws {RangeError} If it is empty.
 * @throws {RangeError} If `returnWhen` is unknown.
 * @throws {TypeError} If `timeout` is not a number, or `NaN`.
 *
 * @example The first of two
 * ```ts
 * import { createTask, FIRST_COMPLETED, run, sleep, wait } from "@asyncio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const quick = createTask(sleep(0.01));
 *   const slow = createTask(sleep(60));
 *   const [done, pending] = await wait([quick, slow], {
 *     returnWhen: FIRST_COMPLETED,
 *   });
 *   assertEquals([...done], [quick]);
 *   assert(pending.has(slow));
 *   slow.cancel();
 * });
 * ```
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: WaitOptions,
): Coroutine<[done: Set<F>, pending: Set<F>]> {
  if (isAwaitable(futures) || !isIterable(futures)) {
    throw new TypeError(
      `expect a list of futures, not ${valueText(futures)}`,
    );
  }
  const set = new Set(futures);
  for (const future of set) {
    if (future instanceof Future) continue;
    throw new TypeError(
      isAwaitable(future)
        ? `Passing coroutines is forbidden, use tasks explicitly: got ${
          valueText(future)
        }`
        : `expect a list of futures, got ${valueText(future)} among them`,
    );
  }
  if (set.size === 0) throw new RangeError("Set of Tasks/Futures is empty.");
  const returnWhen = options?.returnWhen ?? ALL_COMPLETED;
  if (!RETURN_WHEN.includes(returnWhen)) {
    throw new RangeError(`Invalid returnWhen value: ${valueText(returnWhen)}`);
  }
  const timeout = options?.timeout ?? null;
  if (timeout !== null) requireNumber("the timeout of wait()", timeout);
  return waitCoroutine(set, timeout, returnWhen) as Coroutine<
    [done: Set<F>, pending: Set<F>]
  >;
}

const waitCoroutine = coroutine(function* wait(
  futures: Set<Future<unknown>>,
  timeout: number | null,
  returnWhen: ReturnWhen,
) {
  const loop = requireRunningLoop();
  for (const future of futures) requireLoop(loop, future);
  const waiter = loop.createFuture<void>();
  const release = () => {
    if (!waiter.done()) waiter.setResult();
  };
  let timer: TimerHandle | null = null;
  if (timeout !== null && timeout < Infinity) {
    timer = loop.callLater(timeout, release);
  }
  let left = futures.size;
  const futureDone = (future: Future<unknown>) => {
    left--;
    if (
      left === 0 || returnWhen === FIRST_COMPLETED ||
      (returnWhen === FIRST_EXCEPTION && !future.cancelled() &&
        future["_state"] === "failed")
    ) {
      timer?.cancel();
      release();
    }
  };
  for (const future of futures) future.addDoneCallback(futureDone);
  try {
    yield* waiter;
  } finally {
    timer?.cancel();
    for (const future of futures) future.removeDoneCallback(futureDone);
  }
  const done = new Set<Future<unknown>>();
  const pending = new Set<Future<unknown>>();
  for (const future of futures) (future.done() ? done : pending).add(future);
  return [done, pending];
});

/** Waits for anything that can be waited for, as part of the task. */
function* outcome<T>(awaitable: Awaitable<T>): Generator<unknown, T, unknown> {
  if (awaitable instanceof Coroutine || awaitable instanceof Future) {
    return yield* awaitable as Coroutine<T>;
  }
  if (typeof awaitable === "function") {
    return yield* Coroutine["_ofBody"](awaitable);
  }
  return yield* wrapFuture(awaitable);
}

/** Cancels a future and waits until it is done, however long that takes. */
function* cancelAndWait(
  future: Future<unknown>,
): Generator<unknown, void, unknown> {
  // Not by waiting for the future itself: cancelling this would then just
  // cancel that once more.
  const waiter = future.getLoop().createFuture<void>();
  const release = () => {
    if (!waiter.done()) waiter.setResult();
  };
  future.addDoneCallback(release);
  try {
    future.cancel();
    yield* waiter;
  } finally {
    future.removeDoneCallback(release);
  }
}

const waitForCoroutine = coroutine(function* waitFor(
  awaitable: Awaitable<unknown>,
  limit: number | null,
) {
  if (limit === null || limit > 0) {
    return yield* timeout(limit, () => outcome(awaitable));
  }
  const future = ensureFuture(awaitable);
  if (!future.done()) yield* cancelAndWait(future);
  else return future.result();
  try {
    return future.result();
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    throw new TimeoutError("", { cause: error });
  }
});

/**
 * Waits for one awaitable, for some time only.
 *
 * When the time is over, the awaitable is cancelled, and when that is done
 * {@linkcode TimeoutError} comes out. When the wait is cancelled, the awaitable
 * is too. Use {@linkcode shield} to keep it from that.
 *
 * @typeParam A The type of the awaitable.
 * @param awaitable What to wait for.
 * @param timeout In seconds. Zero or less: what is not done already is
 * cancelled, a coroutine without being started. `null` or `undefined` is no
 * limit.
 * @returns A coroutine of the result.
 * @throws {TypeError} If it cannot be awaited.
 * @throws {TypeError} If `timeout` is not a number, or `NaN`.
 *
 * @example Usage
 * ```ts
 * import { run, sleep, TimeoutError, waitFor } from "@asyncio/asyncio";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * await run(async () => {
 *   assertEquals(await waitFor(sleep(0, "quick"), 60), "quick");
 *   try {
 *     await waitFor(sleep(60), 0.01);
 *   } catch (error) {
 *     assertInstanceOf(error, TimeoutError);
 *   }
 * });
 * ```
 */
export function waitFor<A extends Awaitable<unknown>>(
  awaitable: A,
  timeout: number | null | undefined,
): Coroutine<Outcome<A>> {
  requireAwaitable(awaitable);
  if (timeout !== null && timeout !== undefined) {
    requireNumber("the timeout of waitFor()", timeout);
  }
  return waitForCoroutine(awaitable, timeout ?? null) as Coroutine<Outcome<A>>;
}

/**
 * Waits for something without passing a cancellation on to it.
 *
 * `await shield(work())` is `await work()`, except that when the task that
 * waits is cancelled, `work()` is not and runs on; the task still gets its
 * {@linkcode CancelledError}. Should the work then fail, the exception handler
 * is told, as nobody else would be.
 *
 * @typeParam A The type of the awaitable.
 * @param awaitable What to protect. Of a coroutine, a task is made.
 * @returns A future of the result.
 * @throws {TypeError} If it cannot be awaited.
 *
 * @example Usage
 * ```ts
 * import { createTask, run, shield, sleep } from "@asyncio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const work = createTask(sleep(0.01, "done"));
 *   const waiting = createTask(async () => await shield(work));
 *   await sleep(0);
 *   waiting.cancel();
 *   assertEquals(await work, "done");
 *   assert(waiting.cancelled());
 * });
 * ```
 */
export function shield<A extends Awaitable<unknown>>(
  awaitable: A,
): Future<Outcome<A>> {
  requireAwaitable(awaitable);
  const inner = ensureFuture(awaitable) as Future<Outcome<A>>;
  if (inner.done()) return inner;
  const outer = inner.getLoop().createFuture<Outcome<A>>();
  const innerDone = () => {
    if (outer.cancelled()) return;
    if (inner.cancelled()) outer.cancel();
    else if (inner["_state"] === "failed") {
      outer.setException(inner.exception());
    } else outer.setResult(inner.result());
  };
  inner.addDoneCallback(innerDone);
  outer.addDoneCallback(() => {
    if (inner.done()) return;
    inner.removeDoneCallback(innerDone);
    // However many shields of it were cancelled, it fails once.
    inner.removeDoneCallback(reportShielded);
    inner.addDoneCallback(reportShielded);
  });
  return outer;
}

function reportShielded(future: Future<unknown>): void {
  if (future["_state"] !== "failed") return;
  const exception = future.exception();
  const name = exception instanceof Error ? exception.name : "Error";
  future.getLoop().callExceptionHandler({
    message: `${name} exception in shielded future`,
    exception,
    future,
  });
}

/** Options for {@linkcode asCompleted}. */
export interface AsCompletedOptions {
  /**
   * After how many seconds to give up on those that are not done.
   *
   * @default {null, never}
   */
  timeout?: number | null;
}

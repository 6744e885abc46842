// Copyright 2026 the asyncio authors. MIT license.

import {
  isAwaitable,
  isIterable,
  type Outcome,
  type Outcomes,
} from "../_util/awaitables.ts";
import { optionalLimit } from "../_util/limit.ts";
import { OwnOptions, requireOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import { calledAs } from "../_util/source_site.ts";
import { Coroutine, type CoroutineLike } from "../coroutine.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import { type Awaitable, ensureFuture } from "../task.ts";
import { commonLoop, requireAwaitable } from "./awaitables.ts";
import { GatheringFuture } from "./gathering_future.ts";
import { type AnyIterable, isAsyncIterable } from "./intake.ts";
import { LimitedGathering } from "./limited_gather.ts";

const GATHER_OPTIONS: readonly string[] = ["limit", "returnExceptions"];

/**
 * Options for {@linkcode gather}.
 *
 * @category Waiting
 */
export interface GatherOptions {
  /**
   * How many may be under way at once. The others start later, in order, each
   * when one has ended. Functions and coroutines begin when it is their turn;
   * tasks, futures and promises run already, and just count.
   *
   * Then the iterable may be lazy: an element is asked for when it can start. It
   * is closed when the gathering fails or is cancelled.
   *
   * @default {Infinity}
   */
  limit?: number | null;
  /**
   * Whether exceptions are put among the results. Otherwise the first exception
   * ends the gathering.
   *
   * Anything can be thrown in JavaScript, so each result is `unknown` then:
   * narrow it with `instanceof Error`, or by what the awaitable gives. To keep
   * the types, ask the tasks themselves, for `exception()` and `result()`.
   *
   * @default {false}
   */
  returnExceptions?: boolean;
}

/**
 * Waits for several awaitables at the same time.
 *
 * Coroutines become tasks, in the order given. The future that this returns
 * ends with the list of the results, in the order given, or with the first
 * exception; the other awaitables keep running after an exception. Cancelling
 * the future cancels every awaitable that is not done. An awaitable that is
 * cancelled by other means counts as one that failed: the others are not
 * cancelled.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for. A future or coroutine that is given twice
 * is waited for once, and its result appears twice.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Then nothing is
 * started.
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
 *
 * @category Waiting
 */
export function gather<A extends readonly Awaitable<unknown>[]>(
  ...awaitables: A
): Future<Outcomes<A>>;
/**
 * Waits for all awaitables of a list at the same time.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for.
 * @param options What to do with exceptions.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited, or if there is no such
 * option. Then nothing is started.
 * @throws {Error} If they belong to different loops.
 *
 * @category Waiting
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options?: GatherOptions & { returnExceptions?: false },
): Future<Outcomes<A>>;
/**
 * Waits for all awaitables of a list at the same time, with exceptions among
 * the results.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for.
 * @param options Options with `returnExceptions: true`.
 * @returns A future of the results. Anything can be thrown, so each of them is
 * `unknown`.
 * @throws {TypeError} If one of them cannot be awaited, or if there is no such
 * option. Then nothing is started.
 * @throws {Error} If they belong to different loops.
 *
 * @example Exceptions among the results
 * ```ts
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const fail = async (): Promise<number> => {
 *     throw new RangeError("no luck");
 *   };
 *   const results = await gather([sleep(0, 1), fail, sleep(0, 2)], {
 *     returnExceptions: true,
 *   });
 *   let sum = 0;
 *   const failures: string[] = [];
 *   for (const result of results) {
 *     if (typeof result === "number") sum += result;
 *     else if (result instanceof Error) failures.push(result.message);
 *     else throw result; // not even an error
 *   }
 *   assertEquals(sum, 3);
 *   assertEquals(failures, ["no luck"]);
 * });
 * ```
 *
 * @category Waiting
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options: GatherOptions,
): Future<{ -readonly [K in keyof A]: unknown }>;
/**
 * Waits for all awaitables of an iterable, asynchronous or not, at the same time
 * or a limited number at a time.
 *
 * With a `limit`, elements are pulled one by one, when there is room for one. So
 * the iterable may be lazy, such as a generator of functions, and as long as you
 * like. The same is true of an asynchronous iterable or a stream, with or without
 * a limit.
 *
 * - The results are in the order in which the elements came.
 * - When one fails, or the iterable throws or gives what cannot be awaited, nothing
 *   more is pulled, the iterable is closed, and the future fails. As always with
 *   `gather()`, what is under way goes on. Use `taskGroup()` where it is to be
 *   cancelled.
 * - Cancelling the future cancels what is under way and closes the iterable.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @param options How many at a time, and what to do with exceptions.
 * @returns A future of the results.
 * @throws {TypeError} If an array has an element that cannot be awaited, or if
 * there is no such option. Then nothing is started.
 * @throws {TypeError} If `limit` is not a number, or is `NaN`.
 * @throws {RangeError} If `limit` is less than 1, or not a whole number.
 * @throws {Error} If they belong to different loops.
 *
 * @example Two at a time
 * ```ts
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * let busy = 0;
 * let most = 0;
 *
 * async function fetchPage(page: number) {
 *   most = Math.max(most, ++busy);
 *   await sleep(0.01);
 *   busy--;
 *   return `page ${page}`;
 * }
 *
 * function* pages() {
 *   for (let page = 1; page <= 5; page++) yield () => fetchPage(page);
 * }
 *
 * const texts = await run(() => gather(pages(), { limit: 2 }));
 * assertEquals(texts, ["page 1", "page 2", "page 3", "page 4", "page 5"]);
 * assertEquals(most, 2);
 * ```
 *
 * @category Waiting
 */
export function gather<A extends Awaitable<unknown>>(
  awaitables: Iterable<A> | AsyncIterable<A>,
  options?: GatherOptions & { returnExceptions?: false },
): Future<Outcome<A>[]>;
/**
 * Waits for all awaitables of an iterable, asynchronous or not, with exceptions
 * among the results.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @param options Options with `returnExceptions: true`.
 * @returns A future of the results. Anything can be thrown, so each of them is
 * `unknown`.
 * @throws {TypeError} If an array has an element that cannot be awaited, or if
 * there is no such option. Then nothing is started.
 * @throws {TypeError} If `limit` is not a number, or is `NaN`.
 * @throws {RangeError} If `limit` is less than 1, or not a whole number.
 * @throws {Error} If they belong to different loops.
 *
 * @category Waiting
 */
export function gather<A extends Awaitable<unknown>>(
  awaitables: Iterable<A> | AsyncIterable<A>,
  options: GatherOptions,
): Future<unknown[]>;
export function gather(...args: unknown[]): Future<unknown> {
  return calledAs(
    gather,
    () => isToBePulled(args[0], args[1]) ? gatherPulled(args) : gatherAll(args),
  );
}

function gatherAll(args: unknown[]): Future<unknown> {
  const { awaitables, returnExceptions } = gatherArguments(args);
  const loop = commonLoop(awaitables);
  if (awaitables.length === 0) {
    const empty = loop.createFuture<unknown[]>();
    empty.setResult([]);
    return empty;
  }
  const early = new Set<Future<unknown>>();
  const children = makeFutures(awaitables, early, loop);
  return new GatheringFuture(loop, children, returnExceptions, early);
}

/** Whether the awaitables are to be pulled one by one. */
function isToBePulled(first: unknown, options: unknown): boolean {
  if (isAwaitable(first)) return false;
  if (isAsyncIterable(first)) return true;
  const limit = (options as GatherOptions | null | undefined)?.limit;
  return isIterable(first) && limit !== undefined && limit !== null;
}

function gatherPulled(args: unknown[]): Future<unknown> {
  const [first, options] = args as [AnyIterable<unknown>, GatherOptions?];
  requireOptions("gather()", options, GATHER_OPTIONS);
  requireTwo(args);
  const limit = optionalLimit(options?.limit, "the limit of gather()");
  const given = Array.isArray(first) ? first : [];
  for (const value of given) requireAwaitable(value);
  return new LimitedGathering(
    commonLoop(given as Awaitable<unknown>[]),
    first,
    limit,
    Boolean(options?.returnExceptions),
    new Set(given).size < given.length,
  );
}

/**
 * A future of each awaitable; the same future for one that is repeated.
 *
 * @param early Gets those that are done when they are made.
 */
function makeFutures(
  awaitables: Awaitable<unknown>[],
  early: Set<Future<unknown>>,
  loop: EventLoop,
): Future<unknown>[] {
  const options = new OwnOptions(loop);
  const futures: Future<unknown>[] = [];
  // Created only where an awaitable may be repeated, which is rare: filling it
  // would cost a large part of what the tasks themselves do.
  let made: Map<unknown, Future<unknown>> | null = null;
  const index = () =>
    new Map(futures.map((future, i) => [awaitables[i] as unknown, future]));
  for (const awaitable of awaitables) {
    // A function is a recipe: the same one twice makes two tasks.
    const isRecipe = typeof awaitable === "function";
    const isNew = isRecipe ||
      awaitable instanceof Coroutine && awaitable.$isFresh();
    // All coroutines were fresh at first: one that no longer is was seen before.
    if (!isNew && !(awaitable instanceof Future)) made ??= index();
    const known = isRecipe ? undefined : made?.get(awaitable);
    const future: Future<unknown> = known ??
      (isNew
        ? loop.createTask(awaitable as CoroutineLike<unknown>)
        : ensureFuture(awaitable, options));
    // A task factory may keep the coroutine for later. It looks new then, even
    // if it is repeated.
    if (awaitable instanceof Coroutine && awaitable.$isFresh()) {
      made ??= index();
    }
    made?.set(awaitable, future);
    futures.push(future);
    if (future.done()) early.add(future);
  }
  return futures;
}

/** Spellings of the options, for callers that pass them without a list. */
const MISPLACED = /^(limit|return_?exceptions)$/i;

/** What to say of a value in the place of an awaitable that is options. */
function misplacedOptionsHint(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  try {
    const names = Object.keys(value);
    return names.some((name) => MISPLACED.test(name))
      ? "gather() takes options such as returnExceptions with a list only: gather([a, b], { … })"
      : null;
  } catch {
    return null; // a proxy that was revoked
  }
}

function requireTwo(args: unknown[]): void {
  if (args.length <= 2) return;
  throw new TypeError(
    `gather() takes awaitables, or one iterable of them with options: the third argument is ${
      valueText(args[2])
    }`,
  );
}

function gatherArguments(
  args: unknown[],
): { awaitables: Awaitable<unknown>[]; returnExceptions: boolean } {
  const [first, options] = args;
  const isList = !isAwaitable(first) && isIterable(first);
  if (isList) requireOptions("gather()", options, GATHER_OPTIONS);
  if (isList) requireTwo(args);
  const given = isList ? calledAs(null, () => [...first]) : args;
  for (const value of given) {
    requireAwaitable(value, misplacedOptionsHint);
  }
  return {
    awaitables: given as Awaitable<unknown>[],
    returnExceptions: isList &&
      Boolean((options as GatherOptions | undefined)?.returnExceptions),
  };
}

import { isFresh } from "../_core/protocols.ts";
import {
  isAwaitable,
  isIterable,
  type Outcome,
  type Outcomes,
} from "../_util/awaitables.ts";
import { valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import { type Awaitable, ensureFuture } from "../task.ts";
import { commonLoop, requireAwaitable } from "./awaitables.ts";
import { GatheringFuture } from "./gathering_future.ts";

/** Options for {@linkcode gather}. */
export interface GatherOptions {
  /**
   * Whether exceptions are put among the results. Otherwise the first exception
   * ends the gathering.
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
 * @throws {TypeError} If one of them cannot be awaited. Then nothing is
 * started.
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
 * Waits for all awaitables of a list at the same time, with exceptions among
 * the results.
 *
 * @typeParam A The types of the awaitables.
 * @param awaitables What to wait for.
 * @param options Options with `returnExceptions: true`.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Then nothing is
 * started.
 * @throws {Error} If they belong to different loops.
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options: GatherOptions,
): Future<{ -readonly [K in keyof A]: Outcome<A[K]> | Error }>;
/**
 * Waits for all awaitables of an iterable at the same time.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @param options What to do with exceptions.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Then nothing is
 * started.
 * @throws {Error} If they belong to different loops.
 */
export function gather<A extends Awaitable<unknown>>(
  awaitables: Iterable<A>,
  options?: GatherOptions & { returnExceptions?: false },
): Future<Outcome<A>[]>;
/**
 * Waits for all awaitables of an iterable at the same time, with exceptions
 * among the results.
 *
 * @typeParam A The type of the awaitables.
 * @param awaitables What to wait for.
 * @param options Options with `returnExceptions: true`.
 * @returns A future of the results.
 * @throws {TypeError} If one of them cannot be awaited. Then nothing is
 * started.
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
  const children = makeFutures(awaitables, loop);
  return new GatheringFuture(loop, children, returnExceptions);
}

/** A future of each awaitable; the same future for one that is repeated. */
function makeFutures(
  awaitables: Awaitable<unknown>[],
  loop: EventLoop,
): Future<unknown>[] {
  const options = { loop };
  const futures: Future<unknown>[] = [];
  // Created only where an awaitable may be repeated, which is rare: filling it
  // would cost a large part of what the tasks themselves do.
  let made: Map<unknown, Future<unknown>> | null = null;
  const index = () =>
    new Map(futures.map((future, i) => [awaitables[i] as unknown, future]));
  for (const awaitable of awaitables) {
    // A function is a recipe: the same one twice makes two tasks.
    const isRecipe = typeof awaitable === "function";
    if (!isRecipe && !isNewOrFuture(awaitable)) made ??= index();
    const future: Future<unknown> = isRecipe
      ? ensureFuture(awaitable, options)
      : made?.get(awaitable) ?? ensureFuture(awaitable, options);
    // A task factory may keep the coroutine for later. It looks new then, even
    // if it is repeated.
    if (awaitable instanceof Coroutine && awaitable[isFresh]()) {
      made ??= index();
    }
    made?.set(awaitable, future);
    futures.push(future);
  }
  return futures;
}

/**
 * Whether it cannot be a repeated coroutine or promise: all coroutines were
 * fresh at first, so one that no longer is has been seen before.
 */
function isNewOrFuture(awaitable: Awaitable<unknown>): boolean {
  return awaitable instanceof Coroutine
    ? awaitable[isFresh]()
    : awaitable instanceof Future;
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
  for (const value of given) {
    if (
      typeof value === "object" && value !== null && "returnExceptions" in value
    ) {
      throw new TypeError(
        "gather() takes options such as returnExceptions with a list only: gather([a, b], { … })",
      );
    }
    requireAwaitable(value);
  }
  return {
    awaitables: given as Awaitable<unknown>[],
    returnExceptions: given !== args &&
      Boolean((options as GatherOptions | undefined)?.returnExceptions),
  };
}

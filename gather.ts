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

import {
  commonLoop,
  isAwaitable,
  isIterable,
  type Outcome,
  type Outcomes,
  requireAwaitable,
} from "./_wait/awaitables.ts";
import { cancelAll } from "./_core/cancel.ts";
import { valueText } from "./_util/repr.ts";
import { Coroutine } from "./coroutine.ts";
import { CancelledError } from "./errors.ts";
import { Future } from "./future.ts";
import type { EventLoop } from "./loop.ts";
import { type Awaitable, ensureFuture, Task } from "./task.ts";

export type { Outcome, Outcomes };
export * from "./_wait/as_completed.ts";
export * from "./_wait/shield.ts";
export * from "./_wait/wait.ts";
export * from "./_wait/wait_for.ts";

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
 * @param awaitables What to wait for. The same future or coroutine twice is
 * waited for once, and stands in the results twice.
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
  const children = makeFutures(awaitables, loop);
  const outer = new GatheringFuture<unknown[]>(loop, children);
  let left = 0;
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
    const outcomes = children.map(outcomeOf); // all are looked at, in any case
    if (outer["_cancelRequested"]) {
      // Of the last in the list, as CPython does, even if that ended in peace.
      outer.setException(cancellationBy(children.at(-1)!));
    } else {
      outer.setResult(outcomes);
    }
  };
  Object.defineProperty(childDone, "name", {
    value: "gather.<locals>._done_callback",
  });
  const done: Future<unknown>[] = [];
  for (const child of children) {
    if (child.done()) done.push(child);
    else if (child["_isLastWaiter"](childDone)) continue; // it stands there twice
    else child.addDoneCallback(childDone);
    left++;
  }
  // What is done already counts at once: eager tasks may all be.
  done.forEach(childDone);
  return outer;
}

/** A future of each; the same one of what stands there twice. */
function makeFutures(
  awaitables: Awaitable<unknown>[],
  loop: EventLoop,
): Future<unknown>[] {
  const options = { loop };
  const futures: Future<unknown>[] = [];
  // Made when it is needed, which is hardly ever: it would cost a good part of
  // what the tasks do.
  let made: Map<unknown, Future<unknown>> | null = null;
  const index = () =>
    new Map(futures.map((future, i) => [awaitables[i] as unknown, future]));
  for (const awaitable of awaitables) {
    // A function is a recipe: twice the same one makes two tasks.
    const isRecipe = typeof awaitable === "function";
    if (!isRecipe && !isNewOrFuture(awaitable)) made ??= index();
    const future: Future<unknown> = isRecipe
      ? ensureFuture(awaitable, options)
      : made?.get(awaitable) ?? ensureFuture(awaitable, options);
    // A task factory may have put a coroutine aside: that one looks new for ever.
    if (awaitable instanceof Coroutine && awaitable["_isFresh"]()) {
      made ??= index();
    }
    made?.set(awaitable, future);
    futures.push(future);
  }
  return futures;
}

/** All coroutines were fresh when the gathering began. */
function isNewOrFuture(awaitable: Awaitable<unknown>): boolean {
  return awaitable instanceof Coroutine
    ? awaitable["_isFresh"]()
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

/** The error of a gathering that was cancelled, with a message as in CPython. */
function cancellationBy(last: Future<unknown>): CancelledError {
  if (last.cancelled()) return last["_makeCancelledError"]();
  const requests = last instanceof Task ? last["_requests"] : null;
  return new CancelledError(requests?.dueMessage);
}

/**
 * What stands for a cancellation among the results: an error with the message of
 * the future. Where neither has one, that which the task threw will do: an error
 * is what a cancellation costs most of.
 */
function cancellationOf(future: Future<unknown>): CancelledError {
  const value = future["_value"];
  if (!(value instanceof CancelledError)) {
    return new CancelledError(value as string | undefined);
  }
  const serves = value.constructor === CancelledError && value.message === "";
  return serves ? value : new CancelledError();
}

/** The result, exception or cancellation of a future that is done. */
function outcomeOf(future: Future<unknown>): unknown {
  switch (future["_state"]) {
    case "cancelled":
      return cancellationOf(future);
    case "failed":
      return future.exception();
    default:
      return future.result();
  }
}

import {
  expectUnawaited,
  type FutureCore,
  hasFailed,
  lastListener,
} from "../_core/protocols.ts";
import type { Outcome } from "../_util/awaitables.ts";
import type { Future } from "../future.ts";
import { type Awaitable, ensureFuture } from "../task.ts";
import { requireAwaitable } from "./awaitables.ts";

/**
 * Shields of one future that are next to each other among its callbacks. They
 * share one callback, so that cancelling a shield takes no search through all
 * the others. A shield behind another callback begins a new group: it must not
 * end before that callback is called.
 */
class ShieldGroup {
  /** In order; one shield, which is the usual case, needs no set. */
  #outers: Future<unknown> | Set<Future<unknown>>;

  constructor(outer: Future<unknown>) {
    this.#outers = outer;
  }

  add(outer: Future<unknown>): void {
    if (!(this.#outers instanceof Set)) this.#outers = new Set([this.#outers]);
    this.#outers.add(outer);
  }

  /** Returns whether it was the last one. */
  delete(outer: Future<unknown>): boolean {
    if (!(this.#outers instanceof Set)) return true;
    this.#outers.delete(outer);
    return this.#outers.size === 0;
  }

  settle(inner: Future<unknown>): void {
    const outers = this.#outers;
    if (outers instanceof Set) outers.forEach((outer) => settle(outer, inner));
    else settle(outers, inner);
  }
}

/** The callback of a group carries the group. */
const GROUP = Symbol("group");

interface GroupCallback {
  (inner: Future<unknown>): void;
  [GROUP]: ShieldGroup;
}

/** Adds a shield to the last group of `inner`, or to a new one at the end. */
function join(inner: Future<unknown>, outer: Future<unknown>): GroupCallback {
  const last = inner[lastListener] as Partial<GroupCallback> | null;
  if (last?.[GROUP] !== undefined) {
    last[GROUP].add(outer);
    return last as GroupCallback;
  }
  const group = new ShieldGroup(outer);
  const innerDone = (inner: Future<unknown>) => group.settle(inner);
  innerDone[GROUP] = group;
  inner.addDoneCallback(innerDone);
  return innerDone;
}

/** Ends a shield as the shielded future has ended. */
function settle(outer: Future<unknown>, inner: Future<unknown>): void {
  if (outer.done()) return; // most likely cancelled, in this very turn
  if (inner.cancelled()) outer.cancel();
  else if (inner[hasFailed]()) outer.setException(inner.exception());
  else outer.setResult(inner.result());
}

/** Takes out a shield that was cancelled before `inner` was done. */
function leave(
  inner: Future<unknown>,
  outer: Future<unknown>,
  innerDone: GroupCallback,
): void {
  if (innerDone[GROUP].delete(outer)) inner.removeDoneCallback(innerDone);
  inner.getLoop()[expectUnawaited](inner, reportShielded);
}

function reportShielded(inner: FutureCore): void {
  const exception = inner.exception();
  inner.getLoop().callExceptionHandler({
    message: `${nameOf(exception)} exception in shielded future`,
    exception,
    future: inner,
  });
}

/** The name of an error. The loop depends on this not to throw. */
function nameOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.name) : "Error";
  } catch {
    return "Error";
  }
}

/**
 * Waits for an awaitable and protects it from cancellation.
 *
 * `await shield(work())` is `await work()`, except when the waiting task is
 * cancelled: the task gets its {@linkcode CancelledError}, and the shielded
 * work keeps running. If the work fails after that, and nothing else waits for
 * it or retrieves its exception, the failure is reported to the loop's
 * exception handler.
 *
 * @typeParam A The type of the awaitable.
 * @param awaitable What to protect. A coroutine becomes a task.
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
  const innerDone = join(inner, outer);
  outer.addDoneCallback(() => {
    if (!inner.done()) leave(inner, outer, innerDone);
  });
  return outer;
}

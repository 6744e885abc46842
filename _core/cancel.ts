// Copyright 2026 the asyncio authors. MIT license.

/**
 * How a cancellation spreads from a task, a scope or a gathering to everything
 * that it waits for.
 *
 * Invariant: a request to cancel a task or a scope is either passed to
 * something that it waits for, or stays due until its next wait. None is lost.
 */

import { cancelAs } from "./cancellers.ts";
import {
  type CancelRequest,
  deliveredError,
  takeCause,
} from "./cancel_requests.ts";
import { noteOrigin } from "./cancellation.ts";
import type {
  CancelNode,
  CancelTarget,
  FutureCore,
  LinePlace,
  TaskCore,
  Wait,
  WaitTarget,
} from "./protocols.ts";

/**
 * What a wait waits for if it is to get a cancellation and nothing else,
 * because it is about to resume or nothing would ever wake it.
 */
export class Interruption implements WaitTarget {
  #message: string | undefined;
  #error: Error | null;

  /**
   * @param error What the wait gets in place of a cancellation, if anything.
   */
  constructor(message: string | undefined, error: Error | null = null) {
    this.#message = message;
    this.#error = error;
  }

  done(): boolean {
    return false;
  }

  cancel(message?: string): boolean {
    this.#message = message;
    return true;
  }

  $hasOutcome(): boolean {
    return false;
  }

  $cancellation(request: CancelRequest | null = null): Error {
    return this.#error ?? deliveredError(this.#message, takeCause(request));
  }

  $cancelTargets(): null {
    return null;
  }

  $markRetrieved(): void {}

  $removeListener(): number {
    return 0;
  }

  $placeInLine(): LinePlace | null {
    return null;
  }
}

/** The result of passing a cancellation to a target. */
type Verdict =
  /** The request will be delivered. */
  | "taken"
  /** The target was already done. */
  | "done"
  /**
   * The target waits, directly or not, for the node that the request came from.
   */
  | "circle";

/** A node on the path from the root of a cancellation to its end. */
interface Visit {
  readonly node: CancelNode;
  readonly targets: CancelTarget[];
  readonly request: CancelRequest | null;
  next: number;
  taken: boolean;
  circle: boolean;
}

/**
 * Cancels a task, a scope or a gathering, everything that it waits for, and so
 * on, by CPython's rules: a task counts the request and passes it to the future
 * that it waits for. If that is already done, the task gets the cancellation in
 * its next step.
 *
 * This does not recurse, so a chain of any length can be cancelled. In a cycle
 * of tasks there is no future that could be cancelled: the last task stops
 * waiting and gets the request itself.
 *
 * @returns Whether the request will be delivered.
 */
export function cancelNode(
  root: CancelNode,
  message: string | undefined,
): boolean {
  const targets = root.$cancelTargets()!;
  const sole = targets.length === 1 ? targets[0].future : null;
  return sole !== null && sole.$cancelTargets() === null
    ? cancelSole(root, sole, message)
    : cancelGraph(root, targets, message);
}

/**
 * Nearly always the case: one wait, for a future that cancelling simply ends.
 */
export function cancelSole(
  root: CancelNode,
  target: WaitTarget,
  message: string | undefined,
): boolean {
  const request = root.$beginCancel(message);
  return root.$endCancel(request, !target.done() && cancelOne(target, message));
}

/** Cancels a future. The `cancel()` of a user's subclass may throw. */
function cancelOne(target: WaitTarget, message: string | undefined): boolean {
  try {
    return target.cancel(message);
  } catch (exception) {
    (target as FutureCore).getLoop().callExceptionHandler({
      message: "Exception in cancel() of a future",
      exception,
      future: target,
    });
    return false;
  }
}

/** The same for a request that was made before, on behalf of `by`. */
export function cancelFor(
  by: unknown,
  target: WaitTarget,
  message: string | undefined,
): boolean {
  const before = cancelAs(by);
  try {
    return cancelOne(target, message);
  } finally {
    cancelAs(before);
  }
}

/**
 * Whether it is a task that was cancelled before and has not ended yet, or gathers
 * one. To pass a request on to it would interrupt how it cleans up.
 */
export function isEnding(target: WaitTarget): boolean {
  const found = new Set([target]);
  for (const future of found) { // those that are added meanwhile, too
    if (future.done()) continue;
    const task = (future as Partial<TaskCore>).$taskOf;
    if (task !== undefined && task === future) {
      if ((task.$cancelRequests()?.countOf(task) ?? 0) > 0) return true;
    } else {
      for (const { future: part } of future.$cancelTargets() ?? []) {
        if (part !== null) found.add(part);
      }
    }
  }
  return false;
}

function cancelGraph(
  root: CancelNode,
  targets: CancelTarget[],
  message: string | undefined,
): boolean {
  const path: Visit[] = [];
  const onPath = new Set<unknown>();
  // A scope is part of its task: what waits for the task waits for the scope.
  const task = (root as Partial<Wait>).$taskOf;
  if (task) onPath.add(task);

  function enter(node: CancelNode, targets: CancelTarget[]): void {
    const request = node.$beginCancel(message);
    onPath.add(node);
    path.push({ node, targets, request, next: 0, taken: false, circle: false });
  }

  function leave({ node, request, taken, circle }: Visit): Verdict {
    path.pop();
    onPath.delete(node);
    if (node.$endCancel(request, taken)) return "taken";
    return circle ? "circle" : "done";
  }

  enter(root, targets);
  for (;;) {
    const visit = path[path.length - 1];
    if (visit.next === visit.targets.length) {
      const verdict = leave(visit);
      const parent = path[path.length - 1];
      if (parent === undefined) return verdict === "taken";
      settle(parent, parent.targets[parent.next - 1], verdict, message);
      continue;
    }
    const target = visit.targets[visit.next++];
    const { future } = target;
    if (future === null || future.done()) {
      settle(visit, target, "done", message);
    } else if (onPath.has(future)) {
      settle(visit, target, "circle", message);
    } else {
      const targets = future.$cancelTargets();
      if (targets !== null) {
        enter(future as WaitTarget & CancelNode, targets);
      } else {
        const taken = cancelOne(future, message);
        settle(visit, target, taken ? "taken" : "done", message);
      }
    }
  }
}

function settle(
  visit: Visit,
  { future, wait }: CancelTarget,
  verdict: Verdict,
  message: string | undefined,
): void {
  if (verdict === "taken") {
    visit.taken = true;
  } else if (verdict === "circle") {
    if (wait === null) {
      visit.circle = true;
      return;
    }
    // Nothing will ever wake this wait, so its task gets the request there. (If
    // the wait is no longer a listener, an earlier request has done this.)
    if (future!.$removeListener(wait) > 0) wait.$wakeup(future as never);
    wait.$interrupt(message);
    visit.taken = true;
  } else if (wait !== null && visit.targets.length > 1) {
    // The task waits in several places, and is about to resume in this one. The
    // request must reach this place too, not only those that still wait.
    wait.$interrupt(message);
    visit.taken = true;
  }
}

/**
 * Returns what to throw into a wait that goes on, in place of an outcome; `null`
 * if it gets the outcome.
 */
export function takeCancellation(
  wait: Wait,
  task: TaskCore,
  waited: WaitTarget | null,
): Error | null {
  const requests = task.$cancelRequests();
  const scope = wait.$scopeOf;
  if (requests === null) return waited === null ? null : waited.$cancellation();
  const request = requests.newestFor(scope);
  let error = waited === null ? null : waited.$cancellation(request);
  if (error === null && !requests.isDueFor(scope)) return null;
  const origin = request?.origin;
  // If what was waited for was cancelled, that is the cancellation: not two.
  if (error === null) error = requests.take(scope);
  else requests.settleDue(scope);
  // With a request from outside of the task as well, the error is that of both.
  const isOwn = origin !== undefined && requests.newestFor(task) === null;
  if (isOwn) noteOrigin(error, origin);
  return error;
}

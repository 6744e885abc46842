// Copyright 2026 the asyncio authors. MIT license.

import type { CancelledError } from "../errors.ts";
import { births } from "./births.ts";
import { cancelNode } from "./cancel.ts";
import { cancelAs, canceller } from "./cancellers.ts";
import { causeOfCancel } from "./cancel_causes.ts";
import { type CancelRequest, signalReason } from "./cancel_requests.ts";
import type { CancelNode, CancelTarget, Scope, TaskCore } from "./protocols.ts";
import { activeScope, running } from "./running.ts";
import { isWithin } from "./scope_tree.ts";

/**
 * The body of a timeout or a group: a part of a task that can be cancelled
 * without cancelling the task.
 *
 * A task of CPython waits in one place, so a timeout cancels its task and takes
 * the request back when the body is left. A task of an async function can wait
 * in several places: the parts of a `Promise.all`, a function that was called
 * and not awaited, a handler that was registered in the task. Hence the tree of
 * scopes:
 *
 * - A task is the outermost scope. Entering a body adds a scope inside the
 *   running one.
 * - Code that runs in a body knows its scope, and so does all code that is
 *   called from there, awaited or not: a generator by its strand
 *   (`running.strand`), an async function by its asynchronous context
 *   (`scopeStore`).
 * - A wait belongs to the scope in which it begins (`wait.$scopeOf`).
 * - A request to cancel has an origin. It reaches the waits of that scope and
 *   of the scopes inside it, and is counted by the task until it is taken back:
 *   see `cancel_requests.ts`.
 *
 * A scope is created when its body begins, in the strand that runs the body. It
 * is cancelled at most once. It is left in the same strand, when the body has
 * ended. After that, nothing of it is kept, but code that was started in it and
 * is still running stays inside its outer scope.
 */
export class CancelScope implements Scope, CancelNode {
  readonly #task: TaskCore;
  readonly #outer: Scope;
  /** Requests up to this number were thrown before the body began. */
  readonly #dealtWith: number;
  /** Its own request to cancel, once there is one. */
  #request: CancelRequest | null = null;
  #signal: AbortSignal | null = null;
  #isLeft = false;
  /** What its body awaits as tasks of their own, as its task has ended. */
  #outside: Set<TaskCore> | null = null;
  /** The newest request that has reached it, once it is left. */
  #reached: CancelRequest | null = null;

  readonly #makeOuterError: (cancellation: CancelledError) => Error;
  readonly #owner: object | null;

  /**
   * Enters the scope, in the running strand.
   *
   * @param makeOuterError Makes the error that stands for a cancellation of this
   * scope outside of it. A scope that is never cancelled needs none.
   * @param owner Whose scope it is: who cancels when it is cancelled.
   */
  constructor(
    makeOuterError: (cancellation: CancelledError) => Error = (error) => error,
    owner: object | null = null,
  ) {
    this.#makeOuterError = makeOuterError;
    this.#owner = owner;
    this.#outer = activeScope()!;
    this.#task = this.#outer.$taskOf;
    this.#dealtWith = this.#task.$cancelRequests()?.dealtWith ?? 0;
    running.strand!.$scopeOf = this;
    if (births.note !== null) births.note(this);
  }

  $isOpen(): boolean {
    return !this.#isLeft;
  }

  $leftText(): string {
    return `a scope that was not left: ${this.#owner ?? "of a task"}`;
  }

  /** Whose scope it is; `null` if nobody has to be told. */
  get owner(): object | null {
    return this.#owner;
  }

  get $taskOf(): TaskCore {
    return this.#task;
  }

  get $outerScope(): Scope {
    return this.#outer;
  }

  get $isLeft(): boolean {
    return this.#isLeft;
  }

  /** The task whose body it is. */
  get task(): TaskCore {
    return this.#task;
  }

  /** Aborts when the scope is cancelled, by itself or from outside. */
  get signal(): AbortSignal {
    if (this.#signal !== null) return this.#signal;
    if (this.#isLeft) {
      const request = this.#request ?? this.#reached;
      return this.#signal = request === null
        ? new AbortController().signal
        : AbortSignal.abort(signalReason(request.message, request.cause));
    }
    return this.#signal = this.#task.$needCancelRequests().signalFor(this);
  }

  /** Cancels the waits of the scope, or its next wait if there are none. */
  cancel(message?: string): void {
    if (this.#request !== null || this.#isLeft) return;
    const before = cancelAs(this.#owner);
    try {
      cancelNode(this, message);
      for (const task of this.#outside ?? []) this._cancelOutside(task);
    } finally {
      cancelAs(before);
    }
  }

  /** Whether it was cancelled as a scope, not just with its task. */
  get wasCancelled(): boolean {
    return this.#request !== null;
  }

  /**
   * The task has ended without waiting for the body, which still runs. What the
   * body awaits now is a task of its own, to be cancelled with the scope.
   */
  $adoptOutside(task: TaskCore): void {
    this.#outer.$adoptOutside?.(task);
    if (this.#isLeft) return;
    if (this.#request?.due) this._cancelOutside(task);
    const outside = this.#outside ??= new Set();
    outside.add(task);
    task.addDoneCallback(() => outside.delete(task));
  }

  private _cancelOutside(task: TaskCore): void {
    const request = this.#request!;
    if (task.cancel(request.message)) request.due = false;
  }

  $toOuterError(cancellation: CancelledError): Error {
    return this.#makeOuterError(cancellation);
  }

  done(): boolean {
    return this.#task.done();
  }

  $cancelTargets(): CancelTarget[] {
    const targets: CancelTarget[] = [];
    for (const wait of this.#task.$waitsOf()) {
      if (isWithin(wait.$scopeOf, this)) {
        targets.push({ future: wait.$waitingFor(), wait });
      }
    }
    return targets;
  }

  $beginCancel(message: string | undefined): CancelRequest {
    const { instruments } = this.#task.getLoop().$engineOf;
    if (instruments !== null) {
      instruments.cancelRequested(this.#task, canceller());
    }
    const cause = causeOfCancel(this.#task);
    const requests = this.#task.$needCancelRequests();
    return this.#request = requests.add(this, message, cause);
  }

  $endCancel(request: CancelRequest, reached: boolean): boolean {
    if (!reached) {
      this.#task.$needCancelRequests().setDue(request, canceller());
    }
    return true;
  }

  /**
   * Leaves the scope, and takes its own request back.
   *
   * @returns The newest request from outside the scope that was made in the
   * meantime and not taken back.
   */
  leave(): CancelRequest | null {
    this.#isLeft = true;
    running.strand!.$scopeOf = this.#outer;
    const requests = this.#task.$cancelRequests();
    if (requests === null) return null;
    requests.dropSignal(this);
    const own = this.#request;
    if (own !== null && !requests.remove(own)) {
      // The body has called `uncancel()`, which took this one back. Since
      // requests are counted, another one has to go.
      const other = requests.newestFor(this.#outer);
      if (other !== null) requests.remove(other);
    }
    const pending = requests.newestFor(this.#outer, this.#dealtWith);
    this.#reached = pending;
    if (own !== null) {
      if (pending === null) requests.settleDue(this.#outer);
      else if (own.due) this.redeliver(pending);
    }
    return pending;
  }

  /** Makes a request due again: it is thrown once more, in the next wait. */
  redeliver(request: CancelRequest): void {
    request.due = true;
    request.message = undefined;
  }
}

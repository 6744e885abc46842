// Copyright 2026 the asyncio authors. MIT license.

/**
 * The requests to cancel a task: counted, as in CPython, and each with the
 * scope that it cancels.
 *
 * Invariant: `count` is the number of requests in the list.
 */

import { CopiedErrors } from "../_host/copied_errors.ts";
import { CancelledError } from "../errors.ts";
import { noteThrownInto } from "./cancellation.ts";
import { isWithin, type ScopeNode } from "./scope_tree.ts";

/** One request to cancel a task, or what runs in one of its scopes. */
export interface CancelRequest {
  /** The scope that is cancelled: the task itself, or one inside it. */
  readonly origin: ScopeNode;
  /** Later requests have higher numbers. */
  readonly number: number;
  message: string | undefined;
  /** The cause of the first error that is thrown for it. */
  cause: unknown;
  /** Whether it still has to be thrown: CPython's `_must_cancel`. */
  due: boolean;
  /** Who has made it, if it became due. */
  by: unknown;
  /**
   * The step in which it was passed to what the task began to wait for, or -1.
   * Those outside of every step have negative numbers.
   */
  step: number;
  /** The request before it. */
  previous: CancelRequest | null;
}

const NO_STEP = -1;

/** The last number of what began outside of every step. */
let lastOutsideStep = NO_STEP;

/** A cancellation with the cause of its request, if that is known. */
export function cancelledError(
  message: string | undefined,
  cause: unknown,
): CancelledError {
  return cause === undefined
    ? new CancelledError(message)
    : new CancelledError(message, { cause });
}

/** The same, as the reason of a signal: what it ends may be awaited by nobody. */
export function signalReason(
  message: string | undefined,
  cause: unknown,
): CancelledError {
  const error = cancelledError(message, cause);
  noteThrownInto(error);
  return error;
}

const delivered = /* @__PURE__ */ new CopiedErrors(cancelledError);

/**
 * The same, for an error that a step of the loop throws into a task: nothing that
 * the user has written is on the stack then.
 */
export function deliveredError(
  message: string | undefined,
  cause: unknown,
): CancelledError {
  return cause === undefined
    ? cancelledError(message, cause)
    : delivered.next(message, cause);
}

/**
 * The cause of the error for a request. There is one error: what is cancelled
 * later in the same task, and was not asked for by this request, has another
 * cause.
 */
export function takeCause(request: CancelRequest | null): unknown {
  if (request === null) return undefined;
  const { cause } = request;
  request.cause = undefined;
  return cause;
}

/** The error for a request that is thrown where a wait would begin. */
export function requestError(request: CancelRequest): CancelledError {
  return cancelledError(request.message, takeCause(request));
}

/**
 * The requests to cancel a task that have not been taken back, newest first.
 *
 * CPython counts them. Here each knows its origin as well, since a task of an
 * async function can wait in several places at once: a request reaches the
 * waits that belong to its origin, or to a scope inside it, and no others. For
 * a task that waits in one place, this is the same as counting.
 *
 * A request that finds nothing to cancel is *due* until a wait of its origin
 * gets it: the next one that begins, or one that is about to resume. Taking a
 * request delivers all that are due there, as one `CancelledError` with the
 * message of the newest.
 */
export class CancelRequests {
  #newest: CancelRequest | null = null;
  #lastNumber = 0;
  /** How many requests there are. */
  count = 0;
  /** The message of the last one that was due: CPython's `_cancel_message`. */
  cancelMessage: string | undefined = undefined;
  /** Those of scopes whose signal was requested, until the scopes are left. */
  #controllers: Map<ScopeNode, AbortController> | null = null;
  /** The number of what begins outside of every step now. */
  #outsideStep = NO_STEP;

  /** Adds a request, which is not due yet. */
  add(
    origin: ScopeNode,
    message: string | undefined,
    cause: unknown,
  ): CancelRequest {
    const request: CancelRequest = {
      origin,
      number: ++this.#lastNumber,
      message,
      cause,
      due: false,
      by: null,
      step: NO_STEP,
      previous: this.#newest,
    };
    this.#newest = request;
    this.count++;
    if (this.#controllers !== null) {
      for (const [scope, controller] of this.#controllers) {
        if (isWithin(scope, origin)) {
          controller.abort(signalReason(message, cause));
        }
      }
    }
    return request;
  }

  /** How many of them are requests to cancel just this scope. */
  countOf(scope: ScopeNode): number {
    let count = 0;
    for (
      let request = this.#newest;
      request !== null;
      request = request.previous
    ) if (request.origin === scope) count++;
    return count;
  }

  /**
   * Marks a request as due: it has found nothing to cancel.
   *
   * @param by Who has made it, if that is to be told when it reaches something.
   */
  setDue(request: CancelRequest, by: unknown = null): void {
    request.due = true;
    request.by = by;
    this.cancelMessage = request.message;
  }

  /** Takes the newest request back, whatever its origin: CPython's `uncancel()`. */
  pop(): void {
    const request = this.#newest;
    if (request === null) return;
    this.#newest = request.previous;
    this.count--;
    if (request.due && this.#newest !== null) {
      // A cancellation that is due is dropped only with the last request.
      this.#newest.due = true;
      this.#newest.by = request.by;
      this.#newest.message = request.message;
    }
  }

  /** Takes one request back; returns whether it was still there. */
  remove(request: CancelRequest): boolean {
    if (this.#newest === request) this.#newest = request.previous;
    else {
      let later = this.#newest;
      while (later !== null && later.previous !== request) {
        later = later.previous;
      }
      if (later === null) return false;
      later.previous = request.previous;
    }
    this.count--;
    return true;
  }

  /** The number up to which requests have already been thrown. */
  get dealtWith(): number {
    let request = this.#newest;
    while (request !== null && request.due) request = request.previous;
    return request === null ? 0 : request.number;
  }

  /** The newest request that reaches `scope`, if it is newer than `number`. */
  newestFor(scope: ScopeNode | null, number = 0): CancelRequest | null {
    for (
      let request = this.#newest;
      request !== null && request.number > number;
      request = request.previous
    ) if (isWithin(scope, request.origin)) return request;
    return null;
  }

  /** Whether a cancellation is to be thrown into the next wait of `scope`. */
  isDueFor(scope: ScopeNode | null): boolean {
    return this._newestDueFor(scope) !== null;
  }

  /** Delivers what is due in `scope`: returns the error to throw. */
  take(scope: ScopeNode | null): CancelledError {
    const cause = takeCause(this._newestDueFor(scope));
    return cancelledError(this.takeMessage(scope), cause);
  }

  /** Delivers what is due in `scope`: returns the message of the newest. */
  takeMessage(scope: ScopeNode | null): string | undefined {
    const request = this._newestDueFor(scope);
    this.settleDue(scope);
    return request?.message;
  }

  /**
   * Marks what is due in `scope` as delivered.
   *
   * @param step The step in which it was passed on.
   */
  settleDue(scope: ScopeNode | null, step: number = NO_STEP): void {
    for (
      let request = this.#newest;
      request !== null;
      request = request.previous
    ) {
      if (!request.due || !isWithin(scope, request.origin)) continue;
      request.due = false;
      request.step = step;
    }
  }

  /**
   * Takes what is due in `scope` for a wait that begins outside of every step, as
   * the task has waited for a native promise. Waits that begin in the microtasks
   * that follow at once get it too: they are the parts of one `Promise.all`.
   *
   * @returns The newest request that was due, or `null`.
   */
  takeOutside(scope: ScopeNode | null): CancelRequest | null {
    const request = this._newestDueFor(scope, this.#outsideStep);
    if (request === null) return null;
    if (this.#outsideStep === NO_STEP) {
      this.#outsideStep = --lastOutsideStep;
      queueMicrotask(() => this.#outsideStep = NO_STEP);
    }
    this.settleDue(scope, this.#outsideStep);
    return request;
  }

  /**
   * Passes what is due to the future that a new wait of `scope` waits for.
   * Waits that begin in the same step get it too: they are one place in the
   * program, such as the parts of a `Promise.all`.
   *
   * @param cancelFor Cancels it on behalf of whoever has made the request.
   * @param step The current step if the task takes part in it, else -1.
   */
  forward<F>(
    scope: ScopeNode | null,
    future: F,
    cancelFor: (by: unknown, future: F, message: string | undefined) => boolean,
    step: number,
  ): void {
    for (
      let request = this.#newest;
      request !== null;
      request = request.previous
    ) {
      if (!request.due && (step < 0 || request.step !== step)) continue;
      if (!isWithin(scope, request.origin)) continue;
      if (!cancelFor(request.by, future, request.message)) return;
      this.settleDue(scope, step);
      return;
    }
  }

  /** @param step A step in which a request was passed on counts as due. */
  private _newestDueFor(
    scope: ScopeNode | null,
    step: number = NO_STEP,
  ): CancelRequest | null {
    for (
      let request = this.#newest;
      request !== null;
      request = request.previous
    ) {
      const isDue = request.due || step !== NO_STEP && request.step === step;
      if (isDue && isWithin(scope, request.origin)) return request;
    }
    return null;
  }

  /** A signal that aborts with the first request that reaches `scope`. */
  signalFor(scope: ScopeNode): AbortSignal {
    const controllers = this.#controllers ??= new Map();
    let controller = controllers.get(scope);
    if (controller === undefined) {
      controllers.set(scope, controller = new AbortController());
      const request = this.newestFor(scope);
      if (request !== null) {
        controller.abort(signalReason(request.message, request.cause));
      }
    }
    return controller.signal;
  }

  /** Forgets the signal of a scope, which is no longer needed. */
  dropSignal(scope: ScopeNode): void {
    this.#controllers?.delete(scope);
  }

  /** Forgets an aborted signal: it stays aborted, so the next one is new. */
  dropAbortedSignal(scope: ScopeNode): void {
    if (this.#controllers?.get(scope)?.signal.aborted) this.dropSignal(scope);
  }
}

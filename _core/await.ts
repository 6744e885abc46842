// Copyright 2026 the asyncio authors. MIT license.

/**
 * Waits of async functions: what the `then` of a future or a coroutine returns.
 */

import { isInstance } from "../_util/awaitables.ts";
import { type Deferred, deferred } from "../_util/deferred.ts";
import { CancelledError } from "../errors.ts";
import {
  cancelFor,
  Interruption,
  isEnding,
  takeCancellation,
} from "./cancel.ts";
import { type CancelRequest, requestError } from "./cancel_requests.ts";
import { noteThrownInto, noteThrownOut } from "./cancellation.ts";
import { entered, leaveStores } from "./contexts.ts";
import type {
  FutureCore,
  Owner,
  Scope,
  TaskCore,
  Wait,
  WaitTarget,
} from "./protocols.ts";
import { isInLoop, isInStep, stepStore } from "./running.ts";

type Handler = ((value: never) => unknown) | null | undefined;

/** The outcome of an {@linkcode Await}. */
type Settled = { ok: boolean; value: unknown };

/** Nearly always the outcome, since the handlers of V8 return nothing. */
const NOTHING: Settled = { ok: true, value: undefined };

/** The outcome if the task has ended before: the await never settles. */
const DISOWNED: Settled = { ok: true, value: undefined };

/** Awaits in a loop that belong to no task, or to none that is not done. */
const withoutTask = /* @__PURE__ */ new WeakSet<object>();

/**
 * One `await` of a future or a coroutine by an async function: what their
 * `then` returns, and a wait of the task.
 *
 * Without a scope (the caller is outside every task, or only observes the
 * future) it is a plain promise reaction and settles in a microtask once the
 * future is done, whether or not a loop is running.
 *
 * | field       | while it waits                   | afterwards             |
 * | ----------- | -------------------------------- | ---------------------- |
 * | `_waiting`  | a future; `null` for a coroutine | `null`                 |
 * | `_settled`  | `null`                           | what handlers returned |
 */
export class Await<R> implements PromiseLike<R>, Wait, Owner {
  private readonly _scope: Scope | null;
  private _waiting: WaitTarget | null = null;
  private _onValue: Handler;
  private _onError: Handler;
  private _settled: Settled | null = null;
  /**
   * Created on demand: what `then` returns is hardly ever used, V8 ignores it.
   */
  private _promised: Deferred<unknown> | null = null;

  constructor(scope: Scope | null, onValue: Handler, onError: Handler) {
    this._scope = scope;
    if (scope !== null) stepStore?.found(scope);
    else if (isInLoop()) withoutTask.add(this);
    this._onValue = onValue;
    this._onError = onError;
  }

  get $taskOf(): TaskCore | null {
    return this._scope === null ? null : this._scope.$taskOf;
  }

  get $scopeOf(): Scope | null {
    return this._scope;
  }

  $waitingFor(): WaitTarget | null {
    return this._waiting;
  }

  $interrupt(message: string | undefined, error?: Error): void {
    this._waiting?.$markRetrieved();
    this._waiting = new Interruption(message, error);
  }

  $disown(): void {
    this._settled = DISOWNED;
  }

  get isDisowned(): boolean {
    return this._settled === DISOWNED;
  }

  $callbackText(): string {
    return "Task.task_wakeup()";
  }

  /** Waits for `future`. Called from its `then`. */
  waitFor(future: FutureCore): void {
    const task = this.$taskOf;
    if (task === null) {
      if (future.done()) return this._deliverSoon(future);
      this._waiting = future;
      future.$addListener(this);
      return;
    }
    const requests = task.$cancelRequests();
    const error = awaitError(task, future);
    if (error !== null) return this._throwNext(error);
    const request = requests === null || task.$engineOf.steps.includes(task)
      ? null
      : requests.takeOutside(this._scope);
    if (request !== null) {
      this._cancelWait(task, future, request);
    } else if (!future.done() || takesTurn(task, future)) {
      this._waiting = future;
      task.$suspendOn(this, future);
    } else this._deliverSoon(future);
  }

  /**
   * The task was cancelled while it waited for a native promise. What it awaits
   * now gets the request, and the task waits until that has ended; if it does not
   * take the request, the error is thrown at once.
   */
  private _cancelWait(
    task: TaskCore,
    future: FutureCore,
    request: CancelRequest,
  ): void {
    const { by, message } = request;
    if (!future.done() && !isEnding(future)) {
      // It waits first: the request may come back to it in a circle.
      this._waiting = future;
      task.$suspendOn(this, future);
      if (cancelFor(by, future, message)) return;
      future.$removeListener(this);
      task.$endWait(this);
      this._waiting = null;
    }
    future.$markRetrieved();
    this._finishSoon(false, requestError(request));
  }

  $wakeup(): void {
    const task = this.$taskOf;
    if (task !== null && !task.done()) task.$engineOf.enqueue(this);
    else queueMicrotask(() => this.$run()); // not within what ends the future
  }

  $run(): void {
    const waited = this._waiting!;
    const task = this.$taskOf;
    this._waiting = null;
    if (task !== null) {
      const requests = task.$endWait(this);
      if (requests !== null || waited instanceof Interruption) {
        const cancellation = takeCancellation(this, task, waited);
        if (cancellation !== null) return this.$threw(cancellation);
      }
    }
    this._deliver(waited as FutureCore);
  }

  $returned(value: unknown): void {
    this._finish(true, value);
  }

  $threw(error: unknown): void {
    this._finish(false, error);
  }

  /** Throws an error, but not before `then` has returned. */
  throwSoon(error: unknown): void {
    this._finishSoon(false, error);
  }

  private _throwNext(error: Error): void {
    throwNext(this, error, (error) => this.$threw(error));
  }

  private _deliver(future: FutureCore): void {
    let value: unknown;
    try {
      value = future.result();
      if (value === future) {
        // The promise of the async function would wait for it again, forever.
        throw new TypeError("Cannot await a future that is its own result");
      }
    } catch (error) {
      this._finish(false, error);
      return;
    }
    this._finish(true, value);
  }

  private _deliverSoon(future: FutureCore): void {
    future.$markRetrieved();
    queueMicrotask(() => this._deliver(future));
  }

  private _finishSoon(ok: boolean, value: unknown): void {
    queueMicrotask(() => this._finish(ok, value));
  }

  private _finish(ok: boolean, value: unknown): void {
    if (this._settled === DISOWNED) return;
    const task = this.$taskOf;
    if (task !== null && !task.done()) {
      // The awaiting function resumes: within the step that the loop is
      // running, or within the one that its task takes part in, if a promise
      // led here.
      if (isInStep(task)) {
        task.$engineOf.steps.enter(task);
        stepStore?.enter(this._scope!);
      }
    }
    if (!ok && isInstance(value, CancelledError)) {
      if (task !== null || withoutTask.has(this)) noteThrownInto(value);
      else noteThrownOut(value);
    }
    const handler = ok ? this._onValue : this._onError;
    if (typeof handler === "function") {
      const enteredBefore = entered.length;
      try {
        value = (handler as (value: unknown) => unknown)(value);
        ok = true;
      } catch (error) {
        value = error;
        ok = false;
      }
      leaveStores(enteredBefore); // a handler of the program's own may enter some
    }
    this._settled = ok && value === undefined ? NOTHING : { ok, value };
    if (this._promised !== null) this._settlePromise();
    else if (!ok) this._toPromise(); // unhandled: the host reports it
  }

  private _toPromise(): Promise<unknown> {
    if (this._promised === null) {
      this._promised = deferred();
      const settled = this._settled;
      if (settled !== null && settled !== DISOWNED) this._settlePromise();
    }
    return this._promised.promise;
  }

  private _settlePromise(): void {
    const { resolve, reject } = this._promised!;
    const { ok, value } = this._settled!;
    if (ok) resolve(value);
    else reject(value);
  }

  then<R1 = R, R2 = never>(
    onfulfilled?: ((value: R) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return (this._toPromise() as Promise<R>).then(onfulfilled, onrejected);
  }

  catch<R2 = never>(
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R | R2> {
    return this.then(undefined, onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<R> {
    return (this._toPromise() as Promise<R>).finally(onfinally);
  }
}

/**
 * Whether a wait takes a turn of the loop though the future is done. The future of
 * a promise is done before it is first awaited if the promise had settled by then.
 * An async function that awaited nothing else would keep the thread forever.
 */
function takesTurn(task: TaskCore, future: FutureCore): boolean {
  const step = future.$wrappedIn;
  const { steps, isRunning } = task.$engineOf;
  return step !== null && isRunning &&
    (step === steps.epoch || !steps.includes(task));
}

/** The error if `task` cannot wait for `future`, else `null`. */
export function awaitError(task: TaskCore, future: FutureCore): Error | null {
  if (future.getLoop() !== task.getLoop()) return differentLoop(task, future);
  return future === task
    ? new Error(`Task cannot await on itself: ${task}`)
    : null;
}

export function differentLoop(task: TaskCore, future: FutureCore): Error {
  return new Error(
    `Task ${task} got Future ${future} attached to a different loop`,
  );
}

/**
 * Throws an error into a wait, in the next step of its task. The current step
 * is over, without anything to wait for.
 */
export function throwNext(
  wait: Wait,
  error: Error,
  throwInto: (error: Error) => void,
): void {
  const task = wait.$taskOf!;
  const engine = task.$engineOf;
  engine.enqueue({
    $run: () => throwInto(takeCancellation(wait, task, null) ?? error),
    $taskOf: task,
  });
  engine.steps.leave(task);
}

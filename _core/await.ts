import { scope } from "./running.ts";
import type { Runnable } from "./ready_queue.ts";
import type { Future } from "../future.ts";
import type { Task } from "../task.ts";

/** Gets the outcome of a coroutine: the task that it is, or who awaits it. */
export interface Owner {
  /** The coroutine returned `value`. */
  _return(value: unknown): void;
  /** The coroutine threw `error`. */
  _throw(error: unknown): void;
}

/** One of the places where a task waits for a future. */
export interface Strand extends Runnable {
  /** The future, while the wait lasts. */
  _waiting: Future<unknown> | null;
  /** The future is done. */
  _wakeup(): void;
}

type Handler = ((value: never) => unknown) | null | undefined;

/**
 * What `then` gives to who calls it by hand with but one handler: a native
 * promise, in whose reaction the handler runs, in the context of its caller.
 * V8 itself, for an `await`, always passes two functions that do next to
 * nothing, and does not care what it gets back: that is {@linkcode Await}.
 */
export function thenByHand<T, R1, R2>(
  awaitable: PromiseLike<T>,
  onValue: ((value: T) => R1 | PromiseLike<R1>) | null | undefined,
  onError: ((reason: unknown) => R2 | PromiseLike<R2>) | null | undefined,
): Promise<R1 | R2> {
  return new Promise<T>((resolve, reject) => awaitable.then(resolve, reject))
    .then(onValue, onError);
}

/** What {@linkcode Await} has come to. */
type Outcome = { ok: boolean; value: unknown };

/** What it nearly always comes to, as V8's handlers give nothing. */
const NOTHING: Outcome = { ok: true, value: undefined };

/**
 * One `await` of a future or a coroutine by an async function: what their `then`
 * gives back, and the strand that the awaiting task has there.
 *
 * Without a task (somebody outside every loop awaits) it is a plain promise
 * reaction and settles as soon as the future does, whether or not a loop runs.
 */
export class Await<R> implements PromiseLike<R>, Strand, Owner {
  _waiting: Future<unknown> | null = null;
  readonly _task: Task<unknown> | null;
  #onValue: Handler;
  #onError: Handler;
  #outcome: Outcome | null = null;
  /** What `then` gives back is all but never used: V8 ignores it. */
  #promised: PromiseWithResolvers<unknown> | null = null;

  constructor(task: Task<unknown> | null, onValue: Handler, onError: Handler) {
    this._task = task;
    this.#onValue = onValue;
    this.#onError = onError;
  }

  /** Waits for `future`. Called from its `then`. */
  _for(future: Future<unknown>): void {
    const task = this._task;
    if (task === null) {
      if (future.done()) return this.#deliverSoon(future);
      this._waiting = future;
      future["_addWaiter"](this);
      return;
    }
    const objection = objectionTo(task, future);
    if (objection !== null) {
      throwNext(task, objection, (error) => this._throw(error));
    } else if (
      task["_isDue"]() && !task["_loop"]["_steps"].includes(task)
    ) {
      // The task comes from a promise that could not be cancelled.
      this.#finishSoon(false, task["_takeCancellation"]());
    } else if (future.done()) {
      this.#deliverSoon(future);
    } else {
      task["_suspend"](this, future);
    }
  }

  _wakeup(): void {
    const task = this._task;
    if (task === null || task.done()) this._run();
    else task["_loop"]["_enqueue"](this);
  }

  _run(): void {
    const future = this._waiting!;
    const task = this._task;
    this._waiting = null;
    if (task !== null && !task.done()) {
      task["_forget"](this);
      const cancellation = task["_interruption"](future);
      if (cancellation !== null) {
        this._throw(cancellation);
        return;
      }
    }
    this.#deliver(future);
  }

  _return(value: unknown): void {
    this.#finish(true, value);
  }

  _throw(error: unknown): void {
    this.#finish(false, error);
  }

  /** {@linkcode Await._throw}, but not before `then` has returned. */
  _throwSoon(error: unknown): void {
    this.#finishSoon(false, error);
  }

  #deliver(future: Future<unknown>): void {
    let value: unknown;
    try {
      value = future.result();
      if (value === future) {
        // The promise would take it as one more thing to wait for, for ever.
        throw new TypeError("Cannot await a future that is its own result");
      }
    } catch (error) {
      this.#finish(false, error);
      return;
    }
    this.#finish(true, value);
  }

  #deliverSoon(future: Future<unknown>): void {
    future["_look"]();
    queueMicrotask(() => this.#deliver(future));
  }

  #finishSoon(ok: boolean, value: unknown): void {
    queueMicrotask(() => this.#finish(ok, value));
  }

  #finish(ok: boolean, value: unknown): void {
    const task = this._task;
    if (task !== null && !task.done()) {
      // The function that awaits runs on: within the step that the loop is
      // taking (or within the one it took, when a promise brought us here).
      const loop = task["_loop"];
      if (scope.loop === loop || loop["_steps"].includes(task)) {
        loop["_steps"].enter(task);
      }
    }
    const handler = ok ? this.#onValue : this.#onError;
    if (typeof handler === "function") {
      try {
        value = (handler as (value: unknown) => unknown)(value);
        ok = true;
      } catch (error) {
        value = error;
        ok = false;
      }
    }
    this.#outcome = ok && value === undefined ? NOTHING : { ok, value };
    if (this.#promised !== null) this.#settle();
    else if (!ok) this.#toPromise(); // nobody listens: the host says so
  }

  #toPromise(): Promise<unknown> {
    if (this.#promised === null) {
      this.#promised = Promise.withResolvers();
      if (this.#outcome !== null) this.#settle();
    }
    return this.#promised.promise;
  }

  #settle(): void {
    const { resolve, reject } = this.#promised!;
    const { ok, value } = this.#outcome!;
    (ok ? resolve : reject)(value);
  }

  then<R1 = R, R2 = never>(
    onfulfilled?: ((value: R) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return (this.#toPromise() as Promise<R>).then(onfulfilled, onrejected);
  }

  catch<R2 = never>(
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R | R2> {
    return this.then(undefined, onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<R> {
    return (this.#toPromise() as Promise<R>).finally(onfinally);
  }
}

/** Why `task` cannot wait for `future`, if it cannot. */
export function objectionTo(
  task: Task<unknown>,
  future: Future<unknown>,
): Error | null {
  if (future["_loop"] !== task["_loop"]) return differentLoop(task, future);
  return future === task
    ? new Error(`Task cannot await on itself: ${task}`)
    : null;
}

/** Throws with the next step: that of now has waited in vain. */
export function throwNext(
  task: Task<unknown>,
  error: Error,
  throwInto: (error: Error) => void,
): void {
  const step = () => throwInto(task["_interruption"](null) ?? error);
  task["_loop"]["_enqueue"]({ _run: step, _task: task });
  task["_loop"]["_steps"].leave(task);
}

export function differentLoop(
  task: Task<unknown>,
  future: Future<unknown>,
): Error {
  return new Error(
    `Task ${task} got Future ${future} attached to a different loop`,
  );
}

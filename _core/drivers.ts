// Copyright 2026 the asyncio authors. MIT license.

import { AsyncCall } from "./async_call.ts";
import { noteEagerCall } from "./eager_calls.ts";
import {
  advance,
  callBody,
  captureContext,
  type CoroutineCore,
  engineOf,
  follow,
  scopeOf,
  settleWith,
  type StepIterator,
  taskOf,
  threw,
} from "./protocols.ts";
import { running, scopeStore } from "./running.ts";

/** How a coroutine runs. There is one driver for each kind of function. */
export interface Driver {
  /**
   * Whether the loop runs each of its steps, so that it never continues by
   * itself.
   */
  readonly isStepped: boolean;
  /**
   * Whether a step that follows a wait runs in the asynchronous context of the
   * async function that awaits it.
   */
  readonly keepsContext: boolean;
  /** Returns what `yield*` iterates. */
  iterate(coroutine: CoroutineCore): StepIterator;
  /** Begins within the current step. */
  begin(coroutine: CoroutineCore): unknown;
  /** Prepares the first step of a task, which the loop runs. */
  prepare(coroutine: CoroutineCore): void;
  /** Runs the first step of a task immediately. */
  startEagerly(coroutine: CoroutineCore): void;
}

/**
 * For functions of the library itself: the step iterator exists from the start.
 */
class OwnDriver implements Driver {
  readonly isStepped: boolean = true;
  readonly keepsContext: boolean = false;

  iterate(coroutine: CoroutineCore): StepIterator {
    return coroutine[callBody]() as StepIterator;
  }

  begin(coroutine: CoroutineCore): void {
    coroutine[advance](null);
  }

  prepare(_coroutine: CoroutineCore): void {}

  startEagerly(coroutine: CoroutineCore): void {
    coroutine[advance](null);
  }
}

/**
 * For generator functions: the call returns an iterator, which the task steps.
 */
class GeneratorDriver extends OwnDriver {
  override readonly keepsContext: boolean = true;
}

/**
 * For async functions: the call returns a promise, and the function continues
 * by itself from wait to wait.
 */
class AsyncDriver implements Driver {
  readonly isStepped: boolean = false;
  readonly keepsContext: boolean = false;

  iterate(coroutine: CoroutineCore): StepIterator {
    return new AsyncCall(coroutine, this);
  }

  /** Returns the promise of the function, if it returned one. */
  begin(coroutine: CoroutineCore): PromiseLike<unknown> | null {
    let promise: PromiseLike<unknown> | null;
    try {
      promise = this.call(coroutine);
    } catch (error) {
      coroutine[threw](error);
      return null;
    }
    if (promise !== null) coroutine[settleWith](promise);
    return promise;
  }

  /** Returns the promise, or `null` if the coroutine is stepped after all. */
  protected call(coroutine: CoroutineCore): PromiseLike<unknown> | null {
    return coroutine[callBody]() as PromiseLike<unknown>;
  }

  /**
   * The first step must run in the current asynchronous context, with the task
   * added. The task is added when the step runs, since a queued task does not
   * need what that allocates.
   */
  prepare(coroutine: CoroutineCore): void {
    // These closures must not hold the task: the stack of an error that is
    // thrown below keeps them alive, and would keep the task alive.
    coroutine[captureContext](() => {
      const { [scopeOf]: scope } = coroutine;
      scopeStore.run(scope!, () => this.begin(coroutine));
    });
  }

  startEagerly(coroutine: CoroutineCore): void {
    const { loop: outerLoop, strand: outerStrand } = running;
    const task = coroutine[taskOf]!;
    running.loop = task.getLoop();
    running.strand = coroutine;
    running.loop[engineOf].steps.enter(task);
    try {
      const promise = scopeStore.run(task, () => this.begin(coroutine));
      if (promise !== null) noteEagerCall(task, promise);
    } finally {
      running.loop = outerLoop;
      running.strand = outerStrand;
    }
  }
}

/**
 * For other functions. What they return is known only when they are called: a
 * promise, a step iterator, a future or a coroutine.
 */
class PlainDriver extends AsyncDriver {
  protected override call(
    coroutine: CoroutineCore,
  ): PromiseLike<unknown> | null {
    return coroutine[follow](coroutine[callBody]());
  }
}

export const ownDriver: Driver = new OwnDriver();
export const generatorDriver: Driver = new GeneratorDriver();
export const asyncDriver: Driver = new AsyncDriver();
export const plainDriver: Driver = new PlainDriver();

// Copyright 2026 the asyncio authors. MIT license.

import { bindToContext } from "../_host/context_variable.ts";
import { AsyncCall } from "./async_call.ts";
import { awaitSites, callAs } from "./await_sites.ts";
import { beginIn, type Context, entered, leaveStores } from "./contexts.ts";
import { noteEagerCall } from "./eager_calls.ts";
import type { CoroutineCore, Step, StepIterator } from "./protocols.ts";
import { running, scopeStore, stepStore } from "./running.ts";

/** How a coroutine runs. There is one driver for each kind of function. */
export interface Driver {
  /** Whether it is for functions of the library, which are step iterators. */
  readonly isOwn: boolean;
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
  /**
   * Whether all steps of a task run in the asynchronous context in which it was
   * created.
   */
  readonly keepsTaskContext: boolean;
  /** Returns what `yield*` iterates. */
  iterate(coroutine: CoroutineCore): StepIterator;
  /** Begins within the current step. */
  begin(coroutine: CoroutineCore): unknown;
  /**
   * Prepares the first step of a task, which the loop runs.
   *
   * @param context The context that the task was given, if any.
   */
  prepare(coroutine: CoroutineCore, context: Context | null): void;
  /** Runs the first step of a task immediately. */
  startEagerly(coroutine: CoroutineCore, context: Context | null): void;
}

/** Keeps the first step of a task for later, in the context it was given. */
function captureIn(
  context: Context,
  coroutine: CoroutineCore,
  step: Step,
): void {
  try {
    beginIn(context, coroutine.$taskOf!.getLoop(), () => {
      coroutine.$keepStep(bindToContext(step));
    });
  } catch (error) {
    coroutine.$keepStep(() => coroutine.$threw(error));
  }
}

/** The step of a coroutine that has begun. */
export function advance(coroutine: CoroutineCore, error: Error | null): void {
  coroutine.$advance(error);
}

/** Ends a task whose context has thrown, rather than its function. */
function failUnbegun(coroutine: CoroutineCore, error: unknown): void {
  if (coroutine.$taskOf === null) throw error; // it has ended already
  coroutine.$threw(error);
}

/**
 * For functions of the library itself: the step iterator exists from the start.
 */
class OwnDriver implements Driver {
  readonly isOwn: boolean = true;
  readonly isStepped: boolean = true;
  readonly keepsContext: boolean = false;
  readonly keepsTaskContext: boolean = false;

  iterate(coroutine: CoroutineCore): StepIterator {
    return coroutine.$callBody() as StepIterator;
  }

  begin(coroutine: CoroutineCore): void {
    coroutine.$advance(null);
  }

  prepare(coroutine: CoroutineCore, context: Context | null): void {
    if (context === null) return;
    captureIn(context, coroutine, advance);
  }

  startEagerly(coroutine: CoroutineCore, context: Context | null): void {
    if (context === null) return coroutine.$advance(null);
    try {
      beginIn(
        context,
        coroutine.$taskOf!.getLoop(),
        () => coroutine.$advance(null),
      );
    } catch (error) {
      failUnbegun(coroutine, error);
    }
  }
}

/**
 * For functions of the library that call those of the program, which expect the
 * asynchronous context of whoever has called the library.
 */
class CallerDriver extends OwnDriver {
  override readonly keepsTaskContext: boolean = true;
  override readonly keepsContext: boolean;

  /** @param isRepeating Whether it calls them in later steps, too. */
  constructor(isRepeating: boolean) {
    super();
    this.keepsContext = isRepeating;
  }

  override prepare(coroutine: CoroutineCore, context: Context | null): void {
    if (context !== null) super.prepare(coroutine, context);
    else coroutine.$keepStep(bindToContext(advance));
  }
}

/**
 * For generator functions: the call returns an iterator, which the task steps.
 */
class GeneratorDriver extends OwnDriver {
  override readonly isOwn: boolean = false;
  override readonly keepsContext: boolean = true;
}

/**
 * For async functions: the call returns a promise, and the function continues
 * by itself from wait to wait.
 */
class AsyncDriver implements Driver {
  readonly isOwn: boolean = false;
  readonly isStepped: boolean = false;
  readonly keepsContext: boolean = false;
  readonly keepsTaskContext: boolean = false;

  iterate(coroutine: CoroutineCore): StepIterator {
    return new AsyncCall(coroutine, this);
  }

  /** Returns the promise of the function, if it returned one. */
  begin(coroutine: CoroutineCore): PromiseLike<unknown> | null {
    let promise: PromiseLike<unknown> | null;
    try {
      promise = awaitSites.active
        ? this.#callNoted(coroutine)
        : this.call(coroutine);
    } catch (error) {
      coroutine.$threw(error);
      return null;
    }
    if (promise !== null) coroutine.$settleWith(promise);
    return promise;
  }

  #callNoted(coroutine: CoroutineCore): PromiseLike<unknown> | null {
    return callAs(coroutine, () => this.call(coroutine));
  }

  /** Returns the promise, or `null` if the coroutine is stepped after all. */
  protected call(coroutine: CoroutineCore): PromiseLike<unknown> | null {
    return coroutine.$callBody() as PromiseLike<unknown>;
  }

  // One of each for all tasks. None may be a closure that holds a task: the stack
  // of an error that is thrown below would keep that alive.
  readonly #begin = (coroutine: CoroutineCore): void => {
    this.begin(coroutine);
  };
  readonly #beginAlone = (coroutine: CoroutineCore): void => {
    scopeStore.runAlone!(coroutine.$scopeOf!, this.#begin, coroutine);
  };
  readonly #beginWithin = (coroutine: CoroutineCore): void => {
    scopeStore.run(coroutine.$scopeOf!, this.#begin, coroutine);
  };

  /**
   * The first step must run in the current asynchronous context, with the task
   * added. The task is added when the step runs, since a queued task does not
   * need what that allocates.
   */
  prepare(coroutine: CoroutineCore, context: Context | null): void {
    if (context !== null) captureIn(context, coroutine, this.#beginWithin);
    else {
      coroutine.$keepStep(
        scopeStore.isAlone
          ? this.#beginAlone
          : bindToContext(this.#beginWithin),
      );
    }
  }

  startEagerly(coroutine: CoroutineCore, context: Context | null): void {
    const { loop: outerLoop, strand: outerStrand } = running;
    const task = coroutine.$taskOf!;
    const enteredBefore = entered.length;
    running.loop = task.getLoop();
    running.strand = coroutine;
    running.loop.$engineOf.steps.enter(task);
    const begin = () => {
      const promise = this.begin(coroutine);
      if (promise !== null) noteEagerCall(task, promise);
    };
    try {
      const creator = stepStore?.getStore();
      if (context === null) scopeStore.run(task, begin);
      else beginIn(context, task, begin);
      stepStore?.enter(creator);
    } catch (error) {
      failUnbegun(coroutine, error);
    } finally {
      running.loop = outerLoop;
      running.strand = outerStrand;
      leaveStores(enteredBefore);
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
    return coroutine.$follow(coroutine.$callBody());
  }
}

export const ownDriver: Driver = /* @__PURE__ */ new OwnDriver();
export const callerDriver: Driver = /* @__PURE__ */ new CallerDriver(false);
export const repeatingDriver: Driver = /* @__PURE__ */ new CallerDriver(true);
export const generatorDriver: Driver = /* @__PURE__ */ new GeneratorDriver();
export const asyncDriver: Driver = /* @__PURE__ */ new AsyncDriver();
export const plainDriver: Driver = /* @__PURE__ */ new PlainDriver();

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

/** How a coroutine runs, by the kind of its function. */
export interface Driver {
  /** Whether it is stepped by the loop, and does not run on by itself. */
  readonly isStepped: boolean;
  /**
   * Whether a step that follows a wait is taken in the asynchronous context of
   * the async function that awaits it.
   */
  readonly keepsContext: boolean;
  /** What `yield*` iterates. */
  iterate(coroutine: CoroutineCore): StepIterator;
  /** Begins, within the step of this moment. */
  begin(coroutine: CoroutineCore): unknown;
  /** Prepares the first step of a task, for the loop to take. */
  prepare(coroutine: CoroutineCore): void;
  /** Takes the first step of a task, here and now. */
  startEagerly(coroutine: CoroutineCore): void;
}

/** The steps are the library's own, and there from the start. */
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

/** The function gives an iterator, which the task steps. */
class GeneratorDriver extends OwnDriver {
  override readonly keepsContext: boolean = true;
}

/** The function gives a promise, and runs on by itself from wait to wait. */
class AsyncDriver implements Driver {
  readonly isStepped: boolean = false;
  readonly keepsContext: boolean = false;

  iterate(coroutine: CoroutineCore): StepIterator {
    return new AsyncCall(coroutine, this);
  }

  /** Gives the promise of the function, if it gave one. */
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

  /** Gives the promise, or `null` if the coroutine is stepped after all. */
  protected call(coroutine: CoroutineCore): PromiseLike<unknown> | null {
    return coroutine[callBody]() as PromiseLike<unknown>;
  }

  /**
   * The first step is to be taken in the asynchronous context of this moment,
   * with the task added: then, since what that takes need not be there for as
   * long as the task waits for its turn.
   */
  prepare(coroutine: CoroutineCore): void {
    // The task must not be in these closures: the stack of an error that is
    // thrown below keeps them, and would keep the task.
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
 * A function handed over as it is. What it gives is seen when it is called: a
 * promise, steps, a future or a coroutine.
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

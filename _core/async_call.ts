// Copyright 2026 the asyncio authors. MIT license.

import type {
  CoroutineCore,
  Owner,
  StepIterator,
  TaskCore,
} from "./protocols.ts";
import { isInStep, running, scopeStore } from "./running.ts";

/**
 * A generator's `yield*` of a coroutine whose function is async: runs that
 * function, and resumes the generator within a step of their task.
 */
export class AsyncCall implements StepIterator, Owner {
  #coroutine: CoroutineCore;
  #driver: { begin(coroutine: CoroutineCore): unknown };
  #hasBegun = false;
  /** The waiting coroutine. It is known as soon as this has been yielded. */
  #caller: CoroutineCore | null = null;
  /** The strand that has begun it: the same, but known from then on. */
  #beginner: object | null = null;
  #outcome: { ok: boolean; value: unknown } | null = null;

  constructor(
    coroutine: CoroutineCore,
    driver: { begin(coroutine: CoroutineCore): unknown },
  ) {
    this.#coroutine = coroutine;
    this.#driver = driver;
  }

  get $ownerOf(): object | null {
    return this.#caller ?? this.#beginner;
  }

  /** The coroutine that has yielded this, and resumes with the outcome. */
  set caller(caller: CoroutineCore) {
    this.#caller = caller;
  }

  next(): IteratorResult<unknown, unknown> {
    if (!this.#hasBegun) this._begin();
    const outcome = this.#outcome;
    if (outcome === null) return { done: false, value: this };
    if (!outcome.ok) throw outcome.value;
    return { done: true, value: outcome.value };
  }

  throw(error: unknown): IteratorResult<unknown, unknown> {
    throw error;
  }

  private _begin(): void {
    const scope = running.strand === null ? null : running.strand.$scopeOf;
    if (scope === null) {
      throw new Error(`${this.#coroutine} runs inside a task only`);
    }
    this.#beginner = running.strand;
    const task = scope.$taskOf;
    this.#coroutine.$requireFresh();
    this.#coroutine.$adopt(scope, this);
    this.#hasBegun = true;
    task.$engineOf.steps.enter(task);
    scopeStore.run(scope, () => this.#driver.begin(this.#coroutine));
  }

  $disown(): void {
    this.#caller?.$disown();
  }

  $returned(value: unknown): void {
    this._resume({ ok: true, value });
  }

  $threw(error: unknown): void {
    this._resume({ ok: false, value: error });
  }

  /**
   * Resumes the generator: within the current step, or in a step of its own if
   * a native promise led here. That step does not end a wait, so a cancellation
   * that is due is not thrown there, and the outcome is not lost.
   */
  private _resume(outcome: { ok: boolean; value: unknown }): void {
    this.#outcome = outcome;
    const caller = this.#caller;
    if (caller === null) return; // it ended before this was yielded
    const task = caller.$taskOf!;
    if (isInStep(task)) {
      caller.$advance(null);
    } else {
      resumeInTurn(caller, task);
    }
  }
}

/** Whether a value is an {@linkcode AsyncCall}. */
export function isAsyncCall(value: unknown): value is AsyncCall {
  try {
    return value instanceof AsyncCall; // not isInstance(): V8 inlines this
  } catch {
    return false; // a revoked proxy
  }
}

function resumeInTurn(caller: CoroutineCore, task: TaskCore): void {
  task.$engineOf.enqueue({
    $run: () => caller.$resume(null),
    $taskOf: task,
  });
}

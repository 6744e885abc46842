import type { Owner } from "./await.ts";
import type { Steps } from "./definition.ts";
import { scope, taskStore } from "./running.ts";
import type { Coroutine } from "../coroutine.ts";
import type { Task } from "../task.ts";

/** The insides of the coroutine whose generator `yield*`s an async one. */
export interface Caller {
  _task: Task<unknown>;
  _advance(error: Error | null): void;
  _resume(error: Error | null): void;
}

/** A generator's `yield*` of a coroutine that is an async function. */
export class AsyncCall implements Steps, Owner {
  /** The coroutine that waits; known as soon as this has been yielded. */
  _caller: Caller | null = null;
  #coroutine: Coroutine<unknown>;
  #hasBegun = false;
  #outcome: { ok: boolean; value: unknown } | null = null;

  constructor(coroutine: Coroutine<unknown>) {
    this.#coroutine = coroutine;
  }

  next(): IteratorResult<unknown, unknown> {
    if (!this.#hasBegun) this.#begin();
    const outcome = this.#outcome;
    if (outcome === null) return { done: false, value: this };
    if (!outcome.ok) throw outcome.value;
    return { done: true, value: outcome.value };
  }

  throw(error: unknown): IteratorResult<unknown, unknown> {
    throw error;
  }

  #begin(): void {
    const task = scope.task;
    if (task === null) {
      throw new Error(`${this.#coroutine} runs inside a task only`);
    }
    this.#coroutine["_adopt"](task, this);
    this.#hasBegun = true;
    task["_loop"]["_steps"].enter(task);
    taskStore.run(task, () => this.#coroutine["_call"]());
  }

  _return(value: unknown): void {
    this.#resume({ ok: true, value });
  }

  _throw(error: unknown): void {
    this.#resume({ ok: false, value: error });
  }

  /**
   * The generator runs on: within the step that led here, or, where a promise
   * did that is not the loop's, with a step of its own. That is no wait, so a
   * cancellation that is due is not thrown in here, and the outcome not lost.
   */
  #resume(outcome: { ok: boolean; value: unknown }): void {
    this.#outcome = outcome;
    const caller = this._caller;
    if (caller === null) return; // over before it was ever waited for
    const loop = caller._task["_loop"];
    if (scope.loop === loop || loop["_steps"].includes(caller._task)) {
      caller._advance(null);
    } else {
      loop["_enqueue"]({ _run: () => caller._resume(null) });
    }
  }
}

import { Deque } from "../_util/deque.ts";

/**
 * What the loop runs: anything with a step to take. Handles of callbacks, and
 * the coroutines and awaits themselves, so that a step allocates nothing.
 */
export interface Runnable {
  /** Takes the step. Never throws: errors go where they belong. */
  _run(): void;
  /** Whose step it is, if it is one of a task. */
  readonly _task?: object | null;
}

/** The entries of a loop that are ready to run. */
export class ReadyQueue extends Deque<Runnable> {}

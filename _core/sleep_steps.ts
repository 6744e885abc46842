import { requireRunningLoop } from "./running.ts";
import type { Future } from "../future.ts";
import type { TimerHandle } from "../loop.ts";

/** What `sleep` yields when there is nothing to wait for but the next turn. */
const NEXT_TURN = { done: false, value: undefined } as const;

/** What it gives after that, when it was given no result. */
const TURN_OVER = { done: true, value: undefined } as const;

/** The steps of a `sleep` that just lets everybody else have a turn. */
export class TurnSteps<T> {
  #result: T;
  #yielded = false;

  constructor(result: T) {
    this.#result = result;
  }

  next(): IteratorResult<undefined, T | undefined> {
    if (this.#yielded) {
      const value = this.#result;
      return value === undefined ? TURN_OVER : { done: true, value };
    }
    this.#yielded = true;
    return NEXT_TURN;
  }

  throw(error: unknown): never {
    throw error;
  }
}

/** The steps of a `sleep` that waits for a timer. */
export class TimerSteps<T> {
  #delay: number;
  #result: T;
  #future: Future<T> | null = null;
  #timer: TimerHandle | null = null;

  constructor(delay: number, result: T) {
    this.#delay = delay;
    this.#result = result;
  }

  next(): IteratorResult<Future<T>, T> {
    if (this.#future !== null) {
      this.#timer?.cancel();
      return { done: true, value: this.#future.result() };
    }
    const loop = requireRunningLoop();
    const future = this.#future = loop.createFuture<T>();
    if (this.#delay < Infinity) {
      this.#timer = loop.callLater(
        this.#delay,
        wakeSleeper,
        future,
        this.#result,
      );
    }
    future["_blocking"] = true;
    return { done: false, value: future };
  }

  throw(error: unknown): never {
    this.#timer?.cancel();
    throw error;
  }

  return(): IteratorResult<Future<T>, T> {
    this.#timer?.cancel();
    return { done: true, value: this.#result };
  }
}

function wakeSleeper<T>(future: Future<T>, result: T): void {
  if (!future.done()) future.setResult(result);
}

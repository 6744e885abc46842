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

const INITIAL_CAPACITY = 64; // a power of two: positions wrap with a mask
const SHRINK_ABOVE = 4096; // a burst must not hold its memory for good

/** First in, first out, in a ring: no entry is ever shifted. */
export class ReadyQueue {
  #entries: (Runnable | null)[] = new Array(INITIAL_CAPACITY).fill(null);
  #mask = INITIAL_CAPACITY - 1;
  #head = 0;
  length = 0;

  push(entry: Runnable): void {
    if (this.length > this.#mask) this.#resize((this.#mask + 1) * 2);
    this.#entries[(this.#head + this.length++) & this.#mask] = entry;
  }

  /** Takes the oldest entry. The queue must not be empty. */
  shift(): Runnable {
    const entry = this.#entries[this.#head]!;
    this.#entries[this.#head] = null;
    this.#head = (this.#head + 1) & this.#mask;
    if (--this.length === 0 && this.#mask >= SHRINK_ABOVE) {
      this.#resize(INITIAL_CAPACITY);
    }
    return entry;
  }

  /** The oldest entry. There must be one. */
  peek(): Runnable {
    return this.#entries[this.#head]!;
  }

  clear(): void {
    this.length = 0;
    this.#resize(INITIAL_CAPACITY);
  }

  #resize(capacity: number): void {
    const entries: (Runnable | null)[] = new Array(capacity).fill(null);
    for (let i = 0; i < this.length; i++) {
      entries[i] = this.#entries[(this.#head + i) & this.#mask];
    }
    this.#entries = entries;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import type { LoopCore, TaskCore } from "../_core/protocols.ts";
import { activeTask, scopeStore } from "../_core/running.ts";
import { hasMethod } from "../_util/awaitables.ts";
import { OwnOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import { coroutine } from "../coroutine.ts";
import { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import { Task } from "../task.ts";

/**
 * The outcome of a read, unless the source has ended.
 *
 * @category Waiting
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  /** `isLast` unless the read was cancelled from outside, and may go on. */
  | { readonly ok: false; readonly error: unknown; readonly isLast: boolean };

/** The elements of what {@linkcode wrapIterable} has wrapped. */
export interface Source<T> {
  /**
   * Starts to read an element. It never throws.
   *
   * @param done Called once, later: with `null` if the source has ended.
   */
  read(loop: EventLoop, done: (outcome: Outcome<T> | null) => void): void;
  /**
   * Closes the source. It never throws.
   *
   * @returns A promise of the end, and whether that will come without waiting
   * for a read that nothing can interrupt.
   */
  close(loop: EventLoop): { isReady: boolean; closed: Promise<void> };
}

/**
 * Runs code of the source, which may wait for something of the loop, outside of
 * the running task: that code may go on after the task.
 */
function outsideTasks<T>(loop: LoopCore, call: () => T): T {
  return scopeStore.run(loop, call);
}

class StreamSource<T> implements Source<T> {
  #reader: ReadableStreamDefaultReader<T>;
  #isReading = false;

  constructor(stream: ReadableStream<T>) {
    this.#reader = stream.getReader();
  }

  read(loop: EventLoop, done: (outcome: Outcome<T> | null) => void): void {
    this.#isReading = true;
    const reader = this.#reader;
    outsideTasks(loop, () => reader.read()).then((result) => {
      this.#isReading = false;
      if (!result.done) return done({ ok: true, value: result.value });
      reader.releaseLock();
      done(null);
    }, (error) => {
      this.#isReading = false;
      reader.releaseLock();
      done({ ok: false, error, isLast: true });
    });
  }

  close(loop: EventLoop): { isReady: boolean; closed: Promise<void> } {
    const isReady = !this.#isReading;
    const reader = this.#reader;
    const closed = outsideTasks(loop, () => reader.cancel());
    reader.releaseLock();
    return { isReady, closed };
  }
}

/** An iterator of either kind, as far as it was checked. */
export interface AnyIterator {
  next(): unknown;
  return?: (() => unknown) | null;
}

/** What reading an element has come to. */
class Reading<T> {
  hasBegun = false;
  /** Whether the iterator has still to answer. */
  isPending = true;
  /** `null` if the iterator has ended. */
  outcome: Outcome<T> | null | undefined;
  answer: Answer | null = null;
}

/**
 * The answer of an iterator, which a task of its own waits for.
 *
 * If an async generator waits for something of the loop, that gets the
 * cancellation of the task, which then waits until the generator has cleaned
 * up. If it waits for a native promise, the task ends at once: nothing may hold
 * up the end of `run()`.
 */
class Answer extends Future<void> {
  static override readonly $printedClass: string = "Future";

  #task: TaskCore;

  constructor(task: TaskCore, promise: unknown, done: PromiseDone) {
    super(new OwnOptions(task.getLoop() as EventLoop));
    this.#task = task;
    // The `then` of a foreign thenable may throw, or call back twice.
    new Promise((resolve) => resolve(promise)).then(
      (value) => done({ ok: true, value }),
      (error) => done({ ok: false, error, isLast: true }),
    ).then(() => this.$setUnlessDone());
  }

  override cancel(message?: string): boolean {
    return !this.isInterruptible && super.cancel(message);
  }

  /** Whether the iterator itself waits for something of the loop. */
  get isInterruptible(): boolean {
    for (const wait of this.#task.$waitsOf()) {
      if (wait.$waitingFor() !== this) return true;
    }
    return false;
  }
}

/** Takes the outcome of a promise. */
type PromiseDone = (outcome: Outcome<unknown>) => void;

/** The coroutine of the task that gets an element of an iterator. */
const readNext = /* @__PURE__ */ coroutine(
  async function readNext(
    iterator: AnyIterator,
    isAsync: boolean,
    reading: Reading<unknown>,
  ): Promise<void> {
    function waitFor(promise: unknown, done: PromiseDone): Answer {
      reading.isPending = true;
      return reading.answer = new Answer(activeTask()!, promise, (outcome) => {
        reading.isPending = false;
        done(outcome);
      });
    }
    reading.hasBegun = true;
    reading.isPending = false;
    const next = iterator.next();
    if (isAsync) {
      await waitFor(next, (outcome) => {
        reading.outcome = outcome.ok ? outcomeOfResult(outcome.value) : outcome;
      });
      return;
    }
    const outcome = outcomeOfResult(next);
    reading.outcome = outcome;
    if (!outcome?.ok) return;
    reading.outcome = undefined;
    await waitFor(outcome.value, (outcome) => {
      reading.outcome = outcome;
      if (!outcome.ok) closeQuietly(iterator);
    });
  },
);

function outcomeOfResult(result: unknown): Outcome<unknown> | null {
  try {
    const { done, value } = requireObject(result);
    return done ? null : { ok: true, value };
  } catch (error) {
    return { ok: false, error, isLast: true };
  }
}

/** Closes an iterator of promises, one of which has been rejected. */
function closeQuietly(iterator: AnyIterator): void {
  try {
    iterator.return?.();
  } catch {
    // The rejection takes precedence.
  }
}

async function finish(iterator: AnyIterator): Promise<void> {
  const method = iterator.return;
  if (method === undefined || method === null) return;
  requireObject(await method.call(iterator));
}

/** Refuses what is not the result of an iterator. */
export function requireObject(result: unknown): IteratorResult<unknown> {
  if (
    typeof result !== "object" && typeof result !== "function" ||
    result === null
  ) {
    throw new TypeError(
      `Iterator result is not an object: current value is ${valueText(result)}`,
    );
  }
  return result as IteratorResult<unknown>;
}

class IteratorSource<T> implements Source<T> {
  #iterator: AnyIterator;
  #isAsync: boolean;
  /** What it reads, and the task that does. */
  #reading: Reading<T> | null = null;
  #task: Task<void> | null = null;

  constructor(iterator: AnyIterator, isAsync: boolean) {
    this.#iterator = iterator;
    this.#isAsync = isAsync;
  }

  read(loop: EventLoop, done: (outcome: Outcome<T> | null) => void): void {
    const reading = new Reading<T>();
    // A task of its own, so that what an async generator waits for belongs to
    // none of the tasks that iterate over it, and can be cancelled.
    const task = new Task(
      readNext(this.#iterator, this.#isAsync, reading as Reading<unknown>),
      { loop },
    );
    this.#reading = reading;
    this.#task = task;
    task.$addListener({
      $wakeup: () => {
        this.#reading = this.#task = null;
        done(outcomeOf(reading, task));
      },
    });
  }

  close(loop: EventLoop): { isReady: boolean; closed: Promise<void> } {
    // An async generator is closed when it was interrupted, or has reached its
    // next `yield`.
    const reading = this.#reading;
    const isReady = reading === null || !reading.hasBegun ||
      reading.answer?.isInterruptible === true;
    this.#task?.cancel();
    const closed = outsideTasks(loop, () => finish(this.#iterator));
    return { isReady, closed };
  }
}

function outcomeOf<T>(
  reading: Reading<T>,
  task: Task<void>,
): Outcome<T> | null {
  try {
    task.result();
  } catch (error) {
    if (reading.outcome === undefined) {
      return { ok: false, error, isLast: !reading.isPending };
    }
  }
  return reading.outcome!;
}

/** Takes hold of what was passed to {@linkcode wrapIterable}. */
export function sourceOf<T>(source: unknown): Source<T> {
  if (hasMethod(source, "getReader")) {
    const stream = source as ReadableStream<T>;
    if (stream.locked) {
      throw new TypeError("Cannot wrap a ReadableStream that is locked");
    }
    return new StreamSource(stream);
  }
  const isAsync = hasMethod(source, Symbol.asyncIterator);
  const isObject = typeof source === "object" || typeof source === "function";
  if (isObject && (isAsync || hasMethod(source, Symbol.iterator))) {
    const iterator = isAsync
      ? (source as AsyncIterable<T>)[Symbol.asyncIterator]()
      : (source as Iterable<T>)[Symbol.iterator]();
    if (hasMethod(iterator, "next")) {
      return new IteratorSource(iterator as AnyIterator, isAsync);
    }
  }
  throw new TypeError(
    `Cannot wrap what is neither an iterable nor a ReadableStream: current value is ${
      valueText(source)
    }`,
  );
}

// Copyright 2026 the asyncio authors. MIT license.

import { arrive, arrivesNow } from "../_core/outside.ts";
import type { Future } from "../future.ts";
import { getRunningLoop } from "../loop.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import type { Feed, Source } from "./source.ts";

/**
 * The state of a reader: the bytes that were read and not yet taken, and where
 * more come from.
 *
 * - The source is read only while a task waits for bytes, one read at a time.
 *   So nothing is read ahead, and nothing is held up. The output of a process
 *   that ends is the exception, see `readAhead()`.
 * - A read of the source belongs to no wait. When a wait is cancelled, the bytes
 *   that come stay in the buffer, for the next one.
 */
export class Input implements Feed {
  readonly buffer: ByteBuffer = new ByteBuffer();
  readonly limit: number;
  hasEof = false;
  /** Why there is no more to read; `null` unless it has failed. */
  failure: { error: unknown } | null = null;
  /** Called when no more bytes will come. */
  onEnd: (() => void) | null = null;
  /** The reader, for printed texts. */
  readonly owner: object;
  #source: Source | null;
  /** Whether the source is being read. */
  #isReading = false;
  #waiting: ReadSteps<unknown> | null = null;
  /** What the loop counts as something that comes from outside. */
  #external: Future<void> | null = null;
  /** How many bytes are read though no task waits for them. */
  #ahead = 0;
  /** Whether the oldest of these make room for further ones. */
  #dropsOldest = false;

  constructor(owner: object, source: Source | null, limit: number) {
    this.owner = owner;
    this.#source = source;
    this.limit = limit;
  }

  /** What waits for bytes. */
  get waiting(): ReadSteps<unknown> | null {
    return this.#waiting;
  }

  /** Whether the source is being read, for a task or for one that has left. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Refuses to read while a task waits for bytes. */
  requireFree(name: string): void {
    const other = this.#waiting;
    if (other === null || other.isOver) return;
    throw new Error(
      `${name}() called while another coroutine is already waiting for incoming data`,
    );
  }

  /** Lets `steps` wait for bytes. The future is done when there are some. */
  wait(steps: ReadSteps<unknown>): Future<void> {
    this.requireFree(steps.name);
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    this.#endExternal(this.#external); // a wait that is over, not told yet
    loop.$holdingsOf.externals++;
    this.#external = future;
    this.#waiting = steps;
    this.#readMore();
    return future;
  }

  /** `steps` waits no more for its future. */
  leave(steps: ReadSteps<unknown>, future: Future<void>): void {
    if (this.#waiting === steps) this.#waiting = null;
    this.#endExternal(future);
  }

  #endExternal(future: Future<void> | null): void {
    if (future === null || this.#external !== future) return;
    this.#external = null;
    future.getLoop().$holdingsOf.externals--;
  }

  wasFed(): void {
    this.#isReading = false;
    this.wake();
    this.#readOn();
  }

  hasEnded(): void {
    this.#isReading = false;
    this.#source = null;
    this.feedEof();
  }

  hasFailed(error: unknown): void {
    this.#isReading = false;
    this.#source = null;
    this.setException(error);
  }

  /** Wakes what waits, if it can go on, or reads more for it. */
  wake(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    if (!this.hasEof && !waiting.isReady()) return this.#readMore();
    this.#waiting = null;
    const { future } = waiting;
    if (future === null) return;
    if (arrivesNow(future.getLoop())) this.#complete(future);
    else this.#completeLater(future);
  }

  /** A method of its own: one with a closure costs an object for each call. */
  #completeLater(future: Future<void>): void {
    arrive(future.getLoop(), () => this.#complete(future));
  }

  #complete(future: Future<void>): void {
    this.#endExternal(future);
    future.$setUnlessDone();
  }

  feedEof(): void {
    this.hasEof = true;
    this.wake();
    this.onEnd?.();
  }

  setException(error: unknown): void {
    this.failure = { error };
    const future = this.#waiting?.future ?? null;
    this.#waiting = null;
    this.#endExternal(future);
    if (future !== null && !future.done()) future.$fail(error);
    this.onEnd?.();
  }

  /**
   * Reads from now on though no task waits, until there are so many bytes.
   *
   * @param dropsOldest Whether it reads on even then, and drops bytes for that.
   */
  readAhead(size: number, dropsOldest: boolean): void {
    this.#ahead = size;
    this.#dropsOldest = dropsOldest;
    this.#readOn();
  }

  /** Reads no more. What was read can still be taken. */
  async cancel(reason: unknown): Promise<void> {
    const source = this.#source;
    this.#source = null;
    this.feedEof();
    await source?.cancel(reason);
  }

  /** Reads from another source from now on. Nothing may be under way. */
  replaceSource(source: Source): void {
    this.#source = source;
  }

  #readOn(): void {
    if (this.#ahead === 0 || this.#waiting !== null) return;
    const excess = this.buffer.length - this.#ahead;
    if (excess >= 0) {
      if (!this.#dropsOldest) return;
      this.buffer.drop(excess);
    }
    this.#readMore();
  }

  #readMore(): void {
    if (this.#isReading || this.#source === null || this.hasEof) return;
    this.#isReading = true;
    this.#source.read(this);
  }
}

/** The outcome of one step: a future to wait for, or the result. */
export type StepResult<T> = IteratorResult<Future<void>, T>;

/**
 * The steps of a coroutine that takes bytes, and waits for them if it has to.
 * They take the place of a generator, as those of a `Waiter` do.
 *
 * Bytes are taken in the last step only. A read that ends in any other way has
 * taken none.
 */
export abstract class ReadSteps<T> {
  /** The name of the method, for errors. */
  abstract readonly name: string;
  future: Future<void> | null = null;
  protected readonly _input: Input;

  constructor(input: Input) {
    this._input = input;
  }

  /** Whether it can go on with the bytes that there are, before the end. */
  abstract isReady(): boolean;

  /** Takes the bytes, or throws. It is ready, or no more bytes will come. */
  protected abstract _take(): T;

  /** Whether it waits no more, and has only not been told yet. */
  get isOver(): boolean {
    return this.future === null || this.future.cancelled();
  }

  next(): StepResult<T> {
    const { future, _input: input } = this;
    if (future !== null) {
      this.future = null;
      input.leave(this, future);
      // It may have been closed, or it was cancelled, or the reader has failed.
      if (!future.$hasOutcome()) future.cancel();
      future.result();
    } else if (input.failure !== null) {
      throw input.failure.error;
    }
    if (this.isReady() || input.hasEof) {
      return { done: true, value: this._take() };
    }
    const waiter = this.future = input.wait(this);
    waiter.$block(this);
    return { done: false, value: waiter };
  }

  throw(error: unknown): never {
    this._abandon();
    throw error;
  }

  return(value: T): StepResult<T> {
    this._abandon();
    return { done: true, value };
  }

  [Symbol.iterator](): Iterator<Future<void>, T, unknown> {
    return this;
  }

  /** The text of what it waits for. */
  toString(): string {
    return String(this._input.owner);
  }

  // Not #private, which would cost each object a property.
  private _abandon(): void {
    const { future } = this;
    if (future === null) return;
    this.future = null;
    this._input.leave(this, future);
    future.cancel(); // it may still be pending
    if (future.$hasOutcome()) future.exception(); // looked at, and dropped
  }
}

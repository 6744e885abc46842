// Copyright 2026 the asyncio authors. MIT license.

import { connectionLost } from "../_host/errors.ts";
import { newBlock } from "./bytes.ts";
import type { Input } from "./input.ts";
import type { Sink } from "./sink.ts";
import { Waiters } from "./waiters.ts";

/** With more bytes than this in the buffer, `drain()` waits. */
const HIGH_WATER = 64 * 1024;
/** It waits until there are no more than this. */
const LOW_WATER = 16 * 1024;

/** How large a block that is kept for later is at most. */
const MAX_KEPT = 2 * HIGH_WATER;

/**
 * After so many bytes for which `drain()` had not to wait it takes a turn of
 * the loop: a peer that is fast enough must not keep the others from running.
 */
const BYTES_PER_TURN = HIGH_WATER;

const EMPTY = new Uint8Array(0);

/**
 * The steps of `drain()`. Most often there is room when it begins: that needs no
 * generator.
 */
class DrainSteps implements Iterator<unknown, void, unknown> {
  readonly #output: Output;
  #waiting: Generator<unknown, void, unknown> | null = null;

  constructor(output: Output) {
    this.#output = output;
  }

  next(): IteratorResult<unknown, void> {
    if (this.#waiting === null) {
      if (this.#output.hasRoom) return { done: true, value: undefined };
      this.#waiting = this.#output.waitForRoom();
    }
    return this.#waiting.next();
  }

  throw(error: unknown): IteratorResult<unknown, void> {
    if (this.#waiting === null) throw error;
    return this.#waiting.throw(error);
  }

  return(): IteratorResult<unknown, void> {
    return this.#waiting?.return() ?? { done: true, value: undefined };
  }
}

/** It only goes forward. */
type Phase =
  | "open"
  /** It takes no more bytes, and writes those that it has. */
  | "closing"
  /** Nothing is written any more. */
  | "closed";

/**
 * The state of a writer: the bytes that were not yet written, and where they go.
 *
 * - One write is under way at a time. What is added meanwhile is collected, and
 *   written next, in one piece.
 * - It has a copy of all bytes, so that the caller can change them.
 * - Nothing of it is ever an unhandled rejection: an error goes to the tasks
 *   that wait, and to each later `drain()`.
 */
export class Output {
  readonly sink: Sink;
  /** The reader of the same connection, which is told how it ended. */
  readonly input: Input | null;
  readonly drainers: Waiters = new Waiters();
  readonly closers: Waiters = new Waiters();
  readonly #flushers = new Waiters();
  #phase: Phase = "open";
  #hasEof = false;
  #isEofSent = false;
  /** Why the connection was lost; `null` unless it was. */
  #failure: { error: unknown } | null = null;
  /** Whether the peer has left when all was written. */
  #isDeserted = false;
  /** How many bytes are not yet written. */
  #size = 0;
  #isPaused = false;
  #sinceTurn = 0;
  /** What is collected for the next write: the first `#count` bytes. */
  #block: Uint8Array = EMPTY;
  #count = 0;
  /** What is being written, and a block for the next collection. */
  #flight: Uint8Array | null = null;
  #spare: Uint8Array = EMPTY;
  /** Called once it is closed. */
  onClosed: (() => void) | null = null;
  /** Where to remove it when it is closed, see `closeWithLoop()`. */
  openSockets: Set<{ abort(): void }> | null = null;

  constructor(sink: Sink, input: Input | null) {
    this.sink = sink;
    this.input = input;
    sink.onFailure = (error) => this.lose(error);
  }

  get size(): number {
    return this.#size;
  }

  get isClosing(): boolean {
    return this.#phase !== "open";
  }

  get isClosed(): boolean {
    return this.#phase === "closed";
  }

  get isIdle(): boolean {
    return this.#flight === null;
  }

  get hasEof(): boolean {
    return this.#hasEof;
  }

  /** Begins to write bytes, or adds them to those that wait. */
  write(bytes: Uint8Array): void {
    this.requireOpen("write");
    if (bytes.length === 0 || this.#isLost) return;
    this.#size += bytes.length;
    this.#sinceTurn += bytes.length;
    this.#collect(bytes);
    if (this.#flight === null) this.#writeNext();
    if (this.#size > HIGH_WATER) this.#isPaused = true;
  }

  /** Refuses to write after the end. A lost connection is no mistake. */
  requireOpen(act: string): void {
    if (this.#isLost) return;
    const before = this.#phase !== "open"
      ? "close"
      : this.#hasEof
      ? "writeEof"
      : null;
    if (before !== null) {
      throw new Error(`Cannot call ${act}() after ${before}()`);
    }
  }

  /** Tells the peer, after what was written, that no more will come. */
  writeEof(): void {
    if (this.#hasEof || this.#isLost) return;
    this.requireOpen("writeEof");
    this.#hasEof = true;
    if (this.#flight === null) this.#writeNext();
  }

  /** Closes it when all is written. */
  close(): void {
    if (this.#phase !== "open") return;
    this.#phase = "closing";
    if (this.#flight === null) this.#writeNext();
  }

  /** Closes it at once, and drops what is not yet written. */
  abort(): void {
    if (this.#phase === "closed") return;
    this.#drop();
    this.sink.abort(connectionLost("Connection aborted"));
    this.#end(null);
  }

  /**
   * Nobody reads any more what is written. That is an error if something was to
   * be written still, and from the next `drain()` on.
   */
  peerLeft(error: unknown): void {
    if (this.#size > 0) return this.lose(error);
    if (this.#phase !== "open") return;
    this.#isDeserted = true;
    this.sink.abort(error);
    this.#end(null);
  }

  get #isLost(): boolean {
    return this.#failure !== null || this.#isDeserted;
  }

  /** Waits until there is room for more. */
  draining(): Iterator<unknown, void, unknown> {
    return new DrainSteps(this);
  }

  /** Whether there is room now, and nothing that `drain()` has to tell. */
  get hasRoom(): boolean {
    return this.#phase === "open" && !this.#isPaused &&
      this.#sinceTurn < BYTES_PER_TURN &&
      (this.input === null || this.input.failure === null);
  }

  *waitForRoom(): Generator<unknown, void, unknown> {
    const failure = this.input?.failure ?? null;
    if (failure !== null) throw failure.error;
    if (this.isClosing) yield; // its end may be about to be known
    if (this.#phase === "closed") {
      throw this.#failure === null
        ? connectionLost("Connection lost")
        : this.#failure.error;
    }
    if (this.#isPaused) {
      this.#sinceTurn = 0;
      yield* this.drainers.wait();
    } else if (this.#sinceTurn >= BYTES_PER_TURN) {
      this.#sinceTurn = 0;
      yield;
    }
  }

  /** Waits until all that was written has left, and holds back what comes. */
  *holding(): Generator<unknown, void, unknown> {
    while (this.#flight !== null) yield* this.#flushers.wait();
    this.#flight = EMPTY;
  }

  /** Goes on with what comes next. */
  release(): void {
    if (this.#phase === "closed") return;
    this.#flight = null;
    this.#writeNext();
  }

  /** Waits until it is closed. */
  *closed(): Generator<unknown, void, unknown> {
    if (this.#phase !== "closed") yield* this.closers.wait();
    else if (this.#failure !== null) throw this.#failure.error;
  }

  /** Closes it, and waits. If that is cancelled, it is closed at once. */
  *disposing(): Generator<unknown, void, unknown> {
    this.close();
    try {
      yield* this.closed();
    } finally {
      this.abort();
    }
  }

  #collect(bytes: Uint8Array): void {
    const count = this.#count + bytes.length;
    if (count > this.#block.length) {
      const block = newBlock(Math.max(count, 2 * this.#count));
      block.set(this.#block.subarray(0, this.#count));
      this.#block = block;
    }
    this.#block.set(bytes, this.#count);
    this.#count = count;
  }

  /** Writes what was collected, or does what comes after the last byte. */
  #writeNext(): void {
    if (this.#count > 0) {
      const block = this.#block;
      // Faster than `subarray()`, which looks for the class of the result.
      const bytes = new Uint8Array(
        block.buffer,
        block.byteOffset,
        this.#count,
      );
      this.#count = 0;
      this.#block = this.#spare;
      this.#spare = this.sink.keepsBytes || block.length > MAX_KEPT
        ? EMPTY
        : block;
      this.#write(bytes);
    } else {
      this.#writeEnd();
      if (this.#flight === null) this.#flushers.wakeAll();
    }
  }

  #writeEnd(): void {
    if (this.#phase === "closing") {
      this.#flight = EMPTY;
      this.sink.close().then(
        () => this.#end(null),
        (error) => this.lose(error),
      );
    } else if (this.#hasEof && !this.#isEofSent) {
      this.#isEofSent = true;
      this.#flight = EMPTY;
      this.sink.writeEof().then(
        () => this.release(),
        (error) => this.lose(error),
      );
    }
  }

  #write(bytes: Uint8Array): void {
    this.#flight = bytes;
    this.sink.write(bytes).then(this.#wasWritten, this.#hasFailed);
  }

  // Made once, and not for each write.
  #wasWritten = (written: number | void): void => {
    const flight = this.#flight;
    if (flight === null) return; // it was aborted
    const count = written ?? flight.length;
    this.#size -= count;
    if (count < flight.length) {
      this.#write(flight.subarray(count));
    } else {
      this.#flight = null;
      if (this.#count > 0 || this.#phase === "closing" || this.#hasEof) {
        this.#writeNext();
      } else {
        // The next write gets the same block again: most need only one.
        const unused = this.#block;
        this.#block = this.#spare;
        this.#spare = unused;
        if (this.#flushers.size > 0) this.#flushers.wakeAll();
      }
    }
    if (this.#isPaused && this.#size <= LOW_WATER) {
      this.#isPaused = false;
      this.drainers.wakeAll();
    }
  };

  #hasFailed = (error: unknown): void => this.lose(error);

  /** The peer is gone, or the stream has failed. */
  lose(error: unknown): void {
    if (this.#phase === "closed") return;
    this.#failure = { error };
    this.#drop();
    this.sink.abort(error);
    this.#end(error);
  }

  #drop(): void {
    this.#block = this.#spare = EMPTY;
    this.#count = this.#size = 0;
    this.#flight = null;
  }

  #end(error: unknown): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#drop();
    this.#isPaused = false;
    this.#flushers.wakeAll();
    if (this.#failure === null) {
      this.input?.feedEof();
      this.drainers.wakeAll();
      this.closers.wakeAll();
    } else {
      this.input?.setException(error);
      this.drainers.failAll(error);
      this.closers.failAll(error);
    }
    this.openSockets?.delete(this);
    this.onClosed?.();
  }
}

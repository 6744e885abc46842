// Copyright 2026 the asyncio authors. MIT license.

import { hasMethod } from "../_util/awaitables.ts";
import { valueText } from "../_util/repr.ts";

/** Where the bytes of a writer go. Its promises may be rejected. */
export abstract class Sink {
  /** Whether it may hold on to the bytes after they were written. */
  abstract readonly keepsBytes: boolean;
  /** Whether the end can be told while the peer is still read. */
  abstract readonly canWriteEof: boolean;
  /** Called with the error if it fails while nothing is written. */
  onFailure: ((error: unknown) => void) | null = null;

  /**
   * Writes bytes. Not called again before the promise is fulfilled.
   *
   * @returns How many bytes were written, if not all.
   */
  abstract write(bytes: Uint8Array): Promise<number | void>;
  /** Tells the end. All bytes were written before. */
  abstract writeEof(): Promise<void>;
  /** Closes it. All bytes were written before. */
  abstract close(): Promise<void>;
  /** Closes it at once, whatever it is doing. Never throws. */
  abstract abort(reason: unknown): void;
  /** What is known of it, by name; `undefined` if nothing is. */
  info(_name: string): unknown {
    return undefined;
  }
}

/** Writes to a web stream. It holds the lock until the stream is closed. */
export class StreamSink extends Sink {
  override readonly keepsBytes = true;
  override readonly canWriteEof = true;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #hasEnded = false;

  constructor(stream: WritableStream<Uint8Array>) {
    super();
    this.#writer = stream.getWriter();
    this.#writer.ready.catch(() => {}); // `closed` tells the same
    this.#writer.closed.catch((error) => {
      if (!this.#hasEnded) this.onFailure?.(error);
    });
  }

  override write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  override async writeEof(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    await this.#writer.close();
  }

  override async close(): Promise<void> {
    await this.writeEof();
    this.#writer.releaseLock();
  }

  override abort(reason: unknown): void {
    this.#hasEnded = true;
    this.#writer.abort(reason).catch(() => {}); // nobody waits for it
    this.#writer.releaseLock();
  }
}

/** Takes hold of what a writer is to write to. */
export function sinkOf(writable: unknown): Sink {
  if (writable instanceof Sink) return writable;
  if (!hasMethod(writable, "getWriter")) {
    throw new TypeError(
      `Cannot write to what is not a WritableStream: current value is ${
        valueText(writable)
      }`,
    );
  }
  const stream = writable as WritableStream<Uint8Array>;
  if (stream.locked) {
    throw new TypeError("Cannot write to a WritableStream that is locked");
  }
  return new StreamSink(stream);
}

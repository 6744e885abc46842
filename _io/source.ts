// Copyright 2026 the asyncio authors. MIT license.

import { hasMethod } from "../_util/awaitables.ts";
import { valueText } from "../_util/repr.ts";
import type { ByteBuffer } from "./byte_buffer.ts";

/** What a source tells of the read that it was asked for. */
export interface Feed {
  /** Where the bytes go. */
  readonly buffer: ByteBuffer;
  /** Whether it takes no more bytes, as after `cancel()`. */
  readonly hasEof: boolean;
  /** Bytes were added. */
  wasFed(): void;
  /** There are no more bytes. */
  hasEnded(): void;
  /** Reading has failed, for good. */
  hasFailed(error: unknown): void;
}

/** Where the bytes of a reader come from. */
export abstract class Source {
  /**
   * Begins to read some bytes into the buffer of the feed. The feed is told
   * later, exactly once, unless the source was cancelled meanwhile. Never
   * called while a read is under way, or after the end.
   */
  abstract read(feed: Feed): void;
  /** Ends the source: a read that is under way gives nothing any more. */
  abstract cancel(reason: unknown): Promise<void>;
}

/** Reads a web stream. It holds the lock until the stream has ended. */
export class StreamSource extends Source {
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #feed: Feed | null = null;

  constructor(stream: ReadableStream<Uint8Array>) {
    super();
    this.#reader = stream.getReader();
  }

  override read(feed: Feed): void {
    this.#feed = feed;
    this.#reader.read().then(this.#wasRead, this.#hasFailed);
  }

  // Made once, and not for each read.
  #wasRead = (result: ReadableStreamReadResult<Uint8Array>): void => {
    const feed = this.#feed;
    if (feed === null) return; // it was cancelled
    if (result.done) {
      this.#reader.releaseLock();
      feed.hasEnded();
      return;
    }
    const { value } = result;
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError(
        `Cannot read a stream of anything but Uint8Array: it gave ${
          valueText(value)
        }`,
      );
      this.cancel(error).catch(() => {}); // the error is more to the point
      feed.hasFailed(error);
    } else if (value.length === 0) {
      this.read(feed);
    } else {
      feed.buffer.adopt(value);
      feed.wasFed();
    }
  };

  #hasFailed = (error: unknown): void => {
    if (this.#feed === null) return;
    this.#reader.releaseLock();
    this.#feed.hasFailed(error);
  };

  override async cancel(reason: unknown): Promise<void> {
    this.#feed = null;
    const ended = this.#reader.cancel(reason);
    this.#reader.releaseLock();
    await ended;
  }
}

/** Takes hold of what a reader is to read. */
export function sourceOf(readable: unknown): Source {
  if (readable instanceof Source) return readable;
  if (!hasMethod(readable, "getReader")) {
    throw new TypeError(
      `Cannot read what is not a ReadableStream: current value is ${
        valueText(readable)
      }`,
    );
  }
  const stream = readable as ReadableStream<Uint8Array>;
  if (stream.locked) {
    throw new TypeError("Cannot read a ReadableStream that is locked");
  }
  return new StreamSource(stream);
}

// Copyright 2026 the asyncio authors. MIT license.

import { requireCount } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { classText, errorRepr, printAs, valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { wrapFuture } from "../future.ts";
import { type Bytes, bytesOf } from "./bytes.ts";
import { Input } from "./input.ts";
import {
  nextLine,
  read,
  readexactly,
  readinto,
  readline,
  readuntil,
} from "./reads.ts";
import { type Source, sourceOf } from "./source.ts";

/** How many bytes a line may have if nothing else is said. */
export const DEFAULT_LIMIT: number = 64 * 1024;

/** Refuses what cannot be the limit of a reader. */
export function requireLimit(limit: number): void {
  requireCount("the limit of a stream", 1, limit);
}

const READER_OPTIONS = ["limit"];
const NEWLINE = 10;
const RETURN = 13;
const NEWLINES: readonly Uint8Array[] = [new Uint8Array([NEWLINE])];

/**
 * Options for {@linkcode StreamReader}.
 *
 * @category Streams
 */
export interface StreamReaderOptions {
  /**
   * How many bytes `readline()` and `readuntil()` return at most, without the
   * separator.
   *
   * @default {65536}
   */
  limit?: number;
}

/**
 * The lines of a reader, as `for await` and {@linkcode StreamReader.lines} give them.
 *
 * @category Streams
 */
export interface Lines<T> extends AsyncIterableIterator<T, undefined> {
  /**
   * Waits for the next line.
   *
   * @returns A coroutine of the result, in the form that iterators give it.
   */
  next(): Promise<IteratorResult<T, undefined>>;
}

/**
 * Reads bytes, lines and blocks from a socket, a child process, the standard
 * input, the body of a response: from any `ReadableStream` of bytes.
 *
 * - **Order.** Bytes come out in the order in which they came in, each once.
 *   A read that finds in the buffer what it needs takes no turn of the loop.
 * - **Cancellation.** A read that is cancelled, or that runs into a time limit,
 *   takes no byte: all that has come is there for the next read.
 * - **Back-pressure.** The stream is read only while a task waits for bytes, so
 *   the buffer never holds more than what that task asks for and one chunk of
 *   the stream. A line that is longer than the limit is an error.
 * - **One reader.** One task at a time can wait for bytes. A read while another
 *   one waits is an error.
 * - **Errors.** When the stream fails, the read that waits throws its error, and
 *   so does each later one.
 * - **Ownership.** Arrays that are returned belong to the caller, and are never
 *   written to again. A short one may share its `buffer` with others that this
 *   reader has returned: pass the array on, or a `slice()` of it, and not its
 *   `buffer`.
 *
 * @example Lines of a file that is decompressed
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { StreamReader } from "@asyncio/asyncio/streams";
 * import { assertEquals } from "@std/assert";
 *
 * const compressed = new Blob(["one\ntwo\nthree"]).stream()
 *   .pipeThrough(new CompressionStream("gzip"));
 *
 * await run(async () => {
 *   const reader = new StreamReader(
 *     compressed.pipeThrough(new DecompressionStream("gzip")),
 *   );
 *   const lines: string[] = [];
 *   for await (const line of reader.lines()) lines.push(line);
 *   assertEquals(lines, ["one", "two", "three"]);
 * });
 * ```
 *
 * @category Streams
 */
export class StreamReader
  implements AsyncIterable<Uint8Array<ArrayBuffer>>, AsyncDisposable {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "StreamReader",
  );

  /**
   * Where a reader keeps its {@linkcode Input}.
   *
   * @ignore
   */
  readonly $input: Input;

  /**
   * Creates a reader. A stream is locked at once, and is unlocked at its end.
   *
   * @param readable The stream to read; none if all bytes come through
   * {@linkcode StreamReader.feedData}.
   * @param options How long a line may be.
   * @throws {TypeError} If `readable` is not a `ReadableStream`, or is locked.
   * @throws {RangeError} If `limit` is not a whole number above zero.
   * @throws {TypeError} If there is no such option.
   */
  constructor(
    readable: ReadableStream<Uint8Array> | null = null,
    options?: StreamReaderOptions,
  ) {
    requireOptions("StreamReader()", options, READER_OPTIONS);
    const limit = options?.limit ?? DEFAULT_LIMIT;
    requireLimit(limit);
    const source: Source | null = readable === null ? null : sourceOf(readable);
    this.$input = new Input(this, source, limit);
  }

  /**
   * Reads some bytes.
   *
   * @param n How many bytes at most. It returns what there is, as soon as that
   * is at least one byte. Below zero: all of them, until the end.
   * @returns A coroutine of the bytes; of none if the stream has ended. They may
   * be a part of a larger buffer.
   * @throws {RangeError} If `n` is not a whole number.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const reader = new StreamReader(new Blob(["hello"]).stream());
   *   assertEquals((await reader.read(2)).length, 2);
   *   assertEquals((await reader.read()).length, 3);
   *   assertEquals((await reader.read()).length, 0);
   * });
   * ```
   */
  read(n: number = -1): Coroutine<Uint8Array<ArrayBuffer>> {
    if (n !== Infinity) requireCount("the number of bytes", -Infinity, n);
    return read(this.$input, n === Infinity ? -1 : n);
  }

  /**
   * Reads some bytes into an array of the caller, which can be used again and
   * again. Where much is read, that is up to twice as fast as
   * {@linkcode StreamReader.read}, which makes a new array each time.
   *
   * The array is written to when bytes have come, in the step in which the
   * coroutine ends: a read that was cancelled writes nothing.
   *
   * @param buffer Where the bytes go, from its start on.
   * @returns A coroutine of how many bytes there are: as many as have come, at
   * least one; none if the stream has ended, or the array has no room. It throws
   * a `TypeError` if the array was detached meanwhile, and takes nothing then.
   * @throws {TypeError} If `buffer` is not a `Uint8Array`.
   *
   * @example Counting the bytes of a body
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const reader = new StreamReader(new Blob(["hello"]).stream());
   *   const buffer = new Uint8Array(4);
   *   let total = 0;
   *   for (let count; (count = await reader.readinto(buffer)) > 0;) {
   *     total += count; // buffer.subarray(0, count) holds them
   *   }
   *   assertEquals(total, 5);
   * });
   * ```
   */
  readinto(buffer: Uint8Array): Coroutine<number> {
    if (!(buffer instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot read into what is not a Uint8Array: current value is ${
          valueText(buffer)
        }`,
      );
    }
    return readinto(this.$input, buffer);
  }

  /**
   * Reads a line, its newline included.
   *
   * @returns A coroutine of the bytes. The last line may have no newline; at the
   * end it returns none. It throws a {@linkcode LimitOverrunError} if the line
   * is longer than the limit, and drops what has come of it.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const reader = new StreamReader(new Blob(["one\ntwo"]).stream());
   *   assertEquals((await reader.readline()).length, 4);
   *   assertEquals((await reader.readline()).length, 3);
   *   assertEquals((await reader.readline()).length, 0);
   * });
   * ```
   */
  readline(): Coroutine<Uint8Array<ArrayBuffer>> {
    return readline(this.$input);
  }

  /**
   * Reads a number of bytes.
   *
   * @param n How many.
   * @returns A coroutine of the bytes. It throws an
   * {@linkcode IncompleteReadError} if the stream ends before.
   * @throws {RangeError} If `n` is negative, or is not a whole number.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const bytes = new Blob([new Uint8Array([0, 2, 7, 8])]).stream();
   *   const reader = new StreamReader(bytes);
   *   const head = await reader.readexactly(2);
   *   const length = new DataView(head.buffer).getUint16(head.byteOffset);
   *   assertEquals(await reader.readexactly(length), new Uint8Array([7, 8]));
   * });
   * ```
   */
  readexactly(n: number): Coroutine<Uint8Array<ArrayBuffer>> {
    requireCount("the number of bytes", 0, n);
    return readexactly(this.$input, n);
  }

  /**
   * Reads up to a separator, which is included.
   *
   * @param separator A separator, or several: then the first one that is
   * complete ends the read.
   * @returns A coroutine of the bytes. It throws an
   * {@linkcode IncompleteReadError} if the stream ends before, and a
   * {@linkcode LimitOverrunError} if that is longer than the limit; then the
   * bytes are left in the buffer.
   * @throws {RangeError} If a separator is empty, or there is none.
   * @throws {TypeError} If a separator is neither bytes nor a string.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const reader = new StreamReader(new Blob(["one;two,"]).stream());
   *   const text = async () =>
   *     new TextDecoder().decode(await reader.readuntil([";", ","]));
   *   assertEquals(await text(), "one;");
   *   assertEquals(await text(), "two,");
   * });
   * ```
   */
  readuntil(
    separator: Uint8Array | string | readonly (Uint8Array | string)[] = "\n",
  ): Coroutine<Uint8Array<ArrayBuffer>> {
    const separators = separator === "\n"
      ? NEWLINES
      : separatorsOf(separator as Uint8Array | string);
    return readuntil(this.$input, separators);
  }

  /**
   * Whether the stream has ended and all bytes were taken. That it has ended is
   * known when a read has come to the end.
   */
  atEof(): boolean {
    const { hasEof, buffer } = this.$input;
    return hasEof && buffer.length === 0;
  }

  /**
   * Adds bytes, as if they had come from the stream.
   *
   * @param data The bytes, which are copied; a string is UTF-8.
   * @throws {Error} If the stream has ended.
   * @throws {TypeError} If it is neither.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const reader = new StreamReader();
   *   reader.feedData("abc");
   *   reader.feedEof();
   *   assertEquals((await reader.read()).length, 3);
   * });
   * ```
   */
  feedData(data: Uint8Array | string): void {
    const bytes = bytesOf("feed a reader with", data);
    if (this.$input.hasEof) {
      throw new Error("Cannot call feedData() after feedEof()");
    }
    if (bytes.length === 0) return;
    this.$input.buffer.append(bytes);
    this.$input.wake();
  }

  /** Tells the reader that no more bytes will come. */
  feedEof(): void {
    this.$input.feedEof();
  }

  /** The error of the stream, or `null` if it has not failed. */
  exception(): unknown {
    const { failure } = this.$input;
    return failure === null ? null : failure.error;
  }

  /**
   * Makes the read that waits fail, and every later one.
   *
   * @param exception The error.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertRejects } from "@std/assert";
   *
   * await run(async () => {
   *   const reader = new StreamReader();
   *   reader.setException(new Error("lost"));
   *   await assertRejects(async () => await reader.read(), Error, "lost");
   * });
   * ```
   */
  setException(exception: unknown): void {
    this.$input.setException(exception);
  }

  /**
   * Reads the lines as text: UTF-8, without `\n` or `\r\n` at the end. Bytes
   * that are no UTF-8 become U+FFFD.
   *
   * Leaving the loop leaves the reader as it is: it can be read further. A line
   * that is longer than the limit throws a {@linkcode LimitOverrunError}.
   *
   * @returns The lines that are left.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const reader = new StreamReader(new Blob(["GET /\r\n\r\nbody"]).stream());
   *   const head: string[] = [];
   *   for await (const line of reader.lines()) {
   *     if (line === "") break;
   *     head.push(line);
   *   }
   *   assertEquals(head, ["GET /"]);
   *   assertEquals((await reader.read()).length, 4);
   * });
   * ```
   */
  lines(): Lines<string> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return linesOf(this.$input, (line) => {
      let end = line.length;
      if (line[end - 1] === NEWLINE) end--;
      if (end < line.length && line[end - 1] === RETURN) end--;
      return decoder.decode(line.subarray(0, end));
    });
  }

  /**
   * The lines as bytes, their newlines included, see
   * {@linkcode StreamReader.readline}. This is what `for await` calls.
   *
   * @returns The lines that are left.
   */
  [Symbol.asyncIterator](): Lines<Uint8Array<ArrayBuffer>> {
    return linesOf(this.$input, (line) => line);
  }

  /**
   * Reads no more, and cancels the stream. A read that waits is told that the
   * stream has ended. What was read before can still be taken.
   *
   * A reader of a connection does not need it: its writer closes both.
   *
   * @param reason What the stream is told.
   * @returns A coroutine that ends when the stream is cancelled. It throws what
   * cancelling the stream throws.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader } from "@asyncio/asyncio/streams";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   let cancelled = false;
   *   const endless = new ReadableStream<Uint8Array>({
   *     pull: (controller) => controller.enqueue(new Uint8Array(10)),
   *     cancel() {
   *       cancelled = true;
   *     },
   *   });
   *   const reader = new StreamReader(endless);
   *   await reader.read(5);
   *   await reader.cancel();
   *   assert(cancelled);
   * });
   * ```
   */
  cancel(reason?: unknown): Coroutine<void> {
    return cancelInput(this.$input, reason);
  }

  /** Cancels the stream: this is what `await using` calls. */
  [Symbol.asyncDispose](): Coroutine<void> {
    return cancelInput(this.$input, undefined);
  }

  /** @ignore */
  toString(): string {
    const { buffer, hasEof, limit, waiting, failure } = this.$input;
    const parts = [classText(this)];
    if (buffer.length > 0) parts.push(`${buffer.length} bytes`);
    if (hasEof) parts.push("eof");
    if (limit !== DEFAULT_LIMIT) parts.push(`limit=${limit}`);
    if (waiting?.future) parts.push(`waiter=${waiting.future}`);
    if (failure !== null) parts.push(`exception=${errorRepr(failure.error)}`);
    return `<${parts.join(" ")}>`;
  }
}

function separatorsOf(
  given: Uint8Array | string | readonly (Uint8Array | string)[],
): readonly Uint8Array[] {
  const list = Array.isArray(given) ? given : [given];
  const separators = list.map((each) => bytesOf("use as a separator", each));
  if (separators.length === 0) {
    throw new RangeError("Separator should contain at least one element");
  }
  separators.sort((a, b) => a.length - b.length);
  if (separators[0].length === 0) {
    throw new RangeError("Separator should be at least one-byte string");
  }
  // The caller may change them during the wait.
  return separators.map((separator) => separator.slice());
}

function linesOf<T>(from: Input, convert: (line: Bytes) => T): Lines<T> {
  // The type asks for promises. `for await` takes coroutines as well, and a
  // task that waits for one can be cancelled.
  const lines = {
    next: () => nextLine(from, convert) as unknown,
    [Symbol.asyncIterator]: () => lines,
  };
  return lines as Lines<T>;
}

const cancelInput = /* @__PURE__ */ Coroutine.$ownFunction<
  [from: Input, reason: unknown],
  void
>(function* cancel(from, reason): Generator<unknown, void, unknown> {
  yield* wrapFuture(from.cancel(reason));
});

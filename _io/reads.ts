// Copyright 2026 the asyncio authors. MIT license.

import { Coroutine } from "../coroutine.ts";
import { IncompleteReadError, LimitOverrunError } from "../errors.ts";
import type { Bytes } from "./bytes.ts";
import { type Input, ReadSteps } from "./input.ts";

/** Up to so many bytes, as soon as there are any. */
class ReadSome extends ReadSteps<Bytes> {
  readonly name = "read";
  #count: number;

  constructor(input: Input, count: number) {
    super(input);
    this.#count = count;
  }

  override isReady(): boolean {
    return this.#count === 0 || this._input.buffer.length > 0;
  }

  protected override _take(): Bytes {
    const { buffer } = this._input;
    return buffer.take(Math.min(this.#count, buffer.length));
  }
}

/** Up to as many bytes as an array of the caller has room for. */
class ReadInto extends ReadSteps<number> {
  readonly name = "readinto";
  #target: Uint8Array;
  #room: number;

  constructor(input: Input, target: Uint8Array) {
    super(input);
    this.#target = target;
    this.#room = target.length;
  }

  override isReady(): boolean {
    return this.#room === 0 || this._input.buffer.length > 0;
  }

  protected override _take(): number {
    const target = this.#target;
    if (target.length < this.#room) {
      throw new TypeError(
        `Cannot read into an array that was detached or shrunk: it had ${this.#room} bytes, and has ${target.length}`,
      );
    }
    return this._input.buffer.takeInto(target);
  }
}

/** Everything. */
class ReadAll extends ReadSteps<Bytes> {
  readonly name = "read";

  override isReady(): boolean {
    return false; // the end has to come first
  }

  protected override _take(): Bytes {
    const { buffer } = this._input;
    return buffer.take(buffer.length);
  }
}

/** So many bytes. */
class ReadExactly extends ReadSteps<Bytes> {
  readonly name = "readexactly";
  #count: number;

  constructor(input: Input, count: number) {
    super(input);
    this.#count = count;
  }

  override isReady(): boolean {
    return this._input.buffer.length >= this.#count;
  }

  protected override _take(): Bytes {
    const { buffer } = this._input;
    if (this.isReady()) return buffer.take(this.#count);
    throw new IncompleteReadError(buffer.take(buffer.length), this.#count);
  }
}

/** Up to and including the first of some separators. */
class ReadUntil<T = Bytes> extends ReadSteps<T> {
  readonly name = "readuntil"; // of a line too, as asyncio has it
  /** The shortest one first. */
  #separators: readonly Uint8Array[];
  /** No separator begins before this. */
  #offset = 0;
  /** What the buffer had given away when the offset was found. */
  #taken: number;
  #match: { start: number; end: number } | null = null;

  constructor(input: Input, separators: readonly Uint8Array[]) {
    super(input);
    this.#separators = separators;
    this.#taken = input.buffer.taken;
  }

  override isReady(): boolean {
    this.#search();
    return this.#match !== null || this.#offset > this._input.limit;
  }

  #search(): void {
    const { buffer } = this._input;
    const separators = this.#separators;
    if (this.#taken !== buffer.taken) { // by a read that did not wait
      this.#taken = buffer.taken;
      this.#offset = 0;
    }
    this.#match = null;
    const { length } = buffer;
    if (length - this.#offset < separators[0].length) return;
    let match: { start: number; end: number } | null = null;
    for (const separator of separators) {
      const start = buffer.indexOf(separator, this.#offset);
      if (start < 0) continue;
      const end = start + separator.length;
      if (match === null || end < match.end) match = { start, end };
    }
    this.#match = match;
    if (match !== null) return;
    const longest = separators[separators.length - 1].length;
    this.#offset = Math.max(0, length + 1 - longest);
  }

  protected override _take(): T {
    const { buffer, limit } = this._input;
    const match = this.#match;
    if (match === null && this.#offset <= limit) {
      return this._incomplete(buffer.take(buffer.length));
    }
    if (match !== null && match.start <= limit) {
      return this._found(buffer.take(match.end));
    }
    const error = match === null
      ? new LimitOverrunError(
        "Separator is not found, and chunk exceed the limit",
        this.#offset,
      )
      : new LimitOverrunError(
        "Separator is found, but chunk is longer than limit",
        match.start,
      );
    this._overrun(match === null ? buffer.length : match.end);
    throw error;
  }

  /** The result, with the separator at its end. */
  protected _found(chunk: Bytes): T {
    return chunk as T;
  }

  /** The result if the end came before a separator. */
  protected _incomplete(partial: Bytes): T {
    throw new IncompleteReadError(partial, null);
  }

  /** It throws since there is too much. */
  protected _overrun(_end: number): void {}
}

const NEWLINE: readonly Uint8Array[] = [/* @__PURE__ */ new Uint8Array([10])];

class ReadLine<T = Bytes> extends ReadUntil<T> {
  constructor(input: Input) {
    super(input, NEWLINE);
  }

  protected override _incomplete(partial: Bytes): T {
    return this._found(partial);
  }

  /** A line that is too long is dropped, as far as it has come. */
  protected override _overrun(end: number): void {
    this._input.buffer.drop(end);
  }
}

/** The next line of `for await`. */
class NextLine<T> extends ReadLine<IteratorResult<T, undefined>> {
  #convert: (line: Bytes) => T;

  constructor(input: Input, convert: (line: Bytes) => T) {
    super(input);
    this.#convert = convert;
  }

  protected override _found(line: Bytes): IteratorResult<T, undefined> {
    return line.length === 0
      ? { done: true, value: undefined }
      : { done: false, value: this.#convert(line) };
  }
}

/** The coroutine of `read()`. */
export const read = /* @__PURE__ */ Coroutine.$ownFunction<
  [input: Input, count: number],
  Bytes
>(function read(input, count) {
  return count < 0 ? new ReadAll(input) : new ReadSome(input, count);
});

/** The coroutine of `readinto()`. */
export const readinto = /* @__PURE__ */ Coroutine.$ownFunction<
  [input: Input, target: Uint8Array],
  number
>(function readinto(input, target) {
  return new ReadInto(input, target);
});

/** The coroutine of `readexactly()`. */
export const readexactly = /* @__PURE__ */ Coroutine.$ownFunction<
  [input: Input, count: number],
  Bytes
>(function readexactly(input, count) {
  return new ReadExactly(input, count);
});

/** The coroutine of `readuntil()`. The shortest separator comes first. */
export const readuntil = /* @__PURE__ */ Coroutine.$ownFunction<
  [input: Input, separators: readonly Uint8Array[]],
  Bytes
>(function readuntil(input, separators) {
  return new ReadUntil<Bytes>(input, separators);
});

/** The coroutine of `readline()`. */
export const readline = /* @__PURE__ */ Coroutine.$ownFunction<
  [input: Input],
  Bytes
>(function readline(input) {
  return new ReadLine<Bytes>(input);
});

/** The coroutine of `next()` of an iterator of lines. */
export const nextLine = /* @__PURE__ */ Coroutine.$ownFunction<
  [input: Input, convert: (line: Bytes) => unknown],
  IteratorResult<unknown, undefined>
>(function next(input, convert) {
  return new NextLine(input, convert);
});

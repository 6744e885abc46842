// Copyright 2026 the asyncio authors. MIT license.

import { requireOptions } from "../_util/options.ts";
import { classText, printAs, valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { bytesOf } from "./bytes.ts";
import { Output } from "./output.ts";
import { sinkOf } from "./sink.ts";
import { START_TLS_OPTIONS, startingTls, type StartTlsOptions } from "./tls.ts";
import { StreamReader } from "./stream_reader.ts";

const WRITER_OPTIONS = ["reader"];

/**
 * Options for {@linkcode StreamWriter}.
 *
 * @category Streams
 */
export interface StreamWriterOptions {
  /**
   * The reader of the same connection. It ends when the writer is closed, and
   * when it has failed, so does `drain()`.
   *
   * @default {null}
   */
  reader?: StreamReader | null;
}

/**
 * The address of a socket.
 *
 * @category Streams
 */
export type StreamAddress =
  | {
    readonly transport: "tcp";
    /** The IP address. */
    readonly hostname: string;
    readonly port: number;
  }
  | {
    readonly transport: "unix";
    /** The path; empty for a socket without a name. */
    readonly path: string;
  };

/**
 * What is known of an encrypted connection.
 *
 * @category Streams
 */
export interface TlsInfo {
  /** The protocol that was chosen with ALPN, if any. */
  readonly alpnProtocol: string | null;
}

/**
 * What {@linkcode StreamWriter.getExtraInfo} knows of a connection.
 *
 * @category Streams
 */
export interface ExtraInfo {
  /** The address of the peer. */
  peername: StreamAddress;
  /** The address of this end. */
  sockname: StreamAddress;
  /** What is known of the encryption, if the connection is encrypted. */
  sslobject: TlsInfo;
  /** The socket of the host: in Deno, a `Deno.Conn`. */
  socket: object;
}

/**
 * Writes bytes to a socket, a child process, a file: to any `WritableStream`.
 *
 * - **Order.** Bytes are written in the order in which they were passed to
 *   {@linkcode StreamWriter.write}, which never waits: what cannot be written at
 *   once is kept in a buffer, as a copy.
 * - **Back-pressure.** {@linkcode StreamWriter.drain} waits while there are more
 *   than 64 KiB in the buffer, until there are no more than 16 KiB. Otherwise it
 *   costs next to nothing. After each 64 KiB it takes a turn of the loop.
 * - **Cancellation.** A `drain()` or `waitClosed()` that is cancelled only stops
 *   waiting. What is in the buffer is written all the same.
 * - **Errors.** When the peer is gone, `drain()` throws the error, and so does
 *   `waitClosed()`. A `write()` in between does nothing, and nothing is ever an
 *   unhandled rejection.
 * - **End.** {@linkcode StreamWriter.close} writes what is in the buffer and then
 *   closes the connection, its reader included.
 *   {@linkcode StreamWriter.abort} closes it at once. `await using` does the
 *   first, and the second if it is cancelled meanwhile.
 *
 * @example Usage
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { StreamWriter } from "@asyncio/asyncio/streams";
 * import { assertEquals } from "@std/assert";
 *
 * const chunks: string[] = [];
 * const text = new TextDecoderStream();
 * const collected = text.readable.pipeTo(
 *   new WritableStream({
 *     write(chunk) {
 *       chunks.push(chunk);
 *     },
 *   }),
 * );
 *
 * await run(async () => {
 *   await using writer = new StreamWriter(text.writable);
 *   writer.write("hello ");
 *   writer.write(new Uint8Array([119, 111, 114, 108, 100]));
 *   await writer.drain();
 * });
 * await collected;
 * assertEquals(chunks.join(""), "hello world");
 * ```
 *
 * @category Streams
 */
export class StreamWriter implements AsyncDisposable {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "StreamWriter",
  );

  /**
   * Where a writer keeps its {@linkcode Output}.
   *
   * @ignore
   */
  readonly $output: Output;
  readonly #reader: StreamReader | null;

  /**
   * Creates a writer. The stream is locked until it is closed.
   *
   * @param writable The stream to write to.
   * @param options The reader of the same connection.
   * @throws {TypeError} If `writable` is not a `WritableStream`, or is locked.
   * @throws {TypeError} If there is no such option, or `reader` is not a reader.
   */
  // `BufferSource` is a global name in some hosts only.
  constructor(
    writable:
      | WritableStream<Uint8Array>
      | WritableStream<ArrayBuffer | ArrayBufferView<ArrayBuffer>>,
    options?: StreamWriterOptions,
  ) {
    requireOptions("StreamWriter()", options, WRITER_OPTIONS);
    const reader = options?.reader ?? null;
    if (reader !== null && !(reader instanceof StreamReader)) {
      throw new TypeError(
        `The reader of a StreamWriter must be a StreamReader: current value is ${
          valueText(reader)
        }`,
      );
    }
    this.#reader = reader;
    this.$output = new Output(sinkOf(writable), reader?.$input ?? null);
  }

  /**
   * Writes bytes, without waiting. Call {@linkcode StreamWriter.drain} after it.
   *
   * @param data The bytes, which can be changed afterwards; a string is UTF-8.
   * @throws {TypeError} If it is neither.
   * @throws {Error} After `close()`, `abort()` or `writeEof()`.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamReader, StreamWriter } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * const { readable, writable } = new TransformStream<Uint8Array>();
   * await run(async () => {
   *   const writer = new StreamWriter(writable);
   *   writer.write("ping\n");
   *   await writer.drain();
   *   const line = await new StreamReader(readable).readline();
   *   assertEquals(line.length, 5);
   * });
   * ```
   */
  write(data: Uint8Array | string): void {
    this.$output.write(bytesOf("write", data));
  }

  /**
   * Writes several pieces, one after the other.
   *
   * @param data The pieces.
   * @throws {TypeError} If one is neither bytes nor a string. None is written.
   * @throws {Error} After `close()`, `abort()` or `writeEof()`.
   */
  writelines(data: Iterable<Uint8Array | string>): void {
    const pieces = Array.from(data, (piece) => bytesOf("write", piece));
    this.$output.requireOpen("writelines");
    for (const piece of pieces) this.$output.write(piece);
  }

  /**
   * Waits until there is room for more in the buffer.
   *
   * @returns A coroutine that ends when there is. It throws the error of the
   * connection if that is lost.
   *
   * @example As fast as the other side reads
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamWriter } from "@asyncio/asyncio/streams";
   * import { assertEquals } from "@std/assert";
   *
   * let received = 0;
   * const sink = new WritableStream<Uint8Array>({
   *   write(chunk) {
   *     received += chunk.length;
   *   },
   * });
   * await run(async () => {
   *   await using writer = new StreamWriter(sink);
   *   for (let i = 0; i < 100; i++) {
   *     writer.write(new Uint8Array(10_000));
   *     await writer.drain();
   *   }
   * });
   * assertEquals(received, 1_000_000);
   * ```
   */
  drain(): Coroutine<void> {
    return drain(this.$output);
  }

  /**
   * Tells the peer, after all that was written, that no more will come. It can
   * still be read.
   *
   * @throws {Error} After `close()` or `abort()`.
   * @throws {Error} If the connection cannot do that, see
   * {@linkcode StreamWriter.canWriteEof}.
   */
  writeEof(): void {
    if (!this.canWriteEof()) {
      throw new Error(
        "Cannot call writeEof() as an encrypted connection has no end of its own for each direction",
      );
    }
    this.$output.writeEof();
  }

  /** Whether {@linkcode StreamWriter.writeEof} can be called. */
  canWriteEof(): boolean {
    return this.$output.sink.canWriteEof;
  }

  /** Closes the connection when all is written. It does not wait for that. */
  close(): void {
    this.$output.close();
  }

  /**
   * Closes the connection at once: what is not yet written is dropped, and
   * whatever waits goes on.
   */
  abort(): void {
    this.$output.abort();
  }

  /** Whether it is closed, or is going to be. */
  isClosing(): boolean {
    return this.$output.isClosing;
  }

  /**
   * Waits until the connection is closed.
   *
   * @returns A coroutine that ends then. It throws the error of the connection
   * if that was lost.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { StreamWriter } from "@asyncio/asyncio/streams";
   * import { assert } from "@std/assert";
   *
   * let closed = false;
   * const sink = new WritableStream({
   *   close() {
   *     closed = true;
   *   },
   * });
   * await run(async () => {
   *   const writer = new StreamWriter(sink);
   *   writer.close();
   *   await writer.waitClosed();
   *   assert(closed);
   * });
   * ```
   */
  waitClosed(): Coroutine<void> {
    return waitClosed(this.$output);
  }

  /**
   * Encrypts a connection that was opened without encryption, as SMTP, IMAP and
   * PostgreSQL do. It waits until all that was written has left; what is written
   * meanwhile is sent encrypted. If it fails or is cancelled, the connection is
   * closed.
   *
   * Deno can do this for connections that this program has opened, not for
   * those that a server has accepted.
   *
   * @param options The name of the server, and what to trust.
   * @returns A coroutine that ends when the connection is encrypted. It throws
   * an `Error` if it cannot be encrypted: it is one of a server or encrypted
   * already, it is closing, a read waits, or bytes are unread that came before.
   * @throws {TypeError} If there is no such option.
   *
   * @example Usage
   * ```ts ignore
   * import { run } from "@asyncio/asyncio";
   * import { openConnection } from "@asyncio/asyncio/streams";
   *
   * await run(async () => {
   *   const [reader, writer] = await openConnection("mail.example.com", 587);
   *   await reader.readline();
   *   writer.write("STARTTLS\r\n");
   *   await reader.readline();
   *   await writer.startTls();
   * });
   * ```
   */
  startTls(options: StartTlsOptions = {}): Coroutine<void> {
    requireOptions("startTls()", options, START_TLS_OPTIONS);
    return startTls(this.$output, options);
  }

  /**
   * Returns what is known of the connection.
   *
   * @typeParam K The name.
   * @typeParam D The type of the value if there is none.
   * @param name What to know, see {@linkcode ExtraInfo}.
   * @param otherwise What is returned if that is not known.
   * @returns The value.
   */
  getExtraInfo<K extends keyof ExtraInfo, D = null>(
    name: K,
    otherwise?: D,
  ): ExtraInfo[K] | D;
  /**
   * Returns what is known of the connection, by any name.
   *
   * @param name What to know.
   * @param otherwise What is returned if that is not known.
   * @returns The value.
   */
  getExtraInfo(name: string, otherwise?: unknown): unknown;
  getExtraInfo(name: string, otherwise: unknown = null): unknown {
    return this.$output.sink.info(name) ?? otherwise;
  }

  /**
   * Closes the connection and waits until that is done: this is what
   * `await using` calls. If the wait is cancelled, or fails, the connection is
   * closed at once.
   */
  [Symbol.asyncDispose](): Coroutine<void> {
    return dispose(this.$output);
  }

  /** @ignore */
  toString(): string {
    const { isClosed, isClosing, isIdle, size } = this.$output;
    const phase = isClosed ? "closed" : isClosing ? "closing" : "open";
    const state = isIdle ? "idle" : "polling";
    const parts = [
      classText(this),
      `transport=<${phase} write=<${state}, bufsize=${size}>>`,
    ];
    if (this.#reader !== null) parts.push(`reader=${this.#reader}`);
    return `<${parts.join(" ")}>`;
  }
}

const drain = /* @__PURE__ */ Coroutine.$ownFunction<[to: Output], void>(
  function drain(to) {
    return to.draining();
  },
);

const waitClosed = /* @__PURE__ */ Coroutine.$ownFunction<[to: Output], void>(
  function waitClosed(to) {
    return to.closed();
  },
);

const dispose = /* @__PURE__ */ Coroutine.$ownFunction<[to: Output], void>(
  function dispose(to) {
    return to.disposing();
  },
);

const startTls = /* @__PURE__ */ Coroutine.$ownFunction<
  [to: Output, options: StartTlsOptions],
  void
>(function startTls(to, options) {
  return startingTls(to, options);
});

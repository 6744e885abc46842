// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Streams: bytes that are read and written with waits of the loop.
 *
 * {@linkcode StreamReader} reads any `ReadableStream` of bytes, and
 * {@linkcode StreamWriter} writes to any `WritableStream`. Every wait can be
 * cancelled and timed out, and loses no byte.
 *
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { StreamReader, StreamWriter } from "@asyncio/asyncio/streams";
 * import { assertEquals } from "@std/assert";
 *
 * const { readable, writable } = new TransformStream<Uint8Array>();
 * await run(async () => {
 *   const reader = new StreamReader(readable);
 *   const writer = new StreamWriter(writable);
 *   writer.write("first\nsecond\n");
 *   writer.close();
 *   const lines: string[] = [];
 *   for await (const line of reader.lines()) lines.push(line);
 *   assertEquals(lines, ["first", "second"]);
 *   await writer.waitClosed();
 * });
 * ```
 *
 * @module
 */

export { type Lines, StreamReader } from "./_io/stream_reader.ts";
export type { StreamReaderOptions } from "./_io/stream_reader.ts";
export { StreamWriter } from "./_io/stream_writer.ts";
export type {
  ExtraInfo,
  StreamAddress,
  StreamWriterOptions,
  TlsInfo,
} from "./_io/stream_writer.ts";
export { openConnection, openUnixConnection } from "./_io/connect.ts";
export type { ClientTlsOptions, StartTlsOptions } from "./_io/tls.ts";
export type {
  OpenConnectionOptions,
  OpenUnixConnectionOptions,
} from "./_io/connect.ts";
export type { ClientCallback } from "./_io/client_handler.ts";
export { startServer, startUnixServer } from "./_io/listen.ts";
export type {
  ServerTlsOptions,
  StartServerOptions,
  StartUnixServerOptions,
} from "./_io/listen.ts";
export { Server } from "./_io/server.ts";

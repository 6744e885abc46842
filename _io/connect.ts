// Copyright 2026 the asyncio authors. MIT license.

import { requireCount } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { Coroutine } from "../coroutine.ts";
import { type EventLoop, getRunningLoop } from "../loop.ts";
import { acquire } from "./acquire.ts";
import { Connection } from "./connection.ts";
import { failureOf, nodeHost, socketHost } from "./host.ts";
import type { Socket, SocketHost } from "./sockets.ts";
import { closeWithLoop } from "./open_sockets.ts";
import { DEFAULT_LIMIT, requireLimit, StreamReader } from "./stream_reader.ts";
import { StreamWriter } from "./stream_writer.ts";
import { requireText } from "./text.ts";
import { CLIENT_TLS_OPTIONS, type ClientTlsOptions, encrypt } from "./tls.ts";

const MAX_PORT = 65535;

const CONNECTION_OPTIONS = ["limit", "tls", "serverName", "localAddress"];
const UNIX_OPTIONS = ["limit"];

/**
 * Options for {@linkcode openUnixConnection}.
 *
 * @category Streams
 */
export interface OpenUnixConnectionOptions {
  /**
   * How many bytes a line may have, see `StreamReader`.
   *
   * @default {65536}
   */
  limit?: number;
}

/**
 * Options for {@linkcode openConnection}.
 *
 * @category Streams
 */
export interface OpenConnectionOptions extends OpenUnixConnectionOptions {
  /**
   * Whether the connection is encrypted, and how.
   *
   * @default {false}
   */
  tls?: boolean | ClientTlsOptions;
  /**
   * The name that the certificate has to be for.
   *
   * @default {host}
   */
  serverName?: string;
  /**
   * The IP address of this host to connect from. In Deno, `tls` with `caCerts`
   * needs `--allow-sys=ca` then.
   *
   * @default {null}
   */
  localAddress?: string | null;
}

/** Both ends of a connection, as far as this program holds them. */
export type StreamPair = [reader: StreamReader, writer: StreamWriter];

/** Makes the streams of a socket that has just been opened. */
export function streamsOf(
  loop: EventLoop,
  connection: Connection,
  limit: number,
): StreamPair {
  const { source, sink } = connection;
  const reader = new StreamReader(source as never, { limit });
  const writer = new StreamWriter(sink as never, { reader });
  const out = writer.$output;
  out.openSockets = closeWithLoop(loop, out);
  return [reader, writer];
}

/** Refuses what is not the number of a port. */
export function requirePort(port: number): void {
  requireCount("a port", 0, port);
  if (port > MAX_PORT) {
    throw new RangeError(
      `a port must be <= ${MAX_PORT}: current value is ${port}`,
    );
  }
}

/** What `tls` asks for: `null` for no encryption. */
function clientTls(
  fn: string,
  tls: boolean | ClientTlsOptions | undefined,
): ClientTlsOptions | null {
  if (tls === undefined || tls === false) return null;
  if (tls === true) return {};
  requireOptions(fn, tls, CLIENT_TLS_OPTIONS);
  return tls;
}

/** What is to be opened. */
interface Attempt {
  /** The address, for errors. */
  readonly address: string;
  readonly limit: number;
  open(host: SocketHost, signal: AbortSignal): Promise<Socket>;
  readonly tls: ClientTlsOptions | null;
  readonly serverName: string;
}

/** Opens a connection. What has become of it is closed if it is not wanted. */
async function opened(
  host: SocketHost,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Connection> {
  const { address, tls, serverName } = attempt;
  let socket: Socket;
  // Deno's `connect()` ends with `throwIfAborted()`. A connection that is there
  // by then would be lost, and stay open (Deno 2.9).
  Object.defineProperty(signal, "throwIfAborted", { value: () => {} });
  try {
    socket = await attempt.open(host, signal);
  } catch (error) {
    throw failureOf(`Cannot connect to ${address}`, error);
  }
  const raw = { socket, encryption: null, isClosed: false };
  const close = () => {
    raw.isClosed = true;
    try {
      raw.socket.close();
    } catch {
      // It was closed before, or is the one that was encrypted.
    }
  };
  signal.addEventListener("abort", close);
  try {
    if (!signal.aborted && tls !== null) {
      await encrypt(host, raw, serverName, tls);
    }
    if (signal.aborted) throw signal.reason;
  } catch (error) {
    close();
    throw failureOf(`Cannot encrypt the connection to ${address}`, error);
  } finally {
    signal.removeEventListener("abort", close);
  }
  return new Connection(raw.socket, raw.encryption, { host, serverName });
}

const connect = /* @__PURE__ */ Coroutine.$ownFunction<
  [host: SocketHost, attempt: Attempt],
  StreamPair
>(function* openConnection(host, attempt) {
  const connection = yield* acquire(
    (signal) => opened(host, attempt, signal),
    (connection) => connection.close(),
  );
  return streamsOf(getRunningLoop(), connection, attempt.limit);
});

/**
 * Connects to a server over TCP.
 *
 * What is written is sent at once (`TCP_NODELAY`). Cancelling the coroutine, and
 * a time limit, end the attempt.
 *
 * It needs Deno, and `--allow-net`.
 *
 * @param host The name or the IP address of the server.
 * @param port Its port.
 * @param options How long a line may be, and whether and how it is encrypted.
 * @returns A coroutine of the reader and the writer. It throws the error of the
 * host, such as `Deno.errors.ConnectionRefused`, if there is no such host or
 * nothing listens there, or permission is missing.
 * @throws {TypeError} If `host` is not a string, or there is no such option.
 * @throws {RangeError} If `port` is not one, or `limit` is not above zero.
 * @throws {Error} If the host has no sockets.
 *
 * @example A client and its server
 * ```ts ignore
 * import { run } from "@asyncio/asyncio";
 * import { openConnection, startServer } from "@asyncio/asyncio/streams";
 *
 * await run(async () => {
 *   await using server = await startServer(async (reader, writer) => {
 *     for await (const line of reader) writer.write(line);
 *   }, "127.0.0.1", 8888);
 *
 *   const [reader, writer] = await openConnection("127.0.0.1", 8888);
 *   writer.write("hello\n");
 *   console.log(await reader.readline());
 *   writer.close();
 *   await writer.waitClosed();
 * });
 * ```
 *
 * @category Streams
 */
export function openConnection(
  host: string,
  port: number,
  options?: OpenConnectionOptions,
): Coroutine<[reader: StreamReader, writer: StreamWriter]> {
  const fn = "openConnection()";
  requireText("the host of a connection", host);
  requirePort(port);
  requireOptions(fn, options, CONNECTION_OPTIONS);
  const { limit = DEFAULT_LIMIT, serverName = host } = options ?? {};
  const localAddress = options?.localAddress ?? null;
  requireLimit(limit);
  requireText("serverName", serverName);
  if (localAddress !== null) requireText("localAddress", localAddress);
  const tls = clientTls(fn, options?.tls);
  if (tls === null && options?.serverName !== undefined) {
    throw new TypeError("serverName is only for a connection with tls");
  }
  // Deno's own sockets do not let one choose where to connect from.
  const sockets = localAddress === null ? socketHost(fn) : nodeHost(fn);
  return connect(sockets, {
    address: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
    limit,
    tls,
    serverName,
    open: (sockets, signal) =>
      sockets.connect({
        hostname: host,
        port,
        signal,
        ...(localAddress === null ? {} : { localAddress }),
      }),
  });
}

/**
 * Connects to a server over a Unix socket.
 *
 * It needs Deno, and `--allow-read` and `--allow-write` for the path.
 *
 * @param path The path of the socket.
 * @param options How long a line may be.
 * @returns A coroutine of the reader and the writer. It throws the error of the
 * host, such as `Deno.errors.NotFound`, if nothing listens there, or permission
 * is missing.
 * @throws {TypeError} If `path` is not a string, or there is no such option.
 * @throws {RangeError} If `limit` is not above zero.
 * @throws {Error} If the host has no sockets.
 *
 * @example Usage
 * ```ts ignore
 * import { run } from "@asyncio/asyncio";
 * import { openUnixConnection } from "@asyncio/asyncio/streams";
 *
 * await run(async () => {
 *   const [reader, writer] = await openUnixConnection("/run/echo.sock");
 *   writer.write("hello\n");
 *   console.log(await reader.readline());
 *   writer.close();
 * });
 * ```
 *
 * @category Streams
 */
export function openUnixConnection(
  path: string,
  options?: OpenUnixConnectionOptions,
): Coroutine<[reader: StreamReader, writer: StreamWriter]> {
  const fn = "openUnixConnection()";
  requireText("the path of a socket", path);
  requireOptions(fn, options, UNIX_OPTIONS);
  const { limit = DEFAULT_LIMIT } = options ?? {};
  requireLimit(limit);
  return connect(socketHost(fn), {
    address: path,
    limit,
    tls: null,
    serverName: "",
    open: (sockets) => sockets.connect({ transport: "unix", path }),
  });
}

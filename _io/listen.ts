// Copyright 2026 the asyncio authors. MIT license.

import { requireCount } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { Coroutine } from "../coroutine.ts";
import { getRunningLoop } from "../loop.ts";
import { acquire } from "./acquire.ts";
import { type ClientCallback, ClientHandler } from "./client_handler.ts";
import { requirePort } from "./connect.ts";
import { failureOf, socketHost } from "./host.ts";
import type { Listener, SocketHost } from "./sockets.ts";
import { makeServer, type Server } from "./server.ts";
import { DEFAULT_LIMIT, requireLimit } from "./stream_reader.ts";
import { requireText } from "./text.ts";

const UNIX_OPTIONS = ["limit", "maxClients", "startServing"];
const SERVER_OPTIONS = /* @__PURE__ */ UNIX_OPTIONS.concat(
  "backlog",
  "tls",
  "reusePort",
);
const TLS_OPTIONS = ["cert", "key", "alpnProtocols"];

/**
 * How a server encrypts its connections.
 *
 * @category Streams
 */
export interface ServerTlsOptions {
  /** The certificate, and those that lead to its authority, as PEM. */
  cert: string;
  /** The private key of the certificate, as PEM. */
  key: string;
  /**
   * The protocols to choose from with ALPN.
   *
   * @default {[]}
   */
  alpnProtocols?: string[];
}

/**
 * Options for {@linkcode startUnixServer}.
 *
 * @category Streams
 */
export interface StartUnixServerOptions {
  /**
   * How many bytes a line may have, see `StreamReader`.
   *
   * @default {65536}
   */
  limit?: number;
  /**
   * How many clients there are at most at the same time. Further connections
   * wait in the backlog.
   *
   * @default {Infinity}
   */
  maxClients?: number;
  /**
   * Whether to accept connections at once. If not, they wait in the backlog
   * until {@linkcode Server.startServing} or {@linkcode Server.serveForever}.
   *
   * @default {true}
   */
  startServing?: boolean;
}

/**
 * Options for {@linkcode startServer}.
 *
 * @category Streams
 */
export interface StartServerOptions extends StartUnixServerOptions {
  /**
   * How many connections can wait to be accepted.
   *
   * @default {511}
   */
  backlog?: number;
  /**
   * Encrypts the connections. A client whose handshake fails, or takes longer
   * than 60 seconds, is dropped.
   *
   * @default {null}
   */
  tls?: ServerTlsOptions | null;
  /**
   * Whether other processes may listen on the same port, on Linux.
   *
   * @default {false}
   */
  reusePort?: boolean;
}

/** What is to be started. */
interface Start {
  readonly handler: ClientHandler;
  readonly options: StartServerOptions;
  listen(): Promise<Listener[]>;
}

function requireMaxClients(maxClients: number): void {
  if (maxClients === Infinity) return;
  requireCount("maxClients", 1, maxClients);
}

const start = /* @__PURE__ */ Coroutine.$ownFunction<[start: Start], Server>(
  function* startServer({ handler, options, listen }) {
    const loop = getRunningLoop();
    const { limit = DEFAULT_LIMIT, maxClients = Infinity } = options;
    const listeners = yield* acquire(listen, (listeners) => {
      for (const listener of listeners) listener.close();
    });
    const server = makeServer(loop, listeners, {
      handler,
      limit,
      maxClients,
      isEncrypted: (options.tls ?? null) !== null,
    });
    if (options.startServing ?? true) server["_start"]();
    return server;
  },
);

/**
 * Starts a server over TCP.
 *
 * It needs Deno, and `--allow-net`.
 *
 * @param onClient Called for each client, with its reader and its writer: an
 * `async` or generator function, which runs in a task of its own and whose end
 * closes the connection. A plain function has to see to that itself.
 * @param host The address to listen at, or several. `null` is all of IPv4.
 * @param port The port; 0 for any that is free, see {@linkcode Server.sockets}.
 * @param options How many clients there may be, how they are encrypted, and so
 * on.
 * @returns A coroutine of the server, which listens. It throws the error of the
 * host, such as `Deno.errors.AddrInUse`, if it cannot listen there, or
 * permission is missing.
 * @throws {TypeError} If `onClient` is not a function, `host` is not a string,
 * or there is no such option.
 * @throws {RangeError} If `port` is not one, or `limit`, `maxClients` or
 * `backlog` are not above zero.
 * @throws {Error} If the host has no sockets.
 *
 * @example An echo server
 * ```ts ignore
 * import { run } from "@asyncio/asyncio";
 * import { startServer } from "@asyncio/asyncio/streams";
 *
 * await run(async () => {
 *   const server = await startServer(async (reader, writer) => {
 *     for await (const line of reader) {
 *       writer.write(line);
 *       await writer.drain();
 *     }
 *   }, "127.0.0.1", 8888);
 *   await server.serveForever();
 * });
 * ```
 *
 * @category Streams
 */
export function startServer(
  onClient: ClientCallback,
  host: string | readonly string[] | null,
  port: number,
  options: StartServerOptions = {},
): Coroutine<Server> {
  const fn = "startServer()";
  const handler = new ClientHandler(onClient, () => [startServer]);
  requireOptions(fn, options, SERVER_OPTIONS);
  const hosts = host === null ? ["0.0.0.0"] : [host].flat();
  if (hosts.length === 0) {
    throw new RangeError("a server needs at least one host to listen at");
  }
  for (const each of hosts) requireText("the host of a server", each);
  requirePort(port);
  const { backlog, reusePort = false } = options;
  const tls = options.tls ?? null;
  requireLimit(options.limit ?? DEFAULT_LIMIT);
  requireMaxClients(options.maxClients ?? Infinity);
  if (backlog !== undefined) requireCount("backlog", 1, backlog);
  if (tls !== null) {
    requireOptions(fn, tls, TLS_OPTIONS);
    requireText("tls.cert", tls.cert);
    requireText("tls.key", tls.key);
  }
  const sockets = socketHost(fn);
  return start({
    handler,
    options,
    listen: () =>
      listenAll(sockets, hosts, {
        port,
        reusePort,
        ...(backlog === undefined ? {} : { tcpBacklog: backlog }),
        ...tls,
      }, tls !== null),
  });
}

/** Listens at all of the hosts, or at none. */
async function listenAll(
  sockets: SocketHost,
  hosts: readonly string[],
  options: { readonly port: number; readonly reusePort: boolean },
  isEncrypted: boolean,
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const hostname of hosts) {
    try {
      const given = { ...options, hostname };
      listeners.push(
        await (isEncrypted ? sockets.listenTls(given) : sockets.listen(given)),
      );
    } catch (error) {
      for (const listener of listeners) listener.close();
      throw failureOf(`Cannot listen at ${hostname}:${options.port}`, error);
    }
  }
  return listeners;
}

/**
 * Starts a server over a Unix socket. The socket is removed when the server is
 * closed. So is what has taken its place at the path: if another server is to
 * take over, close this one first.
 *
 * It needs Deno, and `--allow-read` and `--allow-write` for the path.
 *
 * @param onClient Called for each client, as for {@linkcode startServer}.
 * @param path The path of the socket. One that a server has left
 * behind that is gone is replaced.
 * @param options How many clients there may be, and so on.
 * @returns A coroutine of the server, which listens. It throws the error of the
 * host if it cannot listen there, or permission is missing.
 * @throws {TypeError} If `onClient` is not a function, `path` is not a string,
 * or there is no such option.
 * @throws {RangeError} If `limit` or `maxClients` are not above zero.
 * @throws {Error} If the host has no sockets.
 *
 * @example Usage
 * ```ts ignore
 * import { run } from "@asyncio/asyncio";
 * import { startUnixServer } from "@asyncio/asyncio/streams";
 *
 * await run(async () => {
 *   await using server = await startUnixServer(async (reader, writer) => {
 *     writer.write(await reader.readline());
 *   }, "/run/echo.sock");
 *   await server.serveForever();
 * });
 * ```
 *
 * @category Streams
 */
export function startUnixServer(
  onClient: ClientCallback,
  path: string,
  options: StartUnixServerOptions = {},
): Coroutine<Server> {
  const fn = "startUnixServer()";
  const handler = new ClientHandler(onClient, () => [startUnixServer]);
  requireText("the path of a socket", path);
  requireOptions(fn, options, UNIX_OPTIONS);
  requireLimit(options.limit ?? DEFAULT_LIMIT);
  requireMaxClients(options.maxClients ?? Infinity);
  const sockets = socketHost(fn);
  return start({
    handler,
    options,
    listen: async () => [await listenUnix(sockets, path)],
  });
}

async function listenUnix(
  sockets: SocketHost,
  path: string,
): Promise<Listener> {
  const options = { transport: "unix", path };
  try {
    return await sockets.listen(options);
  } catch (error) {
    if ((error as { code?: string }).code === "EADDRINUSE") {
      if (await isStale(sockets, path)) {
        sockets.removeSync(path);
        return await sockets.listen(options);
      }
    }
    throw failureOf(`Cannot listen at ${path}`, error);
  }
}

/** Whether it is a socket that was left behind by a server that is gone. */
async function isStale(sockets: SocketHost, path: string): Promise<boolean> {
  try {
    // To connect to a file of another kind is refused as well.
    if (sockets.lstatSync(path).isSocket !== true) return false;
    const socket = await sockets.connect({ transport: "unix", path });
    socket.close();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "ECONNREFUSED";
  }
}

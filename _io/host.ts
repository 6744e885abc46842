// Copyright 2026 the asyncio authors. MIT license.

import { nodeSockets } from "./node_sockets.ts";

/** What is used of a socket of the host: `Deno.Conn` has all of it. */
export interface Socket {
  readonly localAddr: unknown;
  readonly remoteAddr: unknown;
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay?(noDelay: boolean): void;
}

/** A socket that waits for connections, as `Deno.Listener` is one. */
export interface Listener {
  readonly addr: unknown;
  accept(): Promise<Socket>;
  close(): void;
}

/** A socket whose encryption has begun. */
export interface TlsSocket extends Socket {
  handshake(): Promise<{ alpnProtocol: string | null }>;
}

/** What is used of the host: `Deno` has all of it. */
export interface SocketHost {
  connect(options: object): Promise<Socket>;
  startTls(socket: Socket, options: object): Promise<TlsSocket>;
  listen(options: object): Listener | Promise<Listener>;
  listenTls(options: object): Listener | Promise<Listener>;
  lstatSync(path: string): { ino: number | null };
  removeSync(path: string): void;
}

/** Where sockets come from: Deno's own, or those of `node:net`. */
export function socketHost(fn: string): SocketHost {
  if (typeof Deno !== "undefined") return Deno as unknown as SocketHost;
  return nodeHost(fn);
}

/** The sockets of `node:net`, which Deno has too. */
export function nodeHost(fn: string): SocketHost {
  const host = nodeSockets();
  if (host === null) throw new Error(`${fn}: this host has no sockets`);
  return host;
}

/**
 * An error of the host that says what was attempted. It keeps its class and its
 * code. An error about permissions names the flag that is missing, and says
 * enough.
 */
export function failureOf(act: string, error: unknown): unknown {
  if (!(error instanceof Error) || error.name === "NotCapable") return error;
  const { code } = error as { code?: unknown };
  let told: Error;
  try {
    const Class = error instanceof AggregateError
      ? Error // of one attempt for each address
      : error.constructor as ErrorConstructor;
    told = new Class(`${act}: ${error.message}`, { cause: error });
  } catch {
    return error; // its class is made of something else
  }
  return code === undefined ? told : Object.assign(told, { code });
}

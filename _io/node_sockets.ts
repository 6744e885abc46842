// Copyright 2026 the asyncio authors. MIT license.

/**
 * Sockets of `node:net` and `node:tls` in the form of those of Deno: for hosts
 * that have no others, and for what Deno's own cannot do.
 */

import { builtin } from "../_host/builtin.ts";
import { connectionLost } from "../_host/errors.ts";
import { type Deferred, deferred } from "../_util/deferred.ts";
import {
  HANDSHAKE_TIMEOUT,
  type Listener,
  type Socket,
  type SocketHost,
  type TlsSocket,
} from "./sockets.ts";

/** A socket of `node:net`, as far as it is used. */
interface NodeSocket {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly alpnProtocol?: string | false | null;
  on(event: string, listener: (value: never) => void): void;
  once(event: string, listener: (value: never) => void): void;
  read(): Uint8Array | null;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
  end(done: () => void): void;
  destroy(): void;
  setNoDelay(noDelay: boolean): void;
}

interface NodeServer {
  on(event: string, listener: (...values: never[]) => void): void;
  once(event: string, listener: (value: never) => void): void;
  listen(options: object): void;
  address(): { address: string; port: number } | string | null;
  close(): void;
}

interface Net {
  connect(options: object): NodeSocket;
  createServer(options: object): NodeServer;
  isIP(text: string): number;
}

interface Tls {
  connect(options: object): NodeSocket;
  createServer(options: object): NodeServer;
}

interface FileSystem {
  unlinkSync(path: string): void;
  lstatSync(path: string): { isSocket(): boolean };
}

/** A read that waits for bytes. */
interface Reading {
  readonly into: Uint8Array;
  resolve(count: number | null): void;
  reject(error: unknown): void;
}

class StreamSocket implements TlsSocket {
  readonly node: NodeSocket;
  readonly #path: string | null;
  #rest: Uint8Array | null = null;
  #reading: Reading | null = null;
  #hasEnded = false;
  #error: Error | null = null;

  constructor(node: NodeSocket, path: string | null) {
    this.node = node;
    this.#path = path;
    node.on("readable", () => this.#give());
    node.on("end", () => {
      this.#hasEnded = true;
      this.#give();
    });
    node.on("error", (error: Error) => {
      this.#error = error;
      this.#give();
    });
    node.on("close", () => {
      this.#hasEnded = true;
      this.#give();
    });
  }

  get localAddr(): object {
    const { localAddress: hostname, localPort: port } = this.node;
    return this.#address({ transport: "tcp", hostname, port });
  }

  get remoteAddr(): object {
    const { remoteAddress: hostname, remotePort: port } = this.node;
    return this.#address({ transport: "tcp", hostname, port });
  }

  #address(tcp: object): object {
    return this.#path === null ? tcp : { transport: "unix", path: this.#path };
  }

  read(into: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#reading = { into, resolve, reject };
      this.#give();
    });
  }

  #give(): void {
    const reading = this.#reading;
    if (reading === null) return;
    const bytes = this.#rest ?? this.node.read();
    if (bytes !== null) {
      const count = Math.min(bytes.length, reading.into.length);
      reading.into.set(bytes.subarray(0, count));
      this.#rest = count < bytes.length ? bytes.subarray(count) : null;
      this.#reading = null;
      reading.resolve(count);
    } else if (this.#error !== null) {
      this.#reading = null;
      reading.reject(this.#error);
    } else if (this.#hasEnded) {
      this.#reading = null;
      reading.resolve(null);
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#error !== null) return reject(this.#error);
      this.node.write(bytes, (error) => {
        if (error) reject(error);
        else resolve(bytes.length);
      });
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#error !== null) return reject(this.#error);
      this.node.once("error", reject as (error: never) => void);
      this.node.end(() => resolve());
    });
  }

  close(): void {
    this.node.destroy();
  }

  setNoDelay(noDelay: boolean): void {
    this.node.setNoDelay(noDelay);
  }

  handshake(): Promise<{ alpnProtocol: string | null }> {
    return Promise.resolve({ alpnProtocol: this.node.alpnProtocol || null });
  }
}

/** Waits until a socket is open, or has failed. */
function opened(
  node: NodeSocket,
  event: string,
  path: string | null,
  signal?: AbortSignal,
): Promise<StreamSocket> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      node.destroy();
      reject(signal!.reason);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    const settled = () => signal?.removeEventListener("abort", abort);
    node.once(event, () => {
      settled();
      resolve(new StreamSocket(node, path));
    });
    const failed = (error: unknown) => {
      settled();
      reject(error);
    };
    node.once("error", failed);
    // If it is destroyed from here, it ends without an error.
    node.once(
      "close",
      () => failed(connectionLost("The connection was closed")),
    );
  });
}

/**
 * The clients of a server that have not begun the encryption. Node.js keeps these
 * sockets to itself: it closes none that takes too long, nor with the server.
 */
class Handshakes {
  readonly #sockets = new Map<string, NodeSocket>();

  constructor(server: NodeServer) {
    server.on("connection", (node: NodeSocket) => {
      const peer = peerOf(node);
      this.#sockets.set(peer, node);
      node.once("close", () => {
        if (this.#sockets.get(peer) === node) this.#sockets.delete(peer);
      });
    });
    server.on("secureConnection", (node: NodeSocket) => {
      this.#sockets.delete(peerOf(node));
    });
    server.on("tlsClientError", (_error: Error, node: NodeSocket) => {
      node.destroy();
    });
  }

  end(): void {
    for (const node of this.#sockets.values()) node.destroy();
  }
}

/** The address of the other end, which a socket and its encrypted form share. */
function peerOf({ remoteAddress, remotePort }: NodeSocket): string {
  return `${remoteAddress} ${remotePort}`;
}

class QueueListener implements Listener {
  readonly addr: object;
  #server: NodeServer;
  #path: string | null;
  #sockets: Socket[] = [];
  #accepting: Deferred<Socket> | null = null;

  readonly #whenClosed: () => void;

  constructor(
    server: NodeServer,
    event: string,
    path: string | null,
    whenClosed: () => void,
  ) {
    this.#server = server;
    this.#whenClosed = whenClosed;
    this.#path = path;
    const address = server.address();
    this.addr = typeof address === "object" && address !== null
      ? { transport: "tcp", hostname: address.address, port: address.port }
      : { transport: "unix", path };
    server.on(event, (node: NodeSocket) => this.#add(node));
    server.on("error", (error) => this.#take()?.reject(error));
  }

  #take(): Deferred<Socket> | null {
    const accepting = this.#accepting;
    this.#accepting = null;
    return accepting;
  }

  #add(node: NodeSocket): void {
    const socket = new StreamSocket(node, this.#path);
    const accepting = this.#take();
    if (accepting === null) this.#sockets.push(socket);
    else accepting.resolve(socket);
  }

  accept(): Promise<Socket> {
    const socket = this.#sockets.shift();
    if (socket !== undefined) return Promise.resolve(socket);
    this.#accepting = deferred();
    return this.#accepting.promise;
  }

  close(): void {
    this.#server.close();
    this.#whenClosed();
    for (const socket of this.#sockets.splice(0)) socket.close();
    this.#take()?.reject(new Error("Listener has been closed"));
  }
}

/** Waits until a server listens, or has failed. */
function listening(
  server: NodeServer,
  event: string,
  options: { path?: string },
  whenClosed: () => void = () => {},
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once("error", reject as (error: never) => void);
    server.once("listening", () => {
      const path = options.path ?? null;
      resolve(new QueueListener(server, event, path, whenClosed));
    });
    server.listen(options);
  });
}

/** The options of Deno that are named differently. */
interface DenoOptions {
  hostname?: string;
  port?: number;
  path?: string;
  tcpBacklog?: number;
  reusePort?: boolean;
  localAddress?: string;
  signal?: AbortSignal;
  cert?: string;
  key?: string;
  caCerts?: string[];
  alpnProtocols?: string[];
  unsafelyDisableHostnameVerification?: boolean;
}

/** The sockets of `node:net`; `null` if the host has none. */
export function nodeSockets(): SocketHost | null {
  const found = builtin<Net>("node:net");
  if (found === undefined) return null;
  const net = found;
  const tls = () => builtin<Tls>("node:tls")!;
  const files = () => builtin<FileSystem>("node:fs")!;
  return {
    connect(options: DenoOptions): Promise<Socket> {
      const { hostname: host, port, path, localAddress, signal } = options;
      const target = path === undefined
        ? { host, port, localAddress }
        : { path };
      const node = net.connect({ ...target, allowHalfOpen: true });
      return opened(node, "connect", path ?? null, signal);
    },
    startTls(socket: Socket, options: DenoOptions): Promise<TlsSocket> {
      const { hostname = "", caCerts, alpnProtocols } = options;
      const anyName = options.unsafelyDisableHostnameVerification;
      const { rootCertificates } = builtin<{ rootCertificates: string[] }>(
        "node:tls",
      )!;
      const node = tls().connect({
        socket: (socket as StreamSocket).node,
        // An address is no name that a client may ask for. The certificate has
        // to be for it all the same.
        ...(net.isIP(hostname) ? { host: hostname } : { servername: hostname }),
        ALPNProtocols: alpnProtocols,
        ...(caCerts && { ca: [...rootCertificates, ...caCerts] }),
        ...(anyName && { checkServerIdentity: () => undefined }),
      });
      return opened(node, "secureConnect", null);
    },
    listen(options: DenoOptions): Promise<Listener> {
      const server = net.createServer({ allowHalfOpen: true });
      return listening(server, "connection", nodeListenOptions(options));
    },
    listenTls(options: DenoOptions): Promise<Listener> {
      const { cert, key, alpnProtocols } = options;
      const server = tls().createServer({
        cert,
        key,
        ALPNProtocols: alpnProtocols,
        handshakeTimeout: HANDSHAKE_TIMEOUT * 1000,
      });
      const handshakes = new Handshakes(server);
      return listening(
        server,
        "secureConnection",
        nodeListenOptions(options),
        () => handshakes.end(),
      );
    },
    removeSync: (path) => files().unlinkSync(path),
    lstatSync: (path) => ({ isSocket: files().lstatSync(path).isSocket() }),
  };
}

function nodeListenOptions(options: DenoOptions): object {
  const { hostname: host, port, path, tcpBacklog: backlog, reusePort } =
    options;
  return path === undefined ? { host, port, backlog, reusePort } : { path };
}

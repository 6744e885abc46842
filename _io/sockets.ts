// Copyright 2026 the asyncio authors. MIT license.

/** How long a client may take to begin the encryption, in seconds. */
export const HANDSHAKE_TIMEOUT = 60;

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
  removeSync(path: string): void;
  lstatSync(path: string): { readonly isSocket: boolean | null };
}

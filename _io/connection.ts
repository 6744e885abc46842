// Copyright 2026 the asyncio authors. MIT license.

import type { Socket, SocketHost } from "./sockets.ts";
import { type Feed, Source } from "./source.ts";
import { Sink } from "./sink.ts";

/** How a connection is encrypted. */
export interface Encryption {
  readonly alpnProtocol: string | null;
}

/** Who has opened a connection. A server has accepted it. */
export interface Opener {
  readonly host: SocketHost;
  /** The name of the server. */
  readonly serverName: string;
}

/** An open socket: the source of its reader and the sink of its writer. */
export class Connection {
  readonly source: Source;
  readonly sink: Sink;
  socket: Socket;
  encryption: Encryption | null;
  /** `null` if a server has accepted it. */
  readonly opener: Opener | null;
  isClosed = false;

  constructor(
    socket: Socket,
    encryption: Encryption | null,
    opener: Opener | null,
  ) {
    this.socket = socket;
    this.encryption = encryption;
    this.opener = opener;
    try {
      socket.setNoDelay?.(true); // what is written is to be sent at once
    } catch {
      // The peer has gone already: on macOS, that is an error here.
    }
    this.source = new SocketSource(this);
    this.sink = new SocketSink(this);
  }

  /** Closes the socket. What it is doing fails, and nobody is told. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      this.socket.close();
    } catch {
      // It was lost while it changed to an encrypted one.
    }
  }
}

class SocketSource extends Source {
  #connection: Connection;
  #feed!: Feed;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  override read(feed: Feed): void {
    this.#feed = feed;
    this.#connection.socket.read(feed.buffer.lend())
      .then(this.#wasRead, this.#hasFailed);
  }

  // Made once, and not for each read.
  #wasRead = (count: number | null): void => {
    const feed = this.#feed;
    if (count === null || feed.hasEof) { // or the reader was cancelled
      feed.buffer.revoke();
      feed.hasEnded();
    } else {
      feed.buffer.commit(count);
      feed.wasFed();
    }
  };

  #hasFailed = (error: unknown): void => {
    const connection = this.#connection;
    this.#feed.buffer.revoke();
    if (connection.isClosed) this.#feed.hasEnded();
    else connection.sink.onFailure!(error); // of both directions
  };

  /** The socket goes on as long as its writer, and so does its read. */
  override async cancel(): Promise<void> {}
}

/** The sink of a {@linkcode Connection}. */
export class SocketSink extends Sink {
  override readonly keepsBytes = false;
  readonly connection: Connection;

  constructor(connection: Connection) {
    super();
    this.connection = connection;
  }

  override get canWriteEof(): boolean {
    return this.connection.encryption === null;
  }

  override write(bytes: Uint8Array): Promise<number> {
    return this.connection.socket.write(bytes);
  }

  override writeEof(): Promise<void> {
    return this.connection.socket.closeWrite();
  }

  override async close(): Promise<void> {
    const { connection } = this;
    try {
      // The peer is to know that nothing was cut off.
      if (connection.encryption !== null) await connection.socket.closeWrite();
    } catch {
      // It has gone before: nothing is lost, since everything was written.
    }
    connection.close();
  }

  override abort(): void {
    this.connection.close();
  }

  override info(name: string): unknown {
    const { socket, encryption } = this.connection;
    switch (name) {
      case "peername":
        return addressOf(socket.remoteAddr);
      case "sockname":
        return addressOf(socket.localAddr);
      case "sslobject":
        return encryption;
      case "socket":
        return socket;
    }
  }
}

/** An address as a plain object. A socket without a name has an empty path. */
export function addressOf(address: unknown): unknown {
  const { transport, hostname, port, path } = address as Record<
    string,
    unknown
  >;
  return transport === "unix"
    ? { transport, path: path ?? "" }
    : { transport, hostname, port };
}

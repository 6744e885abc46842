// Copyright 2026 the asyncio authors. MIT license.

import { connectionLost } from "../_host/errors.ts";
import { wrapFuture } from "../future.ts";
import { type Encryption, SocketSink } from "./connection.ts";
import { failureOf } from "./host.ts";
import type { Socket, SocketHost } from "./sockets.ts";
import type { Output } from "./output.ts";
import { requireText } from "./text.ts";

/** The options of a client that encrypts. */
export const CLIENT_TLS_OPTIONS: readonly string[] = [
  "caCerts",
  "alpnProtocols",
  "unsafelyDisableHostnameVerification",
];

export const START_TLS_OPTIONS: readonly string[] =
  /* @__PURE__ */ CLIENT_TLS_OPTIONS.concat("serverName");

/**
 * How a client encrypts a connection.
 *
 * @category Streams
 */
export interface ClientTlsOptions {
  /**
   * Certificates, as PEM, of authorities to trust in addition to those of the
   * host.
   *
   * @default {[]}
   */
  caCerts?: string[];
  /**
   * The protocols to offer with ALPN, the best one first.
   *
   * @default {[]}
   */
  alpnProtocols?: string[];
  /**
   * Accept a certificate that is valid and is for another name.
   *
   * @default {false}
   */
  unsafelyDisableHostnameVerification?: boolean;
}

/**
 * Options for `StreamWriter.startTls()`.
 *
 * @category Streams
 */
export interface StartTlsOptions extends ClientTlsOptions {
  /**
   * The name that the certificate has to be for.
   *
   * @default {the host that the connection was opened to}
   */
  serverName?: string;
}

/** A connection that is going to be encrypted. */
export interface Unencrypted {
  socket: Socket;
  encryption: Encryption | null;
  /** Whether it was closed, and is not wanted any more. */
  isClosed: boolean;
}

/** Encrypts a connection. It consumes the socket. */
export async function encrypt(
  host: SocketHost,
  connection: Unencrypted,
  serverName: string,
  tls: ClientTlsOptions,
): Promise<void> {
  const secure = await host.startTls(connection.socket, {
    ...tls,
    hostname: serverName,
  });
  connection.socket = secure;
  if (connection.isClosed) {
    secure.close();
    throw connectionLost("The connection was closed");
  }
  const { alpnProtocol } = await secure.handshake();
  connection.encryption = { alpnProtocol: alpnProtocol ?? null };
}

function refuse(why: string): never {
  throw new Error(`Cannot start TLS ${why}`);
}

/** The steps of `StreamWriter.startTls()`. */
export function* startingTls(
  output: Output,
  options: StartTlsOptions,
): Generator<unknown, void, unknown> {
  const { sink, input } = output;
  if (!(sink instanceof SocketSink)) {
    return refuse("on a stream: it is a matter of a connection only");
  }
  const { connection } = sink;
  const { opener } = connection;
  if (opener === null) {
    return refuse(
      "as the server of a connection that is open: Deno has no such thing",
    );
  }
  const { serverName = opener.serverName, ...tls } = options;
  requireText("serverName", serverName);
  yield* output.holding();
  try {
    if (output.isClosing) refuse("as the connection is closing");
    if (output.hasEof) refuse("after writeEof()");
    if (connection.encryption !== null) {
      refuse("as the connection is encrypted already");
    }
    if (input!.isReading) refuse("while the reader waits for bytes");
    const unread = input!.buffer.length;
    if (unread > 0) refuse(`as ${unread} bytes that came before are unread`);
  } catch (error) {
    output.release();
    throw error;
  }
  const future = wrapFuture(encrypt(opener.host, connection, serverName, tls));
  try {
    yield* future;
  } catch (error) {
    if (!future.$hasFailed()) {
      output.abort(); // it was cancelled
      throw error;
    }
    const failure = failureOf("Cannot start TLS", future.exception());
    output.lose(failure);
    throw failure;
  }
  output.release();
}

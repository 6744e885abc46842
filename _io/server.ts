// Copyright 2026 the asyncio authors. MIT license.

import { births } from "../_core/births.ts";
import { scopeStore } from "../_core/running.ts";
import { currentTask, type Task } from "../task.ts";
import { classText, printAs, shortRepr } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import type { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import type { ClientCall, ClientHandler } from "./client_handler.ts";
import { streamsOf } from "./connect.ts";
import { addressOf, Connection } from "./connection.ts";
import {
  HANDSHAKE_TIMEOUT,
  type Listener,
  type Socket,
  type TlsSocket,
} from "./sockets.ts";
import { closeWithLoop } from "./open_sockets.ts";
import type { Output } from "./output.ts";
import type { StreamAddress, StreamWriter } from "./stream_writer.ts";
import { Waiters } from "./waiters.ts";

/** After an accept that failed it waits so long, in seconds. */
const ACCEPT_RETRY_DELAY = 1;

/**
 * The errors of an accept that concern only the connection: its peer has reset it
 * before. The next one can be accepted at once.
 */
const PEER_HAS_LEFT: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "ENOTCONN",
  "EPROTO",
]);

/** How a server serves. */
export interface ServerSettings {
  readonly handler: ClientHandler;
  readonly limit: number;
  readonly maxClients: number;
  readonly isEncrypted: boolean;
}

/** A connection that a server has accepted. */
class Client {
  /** `null` until it is encrypted, if it is going to be. */
  output: Output | null = null;
  task: Task<unknown> | null = null;
  /** Whether its handler runs. An eager one does before there is a task. */
  isHandled = false;
  isAborted = false;
  /** What its handler runs. Until there is a task, it tells which one it is. */
  coroutine: Coroutine<unknown> | null = null;
  /** How many waits for the end of the server its task is in. */
  waits = 0;
  /** Closes it, before there is a writer that can. */
  #connection: { close(): void };

  constructor(connection: { close(): void }) {
    this.#connection = connection;
  }

  get isOver(): boolean {
    return this.isClosed && !this.isHandled;
  }

  get isClosed(): boolean {
    return this.output === null ? false : this.output.isClosed;
  }

  /** Whether it is over but for what comes after the end of the server. */
  get isWaiting(): boolean {
    return this.isClosed && this.waits > 0;
  }

  owns(task: Task<unknown> | null): boolean {
    return task !== null &&
      (this.task === task || this.coroutine === task.getCoro());
  }

  close(): void {
    if (this.output === null) this.#connection.close();
    else this.output.close();
  }

  abort(): void {
    this.isAborted = true;
    if (this.output === null) this.#connection.close();
    else this.output.abort();
    this.task?.cancel();
  }
}

const key = /* @__PURE__ */ Symbol("key");

/**
 * A server, as `startServer()` and `startUnixServer()` make it.
 *
 * - **Clients.** Each connection runs the handler in a task of its own, in the
 *   loop of the server. When that task ends, its connection is closed, after
 *   what was written to it. An error goes to the exception handler of the loop,
 *   and touches no other client.
 * - **Limit.** With `maxClients`, further connections wait in the backlog of the
 *   system until one of the clients is over.
 * - **End.** {@linkcode Server.close} stops listening and leaves the clients
 *   alone; {@linkcode Server.waitClosed} waits for them.
 *   {@linkcode Server.closeClients} and {@linkcode Server.abortClients} end
 *   them. `await using` closes the server and waits.
 * - **Cancellation.** Cancelling {@linkcode Server.serveForever} closes the
 *   server and waits for its clients, and then throws.
 *
 * @example A graceful end: ten seconds for those who are busy
 * ```ts ignore
 * import { moveOnAfter } from "@asyncio/asyncio";
 * import type { Server } from "@asyncio/asyncio/streams";
 *
 * async function shutDown(server: Server): Promise<void> {
 *   server.close();
 *   await moveOnAfter(10, async () => {
 *     await server.waitClosed();
 *   });
 *   server.abortClients();
 *   await server.waitClosed();
 * }
 * ```
 *
 * @category Streams
 */
export class Server implements AsyncDisposable {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Server",
  );

  #loop: EventLoop;
  #settings: ServerSettings;
  #listeners: readonly Listener[];
  #isClosed = false;
  #isServing = false;
  #forever: Future<void> | null = null;
  #clients = new Set<Client>();
  /** Listeners that wait for one of the clients to be over. */
  #held = new Set<Listener>();
  /** Accepted by one of several listeners when there was no room any more. */
  #surplus: Socket[] = [];
  /** Listeners that wait for the host. */
  #accepting = new Set<Listener>();
  /** Those that wait for its end, but for the tasks of its clients. */
  #waiters = new Waiters();
  #clientWaiters = new Waiters();
  /** Closes it with its loop, and where that is noted. */
  #closer = { abort: () => this.close() };
  #openSockets: Set<{ abort(): void }>;

  /** @ignore `startServer()` and `startUnixServer()` make servers. */
  constructor(
    brand: typeof key,
    loop: EventLoop,
    listeners: readonly Listener[],
    settings: ServerSettings,
  ) {
    if (brand !== key) {
      throw new TypeError("A server is made by startServer()");
    }
    this.#loop = loop;
    this.#listeners = listeners;
    this.#settings = settings;
    this.#openSockets = closeWithLoop(loop, this.#closer);
    if (births.note !== null) births.note(this);
  }

  /** @ignore */
  $isOpen(): boolean {
    return !this.#isClosed;
  }

  /** @ignore */
  $leftText(): string {
    return `a server that was not closed: ${this}`;
  }

  /** @ignore */
  $closeLeft(): void {
    this.close();
    this.abortClients();
  }

  /** Returns the loop that the server and its clients run in. */
  getLoop(): EventLoop {
    return this.#loop;
  }

  /** Whether it accepts connections. */
  isServing(): boolean {
    return this.#isServing;
  }

  /** The addresses that it listens at; none when it is closed. */
  get sockets(): readonly StreamAddress[] {
    if (this.#isClosed) return [];
    return this.#listeners.map(({ addr }) => addressOf(addr) as StreamAddress);
  }

  /**
   * Begins to accept connections, if it was made with `startServing: false`.
   *
   * @returns A coroutine that ends at once. It throws if the server is closed.
   */
  startServing(): Coroutine<void> {
    return startServing(this);
  }

  /**
   * Accepts connections until it is cancelled, or the server is closed.
   *
   * @returns A coroutine that never ends by itself. When it is cancelled, it
   * closes the server, waits for the clients, and throws. When the server is
   * closed, it throws a `CancelledError`. It throws an `Error` if the server is
   * closed already, or this is being waited for already.
   */
  serveForever(): Coroutine<never> {
    return serveForever(this);
  }

  /**
   * Stops listening. Clients go on; those that wait in the backlog are refused.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isServing = false;
    this.#openSockets.delete(this.#closer);
    for (const listener of this.#listeners) listener.close();
    this.#held.clear();
    for (const socket of this.#surplus.splice(0)) socket.close();
    this.#forever?.cancel();
    this.#forever = null;
    this.#changed();
  }

  /** Closes the connections of all clients, after what was written to them. */
  closeClients(): void {
    for (const client of [...this.#clients]) client.close();
  }

  /**
   * Closes the connections of all clients at once, and cancels their tasks.
   */
  abortClients(): void {
    for (const client of [...this.#clients]) client.abort();
  }

  /**
   * Waits until the server is closed and all of its clients are over: their
   * connections are closed, and their tasks are done. The task of a client that
   * calls it does not wait for itself, nor for those of others that are closed
   * and wait as well.
   *
   * @returns A coroutine that ends then.
   */
  waitClosed(): Coroutine<void> {
    return waitClosed(this);
  }

  /** Closes the server and waits: this is what `await using` calls. */
  [Symbol.asyncDispose](): Coroutine<void> {
    return dispose(this);
  }

  /** @ignore */
  private *_starting(): Generator<unknown, void, unknown> {
    this.#requireOpen();
    this._start();
    yield; // as in asyncio, which lets the loop take note of its sockets
  }

  /** @ignore */
  private *_forever(): Generator<unknown, never, unknown> {
    if (this.#forever !== null) {
      throw new Error(
        `server ${this} is already being awaited on serveForever()`,
      );
    }
    this.#requireOpen();
    this._start();
    const future = this.#forever = this.#loop.createFuture<void>();
    try {
      yield* future;
    } catch (error) {
      try {
        this.close();
        yield* this._closing();
      } finally {
        // deno-lint-ignore no-unsafe-finally -- the first one is what counts
        throw error;
      }
    } finally {
      this.#forever = null;
    }
    throw new Error("unreachable");
  }

  /**
   * Waits until the server is over.
   *
   * @ignore
   */
  private *_closing(): Generator<unknown, void, unknown> {
    const task = currentTask(this.#loop);
    const client = [...this.#clients].find((each) => each.owns(task));
    if (client === undefined) {
      if (!this.#isOver) yield* this.#waiters.wait();
      return;
    }
    client.waits++;
    try {
      if (this.#isOverButForWaits) this.#clientWaiters.wakeAll();
      else yield* this.#clientWaiters.wait();
    } finally {
      client.waits--;
    }
  }

  get #isOver(): boolean {
    return this.#clients.size === 0 && this.#isOverButForWaits;
  }

  /** Clients that wait for the end must not wait for each other. */
  get #isOverButForWaits(): boolean {
    if (!this.#isClosed || this.#accepting.size > 0) return false;
    for (const client of this.#clients) if (!client.isWaiting) return false;
    return true;
  }

  /** Wakes those for whom it is over since a change. */
  #changed(): void {
    if (!this.#isOverButForWaits) return;
    this.#clientWaiters.wakeAll();
    if (this.#clients.size === 0) this.#waiters.wakeAll();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new Error(`server ${this} is closed`);
  }

  /** @ignore */
  private _start(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    // Not within the task that has started it: that one may end before.
    scopeStore.run(this.#loop, () => {
      for (const listener of this.#listeners) this.#accept(listener);
    });
  }

  get #hasRoom(): boolean {
    return this.#clients.size < this.#settings.maxClients;
  }

  #accept(listener: Listener): void {
    if (this.#isClosed) return;
    if (!this.#hasRoom) {
      this.#held.add(listener);
      return;
    }
    this.#accepting.add(listener);
    listener.accept().then((socket) => {
      this.#accepting.delete(listener);
      if (this.#isClosed) {
        socket.close();
        this.#changed();
        return;
      }
      if (this.#hasRoom) this.#serve(socket);
      else this.#surplus.push(socket);
      this.#accept(listener);
    }, (exception) => {
      this.#accepting.delete(listener);
      if (this.#isClosed) this.#changed();
      else this.#retry(listener, exception);
    });
  }

  /** Accepts again; later if the system is short of file descriptors, say. */
  #retry(listener: Listener, exception: unknown): void {
    const { code } = Object(exception) as { code?: unknown };
    if (PEER_HAS_LEFT.has(code)) return this.#accept(listener);
    this.#loop.callExceptionHandler({
      message: "socket.accept() out of system resource",
      exception,
      server: this,
    });
    if (this.#loop.isClosed()) return this.close();
    this.#loop.callLater(ACCEPT_RETRY_DELAY, () => this.#accept(listener));
  }

  #serve(socket: Socket): void {
    if (this.#loop.isClosed()) {
      socket.close();
      this.close(); // nobody is left who could serve
      return;
    }
    if (this.#settings.isEncrypted) this.#encrypt(socket as TlsSocket);
    else this.#handle(new Client(socket), new Connection(socket, null, null));
  }

  /** The handshake comes first: the handler gets no client that has failed. */
  #encrypt(socket: TlsSocket): void {
    const connection = new Connection(socket, { alpnProtocol: null }, null);
    const client = new Client(connection);
    this.#clients.add(client);
    const timer = this.#loop.callLater(
      HANDSHAKE_TIMEOUT,
      () => connection.close(),
    );
    socket.handshake().then(({ alpnProtocol }) => {
      timer.cancel();
      connection.encryption = { alpnProtocol: alpnProtocol ?? null };
      if (connection.isClosed || this.#loop.isClosed()) {
        connection.close();
        this.#remove(client);
      } else this.#handle(client, connection);
    }, () => {
      timer.cancel();
      connection.close();
      this.#remove(client);
    });
  }

  #handle(client: Client, connection: Connection): void {
    const loop = this.#loop;
    const { limit, handler } = this.#settings;
    const [reader, writer] = streamsOf(loop, connection, limit);
    const out = client.output = writer.$output;
    this.#clients.add(client);
    out.onClosed = () => this.#ended(client);
    let call: ClientCall;
    let task: Task<unknown>;
    client.isHandled = true;
    try {
      call = handler.call(reader, writer);
      client.coroutine = call.coroutine;
      task = client.task = loop.createTask(call.coroutine);
    } catch (exception) { // of a task factory
      client.isHandled = false;
      this.#report(exception, null, writer);
      return out.abort();
    }
    if (client.isAborted) task.cancel();
    task.$addListener({
      $wakeup: () => {
        client.isHandled = false;
        if (task.$hasFailed()) this.#report(task.exception(), task, writer);
        if (!call.isHandedOver || task.$hasFailed()) out.close();
        this.#ended(client);
      },
    });
  }

  #report(
    exception: unknown,
    task: Task<unknown> | null,
    writer: StreamWriter,
  ): void {
    this.#loop.callExceptionHandler({
      message: "Unhandled exception in client_connected_cb",
      exception,
      ...(task === null ? {} : { task }),
      writer,
      server: this,
    });
  }

  #ended(client: Client): void {
    if (client.isOver) this.#remove(client);
    else this.#changed();
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    this.#changed();
    while (this.#hasRoom && this.#surplus.length > 0) {
      this.#serve(this.#surplus.shift()!);
    }
    for (const listener of this.#held) {
      if (!this.#hasRoom) break;
      this.#held.delete(listener);
      this.#accept(listener);
    }
  }

  /** @ignore */
  toString(): string {
    const addresses = this.sockets.map((address) =>
      address.transport === "unix"
        ? address.path
        : `${address.hostname}:${address.port}`
    );
    return `<${classText(this)} sockets=${shortRepr(addresses)}>`;
  }
}

/** Makes a server of sockets that listen already. */
export function makeServer(
  loop: EventLoop,
  listeners: readonly Listener[],
  settings: ServerSettings,
): Server {
  return new Server(key, loop, listeners, settings);
}

const startServing = /* @__PURE__ */ Coroutine.$ownFunction<
  [server: Server],
  void
>(function startServing(server) {
  return server["_starting"]();
});

const serveForever = /* @__PURE__ */ Coroutine.$ownFunction<
  [server: Server],
  never
>(function serveForever(server) {
  return server["_forever"]();
});

const waitClosed = /* @__PURE__ */ Coroutine.$ownFunction<
  [server: Server],
  void
>(function waitClosed(server) {
  return server["_closing"]();
});

const dispose = /* @__PURE__ */ Coroutine.$ownFunction<
  [server: Server],
  void
>(function dispose(server) {
  server.close();
  return server["_closing"]();
});

// Copyright 2026 the asyncio authors. MIT license.

/**
 * Unix sockets by which a process answers questions about itself.
 *
 * A client connects. The server sends a line break at once, so that the client
 * knows that it is not busy; then a text, and closes the connection.
 */

import { builtin } from "./builtin.ts";
import { beginOwnOperation, endOwnOperation } from "./own_operations.ts";

/** The parts of node's modules that are used. */
interface NodeSocket {
  on(event: "error", listener: (error: Error) => void): this;
  write(text: string, written: () => void): void;
  end(text: string): void;
  unref(): void;
}
interface NodeServer {
  on(event: "error", listener: (error: Error) => void): this;
  listen(path: string): void;
  close(): void;
  unref(): void;
}
interface NodeNet {
  createServer(listener: (socket: NodeSocket) => void): NodeServer;
}
interface NodeFs {
  rmSync(path: string, options: { force: boolean }): void;
}

/** A server that answers until it is closed. */
export interface LocalServer {
  close(): void;
}

/** How many servers there have been. */
let made = 0;

/** The permissions that sockets need in Deno, with the flag of each. */
function permissions(path: string): [string, Deno.PermissionDescriptor][] {
  return [
    ["--allow-read", { name: "read", path }],
    ["--allow-write", { name: "write", path }],
    ["--allow-net", { name: "net", host: `unix:${path}` }],
  ];
}

/** The flags that the host needs for a socket and does not have. */
export function missingFlags(path: string): string[] {
  if (typeof Deno === "undefined") return [];
  return permissions(path)
    .filter(([, permission]) =>
      Deno.permissions.querySync(permission).state !== "granted"
    )
    .map(([flag]) => flag);
}

/** Whether the host has such sockets, and may use this one. */
export function canUseSocket(path: string): boolean {
  if (typeof Deno !== "undefined") {
    return Deno.build.os !== "windows" && missingFlags(path).length === 0;
  }
  const { process } = globalThis as { process?: { platform?: string } };
  return process?.platform !== "win32" && builtin("node:net") !== undefined;
}

/**
 * Answers everybody who connects. It does not keep the process alive.
 *
 * @returns `null` if the socket cannot be made.
 */
export function serveLocally(
  path: string,
  answer: () => string,
): LocalServer | null {
  if (!canUseSocket(path)) return null;
  return typeof Deno === "undefined"
    ? serveByNode(path, answer)
    : serveByDeno(path, answer);
}

function serveByDeno(path: string, answer: () => string): LocalServer | null {
  let listener: Deno.Listener | null = null;
  // Deno removes the file some time after it was closed. By then a file with the
  // same name may be that of the next server.
  const firstPath = `${path}.${++made}`;
  try {
    listener = Deno.listen({ transport: "unix", path: firstPath });
    Deno.renameSync(firstPath, path); // a process that ended may have left it
  } catch {
    listener?.close();
    return null; // somebody else's file has that name
  }
  const server = listener;
  server.unref();
  beginOwnOperation(); // the host waits for a client
  const accept = async (): Promise<void> => {
    for await (const connection of server) send(connection, answer);
  };
  accept().catch(() => {}); // it was closed
  return {
    close() {
      endOwnOperation();
      server.close();
      try {
        remove(path);
      } catch {
        // Somebody has changed the folder.
      }
    },
  };
}

async function send(
  connection: Deno.Conn,
  answer: () => string,
): Promise<void> {
  try {
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    await writer.write(new TextEncoder().encode(answer()));
    await writer.close();
  } catch {
    // The client has gone.
  }
}

function serveByNode(path: string, answer: () => string): LocalServer | null {
  const net = builtin<NodeNet>("node:net")!;
  try {
    remove(path);
  } catch {
    return null;
  }
  const server = net.createServer((socket) => {
    socket.on("error", () => {}); // the client has gone
    socket.unref();
    socket.write("\n", () => socket.end(answer()));
  });
  server.on("error", () => {}); // somebody else's file has that name
  server.listen(path);
  server.unref();
  return { close: () => server.close() }; // which removes the file
}

function remove(path: string): void {
  if (typeof Deno === "undefined") {
    builtin<NodeFs>("node:fs")!.rmSync(path, { force: true });
    return;
  }
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

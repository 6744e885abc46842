// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";
import { probeAfter } from "./probes.ts";

/** The parts of node's module that are used. */
interface NodeSocket {
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "close", listener: () => void): this;
  destroy(): void;
}
interface NodeNet {
  createConnection(path: string): NodeSocket;
}

/**
 * What came of a question: a text; nobody listens; or somebody does, but takes
 * no notice.
 */
export type Answer =
  | { from: "server"; text: string }
  | { from: "nobody" }
  | { from: "busy" };

/** How a connection is read, whatever the host. */
interface Connection {
  /** The next piece; `null` at the end. Rejects if there is no connection. */
  read(): Promise<string | null>;
  close(): void;
}

/**
 * Reads all that the server of a socket sends.
 *
 * @param patience How many seconds it may take until the first piece comes.
 */
export async function readLocally(
  path: string,
  patience: number,
): Promise<Answer> {
  let isLate = false;
  let connection: Connection | null = null;
  const cancel = probeAfter(patience, true, () => {
    isLate = true;
    connection?.close();
  });
  try {
    connection = await connect(path);
    let text = "";
    for (;;) {
      const piece = await connection.read();
      cancel();
      if (piece === null) return { from: "server", text };
      text += piece;
    }
  } catch {
    return { from: isLate ? "busy" : "nobody" };
  } finally {
    cancel();
    connection?.close();
  }
}

async function connect(path: string): Promise<Connection> {
  if (typeof Deno === "undefined") return connectByNode(path);
  const connection = await Deno.connect({ transport: "unix", path });
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(64 * 1024);
  let isClosed = false;
  return {
    async read() {
      const count = await connection.read(buffer);
      if (count === null) return null;
      return decoder.decode(buffer.subarray(0, count), { stream: true });
    },
    close() {
      if (!isClosed) connection.close();
      isClosed = true;
    },
  };
}

function connectByNode(path: string): Connection {
  const socket = builtin<NodeNet>("node:net")!.createConnection(path);
  const decoder = new TextDecoder();
  let text = "";
  let failure: Error | null = null;
  let isClosed = false;
  let wake = () => {};
  socket
    .on("data", (chunk) => {
      text += decoder.decode(chunk, { stream: true });
      wake();
    })
    .on("error", (error) => failure = error)
    .on("close", () => {
      isClosed = true;
      wake();
    });
  return {
    async read() {
      while (text === "" && !isClosed) {
        await new Promise<void>((resolve) => wake = resolve);
      }
      if (failure !== null) throw failure;
      const piece = text;
      text = "";
      return piece === "" ? null : piece;
    },
    close() {
      failure ??= new Error("closed");
      socket.destroy();
    },
  };
}

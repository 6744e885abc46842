import { assertEquals } from "@std/assert";
import {
  allTasks,
  EventLoop,
  type ExceptionContext,
  sleep,
} from "@asyncio/asyncio";
import {
  type ClientCallback,
  openConnection,
  type OpenConnectionOptions,
  type Server,
  startServer,
  type StartServerOptions,
  type StreamReader,
  type StreamWriter,
} from "@asyncio/asyncio/streams";
import { inKind, type Kind, KINDS, type Script } from "../_helpers.ts";

export const HOST = "127.0.0.1";

const { state } = Deno.permissions.querySync({ name: "net", host: HOST });
/** Whether there is no permission for sockets. */
export const noNetwork = state !== "granted";

/** What a test of sockets gets. */
export interface Net {
  readonly kind: Kind;
  /** What the exception handler was called with. The test may take it. */
  readonly contexts: ExceptionContext[];
}

export type Pair = [StreamReader, StreamWriter];

/**
 * Registers a test with real sockets for each kind of coroutine. It fails if a
 * task is left, or an error was reported that the test has not taken.
 */
export function testNet(
  name: string,
  script: (net: Net) => Script<void>,
  options: { ignore?: boolean } = {},
): void {
  for (const kind of KINDS) {
    Deno.test({
      name: `${name} (${kind})`,
      ignore: noNetwork || options.ignore,
      fn: () => withNet(kind, script),
    });
  }
}

async function withNet(
  kind: Kind,
  script: (net: Net) => Script<void>,
): Promise<void> {
  const loop = new EventLoop();
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  try {
    await loop.runUntilComplete(
      inKind(kind, function* (): Script<void> {
        yield* script({ kind, contexts });
      })(),
    );
    assertEquals([...allTasks(loop)].map(String), [], "tasks were left");
  } finally {
    loop.close();
  }
  assertEquals(contexts, []);
}

/** A handler of the kind that is being tested. */
export function handlerOf(
  { kind }: Net,
  script: (reader: StreamReader, writer: StreamWriter) => Script<unknown>,
): ClientCallback {
  return inKind(kind, script) as ClientCallback;
}

/** Starts a server at a port of its own. */
export function* serving(
  net: Net,
  script: (reader: StreamReader, writer: StreamWriter) => Script<unknown>,
  options?: StartServerOptions,
): Script<Server> {
  return yield startServer(handlerOf(net, script), HOST, 0, options);
}

export function portOf(server: Server): number {
  const [address] = server.sockets;
  if (address.transport !== "tcp") throw new Error("not TCP");
  return address.port;
}

/** Connects to a server of this process. */
export function* connected(
  server: Server,
  options?: OpenConnectionOptions,
): Script<Pair> {
  return yield openConnection(HOST, portOf(server), options);
}

/** Closes everything, and waits until it is. */
export function* closed(
  server: Server,
  ...writers: StreamWriter[]
): Script<void> {
  for (const writer of writers) writer.close();
  for (const writer of writers) yield writer.waitClosed();
  server.close();
  yield server.waitClosed();
}

/** Two ends of one connection, without handlers. */
export function* pairOf(
  net: Net,
  options?: StartServerOptions,
): Script<{ client: Pair; peer: Pair; server: Server }> {
  let peer: Pair | null = null;
  const server: Server = yield startServer(
    (reader, writer) => {
      peer = [reader, writer];
    },
    HOST,
    0,
    options,
  );
  const client = yield* connected(
    server,
    options?.limit ? { limit: options.limit } : {},
  );
  yield* until(() => peer !== null);
  void net;
  return { client, peer: peer!, server };
}

/** Lets whatever can go on without the host do so. */
export function* turns(): Script<void> {
  for (let i = 0; i < 20; i++) yield sleep(0);
}

/** Lets the loop and the host go on until something is true. */
export function* until(condition: () => boolean): Script<void> {
  while (!condition()) yield sleep(0.001);
}

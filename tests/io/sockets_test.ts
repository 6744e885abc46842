// Connections and servers, with real sockets of this process.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import {
  CancelledError,
  createTask,
  currentTask,
  eagerTaskFactory,
  Event,
  getRunningLoop,
  IncompleteReadError,
  run,
  sleep,
  type Task,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  openConnection,
  type Server,
  startServer,
  type StreamReader,
  type StreamWriter,
} from "@asyncio/asyncio/streams";
import { inKind, type Script } from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import {
  closed,
  connected,
  handlerOf,
  HOST,
  noNetwork,
  type Pair,
  pairOf,
  portOf,
  serving,
  testNet,
  turns,
  until,
} from "./_sockets.ts";
import { text } from "./_streams.ts";

function* echo(reader: StreamReader, writer: StreamWriter): Script<void> {
  for (;;) {
    const data: Uint8Array = yield reader.read(100);
    if (data.length === 0) break;
    writer.write(data);
    yield writer.drain();
  }
}

testNet("a client and a server exchange lines", function* (net) {
  const server = yield* serving(net, function* (reader, writer) {
    assertEquals(text(yield reader.readline()), "question\n");
    writer.write("answer\n");
    yield writer.drain();
  });
  const [reader, writer] = yield* connected(server);
  writer.write("question\n");
  assertEquals(text(yield reader.readline()), "answer\n");
  assertEquals(text(yield reader.read()), "");
  assert(reader.atEof());
  yield* closed(server, writer);
});

testNet("a megabyte comes back as it was sent", function* (net) {
  const server = yield* serving(net, echo);
  const [reader, writer] = yield* connected(server);
  const sent = new Uint8Array(1 << 20);
  for (let i = 0; i < sent.length; i++) sent[i] = i * 7 + (i >> 8);
  const sending = createTask(function* () {
    for (let i = 0; i < sent.length; i += 50_000) {
      writer.write(sent.subarray(i, i + 50_000));
      yield* writer.drain();
    }
    writer.writeEof();
  });
  const received: Uint8Array = yield reader.read();
  yield sending;
  assertEquals(received.length, sent.length);
  assert(received.every((byte, i) => byte === sent[i]));
  yield* closed(server, writer);
});

testNet("each side can end its direction and read on", function* (net) {
  const { client, peer, server } = yield* pairOf(net);
  const [reader, writer] = client;
  assert(writer.canWriteEof());
  writer.write("last");
  writer.writeEof();
  assertEquals(text(yield peer[0].read()), "last");
  peer[1].write("reply");
  peer[1].writeEof();
  assertEquals(text(yield reader.read()), "reply");
  yield* closed(server, writer, peer[1]);
});

testNet("getExtraInfo() gives the addresses of both ends", function* (net) {
  const { client, peer, server } = yield* pairOf(net);
  const sockname = client[1].getExtraInfo("sockname");
  assertEquals(peer[1].getExtraInfo("peername"), sockname);
  assertEquals(client[1].getExtraInfo("peername"), server.sockets[0]);
  assertEquals(peer[1].getExtraInfo("sockname"), server.sockets[0]);
  assertStrictEquals(client[1].getExtraInfo("sslobject"), null);
  assertEquals(client[1].getExtraInfo("no such thing", 7), 7);
  assertEquals(typeof client[1].getExtraInfo("socket"), "object");
  yield* closed(server, client[1], peer[1]);
});

testNet("localAddress is where a connection comes from", function* (net) {
  if (Deno.build.os !== "linux") return; // others have one loopback address
  const server = yield* serving(net, function* (_reader, writer) {
    const address = writer.getExtraInfo("peername");
    writer.write(address?.transport === "tcp" ? address.hostname : "?");
  });
  const [reader, writer] = yield* connected(server, { localAddress: HOST });
  assertEquals(text(yield reader.read()), HOST);
  yield* closed(server, writer);
});

// Errors of connecting and listening

testNet(
  "a refused connection is an error that names the address",
  function* (net) {
    const server = yield* serving(net, echo);
    const port = portOf(server);
    yield* closed(server);
    const error = yield* caught(openConnection(HOST, port));
    assertInstanceOf(error, Deno.errors.ConnectionRefused);
    assertMatch(
      error.message,
      new RegExp(`^Cannot connect to ${HOST}:${port}: `),
    );
    assertEquals((error as { code?: string }).code, "ECONNREFUSED");
  },
);

testNet(
  "a port that is in use is an error that names the address",
  function* (net) {
    const server = yield* serving(net, echo);
    const port = portOf(server);
    const error = yield* caught(startServer(() => {}, HOST, port));
    assertInstanceOf(error, Deno.errors.AddrInUse);
    assertMatch(
      error.message,
      new RegExp(`^Cannot listen at ${HOST}:${port}: `),
    );
    yield* closed(server);
  },
);

testNet(
  "a missing permission is an error that names the flag",
  function* (_net) {
    for (
      const attempt of [
        openConnection("192.0.2.1", 9),
        startServer(() => {}, "192.0.2.1", 9),
      ]
    ) {
      const { state } = Deno.permissions.querySync({
        name: "net",
        host: "192.0.2.1:9",
      });
      if (state === "granted") {
        attempt.close();
        continue;
      }
      const error = yield* caught(attempt);
      assertInstanceOf(error, Deno.errors.NotCapable);
      assertMatch(error.message, /--allow-net/);
    }
  },
);

testNet("a cancelled attempt to connect leaves nothing open", function* (net) {
  const server = yield* serving(net, function* (reader, writer) {
    writer.write(yield reader.read(1));
    yield writer.drain();
  });
  for (let turns = 0; turns < 12; turns++) {
    const task = createTask(openConnection(HOST, portOf(server)));
    for (let i = 0; i < turns; i++) yield sleep(0);
    task.cancel();
    const error = yield* caught(task);
    if (error === null) (yield task)[1].close();
    else assertInstanceOf(error, CancelledError);
  }
  // Those that the system has connected nevertheless are closed by the time
  // when one that comes after them has been served.
  for (let i = 0; i < 3; i++) {
    const [reader, writer] = yield* connected(server);
    writer.write("x");
    assertEquals(text(yield reader.read()), "x");
    writer.close();
  }
  yield* closed(server);
});

// Servers

testNet("the port 0 is any free one, and sockets tells it", function* (net) {
  const server = yield* serving(net, echo);
  assert(server.isServing());
  assertEquals(server.sockets.length, 1);
  assert(portOf(server) > 0);
  assertMatch(String(server), /^<Server sockets=\['127\.0\.0\.1:\d+'\]>$/);
  yield* closed(server);
  assertFalse(server.isServing());
  assertEquals(server.sockets, []);
  assertEquals(String(server), "<Server sockets=[]>");
});

testNet("a server can listen at several addresses", function* (net) {
  if (Deno.build.os !== "linux") return;
  const server: Server = yield startServer(
    function* (_reader, writer) {
      writer.write("hi");
    },
    [HOST, "localhost"],
    0,
  );
  assertEquals(server.sockets.length, 2);
  for (const address of server.sockets) {
    assert(address.transport === "tcp");
    const [reader, writer] = yield openConnection(HOST, address.port);
    assertEquals(text(yield reader.read()), "hi");
    writer.close();
  }
  void net;
  yield* closed(server);
});

testNet("an address that fails closes those before it", function* (net) {
  const other = yield* serving(net, echo);
  const port = portOf(other);
  const error = yield* caught(startServer(() => {}, ["localhost", HOST], port));
  assertInstanceOf(error, Deno.errors.AddrInUse);
  yield* closed(other);
});

testNet(
  "each client is a task of its own, and its end closes the connection",
  function* (net) {
    const tasks = new Set<Task<unknown> | null>();
    const server = yield* serving(net, function* (_reader, writer) {
      tasks.add(currentTask());
      writer.write("bye");
      yield sleep(0);
    });
    for (let i = 0; i < 3; i++) {
      const [reader, writer] = yield* connected(server);
      assertEquals(text(yield reader.read()), "bye");
      writer.close();
    }
    assertEquals(tasks.size, 3);
    assertFalse(tasks.has(currentTask()));
    yield* closed(server);
  },
);

testNet("a plain function is responsible for its connection", function* (net) {
  const { client, peer, server } = yield* pairOf(net);
  yield sleep(0.01);
  assertFalse(peer[1].isClosing());
  peer[1].write("still here\n");
  assertEquals(text(yield client[0].readline()), "still here\n");
  yield* closed(server, client[1], peer[1]);
});

testNet(
  "a plain function that returns a promise is like an async one",
  function* (_net) {
    const handle = async (writer: StreamWriter) => {
      writer.write("bye");
      await sleep(0);
    };
    const server: Server = yield startServer(
      (_reader, writer) => handle(writer),
      HOST,
      0,
    );
    const [reader, writer] = yield* connected(server);
    assertEquals(text(yield reader.read()), "bye");
    yield* closed(server, writer);
  },
);

testNet(
  "a handler that an eager task factory ends at once is over, and its error is reported",
  function* ({ kind, contexts }) {
    const failure = new RangeError("of the handler");
    let isFirst = true;
    const handler = inKind(
      kind,
      function* (_reader: StreamReader, writer: StreamWriter): Script<void> {
        writer.write("bye");
        if (!isFirst) throw failure;
        isFirst = false;
      },
    );
    const server: Server = yield startServer(handler, HOST, 0);
    getRunningLoop().setTaskFactory(eagerTaskFactory);
    const [reader1, writer1] = yield* connected(server);
    assertEquals(text(yield reader1.read()), "bye");
    const [reader2, writer2] = yield* connected(server);
    assertEquals(text(yield reader2.read()), "bye");
    getRunningLoop().setTaskFactory(null);
    assertStrictEquals(contexts.pop()?.exception, failure);
    yield* closed(server, writer1, writer2);
  },
);

// Cause: a client whose task was being made counted as one without a handler.
testNet(
  "a handler that starts eagerly and aborts its connection is waited for",
  function* ({ kind }) {
    const gate = new Event();
    let running = 0;
    const handler = inKind(
      kind,
      function* (_reader: StreamReader, writer: StreamWriter): Script<void> {
        running++;
        writer.abort();
        yield gate.wait();
        running--;
      },
    );
    const server: Server = yield startServer(handler, HOST, 0);
    getRunningLoop().setTaskFactory(eagerTaskFactory);
    const [, writer] = yield* connected(server);
    yield* until(() => running === 1);
    getRunningLoop().setTaskFactory(null);
    server.close();
    const waiting = createTask(server.waitClosed());
    yield* turns();
    assertFalse(waiting.done());
    gate.set();
    yield waiting;
    assertEquals(running, 0);
    writer.abort();
  },
);

// Cause: what cancelled the clients found no task of the one that called it.
testNet(
  "abortClients() cancels the handler that calls it as it starts eagerly",
  function* ({ kind }) {
    const log: string[] = [];
    const handler = inKind(
      kind,
      function* (): Script<void> {
        server.abortClients();
        try {
          yield sleep(0);
          log.push("went on");
        } catch (error) {
          log.push((error as Error).name);
          throw error;
        }
      },
    );
    const server: Server = yield startServer(handler, HOST, 0);
    getRunningLoop().setTaskFactory(eagerTaskFactory);
    const [, writer] = yield* connected(server);
    yield* until(() => log.length > 0);
    getRunningLoop().setTaskFactory(null);
    assertEquals(log, ["CancelledError"]);
    yield* closed(server);
    writer.abort();
  },
);

testNet(
  "a client that gets no task is dropped, and the server goes on",
  function* (net) {
    const failure = new RangeError("of the task factory");
    const server = yield* serving(net, echo);
    const loop = getRunningLoop();
    loop.setTaskFactory(() => {
      loop.setTaskFactory(null);
      throw failure;
    });
    const [reader1, writer1] = yield* connected(server);
    yield* until(() => net.contexts.length > 0);
    const { exception, message } = net.contexts.pop()!;
    assertStrictEquals(exception, failure);
    assertEquals(message, "Unhandled exception in client_connected_cb");
    yield* caught(reader1.read());
    const [reader2, writer2] = yield* connected(server);
    writer2.write("hello");
    assertEquals(text(yield reader2.readexactly(5)), "hello");
    yield* closed(server, writer1, writer2);
  },
);

testNet(
  "a client that has gone before its socket is set up harms nobody",
  function* (net) {
    const server = yield* serving(net, echo);
    const connect = () => wrapFuture(Deno.connect({ port: portOf(server) }));
    const raw: Deno.TcpConn = yield connect();
    const { setNoDelay } = Object.getPrototypeOf(raw);
    let calls = 0;
    const stubbed = stub(
      Object.getPrototypeOf(raw),
      "setNoDelay",
      function (this: Deno.TcpConn, ...args: unknown[]) {
        if (calls++ === 0) throw new Error("Invalid argument (os error 22)");
        return setNoDelay.apply(this, args);
      },
    );
    raw.close();
    try {
      const other: Deno.TcpConn = yield connect();
      yield* until(() => calls > 0);
      other.close();
      const [reader, writer] = yield* connected(server);
      writer.write("hello");
      assertEquals(text(yield reader.readexactly(5)), "hello");
      yield* closed(server, writer);
    } finally {
      stubbed.restore();
    }
  },
);

testNet(
  "an error of a handler is reported, and closes its connection only",
  function* (net) {
    const server = yield* serving(net, function* (reader, writer) {
      const line = text(yield reader.readline());
      if (line === "fail\n") throw new RangeError("of the handler");
      writer.write(line);
      yield* echo(reader, writer);
    });
    const [reader1, writer1] = yield* connected(server);
    const [reader2, writer2] = yield* connected(server);
    writer1.write("fail\n");
    assertEquals(text(yield reader1.read()), "");
    writer2.write("ok\n");
    assertEquals(text(yield reader2.readline()), "ok\n");
    const [context] = net.contexts.splice(0);
    assertEquals(context.message, "Unhandled exception in client_connected_cb");
    assertInstanceOf(context.exception, RangeError);
    assertStrictEquals(context.server, server);
    yield* closed(server, writer1, writer2);
  },
);

testNet(
  "a handler that is cancelled closes its connection, without a report",
  function* (net) {
    const tasks: Task<unknown>[] = [];
    const server = yield* serving(net, function* (reader, _writer) {
      tasks.push(currentTask()!);
      yield reader.read();
    });
    const [reader, writer] = yield* connected(server);
    yield* until(() => tasks.length > 0);
    tasks[0].cancel();
    assertEquals(text(yield reader.read()), "");
    yield* closed(server, writer);
  },
);

testNet(
  "maxClients lets further connections wait in the backlog",
  function* (net) {
    let active = 0;
    let most = 0;
    let served = 0;
    const server = yield* serving(net, function* (reader, _writer) {
      most = Math.max(most, ++active);
      yield reader.readline();
      active--;
      served++;
    }, { maxClients: 2 });
    const pairs = [];
    for (let i = 0; i < 6; i++) pairs.push(yield* connected(server));
    yield* until(() => active === 2);
    yield sleep(0.02);
    assertEquals(active, 2);
    for (const [, writer] of pairs) {
      writer.write("go\n");
      yield sleep(0.002);
    }
    yield* until(() => served === 6);
    assertEquals(most, 2);
    yield* closed(server, ...pairs.map(([, writer]) => writer));
  },
);

for (const code of ["ECONNABORTED", "ECONNRESET", "ENOTCONN", "EPROTO"]) {
  // Cause: it was taken for a shortage, and the server waited for a second.
  testNet(
    `a server accepts at once after a client that had left (${code})`,
    function* (net) {
      const listen = Deno.listen;
      using _ = stub(
        Deno,
        "listen",
        ((options: Deno.TcpListenOptions) => {
          const listener = listen(options);
          const accept = listener.accept.bind(listener);
          listener.accept = () => {
            listener.accept = accept;
            return Promise.reject(Object.assign(new Error(), { code }));
          };
          return listener;
        }) as typeof Deno.listen,
      );
      const server: Server = yield startServer(
        handlerOf(net, function* (_, writer) {
          writer.write("served");
          yield writer.drain();
        }),
        HOST,
        0,
      );
      const [reader, writer] = yield openConnection(HOST, portOf(server));
      assertEquals(text(yield reader.read()), "served");
      assertEquals(net.contexts, []);
      yield* closed(server, writer);
    },
  );
}

testNet(
  "startServing: false accepts nobody until it is asked to",
  function* (net) {
    let clients = 0;
    const server = yield* serving(net, function* (_reader, writer) {
      clients++;
      writer.write("hi");
      yield sleep(0);
    }, { startServing: false });
    assertFalse(server.isServing());
    const [reader, writer] = yield* connected(server);
    yield sleep(0.02);
    assertEquals(clients, 0);
    yield server.startServing();
    assert(server.isServing());
    assertEquals(text(yield reader.read()), "hi");
    yield* closed(server, writer);
  },
);

testNet(
  "serveForever() serves, and its cancellation closes and waits",
  function* (net) {
    const log: string[] = [];
    const server = yield* serving(net, function* (reader, _writer) {
      yield reader.read();
      log.push("client over");
    }, { startServing: false });
    const forever = createTask(server.serveForever());
    const [, writer] = yield* connected(server);
    yield sleep(0.01);
    const again = yield* caught(server.serveForever());
    assertMatch(String(again), /already being awaited on serveForever\(\)/);
    forever.cancel();
    yield sleep(0.02);
    assertFalse(forever.done());
    assertEquals(server.sockets, []);
    writer.close();
    assertInstanceOf(yield* caught(forever), CancelledError);
    assertEquals(log, ["client over"]);
    for (const call of [server.serveForever(), server.startServing()]) {
      assertMatch(String(yield* caught(call)), /is closed/);
    }
  },
);

testNet("close() ends serveForever() as a cancellation", function* (net) {
  const server = yield* serving(net, echo);
  const forever = createTask(server.serveForever());
  yield sleep(0);
  server.close();
  assertInstanceOf(yield* caught(forever), CancelledError);
});

testNet("waitClosed() waits for close() and for all clients", function* (net) {
  const server = yield* serving(net, echo);
  const [reader, writer] = yield* connected(server);
  writer.write("x");
  yield reader.readexactly(1);
  const waits = [1, 2, 3].map(() => createTask(server.waitClosed()));
  yield sleep(0.01);
  server.close();
  waits[1].cancel();
  yield sleep(0.01);
  assertEquals(waits.map((wait) => wait.done()), [false, true, false]);
  writer.write("y");
  assertEquals(text(yield reader.readexactly(1)), "y");
  writer.close();
  yield waits[0];
  yield waits[2];
  yield server.waitClosed();
});

testNet(
  "a handler that waits for its server does not wait for itself",
  function* (net) {
    let isOver = false;
    const server: Server = yield* serving(net, function* (_reader, writer) {
      writer.close();
      server.close();
      yield server.waitClosed();
      isOver = true;
    });
    const [reader, writer] = yield* connected(server);
    assertEquals(text(yield reader.read()), "");
    yield server.waitClosed();
    assert(isOver);
    writer.close();
    yield writer.waitClosed();
  },
);

// Cause: only the task that called it was left out of those to wait for.
testNet(
  "handlers that wait for their server do not wait for each other",
  function* (net) {
    let waiting = 0;
    let ended = 0;
    const server: Server = yield* serving(net, function* (_reader, writer) {
      writer.close();
      waiting++;
      yield server.waitClosed();
      ended++;
    });
    const pairs: Pair[] = [];
    for (let i = 0; i < 3; i++) pairs.push(yield* connected(server));
    yield* until(() => waiting === 3);
    server.close();
    yield server.waitClosed();
    assertEquals(ended, 3);
    for (const [, writer] of pairs) writer.abort();
  },
);

testNet(
  "a handler that waits for its server waits for those that are connected",
  function* (net) {
    const gate = new Event();
    const log: string[] = [];
    const server: Server = yield* serving(net, function* (_reader, writer) {
      const isFirst = log.length === 0;
      log.push("begins");
      if (isFirst) {
        yield gate.wait();
        log.push("first");
        writer.close();
        yield server.waitClosed();
      } else {
        writer.close();
        yield server.waitClosed();
        log.push("second");
      }
    });
    const [, writer1] = yield* connected(server);
    yield* until(() => log.length === 1);
    const [reader2, writer2] = yield* connected(server);
    assertEquals(text(yield reader2.read()), "");
    server.close();
    yield* turns();
    assertEquals(log, ["begins", "begins"]);
    gate.set();
    yield server.waitClosed();
    assertEquals(log, ["begins", "begins", "first", "second"]);
    writer1.abort();
    writer2.abort();
  },
);

for (const [victim, place] of ["first", "middle", "last"].entries()) {
  testNet(
    `of three handlers that wait for their server, the ${place} is cancelled, and waited for`,
    function* (net) {
      const gate = new Event();
      const tasks: Task<unknown>[] = [];
      const log: string[] = [];
      const server: Server = yield* serving(net, function* (_reader, writer) {
        writer.close();
        tasks.push(currentTask()!);
        try {
          yield server.waitClosed();
          log.push("ended");
        } catch (error) {
          assertInstanceOf(error, CancelledError);
          yield gate.wait();
          log.push("cancelled");
        }
      });
      const pairs: Pair[] = [];
      for (let i = 0; i < 3; i++) {
        pairs.push(yield* connected(server));
        yield* until(() => tasks.length === i + 1);
      }
      tasks[victim].cancel();
      server.close();
      yield* turns();
      assertEquals(log, []);
      gate.set();
      yield server.waitClosed();
      assertEquals(log, ["cancelled", "ended", "ended"]);
      for (const [, writer] of pairs) writer.abort();
    },
  );
}

// Cause: the task was not known yet as that of a client.
testNet(
  "a handler that waits for its server as it starts eagerly does not wait for itself",
  function* ({ kind }) {
    let isOver = false;
    const handler = inKind(
      kind,
      function* (_reader: StreamReader, writer: StreamWriter): Script<void> {
        writer.abort();
        server.close();
        yield server.waitClosed();
        isOver = true;
      },
    );
    const server: Server = yield startServer(handler, HOST, 0);
    getRunningLoop().setTaskFactory(eagerTaskFactory);
    const [, writer] = yield* connected(server);
    yield* until(() => isOver);
    getRunningLoop().setTaskFactory(null);
    yield server.waitClosed();
    writer.abort();
  },
);

testNet(
  "closeClients() ends the clients after what was written to them",
  function* (net) {
    const server = yield* serving(net, function* (reader, writer) {
      writer.write("first");
      assertEquals(text(yield reader.read()), "");
    });
    const [reader, writer] = yield* connected(server);
    assertEquals(text(yield reader.readexactly(5)), "first");
    server.close();
    server.closeClients();
    assertEquals(text(yield reader.read()), "");
    yield server.waitClosed();
    writer.close();
    yield writer.waitClosed();
  },
);

testNet(
  "abortClients() ends clients that do not read, and handlers that wait for something else",
  function* (net) {
    const log: unknown[] = [];
    const server = yield* serving(net, function* (reader, writer) {
      const line = text(yield reader.readline());
      try {
        if (line === "sleep\n") yield sleep(1000);
        for (;;) {
          writer.write(new Uint8Array(100_000));
          yield writer.drain();
        }
      } catch (error) {
        log.push((error as Error).name);
        throw error;
      }
    });
    const [, writer1] = yield* connected(server);
    const [, writer2] = yield* connected(server);
    writer1.write("send\n");
    writer2.write("sleep\n");
    yield sleep(0.05);
    server.close();
    const waiting = createTask(server.waitClosed());
    yield sleep(0.01);
    assertFalse(waiting.done());
    server.abortClients();
    yield waiting;
    assertEquals(log, ["CancelledError", "CancelledError"]);
    for (const writer of [writer1, writer2]) {
      writer.close();
      yield writer.waitClosed();
    }
  },
);

testNet("a server outlives the task that has started it", function* (net) {
  let server!: Server;
  yield createTask(async () => {
    server = await startServer(
      function* (_reader, writer) {
        yield* sleep(0.01);
        writer.write("served");
      },
      HOST,
      0,
    );
  });
  void net;
  const [reader, writer] = yield* connected(server);
  assertEquals(text(yield reader.read()), "served");
  yield* closed(server, writer);
});

// Losing a connection

testNet(
  "a peer that is gone is an error of drain(), and never an unhandled rejection",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    peer[1].abort();
    let error: unknown = null;
    while (error === null) {
      client[1].write(new Uint8Array(1000));
      error = yield* caught(client[1].drain());
      yield sleep(0.001);
    }
    assertInstanceOf(error, Error);
    assertMatch(error.name, /BrokenPipe|ConnectionReset|ConnectionAborted/);
    assert(client[1].isClosing());
    assertStrictEquals(yield* caught(client[1].waitClosed()), error);
    assertStrictEquals(yield* caught(client[1].drain()), error);
    server.close();
    yield server.waitClosed();
  },
);

testNet(
  "a connection that ends in the middle is an incomplete read",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    peer[1].write("half a li");
    peer[1].close();
    assertEquals(text(yield client[0].readline()), "half a li");
    const [reader, writer] = yield* connected(server);
    writer.close();
    const error = yield* caught(reader.readexactly(4));
    assertInstanceOf(error, IncompleteReadError);
    assertEquals(error.expected, 4);
    client[1].close();
    yield client[1].waitClosed();
    server.close();
    server.closeClients();
    yield server.waitClosed();
  },
);

testNet("abort() ends what waits on its own side", function* (net) {
  const { client, peer, server } = yield* pairOf(net);
  const read = createTask(client[0].read());
  yield sleep(0.01);
  client[1].abort();
  assertEquals(text(yield read), "");
  yield client[1].waitClosed();
  assert(client[0].atEof());
  yield* closed(server, peer[1]);
});

testNet(
  "a read that was cancelled leaves what comes to the next one",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    const read = createTask(client[0].readline());
    yield sleep(0.01);
    read.cancel();
    yield* caught(read);
    peer[1].write("late\n");
    yield sleep(0.01);
    assertEquals(text(yield client[0].readline()), "late\n");
    yield* closed(server, client[1], peer[1]);
  },
);

// Cause: a read of the socket that was under way went on to feed the reader.
testNet(
  "after cancel() a reader gives what it has, and then the end",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    const [reader, writer] = client;
    const read = createTask(reader.readexactly(100));
    peer[1].write("early");
    yield* until(() => String(reader).includes(" 5 bytes"));
    read.cancel();
    yield* caught(read);
    yield reader.cancel();
    assertEquals(text(yield reader.read(2)), "ea");
    peer[1].write("late");
    yield* until(() => !reader.$input.isReading); // it has come, and was dropped
    assertEquals(text(yield reader.read()), "rly");
    assert(reader.atEof());
    writer.write("still open");
    assertEquals(text(yield peer[0].readexactly(10)), "still open");
    yield* closed(server, writer, peer[1]);
  },
);

// Cause: bytes that were fed during a read of the socket lay where it was writing.
testNet(
  "bytes that are fed during a read come before those of the socket",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    const [reader] = client;
    const read = createTask(reader.readline());
    yield sleep(0);
    read.cancel(); // the socket is being read still
    yield* caught(read);
    reader.feedData("fed\n");
    peer[1].write("sent\n");
    yield* until(() => String(reader).includes(" 9 bytes"));
    assertEquals(text(yield reader.readline()), "fed\n");
    assertEquals(text(yield reader.readline()), "sent\n");
    yield* closed(server, client[1], peer[1]);
  },
);

testNet(
  "readexactly() takes what is fed while it waits, and then the rest",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    const [reader] = client;
    const read = createTask(reader.readexactly(8));
    yield sleep(0);
    reader.feedData("fed,");
    reader.feedData("o");
    peer[1].write("k\n!rest");
    assertEquals(text(yield read), "fed,ok\n!");
    assertEquals(text(yield reader.readexactly(4)), "rest");
    yield* closed(server, client[1], peer[1]);
  },
);

Deno.test({
  name: "what a program has not closed is closed with its loop",
  ignore: noNetwork,
  async fn() {
    // The sanitizer fails it if anything is left open.
    const { server, reader, writer } = await run(async () => {
      const server = await startServer(
        async (reader) => {
          await reader.read();
        },
        HOST,
        0,
      );
      const [reader, writer] = await openConnection(HOST, portOf(server));
      createTask(reader.read());
      await sleep(0.01);
      return { server, reader, writer };
    });
    assertFalse(server.isServing());
    assert(writer.isClosing());
    assert(reader.atEof());
  },
});

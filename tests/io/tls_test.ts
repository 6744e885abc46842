// Encrypted connections, with real sockets of this process.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { createTask, moveOnAfter, sleep } from "@asyncio/asyncio";
import { openConnection, StreamWriter } from "@asyncio/asyncio/streams";
import ca from "../fixtures/tls/ca.pem" with { type: "text" };
import cert from "../fixtures/tls/cert.pem" with { type: "text" };
import key from "../fixtures/tls/key.pem" with { type: "text" };
import { caught } from "../_kinds.ts";
import { testInOwnProcess } from "./_own_process.ts";
import {
  closed,
  connected,
  HOST,
  pairOf,
  portOf,
  serving,
  testNet,
  turns,
} from "./_sockets.ts";
import { text } from "./_streams.ts";

const SERVER = { tls: { cert, key } };
const CLIENT = { tls: { caCerts: [ca] }, serverName: "localhost" };

testNet("an encrypted connection carries lines both ways", function* (net) {
  const server = yield* serving(net, function* (reader, writer) {
    assertFalse(writer.getExtraInfo("sslobject") === null);
    writer.write(text(yield reader.readline()).toUpperCase());
    yield writer.drain();
  }, SERVER);
  const [reader, writer] = yield openConnection(HOST, portOf(server), CLIENT);
  assertEquals(writer.getExtraInfo("sslobject"), { alpnProtocol: null });
  writer.write("secret\n");
  assertEquals(text(yield reader.readline()), "SECRET\n");
  assertEquals(text(yield reader.read()), "");
  yield* closed(server, writer);
});

testNet("a megabyte comes back encrypted as it was sent", function* (net) {
  const server = yield* serving(net, function* (reader, writer) {
    writer.write(yield reader.readexactly(1 << 20));
    yield writer.drain();
  }, SERVER);
  const [reader, writer] = yield openConnection(HOST, portOf(server), CLIENT);
  const sent = new Uint8Array(1 << 20).map((_, i) => i * 7 + (i >> 8));
  writer.write(sent);
  assertEquals(yield reader.read(), sent);
  yield* closed(server, writer);
});

testNet("ALPN chooses a protocol that both have", function* (net) {
  const server = yield* serving(net, function* (_reader, writer) {
    writer.write(writer.getExtraInfo("sslobject")?.alpnProtocol ?? "none");
    yield writer.drain();
  }, { tls: { cert, key, alpnProtocols: ["b", "c"] } });
  const [reader, writer] = yield openConnection(HOST, portOf(server), {
    tls: { caCerts: [ca], alpnProtocols: ["a", "b"] },
    serverName: "localhost",
  });
  assertEquals(writer.getExtraInfo("sslobject"), { alpnProtocol: "b" });
  assertEquals(text(yield reader.read()), "b");
  yield* closed(server, writer);
});

testNet(
  "a certificate of an unknown authority, or for another name, is an error",
  function* (net) {
    const server = yield* serving(net, function* () {
      throw new Error("the handler gets no such client");
    }, SERVER);
    const port = portOf(server);
    for (
      const options of [
        { tls: true, serverName: "localhost" },
        { tls: { caCerts: [ca] }, serverName: "example.com" },
      ]
    ) {
      const error = yield* caught(openConnection(HOST, port, options));
      assertInstanceOf(error, Error);
      assertMatch(
        error.message,
        new RegExp(`^Cannot encrypt the connection to ${HOST}:${port}: `),
      );
    }
    yield* closed(server);
  },
);

testNet(
  "a client that is not encrypted is dropped, and harms nobody",
  function* (net) {
    const server = yield* serving(net, function* (_reader, writer) {
      writer.write("hi");
      yield writer.drain();
    }, SERVER);
    const [reader, writer] = yield openConnection(HOST, portOf(server));
    writer.write("GET / HTTP/1.0\r\n\r\n".repeat(10));
    yield* caught(reader.read());
    writer.abort();
    const [reader2, writer2] = yield openConnection(
      HOST,
      portOf(server),
      CLIENT,
    );
    assertEquals(text(yield reader2.read()), "hi");
    yield* closed(server, writer2);
  },
);

testNet(
  "cancelling ends the wait for a handshake that the server does not answer",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    const result = yield moveOnAfter(0.05, function* () {
      yield* client[1].startTls({ serverName: "localhost" });
      return "encrypted";
    });
    assertEquals(result, undefined);
    assert(client[1].isClosing());
    assert(client[0].atEof());
    const opening = yield moveOnAfter(0.05, function* () {
      yield* openConnection(HOST, portOf(server), CLIENT);
      return "connected";
    });
    assertEquals(opening, undefined);
    // Deno closes the sockets when the other side does.
    server.close();
    server.abortClients();
    yield server.waitClosed();
    assert(peer[1].isClosing());
  },
);

// Cause: a socket of node:net that is destroyed from here reports no error, and
// nothing else ended the wait.
for (const localAddress of [null, HOST]) {
  const host = localAddress === null ? "Deno" : "node:net";
  testNet(`abort() ends startTls() on a socket of ${host}`, function* (net) {
    const server = yield* serving(net, function* () {
      yield sleep(3600);
    });
    const [, writer] = yield* connected(server, { localAddress });
    const starting = createTask(writer.startTls({ serverName: "localhost" }));
    yield* turns();
    writer.abort();
    const error = yield* caught(starting);
    assertMatch(String(error), /Cannot start TLS: /);
    server.close();
    server.abortClients();
    yield server.waitClosed();
  });
}

testNet(
  "an encrypted connection has no end of its own for each direction",
  function* (net) {
    const server = yield* serving(net, function* (reader) {
      yield reader.read();
    }, SERVER);
    const [, writer] = yield openConnection(HOST, portOf(server), CLIENT);
    assertFalse(writer.canWriteEof());
    assertThrows(() => writer.writeEof(), Error, "Cannot call writeEof() as");
    yield* closed(server, writer);
  },
);

// Cause: what waited until all was written was woken by the last byte, but not
// by what came after it.
testNet("startTls() is refused after writeEof()", function* (net) {
  const { client, peer, server } = yield* pairOf(net);
  client[1].write("last");
  client[1].writeEof();
  assertMatch(
    String(yield* caught(client[1].startTls())),
    /Cannot start TLS after writeEof\(\)/,
  );
  assertEquals(text(yield peer[0].read()), "last");
  yield* closed(server, client[1], peer[1]);
});

testInOwnProcess(
  "certificates for IP addresses",
  new URL("tls_addresses.ts", import.meta.url),
);

testNet("startTls() is refused while another one goes on", function* (net) {
  const server = yield* serving(net, function* (reader, writer) {
    writer.write(yield reader.readexactly(2));
    yield writer.drain();
  }, SERVER);
  const [reader, writer] = yield openConnection(HOST, portOf(server));
  const options = { caCerts: [ca], serverName: "localhost" };
  const starting = [1, 2, 3].map(() => createTask(writer.startTls(options)));
  yield starting[0];
  for (const other of starting.slice(1)) {
    assertMatch(String(yield* caught(other)), /is encrypted already/);
  }
  writer.write("hi");
  assertEquals(text(yield reader.readexactly(2)), "hi");
  yield* closed(server, writer);
});

testNet("startTls() is refused where it cannot be done", function* (net) {
  const { client, peer, server } = yield* pairOf(net);
  assertMatch(
    String(yield* caught(peer[1].startTls())),
    /as the server of a connection that is open/,
  );
  const reading = createTask(client[0].read(100));
  yield sleep(0.01);
  assertMatch(
    String(yield* caught(client[1].startTls())),
    /while the reader waits for bytes/,
  );
  peer[1].write("early");
  assertEquals(text(yield reading), "early");
  peer[1].write("injected");
  yield client[0].readexactly(1);
  assertMatch(
    String(yield* caught(client[1].startTls())),
    /as 7 bytes that came before are unread/,
  );
  const stream = new StreamWriter(new WritableStream());
  assertMatch(
    String(yield* caught(stream.startTls())),
    /of a connection only/,
  );
  yield* closed(server, client[1], peer[1]);
});

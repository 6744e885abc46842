// Peers that misbehave, and cancellation wherever it hurts.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
} from "@std/assert";
import { createTask, LimitOverrunError, sleep } from "@asyncio/asyncio";
import { openConnection, type StreamReader } from "@asyncio/asyncio/streams";
import { inKind, type Script } from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import {
  closed,
  connected,
  HOST,
  pairOf,
  portOf,
  serving,
  testNet,
  until,
} from "./_sockets.ts";
import { text } from "./_streams.ts";

testNet(
  "a peer that resets in the middle of a line ends the line",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    client[1].write("unread"); // a close with unread bytes is a reset
    peer[1].write("half a li");
    yield sleep(0.01);
    peer[1].abort();
    const line = yield* caught(client[0].readline());
    // Some systems drop what came before a reset, others deliver it.
    if (line !== null) {
      assertInstanceOf(line, Deno.errors.ConnectionReset);
      assert(client[1].isClosing());
    }
    client[1].abort();
    server.close();
    yield server.waitClosed();
  },
);

testNet("a peer that sends byte by byte is understood", function* (net) {
  const { client, peer, server } = yield* pairOf(net);
  const sending = createTask(function* () {
    for (const letter of "slow\nSEPslower") {
      peer[1].write(letter);
      yield* sleep(0.002);
    }
    peer[1].close();
  });
  const [reader, writer] = client;
  assertEquals(text(yield reader.readline()), "slow\n");
  assertEquals(text(yield reader.readuntil("SEP")), "SEP");
  assertEquals(text(yield reader.readexactly(4)), "slow");
  assertEquals(text(yield reader.read()), "er");
  yield sending;
  yield* closed(server, writer);
});

testNet(
  "a peer that never reads stops the writer, and fills no memory",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    const block = new Uint8Array(64 * 1024);
    let sent = 0;
    const sending = createTask(function* () {
      for (;;) {
        client[1].write(block);
        sent += block.length;
        yield* client[1].drain();
      }
    });
    let before = -1;
    while (sent !== before) {
      before = sent;
      yield sleep(0.05);
    }
    // What the system takes, and twice the limit.
    assertLess(sent, 64 << 20);
    const size = Number(/bufsize=(\d+)/.exec(String(client[1]))![1]);
    assertLess(size, 3 * block.length);
    sending.cancel();
    yield* caught(sending);
    client[1].abort();
    yield client[1].waitClosed();
    peer[1].abort();
    server.close();
    yield server.waitClosed();
  },
);

testNet("a handler that never reads stops the peer", function* (net) {
  const server = yield* serving(net, function* () {
    yield sleep(3600);
  });
  const [, writer] = yield* connected(server);
  const block = new Uint8Array(64 * 1024);
  let sent = 0;
  const sending = createTask(function* () {
    for (;;) {
      writer.write(block);
      yield* writer.drain();
      sent += block.length;
    }
  });
  let before = -1;
  while (sent !== before) {
    before = sent;
    yield sleep(0.05);
  }
  assertLess(sent, 64 << 20);
  sending.cancel();
  yield* caught(sending);
  writer.abort();
  server.close();
  server.abortClients();
  yield server.waitClosed();
});

testNet(
  "a line without an end is an error, again and again, and the memory stays flat",
  function* (net) {
    const total = 64 << 20;
    const server = yield* serving(net, function* (_reader, writer) {
      const block = new Uint8Array(64 * 1024).fill(120);
      for (let sent = 0; sent < total; sent += block.length) {
        writer.write(block);
        yield writer.drain();
      }
      writer.write("\nend\n");
    });
    const [reader, writer] = yield* connected(server);
    let errors = 0;
    let largest = 0;
    for (;;) {
      try {
        const line: Uint8Array = yield reader.readline();
        if (text(line) === "end\n") break;
      } catch (error) {
        assertInstanceOf(error, LimitOverrunError);
        errors++;
      }
      const held = / (\d+) bytes/.exec(String(reader));
      largest = Math.max(largest, Number(held?.[1] ?? 0));
    }
    assertLess(100, errors);
    assertLess(largest, 2 * 65536);
    yield* closed(server, writer);
  },
);

testNet(
  "cancelling at every byte of an exchange loses none and doubles none",
  function* (net) {
    const request = "PUT 5\nabcdeEND\n";
    for (let cut = 0; cut <= request.length; cut++) {
      const { client, peer, server } = yield* pairOf(net);
      const [reader, writer] = client;
      let taken = "";
      const take = inKind(
        net.kind,
        function* (from: StreamReader): Script<void> {
          taken += text(yield from.readline());
          taken += text(yield from.readexactly(5));
          taken += text(yield from.readuntil("END\n"));
        },
      );
      const task = createTask(take(peer[0]));
      for (const letter of request.slice(0, cut)) {
        writer.write(letter);
        yield writer.drain();
        // Until it has come, or is not going to be waited for any more.
        yield sleep(0.001);
      }
      task.cancel();
      yield* caught(task);
      writer.write(request.slice(cut));
      writer.writeEof();
      const rest = text(yield peer[0].read());
      assertEquals(taken + rest, request, `cancelled after ${cut} bytes`);
      peer[1].write("DONE\n");
      assertEquals(text(yield reader.readline()), "DONE\n");
      yield* closed(server, writer, peer[1]);
    }
  },
);

testNet(
  "a writer that is cancelled in drain() has written each byte once",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    let written = 0;
    const sending = createTask(function* () {
      for (;;) {
        const block = new Uint32Array(16 * 1024);
        for (let i = 0; i < block.length; i++) block[i] = written++;
        client[1].write(new Uint8Array(block.buffer));
        yield* client[1].drain();
      }
    });
    yield sleep(0.02);
    sending.cancel();
    yield* caught(sending);
    client[1].close();
    const received: Uint8Array = yield peer[0].read();
    const numbers = new Uint32Array(received.slice().buffer);
    assertEquals(numbers.length, written);
    assert(numbers.every((number, i) => number === i));
    yield* closed(server, client[1], peer[1]);
  },
);

testNet(
  "a hundred clients that come and go at once leave nothing behind",
  function* (net) {
    let active = 0;
    const server = yield* serving(net, function* (reader, writer) {
      active++;
      try {
        for (;;) {
          const line: Uint8Array = yield reader.readline();
          if (line.length === 0) break;
          writer.write(line);
          yield writer.drain();
        }
      } finally {
        active--;
      }
    });
    const clients = Array.from(
      { length: 100 },
      (_, i) =>
        createTask(function* () {
          const [reader, writer] = yield* openConnection(HOST, portOf(server));
          writer.write(`${i}\n`);
          const line: Uint8Array = yield* reader.readline();
          assertEquals(text(line), `${i}\n`);
          if (i % 3 === 0) {
            writer.abort();
          } else writer.close();
          if (i % 3 === 1) yield* writer.waitClosed();
        }),
    );
    for (const client of clients) {
      yield client;
    }
    yield* until(() => active === 0);
    yield* closed(server);
  },
);

testNet(
  "arrays that were read stay as they are while more is read",
  function* (net) {
    const { client, peer, server } = yield* pairOf(net);
    const sending = createTask(function* () {
      for (let i = 0; i < 400; i++) {
        peer[1].write(new Uint8Array(1 + (i * 977) % 3000).fill(i));
        yield* peer[1].drain();
        if (i % 7 === 0) yield* sleep(0);
      }
      peer[1].writeEof();
    });
    const taken: Uint8Array[] = [];
    for (let i = 0;; i++) {
      const chunk: Uint8Array = yield client[0].read(1 + (i * 463) % 5000);
      if (chunk.length === 0) break;
      taken.push(chunk);
    }
    yield sending;
    const whole = taken.flatMap((chunk) => [...chunk]);
    let place = 0;
    for (let i = 0; i < 400; i++) {
      for (let n = 1 + (i * 977) % 3000; n > 0; n--) {
        if (whole[place++] !== (i & 255)) throw new Error(`wrong at ${place}`);
      }
    }
    assertEquals(place, whole.length);
    yield* closed(server, client[1], peer[1]);
  },
);

Deno.test({
  name:
    "5,000 connections that are opened and dropped leave no file descriptor",
  ignore: Deno.permissions.querySync({ name: "run" }).state !== "granted" ||
    Deno.build.os !== "linux",
  async fn() {
    const program = new URL("../fixtures/many_connections.ts", import.meta.url);
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-config",
        "--quiet",
        "--allow-all", // of /proc, nothing else will do
        program.href,
      ],
      stderr: "inherit",
    }).output();
    assert(success);
    const result = JSON.parse(text(stdout));
    assertEquals(result.clients, 5000);
    assertEquals(result.after, result.before);
  },
});

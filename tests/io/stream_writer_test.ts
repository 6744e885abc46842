import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  type Coroutine,
  createTask,
  moveOnAfter,
  sleep,
  type Task,
} from "@asyncio/asyncio";
import { StreamReader, StreamWriter } from "@asyncio/asyncio/streams";
import { inVirtualTime, runScript, testKinds } from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import { Output } from "../../_io/output.ts";
import { Sink } from "../../_io/sink.ts";
import { text } from "./_streams.ts";

/** A sink that takes a chunk when it is told to, and keeps a log. */
class SlowSink {
  readonly log: string[] = [];
  readonly stream: WritableStream<Uint8Array>;
  #controller!: WritableStreamDefaultController;
  #gate = Promise.withResolvers<void>();

  constructor(isOpen = false) {
    if (isOpen) this.open();
    this.stream = new WritableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      write: async (chunk) => {
        await this.#gate.promise;
        this.log.push(chunk.length > 20 ? `${chunk.length}` : text(chunk));
      },
      close: () => {
        this.log.push("closed");
      },
      abort: (reason) => {
        this.log.push(`aborted: ${reason.message}`);
      },
    }, { highWaterMark: 1 });
  }

  open(): void {
    this.#gate.resolve();
  }

  fail(error: Error): void {
    this.#controller.error(error);
    this.#gate.reject(error);
    this.#gate.promise.catch(() => {});
  }
}

testKinds(
  "write() writes at once, and collects what comes meanwhile",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const writer = new StreamWriter(sink.stream);
      writer.write("a");
      writer.writelines(["b", new Uint8Array([99]), ""]);
      writer.write("d");
      sink.open();
      yield sleep(1);
      assertEquals(sink.log, ["a", "bcd"]);
    }),
);

testKinds(
  "what was passed to write() can be changed at once",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const writer = new StreamWriter(sink.stream);
      for (let i = 0; i < 3; i++) {
        const data = new Uint8Array([97 + i]);
        writer.write(data);
        data.fill(0);
      }
      sink.open();
      yield sleep(1);
      assertEquals(sink.log, ["a", "bc"]);
    }),
);

testKinds(
  "drain() waits above 64 KiB, until there are 16 KiB or less",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const writer = new StreamWriter(sink.stream);
      writer.write(new Uint8Array(60 * 1024));
      writer.write(new Uint8Array(4 * 1024));
      yield writer.drain(); // exactly 64 KiB
      writer.write("x");
      const drains = [1, 2, 3].map(() => createTask(writer.drain()));
      yield sleep(1);
      assertFalse(drains.some((task) => task.done()));
      sink.open();
      yield sleep(1);
      assert(drains.every((task) => task.done()));
      assertEquals(sink.log, ["61440", "4097"]);
    }),
);

for (const cancelled of [0, 1, 2]) {
  testKinds(
    `cancelling drain() number ${cancelled} of three leaves the others`,
    (kind) =>
      runScript(kind, function* () {
        const sink = new SlowSink();
        const writer = new StreamWriter(sink.stream);
        writer.write(new Uint8Array(100_000));
        const order: number[] = [];
        const drains = [0, 1, 2].map((i) =>
          createTask(function* () {
            yield* writer.drain();
            order.push(i);
          })
        );
        yield sleep(1);
        drains[cancelled].cancel();
        assertInstanceOf(yield* caught(drains[cancelled]), CancelledError);
        sink.open();
        for (const [i, task] of drains.entries()) {
          if (i !== cancelled) yield task;
        }
        assertEquals(order, [0, 1, 2].filter((i) => i !== cancelled));
        assertEquals(sink.log, ["100000"]);
      }),
  );
}

testKinds(
  "drain() looks at the connection when it begins, not when it is called",
  (kind) =>
    runScript(kind, function* () {
      const writer = new StreamWriter(new WritableStream<Uint8Array>());
      const drain = writer.drain();
      writer.abort();
      const error = yield* caught(drain);
      assertInstanceOf(error, Error);
      assertEquals(error.message, "Connection lost");
    }),
);

testKinds(
  "drain() takes a turn of the loop after each 64 KiB",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink(true);
      const writer = new StreamWriter(sink.stream);
      let turns = 0;
      const other: Task<void> = createTask(function* () {
        for (;;) {
          turns++;
          yield* sleep(0);
        }
      });
      for (let i = 0; i < 640; i++) {
        writer.write(new Uint8Array(1024));
        yield writer.drain();
      }
      other.cancel();
      assert(turns >= 9, `${turns}`);
    }),
);

testKinds(
  "close() writes what is left; waitClosed() waits for that",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const writer = new StreamWriter(sink.stream);
      writer.write("a");
      writer.write("b");
      writer.close();
      assert(writer.isClosing());
      const closers = [1, 2, 3].map(() => createTask(writer.waitClosed()));
      yield sleep(1);
      closers[1].cancel();
      yield sleep(1);
      assertEquals(closers.map((task) => task.done()), [false, true, false]);
      sink.open();
      yield closers[0];
      yield closers[2];
      yield writer.waitClosed();
      assertEquals(sink.log, ["a", "b", "closed"]);
      assertFalse(sink.stream.locked);
    }),
);

testKinds(
  "abort() drops what is left, and lets all that waits go on",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const reader = new StreamReader();
      const writer = new StreamWriter(sink.stream, { reader });
      writer.write(new Uint8Array(70_000));
      const drain = createTask(writer.drain());
      const closer = createTask(writer.waitClosed());
      const line = createTask(reader.readline());
      yield sleep(1);
      writer.abort();
      yield drain;
      yield closer;
      assertEquals(text(yield line), "");
      sink.open();
      yield sleep(1);
      assertEquals(sink.log.at(-1), "aborted: Connection aborted");
      writer.abort(); // again does no harm
      writer.close();
    }),
);

testKinds(
  "writeEof() ends the stream after what was written",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const writer = new StreamWriter(sink.stream);
      assert(writer.canWriteEof());
      writer.write("a");
      writer.write("b");
      writer.writeEof();
      writer.writeEof();
      assertThrows(
        () => writer.write("c"),
        Error,
        "Cannot call write() after writeEof()",
      );
      assertFalse(writer.isClosing());
      sink.open();
      for (let i = 0; i < 5; i++) yield sleep(1); // the stream takes its turns
      assertEquals(sink.log, ["a", "b", "closed"]);
      writer.close();
      yield writer.waitClosed();
    }),
);

testKinds(
  "a lost connection is an error of drain() and waitClosed(), not of write()",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const reader = new StreamReader();
      const writer = new StreamWriter(sink.stream, { reader });
      writer.write(new Uint8Array(70_000));
      const begun: Coroutine<unknown>[] = [
        writer.drain(),
        writer.waitClosed(),
        reader.read(),
      ];
      const waits = begun.map((wait) => createTask(wait));
      yield sleep(1);
      const error = new Error("gone");
      sink.fail(error);
      for (const wait of waits) assertStrictEquals(yield* caught(wait), error);
      assert(writer.isClosing());
      writer.write("nobody reads this");
      writer.writelines(["nor this"]);
      writer.writeEof();
      assertStrictEquals(yield* caught(writer.drain()), error);
      assertStrictEquals(yield* caught(writer.waitClosed()), error);
      assertStrictEquals(reader.exception(), error);
      writer.close();
      writer.abort();
    }),
);

testKinds(
  "a connection that is lost while nobody waits is no unhandled rejection",
  (kind) =>
    runScript(kind, function* () {
      const sink = new SlowSink();
      const writer = new StreamWriter(sink.stream);
      writer.write("a");
      sink.fail(new Error("gone"));
      yield sleep(1);
      const error = yield* caught(writer.drain());
      assertInstanceOf(error, Error);
      assertEquals(error.message, "gone");
    }),
);

testKinds(
  "drain() throws the error of the reader",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const writer = new StreamWriter(new SlowSink(true).stream, { reader });
      const error = new Error("reset");
      reader.setException(error);
      writer.write("a");
      assertStrictEquals(yield* caught(writer.drain()), error);
    }),
);

testKinds(
  "drain() after the end says that the connection is lost",
  (kind) =>
    runScript(kind, function* () {
      const writer = new StreamWriter(new SlowSink(true).stream);
      writer.close();
      yield writer.waitClosed();
      const error = yield* caught(writer.drain());
      assertInstanceOf(error, Deno.errors.ConnectionReset);
      assertEquals(error.message, "Connection lost");
    }),
);

testKinds(
  "close() ends the reader of the same connection",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const writer = new StreamWriter(new SlowSink(true).stream, { reader });
      assertFalse(reader.atEof());
      writer.close();
      yield writer.waitClosed();
      assert(reader.atEof());
      assertEquals(text(yield reader.read(1)), "");
    }),
);

Deno.test("await using closes the stream when all is written", () =>
  inVirtualTime(async () => {
    const sink = new SlowSink(true);
    {
      await using writer = new StreamWriter(sink.stream);
      writer.write("a");
    }
    assertEquals(sink.log, ["a", "closed"]);
  }));

Deno.test("await using that is cancelled while it closes closes at once", () =>
  inVirtualTime(async () => {
    const sink = new SlowSink();
    await moveOnAfter(1, async () => {
      await using writer = new StreamWriter(sink.stream);
      writer.write("a");
    });
    sink.open();
    await sleep(1);
    assertEquals(sink.log.at(-1), "aborted: Connection aborted");
  }));

Deno.test("wrong arguments of a writer are refused at the call", () =>
  inVirtualTime(async () => {
    const { stream } = new SlowSink(true);
    // deno-lint-ignore no-explicit-any -- that is the test
    const any = (value: unknown): any => value;
    assertThrows(
      () => new StreamWriter(stream, any({ reader: stream })),
      TypeError,
      "must be a StreamReader",
    );
    const writer = new StreamWriter(stream);
    const table: [() => unknown, new () => Error, string][] = [
      [() => new StreamWriter(any(1)), TypeError, "not a WritableStream"],
      [() => new StreamWriter(stream), TypeError, "that is locked"],
      [() => writer.write(any(1)), TypeError, "neither a Uint8Array nor"],
      [() => writer.write(any([1])), TypeError, "neither a Uint8Array nor"],
      [() => writer.writelines(any(["a", 1])), TypeError, "neither a"],
    ];
    for (const [call, error, message] of table) {
      assertThrows(call, error, message);
    }
    assertEquals(
      String(writer),
      "<StreamWriter transport=<open write=<idle, bufsize=0>>>",
    );
    writer.close();
    for (const name of ["write", "writelines", "writeEof"] as const) {
      assertThrows(
        () => writer[name](any("a")),
        Error,
        `Cannot call ${name}() after close()`,
      );
    }
    await writer.waitClosed();
  }));

/** A socket that notes the memory from which it writes. */
class NotingSink extends Sink {
  override readonly keepsBytes = false;
  override readonly canWriteEof = false;
  readonly memory: ArrayBufferLike[] = [];

  override async write(bytes: Uint8Array): Promise<void> {
    this.memory.push(bytes.buffer);
    await null;
  }

  override async writeEof(): Promise<void> {}
  override async close(): Promise<void> {}
  override abort(): void {}
}

Deno.test("messages that are written one by one share one block of memory", () =>
  inVirtualTime(async () => {
    const sink = new NotingSink();
    const output = new Output(sink, null);
    const written = async () => {
      while (!output.isIdle) await sleep(0);
    };
    for (let i = 0; i < 3; i++) {
      output.write(new Uint8Array(100));
      await written();
    }
    output.write(new Uint8Array(100));
    output.write(new Uint8Array(100)); // it may not touch the first one
    await written();
    const [first] = sink.memory;
    assertEquals(
      sink.memory.map((memory) => memory === first),
      [true, true, true, true, false],
    );
  }));

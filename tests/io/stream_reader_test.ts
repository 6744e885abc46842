import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  createTask,
  getRunningLoop,
  IncompleteReadError,
  LimitOverrunError,
  moveOnAfter,
  sleep,
  type Task,
} from "@asyncio/asyncio";
import { StreamReader } from "@asyncio/asyncio/streams";
import {
  inKind,
  inVirtualTime,
  runScript,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import { bytes, chunked, text } from "./_streams.ts";

// Behaviours that CPython's streams have, with and without a source.

testKinds(
  "read(0) returns no bytes and takes none",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      reader.feedData("line1\n");
      assertEquals((yield reader.read(0)).length, 0);
      assertEquals(text(yield reader.read(100)), "line1\n");
    }),
);

testKinds(
  "read(n) returns what there is, and n bytes at most",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(chunked("abc", "defg"));
      assertEquals(text(yield reader.read(2)), "ab");
      assertEquals(text(yield reader.read(10)), "c");
      assertEquals(text(yield reader.read(3)), "def");
      assertEquals(text(yield reader.read(3)), "g");
      assertEquals(text(yield reader.read(3)), "");
    }),
);

testKinds(
  "readinto() fills an array as far as bytes have come, and tells how far",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(chunked("abc", "defg"));
      const buffer = bytes("------");
      assertEquals(yield reader.readinto(buffer.subarray(1, 3)), 2);
      assertEquals(text(buffer), "-ab---");
      assertEquals(yield reader.readinto(buffer.subarray(0, 0)), 0);
      assertEquals(yield reader.readinto(buffer), 1);
      assertEquals(text(buffer), "cab---");
      assertEquals(yield reader.readinto(buffer), 4);
      assertEquals(text(buffer), "defg--");
      assertEquals(yield reader.readinto(buffer), 0);
      assertEquals(text(buffer), "defg--");
    }),
);

testKinds(
  "readinto() writes nothing before its step, and nothing if it is cancelled",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const buffer = bytes("--");
      const task = createTask(reader.readinto(buffer));
      yield sleep(0);
      reader.feedData("ab");
      assertEquals(text(buffer), "--");
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(text(buffer), "--");
      assertEquals(yield reader.readinto(buffer), 2);
      assertEquals(text(buffer), "ab");
    }),
);

testKinds(
  "readinto() loses no byte if its array was detached meanwhile",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const buffer = new Uint8Array(2);
      const task = createTask(reader.readinto(buffer));
      yield sleep(0);
      structuredClone(buffer, { transfer: [buffer.buffer] });
      reader.feedData("ab");
      assertInstanceOf(yield* caught(task), TypeError);
      assertEquals(text(yield reader.read(2)), "ab");
    }),
);

testKinds(
  "read(n) waits until a byte comes",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const task = createTask(reader.read(30));
      yield sleep(0);
      assertFalse(task.done());
      reader.feedData("line1\n");
      assertEquals(text(yield task), "line1\n");
    }),
);

testKinds(
  "read() returns everything until the end",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(chunked("chunk1\n", "chunk2"), {
        limit: 2,
      });
      assertEquals(text(yield reader.read()), "chunk1\nchunk2");
      assertEquals(text(yield reader.read()), "");
    }),
);

testKinds(
  "read(n) at the end returns no bytes",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const task = createTask(reader.read(1024));
      yield sleep(0);
      reader.feedEof();
      assertEquals(text(yield task), "");
    }),
);

testKinds(
  "readline() puts a line together from several chunks",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(
        chunked("chunk1 ", "chunk2 ", "chunk3 ", "\n chunk4"),
      );
      assertEquals(text(yield reader.readline()), "chunk1 chunk2 chunk3 \n");
      assertEquals(text(yield reader.readline()), " chunk4");
      assertEquals(text(yield reader.readline()), "");
    }),
);

testKinds(
  "readline() drops a line that is too long, and goes on",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(null, { limit: 3 });
      reader.feedData("li");
      reader.feedData("ne1\nline2\n");
      assertInstanceOf(yield* caught(reader.readline()), RangeError);
      assertEquals(String(reader), "<StreamReader 6 bytes limit=3>");
      assertInstanceOf(yield* caught(reader.readline()), LimitOverrunError);
      assertEquals(String(reader), "<StreamReader limit=3>");
    }),
);

testKinds(
  "readline() drops all of a line whose end has not come",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(null, { limit: 7 });
      const task = createTask(reader.readline());
      yield sleep(0);
      reader.feedData("chunk1");
      reader.feedData("chunk2");
      reader.feedData("chunk3\n");
      const error = yield* caught(task);
      assertInstanceOf(error, LimitOverrunError);
      assertEquals(String(reader), "<StreamReader limit=7>");
    }),
);

testKinds(
  "readuntil() takes the separator that is complete first",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(chunked("one;two,th", "ree--four"));
      const until = function* (): Script<string> {
        return text(yield reader.readuntil(["--", ",", bytes(";")]));
      };
      assertEquals(yield* until(), "one;");
      assertEquals(yield* until(), "two,");
      assertEquals(yield* until(), "three--");
    }),
);

testKinds(
  "readuntil() finds a separator that two chunks share",
  (kind) =>
    runScript(kind, function* () {
      for (let cut = 0; cut <= 9; cut++) {
        const whole = "QWERaaaSEPtail";
        const reader = new StreamReader(
          chunked(whole.slice(0, cut), whole.slice(cut)),
        );
        assertEquals(text(yield reader.readuntil("aSEP")), "QWERaaaSEP");
        assertEquals(text(yield reader.read()), "tail");
      }
    }),
);

testKinds(
  "readuntil() at the end throws what has come",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(chunked("some dataSEPARATO"));
      const error = yield* caught(reader.readuntil("SEPARATOR"));
      assertInstanceOf(error, IncompleteReadError);
      assertEquals(text(error.partial), "some dataSEPARATO");
      assertStrictEquals(error.expected, null);
      assertEquals(
        error.message,
        "17 bytes read on a total of undefined expected bytes",
      );
      assert(reader.atEof());
    }),
);

testKinds(
  "readuntil() leaves what exceeds the limit in the buffer",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(null, { limit: 3 });
      reader.feedData("some dataA");
      const found = yield* caught(reader.readuntil("A"));
      assertInstanceOf(found, LimitOverrunError);
      assertEquals(
        found.message,
        "Separator is found, but chunk is longer than limit",
      );
      assertEquals(found.consumed, 9);
      const missing = yield* caught(reader.readuntil("B"));
      assertInstanceOf(missing, LimitOverrunError);
      assertEquals(
        missing.message,
        "Separator is not found, and chunk exceed the limit",
      );
      assertEquals(missing.consumed, 10);
      assertEquals(text(yield reader.read(100)), "some dataA");
    }),
);

testKinds(
  "readexactly() is not bound by the limit",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(chunked("abcdef", "ghij", "kl"), {
        limit: 3,
      });
      assertEquals(text(yield reader.readexactly(11)), "abcdefghijk");
      assertEquals(text(yield reader.readexactly(0)), "");
      assertEquals(text(yield reader.readexactly(1)), "l");
    }),
);

testKinds(
  "readexactly() at the end throws what has come",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader(chunked("ab", "c"));
      const error = yield* caught(reader.readexactly(5));
      assertInstanceOf(error, IncompleteReadError);
      assertEquals(text(error.partial), "abc");
      assertEquals(error.expected, 5);
      assertEquals(
        error.message,
        "3 bytes read on a total of 5 expected bytes",
      );
      assertEquals(text(yield reader.read()), "");
    }),
);

testKinds(
  "atEof() is true when the end is known and nothing is left",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      assertFalse(reader.atEof());
      reader.feedData("some data\n");
      reader.feedEof();
      assertFalse(reader.atEof());
      yield reader.readline();
      assert(reader.atEof());
    }),
);

testKinds(
  "setException() fails the read that waits and all later ones",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const task = createTask(reader.readline());
      yield sleep(0);
      const error = new Error("lost");
      reader.setException(error);
      assertStrictEquals(yield* caught(task), error);
      assertStrictEquals(reader.exception(), error);
      reader.feedData("line\n");
      for (
        const read of [
          reader.read(2),
          reader.readline(),
          reader.readexactly(0),
          reader.readuntil(),
        ]
      ) assertStrictEquals(yield* caught(read), error);
    }),
);

// Cause: the error `null` passed for none, so that a later read waited for ever.
for (const failure of [null, undefined]) {
  testKinds(
    `each read of a stream that fails with ${failure} throws that`,
    (kind) =>
      runScript(kind, function* () {
        const reader = new StreamReader(
          new ReadableStream({
            pull: (controller) => controller.error(failure),
          }),
        );
        for (let i = 0; i < 3; i++) {
          let outcome: unknown = "nothing";
          try {
            yield reader.read(1);
          } catch (error) {
            outcome = error;
          }
          assertStrictEquals(outcome, failure);
        }
        assertStrictEquals(reader.exception(), failure);
        assertEquals(String(reader), "<StreamReader exception=None>");
      }),
  );
}

testKinds(
  "setException() after a read was cancelled is no unhandled error",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const task = createTask(reader.readline());
      yield sleep(0);
      task.cancel();
      reader.setException(new Error("lost"));
      assertInstanceOf(yield* caught(task), CancelledError);
    }),
);

testKinds(
  "the error of a stream comes out of the read, once and for all",
  (kind) =>
    runScript(kind, function* () {
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.error(new Error("broken"));
        },
      });
      const reader = new StreamReader(stream);
      const error = yield* caught(reader.read());
      assertEquals((error as Error).message, "broken");
      assertStrictEquals(yield* caught(reader.read()), error);
      assertFalse(stream.locked);
    }),
);

testKinds(
  "a stream of anything but bytes is an error, and is cancelled",
  (kind) =>
    runScript(kind, function* () {
      let reason: unknown;
      const stream = new ReadableStream({
        start: (controller) => controller.enqueue("text"),
        cancel(given) {
          reason = given;
        },
      });
      const reader = new StreamReader(stream as ReadableStream<Uint8Array>);
      const error = yield* caught(reader.read());
      assertInstanceOf(error, TypeError);
      assertStrictEquals(reason, error);
    }),
);

// One reader

testKinds(
  "a read while another one waits is an error that leaves it alone",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const first = createTask(reader.readline());
      yield sleep(0);
      for (const name of ["read", "readline", "readuntil"] as const) {
        const error = yield* caught(reader[name]());
        assertInstanceOf(error, Error);
        assertEquals(
          error.message,
          `${
            name === "read" ? name : "readuntil"
          }() called while another coroutine is already waiting for incoming data`,
        );
      }
      reader.feedData("line\n");
      assertEquals(text(yield first), "line\n");
    }),
);

testKinds(
  "a read of what is in the buffer may pass one that waits",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      reader.feedData("ab");
      const line = createTask(reader.readline());
      yield sleep(0);
      assertEquals(text(yield reader.read(1)), "a");
      reader.feedData("c\n");
      assertEquals(text(yield line), "bc\n");
    }),
);

testKinds(
  "what a task leaves behind takes no bytes and is in no one's way",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      yield createTask(async () => {
        void reader.readline().then(() => {}, () => {});
        await sleep(0);
      });
      const line = createTask(reader.readline());
      yield sleep(0);
      reader.feedData("line\n");
      assertEquals(text(yield line), "line\n");
    }),
);

// Cancellation

testKinds(
  "a read that is cancelled loses no byte, whatever it has waited for",
  (kind) =>
    runScript(kind, function* () {
      const reads: Record<string, (reader: StreamReader) => Task<unknown>> = {
        all: (reader) => createTask(reader.read()),
        some: (reader) => createTask(reader.read(5)),
        into: (reader) => createTask(reader.readinto(new Uint8Array(5))),
        line: (reader) => createTask(reader.readline()),
        exactly: (reader) => createTask(reader.readexactly(9)),
        until: (reader) => createTask(reader.readuntil("END")),
      };
      for (const [name, read] of Object.entries(reads)) {
        const reader = new StreamReader();
        const isForSome = name === "some" || name === "into";
        if (!isForSome) reader.feedData("ab");
        const task = read(reader);
        yield sleep(0);
        if (!isForSome) reader.feedData("cd");
        yield sleep(0);
        task.cancel();
        // It may have been woken already: nothing is taken even so.
        reader.feedData("ef\nEND");
        assertInstanceOf(yield* caught(task), CancelledError, name);
        reader.feedEof();
        const left = isForSome ? "ef\nEND" : "abcdef\nEND";
        assertEquals(text(yield reader.read()), left, name);
      }
    }),
);

testKinds(
  "a read that was woken and is cancelled before its step loses no byte",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const task = createTask(reader.readline());
      yield sleep(0);
      reader.feedData("line\n");
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(text(yield reader.readline()), "line\n");
    }),
);

testKinds(
  "bytes that a cancelled read has asked for are there for the next",
  (kind) =>
    runScript(kind, function* () {
      let pulls = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      const stream = new ReadableStream<Uint8Array>({
        async pull(controller) {
          pulls++;
          await promise;
          controller.enqueue(bytes("late\n"));
          controller.close();
        },
      }, { highWaterMark: 0 });
      const reader = new StreamReader(stream);
      yield moveOnAfter(1, function* () {
        yield* reader.readline();
      });
      assertEquals(pulls, 1);
      resolve();
      assertEquals(text(yield reader.readline()), "late\n");
      assertEquals(pulls, 1);
    }),
);

for (const type of ["default", "bytes"] as const) {
  testKinds(
    `cancelling after every byte of a ${type} stream loses none`,
    (kind) =>
      inVirtualTime(
        inKind(kind, function* (): Script<void> {
          const message = "HELLO 5\nabcde" + "x".repeat(20) + "END\n";
          for (let cut = 0; cut <= message.length; cut++) {
            let source!: ReadableStreamController<Uint8Array>;
            const stream = new ReadableStream({
              type: type === "bytes" ? type : undefined,
              start: (controller: ReadableStreamController<Uint8Array>) => {
                source = controller;
              },
            } as UnderlyingDefaultSource<Uint8Array>);
            const reader = new StreamReader(stream);
            const read = inKind(kind, function* (): Script<string> {
              const head = text(yield reader.readline());
              const size = Number(head.slice(6));
              const body = text(yield reader.readexactly(size));
              return head + body + text(yield reader.readuntil("END\n"));
            });
            const task = createTask(read());
            for (const byte of message.slice(0, cut)) {
              (source as ReadableStreamDefaultController).enqueue(bytes(byte));
              yield sleep(0.01);
            }
            if (task.done()) {
              assertEquals(yield task, message);
              continue;
            }
            task.cancel();
            yield* caught(task);
            // What the reads before it have returned is gone with the task.
            const taken = cut < 8 ? 0 : cut < 13 ? 8 : 13;
            (source as ReadableStreamDefaultController).enqueue(
              bytes(message.slice(cut)),
            );
            source.close();
            assertEquals(text(yield reader.read()), message.slice(taken));
          }
        })(),
      ),
  );
}

testKinds(
  "a wait for bytes counts as one thing from outside until it ends, in any way",
  (kind) =>
    runScript(kind, function* () {
      const { $holdingsOf: holdings } = getRunningLoop();
      const ends: Record<
        string,
        (reader: StreamReader, task: Task<unknown>) => void
      > = {
        bytes: (reader) => reader.feedData("x"),
        "the end": (reader) => reader.feedEof(),
        "an error": (reader) => reader.setException(new Error("lost")),
        cancellation: (_reader, task) => void task.cancel(),
        "bytes, then cancellation": (reader, task) => {
          reader.feedData("x");
          task.cancel();
        },
        "cancellation, then bytes": (reader, task) => {
          task.cancel();
          reader.feedData("x");
        },
        "cancellation, then an error": (reader, task) => {
          task.cancel();
          reader.setException(new Error("lost"));
        },
      };
      for (const [name, end] of Object.entries(ends)) {
        const reader = new StreamReader();
        const task = createTask(reader.read(1));
        yield sleep(0);
        assertEquals(holdings.externals, 1, name);
        end(reader, task);
        yield* caught(task);
        assertEquals(holdings.externals, 0, name);
        // The next one is counted too, even if it comes before the last is told.
        if (name !== "cancellation") continue;
        const second = createTask(reader.read(1));
        yield sleep(0);
        second.cancel();
        const third = createTask(reader.read(1));
        yield sleep(0);
        assertEquals(holdings.externals, 1);
        reader.feedData("x");
        assertEquals(text(yield third), "x");
        assertEquals(holdings.externals, 0);
      }
      const closed = new StreamReader().read(1);
      const steps = closed[Symbol.iterator]();
      steps.next();
      assertEquals(holdings.externals, 1);
      steps.return!(undefined as never);
      assertEquals(holdings.externals, 0);
    }),
);

// Back-pressure

testKinds(
  "a stream is read only while a task waits",
  (kind) =>
    runScript(kind, function* () {
      let pulled = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1000;
          controller.enqueue(new Uint8Array(1000));
        },
      }, { highWaterMark: 0 });
      const reader = new StreamReader(stream, { limit: 500 });
      yield sleep(1);
      assertEquals(pulled, 0);
      yield reader.read(10);
      yield sleep(1);
      assertEquals(pulled, 1000);
      yield reader.readexactly(990);
      yield sleep(1);
      assertEquals(pulled, 1000);
    }),
);

testKinds(
  "an endless line is an error, and does not fill the memory",
  (kind) =>
    runScript(kind, function* () {
      let pulled = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1000;
          controller.enqueue(new Uint8Array(1000));
        },
      }, { highWaterMark: 0 });
      const reader = new StreamReader(stream, { limit: 2500 });
      for (let i = 1; i <= 3; i++) {
        assertInstanceOf(yield* caught(reader.readline()), LimitOverrunError);
        assertEquals(pulled, i * 3000);
        assertEquals(String(reader), "<StreamReader limit=2500>");
      }
    }),
);

// Lines

testKinds(
  "for await gives lines as bytes, the last one as it is",
  async (kind) => {
    const lines: string[] = [];
    if (kind === "async") {
      await inVirtualTime(async () => {
        const reader = new StreamReader(chunked("one\ntw", "o\n\nlast"));
        for await (const line of reader) lines.push(text(line));
      });
    } else {
      await inVirtualTime(function* () {
        const reader = new StreamReader(chunked("one\ntw", "o\n\nlast"));
        for (;;) {
          const line = yield* reader.readline();
          if (line.length === 0) break;
          lines.push(text(line));
        }
      });
    }
    assertEquals(lines, ["one\n", "two\n", "\n", "last"]);
  },
);

Deno.test("lines() gives text without the ends of lines", () =>
  inVirtualTime(async () => {
    const euro = bytes("€\r\né");
    const reader = new StreamReader(
      chunked(euro.subarray(0, 1), euro.subarray(1), "\n\r\n\xffx\r"),
    );
    const lines: string[] = [];
    for await (const line of reader.lines()) lines.push(line);
    assertEquals(lines, ["€", "é", "", "ÿx\r"]);
  }));

Deno.test("lines() makes U+FFFD of what is no UTF-8", () =>
  inVirtualTime(async () => {
    const reader = new StreamReader(chunked(new Uint8Array([0xff, 65, 10])));
    for await (const line of reader.lines()) assertEquals(line, "\uFFFDA");
  }));

Deno.test("a loop over lines that is left, or cancelled, leaves the reader open", () =>
  inVirtualTime(async () => {
    const reader = new StreamReader();
    reader.feedData("one\ntwo\nthr");
    for await (const line of reader.lines()) {
      assertEquals(line, "one");
      break;
    }
    const seen: string[] = [];
    await moveOnAfter(1, async () => {
      for await (const line of reader.lines()) seen.push(line);
    });
    assertEquals(seen, ["two"]);
    reader.feedData("ee\n");
    assertEquals(text(await reader.readline()), "three\n");
  }));

Deno.test("a loop over lines throws what reading throws", () =>
  inVirtualTime(async () => {
    const reader = new StreamReader(chunked("short\nmuch too long\n"), {
      limit: 6,
    });
    const seen: string[] = [];
    await assertRejects(async () => {
      for await (const line of reader.lines()) seen.push(line);
    }, LimitOverrunError);
    assertEquals(seen, ["short"]);
  }));

// The end of reading

testKinds(
  "cancel() cancels the stream and ends the read that waits",
  (kind) =>
    runScript(kind, function* () {
      let reason: unknown;
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytes("ab")),
        cancel(given) {
          reason = given;
        },
      });
      const reader = new StreamReader(stream);
      yield reader.read(1);
      const task = createTask(reader.read());
      yield sleep(0);
      yield reader.cancel("enough");
      assertEquals(reason, "enough");
      assertEquals(text(yield task), "b");
      assert(reader.atEof());
      assertFalse(stream.locked);
      yield reader.cancel(); // twice does no harm
    }),
);

Deno.test("await using cancels the stream", () =>
  inVirtualTime(async () => {
    let cancelled = false;
    {
      await using reader = new StreamReader(
        new ReadableStream({
          cancel() {
            cancelled = true;
          },
        }),
      );
      assertFalse(reader.atEof());
    }
    assert(cancelled);
  }));

// Ownership

testKinds(
  "arrays that were returned are never written to again",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      const taken: Uint8Array[] = [];
      for (let i = 0; i < 300; i++) {
        reader.feedData(new Uint8Array(100).fill(i));
        taken.push(yield reader.read(i % 3 === 0 ? 100 : 30 + i % 71));
      }
      reader.feedEof();
      taken.push(yield reader.read());
      let position = 0;
      for (const array of taken) {
        for (const byte of array) {
          assertEquals(byte, Math.floor(position++ / 100) & 255);
        }
      }
      assertEquals(position, 30_000);
    }),
);

testKinds(
  "detaching an array that was returned takes no byte from later reads",
  (kind) =>
    runScript(kind, function* () {
      const reader = new StreamReader();
      for (const size of [10, 100, 1000, 10_000]) {
        for (let i = 0; i < 20; i++) {
          reader.feedData(new Uint8Array(size).fill(i));
          reader.feedData(new Uint8Array(size).fill(i + 100));
          const first: Uint8Array<ArrayBuffer> = yield reader.read(size);
          assertEquals(first, new Uint8Array(size).fill(i));
          structuredClone(first, { transfer: [first.buffer] });
          assertEquals(
            yield reader.read(size),
            new Uint8Array(size).fill(i + 100),
          );
        }
      }
    }),
);

Deno.test("a short array that is kept holds 8 KiB at most", () =>
  inVirtualTime(async () => {
    const reader = new StreamReader();
    for (const size of [1, 64, 65, 100, 1000, 4096]) {
      for (let i = 0; i < 20; i++) {
        reader.feedData(new Uint8Array(3 * size));
        const { buffer } = await reader.readexactly(size);
        assert(buffer.byteLength <= 8192, `${buffer.byteLength} for ${size}`);
        await reader.readexactly(2 * size);
      }
    }
  }));

Deno.test("feedData() copies what it is given", () =>
  inVirtualTime(async () => {
    const reader = new StreamReader();
    const data = bytes("abc");
    reader.feedData(data);
    data.fill(0);
    reader.feedEof();
    assertEquals(text(await reader.read()), "abc");
  }));

// Bad input

Deno.test("wrong arguments are refused at the call", () => {
  const reader = new StreamReader();
  const locked = new ReadableStream<Uint8Array>();
  locked.getReader();
  // deno-lint-ignore no-explicit-any -- that is the test
  const any = (value: unknown): any => value;
  const table: [() => unknown, new () => Error, string][] = [
    [() => new StreamReader(any("text")), TypeError, "not a ReadableStream"],
    [() => new StreamReader(locked), TypeError, "that is locked"],
    [() => new StreamReader(null, { limit: 0 }), RangeError, ">= 1"],
    [() => new StreamReader(null, { limit: -1 }), RangeError, ">= 1"],
    [() => new StreamReader(null, { limit: 1.5 }), RangeError, "whole number"],
    [
      () => new StreamReader(null, any({ limits: 1 })),
      TypeError,
      "did you mean limit?",
    ],
    [() => reader.read(1.5), RangeError, "whole number"],
    [() => reader.read(NaN), TypeError, "number"],
    [() => reader.readinto(any(5)), TypeError, "not a Uint8Array"],
    [() => reader.readinto(any([0])), TypeError, "not a Uint8Array"],
    [() => reader.readexactly(-1), RangeError, ">= 0"],
    [() => reader.readexactly(any("1")), TypeError, "number"],
    [() => reader.readuntil(""), RangeError, "at least one-byte"],
    [() => reader.readuntil([]), RangeError, "at least one element"],
    [() => reader.readuntil(["a", ""]), RangeError, "at least one-byte"],
    [() => reader.readuntil(any(10)), TypeError, "neither a Uint8Array nor"],
    [() => reader.feedData(any([1])), TypeError, "neither a Uint8Array nor"],
  ];
  for (const [call, error, message] of table) {
    assertThrows(call, error, message);
  }
  reader.feedEof();
  assertThrows(() => reader.feedData("x"), Error, "after feedEof()");
  assertEquals(String(reader), "<StreamReader eof>");
});

Deno.test("a reader prints what it holds and what waits", async () => {
  const { contexts } = await runVirtually(async () => {
    const reader = new StreamReader();
    assertEquals(String(reader), "<StreamReader>");
    reader.feedData("data");
    assertEquals(String(reader), "<StreamReader 4 bytes>");
    const task = createTask(reader.readline());
    await sleep(0);
    assert(
      /^<StreamReader 4 bytes waiter=<Future pending.*>>$/.test(String(reader)),
    );
    reader.setException(new RangeError("x"));
    await assertRejects(async () => await task, RangeError);
    assertEquals(
      Deno.inspect(reader),
      "<StreamReader 4 bytes exception=RangeError('x')>",
    );
  });
  assertEquals(contexts, []);
});

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
  coroutine,
  createTask,
  currentTask,
  Event,
  EventLoop,
  getRunningLoop,
  type IterableSource,
  moveOnAfter,
  Queue,
  run,
  runCoroutineThreadsafe,
  sleep,
  type Task,
  taskGroup,
  timeout,
  TimeoutError,
  waitFor,
  wrapFuture,
  wrapIterable,
  type WrappedIterable,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  runScript,
  runVirtually,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import { randomly } from "../_sweep.ts";

/** A source that waits for native promises, as that of a host does. */
class NativeSource implements AsyncIterableIterator<number> {
  /** What was called. */
  readonly log: string[] = [];
  /** The reads that are under way. */
  readonly reads: PromiseWithResolvers<IteratorResult<number>>[] = [];

  next(): Promise<IteratorResult<number>> {
    this.log.push("next");
    const read = Promise.withResolvers<IteratorResult<number>>();
    this.reads.push(read);
    return read.promise;
  }

  return(): Promise<IteratorResult<number>> {
    this.log.push("return");
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the oldest read with a value. */
  give(value: number): void {
    this.reads.shift()!.resolve({ done: false, value });
  }

  /** Ends the oldest read: there is no more. */
  end(): void {
    this.reads.shift()!.resolve({ done: true, value: undefined });
  }

  /** Ends the oldest read with an error. */
  fail(error: unknown): void {
    this.reads.shift()!.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A stream whose reads end exactly when the test says so. */
class HandStream {
  readonly locked = false;
  readonly log: string[] = [];
  /** Whether `cancel()` waits for {@linkcode HandStream.failCancel}. */
  holdCancel = false;
  failCancel: (error: unknown) => void = () => {};
  #reads: ((result: IteratorResult<number>) => void)[] = [];

  getReader() {
    return {
      read: () => ({
        then: (done: (result: IteratorResult<number>) => void) =>
          this.#reads.push(done),
      }),
      cancel: () => ({
        then: (done: () => void, failed: (error: unknown) => void) => {
          this.failCancel = failed;
          if (!this.holdCancel) queueMicrotask(done);
        },
      }),
      releaseLock: () => this.log.push("released"),
    };
  }

  give(value: number): void {
    this.#reads.shift()!({ done: false, value });
  }

  asStream(): ReadableStream<number> {
    // A native stream ends its reads some microtasks later.
    return this as unknown as ReadableStream<number>;
  }
}

/** Numbers, one each second, and what has become of the generator. */
function seconds(log: string[] = []): AsyncGenerator<number> {
  return (async function* () {
    try {
      for (let i = 1;; i++) {
        await sleep(1);
        yield i;
      }
    } catch (error) {
      log.push(`threw ${(error as Error).name}`);
      throw error;
    } finally {
      await sleep(0.25);
      log.push("closed");
    }
  })();
}

/** The elements that a loop has got. */
async function collect<T>(
  iterable: AsyncIterable<T>,
  into: T[] = [],
): Promise<T[]> {
  for await (const element of iterable) into.push(element);
  return into;
}

/** `run()` in virtual time. It has to end. */
function inVirtualRun(main: () => Promise<void>): Promise<void> {
  const clock = new VirtualClock();
  return run(main, { loopFactory: () => new EventLoop({ clock }) });
}

/** Lets everything run that needs no time. */
function settle(): PromiseLike<void> {
  return sleep(0.001);
}

// Elements

Deno.test("wrapIterable() gives the elements of an async generator", async () => {
  await inVirtualTime(async () => {
    async function* source() {
      yield 1;
      await sleep(1);
      yield 2;
    }
    assertEquals(await collect(wrapIterable(source())), [1, 2]);
  });
});

Deno.test("wrapIterable() gives the chunks of a stream, and releases its lock at the end", async () => {
  await inVirtualTime(async () => {
    const stream = ReadableStream.from(["a", "b"]);
    const chunks = wrapIterable(stream);
    assert(stream.locked);
    assertEquals(await collect(chunks), ["a", "b"]);
    assertFalse(stream.locked);
  });
});

Deno.test("wrapIterable() gives the values of an iterable of promises and coroutines", async () => {
  await inVirtualTime(async () => {
    const parts = [Promise.resolve("a"), "b", sleep(1, "c")];
    assertEquals(await collect(wrapIterable(parts)), ["a", "b", "c"]);
  });
});

Deno.test("wrapIterable() gives the items of a queue", async () => {
  await inVirtualTime(async () => {
    const queue = new Queue<number>();
    const items = wrapIterable(queue);
    queue.putNowait(1);
    await assertRejects(
      () =>
        Promise.resolve(timeout(1, async () => {
          for (;;) assertEquals((await waitFor(items.next(), 9)).value, 1);
        })),
      TimeoutError,
    );
    queue.putNowait(2);
    assertEquals(await items.next(), { done: false, value: 2 });
    queue.shutdown();
    assertEquals(await items.next(), { done: true, value: undefined });
  });
});

testKinds("next() gives one result after another, then the end", (kind) => {
  return runScript(kind, function* (): Script<void> {
    const iterable = wrapIterable(ReadableStream.from([1, 2]));
    assertEquals(yield iterable.next(), { done: false, value: 1 });
    assertEquals(yield iterable.next(), { done: false, value: 2 });
    assertEquals(yield iterable.next(), { done: true, value: undefined });
    assertEquals(yield iterable.next(), { done: true, value: undefined });
  });
});

Deno.test("what was wrapped is returned as it is", () => {
  const iterable = wrapIterable([1]);
  const again: WrappedIterable<number> = wrapIterable(iterable);
  assertStrictEquals(again, iterable);
});

Deno.test("a wrapped iterable prints its state", async () => {
  await inVirtualTime(async () => {
    const iterable = wrapIterable([1]);
    assertEquals(String(iterable), "<WrappedIterable [open]>");
    await iterable.close();
    assertEquals(String(iterable), "<WrappedIterable [closed]>");
  });
});

Deno.test("nothing is read before the first wait", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const unused = iterable.next();
    await settle();
    assertEquals(source.log, []);
    unused.close();
  });
});

Deno.test("only one read of the source is under way, however many wait", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const tasks = [1, 2, 3].map(() => createTask(iterable.next()));
    await settle();
    assertEquals(source.reads.length, 1);
    source.give(1);
    await settle();
    assertEquals(source.reads.length, 1);
    assertEquals(tasks.map((task) => task.done()), [true, false, false]);
    source.end();
    await settle();
    assertEquals(tasks.map((task) => task.result().done), [false, true, true]);
    assertEquals(source.log, ["next", "next"]);
  });
});

// Wrong arguments

for (
  const [what, value] of [
    ["a number", 1],
    ["a string", "text"],
    ["null", null],
    ["undefined", undefined],
    ["a generator function", async function* () {}],
    ["a promise", Promise.resolve([])],
    ["an object whose iterator is none", { [Symbol.iterator]: () => ({}) }],
    ["an object whose async iterator is null", {
      [Symbol.asyncIterator]: () => null,
    }],
  ] as const
) {
  Deno.test(`wrapIterable() refuses ${what}`, () => {
    assertThrows(
      () => wrapIterable(value as never),
      TypeError,
      "Cannot wrap what is neither an iterable nor a ReadableStream",
    );
  });
}

Deno.test("wrapIterable() refuses a stream that is locked", async () => {
  const stream = ReadableStream.from([1]);
  const reader = stream.getReader();
  assertThrows(() => wrapIterable(stream), TypeError, "that is locked");
  assertEquals(await reader.read(), { done: false, value: 1 });
  await reader.cancel();
});

Deno.test("an iterable that is in use in one loop refuses another loop", async () => {
  const iterable = wrapIterable(ReadableStream.from([1, 2]));
  await inVirtualTime(async () => {
    await iterable.next();
  });
  await inVirtualTime(async () => {
    await assertRejects(
      () => Promise.resolve(iterable.next()),
      Error,
      "is bound to a different event loop",
    );
  });
});

// Cancelled waits, and elements that must not be lost

testKinds(
  "an element whose wait was cancelled goes to the next wait",
  (kind) => {
    return runScript(kind, function* (): Script<void> {
      const source = new NativeSource();
      const iterable = wrapIterable(source);
      assertInstanceOf(
        yield* caught(waitFor(iterable.next(), 1)),
        TimeoutError,
      );
      source.give(1); // while nothing waits
      yield sleep(1);
      assertEquals(yield iterable.next(), { done: false, value: 1 });
      assertEquals(source.log, ["next"]);
      const second = createTask(iterable.next());
      yield sleep(1);
      second.cancel();
      const third = createTask(iterable.next());
      yield sleep(1);
      source.give(2); // while another wait goes on
      assertEquals(yield third, { done: false, value: 2 });
      assertEquals(source.log, ["next", "next"]);
      yield iterable.close();
    });
  },
);

testKinds("a chunk whose wait was cancelled goes to the next wait", (kind) => {
  return runScript(kind, function* (): Script<void> {
    let controller!: ReadableStreamDefaultController<number>;
    const stream = new ReadableStream<number>({
      start: (given) => {
        controller = given;
      },
    });
    const iterable = wrapIterable(stream);
    assertInstanceOf(
      yield* caught(waitFor(iterable.next(), 1)),
      TimeoutError,
    );
    assert(stream.locked);
    controller.enqueue(1);
    controller.enqueue(2);
    yield sleep(1);
    assertEquals(yield iterable.next(), { done: false, value: 1 });
    assertEquals(yield iterable.next(), { done: false, value: 2 });
    controller.close();
    assertEquals(yield iterable.next(), { done: true, value: undefined });
  });
});

testKinds(
  "cancelling a wait does not cancel what an async generator waits for",
  (kind) => {
    return runScript(kind, function* (): Script<void> {
      const log: string[] = [];
      const iterable = wrapIterable(seconds(log));
      for (let i = 0; i < 3; i++) {
        assertInstanceOf(
          yield* caught(waitFor(iterable.next(), 0.3)),
          TimeoutError,
        );
      }
      assertEquals(yield iterable.next(), { done: false, value: 1 });
      assertEquals(getRunningLoop().time(), 1);
      assertEquals(log, []);
      yield iterable.close();
      assertEquals(log, ["closed"]);
    });
  },
);

Deno.test("cancelling a wait does not cancel what a stream waits for", async () => {
  await inVirtualTime(async () => {
    const iterable = wrapIterable(
      new ReadableStream<string>({
        async pull(controller) {
          await sleep(1);
          controller.enqueue("chunk");
          controller.close();
        },
      }, { highWaterMark: 0 }),
    );
    assertInstanceOf(
      await timeout(0.5, async () => await iterable.next())
        .catch((error) => error),
      TimeoutError,
    );
    assertEquals(await collect(iterable), ["chunk"]);
  });
});

testKinds(
  "an element that has woken a wait which is cancelled in the same turn is kept",
  (kind) => {
    return runScript(kind, function* (): Script<void> {
      const stream = new HandStream();
      const iterable = wrapIterable(stream.asStream());
      const task = createTask(iterable.next());
      yield sleep(1);
      stream.give(1);
      task.cancel();
      yield sleep(1);
      assert(task.cancelled());
      assertEquals(yield iterable.next(), { done: false, value: 1 });
      yield iterable.close();
    });
  },
);

testKinds("elements that are put back stay in order", (kind) => {
  return runScript(kind, function* (): Script<void> {
    const stream = new HandStream();
    const iterable = wrapIterable(stream.asStream());
    const [first, second] = [0, 1].map(() => createTask(iterable.next()));
    yield sleep(1);
    second.cancel();
    stream.give(1); // for the first
    stream.give(2); // for the second, which no longer wants it
    first.cancel();
    yield sleep(1);
    assertEquals([first.cancelled(), second.cancelled()], [true, true]);
    assertEquals(yield iterable.next(), { done: false, value: 1 });
    assertEquals(yield iterable.next(), { done: false, value: 2 });
    yield iterable.close();
  });
});

Deno.test("an element that was put back is gone once the source is closed", async () => {
  await inVirtualTime(async () => {
    const stream = new HandStream();
    const iterable = wrapIterable(stream.asStream());
    const task = createTask(iterable.next());
    await settle();
    stream.give(1);
    task.cancel();
    await settle();
    await iterable.close();
    assertEquals(await iterable.next(), { done: true, value: undefined });
  });
});

for (const [i, which] of ["first", "middle", "last"].entries()) {
  testKinds(`of three waits the ${which} can be cancelled`, (kind) => {
    return runScript(kind, function* (): Script<void> {
      const source = new NativeSource();
      const iterable = wrapIterable(source);
      const tasks = [0, 1, 2].map(() => createTask(iterable.next()));
      yield sleep(1);
      const [cancelled] = tasks.splice(i, 1);
      cancelled.cancel();
      yield sleep(1);
      assert(cancelled.cancelled());
      source.give(1);
      yield sleep(1);
      source.give(2);
      yield sleep(1);
      assertEquals(tasks.map((task) => task.result().value), [1, 2]);
      assertEquals(source.reads.length, 0);
      yield iterable.close();
    });
  });

  Deno.test(`of three tasks that iterate, the ${which} can be cancelled`, async () => {
    await inVirtualTime(async () => {
      const source = new NativeSource();
      const iterable = wrapIterable(source);
      const got: number[][] = [[], [], []];
      const tasks = got.map((into) =>
        createTask(async () => void await collect(iterable, into))
      );
      await settle();
      tasks[i].cancel();
      for (let value = 1; value <= 4; value++) {
        await settle();
        source.give(value);
      }
      await settle();
      const expected = [[1, 3], [2, 4]];
      expected.splice(i, 0, []);
      assertEquals(got, expected);
      assertEquals(source.log, ["next", "next", "next", "next", "next"]);
      source.end();
      await settle();
      assertEquals(
        tasks.map((task) => task.cancelled()),
        [0, 1, 2].map((j) => j === i),
      );
      assertEquals(source.log.includes("return"), false);
    });
  });
}

Deno.test("a wait that its task has left behind takes no element", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    await createTask(async () => {
      await Promise.race([iterable.next(), sleep(1)]);
    });
    const wait = createTask(iterable.next());
    await settle();
    source.give(1);
    assertEquals(await wait, { done: false, value: 1 });
    await iterable.close();
  });
});

// Leaving a loop

Deno.test("break closes the source, and waits for that", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    for await (const element of wrapIterable(seconds(log))) {
      if (element === 2) break;
    }
    assertEquals(log, ["closed"]);
    assertEquals(getRunningLoop().time(), 2.25);
  });
});

Deno.test("an error of the body closes the source, and is thrown", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    await assertRejects(
      async () => {
        for await (const _ of wrapIterable(seconds(log))) {
          throw new RangeError("no luck");
        }
      },
      RangeError,
      "no luck",
    );
    assertEquals(log, ["closed"]);
  });
});

Deno.test("break cancels a stream and releases its lock", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const stream = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(1),
      async cancel() {
        await sleep(1);
        log.push("cancelled");
      },
    });
    for await (const _ of wrapIterable(stream)) break;
    assertEquals(log, ["cancelled"]);
    assertFalse(stream.locked);
  });
});

Deno.test("break closes an iterable of promises", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    function* source() {
      try {
        yield Promise.resolve(1);
        yield Promise.resolve(2);
      } finally {
        log.push("closed");
      }
    }
    for await (const element of wrapIterable(source())) {
      assertEquals(element, 1);
      break;
    }
    assertEquals(log, ["closed"]);
  });
});

Deno.test("a cancelled wait closes an async generator, and waits for its clean-up", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const got: number[] = [];
    const task = createTask(async () => {
      await collect(wrapIterable(seconds(log)), got);
    });
    await sleep(2.5);
    task.cancel("enough");
    await assertRejects(() => Promise.resolve(task), CancelledError, "enough");
    assertEquals(got, [1, 2]);
    assertEquals(log, ["threw CancelledError", "closed"]);
    assertEquals(getRunningLoop().time(), 2.75);
  });
});

Deno.test("a time limit closes the source of a loop that waits for a native promise", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    await assertRejects(
      () =>
        Promise.resolve(
          timeout(1, () => collect(wrapIterable(source))),
        ),
      TimeoutError,
    );
    assertEquals(getRunningLoop().time(), 1);
    assertEquals(source.log, ["next", "return"]);
    source.end();
  });
});

Deno.test("a cancelled wait cancels a stream and releases its lock", async () => {
  await inVirtualTime(async () => {
    let isCancelled = false;
    const stream = new ReadableStream({
      cancel: () => {
        isCancelled = true;
      },
    });
    await moveOnAfter(1, () => collect(wrapIterable(stream)));
    assert(isCancelled);
    assertFalse(stream.locked);
  });
});

Deno.test("a cancelled loop does not wait for an async generator in a native promise", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const native = Promise.withResolvers<void>();
    async function* source() {
      try {
        await native.promise;
        yield 1;
      } finally {
        log.push("closed");
      }
    }
    const got: number[] = [];
    await moveOnAfter(1, () => collect(wrapIterable(source()), got));
    assertEquals(getRunningLoop().time(), 1);
    assertEquals(log, []);
    native.resolve();
    await settle();
    assertEquals(log, ["closed"]);
    assertEquals(got, []);
  });
});

Deno.test("a cancellation in the body closes the source, and is thrown", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const task = createTask(async () => {
      for await (const _ of wrapIterable(seconds(log))) await sleep(60);
    });
    await sleep(5);
    task.cancel();
    await sleep(1);
    assert(task.cancelled());
    assertEquals(log, ["closed"]);
  });
});

Deno.test("a cancellation during a native wait of the body closes the source at the next element", async () => {
  // Its coroutine never begins, so that nothing but `then` can see the error.
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const native = Promise.withResolvers<void>();
    const task = createTask(async () => {
      for await (const _ of wrapIterable(source)) await native.promise;
    });
    await settle();
    source.give(1);
    await settle();
    task.cancel();
    await settle();
    assertFalse(task.done());
    native.resolve();
    await settle();
    assert(task.cancelled());
    assertEquals(source.log, ["next", "return"]);
  });
});

Deno.test("a loop that is left by return() closes the source", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const first = createTask(async () => {
      for await (const element of wrapIterable(source)) return element;
    });
    await settle();
    source.give(7);
    assertEquals(await first, 7);
    assertEquals(source.log, ["next", "return"]);
  });
});

Deno.test("the last loop leaves the source to a next() that waits", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const loop = createTask(() => collect(iterable));
    const wait = createTask(iterable.next());
    await settle();
    loop.cancel();
    await settle();
    source.give(1);
    assertEquals(await wait, { done: false, value: 1 });
    assertEquals(source.log, ["next"]);
    await iterable.close();
  });
});

Deno.test("a loop that its task has left behind closes the source", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    await createTask(async () => {
      collect(wrapIterable(source)); // not awaited
      await sleep(1);
    });
    await settle();
    assertEquals(source.log, ["next", "return"]);
  });
});

Deno.test("the loop knows that a wait depends on something outside", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const closed = Promise.withResolvers<IteratorResult<number>>();
    const iterable = wrapIterable(closedBy(() => closed.promise));
    const source = new NativeSource();
    const waiting = createTask(wrapIterable(source).next());
    await settle();
    assertEquals(loop.$holdingsOf.externals, 1);
    waiting.cancel();
    await settle();
    assertEquals(loop.$holdingsOf.externals, 0);
    await iterable.next();
    const closing = createTask(iterable.close());
    await settle();
    assertEquals(loop.$holdingsOf.externals, 1);
    closed.resolve({ done: true, value: undefined });
    await closing;
    assertEquals(loop.$holdingsOf.externals, 0);
    source.end();
    await settle();
  });
});

Deno.test("the last of several loops closes the source", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const tasks = [0, 1].map(() =>
      createTask(async () => {
        for await (const element of iterable) return element;
      })
    );
    await settle();
    source.give(1);
    await settle();
    assertEquals(source.log, ["next", "next"]);
    source.give(2);
    await settle();
    assertEquals(tasks.map((task) => task.result()), [1, 2]);
    assertEquals(source.log, ["next", "next", "return"]);
  });
});

Deno.test("a source that has ended is not closed", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const task = createTask(() => collect(iterable));
    await settle();
    source.end();
    assertEquals(await task, []);
    await iterable.close();
    assertEquals(source.log, ["next"]);
  });
});

Deno.test("the next() of an iterator keeps the source open if waitFor() is what waits", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterator = wrapIterable(source)[Symbol.asyncIterator]();
    const error = await waitFor(iterator.next(), 1).catch((error) => error);
    assertInstanceOf(error, TimeoutError);
    source.give(1);
    assertEquals(await iterator.next(), { done: false, value: 1 });
    await iterator.return!();
    assertEquals(await iterator.next(), { done: true, value: undefined });
    assertEquals(source.log, ["next", "return"]);
  });
});

// close()

testKinds("close() ends all waits, and closes the source once", (kind) => {
  return runScript(kind, function* (): Script<void> {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const tasks = [0, 1].map(() => createTask(iterable.next()));
    yield sleep(1);
    yield iterable.close();
    yield iterable.close();
    yield sleep(1);
    assertEquals(tasks.map((task) => task.result().done), [true, true]);
    assertEquals(yield iterable.next(), { done: true, value: undefined });
    assertEquals(source.log, ["next", "return"]);
    source.give(1); // too late
    yield sleep(1);
    assertEquals(yield iterable.next(), { done: true, value: undefined });
  });
});

Deno.test("await using closes the source", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    {
      await using iterable = wrapIterable(seconds(log));
      assertEquals(await iterable.next(), { done: false, value: 1 });
    }
    assertEquals(log, ["closed"]);
  });
});

testKinds("close() before the first wait closes the source", (kind) => {
  return runScript(kind, function* (): Script<void> {
    const source = new NativeSource();
    yield wrapIterable(source).close();
    assertEquals(source.log, ["return"]);
  });
});

// Sources that fail

Deno.test("an error of the source is thrown as it is, and is the end", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const first = createTask(iterable.next());
    const second = createTask(iterable.next());
    await settle();
    const error = new Error("no luck");
    source.fail(error);
    await settle();
    assertStrictEquals(first.exception(), error);
    assertEquals(second.result(), { done: true, value: undefined });
    assertEquals(await iterable.next(), { done: true, value: undefined });
    assertEquals(source.log, ["next"]);
  });
});

Deno.test("an error of a stream is thrown as it is, and its lock is released", async () => {
  await inVirtualTime(async () => {
    const error = new Error("no luck");
    const stream = new ReadableStream({
      start: (controller) => controller.error(error),
    });
    const iterable = wrapIterable(stream);
    assertStrictEquals(await collect(iterable).catch((error) => error), error);
    assertFalse(stream.locked);
    assertEquals(await collect(iterable), []);
  });
});

Deno.test("an error of the source whose wait was cancelled goes to the next wait", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    await waitFor(iterable.next(), 1).catch(() => {});
    source.fail(new RangeError("no luck"));
    await settle();
    await assertRejects(
      () => Promise.resolve(iterable.next()),
      RangeError,
      "no luck",
    );
    assertEquals(await iterable.next(), { done: true, value: undefined });
  });
});

const FAULTY: [string, () => unknown, string][] = [
  ["throws", () => {
    throw new TypeError("no luck");
  }, "no luck"],
  ["returns no object", () => 1, "Iterator result is not an object"],
  [
    "gives no object",
    () => Promise.resolve(null),
    "Iterator result is not an object",
  ],
];

for (const [what, next, message] of FAULTY) {
  Deno.test(`a source whose next() ${what} ends the loop, and is not closed`, async () => {
    await inVirtualTime(async () => {
      let closed = 0;
      const iterable = wrapIterable<never>({
        [Symbol.asyncIterator]: () => ({
          next: next as () => Promise<IteratorResult<never>>,
          return: () => {
            closed++;
            return Promise.resolve({ done: true as const, value: undefined });
          },
        }),
      });
      await assertRejects(() => collect(iterable), TypeError, message);
      assertEquals(await collect(iterable), []);
      assertEquals(closed, 0);
    });
  });
}

Deno.test("a rejected promise ends an iterable of promises, and closes it", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    function* source() {
      try {
        yield Promise.reject(new Error("no luck"));
        yield Promise.resolve(2);
      } finally {
        log.push("closed");
      }
    }
    const iterable = wrapIterable(source());
    await assertRejects(() => collect(iterable), Error, "no luck");
    assertEquals(log, ["closed"]);
    assertEquals(await collect(iterable), []);
  });
});

Deno.test("a source that rejects with a cancellation cancels the task that waits", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const task = createTask(() => collect(wrapIterable(source)));
    await settle();
    source.fail(new CancelledError("from the source"));
    await settle();
    assert(task.cancelled());
    assertEquals(source.log, ["next"]);
  });
});

/** A source of one element, with a `return()` of its own. */
function closedBy(close: () => unknown): AsyncIterable<number> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false, value: 1 }),
      return: close as () => Promise<IteratorResult<number>>,
    }),
  };
}

const FAULTY_CLOSE: [string, () => unknown, string][] = [
  ["throws", () => {
    throw new TypeError("no luck");
  }, "no luck"],
  ["rejects", () => Promise.reject(new TypeError("no luck")), "no luck"],
  ["gives no object", () => 1, "Iterator result is not an object"],
];

for (const [what, close, message] of FAULTY_CLOSE) {
  Deno.test(`break throws the error of a return() that ${what}`, async () => {
    await inVirtualTime(async () => {
      await assertRejects(
        async () => {
          for await (const _ of wrapIterable(closedBy(close))) break;
        },
        TypeError,
        message,
      );
    });
  });

  Deno.test(`an error of the body takes precedence over a return() that ${what}`, async () => {
    await inVirtualTime(async () => {
      await assertRejects(
        async () => {
          for await (const _ of wrapIterable(closedBy(close))) {
            throw new RangeError("of the body");
          }
        },
        RangeError,
        "of the body",
      );
    });
  });

  testKinds(`close() throws the error of a return() that ${what}`, (kind) => {
    return runScript(kind, function* (): Script<void> {
      const iterable = wrapIterable(closedBy(close));
      yield iterable.next();
      const error = yield* caught(iterable.close());
      assertInstanceOf(error, TypeError);
      assert(error.message.startsWith(message), error.message);
      assertEquals(yield* caught(iterable.close()), null);
    });
  });
}

Deno.test("an error of closing after a cancellation is reported", async () => {
  const { contexts } = await runVirtually(async () => {
    const error = new Error("no luck");
    const task = createTask(() =>
      collect(wrapIterable({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<IteratorResult<number>>(() => {}),
          return: () => Promise.reject(error),
        }),
      }))
    );
    await settle();
    task.cancel();
    await settle();
    assert(task.cancelled());
  });
  assertEquals(contexts.map(({ message }) => message), [
    "Exception while closing what was wrapped with wrapIterable()",
  ]);
  assertEquals((contexts[0].exception as Error).message, "no luck");
});

Deno.test("an error that an interrupted async generator throws while it cleans up is reported", async () => {
  const { contexts } = await runVirtually(async () => {
    async function* source() {
      try {
        await sleep(60);
        yield 1;
      } finally {
        // deno-lint-ignore no-unsafe-finally -- a fault in the clean-up
        throw new Error("no luck");
      }
    }
    const task = createTask(() => collect(wrapIterable(source())));
    await settle();
    task.cancel();
    await settle();
    assert(task.cancelled());
  });
  assertEquals(contexts.map(({ message }) => message), [
    "Exception while closing what was wrapped with wrapIterable()",
  ]);
  assertEquals((contexts[0].exception as Error).message, "no luck");
});

Deno.test("a return() that rejects with a cancellation ends the loop with it", async () => {
  await inVirtualTime(async () => {
    const error = new CancelledError("from the source");
    const source = closedBy(() => Promise.reject(error));
    const task = createTask(async () => {
      for await (const _ of wrapIterable(source)) break;
    });
    await settle();
    assert(task.cancelled());
  });
});

// Cancelled while closing

Deno.test("a cancellation ends the wait for a return() that hangs", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const source = closedBy(() => new Promise(() => {}));
    const task = createTask(async () => {
      for await (const _ of wrapIterable(source)) break;
      log.push("left");
      await sleep(1);
      log.push("not reached");
    });
    await settle();
    assertFalse(task.done());
    task.cancel("enough");
    await assertRejects(() => Promise.resolve(task), CancelledError, "enough");
    assertEquals(log, ["left"]);
  });
});

Deno.test("a cancellation while closing after an error is thrown in the next wait", async () => {
  // `for await` drops what `return()` throws when the body has thrown an error.
  await inVirtualTime(async () => {
    const log: string[] = [];
    const source = closedBy(() => new Promise(() => {}));
    const task = createTask(async () => {
      try {
        for await (const _ of wrapIterable(source)) throw new Error("no luck");
      } catch (error) {
        log.push((error as Error).message);
      }
      await sleep(1);
      log.push("not reached");
    });
    await settle();
    task.cancel("enough");
    await assertRejects(() => Promise.resolve(task), CancelledError, "enough");
    assertEquals(log, ["no luck"]);
  });
});

Deno.test("a time limit that expires while closing throws TimeoutError", async () => {
  await inVirtualTime(async () => {
    const source = closedBy(() => new Promise(() => {}));
    await assertRejects(
      () =>
        Promise.resolve(timeout(1, async () => {
          for await (const _ of wrapIterable(source)) break;
          await sleep(60);
        })),
      TimeoutError,
    );
    assertEquals(getRunningLoop().time(), 1);
    assertEquals(currentTask()!.cancelling(), 0);
  });
});

Deno.test("a cancellation during a native wait of the body is thrown after break", async () => {
  // It is due when `return()` is awaited, which must neither throw nor be skipped.
  await inVirtualTime(async () => {
    const log: string[] = [];
    const source = new NativeSource();
    const native = Promise.withResolvers<void>();
    const task = createTask(async () => {
      try {
        for await (const _ of wrapIterable(source)) {
          await native.promise;
          throw new Error("no luck");
        }
      } catch (error) {
        log.push((error as Error).message);
      }
      await sleep(1);
      log.push("not reached");
    });
    await settle();
    source.give(1);
    await settle();
    task.cancel();
    native.resolve();
    await settle();
    assert(task.cancelled());
    assertEquals(log, ["no luck"]);
    assertEquals(source.log, ["next", "return"]);
  });
});

Deno.test("an error of closing that comes together with a cancellation is thrown, and so is that", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const stream = new HandStream();
    const task = createTask(async () => {
      try {
        for await (const _ of wrapIterable(stream.asStream())) break;
      } catch (error) {
        log.push((error as Error).message);
      }
      await sleep(1);
      log.push("not reached");
    });
    await settle();
    stream.holdCancel = true;
    stream.give(1);
    await settle();
    stream.failCancel(new Error("no luck"));
    task.cancel();
    await settle();
    assert(task.cancelled());
    assertEquals(log, ["no luck"]);
  });
});

Deno.test("a cancellation while closing reaches neither generator nor stream", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const stream = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(1),
      async cancel() {
        await sleep(1);
        log.push("stream closed");
      },
    });
    async function* source() {
      try {
        yield 1;
      } finally {
        await sleep(1);
        log.push("generator closed");
      }
    }
    for (const iterable of [wrapIterable(stream), wrapIterable(source())]) {
      const task = createTask(async () => {
        for await (const _ of iterable) break;
      });
      await settle();
      task.cancel();
      await settle();
      assert(task.done());
    }
    await sleep(2);
    assertEquals(log, ["stream closed", "generator closed"]);
  });
});

testKinds("close() can be cancelled, and the source is closed once", (kind) => {
  return runScript(kind, function* (): Script<void> {
    let closed = 0;
    const iterable = wrapIterable(closedBy(() => {
      closed++;
      return new Promise(() => {});
    }));
    yield iterable.next();
    for (let i = 0; i < 2; i++) {
      assertInstanceOf(
        yield* caught(waitFor(iterable.close(), 1)),
        TimeoutError,
      );
    }
    assertEquals(closed, 1);
  });
});

Deno.test("a second cancellation ends the clean-up of an async generator", async () => {
  await inVirtualTime(async () => {
    const hanging = Promise.withResolvers<void>();
    async function* source() {
      try {
        await sleep(60);
        yield 1;
      } finally {
        await hanging.promise;
      }
    }
    const task: Task<number[]> = createTask(() =>
      collect(wrapIterable(source()))
    );
    await sleep(1);
    task.cancel();
    await sleep(1);
    assertFalse(task.done());
    task.cancel("now");
    await assertRejects(() => Promise.resolve(task), CancelledError, "now");
    hanging.resolve();
    await settle();
  });
});

// Groups and loops

Deno.test("workers of a group share a source, and a failure closes it", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const iterable = wrapIterable(source);
    const group = createTask(() =>
      taskGroup(async (group) => {
        for (let i = 0; i < 3; i++) {
          group.createTask(async () => {
            for await (const element of iterable) {
              if (element === 2) throw new Error("no luck");
            }
          });
        }
      })
    );
    await settle();
    source.give(1);
    await settle();
    source.give(2);
    await settle();
    assertInstanceOf(group.exception(), AggregateError);
    assertEquals(source.log, ["next", "next", "next", "return"]);
    source.end();
    await settle();
  });
});

Deno.test("the end of run() closes a generator that was left alone", async () => {
  const log: string[] = [];
  await inVirtualRun(async () => {
    const iterable = wrapIterable(seconds(log));
    await waitFor(iterable.next(), 0.5).catch(() => {});
  });
  assertEquals(log, ["threw CancelledError", "closed"]);
});

Deno.test("the end of run() closes a source that waits for a native promise", async () => {
  const source = new NativeSource();
  await inVirtualRun(async () => {
    const iterable = wrapIterable(source);
    await waitFor(iterable.next(), 0.5).catch(() => {});
  });
  assertEquals(source.log, ["next", "return"]);
});

Deno.test("run() ends while tasks iterate over a source that never answers", async () => {
  const source = new NativeSource();
  await inVirtualRun(async () => {
    const iterable = wrapIterable(source);
    for (let i = 0; i < 2; i++) createTask(() => collect(iterable));
    await settle();
  });
  assertEquals(source.log, ["next", "return"]);
});

Deno.test("a source that another task has to feed is waited for side by side", async () => {
  await inVirtualTime(async () => {
    const { readable, writable } = new TransformStream<number, number>();
    const reading = createTask(() => collect(wrapIterable(readable)));
    const writer = writable.getWriter();
    for (let i = 0; i < 3; i++) {
      await sleep(1);
      await wrapFuture(writer.write(i));
    }
    await wrapFuture(writer.close());
    assertEquals(await reading, [0, 1, 2]);
  });
});

Deno.test("an element that comes from the host wakes an idle loop", async () => {
  await inVirtualTime(async () => {
    const source = new NativeSource();
    const next = createTask(
      inKind("generator", function* (): Script<unknown> {
        return yield iterable.next();
      })(),
    );
    const iterable = wrapIterable(source);
    const hop = () =>
      source.reads.length === 0 ? setImmediate(hop) : source.give(1);
    setImmediate(hop);
    assertEquals(await next, { done: false, value: 1 });
    await iterable.close();
  });
});

// Many orders of events

const SOURCES: Record<
  string,
  (elements: () => AsyncGenerator<number>, count: number) => IterableSource<
    number
  >
> = {
  "an async generator": (elements) => elements(),
  "a stream": (elements) => ReadableStream.from(elements()),
  "an iterable of promises": (_, count) =>
    Array.from(
      { length: count },
      (_, i) => i % 2 === 0 ? i : Promise.resolve(i),
    ),
};

const COUNT = 30;

/** Has four tasks take all elements while tasks are cancelled at random. */
async function takeAll(
  make: typeof SOURCES[string],
  random: (limit: number) => number,
): Promise<number[]> {
  const got: number[] = [];
  async function* elements() {
    for (let i = 0; i < COUNT; i++) {
      if (random(3) === 0) await sleep(random(4));
      yield i;
    }
  }
  const iterable = wrapIterable(make(elements, COUNT));
  async function work(): Promise<void> {
    for (;;) {
      const limit = random(3) === 0 ? random(3) : null;
      try {
        const result = await waitFor(iterable.next(), limit);
        if (result.done) return;
        got.push(result.value);
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      if (random(3) === 0) await sleep(random(3));
    }
  }
  const tasks = [0, 1, 2, 3].map(() => createTask(work));
  // Without end, if an element were lost.
  for (let i = 0; i < 1000 && got.length < COUNT; i++) {
    await sleep(random(3));
    const which = random(tasks.length);
    tasks[which].cancel();
    tasks[which] = createTask(work);
  }
  await iterable.close();
  await sleep(10);
  return got;
}

for (const [what, make] of Object.entries(SOURCES)) {
  Deno.test(`no element of ${what} is lost or doubled, whatever is cancelled`, async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const got = await inVirtualTime(() => takeAll(make, randomly(seed)));
      assertEquals(
        got.toSorted((a, b) => a - b),
        Array.from({ length: COUNT }, (_, i) => i),
        `seed ${seed}`,
      );
    }
  });
}

// Real servers and clients. They are skipped without the permission for that.

const HOST = "127.0.0.1";
const noNetwork =
  (await Deno.permissions.query({ name: "net", host: HOST })).state !==
    "granted";

/** Far more than needed, so that a broken test fails instead of hanging. */
const SECONDS_TO_HANG_UP = 30;

/**
 * Serves one client a body that never ends. The promise is fulfilled when the
 * client has hung up.
 */
async function serveEndlessBody(listener: Deno.Listener): Promise<void> {
  using connection = await listener.accept();
  const buffer = new Uint8Array(4096);
  await connection.read(buffer); // the request
  await connection.write(new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nfirst chunk",
  ));
  assertEquals(await connection.read(buffer), null, "the client hung up");
}

/** Waits for the first chunk, and never ends: two ways to read a body. */
const READERS: Record<string, (url: string, first: Event) => Promise<void>> = {
  async "for await over wrapIterable()"(url, first) {
    const response = await wrapFuture((signal) => fetch(url, { signal }));
    for await (const _ of wrapIterable(response.body!)) first.set();
  },
  async "wrapFuture() of the whole exchange"(url, first) {
    await wrapFuture(async (signal) => {
      const response = await fetch(url, { signal });
      first.set();
      await response.text();
    });
  },
};

for (const [what, read] of Object.entries(READERS)) {
  Deno.test({
    name: `cancelling ${what} closes the connection, and the server sees it`,
    ignore: noNetwork,
    async fn() {
      using listener = Deno.listen({ hostname: HOST, port: 0 });
      const served = serveEndlessBody(listener);
      const { port } = listener.addr as Deno.NetAddr;
      await run(async () => {
        const first = new Event();
        const task = createTask(() => read(`http://${HOST}:${port}/`, first));
        await first.wait();
        task.cancel();
        await assertRejects(() => Promise.resolve(task), CancelledError);
        await waitFor(served, SECONDS_TO_HANG_UP);
      });
    },
  });
}

Deno.test({
  name:
    "a cancelled loop over a listener closes it, and loses no connection before",
  ignore: noNetwork,
  async fn() {
    const echo = (connection: Deno.Conn) => async () => {
      using _ = connection;
      for await (const chunk of wrapIterable(connection.readable)) {
        await wrapFuture(connection.write(chunk));
      }
    };
    await run(async () => {
      const listener = Deno.listen({ hostname: HOST, port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      const server = createTask(() =>
        taskGroup(async (group) => {
          for await (const connection of wrapIterable(listener)) {
            group.createTask(echo(connection));
          }
        })
      );
      for (let i = 0; i < 2; i++) {
        using client = await Deno.connect({ hostname: HOST, port });
        await client.write(new Uint8Array([i]));
        const buffer = new Uint8Array(4);
        assertEquals(await wrapFuture(client.read(buffer)), 1);
        assertEquals(buffer[0], i);
      }
      server.cancel();
      await assertRejects(() => Promise.resolve(server), CancelledError);
      assertThrows(() => listener.close(), Deno.errors.BadResource);
    });
  },
});

Deno.test({
  name: "a handler of Deno.serve() is told what to do instead of createTask()",
  ignore: noNetwork,
  async fn() {
    const work = coroutine(async (text: string) => await sleep(0, text));
    await run(() =>
      taskGroup(async (group) => {
        const loop = getRunningLoop();
        const ways: Record<string, () => PromiseLike<string>> = {
          "/createTask": () => createTask(work("not reached")),
          "/group": () => group.createTask(work("of the group")),
          "/loop": () => loop.createTask(work("of the loop")),
          "/threadsafe": () =>
            runCoroutineThreadsafe(work("from a promise"), loop),
        };
        const server = Deno.serve(
          { hostname: HOST, port: 0, onListen: () => {} },
          async (request) => {
            try {
              return new Response(await ways[new URL(request.url).pathname]());
            } catch (error) {
              return new Response((error as Error).message);
            }
          },
        );
        const answers: string[] = [];
        for (const path of Object.keys(ways)) {
          const url = `http://${HOST}:${server.addr.port}${path}`;
          answers.push(
            await wrapFuture(async (signal) =>
              await (await fetch(url, { signal })).text()
            ),
          );
        }
        await wrapFuture(server.shutdown());
        const [message, ...rest] = answers;
        assert(message.startsWith("no running event loop: "), message);
        assert(message.includes("group.createTask(), loop.createTask()"));
        assertEquals(rest, ["of the group", "of the loop", "from a promise"]);
      })
    );
  },
});

const { state: running } = await Deno.permissions.query({
  name: "run",
  command: Deno.execPath(),
});

Deno.test({
  name: "examples/server.ts limits, times out and cuts short its requests",
  ignore: running !== "granted",
  async fn() {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-lock",
        "--allow-net=127.0.0.1",
        "--unstable-no-legacy-abort",
        "examples/server.ts",
      ],
      cwd: new URL("../..", import.meta.url),
      env: { NO_COLOR: "1" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assertEquals([code, err], [0, ""]);
    assertEquals(out.trim().split("\n"), [
      "200 0.03",
      "200 0.02",
      "200 0.01",
      "too slow: 504",
      "at the end: 200 goodbye",
      "cut short: 503",
    ]);
  },
});

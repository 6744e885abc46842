import { timersOf } from "../_internals.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  allTasks,
  CancelledError,
  type CoroutineLike,
  createTask,
  EventLoop,
  type ExceptionContext,
  getEventLoop,
  getRunningLoop,
  Runner,
  setEventLoop,
  sleep,
} from "@asyncio/asyncio";
import { inKind, testKinds, VirtualClock } from "../_helpers.ts";

/** A runner in virtual time, and the errors reported to its exception handler. */
function virtualRunner(): { runner: Runner; contexts: ExceptionContext[] } {
  const contexts: ExceptionContext[] = [];
  const loopFactory = () => {
    const loop = new EventLoop({ clock: new VirtualClock() });
    loop.setExceptionHandler((_loop, context) => contexts.push(context));
    return loop;
  };
  return { runner: new Runner({ loopFactory }), contexts };
}

// run()

testKinds("Runner runs several coroutines in one loop", async (kind) => {
  const { runner, contexts } = virtualRunner();
  const work = inKind(kind, function* work(n: number) {
    yield sleep(1);
    return { n, loop: getRunningLoop(), time: getRunningLoop().time() };
  });
  const loop = runner.getLoop();
  for (const n of [1, 2, 3]) {
    assertEquals(await runner.run(work(n)), { n, loop, time: n });
    assertFalse(loop.isRunning());
    assertFalse(loop.isClosed());
  }
  await runner.close();
  assert(loop.isClosed());
  assertEquals(contexts, []);
});

Deno.test("Runner.run() accepts a coroutine, an async and a generator function", async () => {
  const { runner } = virtualRunner();
  assertEquals(await runner.run(sleep(1, "coroutine")), "coroutine");
  assertEquals(await runner.run(async () => "async"), "async");
  assertEquals(
    await runner.run(function* () {
      return yield* sleep(1, "generator");
    }),
    "generator",
  );
  await runner.close();
});

testKinds(
  "Runner.run() rejects with the error that the coroutine throws, and can be called again",
  async (kind) => {
    const { runner, contexts } = virtualRunner();
    const error = new RangeError("mine");
    const fail = inKind(kind, function* fail() {
      yield sleep(1);
      throw error;
    });
    assertStrictEquals(await assertRejects(() => runner.run(fail())), error);
    assertEquals(await runner.run(sleep(1, "next")), "next");
    await runner.close();
    assertEquals(contexts, []);
  },
);

testKinds("a task that is left continues in the next run()", async (kind) => {
  const { runner } = virtualRunner();
  const log: string[] = [];
  const rest = inKind(kind, function* rest() {
    for (const n of [1, 2, 3]) {
      yield sleep(2);
      log.push(`rest ${n}`);
    }
  });
  await runner.run(async () => {
    createTask(rest());
    await sleep(3);
  });
  assertEquals(log, ["rest 1"]);
  await runner.run(sleep(2));
  assertEquals(log, ["rest 1", "rest 2"]);
  await runner.close();
  assertEquals(log, ["rest 1", "rest 2"]);
});

Deno.test("a future of one run() can be awaited in the next", async () => {
  const { runner } = virtualRunner();
  const future = runner.getLoop().createFuture<string>();
  await runner.run(async () => future.setResult("kept"));
  assertEquals(await runner.run(async () => await future), "kept");
  await runner.close();
});

Deno.test("Runner.run() keeps the AsyncLocalStorage of its caller", async () => {
  const { runner } = virtualRunner();
  const store = new AsyncLocalStorage<number>();
  for (const n of [1, 2, 3]) {
    const seen = await store.run(n, () =>
      runner.run(async () => {
        await sleep(1);
        return store.getStore();
      }));
    assertEquals(seen, n);
  }
  await runner.close();
});

// Its loop

Deno.test("Runner creates its loop once, when it is first needed", async () => {
  let made = 0;
  const runner = new Runner({
    loopFactory() {
      made++;
      return new EventLoop({ clock: new VirtualClock() });
    },
  });
  assertEquals(made, 0);
  const loop = runner.getLoop();
  assertStrictEquals(runner.getLoop(), loop);
  await runner.run(async () => assertStrictEquals(getRunningLoop(), loop));
  assertEquals(made, 1);
  await runner.close();
});

Deno.test("Runner without loopFactory sets its loop as the current loop until it is closed", async () => {
  setEventLoop(null);
  const runner = new Runner();
  const loop = runner.getLoop();
  assertStrictEquals(getEventLoop(), loop);
  await runner.run(async () => {});
  assertStrictEquals(getEventLoop(), loop);
  await runner.close();
  assert(getEventLoop() !== loop);
  setEventLoop(null);
});

Deno.test("Runner sets the current loop once, not with each run()", async () => {
  setEventLoop(null);
  const runner = new Runner();
  await runner.run(async () => {});
  const other = new EventLoop();
  setEventLoop(other);
  await runner.run(async () => {});
  assertStrictEquals(getEventLoop(), other);
  await runner.close();
  setEventLoop(null);
  other.close();
});

Deno.test("Runner with loopFactory does not change the current loop", async () => {
  const current = new EventLoop();
  setEventLoop(current);
  const { runner } = virtualRunner();
  await runner.run(async () => {});
  assertStrictEquals(getEventLoop(), current);
  await runner.close();
  assertStrictEquals(getEventLoop(), current);
  setEventLoop(null);
  current.close();
});

for (const debug of [true, false]) {
  Deno.test(`Runner with debug: ${debug} sets the debug mode of its loop`, async () => {
    const runner = new Runner({
      debug,
      loopFactory: () => new EventLoop({ debug: !debug }),
    });
    assertEquals(runner.getLoop().getDebug(), debug);
    await runner.close();
  });
}

Deno.test("Runner without debug does not change the debug mode of its loop", async () => {
  const runner = new Runner({
    loopFactory: () => new EventLoop({ debug: true }),
  });
  assert(runner.getLoop().getDebug());
  await runner.close();
});

// close()

testKinds(
  "Runner.close() cancels the tasks that are left, and waits for them",
  async (kind) => {
    const { runner, contexts } = virtualRunner();
    const log: string[] = [];
    const rest = inKind(kind, function* rest(name: string, seconds: number) {
      try {
        yield sleep(Infinity);
      } finally {
        yield sleep(seconds);
        log.push(name);
      }
    });
    await runner.run(async () => {
      createTask(rest("a", 3));
      createTask(rest("b", 1));
      createTask(rest("c", 2));
      await sleep(1);
    });
    const loop = runner.getLoop();
    await runner.close();
    assertEquals(log, ["b", "c", "a"]);
    assert(loop.isClosed());
    assertEquals([...allTasks(loop)], []);
    assertEquals(timersOf(loop).size, 0);
    assertEquals(contexts, []);
  },
);

Deno.test("Runner.close() reports tasks that fail meanwhile, and closes the loop", async () => {
  const { runner, contexts } = virtualRunner();
  const error = new Error("while cleaning up");
  await runner.run(async () => {
    createTask(async () => {
      try {
        await sleep(Infinity);
      } catch {
        throw error;
      }
    });
    await sleep(1);
  });
  const loop = runner.getLoop();
  await runner.close();
  assert(loop.isClosed());
  assertEquals(contexts.map(({ message, exception }) => [message, exception]), [
    ["unhandled exception during run() shutdown", error],
  ]);
});

Deno.test("Runner.close() does nothing the second time", async () => {
  const { runner } = virtualRunner();
  const loop = runner.getLoop();
  await Promise.all([runner.close(), runner.close()]);
  assert(loop.isClosed());
  await runner.close();
});

Deno.test("Runner.close() creates no loop if none was needed", async () => {
  let made = 0;
  const runner = new Runner({
    loopFactory() {
      made++;
      return new EventLoop();
    },
  });
  await runner.close();
  assertEquals(made, 0);
});

Deno.test("a closed Runner refuses to run, and the coroutine can still be run", async () => {
  const { runner } = virtualRunner();
  await runner.run(async () => {});
  await runner.close();
  assertThrows(() => runner.getLoop(), Error, "Runner is closed");
  const coro = sleep(0, "kept");
  await assertRejects(() => runner.run(coro), Error, "Runner is closed");
  const { runner: other } = virtualRunner();
  assertEquals(await other.run(coro), "kept");
  await other.close();
});

testKinds(
  "Runner.close() cancels the running coroutine, waits, and closes the loop",
  async (kind) => {
    const { runner, contexts } = virtualRunner();
    const log: string[] = [];
    const started = Promise.withResolvers<void>();
    const running = runner.run(inKind(kind, function* main() {
      started.resolve();
      try {
        yield sleep(60);
      } finally {
        yield sleep(5);
        log.push("cleaned up");
      }
    }));
    const rejected = assertRejects(() => running, CancelledError);
    const loop = runner.getLoop();
    await started.promise;
    await runner.close();
    await rejected;
    assertEquals(log, ["cleaned up"]);
    assert(loop.isClosed());
    assertEquals(contexts, []);
  },
);

Deno.test("Runner.close() inside its loop is refused, and cancels nothing", async () => {
  const { runner } = virtualRunner();
  const result = await runner.run(async () => {
    await assertRejects(
      () => runner.close(),
      Error,
      "cannot be called from a running event loop",
    );
    return await sleep(1, "went on");
  });
  assertEquals(result, "went on");
  const loop = runner.getLoop();
  await runner.close();
  assert(loop.isClosed());
});

// using

testKinds(
  "await using closes the Runner at the end of the block",
  async (kind) => {
    const log: string[] = [];
    let loop: EventLoop;
    {
      const { runner: made } = virtualRunner();
      await using runner = made;
      loop = runner.getLoop();
      await runner.run(async () => {
        createTask(inKind(kind, function* rest() {
          try {
            yield sleep(Infinity);
          } finally {
            yield sleep(1);
            log.push("rest");
          }
        }));
        await sleep(1);
      });
    }
    assert(loop.isClosed());
    assertEquals(log, ["rest"]);
  },
);

Deno.test("await using closes the Runner when the block throws", async () => {
  let loop: EventLoop | undefined;
  await assertRejects(
    async () => {
      const { runner: made } = virtualRunner();
      await using runner = made;
      loop = runner.getLoop();
      await runner.run(async () => {
        throw new Error("mine");
      });
    },
    Error,
    "mine",
  );
  assert(loop!.isClosed());
});

Deno.test("using closes the Runner without waiting for it", async () => {
  let loop: EventLoop;
  const ended = Promise.withResolvers<void>();
  {
    const { runner: made } = virtualRunner();
    using runner = made;
    loop = runner.getLoop();
    await runner.run(async () => {
      createTask(async () => {
        try {
          await sleep(Infinity);
        } finally {
          ended.resolve();
        }
      });
      await sleep(1);
    });
    assertFalse(loop.isClosed());
  }
  await ended.promise;
  // The loop is closed when the last task has ended: one macrotask is plenty.
  await new Promise((resolve) => setImmediate(resolve));
  assert(loop.isClosed());
});

Deno.test("a disposed Runner cannot be used again", async () => {
  const { runner } = virtualRunner();
  {
    await using disposed = runner;
    await disposed.run(async () => {});
  }
  await assertRejects(
    () => runner.run(async () => {}),
    Error,
    "Runner is closed",
  );
});

// Errors

Deno.test("Runner.run() inside a running loop is refused, and the coroutine can still be awaited", async () => {
  const { runner } = virtualRunner();
  const { runner: other } = virtualRunner();
  const result = await runner.run(async () => {
    const coro = sleep(0, "kept");
    for (const refusing of [runner, other]) {
      await assertRejects(
        () => refusing.run(coro),
        Error,
        "Runner.run() cannot be called from a running event loop",
      );
    }
    return await coro;
  });
  assertEquals(result, "kept");
  await runner.close();
  await other.close();
});

Deno.test("Runner.run() is refused while the runner is running, and the coroutine can still be run", async () => {
  const { runner } = virtualRunner();
  const first = runner.run(sleep(1, "first"));
  const coro = sleep(1, "kept");
  await assertRejects(
    () => runner.run(coro),
    Error,
    "This event loop is already running",
  );
  assertEquals(await first, "first");
  assertEquals(await runner.run(coro), "kept");
  await runner.close();
});

const badCoroutines: [name: string, value: () => unknown][] = [
  ["a number", () => 123],
  ["nothing", () => undefined],
  ["null", () => null],
  ["a native promise", () => Promise.resolve()],
  ["a future", () => new EventLoop().createFuture()],
];

for (const [name, value] of badCoroutines) {
  Deno.test(`Runner.run() refuses ${name}, and can be called again`, async () => {
    const { runner } = virtualRunner();
    await assertRejects(
      () => runner.run(value() as CoroutineLike<void>),
      TypeError,
      "a coroutine was expected",
    );
    assertEquals([...allTasks(runner.getLoop())], []);
    assertEquals(await runner.run(sleep(1, "next")), "next");
    await runner.close();
  });
}

Deno.test("Runner.run() refuses a coroutine that was already run", async () => {
  const { runner } = virtualRunner();
  const coro = sleep(1);
  await runner.run(coro);
  await assertRejects(
    () => runner.run(coro),
    Error,
    "cannot reuse already awaited coroutine",
  );
  await runner.close();
});

for (
  const [name, value] of [
    ["nothing", undefined],
    ["null", null],
    ["an object", {}],
    ["a promise of a loop", Promise.resolve()],
  ] as const
) {
  Deno.test(`Runner refuses a loopFactory that returns ${name}`, async () => {
    const runner = new Runner({
      loopFactory: () => value as unknown as EventLoop,
    });
    assertThrows(
      () => runner.getLoop(),
      TypeError,
      "loopFactory must give an EventLoop",
    );
    await runner.close();
  });
}

Deno.test("Runner throws the error that loopFactory throws, and calls it again the next time", async () => {
  const error = new Error("not now");
  let attempts = 0;
  const runner = new Runner({
    loopFactory() {
      if (++attempts === 1) throw error;
      return new EventLoop({ clock: new VirtualClock() });
    },
  });
  assertStrictEquals(
    await assertRejects(() => runner.run(async () => {})),
    error,
  );
  assertEquals(await runner.run(sleep(1, "later")), "later");
  await runner.close();
});

Deno.test("Runner.run() of a cancelled coroutine rejects with CancelledError", async () => {
  const { runner } = virtualRunner();
  const error = await assertRejects(
    () =>
      runner.run(async () => {
        const [task] = allTasks();
        task.cancel("enough");
        await sleep(1);
      }),
    CancelledError,
    "enough",
  );
  assertInstanceOf(error, CancelledError);
  await runner.close();
});

import { readyOf, timersOf } from "../_internals.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertIsError,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  allTasks,
  CancelledError,
  type Coroutine,
  coroutine,
  type CoroutineLike,
  createTask,
  currentTask,
  EventLoop,
  type ExceptionContext,
  getEventLoop,
  getRunningLoop,
  run,
  runCoroutineThreadsafe,
  setEventLoop,
  sleep,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  KINDS,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/** Creates loops in virtual time, and keeps track of them. */
function virtualLoops() {
  const loops: EventLoop[] = [];
  const contexts: ExceptionContext[] = [];
  const loopFactory = () => {
    const loop = new EventLoop({ clock: new VirtualClock() });
    loop.setExceptionHandler((_loop, context) => contexts.push(context));
    loops.push(loop);
    return loop;
  };
  return { loopFactory, loops, contexts };
}

/** {@linkcode run} in virtual time. Fails if an error is reported. */
async function runVirtual<T>(main: CoroutineLike<T>): Promise<T> {
  const { loopFactory, loops, contexts } = virtualLoops();
  try {
    return await run(main, { loopFactory });
  } finally {
    assertEquals(contexts, []);
    assertEquals(loops.map((loop) => loop.isClosed()), [true]);
    assertEquals(loops.map((loop) => timersOf(loop).size), [0]);
  }
}

const answer = coroutine(async function answer() {
  await sleep(1);
  return 42;
});

// run()

testKinds("run() returns the result", async (kind) => {
  const main = inKind(kind, function* main(a: number) {
    yield sleep(1);
    return a + 1;
  });
  assertEquals(await runVirtual(main(1)), 2);
});

Deno.test("run() accepts a coroutine, a coroutine function, an async and a generator function", async () => {
  const mains: CoroutineLike<number>[] = [
    answer(),
    answer,
    async () => 42,
    function* () {
      yield* sleep(1);
      return 42;
    },
    () => answer(),
    () => Promise.resolve(42),
  ];
  for (const main of mains) assertEquals(await runVirtual(main), 42);
});

testKinds(
  "run() rejects with the same object that the coroutine throws",
  async (kind) => {
    const error = new Error("no luck");
    const main = inKind(kind, function* main() {
      yield sleep(1);
      throw error;
    });
    const thrown = await assertRejects(() => runVirtual(main()));
    assertStrictEquals(thrown, error);
  },
);

Deno.test("run() rejects with CancelledError when the main task ends cancelled", async () => {
  await assertRejects(
    () =>
      runVirtual(async () => {
        currentTask()!.cancel("enough");
        await sleep(1);
      }),
    CancelledError,
    "enough",
  );
});

Deno.test("run() starts nothing before it returns", async () => {
  let started = false;
  const promise = runVirtual(async () => {
    started = true;
  });
  assertFalse(started);
  await promise;
  assert(started);
});

Deno.test("run() sets its loop as the current loop in its own asynchronous context only", async () => {
  const before = getEventLoop();
  const promise = run(async () => {
    assertStrictEquals(getEventLoop(), getRunningLoop());
    return getRunningLoop();
  });
  const seenOutside = getEventLoop();
  const loop = await promise;
  assert(loop !== before);
  assertStrictEquals(seenOutside, before);
  assertStrictEquals(getEventLoop(), before);
  setEventLoop(null);
});

Deno.test("run() does not change the current loop when loopFactory creates its loop", async () => {
  const current = new EventLoop();
  setEventLoop(current);
  const { loopFactory } = virtualLoops();
  const promise = run(answer, { loopFactory });
  assertStrictEquals(getEventLoop(), current);
  await promise;
  assertStrictEquals(getEventLoop(), current);
  setEventLoop(null);
  current.close();
});

Deno.test("run() closes its loop", async () => {
  const loop = await run(async () => {
    assertFalse(getRunningLoop().isClosed());
    return getRunningLoop();
  });
  assert(loop.isClosed());
  assertFalse(loop.isRunning());
});

Deno.test("run() closes its loop after a failure", async () => {
  const { loopFactory, loops } = virtualLoops();
  await assertRejects(
    () =>
      run(() => {
        throw new Error("no luck");
      }, { loopFactory }),
    Error,
    "no luck",
  );
  assert(loops[0].isClosed());
});

Deno.test("run() creates a new loop each time", async () => {
  const loops = new Set<EventLoop>();
  for (let i = 0; i < 3; i++) {
    loops.add(await run(async () => getRunningLoop()));
  }
  assertEquals(loops.size, 3);
});

Deno.test("run() can be called twice at the same time outside a loop", async () => {
  const work = async () => {
    const loop = getRunningLoop();
    await sleep(1);
    assertStrictEquals(getRunningLoop(), loop);
    return allTasks().size;
  };
  assertEquals(
    await Promise.all([runVirtual(work), runVirtual(work)]),
    [1, 1],
  );
});

Deno.test("run() with debug sets the debug mode of its loop", async () => {
  const main = async () => getRunningLoop().getDebug();
  const debugLoop = () => new EventLoop({ debug: true });
  assertEquals(await run(main), false);
  assertEquals(await run(main, { debug: true }), true);
  assertEquals(await run(main, { debug: false }), false);
  assertEquals(await run(main, { loopFactory: debugLoop }), true);
  assertEquals(
    await run(main, { loopFactory: debugLoop, debug: false }),
    false,
  );
});

Deno.test("run() with loopFactory runs in the loop that it returns, and closes it", async () => {
  const loop = new EventLoop();
  const main = async () => getRunningLoop();
  assertStrictEquals(await run(main, { loopFactory: () => loop }), loop);
  assert(loop.isClosed());
});

Deno.test("run() follows the FakeTime of a test", async () => {
  using time = new FakeTime(0);
  const promise = run(async () => {
    const start = getRunningLoop().time();
    await sleep(60);
    return getRunningLoop().time() - start;
  });
  await time.tickAsync(59_999);
  let done = false;
  promise.then(() => done = true);
  await time.runMicrotasks();
  assertFalse(done);
  await time.tickAsync(1);
  assertEquals(await promise, 60);
});

// run(): the tasks that are left

testKinds(
  "run() cancels the tasks that are left and waits for them",
  async (kind) => {
    const log: string[] = [];
    const server = inKind(kind, function* server(name: string) {
      try {
        yield sleep(Infinity);
      } catch (error) {
        assertInstanceOf(error, CancelledError);
        log.push(`${name} cancelled`);
        yield sleep(5);
        log.push(`${name} clean`);
        throw error;
      }
    });
    const result = await runVirtual(async () => {
      createTask(server("a"));
      createTask(server("b"));
      createTask(server("c"));
      await sleep(1);
      log.push("main done");
      return "result";
    });
    assertEquals(result, "result");
    assertEquals(log, [
      "main done",
      "a cancelled",
      "b cancelled",
      "c cancelled",
      "a clean",
      "b clean",
      "c clean",
    ]);
  },
);

Deno.test("run() cancels the tasks that are left after a failure", async () => {
  const error = new Error("no luck");
  let cancelled = false;
  const thrown = await assertRejects(() =>
    runVirtual(async () => {
      createTask(async () => {
        try {
          await sleep(Infinity);
        } finally {
          cancelled = true;
        }
      });
      await sleep(0);
      throw error;
    })
  );
  assertStrictEquals(thrown, error);
  assert(cancelled);
});

Deno.test("run() lets a task that main has just created take its first step before it is cancelled", async () => {
  const log: string[] = [];
  await runVirtual(async () => {
    createTask(async () => {
      log.push("started");
      await sleep(Infinity);
      log.push("slept");
    });
  });
  assertEquals(log, ["started"]);
});

Deno.test("run() cancels the tasks that cancelled tasks start, until none is left", async () => {
  const log: number[] = [];
  const hydra: (heads: number) => Coroutine<void> = coroutine(async (heads) => {
    try {
      await sleep(Infinity);
    } finally {
      log.push(heads);
      if (heads > 0) {
        createTask(hydra(heads - 1));
        await sleep(0);
      }
    }
  });
  await runVirtual(async () => {
    createTask(hydra(3));
    await sleep(0);
  });
  assertEquals(log, [3, 2, 1, 0]);
});

Deno.test("run() waits for a task that ignores its cancellation", async () => {
  const log: string[] = [];
  await runVirtual(async () => {
    createTask(async () => {
      try {
        await sleep(Infinity);
      } catch {
        await sleep(5);
        log.push("done after all");
      }
    });
    await sleep(0);
  });
  assertEquals(log, ["done after all"]);
});

Deno.test("run() reports a task that fails while it is cancelled, and still returns the result", async () => {
  const { loopFactory, contexts } = virtualLoops();
  const error = new Error("cleaning up failed");
  const result = await run(async () => {
    const clumsy = async () => {
      try {
        await sleep(Infinity);
      } finally {
        throwIt();
      }
    };
    const throwIt = () => {
      throw error;
    };
    createTask(clumsy, { name: "clumsy" });
    createTask(sleep(Infinity));
    await sleep(1);
    return "result";
  }, { loopFactory });
  assertEquals(result, "result");
  assertEquals(contexts.map(({ message }) => message), [
    "unhandled exception during run() shutdown",
  ]);
  assertStrictEquals(contexts[0].exception, error);
  assertEquals(contexts[0].task?.getName(), "clumsy");
});

Deno.test("run() reports a failure that was never retrieved, once", async () => {
  const { loopFactory, contexts } = virtualLoops();
  const error = new Error("no luck");
  await run(async () => {
    createTask(async () => {
      throw error;
    });
    await sleep(1);
  }, { loopFactory });
  assertEquals(contexts.map(({ message }) => message), [
    "Task exception was never retrieved",
  ]);
  assertStrictEquals(contexts[0].exception, error);
});

Deno.test("run() rejects when the loop is stopped too early, and cancels main", async () => {
  let cancelled = false;
  await assertRejects(
    () =>
      runVirtual(async () => {
        getRunningLoop().stop();
        try {
          await sleep(Infinity);
        } finally {
          cancelled = true;
        }
      }),
    Error,
    "Event loop stopped before Future completed.",
  );
  assert(cancelled);
});

Deno.test("run() rejects with a SuppressedError if main fails and closing fails too", async () => {
  const error = new Error("no luck");
  const { loopFactory } = virtualLoops();
  const thrown = await assertRejects(() =>
    run(async () => {
      createTask(async () => {
        try {
          await sleep(Infinity);
        } finally {
          getRunningLoop().stop();
          await sleep(1);
        }
      });
      await sleep(1);
      throw error;
    }, { loopFactory })
  );
  assertInstanceOf(thrown, SuppressedError);
  assertIsError(
    thrown.error,
    Error,
    "Event loop stopped before Future completed.",
  );
  assertStrictEquals(thrown.suppressed, error);
});

Deno.test("run() discards the timers that are left", async () => {
  let called = false;
  await runVirtual(async () => {
    getRunningLoop().callLater(60, () => called = true);
  });
  assertFalse(called);
});

// run(): bad input

Deno.test("run() inside a running loop is refused, and the coroutine can still be awaited", async () => {
  await inVirtualTime(async () => {
    const coro = answer();
    await assertRejects(
      () => run(coro),
      Error,
      "run() cannot be called from a running event loop",
    );
    assertEquals(await coro, 42);
  });
});

Deno.test("run() inside a callback of a loop is refused", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<unknown>();
    getRunningLoop().callSoon(() => {
      run(answer).catch((error) => future.setResult(error));
    });
    assertIsError(
      await future,
      Error,
      "run() cannot be called from a running event loop",
    );
  });
});

Deno.test("run() refuses a coroutine that was already run", async () => {
  const coro = answer();
  await runVirtual(coro);
  await assertRejects(
    () => run(coro),
    Error,
    "cannot reuse already awaited coroutine",
  );
});

const noCoroutines: [name: string, value: unknown, message: string][] = [
  ["a promise", Promise.resolve(1), "got a native Promise, which has already"],
  ["a number", 1, "got 1"],
  ["a string", "main", "got 'main'"],
  ["undefined", undefined, "got undefined"],
  ["null", null, "got null"],
  ["an object", { main: 1 }, "got { main: 1 }"],
  ["a list", [answer], "got [ "],
];

for (const [name, value, message] of noCoroutines) {
  Deno.test(`run() refuses ${name}, and creates no loop`, async () => {
    const { loopFactory, loops } = virtualLoops();
    const main = value as Coroutine<number>;
    const error = await assertRejects(
      () => run(main, { loopFactory }),
      TypeError,
      "a coroutine was expected",
    );
    assertIsError(error, TypeError, message);
    assertEquals(loops, []);
  });
}

const badOutcomes: [name: string, value: unknown, message: string][] = [
  ["a number", 1, "from main(), got 1"],
  ["nothing", undefined, "from main(), got undefined"],
  ["a string", "abc", "from main(), got 'abc'"],
  ["an iterable", [1], "from main(), got [ 1 ]"],
];

for (const [name, value, message] of badOutcomes) {
  Deno.test(`run() refuses a function that returns ${name}`, async () => {
    const main = () => value;
    await assertRejects(
      () => runVirtual(main as () => Promise<unknown>),
      TypeError,
      message,
    );
  });
}

Deno.test("run() refuses a loopFactory that does not return a loop, and the coroutine can still be run", async () => {
  for (const value of [undefined, null, 1, {}, "loop"]) {
    const coro = answer();
    await assertRejects(
      () => run(coro, { loopFactory: () => value as EventLoop }),
      TypeError,
      "loopFactory must give an EventLoop",
    );
    assertEquals(await runVirtual(coro), 42);
  }
});

Deno.test("run() rejects with the error that loopFactory throws", async () => {
  const error = new Error("no loops left");
  const thrown = await assertRejects(() =>
    run(answer, {
      loopFactory: () => {
        throw error;
      },
    })
  );
  assertStrictEquals(thrown, error);
});

// The options `clock` and `signals`

for (const kind of KINDS) {
  Deno.test(`run() uses the clock that it is given (${kind})`, async () => {
    const main = inKind(kind, function* main() {
      const start = getRunningLoop().time();
      yield sleep(3600);
      return getRunningLoop().time() - start;
    });
    assertEquals(await run(main(), { clock: new VirtualClock() }), 3600);
  });
}

Deno.test("run() takes a function that gives the time as clock", async () => {
  const clock = () => 42;
  const time = await run(async () => getRunningLoop().time(), { clock });
  assertEquals(time, 42);
});

Deno.test("run() refuses a clock that is none", async () => {
  await assertRejects(
    () => run(async () => {}, { clock: 1 as unknown as () => number }),
    TypeError,
    "Cannot use as a clock",
  );
});

Deno.test("run() refuses a clock together with loopFactory", async () => {
  await assertRejects(
    () =>
      run(async () => {}, {
        clock: new VirtualClock(),
        loopFactory: () => new EventLoop(),
      }),
    TypeError,
    "run() takes either clock or loopFactory, not both",
  );
});

for (const signals of ["SIGINT", 2, null, {}]) {
  Deno.test(`run() refuses ${JSON.stringify(signals)} as signals`, async () => {
    await assertRejects(
      () =>
        run(async () => {}, {
          signals: signals as unknown as Deno.Signal[],
        }),
      TypeError,
      "signals must be an array of names",
    );
  });
}

Deno.test("run() refuses a signal that there is not, and leaves no listener of the others", async () => {
  await assertRejects(
    () =>
      run(async () => {}, {
        signals: ["SIGTERM", "SIGNOPE" as Deno.Signal],
      }),
    TypeError,
  );
  // The sanitizer would find one.
});

// runCoroutineThreadsafe()

/** Runs a loop on its own while `body` runs. */
async function besideLoop(
  body: (loop: EventLoop, contexts: ExceptionContext[]) => Promise<void>,
): Promise<void> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  const running = loop.runForever();
  try {
    await body(loop, contexts);
    assertEquals([...allTasks(loop)].map(String), [], "tasks were left");
  } finally {
    loop.stop();
    await running;
    loop.close();
  }
}

for (const kind of KINDS) {
  Deno.test(`runCoroutineThreadsafe() wakes an idle loop and returns the result (${kind})`, async () => {
    const work = inKind(kind, function* work(n: number) {
      yield sleep(1);
      return [n, getRunningLoop()] as const;
    });
    await besideLoop(async (loop) => {
      const future = runCoroutineThreadsafe(work(1), loop);
      assertFalse(future.done());
      assertEquals(await future, [1, loop]);
      assert(future.done());
      assertFalse(future.cancelled());
    });
  });
}

Deno.test("runCoroutineThreadsafe() accepts an async or generator function", async () => {
  await besideLoop(async (loop) => {
    assertEquals(await runCoroutineThreadsafe(async () => 1, loop), 1);
    assertEquals(
      await runCoroutineThreadsafe(function* () {
        yield* sleep(1);
        return 2;
      }, loop),
      2,
    );
  });
});

Deno.test("runCoroutineThreadsafe() works from a host timer", async () => {
  using time = new FakeTime(0);
  const loop = new EventLoop();
  const running = loop.runForever();
  const { promise, resolve } = Promise.withResolvers<number>();
  setTimeout(() => resolve(runCoroutineThreadsafe(answer(), loop)), 1000);
  await time.tickAsync(1000); // submitted
  await time.tickAsync(1000); // slept
  assertEquals(await promise, 42);
  loop.stop();
  await running;
  loop.close();
});

Deno.test("runCoroutineThreadsafe() works from another loop", async () => {
  await besideLoop(async (loop) => {
    const seen = await inVirtualTime(async () => {
      const future = runCoroutineThreadsafe(
        async () => getRunningLoop(),
        loop,
      );
      const there = await wrapFuture(future);
      assertStrictEquals(await future, there);
      assert(getRunningLoop() !== there);
      return there;
    });
    assertStrictEquals(seen, loop);
  });
});

Deno.test("runCoroutineThreadsafe() keeps the order of submission", async () => {
  const log: number[] = [];
  await besideLoop(async (loop) => {
    const futures = [1, 2, 3].map((n) =>
      runCoroutineThreadsafe(async () => void log.push(n), loop)
    );
    await Promise.all(futures);
  });
  assertEquals(log, [1, 2, 3]);
});

Deno.test("runCoroutineThreadsafe() to a loop that is not running waits until it runs", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const future = runCoroutineThreadsafe(answer(), loop);
  assertFalse(future.done());
  await loop.runUntilComplete(sleep(2));
  assertEquals(await future, 42);
  loop.close();
});

Deno.test("runCoroutineThreadsafe() rejects with the same object that the coroutine throws", async () => {
  const error = new Error("no luck");
  await besideLoop(async (loop, contexts) => {
    const future = runCoroutineThreadsafe(async () => {
      await sleep(1);
      throw error;
    }, loop);
    assertStrictEquals(await assertRejects(async () => await future), error);
    // Callers that await it later get it too.
    assertStrictEquals(await assertRejects(async () => await future), error);
    assertEquals(contexts, []);
  });
});

Deno.test("a failed submission that is not awaited is reported by its loop", async () => {
  const error = new Error("no luck");
  const reported: ExceptionContext[] = [];
  await besideLoop(async (loop, contexts) => {
    const future = runCoroutineThreadsafe(async () => {
      throw error;
    }, loop);
    await runCoroutineThreadsafe(sleep(1), loop);
    assert(future.done());
    // An idle loop reports a failure that has not been retrieved for a while.
    for (let i = 0; i < 3; i++) await new Promise((hop) => setImmediate(hop));
    reported.push(...contexts);
  });
  assertEquals(reported.map(({ message }) => message), [
    "Task exception was never retrieved",
  ]);
  assertStrictEquals(reported[0].exception, error);
});

Deno.test("a submission that is cancelled before its start never starts", async () => {
  let started = false;
  await besideLoop(async (loop) => {
    const work = coroutine(async () => {
      started = true;
    });
    const coro = work();
    const future = runCoroutineThreadsafe(coro, loop);
    assert(future.cancel());
    assert(future.cancelled());
    assert(future.done());
    await assertRejects(async () => await future, CancelledError);
    await runCoroutineThreadsafe(sleep(1), loop);
    assertFalse(started);
  });
});

Deno.test("a running submission is cancelled where it waits", async () => {
  const log: string[] = [];
  await besideLoop(async (loop) => {
    const future = runCoroutineThreadsafe(async () => {
      try {
        log.push("started");
        await sleep(Infinity);
      } finally {
        log.push("cleaned");
      }
    }, loop);
    const error = assertRejects(async () => await future, CancelledError);
    await runCoroutineThreadsafe(sleep(1), loop);
    assert(future.cancel());
    assert(future.cancelled());
    await error;
    await runCoroutineThreadsafe(sleep(1), loop);
  });
  assertEquals(log, ["started", "cleaned"]);
});

Deno.test("cancel() of a submission that is done returns false", async () => {
  await besideLoop(async (loop) => {
    const future = runCoroutineThreadsafe(answer(), loop);
    await future;
    assertFalse(future.cancel());
    assertFalse(future.cancelled());
    assertEquals(await future, 42);
  });
});

Deno.test("cancel() of a submission returns false the second time", async () => {
  await besideLoop(async (loop) => {
    const future = runCoroutineThreadsafe(sleep(Infinity), loop);
    assert(future.cancel());
    assertFalse(future.cancel());
    await assertRejects(async () => await future, CancelledError);
  });
});

Deno.test("a submission whose task was cancelled in its loop counts as cancelled", async () => {
  await besideLoop(async (loop) => {
    const future = runCoroutineThreadsafe(async () => {
      currentTask()!.cancel();
      await sleep(1);
    }, loop);
    await assertRejects(async () => await future, CancelledError);
    assert(future.done());
    assert(future.cancelled());
    assertFalse(future.cancel());
  });
});

Deno.test("one of three submissions can be cancelled, and the others keep running", async () => {
  for (const position of [0, 1, 2]) {
    await besideLoop(async (loop) => {
      const futures = [1, 2, 3].map((n) =>
        runCoroutineThreadsafe(sleep(2, n), loop)
      );
      await runCoroutineThreadsafe(sleep(1), loop);
      futures[position].cancel();
      const outcomes = await Promise.allSettled(futures);
      assertEquals(
        outcomes.map(({ status }) => status === "rejected"),
        [0, 1, 2].map((i) => i === position),
      );
    });
  }
});

Deno.test("catch() and finally() of a submission are those of promises", async () => {
  await besideLoop(async (loop) => {
    const log: string[] = [];
    const error = new Error("no luck");
    const failed = runCoroutineThreadsafe(async (): Promise<number> => {
      await sleep(1);
      throw error;
    }, loop);
    const caught: number | unknown[] = await failed
      .catch((reason) => [reason]);
    assertEquals(caught, [error]);
    const rejected = failed.finally(() => log.push("failed"));
    assertStrictEquals(await assertRejects(() => rejected), error);
    const result: number = await runCoroutineThreadsafe(answer, loop)
      .finally(() => log.push("finished"));
    assertEquals(result, 42);
    assertEquals(log, ["failed", "finished"]);
  });
});

// runCoroutineThreadsafe(): bad input

for (const [name, value, message] of noCoroutines) {
  Deno.test(`runCoroutineThreadsafe() refuses ${name}`, () => {
    const loop = new EventLoop();
    const coro = value as Coroutine<number>;
    const error = assertThrows(
      () => runCoroutineThreadsafe(coro, loop),
      TypeError,
      "a coroutine was expected",
    );
    assertIsError(error, TypeError, message);
    assertEquals(readyOf(loop).length, 0);
    loop.close();
  });
}

const noLoops: [name: string, value: unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 1],
  ["an object", {}],
  ["the EventLoop class", EventLoop],
];

for (const [name, value] of noLoops) {
  Deno.test(`runCoroutineThreadsafe() refuses ${name} as a loop, and the coroutine can still be run`, async () => {
    const coro = answer();
    assertThrows(
      () => runCoroutineThreadsafe(coro, value as EventLoop),
      TypeError,
      "Cannot submit a coroutine to what is not a loop",
    );
    assertEquals(await runVirtual(coro), 42);
  });
}

Deno.test("runCoroutineThreadsafe() to a closed loop is refused, and the coroutine can still be run", async () => {
  const loop = new EventLoop();
  loop.close();
  const coro = answer();
  assertThrows(
    () => runCoroutineThreadsafe(coro, loop),
    Error,
    "Event loop is closed",
  );
  assertEquals(await runVirtual(coro), 42);
});

Deno.test("runCoroutineThreadsafe() refuses a coroutine that was already awaited", async () => {
  const coro = answer();
  await runVirtual(coro);
  const loop = new EventLoop();
  assertThrows(
    () => runCoroutineThreadsafe(coro, loop),
    Error,
    "cannot reuse already awaited coroutine",
  );
  loop.close();
});

Deno.test("a coroutine submitted twice runs once, and the second submission is rejected", async () => {
  await besideLoop(async (loop) => {
    const coro = answer();
    const first = runCoroutineThreadsafe(coro, loop);
    const second = runCoroutineThreadsafe(coro, loop);
    assertEquals(await first, 42);
    assert(second.done(), "it must not stay pending forever");
    await assertRejects(
      async () => await second,
      Error,
      "cannot reuse already awaited coroutine",
    );
  });
});

Deno.test("a submission is rejected if its loop cannot create a task for it", async () => {
  const error = new Error("no tasks today");
  await besideLoop(async (loop) => {
    loop.setTaskFactory(() => {
      throw error;
    });
    const future = runCoroutineThreadsafe(answer, loop);
    let early: unknown = "still pending";
    future.then(null, (reason) => early = reason);
    // Long enough for the loop to have taken the submission.
    await new Promise<void>((resolve) => loop.callLater(1, resolve));
    loop.setTaskFactory(null);
    assert(future.done(), "it must not stay pending forever");
    assertStrictEquals(early, error, "a caller that waits gets it");
    const late = await assertRejects(async () => await future);
    assertStrictEquals(late, error, "and so does a later caller");
  });
});

import { readyOf } from "../_internals.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  createTask,
  EventLoop,
  type ExceptionContext,
  Future,
  getRunningLoop,
  InvalidStateError,
  isFuture,
  setEventLoop,
  sleep,
  Task,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  runVirtually,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/**
 * Runs `body` with a loop in virtual time. Fails if the loop reported an error
 * that `body` did not remove from `contexts`.
 */
async function withLoop(
  body: (loop: EventLoop, contexts: ExceptionContext[]) => unknown,
): Promise<void> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  await body(loop, contexts);
  loop.close();
  assertEquals(contexts, []);
}

/** Runs exactly one turn of the loop. */
async function turn(loop: EventLoop): Promise<void> {
  loop.stop();
  await loop.runForever();
}

/** Waits until every microtask has run. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Bad values, as a call from JavaScript would pass them. */
function bad<T>(value: unknown): T {
  return value as T;
}

function noop(): void {}

// States

Deno.test("Future is pending at first", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture<number>();
    assertFalse(future.done());
    assertFalse(future.cancelled());
    assertStrictEquals(future.getLoop(), loop);
  });
});

Deno.test("Future belongs to the current loop if none is given", async () => {
  await withLoop((loop) => {
    setEventLoop(loop);
    assertStrictEquals(new Future().getLoop(), loop);
    assertStrictEquals(wrapFuture(Promise.resolve()).getLoop(), loop);
    setEventLoop(null);
  });
});

Deno.test("Future belongs to the loop that is given", async () => {
  await withLoop((loop) => {
    assertStrictEquals(new Future({ loop }).getLoop(), loop);
  });
});

Deno.test("Future.result() throws while the future is pending", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture();
    assertThrows(
      () => future.result(),
      InvalidStateError,
      "Result is not ready.",
    );
  });
});

Deno.test("Future.exception() throws while the future is pending", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture();
    assertThrows(
      () => future.exception(),
      InvalidStateError,
      "Exception is not set.",
    );
  });
});

Deno.test("Future.setResult() ends the future with the same object", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture<object>();
    const result = {};
    future.setResult(result);
    assert(future.done());
    assertFalse(future.cancelled());
    assertStrictEquals(future.result(), result);
    assertStrictEquals(future.result(), result);
    assertEquals(future.exception(), null);
  });
});

Deno.test("Future.setException() ends the future with the same exception", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture();
    const error = new Error("mine");
    future.setException(error);
    assert(future.done());
    assertFalse(future.cancelled());
    assertStrictEquals(future.exception(), error);
    assertStrictEquals(assertThrows(() => future.result()), error);
    assertStrictEquals(assertThrows(() => future.result()), error);
  });
});

Deno.test("Future.setException() creates an exception if it gets an error class", async () => {
  await withLoop((loop) => {
    for (const ErrorClass of [Error, RangeError, InvalidStateError]) {
      const future = loop.createFuture();
      future.setException(ErrorClass);
      assertInstanceOf(future.exception(), ErrorClass);
    }
  });
});

Deno.test("Future.setException() keeps any other value unchanged", async () => {
  await withLoop((loop) => {
    const thrower = () => {};
    for (const value of ["text", 1, thrower]) {
      const future = loop.createFuture();
      future.setException(value);
      assertStrictEquals(future.exception(), value);
    }
  });
});

const ENDINGS: Record<string, (future: Future<number>) => unknown> = {
  finished: (future) => future.setResult(1),
  failed: (future) => future.setException(new Error("no")),
  cancelled: (future) => future.cancel("enough"),
};

const STATES = { pending: noop as typeof ENDINGS[string], ...ENDINGS };

const PRINTED: Record<string, string> = {
  finished: "FINISHED: <Future finished result=1>",
  failed: "FINISHED: <Future finished exception=Error('no')>",
  cancelled: "CANCELLED: <Future cancelled>",
};

for (const [state, end] of Object.entries(ENDINGS)) {
  for (
    const [method, again] of Object.entries<(future: Future<number>) => void>({
      setResult: (future) => future.setResult(2),
      setException: (future) => future.setException(new Error("again")),
    })
  ) {
    Deno.test(`Future.${method}() throws on a ${state} future, which remains unchanged`, async () => {
      await withLoop((loop) => {
        const future = loop.createFuture<number>();
        end(future);
        const before = String(future);
        const error = assertThrows(() => again(future), InvalidStateError);
        assertEquals(error.message, PRINTED[state]);
        assertEquals(String(future), before);
        future.cancel(); // counts as retrieving the exception
      });
    });
  }

  Deno.test(`Future.cancel() returns false for a ${state} future, which remains unchanged`, async () => {
    await withLoop((loop) => {
      const future = loop.createFuture<number>();
      end(future);
      const before = String(future);
      assertFalse(future.cancel("late"));
      assertEquals(String(future), before);
    });
  });
}

Deno.test("Future.cancel() ends the future, whose result() and exception() throw CancelledError", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture();
    assert(future.cancel());
    assert(future.done());
    assert(future.cancelled());
    for (const ask of [() => future.result(), () => future.exception()]) {
      assertEquals(assertThrows(ask, CancelledError).message, "");
    }
  });
});

Deno.test("Future.cancel() passes its message to each CancelledError", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture();
    future.cancel("enough");
    const errors = [1, 2].map(() =>
      assertThrows(() => future.result(), CancelledError, "enough")
    );
    assertNotStrictEquals(errors[0], errors[1]);
  });
});

Deno.test("isFuture() is true for futures and tasks only", async () => {
  await withLoop((loop) => {
    const task = loop.createTask(sleep(0));
    const futures = [loop.createFuture(), task, wrapFuture(task)];
    const others = [
      null,
      undefined,
      1,
      {},
      Promise.resolve(),
      sleep(0),
      loop,
      Future,
    ];
    assertEquals(futures.map(isFuture), [true, true, true]);
    assertEquals(others.map(isFuture), others.map(() => false));
  });
});

// Callbacks

for (const [state, end] of Object.entries(ENDINGS)) {
  Deno.test(`a ${state} future calls its callbacks with itself in the next turn, in the order in which they were added`, async () => {
    await withLoop(async (loop) => {
      const future = loop.createFuture<number>();
      const log: unknown[] = [];
      future.addDoneCallback((done) => log.push("a", done));
      future.addDoneCallback((done) => log.push("b", done));
      future.addDoneCallback((done) => log.push("c", done));
      end(future);
      assertEquals(log, []);
      await turn(loop);
      assertEquals(log.length, 6);
      assertEquals(log.filter((_, i) => i % 2 === 0), ["a", "b", "c"]);
      for (const i of [1, 3, 5]) assertStrictEquals(log[i], future);
      future.cancel();
    });
  });

  Deno.test(`Future.addDoneCallback() calls back in the next turn if the future is already ${state}`, async () => {
    await withLoop(async (loop) => {
      const future = loop.createFuture<number>();
      end(future);
      const log: unknown[] = [];
      loop.callSoon(() => log.push("before"));
      future.addDoneCallback((done) => log.push(done === future));
      loop.callSoon(() => log.push("after"));
      assertEquals(log, []);
      await turn(loop);
      assertEquals(log, ["before", true, "after"]);
      future.cancel();
    });
  });
}

Deno.test("Future queues its callbacks when it ends, in order with other callbacks that are ready", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    const log: string[] = [];
    future.addDoneCallback(() => log.push("a"));
    future.addDoneCallback(() => log.push("b"));
    loop.callSoon(() => log.push("before"));
    future.setResult();
    loop.callSoon(() => log.push("after"));
    await turn(loop);
    assertEquals(log, ["before", "a", "b", "after"]);
  });
});

Deno.test("Future calls each callback once for each time that it was added", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    let calls = 0;
    const callback = () => void calls++;
    future.addDoneCallback(callback);
    future.addDoneCallback(callback);
    future.setResult();
    await turn(loop);
    await turn(loop);
    assertEquals(calls, 2);
  });
});

testKinds(
  "Future wakes waiting tasks and calls callbacks in the order in which they came",
  async (kind) => {
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<void>();
      const log: string[] = [];
      const waiter = inKind(kind, function* waiter(name: string) {
        yield future;
        log.push(name);
      });
      future.addDoneCallback(() => log.push("callback 1"));
      const first = createTask(waiter("task 1"));
      await sleep(0);
      future.addDoneCallback(() => log.push("callback 2"));
      const second = createTask(waiter("task 2"));
      await sleep(0);
      future.addDoneCallback(() => log.push("callback 3"));
      future.setResult();
      await first;
      await second;
      assertEquals(log, [
        "callback 1",
        "task 1",
        "callback 2",
        "task 2",
        "callback 3",
      ]);
    });
  },
);

for (
  const [place, index] of [["first", 0], ["middle", 1], ["last", 2]] as const
) {
  Deno.test(`Future.removeDoneCallback() removes the ${place} of three callbacks and keeps the others`, async () => {
    await withLoop(async (loop) => {
      const future = loop.createFuture<void>();
      const log: number[] = [];
      const callbacks = [0, 1, 2].map((n) => () => void log.push(n));
      for (const callback of callbacks) future.addDoneCallback(callback);
      assertEquals(future.removeDoneCallback(callbacks[index]), 1);
      assertEquals(future.removeDoneCallback(callbacks[index]), 0);
      future.setResult();
      await turn(loop);
      assertEquals(log, [0, 1, 2].toSpliced(index, 1));
    });
  });
}

Deno.test("Future.removeDoneCallback() removes every occurrence and returns how many there were", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    const log: string[] = [];
    const a = () => void log.push("a");
    const b = () => void log.push("b");
    for (const callback of [a, b, a, a]) future.addDoneCallback(callback);
    assertEquals(future.removeDoneCallback(a), 3);
    future.addDoneCallback(a);
    future.setResult();
    await turn(loop);
    assertEquals(log, ["b", "a"]);
  });
});

Deno.test("Future.removeDoneCallback() removes the only one", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    const log: string[] = [];
    const callback = () => void log.push("called");
    future.addDoneCallback(callback);
    assertEquals(future.removeDoneCallback(callback), 1);
    future.setResult();
    await turn(loop);
    assertEquals(log, []);
  });
});

Deno.test("Future.removeDoneCallback() removes nothing when the future is done: scheduled callbacks are called", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    const log: string[] = [];
    const callback = () => void log.push("called");
    future.addDoneCallback(callback);
    future.setResult();
    assertEquals(future.removeDoneCallback(callback), 0);
    await turn(loop);
    assertEquals(log, ["called"]);
  });
});

for (
  const [text, value] of Object.entries<unknown>({
    "a function that was not added": noop,
    undefined: undefined,
    null: null,
  })
) {
  Deno.test(`Future.removeDoneCallback() of ${text} removes nothing`, async () => {
    await withLoop((loop) => {
      const future = loop.createFuture<void>();
      assertEquals(future.removeDoneCallback(bad(value)), 0);
      future.addDoneCallback(() => {});
      assertEquals(future.removeDoneCallback(bad(value)), 0);
      future.addDoneCallback(() => {});
      assertEquals(future.removeDoneCallback(bad(value)), 0);
    });
  });
}

for (
  const [text, value] of Object.entries<unknown>({
    undefined: undefined,
    null: null,
    1: 1,
    "'print'": "print",
    "{}": {},
    "a native Promise": Promise.resolve(),
  })
) {
  for (const [state, end] of Object.entries(STATES)) {
    Deno.test(`Future.addDoneCallback(${text}) throws a TypeError that names the value, on a ${state} future`, async () => {
      await withLoop((loop) => {
        const future = loop.createFuture<number>();
        end(future);
        const error = assertThrows(
          () => future.addDoneCallback(bad(value)),
          TypeError,
        );
        assertStringIncludes(error.message, `current value is ${text}`);
        assertEquals(future["_callbacks"], null);
        assertEquals(readyOf(loop).length, 0);
        future.cancel();
      });
    });
  }
}

Deno.test("a callback added by a callback of the same future is called in the next turn", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    const log: string[] = [];
    future.addDoneCallback((done) => {
      log.push("first");
      done.addDoneCallback(() => log.push("second"));
    });
    future.setResult();
    await turn(loop);
    assertEquals(log, ["first"]);
    await turn(loop);
    assertEquals(log, ["first", "second"]);
  });
});

// Waiting inside tasks

testKinds("waiting for a future returns its result", async (kind) => {
  await inVirtualTime(
    inKind(kind, function* main() {
      const loop = getRunningLoop();
      const future = loop.createFuture<string>();
      loop.callLater(2, () => future.setResult("later"));
      assertEquals(yield future, "later");
      assertEquals(loop.time(), 2);
      assertEquals(yield future, "later");
    })(),
  );
});

testKinds("waiting for a future throws the same exception", async (kind) => {
  await inVirtualTime(
    inKind(kind, function* main() {
      const loop = getRunningLoop();
      const future = loop.createFuture();
      const error = new Error("mine");
      loop.callSoon(() => future.setException(error));
      for (let i = 0; i < 2; i++) {
        try {
          yield future;
          assert(false, "nothing was thrown");
        } catch (thrown) {
          assertStrictEquals(thrown, error);
        }
      }
    })(),
  );
});

testKinds(
  "waiting for a future that is cancelled throws CancelledError with its message",
  async (kind) => {
    await inVirtualTime(
      inKind(kind, function* main() {
        const loop = getRunningLoop();
        const future = loop.createFuture();
        loop.callSoon(() => future.cancel("enough"));
        try {
          yield future;
          assert(false, "nothing was thrown");
        } catch (thrown) {
          assertInstanceOf(thrown, CancelledError);
          assertEquals(thrown.message, "enough");
        }
      })(),
    );
  },
);

testKinds(
  "waiting for a future that is done takes no turn of the loop",
  async (kind) => {
    await inVirtualTime(
      inKind(kind, function* main() {
        const loop = getRunningLoop();
        const future = loop.createFuture<number>();
        future.setResult(1);
        let turned = false;
        loop.callSoon(() => turned = true);
        for (let i = 0; i < 10; i++) yield future;
        assertFalse(turned);
        yield sleep(0);
        assert(turned);
      })(),
    );
  },
);

testKinds(
  "cancelling a task cancels the future that it waits for, and all other waiters",
  async (kind) => {
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<void>();
      const waiter = inKind(kind, function* waiter() {
        yield future;
      });
      const tasks = [1, 2, 3].map(() => createTask(waiter()));
      await sleep(0);
      tasks[1].cancel();
      assert(future.cancelled());
      await sleep(0);
      assertEquals(tasks.map((task) => task.cancelled()), [true, true, true]);
    });
  },
);

testKinds(
  "a failed future that several tasks wait for fails each of them with the same exception",
  async (kind) => {
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<void>();
      const error = new Error("shared");
      const waiter = inKind(kind, function* waiter() {
        yield future;
      });
      const tasks = [1, 2, 3].map(() => createTask(waiter()));
      await sleep(0);
      future.setException(error);
      await sleep(0);
      for (const task of tasks) assertStrictEquals(task.exception(), error);
    });
  },
);

Deno.test("a generator that yields a future without the star gets an error that says so", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    await assertRejects(
      () =>
        loop.runUntilComplete(function* main() {
          yield future;
        }),
      Error,
      "yield was used instead of yield* in task <Task ",
    );
    assertFalse(future.done());
  });
});

// Waiting outside any loop

Deno.test("a future can be awaited outside any loop, before and after it is done", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<number>();
    const early = future.then((value) => value + 1);
    future.setResult(1);
    assertEquals(await early, 2);
    assertEquals(await future, 1);
  });
});

Deno.test("awaiting a failed future outside any loop throws its exception, the same object", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<number>();
    const error = new Error("mine");
    const early = (async () => await future)();
    future.setException(error);
    assertStrictEquals(await assertRejects(() => early), error);
    assertStrictEquals(await assertRejects(async () => await future), error);
  });
});

Deno.test("awaiting a cancelled future outside any loop throws CancelledError", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<number>();
    const early = (async () => await future)();
    future.cancel("enough");
    await assertRejects(() => early, CancelledError, "enough");
  });
});

Deno.test("Future.then() does not call back while the future is pending", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<number>();
    const log: number[] = [];
    future.then((value) => log.push(value));
    await microtasks();
    assertEquals(log, []);
    future.setResult(1);
    await microtasks();
    assertEquals(log, [1]);
  });
});

Deno.test("Future.then() never calls back before it has returned", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<number>();
    future.setResult(1);
    const log: string[] = [];
    const then = future.then(() => log.push("called back"));
    log.push("returned");
    await then;
    assertEquals(log, ["returned", "called back"]);
  });
});

for (
  const [how, end] of [
    ["setResult()", (future: Future<number>) => future.setResult(1)],
    [
      "setException()",
      (future: Future<number>) => future.setException(new Error("no luck")),
    ],
    ["cancel()", (future: Future<number>) => future.cancel()],
  ] as const
) {
  // Cause: outside of every task, it ran the handler on the stack of the caller.
  Deno.test(`Future.then() never calls back within ${how}`, async () => {
    const loop = new EventLoop();
    const future = new Future<number>({ loop });
    let state = "not ready";
    const seen: string[] = [];
    const look = () => seen.push(state);
    future.then(look, look);
    end(future);
    state = "ready";
    await Promise.resolve();
    assertEquals(seen, ["ready"]);
    loop.close();
  });
}

Deno.test("Future.then() can be chained like a promise's", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<number>();
    future.setResult(1);
    assertEquals(await future.then(), 1);
    assertEquals(await future.then((n) => Promise.resolve(n + 1)), 2);
    assertEquals(await future.then((n) => n + 1).then((n) => n * 10), 20);
    await assertRejects(
      async () => {
        await future.then(() => {
          throw new RangeError("in the handler");
        });
      },
      RangeError,
      "in the handler",
    );
    const failed = loop.createFuture<number>();
    failed.setException(new Error("no"));
    assertEquals(
      await failed.then(null, (error) => (error as Error).message),
      "no",
    );
  });
});

Deno.test("Promise.all() and Promise.race() accept futures outside any loop", async () => {
  await withLoop(async (loop) => {
    const futures = [1, 2, 3].map(() => loop.createFuture<number>());
    const all = Promise.all(futures);
    const first = Promise.race(futures);
    futures[1].setResult(20);
    assertEquals(await first, 20);
    futures[0].setResult(10);
    futures[2].setResult(30);
    assertEquals(await all, [10, 20, 30]);
  });
});

// A closed loop

Deno.test("Future can be ended after its loop was closed, and calls no callbacks", async () => {
  const loop = new EventLoop();
  const future = loop.createFuture<number>();
  let called = false;
  future.addDoneCallback(() => called = true);
  loop.close();
  future.setResult(1);
  await microtasks();
  assertEquals(future.result(), 1);
  assertFalse(called);
});

Deno.test("Future.addDoneCallback() throws on a done future whose loop was closed", () => {
  const loop = new EventLoop();
  const future = loop.createFuture<number>();
  future.setResult(1);
  loop.close();
  assertThrows(
    () => future.addDoneCallback(noop),
    Error,
    "Event loop is closed",
  );
});

Deno.test("a task left in a closed loop stays pending when the future it waits for ends", async () => {
  const loop = new EventLoop();
  const future = loop.createFuture<void>();
  const task = loop.createTask(async () => await future);
  await turn(loop);
  loop.close();
  future.setResult();
  await microtasks();
  assertFalse(task.done());
});

// wrapFuture

testKinds("wrapFuture() has the result of the promise", async (kind) => {
  await inVirtualTime(
    inKind(kind, function* main() {
      const future = wrapFuture(Promise.resolve("native"));
      assertInstanceOf(future, Future);
      assertFalse(future.done());
      assertEquals(yield future, "native");
    })(),
  );
});

testKinds(
  "wrapFuture() fails with the reason of a rejected promise, the same object",
  async (kind) => {
    await inVirtualTime(
      inKind(kind, function* main() {
        const error = new Error("native");
        try {
          yield wrapFuture(Promise.reject(error));
          assert(false, "nothing was thrown");
        } catch (thrown) {
          assertStrictEquals(thrown, error);
        }
      })(),
    );
  },
);

Deno.test("wrapFuture() of a promise that is rejected with CancelledError is cancelled", async () => {
  await withLoop(async (loop) => {
    const future = wrapFuture(
      Promise.reject(new CancelledError("elsewhere")),
      { loop },
    );
    await microtasks();
    assert(future.cancelled());
    assertThrows(() => future.result(), CancelledError, "elsewhere");
  });
});

Deno.test("wrapFuture() accepts any object with a then method", async () => {
  await withLoop(async (loop) => {
    const thenable = bad<PromiseLike<number>>({
      then: (resolve: (value: number) => void) => resolve(5),
    });
    assertEquals(
      await loop.runUntilComplete(wrapFuture(thenable, { loop })),
      5,
    );
  });
});

Deno.test("wrapFuture() returns a future or a task unchanged", async () => {
  await withLoop((loop) => {
    const future = loop.createFuture();
    const task = loop.createTask(sleep(0));
    assertStrictEquals<unknown>(wrapFuture(future), future);
    assertStrictEquals<unknown>(wrapFuture(task), task);
    assertInstanceOf(task, Task);
  });
});

Deno.test("a cancelled wrapped promise ignores the outcome of the promise, even an error", async () => {
  await withLoop(async (loop) => {
    const outcomes = [1, 2].map(() => Promise.withResolvers<number>());
    const futures = outcomes.map(({ promise }) =>
      wrapFuture(promise, { loop })
    );
    for (const future of futures) assert(future.cancel());
    outcomes[0].resolve(1);
    outcomes[1].reject(new Error("too late"));
    await microtasks();
    assertEquals(futures.map(String), [
      "<Future cancelled>",
      "<Future cancelled>",
    ]);
  });
});

Deno.test("a promise that settles after its future was set does not change the future", async () => {
  await withLoop(async (loop) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const future = wrapFuture(promise, { loop });
    future.setResult(1);
    resolve(2);
    await microtasks();
    assertEquals(future.result(), 1);
  });
});

Deno.test("wrapFuture() calls a function at once, with a signal that is not aborted", async () => {
  await withLoop(async (loop) => {
    const signals: AbortSignal[] = [];
    const future = wrapFuture((signal) => {
      signals.push(signal);
      return Promise.resolve("started");
    }, { loop });
    const [signal] = signals;
    assertFalse(signal.aborted);
    assertEquals(await loop.runUntilComplete(future), "started");
    assertFalse(future.cancel());
    assertFalse(signal.aborted);
  });
});

testKinds(
  "cancelling a task aborts the signal of the wrapped function that it waits for",
  async (kind) => {
    await inVirtualTime(async () => {
      let signal: AbortSignal | undefined;
      const main = inKind(kind, function* main() {
        yield wrapFuture((given: AbortSignal) => {
          signal = given;
          return new Promise<void>((_resolve, reject) =>
            given.addEventListener("abort", () => reject(given.reason))
          );
        });
      });
      const task = createTask(main());
      await sleep(1);
      assertFalse(signal!.aborted);
      task.cancel("enough");
      assert(signal!.aborted);
      assertInstanceOf(signal!.reason, CancelledError);
      assertEquals(signal!.reason.message, "enough");
      await sleep(0);
      assert(task.cancelled());
    });
  },
);

Deno.test("wrapFuture() throws what the function throws synchronously", async () => {
  await withLoop((loop) => {
    assertThrows(
      () =>
        wrapFuture(() => {
          throw new RangeError("at once");
        }, { loop }),
      RangeError,
      "at once",
    );
    assertEquals(loop.$holdingsOf.externals, 0);
  });
});

for (
  const [text, value] of Object.entries<unknown>({
    undefined: undefined,
    null: null,
    1: 1,
    "'x'": "x",
    "{}": {},
  })
) {
  Deno.test(`wrapFuture() refuses ${text}, also as the result of its function`, async () => {
    await withLoop((loop) => {
      for (
        const wrap of [
          () => wrapFuture(bad<Promise<void>>(value), { loop }),
          () => wrapFuture(() => bad<Promise<void>>(value), { loop }),
        ]
      ) {
        const error = assertThrows(wrap, TypeError);
        assertStringIncludes(error.message, `current value is ${text}`);
      }
      assertEquals(loop.$holdingsOf.externals, 0);
    });
  });
}

Deno.test("the exception of a wrapped promise is reported if it is never retrieved", async () => {
  const error = new Error("never retrieved");
  const { contexts } = await runVirtually(async () => {
    wrapFuture(Promise.reject(error));
    await sleep(1);
  });
  assertEquals(
    contexts.map((context) => [context.message, context.exception]),
    [
      ["Future exception was never retrieved", error],
    ],
  );
});

Deno.test("a million futures can be created and ended within the time of a test", async () => {
  await withLoop((loop) => {
    let sum = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const future = loop.createFuture<number>();
      future.setResult(1);
      sum += future.result();
    }
    assertEquals(sum, 1_000_000);
  });
});

Deno.test("a hundred thousand callbacks of one future are called in order", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    let next = 0;
    let inOrder = true;
    for (let i = 0; i < 100_000; i++) {
      future.addDoneCallback(() => inOrder &&= next++ === i);
    }
    future.setResult();
    await turn(loop);
    assert(inOrder);
    assertEquals(next, 100_000);
  });
});

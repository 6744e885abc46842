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
import {
  ALL_COMPLETED,
  type Awaitable,
  CancelledError,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  EventLoop,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type Future,
  gather,
  getEventLoop,
  getRunningLoop,
  setEventLoop,
  sleep,
  Task,
  wait,
  type WaitOptions,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  runVirtually,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/** Returns its result after some time. */
const after = coroutine(async function after<T>(seconds: number, result: T) {
  await sleep(seconds);
  return result;
});

/** Throws its error after some time. */
const failing = coroutine(
  async function failing(seconds: number, error: unknown): Promise<never> {
    await sleep(seconds);
    throw error;
  },
);

/** Sleeps forever and logs how it was cancelled. */
const sleeper = coroutine(async function sleeper(name: string, log: string[]) {
  try {
    await sleep(Infinity);
  } catch (error) {
    assertInstanceOf(error, CancelledError);
    log.push(error.message === "" ? name : `${name}: ${error.message}`);
    throw error;
  }
});

/** Returns its result in spite of being cancelled. */
const stubborn = coroutine(async function stubborn<T>(result: T) {
  try {
    await sleep(Infinity);
  } catch {
    return result;
  }
});

/** The error that awaiting `awaitable` throws. */
async function errorOf(awaitable: PromiseLike<unknown>): Promise<unknown> {
  try {
    await awaitable;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

// gather(): results

testKinds("gather() returns the results in the given order", async (kind) => {
  const work = inKind(kind, function* work(seconds: number, result: string) {
    yield sleep(seconds);
    return result;
  });
  const results = await inVirtualTime(() =>
    gather(work(3, "a"), work(1, "b"), work(2, "c"))
  );
  assertEquals(results, ["a", "b", "c"]);
});

Deno.test("gather() runs all awaitables at the same time", async () => {
  const { elapsed } = await runVirtually(() =>
    gather(sleep(3), sleep(1), sleep(2))
  );
  assertEquals(elapsed, 3);
});

Deno.test("gather() starts coroutines in the given order, in the next turn", async () => {
  const log: string[] = [];
  const step = (name: string) => async () => {
    log.push(name);
  };
  await inVirtualTime(async () => {
    const all = gather(step("a"), step("b"), step("c"));
    log.push("gathered");
    await all;
  });
  assertEquals(log, ["gathered", "a", "b", "c"]);
});

Deno.test("gather() of nothing is done at once", async () => {
  await inVirtualTime(async () => {
    for (const all of [gather(), gather([]), gather(new Set<Task<void>>())]) {
      assert(all.done());
      assertEquals(all.result(), []);
    }
  });
});

Deno.test("gather() accepts an array, a set or a generator", async () => {
  await inVirtualTime(async () => {
    function* coroutines() {
      yield after(0.2, 1);
      yield after(0.1, 2);
    }
    const task = createTask(after(0, 3));
    assertEquals(await gather([after(0.2, 1), after(0.1, 2)]), [1, 2]);
    assertEquals(await gather(new Set([after(0.2, 1), task])), [1, 3]);
    assertEquals(await gather(coroutines()), [1, 2]);
  });
});

Deno.test("gather() treats a single awaitable as an awaitable, not as a list", async () => {
  await inVirtualTime(async () => {
    assertEquals(await gather(after(0, 1)), [1]);
    assertEquals(await gather(createTask(after(0, 2))), [2]);
  });
});

Deno.test("gather() waits once for an awaitable that is given twice", async () => {
  let calls = 0;
  const counted = coroutine(async () => {
    await sleep(0);
    return ++calls;
  });
  await inVirtualTime(async () => {
    const coro = counted();
    const task = createTask(counted());
    assertEquals(await gather(coro, task, coro, task), [2, 1, 2, 1]);
  });
});

Deno.test("gather() returns the exception of an awaitable that is given twice in both places", async () => {
  const error = new Error("no luck");
  await inVirtualTime(async () => {
    const coro = failing(0, error);
    const results = await gather([coro, coro], { returnExceptions: true });
    assertEquals(results.length, 2);
    assertStrictEquals(results[0], error);
    assertStrictEquals(results[1], error);
  });
});

Deno.test("gather() wraps native promises and thenables", async () => {
  const thenable: PromiseLike<string> = {
    then: (onfulfilled) => Promise.resolve("thenable").then(onfulfilled),
  };
  const results = await inVirtualTime(() =>
    gather(Promise.resolve("promise"), thenable, after(1, "coroutine"))
  );
  assertEquals(results, ["promise", "thenable", "coroutine"]);
});

Deno.test("gather() accepts async and generator functions without arguments", async () => {
  const results = await inVirtualTime(() =>
    gather(
      async () => 1,
      function* () {
        yield* sleep(0);
        return "two";
      },
      coroutine(async () => true),
    )
  );
  assertEquals(results, [1, "two", true]);
});

Deno.test("gather() of futures that are already done is done in the next turn", async () => {
  await inVirtualTime(async () => {
    const [a, b] = [createTask(after(0, 1)), createTask(after(0, 2))];
    await sleep(1);
    const all = gather(a, b);
    await sleep(0);
    assert(all.done());
    assertEquals(all.result(), [1, 2]);
  });
});

Deno.test("gather() of gather() returns nested lists", async () => {
  const results = await inVirtualTime(() =>
    gather(gather(after(2, 1), after(1, 2)), after(1, 3), gather())
  );
  assertEquals(results, [[1, 2], 3, []]);
});

Deno.test("gather() outside any loop uses the current loop", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  setEventLoop(loop);
  try {
    const all = gather(after(1, "a"), after(2, "b"));
    assertStrictEquals(all.getLoop(), loop);
    assertEquals(await loop.runUntilComplete(all), ["a", "b"]);
  } finally {
    setEventLoop(null);
    loop.close();
  }
});

Deno.test("gather() outside any loop uses the loop of the futures", async () => {
  const current = getEventLoop();
  const loop = new EventLoop({ clock: new VirtualClock() });
  const all = gather(loop.createTask(after(1, "a")));
  assert(current !== loop);
  assertStrictEquals(all.getLoop(), loop);
  assertEquals(await loop.runUntilComplete(all), ["a"]);
  loop.close();
  setEventLoop(null);
});

Deno.test("gather() of 100,000 tasks returns 100,000 results", async () => {
  const count = 100_000;
  const results = await inVirtualTime(async () => {
    const tasks = Array.from(
      { length: count },
      (_, i) => createTask(sleep(0, i)),
    );
    return await gather(tasks);
  });
  assertEquals(results.length, count);
  assertEquals(results.findIndex((result, i) => result !== i), -1);
});

Deno.test("gather() of 100,000 tasks can be cancelled", async () => {
  await inVirtualTime(async () => {
    const tasks = Array.from(
      { length: 100_000 },
      () => createTask(sleep(Infinity)),
    );
    const all = gather(tasks);
    await sleep(0);
    all.cancel();
    assertInstanceOf(await errorOf(all), CancelledError);
    assert(tasks.every((task) => task.cancelled()));
  });
});

Deno.test("gather() is printed as a gathering future, and in the text of its children", async () => {
  await inVirtualTime(async () => {
    const child = getRunningLoop().createFuture<string>();
    const all = gather(child);
    assertEquals(String(all), "<_GatheringFuture pending>");
    assertEquals(
      String(child),
      "<Future pending cb=[gather.<locals>._done_callback()]>",
    );
    child.setResult("a");
    await all;
    assertEquals(String(all), "<_GatheringFuture finished result=['a']>");
  });
});

// gather(): exceptions

testKinds(
  "gather() throws the first exception, the same object",
  async (kind) => {
    const first = new Error("first");
    const second = new Error("second");
    const fail = inKind(kind, function* fail(seconds: number, error: Error) {
      yield sleep(seconds);
      throw error;
    });
    await inVirtualTime(async () => {
      const all = gather(fail(2, second), fail(1, first), sleep(0));
      assertStrictEquals(await errorOf(all), first);
      await sleep(2);
    });
  },
);

Deno.test("gather() lets the other tasks keep running after an exception", async () => {
  await inVirtualTime(async () => {
    const other = createTask(after(2, "done"));
    await assertRejects(
      () => gather(failing(1, new Error("no luck")), other),
      Error,
      "no luck",
    );
    assertFalse(other.done());
    assertEquals(await other, "done");
  });
});

Deno.test("gather() does not report exceptions after the first", async () => {
  const { contexts } = await runVirtually(async () => {
    const first = new Error("first");
    const all = gather(failing(1, first), failing(2, new Error("second")));
    assertStrictEquals(await errorOf(all), first);
    await sleep(3);
  });
  assertEquals(contexts, []);
});

Deno.test("a failed gather() whose exception is never retrieved is reported once", async () => {
  const error = new Error("no luck");
  const { contexts } = await runVirtually(async () => {
    gather(failing(1, error), failing(2, new Error("second")));
    await sleep(3);
  });
  assertEquals(contexts.map(({ message }) => message), [
    "_GatheringFuture exception was never retrieved",
  ]);
  assertStrictEquals(contexts[0].exception, error);
});

Deno.test("gather() with returnExceptions puts exceptions among the results", async () => {
  const error = new Error("no luck");
  await inVirtualTime(async () => {
    const results = await gather(
      [failing(1, error), after(2, "a"), failing(0, "thrown text")],
      { returnExceptions: true },
    );
    assertEquals(results.slice(1), ["a", "thrown text"]);
    assertStrictEquals(results[0], error);
  });
});

Deno.test("gather() with returnExceptions returns a CancelledError for a cancelled child", async () => {
  await inVirtualTime(async () => {
    const child = createTask(sleep(Infinity));
    const all = gather([child, after(2, "a")], { returnExceptions: true });
    await sleep(1);
    child.cancel();
    const [cancelled, result] = await all;
    assertInstanceOf(cancelled, CancelledError);
    assertEquals(result, "a");
  });
});

Deno.test("gather() with returnExceptions: false throws, as without options", async () => {
  await inVirtualTime(async () => {
    const error = new Error("no luck");
    const all = gather([failing(0, error)], { returnExceptions: false });
    assertStrictEquals(await errorOf(all), error);
  });
});

// gather(): cancellation of a child

Deno.test("gather() throws CancelledError when a child is cancelled, and does not cancel the others", async () => {
  for (const position of [0, 1, 2]) {
    await inVirtualTime(async () => {
      const tasks = [1, 2, 3].map((n) => createTask(after(2, n)));
      const all = gather(tasks);
      await sleep(1);
      tasks[position].cancel("enough");
      assertIsError(await errorOf(all), CancelledError, "enough");
      assertFalse(all.cancelled(), "it is an exception, not a cancellation");
      const others = tasks.filter((_, i) => i !== position);
      assertEquals(others.map((task) => task.done()), [false, false]);
      assertEquals(
        await gather(others),
        [1, 2, 3].filter((_, i) => i !== position),
      );
    });
  }
});

// gather(): cancellation of the gathering

Deno.test("cancelling gather() cancels all children that are not done", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const done = createTask(after(0, "done"));
    const all = gather(sleeper("a", log), done, sleeper("b", log));
    await sleep(1);
    assert(all.cancel("enough"));
    assertIsError(await errorOf(all), CancelledError, "enough");
    assertEquals(done.result(), "done");
  });
  assertEquals(log, ["a: enough", "b: enough"]);
});

Deno.test("a cancelled gather() is done when its children are", async () => {
  await inVirtualTime(async () => {
    const slow = coroutine(async () => {
      try {
        await sleep(Infinity);
      } finally {
        await sleep(5);
      }
    });
    const start = getRunningLoop().time();
    const quick = createTask(sleep(Infinity));
    const all = gather(slow(), slow(), quick);
    // The first cancelled child counts as an exception and ends the gathering.
    await sleep(1);
    all.cancel();
    assertFalse(all.done());
    await errorOf(all);
    assertEquals(getRunningLoop().time() - start, 1);

    const patient = gather([slow(), slow()], { returnExceptions: true });
    await sleep(1);
    patient.cancel();
    await errorOf(patient);
    assertEquals(getRunningLoop().time() - start, 7);
  });
});

Deno.test("a cancelled gather() with returnExceptions still throws", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const all = gather([sleeper("a", log), sleeper("b", log)], {
      returnExceptions: true,
    });
    await sleep(1);
    all.cancel();
    assertInstanceOf(await errorOf(all), CancelledError);
  });
  assertEquals(log, ["a", "b"]);
});

Deno.test("a cancelled gather() throws even if all children suppress the cancellation", async () => {
  await inVirtualTime(async () => {
    const tasks = [1, 2, 3].map((n) => createTask(stubborn(n)));
    const all = gather(tasks);
    await sleep(1);
    all.cancel();
    assertInstanceOf(await errorOf(all), CancelledError);
    assertEquals(tasks.map((task) => task.result()), [1, 2, 3]);
  });
});

Deno.test("a cancelled gather() throws the error that a child throws instead", async () => {
  const error = new Error("cleaning up failed");
  await inVirtualTime(async () => {
    const clumsy = coroutine(async () => {
      try {
        await sleep(Infinity);
      } catch {
        throw error;
      }
    });
    const all = gather(clumsy(), stubborn(1));
    await sleep(1);
    all.cancel();
    assertStrictEquals(await errorOf(all), error);
  });
});

testKinds(
  "cancelling a task that awaits gather() cancels the children",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const parent = createTask(
        inKind(kind, function* parent() {
          yield gather(sleeper("a", log), sleeper("b", log), sleeper("c", log));
        })(),
      );
      await sleep(1);
      parent.cancel("enough");
      assertIsError(await errorOf(parent), CancelledError, "enough");
      assert(parent.cancelled());
    });
    assertEquals(log, ["a: enough", "b: enough", "c: enough"]);
  },
);

Deno.test("a cancellation reaches the children of nested gather() calls", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const all = gather(
      sleeper("a", log),
      gather(sleeper("b", log), gather(sleeper("c", log))),
    );
    await sleep(1);
    assert(all.cancel());
    assertInstanceOf(await errorOf(all), CancelledError);
  });
  assertEquals(log, ["a", "b", "c"]);
});

Deno.test("a child that was cancelled before its first step never starts", async () => {
  let started = false;
  await inVirtualTime(async () => {
    const all = gather(async () => {
      started = true;
    });
    all.cancel();
    assertInstanceOf(await errorOf(all), CancelledError);
  });
  assertFalse(started);
});

Deno.test("cancel() of a gather() that is done returns false", async () => {
  await inVirtualTime(async () => {
    const all = gather(after(0, 1), after(0, 2));
    await all;
    assertFalse(all.cancel());
    assertEquals(all.result(), [1, 2]);
    assertFalse(gather().cancel());
  });
});

Deno.test("cancel() of a failed gather() returns false and does not cancel the other tasks", async () => {
  await inVirtualTime(async () => {
    const other = createTask(after(2, "done"));
    const all = gather(failing(1, new Error("no luck")), other);
    await errorOf(all);
    assertFalse(all.cancel());
    assertEquals(await other, "done");
  });
});

Deno.test("cancel() of a gather() whose children are all done returns false", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const [a, b] = [loop.createFuture<number>(), loop.createFuture<number>()];
    const all = gather(a, b);
    a.setResult(1);
    b.setResult(2);
    assertFalse(all.done(), "its callbacks run in the next turn");
    assertFalse(all.cancel());
    assertEquals(await all, [1, 2]);
  });
});

Deno.test("a cancelled gather() that is never awaited is not reported", async () => {
  const { contexts } = await runVirtually(async () => {
    const all = gather(sleep(Infinity));
    await sleep(1);
    all.cancel();
    await sleep(1);
  });
  assertEquals(contexts, []);
});

// gather(): bad input

const notAwaitable: [name: string, value: unknown][] = [
  ["a number", 1],
  ["a string", "abc"],
  ["null", null],
  ["true", true],
  ["an object", { seconds: 1 }],
  ["a symbol", Symbol("s")],
];

for (const [name, value] of notAwaitable) {
  Deno.test(`gather() refuses ${name} among awaitables, and starts nothing`, async () => {
    const log: string[] = [];
    const work = coroutine(async function work(name: string) {
      log.push(name);
    });
    await inVirtualTime(async () => {
      const [a, b] = [work("a"), work("b")];
      const bad = value as Coroutine<void>;
      assertThrows(() => gather(a, bad, b), TypeError, "awaitable is required");
      assertThrows(() => gather([a, bad]), TypeError, "awaitable is required");
      await sleep(1);
      assertEquals(log, []);
      await gather(a, b); // both can still be used
    });
    assertEquals(log, ["a", "b"]);
  });

  Deno.test(`gather() refuses ${name} alone`, () => {
    const bad = value as Coroutine<void>;
    assertThrows(() => gather(bad), TypeError, "awaitable is required");
  });
}

Deno.test("gather() refuses a coroutine that was already awaited, and starts nothing", async () => {
  let started = false;
  await inVirtualTime(async () => {
    const used = after(0, 1);
    await used;
    const fresh = coroutine(async () => {
      started = true;
    })();
    assertThrows(
      () => gather(fresh, used),
      Error,
      "cannot reuse already awaited coroutine",
    );
    await sleep(0);
    assertFalse(started);
    fresh.close();
  });
});

Deno.test("gather() refuses options that do not follow a list", () => {
  const coro = after(0, 1);
  const options = { returnExceptions: true } as unknown as Coroutine<void>;
  assertThrows(() => gather(coro, options), TypeError, "returnExceptions");
  coro.close();
});

Deno.test("gather() refuses a third argument after a list", () => {
  const coro = after(0, 1);
  const call = gather as (...args: unknown[]) => unknown;
  assertThrows(() => call([coro], {}, coro), TypeError, "third argument");
  coro.close();
});

Deno.test("gather() refuses futures of different loops, and starts nothing", () => {
  const [one, other] = [new EventLoop(), new EventLoop()];
  let started = false;
  const coro = coroutine(async () => {
    started = true;
  })();
  const futures = [one.createFuture<void>(), other.createFuture<void>()];
  assertThrows(
    () => gather(coro, ...futures),
    Error,
    "different loop",
  );
  assertFalse(started);
  coro.close();
  one.close();
  other.close();
});

Deno.test("gather() refuses a future of a loop other than the running one", async () => {
  const other = new EventLoop();
  const future = other.createFuture<void>();
  await inVirtualTime(async () => {
    assertThrows(() => gather(future), Error, "different loop");
  });
  other.close();
});

Deno.test("gather() of a function that does not return a coroutine throws a TypeError", async () => {
  await inVirtualTime(async () => {
    const notAsync = (() => 1) as unknown as () => Promise<number>;
    assertIsError(
      await errorOf(gather(notAsync)),
      TypeError,
      "a coroutine was expected from notAsync(), got 1",
    );
  });
});

// wait()

/** Tasks that sleep for 1, 2 and 3 seconds. */
function threeTasks(): [Task<string>, Task<string>, Task<string>] {
  return [
    createTask(after(1, "a")),
    createTask(after(2, "b")),
    createTask(after(3, "c")),
  ];
}

/** Cancels the tasks that a test leaves pending. */
async function dispose(tasks: Iterable<Task<unknown>>): Promise<void> {
  for (const task of tasks) task.cancel();
  await sleep(0);
}

testKinds("wait() waits until all are done", async (kind) => {
  await inVirtualTime(async () => {
    const tasks = threeTasks();
    const start = getRunningLoop().time();
    const [done, pending] = await inKind(kind, function* waits() {
      return yield wait(tasks);
    })() as [Set<Task<string>>, Set<Task<string>>];
    assertEquals([...done], tasks);
    assertEquals(pending.size, 0);
    assertEquals(getRunningLoop().time() - start, 3);
  });
});

Deno.test("wait() with ALL_COMPLETED is the same as wait() without options", async () => {
  await inVirtualTime(async () => {
    const tasks = threeTasks();
    const [done, pending] = await wait(tasks, { returnWhen: ALL_COMPLETED });
    assertEquals([[...done], [...pending]], [tasks, []]);
  });
});

Deno.test("wait() with FIRST_COMPLETED ends when the first is done, whichever it is", async () => {
  for (const position of [0, 1, 2]) {
    await inVirtualTime(async () => {
      const tasks = threeTasks();
      [tasks[0], tasks[position]] = [tasks[position], tasks[0]];
      const start = getRunningLoop().time();
      const [done, pending] = await wait(tasks, {
        returnWhen: FIRST_COMPLETED,
      });
      assertEquals([...done], [tasks[position]]);
      assertEquals([...pending], tasks.filter((_, i) => i !== position));
      assertEquals(getRunningLoop().time() - start, 1);
      await dispose(pending);
    });
  }
});

Deno.test("wait() with FIRST_COMPLETED returns all futures that were done in the same turn", async () => {
  await inVirtualTime(async () => {
    const twins = [createTask(after(1, "a")), createTask(after(1, "b"))];
    const last = createTask(after(2, "c"));
    const [done, pending] = await wait([...twins, last], {
      returnWhen: FIRST_COMPLETED,
    });
    assertEquals([...done], twins);
    assertEquals([...pending], [last]);
    await dispose(pending);
  });
});

Deno.test("wait() with FIRST_COMPLETED counts exceptions and cancellations", async () => {
  await inVirtualTime(async () => {
    const failed = createTask(failing(1, new Error("no luck")));
    const cancelled = createTask(sleep(Infinity));
    const other = createTask(sleep(Infinity));
    const first = { returnWhen: FIRST_COMPLETED } as const;
    const [failures] = await wait<Future<unknown>>([failed, other], first);
    assertEquals([...failures], [failed]);
    failed.exception();
    cancelled.cancel();
    const [cancels] = await wait<Future<unknown>>([cancelled, other], first);
    assertEquals([...cancels], [cancelled]);
    await dispose([other]);
  });
});

Deno.test("wait() with FIRST_EXCEPTION ends when the first fails", async () => {
  const error = new Error("no luck");
  await inVirtualTime(async () => {
    const quick = createTask(after(1, "a"));
    const failed = createTask(failing(2, error));
    const slow = createTask(after(3, "c"));
    const [done, pending] = await wait<Task<string>>([quick, failed, slow], {
      returnWhen: FIRST_EXCEPTION,
    });
    assertEquals([...done], [quick, failed]);
    assertEquals([...pending], [slow]);
    assertStrictEquals(failed.exception(), error);
    await dispose(pending);
  });
});

Deno.test("wait() with FIRST_EXCEPTION does not count cancellations", async () => {
  await inVirtualTime(async () => {
    const tasks = threeTasks();
    tasks[0].cancel();
    const [done, pending] = await wait(tasks, { returnWhen: FIRST_EXCEPTION });
    assertEquals([...done], tasks);
    assertEquals(pending.size, 0);
  });
});

Deno.test("wait() with FIRST_EXCEPTION waits for all when none fails", async () => {
  await inVirtualTime(async () => {
    const tasks = threeTasks();
    const [done] = await wait(tasks, { returnWhen: FIRST_EXCEPTION });
    assertEquals([...done], tasks);
  });
});

Deno.test("wait() with FIRST_EXCEPTION counts a future that has already failed", async () => {
  await inVirtualTime(async () => {
    const failed = createTask(failing(0, new Error("no luck")));
    await errorOf(failed);
    const other = createTask(sleep(Infinity));
    const [done, pending] = await wait<Task<unknown>>([other, failed], {
      returnWhen: FIRST_EXCEPTION,
    });
    assertEquals([[...done], [...pending]], [[failed], [other]]);
    await dispose(pending);
  });
});

Deno.test("wait() does not throw the exceptions of the futures", async () => {
  await inVirtualTime(async () => {
    const failed = createTask(failing(1, new Error("no luck")));
    const [done] = await wait([failed]);
    assertEquals([...done], [failed]);
    assertIsError(failed.exception(), Error, "no luck");
  });
});

Deno.test("wait() does not retrieve exceptions: they are still reported", async () => {
  const { contexts } = await runVirtually(async () => {
    await wait([createTask(failing(1, new Error("no luck")))]);
  });
  assertEquals(contexts.map(({ message }) => message), [
    "Task exception was never retrieved",
  ]);
});

Deno.test("wait() ends when the timeout passes, and cancels nothing", async () => {
  await inVirtualTime(async () => {
    const tasks = threeTasks();
    const start = getRunningLoop().time();
    const [done, pending] = await wait(tasks, { timeout: 1.5 });
    assertEquals(getRunningLoop().time() - start, 1.5);
    assertEquals([...done], [tasks[0]]);
    assertEquals([...pending], [tasks[1], tasks[2]]);
    assertEquals(await gather(pending), ["b", "c"]);
  });
});

Deno.test("wait() that ends before the timeout leaves no timer", async () => {
  const { elapsed } = await runVirtually(async () => {
    await wait(threeTasks(), { timeout: 60 }); // the helper checks for timers
  });
  assertEquals(elapsed, 3);
});

Deno.test("wait() with a timeout of zero or less still lets the other tasks run for a turn", async () => {
  for (const timeout of [0, -0, -1, -Infinity]) {
    await inVirtualTime(async () => {
      const quick = createTask(async () => "quick");
      const slow = createTask(sleep(Infinity));
      const [done, pending] = await wait<Task<unknown>>([quick, slow], {
        timeout,
      });
      assertEquals([[...done], [...pending]], [[quick], [slow]]);
      await dispose(pending);
    });
  }
});

Deno.test("wait() with a timeout of null, undefined or Infinity has no time limit", async () => {
  for (const timeout of [null, undefined, Infinity]) {
    await inVirtualTime(async () => {
      const tasks = threeTasks();
      const [done] = await wait(tasks, { timeout });
      assertEquals([...done], tasks);
    });
  }
});

Deno.test("wait() of a future that is already done takes no time", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<number>();
    future.setResult(1);
    const start = getRunningLoop().time();
    const [done, pending] = await wait([future], { timeout: 60 });
    assertEquals([[...done], [...pending]], [[future], []]);
    assertEquals(getRunningLoop().time(), start);
  });
});

Deno.test("wait() accepts an array, a set or a generator, and counts each future once", async () => {
  await inVirtualTime(async () => {
    const task = createTask(after(1, "a"));
    const future = wrapFuture(Promise.resolve("b"));
    function* futures() {
      yield task;
      yield future;
      yield task;
    }
    const expected = new Set<Future<string>>([task, future]);
    assertEquals((await wait([task, future, task]))[0], expected);
    assertEquals((await wait(new Set([task, future])))[0], expected);
    assertEquals((await wait(futures()))[0], expected);
  });
});

testKinds(
  "cancelling a task in wait() cancels none of the futures",
  async (kind) => {
    await inVirtualTime(async () => {
      const tasks = threeTasks();
      const waiter = createTask(
        inKind(kind, function* waits() {
          yield wait(tasks, { timeout: 60 });
        })(),
      );
      await sleep(0.5);
      waiter.cancel("enough");
      assertIsError(await errorOf(waiter), CancelledError, "enough");
      assertEquals(tasks.map((task) => task.cancelling()), [0, 0, 0]);
      assertEquals(
        tasks.map(String).filter((text) => text.includes("> cb=[")),
        [],
        "wait() removes its callbacks",
      );
      assertEquals(await gather(tasks), ["a", "b", "c"]);
    });
  },
);

Deno.test("one of three tasks in wait() can be cancelled, and the others keep waiting", async () => {
  for (const position of [0, 1, 2]) {
    await inVirtualTime(async () => {
      const tasks = threeTasks();
      const waiters = [1, 2, 3].map(() => createTask(wait(tasks)));
      await sleep(0.5);
      waiters[position].cancel();
      await sleep(0);
      assertEquals(
        waiters.map((waiter) => waiter.done()),
        [0, 1, 2].map((i) => i === position),
      );
      for (const [i, waiter] of waiters.entries()) {
        if (i === position) assert(waiter.cancelled());
        else assertEquals([...(await waiter)[0]], tasks);
      }
    });
  }
});

Deno.test("wait() can wait for 100,000 tasks", async () => {
  await inVirtualTime(async () => {
    const tasks = Array.from({ length: 100_000 }, () => createTask(sleep(0)));
    const [done, pending] = await wait(tasks);
    assertEquals([done.size, pending.size], [tasks.length, 0]);
  });
});

// wait(): bad input

type BadWait = {
  name: string;
  futures: (task: Task<void>) => unknown;
  options?: unknown;
  error: new (message: string) => Error;
  message: string;
};

const list = (task: Task<void>) => [task];

const badWaits: BadWait[] = [
  {
    name: "an empty list",
    futures: () => [],
    error: RangeError,
    message: "Set of Tasks/Futures is empty.",
  },
  {
    name: "a coroutine",
    futures: () => after(0, 1),
    error: TypeError,
    message: "expect a list of futures, not <coroutine object after at 0x",
  },
  {
    name: "a task",
    futures: (task) => task,
    error: TypeError,
    message: "expect a list of futures, not <Task pending",
  },
  {
    name: "a promise",
    futures: () => Promise.resolve(),
    error: TypeError,
    message: "expect a list of futures, not a native Promise",
  },
  {
    name: "a function",
    futures: () => async function work() {},
    error: TypeError,
    message: "expect a list of futures, not [Function: work]",
  },
  {
    name: "a number",
    futures: () => 1,
    error: TypeError,
    message: "expect a list of futures, not 1",
  },
  {
    name: "undefined",
    futures: () => undefined,
    error: TypeError,
    message: "expect a list of futures, not undefined",
  },
  {
    name: "a string",
    futures: () => "abc",
    error: TypeError,
    message: "expect a list of futures, not 'abc'",
  },
  {
    name: "a coroutine in the list",
    futures: (task) => [task, after(0, 1)],
    error: TypeError,
    message: "use tasks explicitly: got <coroutine object after at 0x",
  },
  {
    name: "an async function in the list",
    futures: (task) => [task, async function work() {}],
    error: TypeError,
    message: "use tasks explicitly: got [Function: work]",
  },
  // Cause: A promise was called a coroutine, of which a task can be made.
  {
    name: "a promise in the list",
    futures: (task) => [task, Promise.resolve()],
    error: TypeError,
    message:
      "got a native Promise among them: wrap the promise with wrapFuture()",
  },
  {
    name: "a number in the list",
    futures: (task) => [task, 1],
    error: TypeError,
    message: "expect a list of futures, got 1 among them",
  },
  {
    name: "an unknown returnWhen",
    futures: list,
    options: { returnWhen: "SOMETIMES" },
    error: RangeError,
    message: "Invalid returnWhen value: 'SOMETIMES'",
  },
  {
    name: "a returnWhen that is a number",
    futures: list,
    options: { returnWhen: 1 },
    error: RangeError,
    message: "Invalid returnWhen value: 1",
  },
  {
    name: "a timeout of NaN",
    futures: list,
    options: { timeout: NaN },
    error: TypeError,
    message: "current value is NaN",
  },
  {
    name: "a timeout that is a string",
    futures: list,
    options: { timeout: "1" },
    error: TypeError,
    message: "current value is '1'",
  },
  {
    name: "a timeout that is true",
    futures: list,
    options: { timeout: true },
    error: TypeError,
    message: "current value is true",
  },
];

for (const { name, futures, options, error, message } of badWaits) {
  Deno.test(`wait() refuses ${name}`, async () => {
    await inVirtualTime(async () => {
      const task = createTask(sleep(0));
      assertThrows(
        () => wait(futures(task) as Task<void>[], options as WaitOptions),
        error,
        message,
      );
      await task;
    });
  });
}

Deno.test("wait() refuses a future of another loop", async () => {
  const other = new EventLoop();
  const future = other.createFuture<void>();
  await inVirtualTime(async () => {
    await assertRejects(
      async () => void await wait([future], { timeout: 1 }),
      Error,
      "different loop",
    );
  });
  other.close();
});

// Types, which are checked when the module is compiled

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only if the types are the same. */
function assertType<T>() {
  return <V>(_value: () => V, _same: Equal<V, T>) => {};
}

Deno.test("gather() and wait() infer their types", () => {
  const number = null as unknown as Coroutine<number>;
  const text = null as unknown as Task<string>;
  const promise = null as unknown as Promise<boolean>;
  const anything = null as unknown as Awaitable<Date>;

  assertType<Future<[]>>()(() => gather(), true);
  assertType<Future<[number, string, boolean]>>()(
    () => gather(number, text, promise),
    true,
  );
  assertType<Future<[number, string]>>()(() => gather([number, text]), true);
  assertType<Future<[unknown, unknown]>>()(
    () => gather([number, text], { returnExceptions: true }),
    true,
  );
  assertType<Future<[number, string]>>()(
    () => gather([number, text], { returnExceptions: false }),
    true,
  );
  assertType<Future<number[]>>()(() => gather(new Set([number])), true);
  assertType<Future<unknown[]>>()(
    () => gather(new Set([number]), { returnExceptions: true }),
    true,
  );
  assertType<Future<[number, string]>>()(
    () =>
      gather(
        async () => 1,
        function* () {
          return "text";
        },
      ),
    true,
  );
  assertType<Future<[[number, string], boolean]>>()(
    () => gather(gather(number, text), promise),
    true,
  );
  assertType<Future<[Date]>>()(() => gather(anything), true);
  assertType<
    Coroutine<[done: Set<Task<string>>, pending: Set<Task<string>>]>
  >()(
    () => wait([text]),
    true,
  );

  // @ts-expect-error: a number cannot be awaited
  (() => gather(1));
  // @ts-expect-error: a coroutine is not a future
  (() => wait([number]));
  // @ts-expect-error: there is no such condition
  (() => wait([text], { returnWhen: "SOMETIMES" }));
});

/** How a child may end after the gathering was cancelled. */
const ENDINGS: [what: string, end: () => unknown][] = [
  ["a string", () => "secret"],
  ["a symbol", () => Symbol("s")],
  ["an object without a prototype", () => Object.create(null)],
  ["a CancelledError", () => new CancelledError("a result")],
  ["an error that it throws", () => {
    throw new RangeError("boom");
  }],
];

for (const [what, end] of ENDINGS) {
  Deno.test(`a cancelled gathering whose last child ends with ${what} takes no message from it`, async () => {
    await inVirtualTime(async () => {
      const last = createTask(async () => {
        try {
          await sleep(Infinity);
        } catch {
          // suppresses the cancellation
        }
        return end();
      });
      const gathering = gather([sleep(Infinity), last], {
        returnExceptions: true,
      });
      await sleep(0);
      gathering.cancel("why");
      await sleep(1);
      assert(gathering.done());
      const error = assertThrows(() => gathering.result(), CancelledError);
      assertEquals(error.message, "");
      if (last.exception() === null) {
        assertEquals(typeof last.result(), typeof end());
      }
    });
  });
}

Deno.test("a cancelled gathering takes the message of a request that was due in its last child", async () => {
  await inVirtualTime(async () => {
    const last = createTask(async () => {
      currentTask()!.cancel("self");
      for (let i = 0; i < 2; i++) await sleep(1).then(null, () => {});
    });
    const gathering = gather([last], { returnExceptions: true });
    await sleep(0.5);
    gathering.cancel("why");
    const error = await assertRejects(
      async () => await gathering,
      CancelledError,
    );
    assertEquals(error.message, "self");
  });
});

Deno.test("gather() creates one task for a coroutine that is given twice, with any task factory", async () => {
  await inVirtualTime(async () => {
    let tasks = 0;
    const loop = getRunningLoop();
    loop.setTaskFactory((loop, coro, options) => {
      tasks++;
      return new Task(async () => await coro as never, { ...options, loop });
    });
    const seven = after(1, 7);
    const eight = after(2, 8);
    assertEquals(
      await gather(seven, eight, seven, eight, seven),
      [7, 8, 7, 8, 7],
    );
    assertEquals(tasks, 2);
  });
});

Deno.test("a cancellation among the results is the error that the task threw, if that has no message", async () => {
  await inVirtualTime(async () => {
    const plain = createTask(sleep(Infinity));
    const told = createTask(sleep(Infinity));
    const gathering = gather([plain, told], { returnExceptions: true });
    await sleep(0);
    plain.cancel();
    told.cancel("why");
    const [first, second] = await gathering;
    assertStrictEquals(assertThrows(() => plain.result()), first);
    const thrown = assertThrows(() => told.result(), CancelledError, "why");
    assertInstanceOf(second, CancelledError);
    assertEquals(second.message, "");
    assert(second !== thrown);
  });
});

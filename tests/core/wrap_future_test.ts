import {
  assert,
  assertEquals,
  assertFalse,
  assertIsError,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  EventLoop,
  type Future,
  getEventLoop,
  getRunningLoop,
  isFuture,
  setEventLoop,
  sleep,
  timeout,
  TimeoutError,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  runVirtually,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/** Work that a signal can stop. It rejects with the reason of the abort. */
function abortable(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** The error that awaiting `awaitable` throws. */
async function errorOf(awaitable: PromiseLike<unknown>): Promise<unknown> {
  try {
    await awaitable;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

// A promise

testKinds("wrapFuture() has the result of the promise", async (kind) => {
  const main = inKind(kind, function* main() {
    return yield wrapFuture(Promise.resolve("kept"));
  });
  assertEquals(await inVirtualTime(main), "kept");
});

// Cause: the future of a settled promise is done before an async function awaits
// it, and the function went on in a microtask.
for (
  const [when, before] of [
    ["", () => null],
    [
      ", after a native promise too",
      () => new Promise((r) => setTimeout(r, 0)),
    ],
  ] as const
) {
  testKinds(
    `a wait for a promise that has settled takes a turn of the loop${when}`,
    async (kind) => {
      const clock = new VirtualClock();
      const loop = new EventLoop({ clock });
      const log: number[] = [];
      await assertRejects(
        () =>
          loop.runUntilComplete(async () => {
            await before();
            await timeout(
              1,
              inKind(kind, function* () {
                for (let i = 0; i < 100; i++) {
                  yield wrapFuture(Promise.resolve());
                  log.push(i);
                  clock.jump(0.125);
                }
              }).body,
            );
          }),
        TimeoutError,
      );
      loop.close();
      assert(log.length <= 9, `it went on: ${log}`);
    },
  );
}

Deno.test("a wait for a promise that has settled takes a turn after a native promise, outside of every step", async () => {
  let now = 0;
  // Only what is scheduled wakes this loop.
  const loop = new EventLoop({
    clock: { time: () => now, wake: () => () => {} },
  });
  let isDue = false;
  await loop.runUntilComplete(async () => {
    loop.callLater(1, () => isDue = true);
    // The step is over when the host has had its turn.
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    for (let i = 0; i < 10; i++) {
      now++;
      await wrapFuture(Promise.resolve());
    }
    assert(isDue);
  });
  loop.close();
});

Deno.test("a wait for a promise that has settled goes on if the loop is closed", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const { promise, resolve } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  loop.createTask(async () => {
    await promise;
    end(await wrapFuture(Promise.resolve("settled"), { loop }));
  });
  await loop.runUntilComplete(sleep(0));
  loop.close();
  resolve();
  assertEquals(await ended, "settled");
});

Deno.test("a wait for a promise that had settled before the step takes no turn", async () => {
  await inVirtualTime(async () => {
    const future = wrapFuture(Promise.resolve("settled"));
    await sleep(0);
    const turns: string[] = [];
    getRunningLoop().callSoon(() => turns.push("turn"));
    assertEquals(await future, "settled");
    assertEquals(turns, []);
  });
});

testKinds(
  "awaiting wrapFuture() throws the reason of a rejected promise, the same object",
  async (kind) => {
    const error = new Error("no luck");
    let thrown: unknown;
    const main = inKind(kind, function* main() {
      try {
        yield wrapFuture(Promise.reject(error));
      } catch (caught) {
        thrown = caught;
      }
    });
    await inVirtualTime(main);
    assertStrictEquals(thrown, error);
  },
);

Deno.test("wrapFuture() is pending until the promise settles", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const future = wrapFuture(promise);
    await sleep(60);
    assertFalse(future.done());
    resolve(1);
    assertEquals(await future, 1);
    assertEquals(String(future), "<Future finished result=1>");
  });
});

Deno.test("wrapFuture() settles even while its loop does not run", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const future = wrapFuture(Promise.resolve(1), { loop });
  await null;
  await null;
  assertEquals(future.result(), 1);
  loop.close();
});

Deno.test("wrapFuture() wakes an idle loop", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    setImmediate(() => resolve("woken")); // nothing else is scheduled
    assertEquals(await wrapFuture(promise), "woken");
  });
});

Deno.test("wrapFuture() accepts a thenable", async () => {
  const thenable: PromiseLike<string> = {
    then: (onfulfilled) => Promise.resolve("settled").then(onfulfilled),
  };
  await inVirtualTime(async () => {
    assertEquals(await wrapFuture(thenable), "settled");
  });
});

Deno.test("wrapFuture() returns a future or task unchanged", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<number>();
    const task = createTask(sleep(0));
    assertStrictEquals(wrapFuture(future), future);
    assertStrictEquals(wrapFuture(task), task);
    await task;
  });
});

Deno.test("wrapFuture() returns a future of the running loop, or of the given loop", async () => {
  const other = new EventLoop();
  await inVirtualTime(async () => {
    const promise = Promise.resolve();
    assertStrictEquals(wrapFuture(promise).getLoop(), getRunningLoop());
    assertStrictEquals(wrapFuture(promise, { loop: other }).getLoop(), other);
  });
  other.close();
});

Deno.test("wrapFuture() outside any loop returns a future of the current loop", () => {
  const loop = new EventLoop();
  setEventLoop(loop);
  const future = wrapFuture(Promise.resolve());
  assert(isFuture(future));
  assertStrictEquals(future.getLoop(), loop);
  assertStrictEquals(getEventLoop(), loop);
  setEventLoop(null);
  loop.close();
});

Deno.test("a wrapped promise that was cancelled ignores the outcome of the promise", async () => {
  for (const outcome of ["resolve", "reject"] as const) {
    const { contexts } = await runVirtually(async () => {
      const settlers = Promise.withResolvers<Error>();
      const future = wrapFuture(settlers.promise);
      assert(future.cancel("enough"));
      settlers[outcome](new Error("too late"));
      await sleep(1);
      assert(future.cancelled());
      assertIsError(await errorOf(future), CancelledError, "enough");
    });
    assertEquals(contexts, []);
  }
});

Deno.test("cancelling a wrapped promise does not affect the promise itself", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    wrapFuture(promise).cancel();
    resolve("kept");
    assertEquals(await wrapFuture(promise), "kept");
  });
});

Deno.test("a wrapped promise that settles after its loop was closed has no effect", async () => {
  for (const outcome of ["resolve", "reject"] as const) {
    const settlers = Promise.withResolvers<Error>();
    const { contexts } = await runVirtually(async () => {
      wrapFuture(settlers.promise).addDoneCallback(() => {
        throw new Error("the loop is closed");
      });
    });
    settlers[outcome](new Error("too late"));
    await null;
    await null;
    assertEquals(contexts, []);
  }
});

Deno.test("a wrapped promise that is rejected with CancelledError is cancelled", async () => {
  await inVirtualTime(async () => {
    const future = wrapFuture(Promise.reject(new CancelledError("enough")));
    assertIsError(await errorOf(future), CancelledError, "enough");
    assert(future.cancelled());
  });
});

Deno.test("the exception of a wrapped promise is reported once if it is never retrieved", async () => {
  const error = new Error("no luck");
  const { contexts } = await runVirtually(async () => {
    wrapFuture(Promise.reject(error));
    await sleep(1);
  });
  assertEquals(contexts.map(({ message }) => message), [
    "Future exception was never retrieved",
  ]);
  assertStrictEquals(contexts[0].exception, error);
});

Deno.test("a failure is not reported while a task waits for a wrapped promise", async () => {
  const error = new Error("no luck");
  const { contexts } = await runVirtually(async () => {
    const failed = createTask(async () => {
      throw error;
    });
    // Meanwhile the loop is idle, and nothing in the loop itself can wake it.
    await wrapFuture(new Promise<void>((resolve) => setImmediate(resolve)));
    assertStrictEquals(await errorOf(failed), error);
  });
  assertEquals(contexts, []);
});

Deno.test("one of three tasks that each wrap the same promise can be cancelled", async () => {
  for (const position of [0, 1, 2]) {
    await inVirtualTime(async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const tasks = [1, 2, 3].map(() =>
        createTask(async () => await wrapFuture(promise))
      );
      await sleep(0);
      tasks[position].cancel();
      await sleep(0);
      assert(tasks[position].cancelled());
      resolve("kept");
      for (const [i, task] of tasks.entries()) {
        if (i !== position) assertEquals(await task, "kept");
      }
    });
  }
});

Deno.test("100,000 promises can be wrapped at the same time", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const futures = Array.from({ length: 100_000 }, () => wrapFuture(promise));
    resolve(1);
    await sleep(0);
    await promise;
    assertEquals(futures.findIndex((future) => future.result() !== 1), -1);
  });
});

// A function of a signal

Deno.test("wrapFuture() calls the function at once, with a signal that is not aborted", async () => {
  await inVirtualTime(async () => {
    const signals: AbortSignal[] = [];
    const future = wrapFuture((signal) => {
      signals.push(signal);
      return Promise.resolve(1);
    });
    assertEquals(signals.length, 1);
    assert(signals[0] instanceof AbortSignal);
    assertFalse(signals[0].aborted);
    assertEquals(await future, 1);
  });
});

Deno.test("wrapFuture() accepts an async function, and a function that ignores the signal", async () => {
  await inVirtualTime(async () => {
    assertEquals(await wrapFuture(async (_signal) => 1), 1);
    assertEquals(await wrapFuture(async () => 2), 2);
  });
});

Deno.test("cancel() aborts the signal, with the CancelledError as its reason", async () => {
  await inVirtualTime(async () => {
    let signal: AbortSignal | undefined;
    const future = wrapFuture((s) => abortable(signal = s));
    assert(future.cancel("enough"));
    assert(signal!.aborted, "at once, not with a later turn");
    assertIsError(signal!.reason, CancelledError, "enough");
    assertIsError(await errorOf(future), CancelledError, "enough");
  });
});

testKinds(
  "cancelling a task that awaits it aborts the signal",
  async (kind) => {
    let signal: AbortSignal | undefined;
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* request() {
          yield wrapFuture((s) => abortable(signal = s));
        })(),
      );
      await sleep(1);
      assertFalse(signal!.aborted);
      task.cancel("enough");
      assert(signal!.aborted);
      assertIsError(await errorOf(task), CancelledError, "enough");
      assert(task.cancelled());
    });
  },
);

Deno.test("one of three requests can be cancelled, and the others continue", async () => {
  for (const position of [0, 1, 2]) {
    await inVirtualTime(async () => {
      const signals: AbortSignal[] = [];
      const { promise, resolve } = Promise.withResolvers<string>();
      const tasks = [0, 1, 2].map((i) =>
        createTask(async () =>
          await wrapFuture((signal) => {
            signals[i] = signal;
            return Promise.race([promise, abortable(signal)]);
          })
        )
      );
      await sleep(0);
      tasks[position].cancel();
      assertEquals(
        signals.map((signal) => signal.aborted),
        [0, 1, 2].map((i) => i === position),
      );
      resolve("answer");
      for (const [i, task] of tasks.entries()) {
        if (i !== position) assertEquals(await task, "answer");
      }
    });
  }
});

Deno.test("cancel() of a done future does not abort the signal", async () => {
  await inVirtualTime(async () => {
    const error = new Error("no luck");
    for (const outcome of [Promise.resolve(1), Promise.reject(error)]) {
      let signal: AbortSignal | undefined;
      const future = wrapFuture((s) => {
        signal = s;
        return outcome;
      });
      await Promise.allSettled([future]);
      assertFalse(future.cancel());
      assertFalse(signal!.aborted);
    }
  });
});

Deno.test("a second cancel() returns false, and the first message is kept", async () => {
  await inVirtualTime(async () => {
    let aborts = 0;
    const future = wrapFuture((signal) => {
      signal.addEventListener("abort", () => aborts++);
      return abortable(signal);
    });
    assert(future.cancel("first"));
    assertFalse(future.cancel("second"));
    assertEquals(aborts, 1);
    assertIsError(await errorOf(future), CancelledError, "first");
  });
});

Deno.test("the result of work that ignores its signal is discarded", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const future = wrapFuture((_signal) => promise);
    future.cancel();
    resolve("too late");
    await sleep(1);
    assert(future.cancelled());
  });
});

Deno.test("cancel() inside an abort listener has no further effect", async () => {
  await inVirtualTime(async () => {
    const future: Future<never> = wrapFuture((signal) => {
      signal.addEventListener("abort", () => assertFalse(future.cancel()));
      return abortable(signal);
    });
    assert(future.cancel("enough"));
    assertIsError(await errorOf(future), CancelledError, "enough");
  });
});

Deno.test("wrapFuture() throws the error that the function throws, the same object", async () => {
  const error = new Error("no luck");
  const { contexts } = await runVirtually(async () => {
    const thrown = assertThrows(() =>
      wrapFuture(() => {
        throw error;
      })
    );
    assertStrictEquals(thrown, error);
    assertStrictEquals(
      await errorOf(wrapFuture(async () => {
        throw error;
      })),
      error,
    );
  });
  assertEquals(contexts, []);
});

// Bad input

const notPromises: [name: string, value: unknown, message: string][] = [
  ["a number", 1, "current value is 1"],
  ["a string", "abc", "current value is 'abc'"],
  ["undefined", undefined, "current value is undefined"],
  ["null", null, "current value is null"],
  ["an object", { url: 1 }, "current value is { url: 1 }"],
  ["an object whose then is not a function", { then: 1 }, "{ then: 1 }"],
  ["a list", [1], "current value is [ 1 ]"],
];

for (const [name, value, message] of notPromises) {
  Deno.test(`wrapFuture() refuses ${name}`, async () => {
    await inVirtualTime(async () => {
      const bad = value as Promise<unknown>;
      const error = assertThrows(
        () => wrapFuture(bad),
        TypeError,
        "Cannot wrap what is not a promise",
      );
      assertIsError(error, TypeError, message);
    });
  });

  Deno.test(`wrapFuture() refuses a function that returns ${name}`, async () => {
    await inVirtualTime(async () => {
      const bad = () => value as Promise<unknown>;
      const error = assertThrows(
        () => wrapFuture(bad),
        TypeError,
        "Cannot wrap what is not a promise",
      );
      assertIsError(error, TypeError, message);
    });
  });
}

Deno.test("awaiting a wrapped future of another loop throws and does not affect the future", async () => {
  const other = new EventLoop();
  const future = wrapFuture(new Promise<void>(() => {}), { loop: other });
  await inVirtualTime(async () => {
    await assertRejects(
      async () => await future,
      Error,
      "attached to a different loop",
    );
  });
  assertFalse(future.done());
  other.close();
});

Deno.test("wrapFuture() infers its type", () => {
  const inferred: [
    () => Future<number>,
    () => Future<string>,
    () => Future<boolean>,
  ] = [
    () => wrapFuture(Promise.resolve(1)),
    () => wrapFuture((_signal) => Promise.resolve("text")),
    () => wrapFuture(null as unknown as Coroutine<boolean>),
  ];
  assertEquals(inferred.length, 3);
  // @ts-expect-error: a number is not a promise
  (() => wrapFuture(1));
});

// Cause: each future had a reaction of its own, which the promise kept.
Deno.test("all futures of a promise share one reaction, and each can leave it", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    let reactions = 0;
    const then = promise.then.bind(promise);
    promise.then = ((...handlers: Parameters<typeof then>) => {
      reactions++;
      return then(...handlers);
    }) as typeof promise.then;
    for (const cancelled of [0, 1, 2]) {
      const futures = [0, 1, 2].map(() => wrapFuture(promise));
      assert(futures[cancelled].cancel());
      assertEquals(futures.map((future) => future.done()).sort(), [
        false,
        false,
        true,
      ]);
    }
    const last = wrapFuture(promise);
    assertEquals(reactions, 1);
    resolve("kept");
    assertEquals(await last, "kept");
    assertEquals(await wrapFuture(promise), "kept");
    assertEquals(reactions, 2); // the first one is over
  });
});

Deno.test("a promise keeps nothing of the context in which it is wrapped first", async () => {
  const user = new AsyncLocalStorage<string>();
  await inVirtualTime(() =>
    user.run("Ada", async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const seen: unknown[] = [];
      const then = promise.then.bind(promise);
      promise.then = ((...handlers: Parameters<typeof then>) => {
        seen.push(user.getStore(), currentTask());
        return then(...handlers);
      }) as typeof promise.then;
      const future = wrapFuture(promise);
      assertEquals(seen, [undefined, null]);
      resolve("kept");
      assertEquals(await future, "kept");
      assertEquals(user.getStore(), "Ada");
    })
  );
});

Deno.test("all futures of a promise end with it, in the order in which they were made", async () => {
  await inVirtualTime(async () => {
    const error = new Error("no luck");
    const { promise, reject } = Promise.withResolvers<never>();
    const log: string[] = [];
    const futures = ["a", "b", "c", "d"].map((name) => {
      const future = wrapFuture(promise);
      future.addDoneCallback(() => log.push(name));
      return future;
    });
    futures[1].cancel();
    reject(error);
    for (const i of [0, 2, 3]) {
      assertStrictEquals(await errorOf(futures[i]), error);
    }
    assertEquals(log, ["b", "a", "c", "d"]);
  });
});

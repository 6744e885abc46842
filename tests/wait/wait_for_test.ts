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
import { FakeTime } from "@std/testing/time";
import {
  type Awaitable,
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  EventLoop,
  type Future,
  gather,
  getRunningLoop,
  isCoroutine,
  setEventLoop,
  shield,
  sleep,
  TimeoutError,
  wait,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { caught, startTasks, testStarts } from "../_kinds.ts";

/** Runs a script as the main coroutine, in virtual time. */
function runScript<T>(kind: Kind, script: () => Script<T>): Promise<T> {
  return inVirtualTime(inKind(kind, script)());
}

/** Sleeps forever and logs that it was cancelled. */
function napper(kind: Kind, log: string[]): () => Coroutine<void> {
  return inKind(kind, function* napper() {
    log.push("started");
    try {
      yield sleep(Infinity);
    } catch (error) {
      assertInstanceOf(error, CancelledError);
      log.push("cancelled");
      throw error;
    }
  });
}

// In time

testKinds("waitFor() returns the result", async (kind) => {
  const work = inKind(kind, function* work() {
    yield sleep(1);
    return "done";
  });
  const results = await runScript(kind, function* main() {
    const loop = getRunningLoop();
    const future = loop.createFuture<string>();
    loop.callLater(1, () => future.setResult("future"));
    return [
      yield waitFor(work(), 2),
      yield waitFor(work, 2),
      yield waitFor(createTask(work()), 2),
      yield waitFor(future, 2),
      yield waitFor(Promise.resolve("promise"), 2),
      yield waitFor(async () => await sleep(1, "function"), 2),
    ];
  });
  assertEquals(results, [
    "done",
    "done",
    "done",
    "future",
    "promise",
    "function",
  ]);
});

for (const none of [null, undefined, Infinity]) {
  testKinds(
    `waitFor() with a timeout of ${none} waits as long as it takes`,
    async (kind) => {
      const result = await runScript(kind, function* main() {
        return yield waitFor(sleep(1e9, "done"), none);
      });
      assertEquals(result, "done");
    },
  );
}

testKinds("waitFor() that ends in time leaves no timer", async (kind) => {
  await runScript(kind, function* main() {
    yield waitFor(sleep(1), 100);
    assertEquals(timersOf(getRunningLoop()).size, 0);
  });
});

testKinds(
  "waitFor() throws the error that the awaitable throws, the same object",
  async (kind) => {
    const error = new RangeError("mine");
    const thrown = await runScript(kind, function* main() {
      return yield* caught(waitFor(async () => {
        await sleep(1);
        throw error;
      }, 2));
    });
    assertStrictEquals(thrown, error);
  },
);

testKinds("waitFor() runs a coroutine in the waiting task", async (kind) => {
  await runScript(kind, function* main() {
    const outside = currentTask();
    const work = inKind(kind, function* work() {
      assertStrictEquals(currentTask(), outside);
    });
    yield waitFor(work(), 1);
  });
});

Deno.test("waitFor() starts nothing before it is awaited", async () => {
  await inVirtualTime(async () => {
    let started = false;
    const todo = waitFor(async () => {
      started = true;
    }, 1);
    assert(isCoroutine(todo));
    await sleep(0);
    assertFalse(started);
    await todo;
    assert(started);
  });
});

Deno.test("waitFor() outside any task runs in the current loop", async () => {
  setEventLoop(new EventLoop());
  assertEquals(await waitFor(sleep(0, 1), 60), 1);
  setEventLoop(null);
});

// Timeouts

testKinds(
  "waitFor() cancels the awaitable and throws TimeoutError when the time has passed",
  async (kind) => {
    const log: string[] = [];
    const { elapsed } = await runVirtually(
      inKind(kind, function* main() {
        const error = yield* caught(waitFor(napper(kind, log)(), 2));
        assertInstanceOf(error, TimeoutError);
        assertInstanceOf(error.cause, CancelledError);
        assertEquals(currentTask()!.cancelling(), 0);
        yield sleep(0);
      })(),
    );
    assertEquals(log, ["started", "cancelled"]);
    assertEquals(elapsed, 2);
  },
);

testKinds("waitFor() cancels a task when the time has passed", async (kind) => {
  await runScript(kind, function* main() {
    const task = createTask(napper(kind, [])());
    assertInstanceOf(yield* caught(waitFor(task, 1)), TimeoutError);
    assert(task.cancelled());
  });
});

testKinds(
  "waitFor() cancels a future when the time has passed",
  async (kind) => {
    await runScript(kind, function* main() {
      const future = getRunningLoop().createFuture<void>();
      assertInstanceOf(yield* caught(waitFor(future, 1)), TimeoutError);
      assert(future.cancelled());
    });
  },
);

Deno.test("waitFor() aborts the signal of a wrapped promise when the time has passed", async () => {
  await inVirtualTime(async () => {
    let given: AbortSignal | undefined;
    await assertRejects(
      async () =>
        await waitFor(
          wrapFuture((signal) => {
            given = signal;
            return new Promise<void>(() => {});
          }),
          1,
        ),
      TimeoutError,
    );
    assert(given!.aborted);
  });
});

testKinds(
  "waitFor() waits until the cancelled task has ended",
  async (kind) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      let cleaned = false;
      const slow = createTask(inKind(kind, function* slow() {
        try {
          yield sleep(60);
        } finally {
          yield sleep(5);
          cleaned = true;
        }
      }));
      assertInstanceOf(yield* caught(waitFor(slow, 1)), TimeoutError);
      assert(cleaned);
      assertEquals(loop.time(), 6);
    });
  },
);

testKinds(
  "waitFor() returns the result of a task that suppresses its cancellation",
  async (kind) => {
    const result = await runScript(kind, function* main() {
      const stubborn = createTask(inKind(kind, function* stubborn() {
        yield* caught(sleep(60));
        return 42;
      }));
      return yield waitFor(stubborn, 1);
    });
    assertEquals(result, 42);
  },
);

testKinds(
  "waitFor() throws the error that a task throws when it is cancelled",
  async (kind) => {
    const error = new RangeError("while cleaning up");
    const thrown = await runScript(kind, function* main() {
      const work = createTask(inKind(kind, function* work() {
        yield* caught(sleep(60));
        throw error;
      }));
      return yield* caught(waitFor(work, 1));
    });
    assertStrictEquals(thrown, error);
  },
);

testKinds(
  "waitFor() throws TimeoutError for a result that comes in the same turn",
  async (kind) => {
    // The waiting task has not resumed with the result yet, so the cancellation
    // takes precedence, as in CPython.
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const future = loop.createFuture<string>();
      loop.callAt(loop.time() + 1, () => future.setResult("just too late"));
      assertInstanceOf(yield* caught(waitFor(future, 1)), TimeoutError);
      assertEquals(currentTask()!.cancelling(), 0);
      yield sleep(1);
    });
  },
);

for (
  const [place, index] of [["first", 0], ["middle", 1], ["last", 2]] as const
) {
  testKinds(
    `the ${place} of three waitFor() of one shielded task times out, and the others continue`,
    async (kind) => {
      await runScript(kind, function* main() {
        const source = createTask(sleep(2, "source"));
        const waiters = [0, 1, 2].map((n) =>
          createTask(waitFor(shield(source), n === index ? 1 : 3))
        );
        const outcomes: unknown[] = yield gather(waiters, {
          returnExceptions: true,
        });
        for (const n of [0, 1, 2]) {
          if (n === index) assertInstanceOf(outcomes[n], TimeoutError);
          else assertEquals(outcomes[n], "source");
        }
      });
    },
  );
}

Deno.test("waitFor() follows the FakeTime of the test", async () => {
  using time = new FakeTime(0);
  const loop = new EventLoop();
  const main = loop.runUntilComplete(waitFor(sleep(60), 2));
  let ended = false;
  main.catch(() => {}).finally(() => ended = true);
  await time.tickAsync(1999);
  assertFalse(ended);
  await time.tickAsync(1);
  await time.runMicrotasks();
  assert(ended);
  await assertRejects(() => main, TimeoutError);
  loop.close();
});

// Timeouts of zero or less

for (const limit of [0, -0, -1, -Infinity]) {
  testKinds(
    `waitFor() with a timeout of ${limit} does not start a coroutine`,
    async (kind) => {
      const log: string[] = [];
      await runScript(kind, function* main() {
        for (const awaitable of [napper(kind, log)(), napper(kind, log)]) {
          const error = yield* caught(waitFor(awaitable, limit));
          assertInstanceOf(error, TimeoutError);
          assertInstanceOf(error.cause, CancelledError);
        }
        yield sleep(1);
      });
      assertEquals(log, []);
    },
  );

  testKinds(
    `waitFor() with a timeout of ${limit} returns the result of a future that is already done`,
    async (kind) => {
      const result = await runScript(kind, function* main() {
        const future = getRunningLoop().createFuture<string>();
        future.setResult("done");
        return yield waitFor(future, limit);
      });
      assertEquals(result, "done");
    },
  );

  testKinds(
    `waitFor() with a timeout of ${limit} throws the exception of a future that has already failed`,
    async (kind) => {
      const error = new Error("failed");
      const thrown = await runScript(kind, function* main() {
        const future = getRunningLoop().createFuture<void>();
        future.setException(error);
        return yield* caught(waitFor(future, limit));
      });
      assertStrictEquals(thrown, error);
    },
  );

  testKinds(
    `waitFor() with a timeout of ${limit} cancels a running task`,
    async (kind) => {
      const log: string[] = [];
      await runScript(kind, function* main() {
        const task = createTask(napper(kind, log)());
        yield sleep(0);
        assertInstanceOf(yield* caught(waitFor(task, limit)), TimeoutError);
        assert(task.cancelled());
      });
      assertEquals(log, ["started", "cancelled"]);
    },
  );
}

testKinds(
  "waitFor() of a future that was already cancelled throws CancelledError, not TimeoutError",
  async (kind) => {
    await runScript(kind, function* main() {
      const future = getRunningLoop().createFuture<void>();
      future.cancel("before");
      for (const limit of [0, 1, null]) {
        const error = yield* caught(waitFor(future, limit));
        assertInstanceOf(error, CancelledError);
      }
    });
  },
);

testKinds(
  "waitFor() without time waits until the cancelled task has ended",
  async (kind) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      let cleaned = false;
      const slow = createTask(inKind(kind, function* slow() {
        try {
          yield sleep(60);
        } finally {
          yield sleep(5);
          cleaned = true;
        }
      }));
      yield sleep(1);
      assertInstanceOf(yield* caught(waitFor(slow, 0)), TimeoutError);
      assert(cleaned);
      assertEquals(loop.time(), 6);
    });
  },
);

testKinds(
  "waitFor() without time returns the result of a task that suppresses its cancellation",
  async (kind) => {
    const result = await runScript(kind, function* main() {
      const stubborn = createTask(inKind(kind, function* stubborn() {
        yield* caught(sleep(60));
        return 42;
      }));
      yield sleep(0);
      return yield waitFor(stubborn, 0);
    });
    assertEquals(result, 42);
  },
);

testKinds(
  "waitFor() without time of a shield does not cancel the shielded task",
  async (kind) => {
    const result = await runScript(kind, function* main() {
      const task = createTask(sleep(1, "done"));
      const shielded = shield(task);
      assertInstanceOf(yield* caught(waitFor(shielded, 0)), TimeoutError);
      assert(shielded.cancelled());
      assertFalse(task.done());
      return yield task;
    });
    assertEquals(result, "done");
  },
);

testKinds(
  "waitFor() without time does not lose a cancellation requested before it",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        currentTask()!.cancel();
        yield waitFor(sleep(60), 0);
      }));
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
    });
  },
);

testKinds(
  "waitFor() without time can be cancelled while a task cleans up",
  async (kind) => {
    await runScript(kind, function* main() {
      const stubborn = createTask(inKind(kind, function* stubborn() {
        yield* caught(sleep(60));
        yield sleep(5);
        return "in the end";
      }));
      yield sleep(0);
      const waiting = createTask(waitFor(stubborn, 0));
      yield sleep(1);
      waiting.cancel();
      assertInstanceOf(yield* caught(waiting), CancelledError);
      assertFalse(stubborn.done());
      assertEquals(yield stubborn, "in the end");
    });
  },
);

// Cancellation from outside

for (const limit of [null, 60]) {
  testStarts(
    `cancelling waitFor(…, ${limit}) cancels the awaitable`,
    async (kind, start) => {
      const main = inKind(kind, function* main() {
        const log: string[] = [];
        const task = createTask(napper(kind, log)());
        const waiting = createTask(waitFor(task, limit));
        yield sleep(1);
        waiting.cancel("enough");
        const error = yield* caught(waiting);
        assertInstanceOf(error, CancelledError);
        assertEquals(error.message, "enough");
        assert(task.cancelled());
        assertEquals(log, ["started", "cancelled"]);
      });
      const { contexts } = await runVirtually(main(), {
        prepare: (loop) => startTasks(loop, start),
      });
      assertEquals(contexts, []);
    },
  );

  testKinds(
    `waitFor(…, ${limit}) that is cancelled in the turn of its result is cancelled`,
    async (kind) => {
      await runScript(kind, function* main() {
        const log: string[] = [];
        const inner = createTask(inKind(kind, function* inner() {
          return "done";
        }));
        const waiting = createTask(inKind(kind, function* waiting() {
          yield waitFor(inner, limit);
          yield sleep(1);
          log.push("not reached");
        }));
        yield sleep(0);
        waiting.cancel();
        assertInstanceOf(yield* caught(waiting), CancelledError);
        assertEquals(yield inner, "done");
        assertEquals(log, []);
      });
    },
  );
}

testKinds(
  "cancelling waitFor() before its first step starts nothing",
  async (kind) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      const waiting = createTask(waitFor(napper(kind, log)(), 60));
      waiting.cancel();
      assertInstanceOf(yield* caught(waiting), CancelledError);
      yield sleep(1);
    });
    assertEquals(log, []);
  },
);

testKinds(
  "a cancellation takes precedence over a timeout in the same turn",
  async (kind) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const waiting = createTask(waitFor(sleep(Infinity), 1));
      yield sleep(0);
      loop.callAt(1, () => waiting.cancel());
      assertInstanceOf(yield* caught(waiting), CancelledError);
      assert(waiting.cancelled());
      assertEquals(loop.time(), 1);
    });
  },
);

testKinds(
  "waitFor() can be cancelled while a task delays the timeout",
  async (kind) => {
    await runScript(kind, function* main() {
      const inner = createTask(inKind(kind, function* inner() {
        yield* caught(sleep(3));
        yield* caught(sleep(3));
        yield sleep(3);
        return 42;
      }));
      const waiting = createTask(waitFor(inner, 1));
      yield sleep(2);
      waiting.cancel();
      const error = yield* caught(waiting);
      // The task suppressed both cancellations, so its result stands, as in
      // CPython since 3.12.
      assertEquals(error, null);
      assertEquals(yield inner, 42);
      assertEquals(waiting.result(), 42);
    });
  },
);

testKinds(
  "the one of two nested waitFor() whose time has passed throws",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: unknown[] = [];
      const inner = inKind(kind, function* inner() {
        const error = yield* caught(waitFor(sleep(Infinity), 1));
        log.push((error as Error).name);
        yield sleep(Infinity);
      });
      const error = yield* caught(waitFor(inner(), 3));
      log.push((error as Error).name, getRunningLoop().time());
      assertEquals(log, ["TimeoutError", "TimeoutError", 3]);
    });
  },
);

testKinds("waitFor() of wait() does not cancel the tasks", async (kind) => {
  await runScript(kind, function* main() {
    const tasks = [1, 2, 3].map((n) => createTask(sleep(n, n)));
    assertInstanceOf(yield* caught(waitFor(wait(tasks), 1.5)), TimeoutError);
    assertEquals(tasks.map((task) => task.done()), [true, false, false]);
    assertEquals(yield gather(tasks), [1, 2, 3]);
  });
});

// Bad input

const badAwaitables: [name: string, value: unknown][] = [
  ["a number", 42],
  ["undefined", undefined],
  ["null", null],
  ["a string", "work"],
  ["a list", []],
  ["an object", {}],
];

for (const [name, value] of badAwaitables) {
  for (const limit of [0, 1, null]) {
    Deno.test(`waitFor(…, ${limit}) refuses ${name}`, async () => {
      await inVirtualTime(async () => {
        assertThrows(
          () => waitFor(value as Awaitable<void>, limit),
          TypeError,
          "A Future, a coroutine or an awaitable is required",
        );
      });
    });
  }
}

const badLimits: [name: string, value: unknown][] = [
  ["NaN", NaN],
  ["a string", "1"],
  ["false", false],
  ["a bigint", 1n],
  ["options", { timeout: 1 }],
];

for (const [name, value] of badLimits) {
  Deno.test(`waitFor() refuses ${name} as timeout, and the coroutine can still be used`, async () => {
    await inVirtualTime(async () => {
      const coro = sleep(1, "kept");
      assertThrows(
        () => waitFor(coro, value as number),
        TypeError,
        "the timeout of waitFor()",
      );
      assertEquals(await coro, "kept");
    });
  });
}

Deno.test("waitFor() refuses a coroutine that was already awaited", async () => {
  await inVirtualTime(async () => {
    const coro = sleep(0);
    await coro;
    assertThrows(
      () => waitFor(coro, 1),
      Error,
      "cannot reuse already awaited coroutine",
    );
  });
});

for (const limit of [1, null]) {
  Deno.test(`waitFor(…, ${limit}) refuses a future of another loop`, async () => {
    const other = new EventLoop();
    const future: Future<void> = other.createFuture();
    await inVirtualTime(async () => {
      await assertRejects(
        async () => await waitFor(future, limit),
        Error,
        "different loop",
      );
      assertEquals(timersOf(getRunningLoop()).size, 0);
    });
    other.close();
  });
}

Deno.test("waitFor() of the current task says that a task cannot await itself", async () => {
  await inVirtualTime(async () => {
    await assertRejects(
      async () => await waitFor(currentTask()!, 1),
      Error,
      "Task cannot await on itself",
    );
  });
});

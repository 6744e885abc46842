import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  asCompleted,
  type Awaitable,
  CancelledError,
  createTask,
  currentTask,
  EventLoop,
  type Future,
  gather,
  getRunningLoop,
  isFuture,
  setEventLoop,
  shield,
  sleep,
  type Task,
  timeout,
  TimeoutError,
  wait,
  waitFor,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  runScript,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { caught, startTasks, testStarts } from "../_kinds.ts";

/** A future, and a shield of it. */
function shielded<T>(): { inner: Future<T>; outer: Future<T> } {
  const inner = getRunningLoop().createFuture<T>();
  return { inner, outer: shield(inner) };
}

// Without a cancellation

testKinds("shield() returns the result", async (kind) => {
  const work = inKind(kind, function* work(result: string) {
    yield sleep(1);
    return result;
  });
  const results = await runScript(kind, function* main() {
    return [
      yield shield(work("coroutine")),
      yield shield(() => work("function")),
      yield shield(createTask(work("task"))),
      yield shield(Promise.resolve("promise")),
    ];
  });
  assertEquals(results, ["coroutine", "function", "task", "promise"]);
});

testKinds("shield() throws the exception, the same object", async (kind) => {
  const error = new RangeError("mine");
  const thrown = await runScript(kind, function* main() {
    return yield* caught(shield(async () => {
      await sleep(1);
      throw error;
    }));
  });
  assertStrictEquals(thrown, error);
});

testKinds("shield() starts a coroutine as a task of its own", async (kind) => {
  await runScript(kind, function* main() {
    const outside = currentTask();
    yield shield(async () => {
      assert(currentTask() !== outside);
    });
  });
});

Deno.test("shield() of a future that is already done returns that future", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<number>();
    future.setResult(42);
    assertStrictEquals(shield(future), future);
  });
});

Deno.test("shield() of a pending future is another future", async () => {
  await inVirtualTime(async () => {
    const { inner, outer } = shielded<number>();
    assert(isFuture(outer));
    assert(inner as unknown !== outer);
    inner.setResult(1);
    assertFalse(outer.done());
    await sleep(0);
    assertEquals(outer.result(), 1);
  });
});

Deno.test("shield() outside any loop uses the current loop", async () => {
  const loop = new EventLoop();
  setEventLoop(loop);
  const outer = shield(sleep(0, "done"));
  assertStrictEquals(outer.getLoop(), loop);
  assertEquals(await loop.runUntilComplete(outer), "done");
  loop.close();
  setEventLoop(null);
});

// With a cancellation

testStarts(
  "cancelling a task that waits for a shield does not cancel the work",
  async (kind, start) => {
    const main = inKind(kind, function* main() {
      const log: string[] = [];
      const work = inKind(kind, function* work() {
        yield sleep(2);
        log.push("work done");
      });
      const waiting = createTask(inKind(kind, function* waiting() {
        try {
          yield shield(work());
        } finally {
          log.push("waiting ended");
        }
      }));
      yield sleep(1);
      waiting.cancel("enough");
      const error = yield* caught(waiting);
      assertInstanceOf(error, CancelledError);
      assertEquals(error.message, "enough");
      assert(waiting.cancelled());
      assertEquals(log, ["waiting ended"]);
      yield sleep(2);
      assertEquals(log, ["waiting ended", "work done"]);
    });
    const { contexts } = await runVirtually(main(), {
      prepare: (loop) => startTasks(loop, start),
    });
    assertEquals(contexts, []);
  },
);

Deno.test("shielded work sees no request to cancel it", async () => {
  await inVirtualTime(async () => {
    const task = createTask(sleep(1, "done"));
    const outer = shield(task);
    await sleep(0);
    assert(outer.cancel());
    assertEquals(task.cancelling(), 0);
    assertFalse(task.signal.aborted);
    assertEquals(await task, "done");
  });
});

Deno.test("a cancelled shield ignores the result of the work", async () => {
  await inVirtualTime(async () => {
    const { inner, outer } = shielded<number>();
    outer.cancel();
    await sleep(0);
    assert(outer.cancelled());
    inner.setResult(1);
    await sleep(0);
    assert(outer.cancelled());
  });
});

Deno.test("a shield that is cancelled in the turn of the result stays cancelled", async () => {
  await inVirtualTime(async () => {
    const { inner, outer } = shielded<number>();
    inner.setResult(1);
    assert(outer.cancel());
    await sleep(0);
    assert(outer.cancelled());
    assertEquals(await inner, 1);
  });
});

testKinds("cancelling the work cancels the shield", async (kind) => {
  await runScript(kind, function* main() {
    const work = createTask(sleep(60));
    const waiting = createTask(inKind(kind, function* waiting() {
      yield shield(work);
    }));
    yield sleep(1);
    work.cancel();
    assertInstanceOf(yield* caught(waiting), CancelledError);
  });
});

for (
  const [place, index] of [["first", 0], ["middle", 1], ["last", 2]] as const
) {
  testKinds(
    `the ${place} of three shields of one task can be cancelled, and the others remain`,
    async (kind) => {
      await runScript(kind, function* main() {
        const work = createTask(sleep(2, "done"));
        const waiters = [0, 1, 2].map(() =>
          createTask(inKind(kind, function* waiting() {
            return yield shield(work);
          }))
        );
        yield sleep(1);
        waiters[index].cancel();
        const outcomes: unknown[] = yield gather(waiters, {
          returnExceptions: true,
        });
        for (const n of [0, 1, 2]) {
          if (n === index) assertInstanceOf(outcomes[n], CancelledError);
          else assertEquals(outcomes[n], "done");
        }
        assertEquals(work.result(), "done");
      });
    },
  );
}

testKinds(
  "timeout() around a shield does not cancel the work",
  async (kind) => {
    const result = await runScript(kind, function* main() {
      const work = createTask(sleep(2, "done"));
      const error = yield* caught(timeout(
        1,
        inKind(kind, function* body() {
          yield shield(work);
        }),
      ));
      assertInstanceOf(error, TimeoutError);
      return yield work;
    });
    assertEquals(result, "done");
  },
);

testKinds(
  "a shield in a finally block does not protect the task from a second cancellation",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: string[] = [];
      const task = createTask(inKind(kind, function* work() {
        try {
          yield sleep(60);
        } finally {
          yield shield(async () => {
            await sleep(5);
            log.push("cleaned up");
          });
          log.push("not reached");
        }
      }));
      yield sleep(1);
      task.cancel();
      yield sleep(1);
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(log, []);
      yield sleep(5);
      assertEquals(log, ["cleaned up"]);
    });
  },
);

// With gather()

Deno.test("cancelling a shield of gather() cancels none of the tasks", async () => {
  await inVirtualTime(async () => {
    const tasks = [1, 2, 3].map((n) => createTask(sleep(n, n)));
    const all = gather(tasks);
    const outer = shield(all);
    await sleep(0);
    outer.cancel();
    await sleep(0);
    assert(outer.cancelled());
    assertEquals(await all, [1, 2, 3]);
  });
});

Deno.test("cancelling gather() of shields cancels the shields, not the work", async () => {
  await inVirtualTime(async () => {
    const tasks = [1, 2, 3].map((n) => createTask(sleep(n, n)));
    const shields = tasks.map((task) => shield(task));
    const all = gather(shields);
    await sleep(0);
    all.cancel();
    await sleep(0);
    assertInstanceOf(all.exception(), CancelledError);
    assert(shields.every((shield) => shield.cancelled()));
    assertEquals(await gather(tasks), [1, 2, 3]);
  });
});

// Failures that are reported

// Cause: it took the `name` of the error, which a class has from `Error`.
Deno.test("the report of shielded work names the class of its error", async () => {
  class DiskError extends Error {}
  const { contexts } = await runVirtually(async () => {
    const outer = shield(async () => {
      await sleep(1);
      throw new DiskError("full");
    });
    await sleep(0);
    outer.cancel();
    await sleep(2);
  });
  assertEquals(contexts.map(({ message }) => message), [
    "DiskError exception in shielded future",
  ]);
});

testKinds(
  "work that fails after its shield was cancelled is reported, once",
  async (kind) => {
    const error = new RangeError("not awaited");
    const work = inKind(kind, function* work() {
      yield sleep(2);
      throw error;
    });
    const main = inKind(kind, function* main() {
      const task = createTask(work());
      const shields = [1, 2, 3].map(() => shield(task));
      yield sleep(1);
      for (const outer of shields) outer.cancel();
      yield sleep(2);
      return { task };
    });
    const { result, contexts } = await runVirtually(main());
    assertEquals(contexts.length, 1);
    assertEquals(
      contexts[0].message,
      "RangeError exception in shielded future",
    );
    assertStrictEquals(contexts[0].exception, error);
    assertStrictEquals(contexts[0].future, result.task);
  },
);

testKinds(
  "work that succeeds after its shield was cancelled is not reported",
  async (kind) => {
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        const outer = shield(sleep(2));
        yield sleep(1);
        outer.cancel();
        yield sleep(2);
      })(),
    );
    assertEquals(contexts, []);
  },
);

testKinds(
  "work that is cancelled after its shield is not reported",
  async (kind) => {
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        const task = createTask(sleep(2));
        const outer = shield(task);
        yield sleep(1);
        outer.cancel();
        yield sleep(0);
        task.cancel();
        yield sleep(2);
      })(),
    );
    assertEquals(contexts, []);
  },
);

testKinds(
  "a failure that the shield has thrown is not reported",
  async (kind) => {
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        const error = yield* caught(shield(async () => {
          await sleep(1);
          throw new Error("seen");
        }));
        assertInstanceOf(error, Error);
        yield sleep(1);
      })(),
    );
    assertEquals(contexts, []);
  },
);

testKinds(
  "a failed shield whose exception is never retrieved is reported, once",
  async (kind) => {
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        shield(async () => {
          await sleep(1);
          throw new Error("not retrieved");
        });
        yield sleep(2);
      })(),
    );
    assertEquals(contexts.map(({ message }) => message), [
      "Future exception was never retrieved",
    ]);
  },
);

/** Ways to handle the failure of a task. All are under way when it fails. */
const HANDLERS: [how: string, handle: (task: Task<void>) => Script<unknown>][] =
  [
    ["awaits it", (task) => caught(task)],
    ["gathers it", (task) => caught(gather(task))],
    ["gathers it with results of slower tasks", function* (task) {
      const all = gather([task, sleep(5)], { returnExceptions: true });
      const outcomes: unknown[] = yield all;
      return outcomes[0];
    }],
    ["waits for it and slower tasks", function* (task) {
      yield wait([task, createTask(sleep(5))]);
      return task.exception();
    }],
    ["gets it from asCompleted()", function* (task) {
      for (const next of asCompleted([task])) return yield* caught(next);
    }],
    ["awaits another shield", (task) => caught(shield(task))],
  ];

for (const [how, handle] of HANDLERS) {
  for (const place of [0, 1, 2]) {
    testKinds(
      `a failure after a shield was cancelled is not reported if task ${place} of three ${how}`,
      async (kind) => {
        const error = new RangeError("handled");
        const { contexts } = await runVirtually(
          inKind(kind, function* main() {
            const work = createTask(async () => {
              await sleep(2);
              throw error;
            });
            const handler = inKind(kind, handle);
            const waiters = [0, 1, 2].map((n) =>
              createTask(n === place ? handler(work) : waitFor(shield(work), 1))
            );
            const outcomes: unknown[] = yield gather(waiters, {
              returnExceptions: true,
            });
            for (const n of [0, 1, 2]) {
              if (n === place) assertStrictEquals(outcomes[n], error);
              else assertInstanceOf(outcomes[n], TimeoutError);
            }
          })(),
        );
        assertEquals(contexts, []);
      },
    );
  }
}

testKinds(
  "a failure that a callback retrieves after the shield was cancelled is not reported",
  async (kind) => {
    const seen: unknown[] = [];
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        const work = createTask(async () => {
          await sleep(2);
          throw "text";
        });
        yield* caught(waitFor(shield(work), 1));
        work.addDoneCallback((task) => seen.push(task.exception()));
        yield sleep(2);
      })(),
    );
    assertEquals([seen, contexts], [["text"], []]);
  },
);

testKinds(
  "a failure that a waiting task does not retrieve is reported like any other",
  async (kind) => {
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        const work = createTask(async () => {
          await sleep(2);
          throw new Error("not retrieved");
        });
        yield* caught(waitFor(shield(work), 1));
        yield wait([work]);
      })(),
    );
    assertEquals(contexts.map(({ message }) => message), [
      "Task exception was never retrieved",
    ]);
  },
);

testKinds(
  "a failure after a shield was cancelled is reported while the program continues",
  async (kind) => {
    const log: string[] = [];
    await runVirtually(
      inKind(kind, function* main() {
        const work = createTask(async () => {
          await sleep(2);
          throw new RangeError("not awaited");
        });
        yield* caught(waitFor(shield(work), 1));
        yield sleep(5);
        log.push("end");
      })(),
      {
        prepare: (loop) =>
          loop.setExceptionHandler((loop, { message }) =>
            log.push(`${loop.time()}: ${message}`)
          ),
      },
    );
    assertEquals(log, ["2: RangeError exception in shielded future", "end"]);
  },
);

Deno.test("a failure whose name cannot be read does not end the loop", async () => {
  const error = new Error("hostile");
  Object.defineProperty(error, "name", {
    get() {
      throw new Error("no name");
    },
  });
  const { contexts } = await runVirtually(async () => {
    const work = createTask(async () => {
      await sleep(2);
      throw error;
    });
    await waitFor(shield(work), 1).then(() => {}, () => {});
    await sleep(5);
  });
  assertEquals(contexts.map(({ message }) => message), [
    "Error exception in shielded future",
  ]);
});

// Many shields

for (const order of ["in order", "backwards"]) {
  Deno.test(`cancelling 1,000 shields of one future ${order} leaves no callback`, async () => {
    await inVirtualTime(async () => {
      const inner = getRunningLoop().createFuture<string>();
      const shields = Array.from({ length: 1000 }, () => shield(inner));
      if (order === "backwards") shields.reverse();
      for (const outer of shields) outer.cancel();
      await sleep(0);
      assertEquals(String(inner), "<Future pending>");
    });
  });
}

Deno.test("cancelling all of 1,000 shields but one leaves that one", async () => {
  await inVirtualTime(async () => {
    const inner = getRunningLoop().createFuture<string>();
    const shields = Array.from({ length: 1000 }, () => shield(inner));
    const others = shields.splice(0, 999);
    for (const outer of others) outer.cancel();
    await sleep(0);
    assertEquals(
      String(inner),
      "<Future pending cb=[shield.<locals>._inner_done_callback()]>",
    );
    inner.setResult("done");
    assertEquals(await shields[0], "done");
  });
});

Deno.test("shields and callbacks of one future keep their order", async () => {
  await inVirtualTime(async () => {
    const inner = getRunningLoop().createFuture<string>();
    const shields: Future<string>[] = [];
    const log: string[] = [];
    const addShields = (count: number) => {
      for (let i = 0; i < count; i++) shields.push(shield(inner));
    };
    const addCallback = () =>
      inner.addDoneCallback(() =>
        log.push(shields.map((outer) => outer.done() ? "x" : "-").join(""))
      );
    addCallback();
    addShields(1);
    addCallback();
    addShields(2);
    addCallback();
    addShields(1);
    addCallback();
    inner.setResult("done");
    await sleep(0);
    assertEquals(log, ["----", "x---", "xxx-", "xxxx"]);
    for (const outer of shields) assertEquals(outer.result(), "done");
  });
});

// Bad input

const badAwaitables: [name: string, value: unknown][] = [
  ["a number", 42],
  ["NaN", NaN],
  ["undefined", undefined],
  ["null", null],
  ["a string", "work"],
  ["a list of tasks", []],
  ["an object", {}],
];

for (const [name, value] of badAwaitables) {
  Deno.test(`shield() refuses ${name}`, async () => {
    await inVirtualTime(async () => {
      assertThrows(
        () => shield(value as Awaitable<void>),
        TypeError,
        "A Future, a coroutine or an awaitable is required",
      );
    });
  });
}

Deno.test("shield() refuses a coroutine that was already awaited", async () => {
  await inVirtualTime(async () => {
    const coro = sleep(0);
    await coro;
    assertThrows(
      () => shield(coro),
      Error,
      "cannot reuse already awaited coroutine",
    );
  });
});

Deno.test("awaiting shield() of a future of another loop throws", async () => {
  const other = new EventLoop();
  await inVirtualTime(async () => {
    const error = await shield(other.createFuture<void>()).then(
      () => null,
      (error) => error,
    );
    assertInstanceOf(error, Error);
    assert(error.message.includes("different loop"));
  });
  other.close();
});

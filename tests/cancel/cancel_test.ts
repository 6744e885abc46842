import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  allTasks,
  type Awaitable,
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  Future,
  gather,
  getRunningLoop,
  moveOnAfter,
  sleep,
  type Task,
  timeout,
  TimeoutError,
  wait,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  KINDS,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";

async function turns(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await sleep(0);
}

/** The outcomes of futures, as text. */
function fates(futures: Iterable<Future<unknown>>): string[] {
  return Array.from(futures, (future) => {
    if (!future.done()) return "pending";
    if (future.cancelled()) return "cancelled";
    const error = future.exception();
    return error === null
      ? `result ${future.result()}`
      : `error ${(error as Error).message}`;
  });
}

/** A coroutine function that waits for `awaitable` and logs its cancellation. */
function waiting(
  kind: Kind,
  log: string[],
): (name: string, awaitable: Awaitable<unknown>) => Awaitable<unknown> {
  return inKind(kind, function* waiting(name, awaitable): Script<unknown> {
    try {
      return yield awaitable;
    } catch (error) {
      log.push(`${name}: ${(error as Error).message}`);
      throw error;
    }
  });
}

// --- nesting

/** Ways to wrap a wait, by what is put around it. */
const layers: Record<
  string,
  (inner: () => PromiseLike<unknown>) => () => PromiseLike<unknown>
> = {
  "an async coroutine": (inner) =>
    inKind("async", function* layer() {
      return yield inner();
    }),
  "a generator coroutine": (inner) =>
    inKind("generator", function* layer() {
      return yield inner() as Future<unknown>;
    }),
  "a task": (inner) => () => createTask(async () => await inner()),
  "a gathering": (inner) => () => gather(async () => await inner()),
  "a gathering in a gathering": (inner) => () =>
    gather(gather(async () => await inner()), sleep(60)),
  "a native async function": (inner) => async () => await inner(),
  "Promise.all": (inner) => () => Promise.all([inner(), sleep(60)]),
  "Promise.race": (inner) => () => Promise.race([inner(), sleep(60)]),
  "three native async functions": (inner) => async () =>
    await (async () => await (async () => await inner())())(),
};
const steppable = ["an async coroutine", "a generator coroutine", "a task"];

for (const [outer, wrapOuter] of Object.entries(layers)) {
  for (const [inner, wrapInner] of Object.entries(layers)) {
    // A generator cannot wait for a native promise.
    const native = inner.includes("native") || inner.includes("Promise");
    if (outer === "a generator coroutine" && native) continue;
    Deno.test(`cancelling reaches the innermost wait through ${outer} around ${inner}`, async () => {
      await inVirtualTime(async () => {
        const future = getRunningLoop().createFuture<void>();
        let reached: unknown = null;
        const innermost = inKind("async", function* innermost() {
          try {
            yield future;
          } catch (error) {
            reached = error;
            throw error;
          }
        });
        const nested = wrapOuter(wrapInner(innermost));
        const task = createTask(async () => {
          await nested();
        });
        await turns(8);
        assertFalse(task.done());
        task.cancel("down");
        await assertRejects(async () => await task, CancelledError);
        await turns(8);
        assert(reached instanceof CancelledError, String(reached));
        assertEquals(reached.message, "down");
        assert(future.cancelled());
        assert(task.cancelled());
        assertEquals(allTasks().size, 1);
      });
    });
  }
}

Deno.test("the tests of nesting cover every way to wrap a wait", () => {
  for (const name of steppable) assert(name in layers);
  assertEquals(Object.keys(layers).length, 9);
});

// --- several awaits of one task

Deno.test("cancelling reaches every await of Promise.all", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    const inner = createTask(waiting("async", log)("task", sleep(60)) as never);
    const task = createTask(async () => {
      await Promise.all([
        sleep(1),
        sleep(60),
        future,
        inner,
        waiting("async", log)("async", sleep(60)),
        waiting("generator", log)("generator", sleep(60)),
        (async () => await waiting("async", log)("native", sleep(60)))(),
      ]);
    });
    await sleep(2);
    task.cancel("all");
    await assertRejects(async () => await task, CancelledError, "all");
    await turns(3);
    assert(future.cancelled());
    assert(inner.cancelled());
    assertEquals(log.sort(), [
      "async: all",
      "generator: all",
      "native: all",
      "task: all",
    ]);
  });
});

Deno.test("a task that suppressed the cancellation of several awaits continues, only once", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      const all = await Promise.allSettled([sleep(60), sleep(70), sleep(1)]);
      log.push(all.map(({ status }) => status).join(" "));
      await sleep(5);
      return "went on";
    });
    await sleep(2);
    task.cancel();
    assertEquals(await task, "went on");
    assertEquals(getRunningLoop().time(), 7);
  });
  assertEquals(log, ["rejected rejected fulfilled"]);
});

Deno.test("cancelling between a first and a second Promise.all reaches the second only", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const task = createTask(async () => {
      await Promise.all([sleep(1), sleep(2)]);
      log.push("first");
      await Promise.all([sleep(3), sleep(4)]);
    });
    await sleep(3);
    task.cancel();
    await assertRejects(async () => await task, CancelledError);
    assertEquals(log, ["first"]);
    assertEquals(getRunningLoop().time(), 3);
  });
});

Deno.test("the loser of a Promise.race is still cancelled with its task", async () => {
  await inVirtualTime(async () => {
    const loser = getRunningLoop().createFuture<void>();
    const task = createTask(async () => {
      await Promise.race([sleep(1), loser]);
      await sleep(60);
    });
    await sleep(2);
    assertFalse(loser.done());
    task.cancel();
    await assertRejects(async () => await task, CancelledError);
    assert(loser.cancelled());
  });
});

// --- gather

testKinds(
  "a cancelled gathering with returnExceptions ends when all its children have ended",
  async (kind) => {
    const log: string[] = [];
    const child = inKind(kind, function* child(name: string, cleanup: number) {
      try {
        yield sleep(60);
      } finally {
        yield sleep(cleanup);
        log.push(`${name} at ${getRunningLoop().time()}`);
      }
    });
    await inVirtualTime(async () => {
      const gathering = gather([child("a", 3), child("b", 1), child("c", 2)], {
        returnExceptions: true,
      });
      await sleep(1);
      assert(gathering.cancel("enough"));
      assertFalse(gathering.done());
      await assertRejects(
        async () => await gathering,
        CancelledError,
        "enough",
      );
      assertFalse(gathering.cancel());
    });
    assertEquals(log, ["b at 2", "c at 3", "a at 4"]);
  },
);

testKinds(
  "a cancelled gathering ends with the first child that ends",
  async (kind) => {
    const child = inKind(kind, function* child(cleanup: number) {
      try {
        yield sleep(60);
      } finally {
        yield sleep(cleanup);
      }
    });
    await inVirtualTime(async () => {
      const gathering = gather(child(3), child(1), child(2));
      await sleep(1);
      assert(gathering.cancel("enough"));
      assertFalse(gathering.done());
      await assertRejects(
        async () => await gathering,
        CancelledError,
        "enough",
      );
      assertEquals(getRunningLoop().time(), 2);
      await sleep(2);
    });
  },
);

testKinds(
  "cancelling a gathering in a gathering reaches the innermost",
  async (kind) => {
    const log: string[] = [];
    const wait = waiting(kind, log);
    await inVirtualTime(async () => {
      const inner = gather(wait("a", sleep(60)), wait("b", sleep(60)));
      const middle = gather(inner, wait("c", sleep(60)));
      const outer = gather(wait("d", sleep(60)), middle);
      await sleep(1);
      assert(outer.cancel("down"));
      await assertRejects(async () => await outer, CancelledError, "down");
      assertEquals([inner.done(), middle.done()], [true, true]);
    });
    assertEquals(log.sort(), ["a: down", "b: down", "c: down", "d: down"]);
  },
);

testKinds(
  "a gathering whose children are all done can no longer be cancelled",
  async (kind) => {
    await inVirtualTime(async () => {
      const child = inKind(kind, function* child() {
        return "x";
      });
      const tasks = [createTask(child()), createTask(child())];
      const gathering = gather(tasks);
      await sleep(0);
      assert(tasks.every((task) => task.done()));
      assertFalse(gathering.done());
      assertFalse(gathering.cancel());
      assertEquals(await gathering, ["x", "x"]);
    });
  },
);

testKinds(
  "cancelling a gathering with returnExceptions cancels it as well",
  async (kind) => {
    await inVirtualTime(async () => {
      const child = inKind(kind, function* child(suppress: boolean) {
        try {
          yield sleep(60);
        } catch (error) {
          if (!suppress) throw error;
        }
        return "suppressed";
      });
      const tasks = [createTask(child(true)), createTask(child(false))];
      const gathering = gather(tasks, { returnExceptions: true });
      await sleep(0);
      gathering.cancel();
      await assertRejects(async () => await gathering, CancelledError);
      assertEquals(fates(tasks), ["result suppressed", "cancelled"]);
    });
  },
);

testKinds(
  "cancelling one child of a gathering leaves the others running",
  async (kind) => {
    await inVirtualTime(async () => {
      const child = inKind(kind, function* child(name: string) {
        yield sleep(5);
        return name;
      });
      for (const index of [0, 1, 2]) {
        const tasks = ["a", "b", "c"].map((name) => createTask(child(name)));
        const gathering = gather(tasks);
        await sleep(1);
        tasks[index].cancel("alone");
        await assertRejects(
          async () => await gathering,
          CancelledError,
          "alone",
        );
        await sleep(5);
        const expected = ["result a", "result b", "result c"];
        expected[index] = "cancelled";
        assertEquals(fates(tasks), expected);
      }
    });
  },
);

testKinds(
  "a cancelled gathering throws the error of its last child, or an error of its own",
  async (kind) => {
    // CPython takes the error of the last child in the list, which may have
    // ended without one.
    const child = inKind(kind, function* child(suppress: boolean) {
      try {
        yield sleep(60);
      } catch (error) {
        if (!suppress) throw error;
      }
    });
    for (const suppress of [true, false]) {
      await inVirtualTime(async () => {
        const gathering = gather([child(!suppress), child(suppress)], {
          returnExceptions: true,
        });
        await sleep(1);
        gathering.cancel("message");
        const error = await assertRejects(
          async () => await gathering,
          CancelledError,
        );
        assertEquals(error.message, suppress ? "" : "message");
      });
    }
  },
);

testKinds(
  "a cancelled task has a CancelledError of its own among the results of a gathering",
  async (kind) => {
    // As in CPython: only the error that the task threw has the message.
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          yield sleep(60);
        })(),
      );
      const gathering = gather([task], { returnExceptions: true });
      await sleep(1);
      task.cancel("message");
      const [result] = await gathering;
      assert(result instanceof CancelledError);
      assertEquals(result.message, "");
      assertEquals(
        assertThrows(() => task.result(), CancelledError).message,
        "message",
      );
    });
  },
);

testKinds(
  "a task cancelled together with the gathering it waits for gets the gathering's error",
  async (kind) => {
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<void>();
      const gathering = gather(future);
      const task = createTask(
        inKind(kind, function* () {
          yield gathering;
        })(),
      );
      await sleep(1);
      gathering.addDoneCallback(() => {});
      future.cancel("the future");
      await sleep(0);
      assert(gathering.done());
      assertFalse(task.done());
      task.cancel("the task");
      await assertRejects(async () => await task, CancelledError, "the future");
    });
  },
);

// --- three waiters on one future

for (const index of [0, 1, 2]) {
  const which = ["first", "middle", "last"][index];

  testKinds(
    `cancelling the ${which} of three tasks that wait for a future cancels it for all`,
    async (kind) => {
      // As in CPython: shield() prevents it.
      const log: string[] = [];
      await inVirtualTime(async () => {
        const future = getRunningLoop().createFuture<string>();
        const tasks = ["a", "b", "c"].map((name) =>
          createTask(async () => await waiting(kind, log)(name, future))
        );
        await sleep(1);
        tasks[index].cancel("one");
        await gather(tasks, { returnExceptions: true });
        assertEquals(fates(tasks), ["cancelled", "cancelled", "cancelled"]);
        assertEquals(tasks.map((task) => task.cancelling()), [
          index === 0 ? 1 : 0,
          index === 1 ? 1 : 0,
          index === 2 ? 1 : 0,
        ]);
      });
      assertEquals(log, ["a: one", "b: one", "c: one"]);
    },
  );

  testKinds(
    `cancelling the ${which} of three tasks that wait for a task cancels it for all`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const shared = createTask(async () => {
          await waiting(kind, log)("shared", sleep(60));
        });
        const tasks = ["a", "b", "c"].map((name) =>
          createTask(async () => await waiting(kind, log)(name, shared))
        );
        await sleep(1);
        tasks[index].cancel("one");
        await gather(tasks, { returnExceptions: true });
        assertEquals(fates([shared, ...tasks]), Array(4).fill("cancelled"));
        assertEquals(log[0], "shared: one");
        assertEquals(shared.cancelling(), 1);
      });
    },
  );

  testKinds(
    `cancelling the ${which} of three tasks in wait() does not affect the future and the other tasks`,
    async (kind) => {
      await inVirtualTime(async () => {
        const future = getRunningLoop().createFuture<string>();
        const work = inKind(kind, function* work() {
          yield wait([future]);
          return future.result();
        });
        const tasks = [0, 1, 2].map(() => createTask(work()));
        await sleep(1);
        tasks[index].cancel();
        await sleep(1);
        assertFalse(future.done());
        future.setResult("set");
        await gather(tasks, { returnExceptions: true });
        const expected = Array(3).fill("result set");
        expected[index] = "cancelled";
        assertEquals(fates(tasks), expected);
      });
    },
  );

  testKinds(
    `cancelling the ${which} of three tasks and setting their future in one turn does not affect the others`,
    async (kind) => {
      await inVirtualTime(async () => {
        const future = getRunningLoop().createFuture<string>();
        const tasks = [0, 1, 2].map(() =>
          createTask(
            inKind(kind, function* () {
              return (yield future) as string;
            })(),
          )
        );
        await sleep(1);
        future.setResult("set");
        tasks[index].cancel();
        await gather(tasks, { returnExceptions: true });
        const expected = Array(3).fill("result set");
        expected[index] = "cancelled";
        assertEquals(fates(tasks), expected);
      });
    },
  );
}

// --- chains

const LONG = 100_000;

testKinds(
  `a chain of ${LONG} tasks can be cancelled from its end`,
  async (kind) => {
    const link = inKind(kind, function* link(next: Future<unknown>) {
      yield next;
    });
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<void>();
      let last: Future<unknown> = future;
      const tasks: Task<void>[] = [];
      for (let i = 0; i < LONG; i++) tasks.push(last = createTask(link(last)));
      await sleep(0);
      assert(last.cancel("all the way"));
      assert(future.cancelled());
      await assertRejects(
        async () => await last,
        CancelledError,
        "all the way",
      );
      assert(tasks.every((task) => task.cancelled()));
      assert(tasks.every((task) => task.cancelling() === 1));
    });
  },
);

Deno.test(`a chain of ${LONG} gatherings can be cancelled from its end`, async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    let last: Future<unknown> = future;
    for (let i = 0; i < LONG; i++) last = gather(last);
    assert(last.cancel());
    assert(future.cancelled());
    await assertRejects(async () => await last, CancelledError);
  });
});

testKinds(
  "a chain of tasks that was cancelled before its first step ends",
  async (kind) => {
    const link = inKind(kind, function* link(next: Future<unknown>) {
      yield next;
    });
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<void>();
      let last: Future<unknown> = future;
      for (let i = 0; i < 100; i++) last = createTask(link(last));
      last.cancel();
      await assertRejects(async () => await last, CancelledError);
      assertFalse(future.done()); // no task had begun to wait for it
      assertEquals(allTasks().size, 100);
      future.cancel();
      await turns(102);
      assertEquals(allTasks().size, 1);
    });
  },
);

// --- cycles

/** A cycle of tasks, each waiting for the next by way of `through`. */
async function cycle(
  kind: Kind,
  size: number,
  through: (task: Task<string>) => Awaitable<unknown>,
  log: string[] = [],
): Promise<Task<string>[]> {
  const tasks: Task<string>[] = [];
  const member = inKind(kind, function* member(index: number): Script<string> {
    yield sleep(0);
    try {
      yield through(tasks[(index + 1) % size]);
    } catch (error) {
      log.push(`${index}: ${(error as Error).message}`);
      throw error;
    }
    return "woken";
  });
  for (let i = 0; i < size; i++) tasks.push(createTask(member(i)));
  await turns(3);
  return tasks;
}

const ways: Record<string, (task: Task<string>) => Awaitable<unknown>> = {
  "": (task) => task,
  " through gather": (task) => gather(task, sleep(60)),
  " through two gathers": (task) => gather(gather(task), sleep(60)),
};

for (const [how, through] of Object.entries(ways)) {
  for (const size of [1, 2, 3]) {
    if (size === 1 && how === "") continue; // a task cannot await itself
    for (let index = 0; index < size; index++) {
      testKinds(
        `cancelling task ${
          index + 1
        } in a cycle of ${size}${how} ends them all`,
        async (kind) => {
          const log: string[] = [];
          await inVirtualTime(async () => {
            const tasks = await cycle(kind, size, through, log);
            assertEquals(fates(tasks), Array(size).fill("pending"));
            assert(tasks[index].cancel("stop"));
            await turns(20);
            assertEquals(fates(tasks), Array(size).fill("cancelled"));
            assertEquals(allTasks().size, 1);
          });
          assertEquals(log.length, size);
        },
      );
    }

    testKinds(
      `cancelling every task in a cycle of ${size}${how} in one turn ends them all`,
      async (kind) => {
        // The first request breaks the cycle before the others are made.
        const log: string[] = [];
        await inVirtualTime(async () => {
          const tasks = await cycle(kind, size, through, log);
          for (const task of tasks) task.cancel();
          for (const task of tasks) task.cancel();
          await turns(20);
          assertEquals(fates(tasks), Array(size).fill("cancelled"));
          assertEquals(allTasks().size, 1);
        });
        assertEquals(log.length, size);
      },
    );
  }
}

testKinds(
  "a cycle of 2 cancelled twice in one turn gets one cancellation, and may suppress it",
  async (kind) => {
    const steps: string[] = [];
    await inVirtualTime(async () => {
      const tasks: Task<void>[] = [];
      const member = inKind(
        kind,
        function* member(index: number): Script<void> {
          yield sleep(0);
          try {
            yield tasks[1 - index];
          } catch {
            steps.push(`caught ${index}`);
          }
          yield sleep(1);
          steps.push(`went on ${index}`);
        },
      );
      tasks.push(createTask(member(0)), createTask(member(1)));
      await turns(3);
      tasks[0].cancel();
      tasks[0].cancel();
      await gather(tasks);
    });
    // The other task got it and suppressed it, so this one continued as well.
    assertEquals(steps, ["caught 1", "went on 1", "went on 0"]);
  },
);

testKinds(`a cycle of ${LONG} tasks can be cancelled`, async (kind) => {
  await inVirtualTime(async () => {
    const tasks = await cycle(kind, LONG, (task) => task);
    assert(tasks[LONG / 2].cancel());
    await gather(tasks, { returnExceptions: true });
    assert(tasks.every((task) => task.cancelled()));
  });
});

testKinds(
  "tasks outside a cycle that wait for it are cancelled through it",
  async (kind) => {
    await inVirtualTime(async () => {
      const tasks = await cycle(kind, 2, (task) => task);
      const outside = createTask(
        inKind(kind, function* () {
          yield tasks[0];
        })(),
      );
      await sleep(0);
      outside.cancel();
      await assertRejects(async () => await outside, CancelledError);
      await turns(5);
      assertEquals(fates(tasks), ["cancelled", "cancelled"]);
    });
  },
);

// --- native promises

Deno.test("a wait for a native promise is not interrupted: the next await throws the error", async () => {
  const log: string[] = [];
  for (
    const [next, wait] of Object.entries({
      "a timer": () => sleep(60),
      "the next turn": () => sleep(0),
      "a future": () => getRunningLoop().createFuture<void>(),
      "a done future": () => {
        const done = getRunningLoop().createFuture<void>();
        done.setResult();
        return done;
      },
      "a coroutine (async)": () => inKind("async", function* () {})(),
      "a coroutine (generator)": () => inKind("generator", function* () {})(),
      "a task": () => createTask(async () => {}),
      "gather": () => gather(sleep(0)),
    })
  ) {
    await inVirtualTime(async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const task = createTask(async () => {
        log.push(await promise);
        await wait();
        throw new Error(`${next}: it went on`);
      });
      await sleep(1);
      task.cancel("late");
      await sleep(1);
      assertFalse(task.done());
      resolve("promise");
      await assertRejects(async () => await task, CancelledError, "late", next);
      await turns(3);
    });
  }
  assertEquals(new Set(log), new Set(["promise"]));
});

// Cause: the error was thrown at once, and what was awaited went on for nobody.
for (
  const [what, start] of [
    ["a future", () => getRunningLoop().createFuture()],
    ["a task", () => createTask(sleep(60))],
    ["gather()", () => gather(sleep(60), sleep(60))],
    ["a promise that was wrapped", () => wrapFuture(new Promise(() => {}))],
  ] as [string, () => Future<unknown>][]
) {
  Deno.test(`a request to cancel that comes during a native promise reaches ${what} that is awaited next`, async () => {
    await inVirtualTime(async () => {
      const log: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      let awaited: Future<unknown> | undefined;
      const task = createTask(async () => {
        await promise;
        awaited = start();
        try {
          await awaited;
        } catch (error) {
          log.push(`${error} by ${(error as Error).cause}`);
          throw error;
        }
      }, { name: "job" });
      currentTask()!.setName("main");
      await sleep(1);
      task.cancel("late");
      resolve();
      await assertRejects(async () => await task, CancelledError, "late");
      assert(awaited!.done());
      assert(awaited!.cancelled() || what === "gather()");
      assertMatch(
        log.join(),
        /^CancelledError: late by Task 'main' has cancelled Task '(job|Task-\d+)'$/,
      );
      assertEquals([...allTasks()], [currentTask()]);
    });
  });
}

Deno.test("a time limit that passes during a native promise aborts the signal of wrapFuture() that is awaited next", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    getRunningLoop().callLater(2, resolve);
    let seen: AbortSignal | undefined;
    await assertRejects(
      async () => {
        await timeout(1, async () => {
          await promise;
          await wrapFuture((signal) => {
            seen = signal;
            return new Promise(() => {});
          });
        });
      },
      TimeoutError,
    );
    assert(seen!.aborted);
  });
});

// Cause: the first part took the request, and the others saw nothing of it.
Deno.test("a time limit that passes during a native promise reaches all parts of a Promise.all that is awaited next", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    getRunningLoop().callLater(2, resolve);
    const signals: AbortSignal[] = [];
    const never = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<void>(() => {});
    };
    let cautious: Task<unknown> | undefined;
    await assertRejects(
      async () => {
        await timeout(1, async () => {
          await promise;
          cautious = createTask(async () => {
            try {
              return await sleep(60);
            } catch (error) {
              return `${(error as Error).cause}`;
            }
          }, { name: "cautious" });
          await Promise.all([
            cautious,
            sleep(60),
            wrapFuture(never),
            wrapFuture(never),
          ]);
        });
      },
      TimeoutError,
    );
    assertEquals(getRunningLoop().time(), 2);
    assertEquals(signals.map((signal) => signal.aborted), [true, true]);
    assertEquals(
      await cautious,
      "The time limit of 1 s has cancelled Task 'cautious'",
    );
  });
});

// Cause: whatever was awaited got the request, though it had got one before.
for (
  const [what, of] of [
    ["a task", (task: Task<void>) => task],
    ["gather()", (task: Task<void>) => gather(task)],
    ["gather() with others", (task: Task<void>) => gather(sleep(0), task)],
    ["a chain of 20,000 gather()", (task: Task<void>) => {
      let chain: Future<unknown> = gather(task);
      for (let i = 0; i < 20_000; i++) chain = gather(chain);
      return chain;
    }],
  ] as const
) {
  Deno.test(`a request that comes during a native promise does not interrupt ${what} that is ending already`, async () => {
    await inVirtualTime(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const log: string[] = [];
      const ending = createTask(async () => {
        try {
          await sleep(60);
        } finally {
          await sleep(1);
          log.push("clean");
        }
      });
      const waiting = createTask(async () => {
        await promise;
        await of(ending);
      });
      await sleep(1);
      for (const task of [waiting, ending]) task.cancel();
      resolve();
      await assertRejects(async () => await waiting, CancelledError);
      await assertRejects(async () => await ending, CancelledError);
      assertEquals(log, ["clean"]);
    });
  });
}

Deno.test("a request that comes during a native promise counts once, though what is awaited next waits for the task", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const counts: number[] = [];
    const first: Task<void> = createTask(async () => {
      await promise;
      try {
        await second;
      } finally {
        counts.push(first.cancelling(), second.cancelling());
      }
    });
    const second: Task<void> = createTask(async () => await first);
    await sleep(1);
    first.cancel();
    resolve();
    await assertRejects(async () => await first, CancelledError);
    await assertRejects(async () => await second, CancelledError);
    assertEquals(counts, [2, 1]); // as within a step
  });
});

// Cause: only the newest of two requests was passed on to the other parts.
Deno.test("two requests that come during a native promise reach all parts that are awaited next", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const part = async () => {
      await promise;
      await sleep(60);
    };
    const task = createTask(async () => {
      const results = await Promise.allSettled([timeout(1, part), part()]);
      return results.map(({ status }) => status);
    });
    await sleep(0.5);
    task.cancel(); // and then the time limit passes
    await sleep(1);
    resolve();
    assertEquals(await task, ["rejected", "rejected"]);
    assertEquals(getRunningLoop().time(), 1.5);
  });
});

Deno.test("a request that comes during a native promise reaches a task that leaves a scope", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const leaving = createTask(async () => {
      await moveOnAfter(1, async () => {
        try {
          await sleep(60);
        } finally {
          await sleep(60);
        }
      });
    });
    const waiting = createTask(async () => {
      await promise;
      await leaving;
    });
    await sleep(2); // the time limit has passed
    waiting.cancel();
    resolve();
    await assertRejects(async () => await waiting, CancelledError);
    assert(leaving.cancelled());
    assertEquals(getRunningLoop().time(), 2);
  });
});

Deno.test("a request that comes during a native promise is thrown where cancel() of what is awaited next throws", async () => {
  class Stubborn extends Future<void> {
    override cancel(): boolean {
      throw new Error("of cancel()");
    }
  }
  const { contexts } = await runVirtually(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stubborn = new Stubborn();
    const task = createTask(async () => {
      await promise;
      await assertRejects(async () => await stubborn, CancelledError, "late");
      await sleep(1);
    });
    await sleep(1);
    task.cancel("late");
    resolve();
    await sleep(0.5);
    assertEquals([...task.$waitsOf()].length, 1); // only that of the sleep
    task.cancel();
    await assertRejects(async () => await task, CancelledError);
  });
  assertEquals(contexts.map(({ message }) => message), [
    "Exception in cancel() of a future",
  ]);
});

Deno.test("after uncancel() a request that came during a native promise is passed on with the name of the newest", async () => {
  await inVirtualTime(async () => {
    currentTask()!.setName("main");
    const { promise, resolve } = Promise.withResolvers<void>();
    const task = createTask(async () => {
      await promise;
      currentTask()!.uncancel();
      try {
        await createTask(sleep(60), { name: "child" });
      } catch (error) {
        return `${error} by ${(error as Error).cause}`;
      }
    });
    await sleep(1);
    await createTask(async () => task.cancel("first"), { name: "other" });
    task.cancel("second");
    resolve();
    assertEquals(
      await task,
      "CancelledError: second by Task 'main' has cancelled Task 'child'",
    );
  });
});

Deno.test("a failed future that is awaited when a request to cancel is due counts as retrieved", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const task = createTask(async () => {
      await promise;
      const failed = getRunningLoop().createFuture();
      failed.setException(new Error("of the future"));
      await failed;
    });
    await sleep(1);
    task.cancel();
    resolve();
    await assertRejects(async () => await task, CancelledError);
    await turns(3); // inVirtualTime() fails if an error is reported
  });
});

Deno.test("a cancelled task that only waits for a native promise is cancelled at its end", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const task = createTask(async () => await promise);
    await sleep(1);
    task.cancel("late");
    resolve("result");
    await assertRejects(async () => await task, CancelledError, "late");
  });
});

for (const kind of KINDS) {
  Deno.test(`wrapFuture() makes a native promise cancellable (${kind})`, async () => {
    await inVirtualTime(async () => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const task = createTask(
        inKind(kind, function* () {
          yield wrapFuture(promise);
        })(),
      );
      await sleep(1);
      task.cancel("at once");
      await assertRejects(async () => await task, CancelledError, "at once");
      resolve("ignored");
    });
  });
}

testKinds(
  "each of 200 cancelled tasks gets an error of its own, with its message and cause",
  async (kind) => {
    await inVirtualTime(async () => {
      const errors: unknown[] = [];
      const tasks = Array.from({ length: 200 }, (_, i) =>
        createTask(
          inKind(kind, function* () {
            try {
              yield sleep(60);
            } catch (error) {
              errors.push(error);
              throw error;
            }
          })(),
          { name: `t${i}` },
        ));
      await sleep(1);
      tasks.forEach((task, i) =>
        task.cancel(i % 2 === 0 ? `m${i}` : undefined)
      );
      await wait(tasks);
      assertEquals(new Set(errors).size, 200);
      errors.forEach((error, i) => {
        assertInstanceOf(error, CancelledError);
        assertEquals(error.message, i % 2 === 0 ? `m${i}` : "");
        assertStringIncludes(String(error.cause), `cancelled Task 't${i}'`);
        assertMatch(Deno.inspect(error), /^CancelledError.*\n {4}at /);
      });
    });
  },
);

Deno.test("the error of a task does not have functions of another one on its stack", async () => {
  await inVirtualTime(async () => {
    const errors: unknown[] = [];
    function strangersHelper() {
      return sleep(1).then((value) => value, (error) => {
        errors.push(error);
        throw error;
      });
    }
    // Cancelled in a native promise: thrown by the call that follows.
    for (let i = 0; i < 40; i++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const task = createTask(async () => {
        await promise;
        await strangersHelper();
      });
      await sleep(0);
      task.cancel();
      resolve();
      await wait([task]);
    }
    const count = errors.length;
    for (let i = 0; i < 40; i++) {
      const task = createTask(sleep(60));
      await sleep(0);
      task.cancel();
      await wait([task]);
      await task.catch((error) => errors.push(error));
    }
    assertEquals([count, errors.length], [40, 80]);
    errors.forEach((error, i) => {
      const isIn = String((error as Error).stack).includes("strangersHelper");
      assertEquals(isIn, i < count); // those that its own call has thrown
    });
  });
});

// --- coroutines that catch the cancellation

testKinds(
  "a task can wait again where it was cancelled, and be cancelled again",
  async (kind) => {
    await inVirtualTime(async () => {
      let caught = 0;
      const task = createTask(
        inKind(kind, function* () {
          const future = getRunningLoop().createFuture<void>();
          while (caught < 3) {
            try {
              yield future.done() ? sleep(60) : future;
            } catch {
              caught++;
            }
          }
          return "done";
        })(),
      );
      for (let i = 0; i < 3; i++) {
        await sleep(1);
        task.cancel();
      }
      assertEquals(await task, "done");
    });
  },
);

testKinds(
  "a task can cancel another task, wait for it, and tell that cancellation from its own",
  async (kind) => {
    await inVirtualTime(async () => {
      const victim = createTask(sleep(60));
      const canceller = createTask(
        inKind(kind, function* () {
          victim.cancel("victim");
          try {
            yield victim;
          } catch {
            assertEquals(currentTask()!.cancelling(), 0);
          }
          yield sleep(1);
          return "went on";
        })(),
      );
      assertEquals(await canceller, "went on");
    });
  },
);

Deno.test("cancelling a done future throws nothing and returns false", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<string>();
    future.setResult("x");
    assertFalse(future.cancel());
    const gathering = gather(future);
    await gathering;
    assertFalse(gathering.cancel());
    assertEquals(gathering.result(), ["x"]);
    assertThrows(() => future.setResult("y"), Error);
  });
});

Deno.test("a request made in the last step of a task does not reach the coroutines that it leaves running", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const left = coroutine(function* left() {
      yield* sleep(0);
      log.push("ran on");
      yield* sleep(0);
      log.push("ended");
    });
    const task = createTask(async () => {
      left().then(() => log.push("told"), (error) => log.push(String(error)));
      currentTask()!.cancel("late");
    });
    await turns(5);
    assert(task.cancelled());
    assertEquals(log, ["ran on", "ended", "told"]);
  });
});

testKinds(
  "the reason of a signal has the message of the request, whichever task got it",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          yield sleep(60);
        })(),
      );
      await sleep(1);
      task.cancel("why");
      assertEquals(task.signal.reason.message, "why");
    });
  },
);

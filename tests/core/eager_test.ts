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
  type Coroutine,
  type CoroutineLike,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  EventLoop,
  gather,
  getRunningLoop,
  sleep,
  Task,
  type TaskGroup,
  taskGroup,
  timeout,
  wait,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  runVirtually,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";

/** Runs a script in a loop whose tasks all start eagerly. */
async function runEager<T>(kind: Kind, script: () => Script<T>): Promise<T> {
  const { result, contexts } = await runVirtually(inKind(kind, script)(), {
    prepare: (loop) => loop.setTaskFactory(eagerTaskFactory),
  });
  assertEquals(contexts, []);
  return result;
}

/** Both ways to start tasks eagerly. */
const WAYS = ["eagerStart", "eagerTaskFactory"] as const;

/** Registers a test for each kind and each way to start a task eagerly. */
function testEager(
  name: string,
  script: (
    kind: Kind,
    start: <T>(coro: CoroutineLike<T>) => Task<T>,
  ) => Script<void>,
): void {
  for (const way of WAYS) {
    testKinds(`${name}, by ${way}`, async (kind) => {
      await inVirtualTime(
        inKind(kind, function* main() {
          const loop = getRunningLoop();
          if (way === "eagerTaskFactory") loop.setTaskFactory(eagerTaskFactory);
          yield* script(
            kind,
            (coro) =>
              way === "eagerStart"
                ? createTask(coro, { eagerStart: true })
                : createTask(coro),
          );
        })(),
      );
    });
  }
}

// The first step

testEager(
  "an eager task runs up to its first wait while it is created",
  function* (kind, start) {
    const log: string[] = [];
    const task = start(inKind(kind, function* work() {
      log.push("first step");
      yield sleep(1);
      log.push("second step");
      return "done";
    }));
    log.push("created");
    assertFalse(task.done());
    assertEquals(yield task, "done");
    assertEquals(log, ["first step", "created", "second step"]);
  },
);

testEager(
  "an eager task runs through nested coroutines up to its first wait",
  function* (kind, start) {
    const log: string[] = [];
    const nest = (depth: number): Coroutine<number> =>
      inKind(kind, function* level(): Script<number> {
        if (depth === 0) {
          log.push("innermost");
          yield sleep(1);
          return 0;
        }
        const below: number = yield nest(depth - 1);
        return 1 + below;
      })();
    // An async function reaches the inner coroutine only a microtask later.
    const task = start(nest(kind === "generator" ? 10 : 0));
    log.push("created");
    assertEquals(log, ["innermost", "created"]);
    assertEquals(yield task, kind === "generator" ? 10 : 0);
  },
);

Deno.test("an eager generator that never waits is done when createTask() returns", async () => {
  await inVirtualTime(async () => {
    const task = createTask(function* () {
      return "done";
    }, { eagerStart: true });
    assert(task.done());
    assertEquals(task.result(), "done");
  });
});

Deno.test("an eager async function that never waits is done within the step", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const task = createTask(async () => "done", { eagerStart: true });
    getRunningLoop().callSoon(() => log.push(`next callback: ${task.done()}`));
    await sleep(0);
    assertEquals(log, ["next callback: true"]);
  });
});

Deno.test("an eager generator that fails at once has failed when createTask() returns", async () => {
  const error = new RangeError("mine");
  await inVirtualTime(async () => {
    const task = createTask(function* () {
      throw error;
    }, { eagerStart: true });
    assert(task.done());
    assertStrictEquals(task.exception(), error);
  });
});

testEager(
  "an eager task that fails at once throws only where it is awaited",
  function* (kind, start) {
    const error = new RangeError("mine");
    const task = start(inKind(kind, function* fail() {
      throw error;
    }));
    assertStrictEquals(yield* caught(task), error);
  },
);

testEager(
  "an eager task that fails at once is reported if its exception is never retrieved",
  function* (kind, start) {
    const loop = getRunningLoop();
    const messages: unknown[] = [];
    loop.setExceptionHandler((_loop, { message }) => messages.push(message));
    start(inKind(kind, function* fail() {
      throw new Error("never retrieved");
    }));
    yield sleep(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    void promise;
    resolve();
    loop.$holdingsOf.failures.reportAll();
    assertEquals(messages, ["Task exception was never retrieved"]);
  },
);

testEager(
  "an eager task can end a future that its creator then waits for",
  function* (kind, start) {
    const future = getRunningLoop().createFuture<string>();
    start(inKind(kind, function* work() {
      future.setResult("message");
    }));
    assertEquals(yield future, "message");
  },
);

testEager(
  "three eager tasks started in a row take their first steps in order",
  function* (kind, start) {
    const log: string[] = [];
    const tasks = ["a", "b", "c"].map((name) =>
      start(inKind(kind, function* work() {
        log.push(`${name}1`);
        yield sleep(0);
        log.push(`${name}2`);
      }))
    );
    yield wait(tasks);
    assertEquals(log, ["a1", "b1", "c1", "a2", "b2", "c2"]);
  },
);

testEager(
  "an eager task that starts eager tasks runs depth first",
  function* (kind, start) {
    const log: string[] = [];
    const work = (name: string, depth: number): Coroutine<void> =>
      inKind(kind, function* node() {
        log.push(`${name} in`);
        const children = depth === 0
          ? []
          : ["a", "b", "c"].map((child) =>
            start(work(name + child, depth - 1))
          );
        log.push(`${name} out`);
        if (children.length > 0) yield wait(children);
      })();
    yield start(work("x", 1));
    assertEquals(log, [
      "x in",
      "xa in",
      "xa out",
      "xb in",
      "xb out",
      "xc in",
      "xc out",
      "x out",
    ]);
  },
);

testEager(
  "done callbacks of an eager task run in the next turn",
  function* (kind, start) {
    const log: string[] = [];
    const task = start(inKind(kind, function* work() {}));
    task.addDoneCallback(() => log.push("called"));
    log.push("added");
    yield sleep(0);
    yield sleep(0);
    assertEquals(log, ["added", "called"]);
  },
);

// The current task and allTasks()

testEager(
  "currentTask() is the eager task inside, and its creator outside",
  function* (kind, start) {
    const outside = currentTask();
    let inside: Task<unknown> | null = null;
    const task = start(inKind(kind, function* work() {
      inside = currentTask();
      yield sleep(1);
      assertStrictEquals(currentTask(), inside);
    }));
    assertStrictEquals(inside, task);
    assertStrictEquals(currentTask(), outside);
    yield task;
    assertStrictEquals(currentTask(), outside);
  },
);

testEager(
  "currentTask() is the creator again after an eager task has thrown",
  function* (kind, start) {
    const outside = currentTask();
    const task = start(inKind(kind, function* work() {
      throw new Error("at once");
    }));
    assertStrictEquals(currentTask(), outside);
    yield* caught(task);
    assertStrictEquals(currentTask(), outside);
  },
);

testEager(
  "an eager task is among allTasks() until it is done",
  function* (kind, start) {
    const future = getRunningLoop().createFuture<void>();
    let seen = new Set<Task<unknown>>();
    const task = start(inKind(kind, function* work() {
      seen = allTasks();
      yield future;
    }));
    assert(seen.has(task));
    assert(allTasks().has(task));
    future.setResult();
    yield task;
    assertFalse(allTasks().has(task));
  },
);

Deno.test("an eager generator that never waits is not among allTasks() afterwards", async () => {
  await inVirtualTime(async () => {
    let inside = false;
    const task = createTask(function* (): Generator<unknown, void, never> {
      inside = allTasks().size === 2;
    }, { eagerStart: true });
    assert(inside);
    assertFalse(allTasks().has(task));
  });
});

Deno.test("an eager async task sees the AsyncLocalStorage of its creator", async () => {
  const store = new AsyncLocalStorage<string>();
  await inVirtualTime(async () => {
    const seen: unknown[] = [];
    const task = store.run("creator's", () =>
      createTask(async () => {
        seen.push(store.getStore());
        await sleep(1);
        seen.push(store.getStore());
      }, { eagerStart: true }));
    await task;
    assertEquals(seen, ["creator's", "creator's"]);
    assertEquals(store.getStore(), undefined);
  });
});

testEager(
  "an eager task has a name and a coroutine like any other task",
  function* (kind, start) {
    const coro = inKind(kind, function* work() {
      yield sleep(1);
    })();
    const task = start(coro);
    assertInstanceOf(task, Task);
    assertStrictEquals(task.getCoro(), coro);
    task.setName("named");
    assertEquals(task.getName(), "named");
    yield task;
  },
);

// Cancellation

testEager(
  "an eager task can be cancelled where it waits",
  function* (kind, start) {
    const log: string[] = [];
    const task = start(inKind(kind, function* work() {
      try {
        yield sleep(60);
      } finally {
        log.push("finally");
      }
    }));
    assert(task.cancel("enough"));
    assertEquals(task.cancelling(), 1);
    const error = yield* caught(task);
    assertInstanceOf(error, CancelledError);
    assertEquals(error.message, "enough");
    assertEquals(log, ["finally"]);
  },
);

Deno.test("cancel() of an eager generator that is done returns false", async () => {
  await inVirtualTime(async () => {
    const task = createTask(function* () {
      return "done";
    }, { eagerStart: true });
    assertFalse(task.cancel());
    assertEquals(await task, "done");
  });
});

testEager(
  "an eager task can cancel itself before its first wait",
  function* (kind, start) {
    const log: string[] = [];
    const task = start(inKind(kind, function* work() {
      currentTask()!.cancel();
      log.push("goes on");
      yield sleep(60);
      log.push("not reached");
    }));
    assertInstanceOf(yield* caught(task), CancelledError);
    assert(task.cancelled());
    assertEquals(log, ["goes on"]);
  },
);

testEager(
  "an eager task that cancels itself and ends is cancelled",
  function* (kind, start) {
    const task = start(inKind(kind, function* work() {
      currentTask()!.cancel();
      return "lost";
    }));
    assertInstanceOf(yield* caught(task), CancelledError);
  },
);

testEager("an eager task can cancel its creator", function* (kind, start) {
  const outer = createTask(inKind(kind, function* outer() {
    const creator = currentTask()!;
    start(inKind(kind, function* work() {
      creator.cancel();
    }));
    yield sleep(60);
  }));
  assertInstanceOf(yield* caught(outer), CancelledError);
  assert(outer.cancelled());
});

testEager(
  "a timeout in the first step of an eager task expires",
  function* (kind, start) {
    const task = start(inKind(kind, function* work() {
      yield timeout(
        1,
        inKind(kind, function* body() {
          yield sleep(60);
        }).body,
      );
    }));
    const creator = currentTask()!;
    const error = yield* caught(task);
    assertEquals((error as Error).name, "TimeoutError");
    assertEquals(creator.cancelling(), 0);
  },
);

// Where tasks do not start eagerly

for (const way of WAYS) {
  Deno.test(`an eager task created before the loop runs starts with the loop, by ${way}`, async () => {
    const loop = new EventLoop({ clock: new VirtualClock() });
    if (way === "eagerTaskFactory") loop.setTaskFactory(eagerTaskFactory);
    let started = false;
    const task = loop.createTask(
      async () => {
        started = true;
      },
      way === "eagerStart" ? { eagerStart: true } : {},
    );
    assertFalse(started);
    await loop.runUntilComplete(task);
    assert(started);
    loop.close();
  });
}

testKinds("eagerStart: false overrides eagerTaskFactory", async (kind) => {
  await runEager(kind, function* main() {
    const log: string[] = [];
    const task = createTask(
      inKind(kind, function* work() {
        log.push("started");
      }),
      { eagerStart: false },
    );
    log.push("created");
    yield task;
    assertEquals(log, ["created", "started"]);
  });
});

testKinds(
  "a task without eagerStart starts in the next turn",
  async (kind) => {
    await inVirtualTime(
      inKind(kind, function* main() {
        const log: string[] = [];
        const task = createTask(inKind(kind, function* work() {
          log.push("started");
        }));
        log.push("created");
        yield task;
        assertEquals(log, ["created", "started"]);
      })(),
    );
  },
);

// The factory

Deno.test("getTaskFactory() returns eagerTaskFactory when it is set", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    assertEquals(loop.getTaskFactory(), null);
    loop.setTaskFactory(eagerTaskFactory);
    assertStrictEquals(loop.getTaskFactory(), eagerTaskFactory);
  });
});

testKinds("eagerTaskFactory passes on the options", async (kind) => {
  await runEager(kind, function* main() {
    const task = createTask(
      inKind(kind, function* work() {
        assertEquals(currentTask()!.getName(), "worker");
        yield sleep(1);
      }),
      { name: "worker" },
    );
    yield task;
  });
});

testKinds(
  "gather(), ensureFuture() and taskGroup() use eagerTaskFactory",
  async (kind) => {
    await runEager(kind, function* main() {
      const log: string[] = [];
      const work = inKind(kind, function* work(name: string) {
        log.push(name);
        yield sleep(1);
      });
      const future = ensureFuture(work("ensureFuture"));
      log.push("1");
      const gathering = gather(work("gather"), work("gather"));
      log.push("2");
      yield future;
      yield gathering;
      yield taskGroup(
        inKind(kind, function* body(group: TaskGroup) {
          group.createTask(work("taskGroup"));
          log.push("3");
        }).body,
      );
      assertEquals(log, [
        "ensureFuture",
        "1",
        "gather",
        "gather",
        "2",
        "taskGroup",
        "3",
      ]);
    });
  },
);

testKinds(
  "gather() of eager tasks that never wait returns their results",
  async (kind) => {
    await runEager(kind, function* main() {
      const work = inKind(kind, function* work(n: number) {
        return n;
      });
      assertEquals(yield gather([1, 2, 3].map((n) => work(n))), [1, 2, 3]);
    });
  },
);

testKinds(
  "nested gather() of eager tasks, five wide and four deep, ends",
  async (kind) => {
    let leaves = 0;
    const tree = (depth: number): Coroutine<void> =>
      inKind(kind, function* node() {
        if (depth === 0) leaves++;
        else yield gather([1, 2, 3, 4, 5].map(() => tree(depth - 1)));
      })();
    await runEager(kind, () =>
      function* (): Script<void> {
        yield tree(4);
      }());
    assertEquals(leaves, 625);
  },
);

Deno.test("a chain of 100 eager tasks, each starting the next, ends", async () => {
  const chain = (depth: number): Coroutine<number> =>
    inKind("generator", function* link() {
      if (depth === 0) return 0;
      const below: number = yield createTask(chain(depth - 1));
      return below + 1;
    })();
  const depth = await runEager("generator", function* main() {
    return yield chain(100);
  });
  assertEquals(depth, 100);
});

// Bad input

const badCoroutines: [name: string, value: unknown][] = [
  ["a number", 1],
  ["nothing", undefined],
  ["null", null],
  ["a native promise", Promise.resolve()],
];

for (const [name, value] of badCoroutines) {
  testEager(
    `an eager task of ${name} is refused, and no task is left`,
    function* (_kind, start) {
      assertThrows(
        () => start(value as CoroutineLike<void>),
        TypeError,
        "a coroutine was expected",
      );
      assertEquals(allTasks().size, 1);
      yield sleep(0);
    },
  );
}

testEager(
  "an eager task of a function that returns a number fails with a TypeError",
  function* (_kind, start) {
    const task = start((() => 1) as unknown as CoroutineLike<void>);
    const error = yield* caught(task);
    assertInstanceOf(error, TypeError);
  },
);

Deno.test("an eager task of a coroutine that was already awaited is refused", async () => {
  await inVirtualTime(async () => {
    const coro = sleep(0);
    await coro;
    assertThrows(
      () => createTask(coro, { eagerStart: true }),
      Error,
      "cannot reuse already awaited coroutine",
    );
    assertEquals(allTasks().size, 1);
  });
});

Deno.test("a coroutine that runs eagerly cannot be awaited as well", async () => {
  await inVirtualTime(async () => {
    const coro = sleep(1);
    const task = createTask(coro, { eagerStart: true });
    await assertRejects(
      async () => await coro,
      Error,
      "cannot reuse already awaited coroutine",
    );
    await task;
  });
});

// Cause: `gather()` asked which of its children were done only when it had made
// all of them.
Deno.test("gather() counts a future that a later, eager task has ended in the next turn", async () => {
  await runEager("generator", function* () {
    const future = getRunningLoop().createFuture<number>();
    const all = gather(future, function* () {
      future.setResult(1);
      return 2;
    });
    assertFalse(all.done());
    assertEquals(yield all, [1, 2]);
  });
});

Deno.test("gather() fails as its eager task did, though that has failed a future before", async () => {
  await runEager("generator", function* () {
    const future = getRunningLoop().createFuture<number>();
    const error = new Error("of the task");
    const all = gather(future, function* () {
      future.setException(new Error("of the future"));
      throw error;
    });
    assertStrictEquals(yield* caught(all), error);
  });
});

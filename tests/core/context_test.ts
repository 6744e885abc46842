import { AsyncLocalStorage } from "node:async_hooks";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Context,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  EventLoop,
  type ExceptionContext,
  type Future,
  gather,
  getRunningLoop,
  type Handle,
  newEventLoop,
  run,
  Runner,
  sleep,
  Task,
  taskGroup,
  timeout,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  KINDS,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/** A store as in user code, with the request that is being handled. */
const request = new AsyncLocalStorage<string>();

/** The names of the current task and the current store, `-` for none. */
function whoAmI(): string {
  const task = currentTask();
  return `${task === null ? "-" : task.getName()} ${request.getStore() ?? "-"}`;
}

/** Creates a task with a store of its own, of the same name. */
function createIn<T>(name: string, body: () => PromiseLike<T>): Task<T> {
  return request.run(
    name,
    () => createTask(body as () => Coroutine<T>, { name }),
  );
}

/** A native promise that settles after several macrotasks. */
function hostTurns(n: number): Promise<void> {
  return new Promise((resolve) => {
    const hop = () => n-- > 0 ? setImmediate(hop) : resolve();
    hop();
  });
}

/** Everything that an async function can wait for. */
const waits: Record<string, (loop: EventLoop) => PromiseLike<unknown>> = {
  "sleep(0)": () => sleep(0),
  "a timer": () => sleep(1),
  "a future that a callback sets": (loop) => {
    const future = loop.createFuture<void>();
    loop.callSoon(() => future.setResult());
    return future;
  },
  "a done future": (loop) => {
    const future = loop.createFuture<void>();
    future.setResult();
    return future;
  },
  "a task": () => createTask(sleep(0)),
  "an async coroutine": () =>
    coroutine(async () => {
      await sleep(0);
      await null;
    })(),
  "a generator coroutine": () =>
    coroutine(function* () {
      yield* sleep(0);
    })(),
  "gather": () => gather(sleep(0), sleep(1)),
  "a native promise": () => Promise.resolve(),
  "a native promise of the host": () => hostTurns(3),
  "a wrapped promise": () => wrapFuture(hostTurns(3)),
  "null": () => null as unknown as PromiseLike<unknown>,
  "a nested native async function": () =>
    (async () => {
      await null;
      await sleep(0);
      await (async () => await sleep(1))();
    })(),
  "Promise.all": () => Promise.all([sleep(0), sleep(1), Promise.resolve()]),
  "Promise.race": async () => {
    await Promise.race([sleep(0), sleep(1), Promise.resolve()]);
    await sleep(1); // until the losers are done
  },
  "Promise.allSettled": () => Promise.allSettled([sleep(0), Promise.reject(1)]),
  "a failing future": (loop) => {
    const future = loop.createFuture<void>();
    loop.callSoon(() => future.setException(new Error("fails")));
    return (async () => {
      try {
        await future;
      } catch { /* seen */ }
    })();
  },
};

for (const [what, wait] of Object.entries(waits)) {
  Deno.test(`two tasks keep their currentTask() and store after waiting for ${what}`, async () => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      const body = async () => {
        const before = whoAmI();
        for (let i = 0; i < 3; i++) {
          await wait(loop);
          assertEquals(whoAmI(), before);
          assertStrictEquals(getRunningLoop(), loop);
        }
        log.push(before);
      };
      await gather(createIn("a", body), createIn("b", body));
    });
    assertEquals(log.sort(), ["a a", "b b"]);
  });

  Deno.test(`nested native async functions keep their task when they wait for ${what}`, async () => {
    const seen = new Set<string>();
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      async function nested(depth: number): Promise<void> {
        seen.add(whoAmI());
        if (depth > 0) await nested(depth - 1);
        else await wait(loop);
        seen.add(whoAmI());
      }
      const other = createIn("b", async () => {
        for (let i = 0; i < 20; i++) await sleep(0);
      });
      await createIn("a", () => nested(10));
      await other;
    });
    assertEquals([...seen], ["a a"]);
  });
}

Deno.test("a task sees the store that was active where it was created", async () => {
  await inVirtualTime(async () => {
    const seen: unknown[] = [];
    const look = async () => {
      seen.push(request.getStore());
      await sleep(1);
      seen.push(request.getStore());
    };
    const tasks = [
      createTask(look),
      request.run("x", () => createTask(look)),
      request.run("y", () => createTask(coroutine(look)())),
      request.run("z", () => createTask(() => look())),
    ];
    await request.run("main", async () => await gather(tasks));
    assertEquals(seen, [
      ...[undefined, "x", "y", "z"],
      ...[undefined, "x", "y", "z"],
    ]);
  });
});

Deno.test("a task created before the loop runs sees the store that was active then", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const task = request.run("early", () =>
    loop.createTask(async () => {
      const first = request.getStore();
      await sleep(0);
      return [first, request.getStore()];
    }));
  const seen = await request.run("late", () => loop.runUntilComplete(task));
  assertEquals(seen, ["early", "early"]);
  loop.close();
});

Deno.test("a task created where no store was active sees none, though its loop runs in one", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const look = async () => {
    const first = whoAmI();
    await sleep(0);
    return [first, whoAmI()];
  };
  const tasks = [
    loop.createTask(look, { name: "async" }),
    loop.createTask(() => look(), { name: "plain" }),
  ];
  const seen = await request.run(
    "late",
    () => loop.runUntilComplete(gather(tasks)),
  );
  assertEquals(seen, [["async -", "async -"], ["plain -", "plain -"]]);
  loop.close();
});

Deno.test("a coroutine belongs to the task that awaits it, not to the one that called its function", async () => {
  await inVirtualTime(async () => {
    const look = coroutine(async () => {
      await sleep(0);
      return whoAmI();
    });
    const made = request.run("maker", () => look());
    assertEquals(
      await createIn("driver", async () => await made),
      "driver driver",
    );
  });
});

Deno.test("a store that a task enters for a while is active only there", async () => {
  await inVirtualTime(async () => {
    const seen: unknown[] = [];
    await createIn("a", async () => {
      await request.run("inner", async () => {
        await sleep(0);
        seen.push(whoAmI());
        await createTask(async () => {
          await sleep(0);
          seen.push(request.getStore());
        });
      });
      seen.push(whoAmI());
    });
    assertEquals(seen, ["a inner", "inner", "a a"]);
  });
});

Deno.test("enterWith() in one task is not seen by another", async () => {
  await inVirtualTime(async () => {
    const body = async (name: string) => {
      await sleep(0);
      request.enterWith(`changed by ${name}`);
      await sleep(0);
      await null;
      return request.getStore();
    };
    assertEquals(
      await gather(
        createIn("a", () => body("a")),
        createIn("b", () => body("b")),
      ),
      ["changed by a", "changed by b"],
    );
  });
});

// --- woken from outside

const wakers: Record<string, (loop: EventLoop, wake: () => void) => void> = {
  "another task": (_loop, wake) => createIn("waker", async () => wake()),
  "a callback": (loop, wake) => loop.callSoon(wake),
  "a timer of the loop": (loop, wake) => loop.callLater(1, wake),
  "a host callback": (_loop, wake) => {
    request.run("host", () => setImmediate(wake));
  },
  "a native promise": (_loop, wake) => {
    request.run("promise", () => hostTurns(2).then(wake));
  },
  "an event": (_loop, wake) => {
    const target = new EventTarget();
    target.addEventListener("wake", wake);
    request.run(
      "event",
      () => setImmediate(() => target.dispatchEvent(new Event("wake"))),
    );
  },
};

for (const [who, arrange] of Object.entries(wakers)) {
  Deno.test(`a task woken by ${who} keeps its currentTask() and store`, async () => {
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      const future = loop.createFuture<void>();
      const sleeper = createIn("sleeper", async () => {
        await future;
        const first = whoAmI();
        await null;
        return [first, whoAmI(), getRunningLoop() === loop];
      });
      await sleep(0);
      request.run("waker", () =>
        arrange(loop, () => {
          future.setResult();
        }));
      assertEquals(await sleeper, ["sleeper sleeper", "sleeper sleeper", true]);
    });
  });

  Deno.test(`a task cancelled by ${who} keeps its currentTask() and store`, async () => {
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      const seen: string[] = [];
      const sleeper = createIn("sleeper", async () => {
        try {
          await loop.createFuture();
        } catch {
          seen.push(whoAmI());
        }
        await sleep(0);
        seen.push(whoAmI());
      });
      await sleep(0);
      arrange(loop, () => {
        sleeper.cancel();
      });
      await sleeper;
      assertEquals(seen, ["sleeper sleeper", "sleeper sleeper"]);
    });
  });
}

Deno.test("a loop woken by a task of another loop does not take on that task", async () => {
  const other = new EventLoop({ clock: new VirtualClock() });
  const woken = other.createFuture<string>();
  const idle = other.runUntilComplete(async () => {
    await woken;
    const inside = currentTask()?.getName();
    const future = other.createFuture<string>();
    other.callSoon(() => {
      future.setResult(`${currentTask()} ${getRunningLoop() === other}`);
    });
    return [inside, await future];
  });
  await new Promise((resolve) => setImmediate(resolve)); // until it is idle
  await inVirtualTime(async () => {
    currentTask()!.setName("of the first loop");
    woken.setResult("now");
    await sleep(0);
  });
  const [inside, callback] = await idle;
  assert(inside !== "of the first loop", inside);
  assertEquals(callback, "null true");
  other.close();
});

// --- callbacks

Deno.test("callbacks run in the loop and in no task, wherever they were scheduled", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const note = (what: string) => () => {
      assertStrictEquals(getRunningLoop(), loop);
      log.push(`${what}: ${currentTask()}`);
    };
    await createTask(async () => {
      loop.callSoon(note("soon"));
      loop.callLater(1, note("later"));
      loop.callAt(loop.time() + 1, note("at"));
      const future = loop.createFuture<void>();
      future.addDoneCallback(note("done"));
      future.setResult();
      future.addDoneCallback(note("done already"));
      await sleep(2);
    });
  });
  assertEquals(log, [
    "soon: null",
    "done: null",
    "done already: null",
    "later: null",
    "at: null",
  ]);
});

testKinds(
  "a task is current again after a callback or another task has run",
  async (kind) => {
    const seen: unknown[] = [];
    const work = inKind(kind, function* work() {
      const loop = getRunningLoop();
      for (let i = 0; i < 3; i++) {
        loop.callSoon(() => seen.push(currentTask()));
        createTask(sleep(0));
        yield sleep(0);
        seen.push(currentTask());
      }
    });
    await inVirtualTime(async () => {
      const task = createTask(work());
      await task;
      assertEquals(seen.filter((who) => who === task).length, 3);
      assertEquals(seen.filter((who) => who === null).length, 3);
      assertEquals(seen.length, 6);
    });
  },
);

testKinds("currentTask() is right after a callback throws", async (kind) => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const before = loop.getExceptionHandler();
    let told: unknown = "nothing";
    loop.setExceptionHandler(() => told = currentTask());
    loop.callSoon(() => {
      throw new Error("thrown by a callback");
    });
    const task: Task<string> = createTask(
      inKind(kind, function* (): Script<string> {
        yield sleep(0);
        assertStrictEquals(currentTask(), task);
        return "itself";
      })(),
    );
    assertEquals(await task, "itself");
    assertEquals(told, null);
    loop.setExceptionHandler(before);
  });
});

/** The error of whatever needs a running loop, in full. */
const NO_LOOP =
  "no running event loop: start one with run(), or, in what the host calls (a handler of a server, a listener of a signal), use group.createTask(), loop.createTask() or runCoroutineThreadsafe()";

testKinds(
  "a host timer that fires after its task has ended has no task",
  async (kind) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    await inVirtualTime(
      inKind(kind, function* () {
        setImmediate(() =>
          setImmediate(() =>
            setImmediate(() => {
              try {
                resolve(String(currentTask()));
              } catch (error) {
                resolve((error as Error).message);
              }
            })
          )
        );
      })(),
    );
    assertEquals(await promise, NO_LOOP);
  },
);

// --- generators and mixtures

for (const outer of KINDS) {
  for (const inner of KINDS) {
    Deno.test(`a coroutine (${inner}) inside a task (${outer}) runs as that task throughout`, async () => {
      const seen = new Set<unknown>();
      const leaf = inKind(inner, function* leaf() {
        for (let i = 0; i < 3; i++) {
          seen.add(currentTask());
          yield sleep(0);
        }
      });
      const main = inKind(outer, function* main() {
        seen.add(currentTask());
        yield leaf();
        seen.add(currentTask());
        yield gather(sleep(0), createTask(sleep(0)));
        seen.add(currentTask());
      });
      await inVirtualTime(async () => {
        const task = createTask(main());
        const other = createTask(main());
        await gather(task, other);
        assertEquals(seen, new Set([task, other]));
      });
    });
  }
}

for (
  const chain of [["generator"], ["generator", "async"], [
    "generator",
    "generator",
    "async",
  ]] as const
) {
  Deno.test(`a task of an async function sees its store inside ${chain.join(" around ")}`, async () => {
    await inVirtualTime(async () => {
      const seen: unknown[] = [];
      const leaf = function* () {
        for (let i = 0; i < 3; i++) {
          seen.push(request.getStore());
          yield sleep(i); // woken by the loop
        }
      };
      let nested: () => Coroutine<void> = inKind(chain[chain.length - 1], leaf);
      for (const kind of chain.slice(0, -1).reverse()) {
        const inner = nested;
        nested = inKind(kind, function* () {
          yield sleep(1);
          yield inner();
        });
      }
      const other = createIn("other", async () => {
        for (let i = 0; i < 9; i++) await sleep(0);
      });
      await createIn("mine", async () => await nested());
      await other;
      assertEquals(seen, ["mine", "mine", "mine"]);
    });
  });
}

// --- two loops

testKinds("two loops in one thread have their own tasks", async (kind) => {
  const loops = [0, 1].map(() => new EventLoop({ clock: new VirtualClock() }));
  const work = inKind(kind, function* work(loop: EventLoop) {
    for (let i = 0; i < 50; i++) {
      assertStrictEquals(getRunningLoop(), loop);
      assertStrictEquals(currentTask()?.getLoop(), loop);
      yield i % 3 === 0
        ? sleep(1)
        : i % 3 === 1
        ? sleep(0)
        : wrapFuture(hostTurns(1));
    }
    return String(currentTask()?.getName());
  });
  const tasks = loops.map((loop) => loop.createTask(work(loop)));
  const results = await Promise.all(
    loops.map((loop, i) => loop.runUntilComplete(tasks[i] as Future<unknown>)),
  );
  assertEquals(results, tasks.map((task) => task.getName()));
  for (const loop of loops) loop.close();
});

Deno.test("outside any loop there is neither a loop nor a task, even after a loop has run", async () => {
  await inVirtualTime(async () => {
    await sleep(1);
  });
  assertThrows(() => getRunningLoop(), Error, "no running event loop");
  assertThrows(() => currentTask(), Error, "no running event loop");
  await null;
  assertThrows(() => getRunningLoop(), Error, "no running event loop");
});

Deno.test("code outside a running loop has no running loop", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const future = loop.createFuture<void>();
  const running = loop.runUntilComplete(future);
  await hostTurns(2);
  assert(loop.isRunning());
  assertThrows(() => getRunningLoop(), Error, "no running event loop");
  future.setResult();
  await running;
  loop.close();
});

// --- the option `context`

/** Captures a context in which the user's store has the given value. */
function contextOf(name: string): Context {
  return request.run(name, () => AsyncLocalStorage.snapshot());
}

/** How a task can be given a context. */
const creators: Record<
  string,
  (body: () => Coroutine<unknown>, context: Context) => PromiseLike<unknown>
> = {
  "createTask()": (body, context) => createTask(body(), { context }),
  "createTask() of a function": (body, context) =>
    createTask(() => body(), { context }),
  "an eager createTask()": (body, context) =>
    createTask(body(), { context, eagerStart: true }),
  "loop.createTask()": (body, context) =>
    getRunningLoop().createTask(body(), { context }),
  "a task factory": (body, context) => {
    const loop = getRunningLoop();
    loop.setTaskFactory(eagerTaskFactory);
    const task = loop.createTask(body(), { context });
    loop.setTaskFactory(null);
    return task;
  },
  "new Task()": (body, context) => new Task(body(), { context }),
  "TaskGroup.createTask()": async (body, context) => {
    let task: Task<unknown> | undefined;
    await taskGroup(async (group) => {
      task = group.createTask(body(), { context });
    });
    return task!.result();
  },
};

for (const [how, create] of Object.entries(creators)) {
  testKinds(
    `all steps of a task run in the context given to ${how}`,
    async (kind) => {
      const seen: unknown[] = [];
      const look = inKind(kind, function* look(): Script<unknown> {
        const task = currentTask();
        for (let i = 0; i < 3; i++) {
          assertStrictEquals(currentTask(), task);
          seen.push(request.getStore());
          yield sleep(i);
        }
        yield gather(sleep(0), sleep(1));
        seen.push(request.getStore());
        return task?.getName() ?? null;
      });
      await inVirtualTime(async () => {
        const context = contextOf("given");
        await request.run("creator", async () => {
          const name = await create(look, context);
          assert(name !== null && name !== currentTask()!.getName());
          assertEquals(request.getStore(), "creator");
        });
      });
      assertEquals(seen, ["given", "given", "given", "given"]);
    },
  );
}

testKinds(
  "a task in the context of another task is itself, in nested native async functions too",
  async (kind) => {
    await inVirtualTime(async () => {
      let context!: Context;
      const end = getRunningLoop().createFuture<void>();
      const other = createIn("other", async () => {
        context = AsyncLocalStorage.snapshot();
        await end;
      });
      await sleep(0);
      const seen: unknown[] = [];
      const nested = async () => {
        await null;
        await hostTurns(1);
        seen.push(currentTask() === other, request.getStore());
      };
      const work = inKind(kind, function* (): Script<unknown> {
        for (let i = 0; i < 2; i++) {
          yield sleep(i);
          assertEquals(currentTask()!.getName(), "mine");
          yield wrapFuture(nested());
        }
        return currentTask() === task;
      });
      let task: Task<unknown> | undefined;
      for (const eagerStart of [false, true]) {
        task = createTask(work(), { name: "mine", context, eagerStart });
        assertEquals(await task, true);
      }
      assertEquals(
        seen,
        [1, 2, 3, 4].flatMap(() => [false, "other"]),
      );
      assertEquals(other.done(), false);
      end.setResult();
      await other;
    });
  },
);

Deno.test("cancelling the task whose context was captured does not cancel a task that runs in it", async () => {
  await inVirtualTime(async () => {
    let context!: Context;
    const other = createTask(async () => {
      context = AsyncLocalStorage.snapshot();
      await sleep(9);
    });
    await sleep(0);
    const task = createTask(async () => await sleep(1, "done"), { context });
    await sleep(0);
    other.cancel();
    assertEquals(await task, "done");
    assert(other.cancelled());
  });
});

testKinds("a task in the context of no task is itself", async (kind) => {
  const context = contextOf("outside");
  await inVirtualTime(async () => {
    const work = inKind(kind, function* (): Script<unknown> {
      yield sleep(1);
      assertStrictEquals(currentTask(), task);
      return request.getStore();
    });
    const task: Task<unknown> = createTask(work(), { context });
    assertEquals(await task, "outside");
  });
});

testKinds("an error thrown in a context is that of the task", async (kind) => {
  await inVirtualTime(async () => {
    const error = new Error("thrown in a context");
    const work = inKind(kind, function* (): Script<void> {
      yield sleep(1);
      throw error;
    });
    const task = createTask(work(), { context: contextOf("given") });
    assertStrictEquals(await task.catch((error) => error), error);
  });
});

testKinds(
  "a task in a context can be cancelled, before its first step too",
  async (kind) => {
    await inVirtualTime(async () => {
      const context = contextOf("given");
      const seen: unknown[] = [];
      const work = inKind(kind, function* (): Script<void> {
        seen.push("began");
        try {
          yield sleep(9);
        } finally {
          seen.push(request.getStore());
        }
      });
      const unbegun = createTask(work(), { context });
      unbegun.cancel();
      const begun = createTask(work(), { context });
      await sleep(1);
      begun.cancel();
      await sleep(0);
      assert(unbegun.cancelled());
      assert(begun.cancelled());
      assertEquals(seen, ["began", "given"]);
    });
  },
);

testKinds(
  "a task whose context throws, or calls nothing, fails",
  async (kind) => {
    await inVirtualTime(async () => {
      const error = new Error("no such context");
      const work = inKind(kind, function* (): Script<void> {});
      for (const eagerStart of [false, true]) {
        const failing = () => {
          throw error;
        };
        const task = createTask(work(), { context: failing, eagerStart });
        assertStrictEquals(await task.catch((error) => error), error);
        const context = (() => {}) as Context;
        const idle = createTask(work(), { context, eagerStart });
        assertEquals(
          String(await idle.catch((error) => error)),
          "TypeError: The context of a task must call the function at once",
        );
      }
    });
  },
);

testKinds(
  "tasks in a context keep the order of the loop",
  async (kind) => {
    await inVirtualTime(async () => {
      const context = contextOf("given");
      const log: string[] = [];
      const work = inKind(kind, function* (name: string): Script<void> {
        for (let i = 0; i < 3; i++) {
          log.push(`${name}${i}`);
          yield sleep(0);
        }
      });
      await gather(
        createTask(work("a"), { context }),
        createTask(work("b")),
        createTask(work("c"), { context }),
      );
      assertEquals(log.join(" "), "a0 b0 c0 a1 b1 c1 a2 b2 c2");
    });
  },
);

testKinds("run() and Runner.run() take a context", async (kind) => {
  const context = contextOf("given");
  const look = inKind(kind, function* (): Script<unknown> {
    const first = request.getStore();
    yield sleep(0);
    return [first, request.getStore()];
  });
  assertEquals(await run(look(), { context }), ["given", "given"]);
  const runner = new Runner();
  assertEquals(await runner.run(look(), { context }), ["given", "given"]);
  assertEquals(await runner.run(look()), [undefined, undefined]);
  await runner.close();
});

/** How a callback can be given a context. */
const schedulers: Record<
  string,
  (
    loop: EventLoop,
    context: Context,
    callback: (a: number, b: string) => void,
  ) => Handle
> = {
  "callSoon()": (loop, context, callback) =>
    loop.callSoon({ context }, callback, 1, "b"),
  "callSoonThreadsafe()": (loop, context, callback) =>
    loop.callSoonThreadsafe({ context }, callback, 1, "b"),
  "callLater()": (loop, context, callback) =>
    loop.callLater(1, { context }, callback, 1, "b"),
  "callAt()": (loop, context, callback) =>
    loop.callAt(loop.time() + 1, { context }, callback, 1, "b"),
};

for (const [how, schedule] of Object.entries(schedulers)) {
  Deno.test(`a callback of ${how} runs in its context, with its arguments and in no task`, async () => {
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      const seen: unknown[] = [];
      await createIn("creator", async () => {
        const context = request.run(
          "given",
          () => AsyncLocalStorage.snapshot(),
        );
        const handle = schedule(loop, context, (...args) => {
          assertStrictEquals(getRunningLoop(), loop);
          seen.push(...args, request.getStore(), currentTask());
          (async () => {
            await null;
            seen.push(request.getStore(), currentTask());
          })();
        });
        assertStrictEquals(handle.getContext(), context);
        await sleep(2);
      });
      assertEquals(seen, [1, "b", "given", null, "given", null]);
    });
  });

  Deno.test(`an error thrown by a callback of ${how} in a context is reported in it`, async () => {
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      const before = loop.getExceptionHandler();
      const error = new Error("thrown in a context");
      const seen: unknown[] = [];
      loop.setExceptionHandler((_loop, { exception, handle }) => {
        seen.push(exception, handle, request.getStore());
      });
      const handle = schedule(loop, contextOf("given"), () => {
        throw error;
      });
      await sleep(2);
      assertEquals(seen, [error, handle, "given"]);
      assertEquals(request.getStore(), undefined);
      loop.setExceptionHandler(before);
    });
  });

  Deno.test(`${how} refuses a context that is not a function`, () => {
    const loop = newEventLoop({ clock: new VirtualClock() });
    assertThrows(
      () => schedule(loop, {} as Context, () => {}),
      TypeError,
      `a callable object was expected by the context option of ${how}, got {}`,
    );
    loop.close();
  });
}

Deno.test("a callback without a context has none", () => {
  const loop = newEventLoop({ clock: new VirtualClock() });
  assertStrictEquals(loop.callSoon(() => {}).getContext(), null);
  assertStrictEquals(loop.callSoon({}, () => {}).getContext(), null);
  assertStrictEquals(
    loop.callLater(1, { context: null }, () => {}).getContext(),
    null,
  );
  loop.close();
});

Deno.test("callSoon() refuses an unknown option", () => {
  const loop = newEventLoop({ clock: new VirtualClock() });
  assertThrows(
    () => loop.callSoon({ contexts: null } as object, () => {}),
    TypeError,
    "Unknown option contexts for callSoon(): did you mean context?",
  );
  loop.close();
});

Deno.test("callSoon() passes objects and functions on as arguments", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const seen: unknown[] = [];
    const context = contextOf("given");
    const note = (...args: unknown[]) => seen.push(...args, request.getStore());
    loop.callSoon(note, { context }, note);
    loop.callSoon({ context }, note, { context }, note);
    await sleep(0);
    assertEquals(seen, [
      ...[{ context }, note, undefined],
      ...[{ context }, note, "given"],
    ]);
  });
});

Deno.test("callSoon() refuses options without a callback", () => {
  const loop = newEventLoop({ clock: new VirtualClock() });
  assertThrows(
    () => loop.callSoon({} as () => void),
    TypeError,
    "a callable object was expected by callSoon(), got {}",
  );
  loop.close();
});

testKinds("getContext() returns the context of a task", async (kind) => {
  await inVirtualTime(async () => {
    const context = contextOf("given");
    const work = inKind(kind, function* (): Script<void> {});
    const task = createTask(work(), { context });
    const plain = createTask(work());
    await gather(task, plain);
    assertStrictEquals(task.getContext(), context);
    assertStrictEquals(plain.getContext(), null);
  });
});

testKinds(
  "a task refuses a context that is not a function, and the coroutine can still be used",
  async (kind) => {
    await inVirtualTime(async () => {
      const coro = inKind(kind, function* (): Script<string> {
        return "used";
      })();
      for (const context of [1, "x", {}, false]) {
        assertThrows(
          () => createTask(coro, { context: context as unknown as Context }),
          TypeError,
          "a callable object was expected by the context option of Task()",
        );
      }
      assertEquals(await createTask(coro, { context: null }), "used");
    });
  },
);

// --- the option `context` of done callbacks

Deno.test("done callbacks run in their contexts, in the order in which they were added", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const seen: unknown[] = [];
    const future = loop.createFuture<number>();
    const note = (done: Future<number>) => {
      seen.push(done.result(), request.getStore(), currentTask());
    };
    future.addDoneCallback(note, { context: contextOf("first") });
    future.addDoneCallback(note);
    future.addDoneCallback(note, { context: contextOf("third") });
    future.setResult(1);
    future.addDoneCallback(note, { context: contextOf("late") });
    assertEquals(seen, []);
    await sleep(0);
    assertEquals(seen, [
      ...[1, "first", null],
      ...[1, undefined, null],
      ...[1, "third", null],
      ...[1, "late", null],
    ]);
  });
});

Deno.test("removeDoneCallback() removes callbacks with and without a context", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    const seen: string[] = [];
    const note = () => seen.push("removed");
    future.addDoneCallback(note, { context: contextOf("one") });
    future.addDoneCallback(note);
    future.addDoneCallback(() => seen.push("kept"), {
      context: contextOf("two"),
    });
    future.addDoneCallback(note, { context: contextOf("three") });
    assertEquals(future.removeDoneCallback(note), 3);
    assertEquals(future.removeDoneCallback(note), 0);
    future.setResult();
    await sleep(0);
    assertEquals(seen, ["kept"]);
  });
});

Deno.test("addDoneCallback() refuses a wrong context and an unknown option", () => {
  const loop = newEventLoop({ clock: new VirtualClock() });
  const future = loop.createFuture<void>();
  assertThrows(
    () => future.addDoneCallback(() => {}, { context: 1 as never }),
    TypeError,
    "a callable object was expected by the context option of addDoneCallback(), got 1",
  );
  assertThrows(
    () => future.addDoneCallback(() => {}, { ctx: 1 } as object),
    TypeError,
    "Unknown option ctx for addDoneCallback()",
  );
  assertEquals(String(future), "<Future pending>");
  loop.close();
});

Deno.test("a future prints its done callbacks with a context like the others", () => {
  const loop = newEventLoop({ clock: new VirtualClock() });
  const future = loop.createFuture<void>();
  future.addDoneCallback(function careful() {}, { context: contextOf("x") });
  assertEquals(String(future), "<Future pending cb=[careful()]>");
  loop.close();
});

Deno.test("a future of a closed loop does not call back in a context", () => {
  const loop = newEventLoop({ clock: new VirtualClock() });
  const future = loop.createFuture<void>();
  let called = false;
  future.addDoneCallback(() => called = true, { context: contextOf("x") });
  loop.close();
  future.setResult();
  assertEquals(called, false);
});

// --- enterWith()

Deno.test("what a callback enters is not seen by other callbacks", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const seen: unknown[] = [];
    const note = () => seen.push(request.getStore());
    loop.callSoon(() => {
      request.enterWith("leaked");
      note();
    });
    loop.callSoon(note);
    loop.callSoon(note);
    loop.callLater(1, () => {
      request.enterWith("leaked by a timer");
    });
    loop.callLater(1, note);
    await sleep(2);
    assertEquals(seen, ["leaked", undefined, undefined, undefined]);
  });
});

Deno.test("what a callback enters is seen by what it has called", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const seen: unknown[] = [];
    loop.callSoon(() => {
      request.enterWith("first");
      request.enterWith("second");
      Promise.resolve().then(() => seen.push(request.getStore()));
      createTask(async () => {
        await sleep(0);
        seen.push(request.getStore());
      });
    });
    await sleep(2);
    assertEquals(seen, ["second", "second"]);
  });
});

Deno.test("a callback that enters a store and throws leaks nothing", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const before = loop.getExceptionHandler();
    const told: ExceptionContext[] = [];
    loop.setExceptionHandler((_loop, report) => {
      told.push(report);
      request.enterWith("leaked by the handler");
    });
    const seen: unknown[] = [];
    loop.callSoon(() => {
      request.enterWith("leaked");
      throw new Error("thrown by a callback");
    });
    loop.callSoon(() => seen.push(request.getStore()));
    await sleep(0);
    assertEquals(told.length, 1);
    assertEquals(seen, [undefined]);
    loop.setExceptionHandler(before);
  });
});

Deno.test("a callback in a context keeps what it enters to itself", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const context = contextOf("given");
    const seen: unknown[] = [];
    loop.callSoon({ context }, () => {
      request.enterWith("leaked");
    });
    loop.callSoon({ context }, () => seen.push(request.getStore()));
    loop.callSoon(() => seen.push(request.getStore()));
    await sleep(0);
    assertEquals(seen, ["given", undefined]);
  });
});

Deno.test("a handler of then() that enters a store does not leak it into the next callback", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    const seen: unknown[] = [];
    loop.callSoon(() => {
      future.then(() => request.enterWith("leaked"), () => {});
      future.setResult();
      loop.callSoon(() => seen.push(request.getStore()));
    });
    await sleep(2);
    assertEquals(seen, [undefined]);
  });
});

for (const given of [null, "given"]) {
  testKinds(
    `a task ${
      given === null ? "without" : "with"
    } a context keeps what it enters, and others do not see it`,
    async (kind) => {
      await inVirtualTime(async () => {
        const loop = getRunningLoop();
        const context = given === null ? null : contextOf(given);
        const seen: unknown[] = [];
        const others: unknown[] = [];
        const leaky = inKind(kind, function* (): Script<void> {
          seen.push(request.getStore());
          yield sleep(0);
          request.enterWith("entered");
          loop.callSoon(() => others.push(request.getStore()));
          for (let i = 0; i < 3; i++) {
            yield sleep(i);
            seen.push(request.getStore());
          }
        });
        const other = inKind(kind, function* (): Script<void> {
          for (let i = 0; i < 4; i++) {
            others.push(request.getStore());
            yield sleep(i);
          }
        });
        await gather(
          createTask(other()),
          createTask(leaky(), { context }),
          createTask(other()),
        );
        others.push(request.getStore());
        assertEquals(seen, [
          given ?? undefined,
          "entered",
          "entered",
          "entered",
        ]);
        assertEquals(others, Array(10).fill(undefined));
      });
    },
  );

  testKinds(
    `the last step of a task ${
      given === null ? "without" : "with"
    } a context leaks nothing`,
    async (kind) => {
      await inVirtualTime(async () => {
        const loop = getRunningLoop();
        const context = given === null ? null : contextOf(given);
        const seen: unknown[] = [];
        for (const fails of [false, true]) {
          const task = createTask(
            inKind(kind, function* (): Script<void> {
              yield sleep(0);
              request.enterWith("leaked");
              if (fails) throw new Error("thrown in the last step");
            })(),
            { context },
          );
          await sleep(0);
          loop.callSoon(() => seen.push(request.getStore()));
          await task.catch(() => {});
        }
        await sleep(0);
        assertEquals(seen, [undefined, undefined]);
      });
    },
  );
}

testKinds(
  "an eager task keeps what it enters from its creator",
  async (kind) => {
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      const seen: unknown[] = [];
      loop.callSoon(() => {
        request.enterWith("creator");
        const work = inKind(kind, function* (): Script<void> {
          seen.push(request.getStore());
          request.enterWith("eager");
          yield sleep(0);
          seen.push(request.getStore());
        });
        createTask(work(), { eagerStart: true });
        seen.push(request.getStore());
        createTask(work(), { eagerStart: true, context: contextOf("given") });
        seen.push(request.getStore());
      });
      await sleep(2);
      assertEquals(seen, [
        ...["creator", "creator"],
        ...["given", "creator"],
        ...["eager", "eager"],
      ]);
    });
  },
);

Deno.test("what a generator enters is seen by the coroutines that it awaits", async () => {
  await inVirtualTime(async () => {
    const seen: unknown[] = [];
    const look = async () => {
      await sleep(0);
      seen.push(request.getStore());
    };
    await createTask(function* () {
      request.enterWith("entered");
      yield* coroutine(look)();
      seen.push(request.getStore());
      yield* timeout(9, look);
      yield* timeout(9, function* () {
        yield* sleep(1);
        seen.push(request.getStore());
      });
      yield* sleep(1);
      seen.push(request.getStore());
    });
    assertEquals(seen, Array(5).fill("entered"));
  });
});

/** What runs a body or a coroutine in the task that awaits it. */
const runners: Record<string, (body: () => Coroutine<void>) => object> = {
  "timeout()": (body) => timeout(9, body),
  "taskGroup()": (body) => taskGroup(body),
  "waitFor()": (body) => waitFor(body(), 9),
  "nested scopes": (body) =>
    timeout(9, function* () {
      yield* taskGroup(body);
      yield* timeout(8, body);
    }),
};

for (const [what, runIn] of Object.entries(runners)) {
  testKinds(
    `the body of ${what} runs in the context of the async function that awaits it`,
    async (kind) => {
      const seen: unknown[] = [];
      const body = inKind(kind, function* (): Script<void> {
        for (let i = 0; i < 2; i++) {
          yield sleep(i);
          seen.push(request.getStore());
        }
      });
      await inVirtualTime(async () => {
        await request.run("mine", async () => {
          await runIn(body);
          assertEquals(request.getStore(), "mine");
        });
      });
      assertEquals(new Set(seen), new Set(["mine"]));
    },
  );
}

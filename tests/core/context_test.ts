import { AsyncLocalStorage } from "node:async_hooks";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  EventLoop,
  type Future,
  gather,
  getRunningLoop,
  sleep,
  type Task,
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
    assertEquals(await promise, "no running event loop");
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

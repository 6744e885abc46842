import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  sleep,
  type Task,
  wrapFuture,
} from "@asyncio/asyncio";
import { inVirtualTime } from "../_helpers.ts";

/** A native promise that settles after several macrotasks. */
function hostTurns(n: number): Promise<void> {
  return new Promise((resolve) => {
    const hop = () => n-- > 0 ? setImmediate(hop) : resolve();
    hop();
  });
}

/** A native promise that settles after several microtasks. */
async function microtasks(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await null;
}

/** Logs `n` turns of the loop, next to the events that a test logs. */
async function turnsInto(log: string[], n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    log.push(`turn${i}`);
    await sleep(0);
  }
}

// --- steps through nested native async functions

/** Includes numbers around the limit of microtasks before the loop hops. */
const DEPTHS = [1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 34, 50, 64, 65, 100];

for (const depth of DEPTHS) {
  Deno.test(`a step continues through ${depth} native async functions, in and out`, async () => {
    const log: string[] = [];
    async function nested(name: string, level: number): Promise<void> {
      if (level > 0) return await nested(name, level - 1);
      log.push(`${name} in`);
      await sleep(0);
      log.push(`${name} woken`);
    }
    async function work(name: string) {
      for (let i = 0; i < 2; i++) {
        await nested(name, depth);
        log.push(`${name} out`);
      }
    }
    await inVirtualTime(async () => {
      await gather(
        createTask(() => work("a")),
        createTask(() => work("b")),
        createTask(function* () {
          for (let i = 0; i < 3; i++) {
            log.push("g");
            yield* sleep(0);
          }
        }),
      );
    });
    assertEquals(log, [
      ...["a in", "b in", "g"],
      ...["a woken", "a out", "a in", "b woken", "b out", "b in", "g"],
      ...["a woken", "a out", "b woken", "b out", "g"],
    ]);
  });

  Deno.test(`an exception propagates through ${depth} native async functions in the same step`, async () => {
    const log: string[] = [];
    async function nested(level: number): Promise<void> {
      if (level > 0) return await nested(level - 1);
      await sleep(0);
      throw new Error("deep");
    }
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      await gather(
        createTask(async () => {
          loop.callSoon(() => loop.callSoon(() => log.push("next turn")));
          await nested(depth).catch((error) => log.push(error.message));
        }),
        createTask(() => turnsInto(log, 2)),
      );
    });
    assertEquals(log, ["turn0", "deep", "turn1", "next turn"]);
  });
}

Deno.test("a step can alternate between coroutines and native functions", async () => {
  const log: string[] = [];
  const generator = coroutine(
    function* (n: number): Generator<unknown, void, never> {
      if (n > 0) yield* asynchronous(n - 1);
      else yield* sleep(0);
    },
  );
  const asynchronous = coroutine(async (n: number): Promise<void> => {
    await (async () => await (n > 0 ? generator(n - 1) : sleep(0)))();
  });
  await inVirtualTime(async () => {
    await gather(
      createTask(async () => {
        await generator(20);
        log.push("a");
        await asynchronous(20);
        log.push("b");
      }),
      createTask(() => turnsInto(log, 4)),
    );
  });
  assertEquals(log, ["turn0", "a", "turn1", "b", "turn2", "turn3"]);
});

// --- awaits that take no turn

const immediate: Record<string, () => unknown> = {
  "a done future": () => {
    const future = getRunningLoop().createFuture<void>();
    future.setResult();
    return future;
  },
  "a failed future": () => {
    const future = getRunningLoop().createFuture<void>();
    future.setException(new Error("failed"));
    return (async () => {
      await assertRejects(async () => await future, Error, "failed");
    })();
  },
  "a cancelled future": () => {
    const future = getRunningLoop().createFuture<void>();
    future.cancel();
    return (async () => {
      await assertRejects(async () => await future, CancelledError);
    })();
  },
  "an async coroutine that waits for nothing": () =>
    coroutine(async () => {})(),
  "a generator coroutine that waits for nothing": () =>
    coroutine(function* () {})(),
  "a native async function": () => (async () => {})(),
  "a resolved promise": () => Promise.resolve(),
  "null": () => null,
  "ten microtasks": () => microtasks(10),
  "Promise.all of done futures": () =>
    Promise.all([1, 2, 3].map(() => {
      const future = getRunningLoop().createFuture<void>();
      future.setResult();
      return future;
    })),
};

for (const [what, wait] of Object.entries(immediate)) {
  Deno.test(`awaiting ${what} takes no turn`, async () => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      loop.callSoon(() => log.push("next turn"));
      for (let i = 0; i < 3; i++) {
        await wait();
        log.push(what);
      }
      await sleep(0);
    });
    assertEquals(log, [what, what, what, "next turn"]);
  });
}

Deno.test("awaiting a task that is done takes no turn", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const task = createTask(sleep(0, "x"));
    await sleep(1);
    assert(task.done());
    getRunningLoop().callSoon(() => log.push("next turn"));
    log.push(await task, await task);
    await sleep(0);
  });
  assertEquals(log, ["x", "x", "next turn"]);
});

// --- Promise combinators

Deno.test("Promise.all of the loop's awaitables returns the results in order", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const future = loop.createFuture<string>();
    loop.callLater(4, () => future.setResult("future"));
    const results = await Promise.all([
      sleep(3, "sleep"),
      future,
      createTask(sleep(1, "task")),
      gather(sleep(2, "gather")),
      coroutine(async () => await sleep(1, "async"))(),
      coroutine(function* () {
        return yield* sleep(2, "generator");
      })(),
      Promise.resolve("promise"),
    ]);
    assertEquals(results, [
      "sleep",
      "future",
      "task",
      ["gather"],
      "async",
      "generator",
      "promise",
    ]);
    assertEquals(loop.time(), 4);
  });
});

Deno.test("Promise.all fails with the first exception, as soon as it is thrown", async () => {
  await inVirtualTime(async () => {
    const fail = coroutine(async (delay: number) => {
      await sleep(delay);
      throw new Error(`after ${delay}`);
    });
    await assertRejects(
      () => Promise.all([sleep(9), fail(3), fail(2)]),
      Error,
      "after 2",
    );
    assertEquals(getRunningLoop().time(), 2);
    await sleep(9);
  });
});

Deno.test("Promise.race returns the first result, and Promise.any the first of those that succeed", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const fail = coroutine(async () => {
      await sleep(1);
      throw new Error("fails");
    });
    assertEquals(await Promise.race([sleep(2, "two"), sleep(1, "one")]), "one");
    assertEquals(loop.time(), 1);
    assertEquals(await Promise.any([fail(), sleep(3, "three")]), "three");
    assertEquals(loop.time(), 4);
  });
});

Deno.test("Promise.allSettled waits for all and returns their outcomes", async () => {
  await inVirtualTime(async () => {
    const cancelled = getRunningLoop().createFuture<void>();
    getRunningLoop().callLater(1, () => cancelled.cancel());
    const results = await Promise.allSettled([
      sleep(2, "x"),
      cancelled,
      coroutine(async () => {
        throw new Error("fails");
      })(),
    ]);
    assertEquals(
      results.map((result) =>
        result.status === "fulfilled" ? result.value : result.reason.name
      ),
      ["x", "CancelledError", "Error"],
    );
    assertEquals(getRunningLoop().time(), 2);
  });
});

Deno.test("a task that waits in Promise.all keeps its place among the others", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    await gather(
      createTask(async () => {
        for (let i = 0; i < 2; i++) {
          await Promise.all([sleep(0), sleep(0), sleep(0)]);
          log.push(`all${i}`);
        }
      }),
      createTask(() => turnsInto(log, 3)),
    );
  });
  assertEquals(log, ["turn0", "all0", "turn1", "all1", "turn2"]);
});

Deno.test("await in a .then() of a loop's awaitable belongs to the task", async () => {
  await inVirtualTime(async () => {
    const me = currentTask();
    const result = await sleep(1, "x").then(async (value) => {
      await sleep(1);
      assertStrictEquals(currentTask(), me);
      return `${value}y`;
    });
    assertEquals(result, "xy");
    assertEquals(getRunningLoop().time(), 2);
  });
});

// --- native promises

Deno.test("other tasks continue while a task waits for a native promise", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const task = createTask(async () => {
      log.push(await promise);
      await sleep(0);
      log.push("joined");
    });
    await turnsInto(log, 3);
    resolve("resolved");
    await task;
  });
  assertEquals(log, ["turn0", "turn1", "turn2", "resolved", "joined"]);
});

Deno.test("timers fire while every task waits for the host", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const { promise, resolve } = Promise.withResolvers<void>();
    loop.callLater(5, resolve);
    await promise;
    assertEquals(loop.time(), 5);
    await sleep(1);
    assertEquals(loop.time(), 6);
  });
});

for (const hops of [0, 1, 2, 5]) {
  Deno.test(`a task runs in the loop's order again after ${hops} turns of the host`, async () => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      await hostTurns(hops);
      await gather(
        createTask(async () => {
          for (const step of ["a0", "a1", "a2"]) {
            log.push(step);
            await sleep(0);
          }
        }),
        createTask(async () => {
          for (const step of ["b0", "b1", "b2"]) {
            log.push(step);
            await sleep(0);
          }
        }),
      );
    });
    assertEquals(log.join(" "), "a0 b0 a1 b1 a2 b2");
  });
}

Deno.test("tasks that alternate between host and loop all end", async () => {
  const done: number[] = [];
  await inVirtualTime(async () => {
    await gather(
      Array.from({ length: 40 }, (_, i) =>
        createTask(async () => {
          for (let j = 0; j < 5; j++) {
            await hostTurns((i + j) % 3);
            await sleep(j % 2);
            await microtasks(i);
          }
          done.push(i);
        })),
    );
  });
  assertEquals(done.length, 40);
});

Deno.test("a native promise that rejects throws into the task", async () => {
  await inVirtualTime(async () => {
    const error = new Error("foreign");
    const task = createTask(async () => {
      await hostTurns(1);
      await Promise.reject(error);
    });
    assertStrictEquals(await assertRejects(async () => await task), error);
  });
});

Deno.test("many microtasks between two waits belong to the step", async () => {
  for (const n of [10, 31, 32, 33, 100, 1000]) {
    const log: string[] = [];
    await inVirtualTime(async () => {
      await gather(
        createTask(async () => {
          for (let i = 0; i < 2; i++) {
            await microtasks(n);
            log.push(`work${i}`);
            await sleep(0);
          }
        }),
        createTask(() => turnsInto(log, 2)),
      );
    });
    assertEquals(log.join(" "), "work0 turn0 work1 turn1", `${n}`);
  }
});

// --- eager start

Deno.test("an eager task belongs to the step that starts it, up to its first wait", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    getRunningLoop().callSoon(() => log.push("next turn"));
    const task = createTask(async () => {
      log.push("eager");
      await sleep(0);
      log.push("later");
    }, { eagerStart: true });
    log.push("parent");
    await task;
  });
  assertEquals(log, ["eager", "parent", "next turn", "later"]);
});

Deno.test("an eager task that never waits is done before the next turn", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    getRunningLoop().callSoon(() => log.push("next turn"));
    const task = createTask(async () => "done", { eagerStart: true });
    log.push(await task);
    await sleep(0);
  });
  assertEquals(log, ["done", "next turn"]);
});

Deno.test("several eager tasks of one step all reach their wait in it", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    getRunningLoop().callSoon(() => log.push("next turn"));
    const start = (name: string, depth: number): Task<void> =>
      createTask(async () => {
        if (depth > 0) start(`${name}${depth}`, depth - 1);
        log.push(name);
        await microtasks(3);
        log.push(`${name} waits`);
        await sleep(0);
      }, { eagerStart: true });
    await gather(start("a", 2), start("b", 1));
    await sleep(0);
  });
  assertEquals(log.indexOf("next turn"), 10);
  assertEquals(log.slice(0, 5), ["a21", "a2", "a", "b1", "b"]);
});

Deno.test("an eager task that throws at once fails, and its creator continues", async () => {
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      throw new Error("at once");
    }, { eagerStart: true });
    assertFalse(task.cancelled());
    await assertRejects(async () => await task, Error, "at once");
  });
});

// --- many tasks

Deno.test("thousands of tasks of async functions keep their order turn by turn", async () => {
  const COUNT = 3000;
  const ROUNDS = 3;
  const log: number[] = [];
  await inVirtualTime(async () => {
    const nested = async () => await sleep(0);
    await gather(
      Array.from({ length: COUNT }, (_, i) =>
        createTask(async () => {
          for (let round = 0; round < ROUNDS; round++) {
            log.push(round * COUNT + i);
            await (i % 2 === 0 ? sleep(0) : nested());
          }
        })),
    );
  });
  assertEquals(log.length, COUNT * ROUNDS);
  assert(log.every((entry, i) => entry === i));
});

Deno.test("thousands of tasks wake by deadline, and equal deadlines in order of creation", async () => {
  const COUNT = 2000;
  const log: [deadline: number, index: number][] = [];
  await inVirtualTime(async () => {
    await gather(
      Array.from({ length: COUNT }, (_, i) =>
        createTask(async () => {
          const delay = 1 + (i * 7919) % 10;
          await sleep(delay);
          log.push([delay, i]);
        })),
    );
  });
  assertEquals(log.length, COUNT);
  assert(
    log.every(([deadline, index], i) =>
      i === 0 || log[i - 1][0] < deadline ||
      (log[i - 1][0] === deadline && log[i - 1][1] < index)
    ),
  );
});

Deno.test("thousands of tasks created by tasks all end", async () => {
  let done = 0;
  async function spread(depth: number): Promise<void> {
    if (depth > 0) {
      await gather(() => spread(depth - 1), () => spread(depth - 1));
    }
    await sleep(0);
    done++;
  }
  await inVirtualTime(() => spread(10));
  assertEquals(done, 2 ** 11 - 1);
});

Deno.test("a task that waits many thousands of times keeps its place in each turn", async () => {
  const turns = { a: 0, b: 0 };
  await inVirtualTime(async () => {
    await gather(
      createTask(async () => {
        for (let i = 0; i < 20_000; i++) {
          assertEquals(turns.b, turns.a++);
          await sleep(0);
        }
      }),
      createTask(function* () {
        for (let i = 0; i < 20_000; i++) {
          if (++turns.b !== turns.a) throw new Error("out of turn");
          yield* sleep(0);
        }
      }),
    );
  });
  assertEquals(turns, { a: 20_000, b: 20_000 });
});

// --- special cases

Deno.test("an await that outlives its task continues", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      (async () => {
        await sleep(2);
        log.push("left behind");
        await sleep(1);
        log.push("and on");
      })();
      await sleep(1);
      return "done";
    });
    assertEquals(await task, "done");
    await sleep(5);
  });
  assertEquals(log, ["left behind", "and on"]);
});

Deno.test("two functions of one task can wait for the same future", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<string>();
    getRunningLoop().callLater(1, () => future.setResult("x"));
    const wait = async () => await future;
    assertEquals(await Promise.all([wait(), future, wait()]), ["x", "x", "x"]);
  });
});

Deno.test("an async function can catch what a wrapped promise throws", async () => {
  await inVirtualTime(async () => {
    const error = new Error("wrapped");
    const wrapped = wrapFuture(
      hostTurns(1).then(() => {
        throw error;
      }),
    );
    assertStrictEquals(await assertRejects(async () => await wrapped), error);
  });
});

Deno.test("for await iterates over an async generator of the loop's awaitables", async () => {
  async function* ticks(n: number) {
    for (let i = 0; i < n; i++) yield await sleep(1, i);
  }
  await inVirtualTime(async () => {
    const me = currentTask();
    const seen: number[] = [];
    for await (const tick of ticks(3)) {
      assertStrictEquals(currentTask(), me);
      seen.push(tick);
    }
    assertEquals(seen, [0, 1, 2]);
    assertEquals(getRunningLoop().time(), 3);
  });
});

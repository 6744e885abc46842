import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertNotStrictEquals,
  assertRejects,
} from "@std/assert";
import {
  type Awaitable,
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  type Future,
  gather,
  getRunningLoop,
  moveOnAfter,
  run,
  sleep,
  type Task,
  TaskGroup,
  taskGroup,
  Timeout,
  timeout,
  TimeoutError,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import { FakeTime } from "@std/testing/time";
import {
  inKind,
  inVirtualTime,
  type Kind,
  testKinds,
  throughFakeTime,
} from "../_helpers.ts";

const PLACES = ["first", "middle", "last"];

async function outcomeOf(awaitable: PromiseLike<unknown>): Promise<string> {
  try {
    return String(await awaitable);
  } catch (error) {
    return (error as Error).name;
  }
}

// A cancellation from outside reaches all strands

testKinds("task.cancel() reaches all parts of a Promise.all", async (kind) => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const part = inKind(kind, function* part(name: string) {
      try {
        yield sleep(60);
      } catch (error) {
        log.push(`${name}: ${error}`);
        throw error;
      }
    });
    const task = createTask(async () => {
      await Promise.all(PLACES.map(async (name) => await part(name)));
    });
    await sleep(1);
    task.cancel("enough");
    const error = await assertRejects(async () => await task, CancelledError);
    assertEquals(error.message, "enough");
    await sleep(0);
    assertEquals(
      log,
      PLACES.map((name) => `${name}: CancelledError: enough`),
    );
    assert(task.cancelled());
  });
});

for (const [catching, place] of PLACES.entries()) {
  testKinds(
    `task.cancel() reaches the other parts when the ${place} one catches it`,
    async (kind) => {
      await inVirtualTime(async () => {
        const part = inKind(kind, function* part(index: number) {
          try {
            yield sleep(60);
          } catch (error) {
            if (index !== catching) throw error;
            yield sleep(1); // is not cancelled once more
            return "cleaned up";
          }
        });
        const task = createTask(async () =>
          await Promise.all(
            PLACES.map((_, index) => outcomeOf(part(index))),
          )
        );
        await sleep(1);
        task.cancel();
        assertEquals(
          await task,
          PLACES.map((_, index) =>
            index === catching ? "cleaned up" : "CancelledError"
          ),
        );
        assertEquals(task.cancelling(), 1);
      });
    },
  );

  testKinds(
    `task.cancel() reaches parts in scopes when the ${place} is in none`,
    async (kind) => {
      await inVirtualTime(async () => {
        const log: string[] = [];
        const part = inKind(kind, function* part(index: number) {
          try {
            yield sleep(60);
          } finally {
            log.push(PLACES[index]);
          }
        });
        const task = createTask(async () => {
          await Promise.all(
            PLACES.map((_, index) =>
              index === catching
                ? part(index)
                : index % 2 === 0
                ? timeout(90, () => part(index))
                : taskGroup(async () => await part(index))
            ),
          );
        });
        await sleep(1);
        task.cancel();
        await assertRejects(async () => await task, CancelledError);
        await sleep(1);
        assertEquals(log.toSorted(), PLACES.toSorted());
        assertEquals(task.cancelling(), 1);
      });
    },
  );
}

testKinds(
  "task.cancel() reaches what floats, and the floating function may clean up",
  async (kind) => {
    await inVirtualTime(async () => {
      const log: string[] = [];
      const part = inKind(kind, function* part() {
        try {
          yield sleep(60);
        } finally {
          yield sleep(1);
          log.push("cleaned up");
        }
      });
      const task = createTask(async () => {
        outcomeOf(part()).then((outcome) => log.push(outcome));
        try {
          await sleep(60);
        } finally {
          await sleep(5);
        }
      });
      await sleep(1);
      task.cancel();
      await assertRejects(async () => await task, CancelledError);
      assertEquals(log, ["cleaned up", "CancelledError"]);
    });
  },
);

testKinds(
  "task.cancel() together with the limit of a part is a cancellation",
  async (kind) => {
    for (const place of PLACES.keys()) {
      await inVirtualTime(async () => {
        const body = inKind(kind, function* body() {
          yield sleep(60);
        });
        const task: Task<unknown> = createTask(async () => {
          await Promise.all(
            PLACES.map((_, index) =>
              index === place ? timeout(1, () => body()) : sleep(60)
            ),
          );
        });
        const loop = getRunningLoop();
        loop.callAt(loop.time() + 1, () => task.cancel());
        assertEquals(await outcomeOf(task), "CancelledError");
        assert(task.cancelled());
      });
    }
  },
);

testKinds(
  "a limit that expires while a part cleans up after task.cancel() is no TimeoutError",
  async (kind) => {
    await inVirtualTime(async () => {
      const log: string[] = [];
      const body = inKind(kind, function* body() {
        try {
          yield sleep(60);
        } finally {
          yield sleep(5);
        }
      });
      const task = createTask(async () => {
        await Promise.allSettled([
          sleep(60),
          outcomeOf(timeout(3, () => body())).then((name) => log.push(name)),
        ]);
      });
      await sleep(1);
      task.cancel();
      await task.then(() => {}, () => {});
      assertEquals(log, ["CancelledError"]);
    });
  },
);

// Looking on

type Source = (kind: Kind, work: Task<string>) => Awaitable<string>;

const SOURCES: Record<string, Source> = {
  "a future": (_kind, work) => {
    const future = getRunningLoop().createFuture<string>();
    work.addDoneCallback(() => {
      if (!future.done()) future.setResult(work.result());
    });
    return future;
  },
  "a task": (_kind, work) => work,
  "a gathering": (_kind, work) => gather(work) as unknown as Future<string>, // prints as its only result
  "a wrapped promise": (_kind, work) => wrapFuture(work.then((value) => value)),
};

const LOOKS: Record<string, (source: Future<string>) => PromiseLike<unknown>> =
  {
    "then(f)": (source) => source.then((value) => value),
    "then(undefined, g)": (source) =>
      source.then(undefined, (error) => (error as Error).name),
    "catch(g)": (source) => source.catch((error) => (error as Error).name),
    "finally(f)": (source) => source.finally(() => {}),
  };

for (const [what, make] of Object.entries(SOURCES)) {
  for (const [how, look] of Object.entries(LOOKS)) {
    testKinds(`${how} of ${what} only looks on`, async (kind) => {
      await inVirtualTime(async () => {
        const work = createTask(
          inKind(kind, function* work() {
            yield sleep(5);
            return "value";
          })(),
        );
        const source = make(kind, work) as Future<string>;
        let seen!: PromiseLike<unknown>;
        const request = createTask(async () => {
          seen = look(source);
          await sleep(60);
        });
        await sleep(1);
        request.cancel();
        await assertRejects(async () => await request, CancelledError);
        assertEquals(String(await source), "value");
        assertEquals(String(await seen), "value");
      });
    });
  }

  testKinds(
    `then(f) of ${what} in a limited body is not cancelled by the limit`,
    async (kind) => {
      await inVirtualTime(async () => {
        const work = createTask(
          inKind(kind, function* work() {
            yield sleep(5);
            return "value";
          })(),
        );
        const source = make(kind, work) as Future<string>;
        let seen!: PromiseLike<string>;
        const limited = timeout(1, async () => {
          seen = source.then((value) => `seen ${value}`);
          await sleep(60);
        });
        assertEquals(await outcomeOf(limited), "TimeoutError");
        assertEquals(await seen, "seen value");
      });
    },
  );

  testKinds(`await and then(f, g) of ${what} are waits`, async (kind) => {
    await inVirtualTime(async () => {
      const pending = () => {
        const work = createTask(
          inKind(kind, function* work() {
            yield sleep(5);
            return "value";
          })(),
        );
        work.catch(() => {});
        return make(kind, work) as Future<string>;
      };
      if (what !== "a future" && what !== "a wrapped promise") {
        const source = pending();
        const request = createTask(async () => {
          source.then((value) => value, (error) => error);
          await sleep(60);
        });
        await sleep(1);
        request.cancel();
        await assertRejects(async () => await request, CancelledError);
        assertEquals(await outcomeOf(source), "CancelledError");
      }
      const source = pending();
      const request = createTask(async () => await source);
      await sleep(1);
      request.cancel();
      await assertRejects(async () => await request, CancelledError);
      assert(source.done());
      await sleep(10);
    });
  });
}

testKinds("catch() and finally() of a coroutine run it", async (kind) => {
  await inVirtualTime(async () => {
    const work = inKind(kind, function* work(fails: boolean) {
      yield sleep(1);
      if (fails) throw new Error("failed");
      return "value";
    });
    const log: string[] = [];
    assertEquals(
      await work(true).catch((error) => String(error)),
      "Error: failed",
    );
    assertEquals(await work(false).finally(() => log.push("over")), "value");
    assertEquals(await work(false).then((value) => `${value}!`), "value!");
    assertEquals(log, ["over"]);
  });
});

// S7: errors inside of errors

/** Something that waits when it is disposed of. */
class Connection {
  async [Symbol.asyncDispose](): Promise<void> {
    await sleep(3);
  }
}

async function query(): Promise<void> {
  await using _ = new Connection();
  await sleep(60);
}

async function any(): Promise<void> {
  await Promise.any(PLACES.map(() => sleep(60)));
}

/** Bodies out of which a cancellation comes wrapped. */
const WRAPPED: Record<string, { body: () => Promise<void>; times: number[] }> =
  {
    "a SuppressedError": { body: query, times: [1, 2] },
    "an AggregateError of Promise.any": { body: any, times: [1] },
  };

for (const [wrapper, { body, times }] of Object.entries(WRAPPED)) {
  const cancelAsOften = async (task: Task<unknown>): Promise<void> => {
    for (const _ of times) {
      await sleep(1);
      task.cancel();
    }
  };

  Deno.test(`${wrapper} of a cancellation ends a task as cancelled`, async () => {
    await inVirtualTime(async () => {
      const task = createTask(body);
      await cancelAsOften(task);
      await assertRejects(async () => await task, CancelledError);
      assert(task.cancelled());
    });
  });

  Deno.test(`${wrapper} of a cancellation is no failure of a group`, async () => {
    await inVirtualTime(async () => {
      const value = await taskGroup(async (group) => {
        const task = group.createTask(body);
        await cancelAsOften(task);
        return "fine";
      });
      assertEquals(value, "fine");
    });
  });

  Deno.test(`${wrapper} of a cancellation in the body of a group that cancels itself is none`, async () => {
    await inVirtualTime(async () => {
      const value = await taskGroup(async (group) => {
        getRunningLoop().callLater(1, () => group.cancel());
        if (times.length > 1) {
          await timeout(2, body);
        } else {
          await body();
        }
      });
      assertEquals(value, undefined);
    });
  });

  Deno.test(`${wrapper} of a cancellation comes out of gather() as one`, async () => {
    await inVirtualTime(async () => {
      const task = createTask(body);
      const gathering = gather(task, sleep(9));
      gathering.catch(() => {});
      await cancelAsOften(task);
      await assertRejects(async () => await gathering, CancelledError);
      await sleep(10);
    });
  });

  for (
    const [name, limited] of Object.entries({
      "timeout()": (limit: number, body: () => Promise<void>) =>
        timeout(limit, body),
      "waitFor()": (limit: number, body: () => Promise<void>) =>
        waitFor(body, limit),
    })
  ) {
    Deno.test(`${wrapper} of a cancellation by ${name} is a TimeoutError`, async () => {
      await inVirtualTime(async () => {
        const limit = limited(
          times.at(-1)!,
          () =>
            (times.length > 1 ? limited(times[0], body) : body()) as Promise<
              void
            >,
        );
        const error = await assertRejects(async () => await limit);
        assertInstanceOf(error, TimeoutError);
        assertEquals(currentTask()!.cancelling(), 0);
      });
    });
  }

  Deno.test(`${wrapper} of a cancellation by moveOnAfter() is no error`, async () => {
    await inVirtualTime(async () => {
      const moved = moveOnAfter(times.at(-1), async () => {
        if (times.length > 1) await moveOnAfter(times[0], body);
        else await body();
        return "not reached";
      });
      assertEquals(await moved, undefined);
    });
  });

  Deno.test(`${wrapper} of a cancellation comes out of run() as a CancelledError`, async () => {
    using time = new FakeTime(0);
    const main = run(async () => {
      const task = currentTask()!;
      const loop = getRunningLoop();
      for (const at of times) loop.callLater(at, () => task.cancel());
      await body();
    });
    await assertRejects(
      async () => await throughFakeTime(time, main),
      CancelledError,
    );
  });
}

// task.signal and scope.signal

Deno.test("S6: task.signal does not abort for a limit that was dealt with", async () => {
  await inVirtualTime(async () => {
    const task = currentTask()!;
    const { signal } = task;
    await assertRejects(
      async () => await timeout(1, async () => await sleep(60)),
      TimeoutError,
    );
    await moveOnAfter(1, () => sleep(60));
    await taskGroup(async (group) => {
      group.cancel();
      await sleep(60);
    });
    assertFalse(signal.aborted);
    assertFalse(task.signal.aborted);
  });
});

testKinds("task.signal aborts for task.cancel() only", async (kind) => {
  await inVirtualTime(async () => {
    const body = inKind(kind, function* body() {
      yield sleep(60);
    });
    const task = createTask(async () => {
      await Promise.allSettled([timeout(1, () => body()), body()]);
      await sleep(60);
    });
    const { signal } = task;
    await sleep(2);
    assertFalse(signal.aborted);
    task.cancel("enough");
    assert(signal.aborted);
    assertEquals(signal.reason.message, "enough");
    assert(task.signal.aborted);
    await task.then(() => {}, () => {});
    await sleep(60);
  });
});

interface Signalling {
  readonly signal: AbortSignal;
}

type Signals = [outer: Signalling, inner: Signalling, sibling: Signalling];

/** Two nested scopes in one part and one in another. */
async function threeScopes(
  limits: [outer: number, inner: number, sibling: number],
  look: (scopes: Signals) => Promise<void>,
): Promise<void> {
  const scopes: Signalling[] = [];
  const parts = Promise.allSettled([
    timeout(limits[0], async (outer) => {
      scopes[0] = outer;
      await timeout(limits[1], async (inner) => {
        scopes[1] = inner;
        await sleep(90);
      });
    }),
    timeout(limits[2], async (sibling) => {
      scopes[2] = sibling;
      await sleep(90);
    }),
  ]);
  await sleep(1);
  await look(scopes as Signals);
  await parts;
}

const aborted = (scopes: Signals) => scopes.map(({ signal }) => signal.aborted);

for (
  const [name, limits, expected] of [
    ["outer", [2, 60, 60], [true, true, false]],
    ["inner", [60, 2, 60], [false, true, false]],
    ["sibling", [60, 60, 2], [false, false, true]],
  ] as const
) {
  for (const asked of ["before", "afterwards"]) {
    Deno.test(`when the ${name} scope expires, the signals asked for ${asked} of what is inside abort`, async () => {
      await inVirtualTime(async () => {
        await threeScopes([...limits], async (scopes) => {
          if (asked === "before") {
            const signals = scopes.map(({ signal }) => signal);
            await sleep(2);
            assertEquals(signals.map(({ aborted }) => aborted), [...expected]);
          } else {
            await sleep(2);
            // The outer scope is over as well when the inner one has failed.
            const [outer, inner, sibling] = aborted(scopes);
            if (name === "outer") assert(outer);
            if (name === "inner") assertEquals([outer, inner], [false, true]);
            assertEquals(sibling, expected[2]);
          }
        });
      });
    });
  }
}

for (const [name, enter] of Object.entries({ timeout, taskGroup })) {
  const open = (body: (scope: Signalling) => Promise<void>) =>
    enter === timeout
      ? timeout(90, body)
      : taskGroup(body as (group: TaskGroup) => Promise<void>);

  Deno.test(`scope.signal of ${name}() aborts when the task is cancelled`, async () => {
    await inVirtualTime(async () => {
      const signals: AbortSignal[] = [];
      const task = createTask(async () => {
        await open(async (scope) => {
          assert(scope instanceof Timeout || scope instanceof TaskGroup);
          signals.push(scope.signal);
          try {
            await sleep(60);
          } finally {
            signals.push(scope.signal);
          }
        });
      });
      await sleep(1);
      assertFalse(signals[0].aborted);
      task.cancel("enough");
      assert(signals[0].aborted);
      assertEquals(signals[0].reason.message, "enough");
      await assertRejects(async () => await task, CancelledError);
      assert(signals[1].aborted);
    });
  });

  Deno.test(`scope.signal of ${name}() does not abort when the body ends by itself`, async () => {
    await inVirtualTime(async () => {
      let scope!: Signalling;
      let before!: AbortSignal;
      await open(async (given) => {
        scope = given;
        before = given.signal;
        await sleep(1);
      });
      currentTask()!.cancel();
      await assertRejects(async () => await sleep(1), CancelledError);
      currentTask()!.uncancel();
      assertFalse(before.aborted);
      assertFalse(scope.signal.aborted);
    });
  });
}

Deno.test("scope.signal of a group aborts when a child fails", async () => {
  await inVirtualTime(async () => {
    const signals: AbortSignal[] = [];
    const task = createTask(taskGroup(async (group) => {
      signals.push(group.signal, currentTask()!.signal);
      group.createTask(async () => {
        await sleep(1);
        throw new Error("failed");
      });
      await sleep(60);
    }));
    await assertRejects(async () => await task, AggregateError);
    assertEquals(signals.map(({ aborted }) => aborted), [true, false]);
  });
});

Deno.test("after uncancel() a scope entered anew has a new signal", async () => {
  await inVirtualTime(async () => {
    const task = currentTask()!;
    const { signal } = task;
    task.cancel();
    await assertRejects(async () => await sleep(1), CancelledError);
    task.uncancel();
    assertNotStrictEquals(task.signal, signal);
    assertFalse(task.signal.aborted);
    await timeout(1, async (scope) => {
      assertFalse(scope.signal.aborted);
      await sleep(0);
    });
  });
});

// Whose loop it is

Deno.test("S5: a coroutine awaited beside a run() does not end with it", async () => {
  using time = new FakeTime(0);
  const lookup = coroutine(async function lookup() {
    await sleep(5);
    return "found";
  });
  const running = run(async () => {
    await sleep(1);
    return "done";
  });
  const beside = (async () => await lookup())();
  assertEquals(
    await throughFakeTime(time, Promise.all([running, beside])),
    ["done", "found"],
  );
});

Deno.test("two run()s at once each have their own loop and tasks", async () => {
  using time = new FakeTime(0);
  const loops = new Set<unknown>();
  const program = (seconds: number) =>
    run(async () => {
      loops.add(getRunningLoop());
      const task = createTask(sleep(seconds, seconds));
      await null;
      loops.add(getRunningLoop());
      assertEquals(task.getLoop(), getRunningLoop());
      await sleep(0);
      return await task;
    });
  assertEquals(
    await throughFakeTime(
      time,
      Promise.all([program(3), program(1), program(2)]),
    ),
    [3, 1, 2],
  );
  assertEquals(loops.size, 3);
});

Deno.test("a run() that ends first leaves the tasks of another one alone", async () => {
  using time = new FakeTime(0);
  const first = run(async () => await sleep(1, "first"));
  const second = run(async () => {
    const parts = await Promise.allSettled([
      timeout(2, () => sleep(60)),
      sleep(3, "slept"),
    ]);
    return parts.map(({ status }) => status);
  });
  assertEquals(await throughFakeTime(time, Promise.all([first, second])), [
    "first",
    ["rejected", "fulfilled"],
  ]);
});

// Counting

testKinds(
  "cancelling() is 0 after each of several scopes that dealt with their requests",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = currentTask()!;
      const body = inKind(kind, function* body() {
        yield sleep(60);
      });
      const counts: number[] = [];
      await Promise.all([1, 1, 2, 3].map(async (limit) => {
        await outcomeOf(timeout(limit, async () => {
          await moveOnAfter(limit, () => body());
        }));
        await sleep(0);
        counts.push(task.cancelling());
      }));
      assertEquals(counts, [0, 0, 0, 0]);
    });
  },
);

testKinds(
  "cancelling() counts one request per scope that is being cancelled",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = currentTask()!;
      const body = inKind(kind, function* body() {
        try {
          yield sleep(60);
        } finally {
          yield sleep(5);
        }
      });
      const limits = PLACES.map((_, index) =>
        outcomeOf(timeout(index + 1, () => body()))
      );
      await sleep(1.5);
      assertEquals(task.cancelling(), 1);
      await sleep(2);
      assertEquals(task.cancelling(), 3);
      await Promise.all(limits);
      assertEquals(task.cancelling(), 0);
    });
  },
);

testKinds(
  "C2: uncancel() inside of a group does not lose the next request",
  async (kind) => {
    await inVirtualTime(async () => {
      const task: Task<string> = createTask(
        inKind(kind, function* main() {
          try {
            yield sleep(60);
          } catch {
            // The first request is being dealt with.
          }
          let got = "";
          try {
            yield taskGroup(
              inKind(kind, function* body(group: TaskGroup) {
                currentTask()!.uncancel();
                group.createTask(async () => {
                  try {
                    await sleep(60);
                  } finally {
                    // deno-lint-ignore no-unsafe-finally -- as in the report
                    throw new Error("cleanup failed");
                  }
                });
                getRunningLoop().callSoon(() => task.cancel("second"));
                yield sleep(60);
              }).body as (group: TaskGroup) => Promise<void>,
            );
          } catch (error) {
            got = (error as Error).name;
          }
          try {
            yield sleep(1);
          } catch (error) {
            return `${got}, then ${error}`;
          }
          return `${got}, and the second request was lost`;
        })(),
      );
      await sleep(0);
      task.cancel("first");
      assertEquals(await task, "AggregateError, then CancelledError");
    });
  },
);

testKinds(
  "uncancel() in one part leaves the limit of another part working",
  async (kind) => {
    await inVirtualTime(async () => {
      const body = inKind(kind, function* body() {
        yield sleep(60);
      });
      const task = createTask(async () =>
        await Promise.all([
          outcomeOf(timeout(5, () => body())),
          (async () => {
            try {
              await timeout(60, () => body());
            } catch {
              currentTask()!.uncancel();
            }
            return await outcomeOf(timeout(1, () => body()));
          })(),
        ])
      );
      await sleep(1);
      task.cancel();
      assertEquals(await task, ["CancelledError", "TimeoutError"]);
      assertEquals(task.cancelling(), 0);
    });
  },
);

// Many of them

Deno.test("10,000 strands of one task each have a limit of their own", async () => {
  await inVirtualTime(async () => {
    const outcomes = await Promise.all(
      Array.from(
        { length: 10_000 },
        async (_, index) =>
          await outcomeOf(timeout(
            index % 2 === 0 ? 1 : 3,
            async () => await sleep(2, "slept"),
          )),
      ),
    );
    assertEquals(
      outcomes.filter((outcome) => outcome === "TimeoutError").length,
      5_000,
    );
    assertEquals(
      outcomes.filter((outcome) => outcome === "slept").length,
      5_000,
    );
    assertEquals(currentTask()!.cancelling(), 0);
  });
});

Deno.test("10,000 scopes can be nested, and the outermost one expires", async () => {
  await inVirtualTime(async () => {
    let depth = 0;
    const nest = async (left: number): Promise<void> => {
      depth++;
      if (left === 0) await sleep(60);
      else await timeout(30, () => nest(left - 1));
    };
    assertEquals(
      await outcomeOf(timeout(1, () => nest(10_000))),
      "TimeoutError",
    );
    assertEquals(depth, 10_001);
    assertEquals(currentTask()!.cancelling(), 0);
  });
});

const CAN_RUN = Deno.permissions.querySync({ name: "run" }).state === "granted";

Deno.test({
  name: "a task that lives on keeps none of the scopes that it has left",
  ignore: !CAN_RUN,
  async fn() {
    const module = JSON.stringify(import.meta.resolve("../../mod.ts"));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--v8-flags=--expose-gc",
        `
        const { currentTask, run, sleep, taskGroup, timeout } =
          await import(${module});
        await run(async () => {
          const task = currentTask();
          const { signal } = task;
          const scopes = [];
          for (let i = 0; i < 100_000; i++) {
            await timeout(60, async (scope) => {
              scope.signal;
              if (i % 1000 === 0) scopes.push(new WeakRef(scope));
            });
          }
          for (let i = 0; i < 1000; i++) {
            await taskGroup(async (group) => {
              group.signal;
              scopes.push(new WeakRef(group));
              group.cancel();
              await sleep(1);
            });
          }
          await sleep(0.01); // a WeakRef holds until the turn of the host ends
          gc();
          const left = scopes.filter((scope) => scope.deref()).length;
          console.log(left, task.cancelling(), signal.aborted);
        });
        `,
      ],
    }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout) + decoder.decode(stderr);
    // The last one may still be on the stack of the engine.
    assertEquals(text.replace(/^1 /, "0 "), "0 0 false\n");
  },
});

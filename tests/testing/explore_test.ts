import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  createTask,
  Event,
  gather,
  getRunningLoop,
  Lock,
  sleep,
  taskGroup,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  DeadlockError,
  ExplorationError,
  explore,
  type ExploreOptions,
  LeakError,
} from "@asyncio/asyncio/testing";
import { inKind, type Script, testKinds } from "../_helpers.ts";
import { Child, testChild } from "../host/_child.ts";

/** All texts that a body gives under some schedules. */
async function outcomes(
  body: () => Script<string>,
  options: ExploreOptions,
): Promise<Set<string>> {
  const seen = new Set<string>();
  for (const kind of ["async", "generator"] as const) {
    await explore(
      inKind(kind, function* main(): Script<void> {
        seen.add(yield* body());
      }).body,
      options,
    );
  }
  return seen;
}

/** Runs a function for each name in a task of its own; returns their order. */
function* inTasks(
  names: string,
  work: (name: string, index: number) => Script<unknown>,
): Script<string> {
  let order = "";
  const run = inKind(
    "generator",
    function* run(name: string, index: number): Script<void> {
      yield* work(name, index);
      order += name;
    },
  );
  const tasks = [...names].map((name, index) =>
    createTask(run(name, index), { name })
  );
  for (const task of tasks) yield task;
  return order;
}

Deno.test("the first schedule is CPython's order", async () => {
  const body = () =>
    inTasks("abc", function* (_name, index) {
      yield sleep(1 + index / 10_000);
    });
  assertEquals(await outcomes(body, { runs: 1 }), new Set(["abc"]));
});

Deno.test("timers that are due within a millisecond run in any order", async () => {
  const body = () =>
    inTasks("abc", function* (_name, index) {
      yield sleep(1 + index / 10_000);
    });
  assertEquals(
    await outcomes(body, { runs: 200 }),
    new Set(["abc", "acb", "bac", "bca", "cab", "cba"]),
  );
});

Deno.test("timers that are further apart keep their order at every level", async () => {
  const body = () =>
    inTasks("abc", function* (_name, index) {
      yield sleep(1 + index / 100);
    });
  assertEquals(
    await outcomes(body, { runs: 200, level: "turns" }),
    new Set(["abc"]),
  );
});

Deno.test("a timer never runs before its time, nor more than a jitter after it", () =>
  explore(async () => {
    const loop = getRunningLoop();
    await gather([1, 1.0005, 1.0009, 1.002].map(async (delay) => {
      await sleep(delay);
      const late = loop.time() - delay;
      assert(late > -1e-9 && late <= 0.001, `${late}`);
    }));
  }, { runs: 200, level: "turns" }).then(() => {}));

Deno.test('level "timing" keeps the order of tasks and of a lock', async () => {
  const body = () => {
    const lock = new Lock();
    return inTasks("abcd", function* () {
      const guard: Disposable = yield lock.acquire();
      yield sleep(0);
      guard[Symbol.dispose]();
    });
  };
  assertEquals(await outcomes(body, { runs: 200 }), new Set(["abcd"]));
});

Deno.test('level "turns" lets the step of a task come later', async () => {
  const body = () =>
    inTasks("abc", function* () {
      yield sleep(0);
    });
  const seen = await outcomes(body, { runs: 300, level: "turns" });
  assert(seen.size === 6, [...seen].join());
});

Deno.test("callbacks keep their order at every level", async () => {
  const body = function* (): Script<string> {
    let order = "";
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    for (const name of "abc") future.addDoneCallback(() => order += name);
    for (const name of "def") loop.callSoon(() => order += name);
    const other = createTask(sleep(0));
    future.setResult();
    yield sleep(0);
    yield other;
    yield sleep(1);
    return order;
  };
  assertEquals(
    await outcomes(body, { runs: 200, level: "turns" }),
    new Set(["defabc"]),
  );
});

Deno.test("what is done outside may arrive some turns later", async () => {
  const body = function* (): Script<string> {
    const promise = wrapFuture(Promise.resolve());
    return yield* inTasks("ab", function* (name) {
      if (name === "a") yield promise;
      else for (let i = 0; i < 3; i++) yield sleep(0);
    });
  };
  assertEquals(await outcomes(body, { runs: 50 }), new Set(["ab", "ba"]));
});

/** A lost update, if the second answer comes first. */
const lostUpdate = function* lostUpdate(): Script<void> {
  let stock = 10;
  const sell = inKind("async", function* sell(count: number): Script<void> {
    const before = stock;
    yield sleep(0.01 + count / 10_000);
    if (stock !== before) throw new RangeError(`${before} became ${stock}`);
    stock = before - count;
  });
  const tasks = [3, 2, 1].map((count) => {
    return createTask(
      inKind("async", function* seller(): Script<void> {
        yield sleep(count);
        yield sell(count);
      })(),
      { name: `seller ${count}` },
    );
  });
  for (const task of tasks) yield task;
  assertEquals(stock, 4);
};

Deno.test("a program without a fault passes, with a report", async () => {
  const report = await explore(
    inKind("async", lostUpdate).body,
    { runs: 20 },
  );
  assertEquals(report.runs, 20);
  assertEquals(report.nativePromises, 0);
  assert(report.schedules >= 1 && report.schedules <= 20);
});

/** Fails if both workers have read before one of them writes. */
function makeRace(kind: "async" | "generator"): () => Promise<void> {
  return inKind(kind, function* main(): Script<void> {
    let ready = false;
    const event = new Event();
    const consumer = createTask(
      inKind(kind, function* consumer(): Script<void> {
        if (ready) return;
        yield sleep(0); // the wake-up in between is lost
        event.clear();
        yield event.wait();
      })(),
      { name: "consumer" },
    );
    const producer = createTask(
      inKind(kind, function* producer(): Script<void> {
        for (let i = 0; i < 3; i++) yield sleep(0);
        ready = true;
        event.set();
      })(),
      { name: "producer" },
    );
    yield consumer;
    yield producer;
  }).body as () => Promise<void>;
}

testKinds(
  "a lost wake-up is found, shrunk, told and repeated",
  async (kind) => {
    const body = makeRace(kind);
    await explore(body, { runs: 300 }); // latency alone does not show it
    const find = () => explore(body, { runs: 300, level: "turns" });
    const error = await assertRejects(find, ExplorationError);
    assert(error.cause instanceof DeadlockError);
    assertMatch(error.replay, /^\d+:\d+(,\d+:\d+)?$/);
    assert(error.message.includes(JSON.stringify(error.replay)));
    const told = error.interleaving.join("\n");
    assertMatch(told, /\(choice \d+\) `consumer` goes on/);
    assertMatch(told, /`producer` goes on, and ends\./);
    assertMatch(
      told,
      /`consumer` .* waits for <Event \[unset, waiters:1\]>\.$/,
    );

    const again = await assertRejects(find, ExplorationError);
    assertEquals(again.replay, error.replay);

    const repeated = await assertRejects(
      () => explore(body, { replay: error.replay }),
      ExplorationError,
    );
    assertEquals(repeated.replay, error.replay);
    assertEquals(repeated.interleaving, error.interleaving);
    assert(repeated.cause instanceof DeadlockError);
  },
);

Deno.test("a failure in CPython's order has an empty schedule", async () => {
  const cause = new Error("mine");
  const error = await assertRejects(
    () => explore(() => Promise.reject(cause)),
    ExplorationError,
  );
  assertEquals(error.replay, "");
  assertStrictEquals(error.cause, cause);
  await assertRejects(
    () => explore(() => Promise.reject(cause), { replay: "" }),
    ExplorationError,
  );
});

Deno.test("the schedule that is thrown has no choice that is not needed", async () => {
  const body = async () => {
    const order: string[] = [];
    await taskGroup(async (group) => {
      for (const name of "abcdef") {
        group.createTask(async () => {
          await sleep(1);
          order.push(name);
        }, { name });
      }
    });
    assertNotEquals(order[0], "d");
  };
  const error = await assertRejects(() => explore(body), ExplorationError);
  assertMatch(error.replay, /^\d+:3$/);
  assertMatch(error.message, /cut down to 1/);
});

Deno.test("another seed tries other schedules", async () => {
  const seen = async (seed: number) => {
    const orders: string[] = [];
    await explore(
      inKind("async", function* main(): Script<void> {
        orders.push(
          yield* inTasks("abcd", function* () {
            yield sleep(1);
          }),
        );
      }).body,
      { runs: 30, seed },
    );
    return orders.join();
  };
  assertEquals(await seen(1), await seen(1));
  assertNotEquals(await seen(1), await seen(2));
});

Deno.test("what is left behind under some schedule is found", async () => {
  const error = await assertRejects(
    () =>
      explore(async () => {
        let first = "";
        await gather(["a", "b"].map(async (name) => {
          await sleep(1);
          first ||= name;
        }));
        if (first === "b") createTask(sleep(60), { name: "forgotten" });
      }),
    ExplorationError,
  );
  assert(error.cause instanceof LeakError);
  assertMatch(error.cause.message, /forgotten.*made at .*explore_test\.ts/);
});

Deno.test("native promises are counted, and the report says so", async () => {
  const body = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await wrapFuture(Promise.resolve());
  };
  const { nativePromises } = await explore(body, { runs: 3 });
  assertEquals(nativePromises, 6);
  const failing = async () => {
    await body();
    throw new Error("after it");
  };
  const error = await assertRejects(
    () => explore(failing, { runs: 1 }),
    ExplorationError,
  );
  assertMatch(error.message, /native promises are not under control/);
});

// Cause: The replay and the story were those of a later run, which had passed.
Deno.test("a failure that does not come again under its schedule is told as such", async () => {
  let runs = 0;
  const cause = new Error("only in the sixth run");
  const body = async () => {
    await gather(sleep(1), sleep(1));
    if (++runs === 6) throw cause;
  };
  const error = await assertRejects(() => explore(body), ExplorationError);
  assertStrictEquals(error.cause, cause);
  assertMatch(error.message, /schedule 6 of 100/);
  assertMatch(error.message, /did not fail again under the same schedule/);
  assertEquals(error.interleaving, []);
  assert(!error.message.includes("What happens"));
  await explore(body, { replay: error.replay });
});

// Cause: Each of up to 500 runs to find a shorter schedule took its full time.
testChild("a run that takes too long is not repeated", async () => {
  const impatient =
    "const wait = setTimeout; globalThis.setTimeout = (f, ms) => wait(f, ms / 1e3);";
  await using child = new Child(
    `import { explore } from ${
      JSON.stringify(import.meta.resolve("../../testing.ts"))
    };
    let runs = 0;
    const error = await explore(async () => {
      for (runs++;;) await sleep(1).catch(() => {});
    }).catch((error) => error);
    console.log(error.name, error.cause.name, runs);
    console.log(error.message.includes("too long to be repeated"));`,
    [`--preload=data:text/javascript,${encodeURIComponent(impatient)}`],
  );
  await child.prints("ExplorationError TimeoutError 1", "true");
  assertEquals((await child.ends()).code, 0);
});

const MISFITS = ["99999:1", "0:99999", "0:1,99999:1"];

for (const replay of MISFITS) {
  Deno.test(`a schedule that does not fit the program is refused: ${replay}`, async () => {
    const error = await assertRejects(
      () =>
        explore(async () => {
          await gather(sleep(1), sleep(1), sleep(1));
        }, { replay }),
      Error,
      "the program made another number of choices",
    );
    assert(!(error instanceof ExplorationError));
  });
}

const WRONG: [string, unknown[], new () => Error, RegExp][] = [
  ["no body", [], TypeError, /body of explore\(\)/],
  ["a promise", [Promise.resolve()], TypeError, /body of explore\(\)/],
  [
    "no runs",
    [async () => {}, { runs: 0 }],
    RangeError,
    /runs must be >= 1.*0/,
  ],
  ["half a run", [async () => {}, { runs: 1.5 }], RangeError, /runs.*1\.5/],
  ["runs of text", [async () => {}, { runs: "9" }], TypeError, /runs.*9/],
  ["a negative seed", [async () => {}, { seed: -1 }], RangeError, /seed.*-1/],
  ["a seed of NaN", [async () => {}, { seed: NaN }], TypeError, /seed.*NaN/],
  ["an unknown level", [async () => {}, { level: "x" }], TypeError, /level.*x/],
  ["an unknown option", [async () => {}, { run: 5 }], TypeError, /mean runs\?/],
  ...["3", "3:", ":1", "a:1", "3:1;4:1", "3:0", "4:1,3:1", "3:1,3:2", "-1:1"]
    .map((replay): [string, unknown[], new () => Error, RegExp] => [
      `the replay ${replay}`,
      [async () => {}, { replay }],
      TypeError,
      /Cannot replay what is not a schedule such as "3:1,17:2"/,
    ]),
  ["a replay of 5", [async () => {}, { replay: 5 }], TypeError, /replay.*5/],
];

for (const [name, args, errorClass, pattern] of WRONG) {
  Deno.test(`explore() refuses ${name}`, async () => {
    const call = explore as unknown as (...args: unknown[]) => Promise<void>;
    const error = await assertRejects(() => call(...args), errorClass);
    assertMatch((error as Error).message, pattern);
  });
}

import { readyOf } from "../_internals.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  allTasks,
  CancelledError,
  Coroutine,
  coroutine,
  type CoroutineLike,
  createTask,
  currentTask,
  ensureFuture,
  EventLoop,
  gather,
  getRunningLoop,
  isCoroutine,
  isCoroutineFunction,
  Queue,
  run,
  setEventLoop,
  sleep,
  type Task,
  timeout,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  KINDS,
  runVirtually,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/** A coroutine function of the given kind: waits once, then returns `value`. */
function giver(kind: Kind): <T>(value: T) => Coroutine<T> {
  return inKind(kind, function* give<T>(value: T): Script<T> {
    yield sleep(5);
    return value;
  }) as <T>(value: T) => Coroutine<T>;
}

/** The outcome of `action`: its result, or the error's message. */
async function outcomeOf(action: () => PromiseLike<unknown>): Promise<string> {
  try {
    return `result ${await action()}`;
  } catch (error) {
    return (error as Error).message;
  }
}

testKinds("calling a coroutine function runs nothing", async (kind) => {
  let ran = 0;
  const work = inKind(kind, function* work() {
    ran++;
  });
  await inVirtualTime(
    inKind(kind, function* main() {
      work();
      yield sleep(1);
      assertEquals(ran, 0);
      yield work();
      assertEquals(ran, 1);
    })(),
  );
});

testKinds(
  "a coroutine gets its arguments and returns its result",
  async (kind) => {
    const join = inKind(kind, function* join(a: string, b: number, c = "c") {
      yield sleep(0);
      return [a, b, c];
    });
    assertEquals(await inVirtualTime(join("a", 1)), ["a", 1, "c"]);
  },
);

testKinds("a coroutine throws the same object", async (kind) => {
  for (const thrown of [new RangeError("no"), "text", undefined, null, 0]) {
    const fail = inKind(kind, function* fail() {
      yield sleep(0);
      throw thrown;
    });
    const main = inKind(kind, function* main() {
      try {
        yield fail();
      } catch (caught) {
        return { caught };
      }
    });
    assertStrictEquals((await inVirtualTime(main()))?.caught, thrown);
  }
});

for (const outer of KINDS) {
  for (const inner of KINDS) {
    Deno.test(`a coroutine (${outer}) awaits another (${inner}) inside the same task`, async () => {
      const seen: unknown[] = [];
      const leaf = inKind(inner, function* leaf(n: number) {
        seen.push(currentTask());
        yield sleep(0);
        seen.push(currentTask());
        return n + 1;
      });
      const main = inKind(outer, function* main() {
        const one: number = yield leaf(1);
        seen.push(currentTask());
        const two: number = yield leaf(one);
        seen.push(currentTask());
        assertEquals(allTasks(), new Set([currentTask()!]));
        return two;
      });
      assertEquals(await inVirtualTime(main()), 3);
      assertEquals(new Set(seen).size, 1);
    });

    Deno.test(`an exception propagates from a coroutine (${inner}) to the one that awaits it (${outer})`, async () => {
      const error = new Error("inner");
      const leaf = inKind(inner, function* leaf(turns: number) {
        for (let i = 0; i < turns; i++) yield sleep(0);
        throw error;
      });
      const main = inKind(outer, function* main() {
        for (const turns of [0, 1]) {
          try {
            yield leaf(turns);
          } catch (caught) {
            assertStrictEquals(caught, error);
            continue;
          }
          throw new Error("nothing was thrown");
        }
        return "caught twice";
      });
      assertEquals(await inVirtualTime(main()), "caught twice");
    });

    Deno.test(`cancelling reaches a coroutine (${inner}) inside another (${outer})`, async () => {
      const log: string[] = [];
      const leaf = inKind(inner, function* leaf() {
        try {
          yield sleep(60);
        } catch (error) {
          log.push(`inner ${(error as Error).message}`);
          throw error;
        }
      });
      const middle = inKind(outer, function* middle() {
        try {
          yield leaf();
        } finally {
          log.push("outer");
        }
      });
      await inVirtualTime(async () => {
        const task = createTask(middle());
        await sleep(1);
        task.cancel("why");
        await assertRejects(async () => await task, CancelledError, "why");
      });
      assertEquals(log, ["inner why", "outer"]);
    });
  }
}

testKinds("coroutines nest a thousand levels deep", async (kind) => {
  const deep: (n: number) => Coroutine<number> = inKind(
    kind,
    function* deeper(n: number): Script<number> {
      if (n > 0) return (yield deep(n - 1)) + 1;
      yield sleep(0);
      return 0;
    },
  );
  assertEquals(await inVirtualTime(deep(1000)), 1000);
});

Deno.test("kinds can alternate a hundred levels deep", async () => {
  const deep = (n: number): Coroutine<number> =>
    inKind(KINDS[n % 2], function* deeper(): Script<number> {
      if (n > 0) return (yield deep(n - 1)) + 1;
      yield sleep(0);
      return 0;
    })();
  assertEquals(await inVirtualTime(deep(100)), 100);
});

// --- methods

class Account {
  static opened = 0;
  #balance = 0;

  constructor(readonly owner: string) {}

  @coroutine
  async deposit(amount: number) {
    await sleep(1);
    this.#balance += amount;
    return `${this.owner} has ${this.#balance}`;
  }

  @coroutine
  *withdraw(amount: number) {
    yield* sleep(1);
    this.#balance -= amount;
    return `${this.owner} has ${this.#balance}`;
  }

  @coroutine
  static async open(owner: string) {
    await sleep(0);
    this.opened++;
    return new this(owner);
  }
}

Deno.test("a decorated method is a coroutine function with its own `this`", async () => {
  const log = await inVirtualTime(async () => {
    const ada = await Account.open("Ada");
    const bob = await Account.open("Bob");
    return [
      await ada.deposit(5),
      await bob.deposit(7),
      await createTask(function* () {
        return yield* ada.withdraw(2);
      }),
      await createTask(() => bob.withdraw(3)),
      await createTask(() => bob.deposit(1)),
    ];
  });
  assertEquals(log, [
    "Ada has 5",
    "Bob has 7",
    "Ada has 3",
    "Bob has 4",
    "Bob has 5",
  ]);
  assertEquals(Account.opened, 2);
});

Deno.test("a decorated method returns a coroutine that has not begun", () => {
  const account = new Account("Ada");
  for (const method of [account.deposit, account.withdraw, Account.open]) {
    assert(isCoroutineFunction(method), method.name);
  }
  for (const value of [account.deposit(1), account.withdraw(1)]) {
    assert(isCoroutine(value));
    value.close();
  }
  assertMatch(
    String(account.deposit(1)),
    /^<coroutine object deposit at 0x[0-9a-f]+>$/,
  );
});

testKinds("a coroutine function passes `this` on", async (kind) => {
  const body = kind === "async"
    ? coroutine(async function (this: { n: number }, m: number) {
      await sleep(0);
      return this.n + m;
    })
    : coroutine(function* (this: { n: number }, m: number) {
      yield* sleep(0);
      return this.n + m;
    });
  const object = { n: 1, add: body };
  assertEquals(await inVirtualTime(object.add(2)), 3);
  assertEquals(await inVirtualTime(body.call({ n: 5 }, 2)), 7);
});

// --- types

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;
function assertType<_T extends true>(): void {}

Deno.test("types flow through await, yield* and tasks", async () => {
  const text = coroutine(async (n: number) => String(n));
  const list = coroutine(function* (n: number, ...rest: boolean[]) {
    const one = yield* text(n);
    assertType<Same<typeof one, string>>();
    const slept = yield* sleep(0, { a: 1 });
    assertType<Same<typeof slept, { a: number }>>();
    const future = yield* getRunningLoop().createTask(text(1));
    assertType<Same<typeof future, string>>();
    return [one.length, rest.length];
  });
  assertType<Same<ReturnType<typeof text>, Coroutine<string>>>();
  assertType<Same<Parameters<typeof text>, [n: number]>>();
  assertType<Same<ReturnType<typeof list>, Coroutine<number[]>>>();
  assertType<
    Same<Parameters<typeof list>, [n: number, ...rest: boolean[]]>
  >();
  await inVirtualTime(async () => {
    const one = await text(1);
    assertType<Same<typeof one, string>>();
    const task = createTask(list(12));
    assertType<Same<typeof task, Task<number[]>>>();
    assertEquals(await task, [2, 0]);
    const inline = createTask(function* () {
      return (yield* list(1))[0];
    });
    assertType<Same<typeof inline, Task<number>>>();
    const native = createTask(async () => new Date(0));
    assertType<Same<typeof native, Task<Date>>>();
    const nothing = await sleep(0);
    assertType<Same<typeof nothing, void>>();
    const both = await gather(text(1), list(2), async () => true);
    assertType<Same<typeof both, [string, number[], boolean]>>();
    assertEquals(both, ["1", [1, 0], true]);
    assertEquals([await inline, (await native).getTime()], [1, 0]);
    const method = new Account("Ada").deposit;
    assertType<Same<ReturnType<typeof method>, Promise<string>>>();
  });
  // @ts-expect-error: a promise has already started
  assertThrows(() => new EventLoop().createTask(Promise.resolve(1)), TypeError);
  // @ts-expect-error: arguments are checked
  text("1").close();
});

// --- reuse and close

const reuses: Record<
  string,
  (coro: Coroutine<string>) => PromiseLike<unknown>
> = {
  "await": async (coro) => await coro,
  "yield*": (coro) =>
    createTask(function* () {
      return yield* coro;
    }),
  "createTask": async (coro) => await createTask(coro),
  "ensureFuture": async (coro) => await ensureFuture(coro),
  "gather": async (coro) => await gather(coro),
  "a function that returns it": async (coro) => await createTask(() => coro),
};

for (const [first, use] of Object.entries(reuses)) {
  testKinds(
    `a coroutine used by ${first} cannot be used again`,
    async (kind) => {
      const give = giver(kind);
      await inVirtualTime(async () => {
        for (const [second, reuse] of Object.entries(reuses)) {
          const coro = give("x");
          assertEquals(String(await use(coro)), "x");
          assertEquals(
            await outcomeOf(() => reuse(coro)),
            `cannot reuse already awaited coroutine: ${coro}`,
            `${first}, then ${second}`,
          );
        }
      });
    },
  );

  testKinds(
    `a coroutine cannot be used while ${first} waits for it`,
    async (kind) => {
      const give = giver(kind);
      await inVirtualTime(async () => {
        for (const [second, reuse] of Object.entries(reuses)) {
          const coro = give("x");
          const task = createTask(async () => String(await use(coro)));
          await sleep(1);
          const error = await outcomeOf(() => reuse(coro));
          assertEquals(
            error,
            `cannot reuse already awaited coroutine: ${coro}`,
            `${first}, and ${second}`,
          );
          assertEquals(await task, "x");
        }
      });
    },
  );
}

testKinds("a refused coroutine leaves no task behind", async (kind) => {
  await inVirtualTime(async () => {
    const coro = giver(kind)("x");
    await coro;
    const refusals = [
      () => createTask(coro),
      () => ensureFuture(coro),
      () => gather(sleep(0), coro),
    ];
    for (const refuse of refusals) {
      assertThrows(refuse, Error, "cannot reuse already awaited coroutine");
      assertEquals(allTasks(), new Set([currentTask()!]), String(refuse));
    }
  });
});

testKinds("run() refuses a coroutine already awaited", async (kind) => {
  const coro = inKind(kind, function* work() {
    return "x";
  })();
  assertEquals(await run(coro), "x");
  await assertRejects(
    () => run(coro),
    Error,
    `cannot reuse already awaited coroutine: ${coro}`,
  );
});

testKinds("close() ends a coroutine that has not begun", async (kind) => {
  let ran = false;
  const coro = inKind(kind, function* work() {
    ran = true;
  })();
  coro.close();
  coro.close();
  await inVirtualTime(async () => {
    await assertRejects(
      async () => await coro,
      Error,
      `cannot reuse already awaited coroutine: ${coro}`,
    );
  });
  assertFalse(ran);
});

testKinds("close() refuses a coroutine that a task drives", async (kind) => {
  await inVirtualTime(async () => {
    const coro = giver(kind)("x");
    const task = createTask(coro);
    for (let i = 0; i < 2; i++) {
      assertThrows(
        () => coro.close(),
        Error,
        `Cannot close ${coro} as ${task} drives it: cancel the task instead`,
      );
      await sleep(0);
    }
    assertEquals(await task, "x");
    coro.close();
  });
});

testKinds(
  "close() of a coroutine that has ended does nothing",
  async (kind) => {
    await inVirtualTime(async () => {
      const awaited = giver(kind)("x");
      await awaited;
      awaited.close(); // inside the task that awaited it
      const failed = inKind(kind, function* fail() {
        throw new Error("fail");
      })();
      await assertRejects(async () => await failed, Error, "fail");
      failed.close();
    });
  },
);

// --- isCoroutine, isCoroutineFunction, printing

Deno.test("isCoroutine() distinguishes coroutines from similar values", () => {
  const made = sleep(1);
  assert(isCoroutine(made));
  assert(made instanceof Coroutine);
  made.close();
  const others = [
    Promise.resolve(),
    (function* () {})(),
    async () => {},
    coroutine(async () => {}),
    { then() {} },
    null,
    undefined,
    42,
    "sleep",
  ];
  for (const other of others) assertFalse(isCoroutine(other), String(other));
});

Deno.test("isCoroutineFunction() recognizes the functions that coroutine() returns", () => {
  assert(isCoroutineFunction(coroutine(async () => {})));
  assert(isCoroutineFunction(coroutine(function* () {})));
  const others = [
    async () => {},
    function* () {},
    () => sleep(1),
    sleep(1),
    class {},
    null,
    undefined,
    42,
  ];
  for (const other of others) {
    assertFalse(isCoroutineFunction(other), String(other));
  }
});

Deno.test("a coroutine function keeps the name and length of its body", () => {
  const work = coroutine(async function work(_a: number, _b: number) {});
  assertEquals([work.name, work.length], ["work", 2]);
});

testKinds("a coroutine prints its name and an address of its own", (kind) => {
  const do_work = inKind(kind, function* do_work() {});
  const [one, two] = [do_work(), do_work()];
  const text = `${one}`;
  assertMatch(text, /^<coroutine object do_work at 0x[0-9a-f]+>$/);
  assertEquals(text, String(one));
  assertEquals(text, Deno.inspect(one));
  assertNotEquals(text, String(two));
  return Promise.resolve();
});

Deno.test("an anonymous coroutine prints as <lambda>", () => {
  const anonymous = (() => coroutine(async () => {}))();
  assertMatch(
    String(anonymous()),
    /^<coroutine object <lambda> at 0x[0-9a-f]+>$/,
  );
});

// --- functions where a coroutine is required

const functions: Record<string, CoroutineLike<string>> = {
  "an async function": async () => {
    await sleep(1);
    return "x";
  },
  "a generator function": function* () {
    yield* sleep(1);
    return "x";
  },
  "a coroutine function of an async function": coroutine(async () => {
    await sleep(1);
    return "x";
  }),
  "a coroutine function of a generator": coroutine(function* () {
    yield* sleep(1);
    return "x";
  }),
  "a function that returns a coroutine": () => sleep(1, "x"),
  "a function that returns an async coroutine": () => giver("async")("x"),
  "a function that returns a generator": () =>
    (function* () {
      yield* sleep(1);
      return "x";
    })(),
  "a function that returns a promise": () => Promise.resolve("x"),
  "a function that returns a task": () => createTask(sleep(1, "x")),
  "a function that returns a future": () => {
    const future = getRunningLoop().createFuture<string>();
    getRunningLoop().callLater(1, () => future.setResult("x"));
    return future;
  },
};

for (const [what, like] of Object.entries(functions)) {
  Deno.test(`${what} can be run, wrapped in a task, awaited and gathered`, async () => {
    assertEquals(await inVirtualTime(like), "x");
    assertEquals(
      await inVirtualTime(async () => [
        await createTask(like),
        await ensureFuture(like),
        await gather(like, like),
        await createTask(function* () {
          return yield* createTask(like);
        }),
      ]),
      ["x", "x", ["x"], "x"].map((x, i) => i === 2 ? ["x", "x"] : x),
    );
  });

  Deno.test(`${what} is called in the first step of its task`, async () => {
    let inside: unknown = "not called";
    const spied = typeof like === "function" && !isCoroutineFunction(like)
      ? like.constructor.name === "Function"
        ? () => {
          inside = currentTask();
          return (like as () => Coroutine<string>)();
        }
        : async () => {
          inside = currentTask();
          return await createTask(like);
        }
      : null;
    if (spied === null) return; // a coroutine function cannot be replaced
    await inVirtualTime(async () => {
      const task = createTask(spied as CoroutineLike<string>);
      assertEquals(inside, "not called");
      await task;
      assertStrictEquals(inside, task);
    });
  });
}

Deno.test("a function that throws instead of returning a coroutine fails the task", async () => {
  const error = new Error("at once");
  const fail = (): Coroutine<void> => {
    throw error;
  };
  await inVirtualTime(async () => {
    const task = createTask(fail);
    const [caught] = await gather([task], { returnExceptions: true });
    assertStrictEquals(caught, error);
  });
});

Deno.test("a function that returns no coroutine fails the task with a TypeError", async () => {
  const cases: [given: unknown, text: string][] = [
    [42, "42"],
    ["text", "'text'"],
    [undefined, "undefined"],
    [null, "null"],
    [() => {}, "[Function: "],
  ];
  for (const [given, text] of cases) {
    await inVirtualTime(async () => {
      const give = (() => given) as unknown as () => Coroutine<void>;
      const task = createTask(give);
      const error = await assertRejects(async () => await task, TypeError);
      assert(
        error.message.startsWith(
          `a coroutine was expected from give(), got ${text}`,
        ),
        error.message,
      );
    });
  }
});

Deno.test("the body of a scope that returns no coroutine fails with its name", async () => {
  await inVirtualTime(async () => {
    const give = (() => 42) as unknown as () => Coroutine<void>;
    await assertRejects(
      async () => await timeout(1, give),
      TypeError,
      "a coroutine was expected from give(), got 42",
    );
    // Cause: The definition of such a body has no name that is printed.
    await assertRejects(
      async () => await timeout(1, (() => 42) as unknown as typeof give),
      TypeError,
      "a coroutine was expected from <lambda>(), got 42",
    );
  });
});

Deno.test("a value that is not a coroutine throws a TypeError that names it, and nothing is scheduled", () => {
  const hint =
    ", which has already started: pass the coroutine or the async function itself, or wrap the promise with wrapFuture()";
  const cases: [given: unknown, text: string][] = [
    [Promise.resolve(1), `a native Promise${hint}`],
    [42, "42"],
    ["sleep", "'sleep'"],
    [undefined, "undefined"],
    [null, "null"],
    [{}, "{}"],
    [[], "[]"],
  ];
  for (const [given, text] of cases) {
    const loop = new EventLoop({ clock: new VirtualClock() });
    assertThrows(
      () => loop.createTask(given as Coroutine<void>),
      TypeError,
      `a coroutine was expected, got ${text}`,
    );
    assertEquals(allTasks(loop).size, 0);
    assertEquals(readyOf(loop).length, 0);
    loop.close();
  }
});

// Cause: A future was told to be wrapped, as a promise.
Deno.test("a future or a task where a coroutine is required is to be awaited", async () => {
  await inVirtualTime(async () => {
    const task = createTask(sleep(0));
    for (const given of [getRunningLoop().createFuture(), task]) {
      assertThrows(
        () => createTask(given as unknown as Coroutine<void>),
        TypeError,
        `got ${given}, which needs no task: await it`,
      );
    }
    await task;
  });
});

Deno.test("coroutine() refuses values other than async functions and generator functions", () => {
  const cases: [given: unknown, text: string][] = [
    [() => sleep(1), "[Function: given]"],
    [Promise.resolve(), "a native Promise"],
    [sleep, "[Function: sleep]"],
    [async function* () {}, "[AsyncGeneratorFunction: given]"],
    [42, "42"],
    ["text", "'text'"],
    [null, "null"],
    [undefined, "undefined"],
  ];
  for (const [given, text] of cases) {
    if (typeof given === "function" && given !== sleep) {
      Object.defineProperty(given, "name", { value: "given" });
    }
    assertThrows(
      () => coroutine(given as () => Promise<void>),
      TypeError,
      `Cannot make a coroutine function of what is neither an async function nor a function*: current value is ${text}`,
    );
  }
});

// --- awaiting outside any loop

/** Runs `body` with a current loop in virtual time, which is left idle. */
async function withCurrentLoop(
  body: (loop: EventLoop) => Promise<void>,
): Promise<void> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  setEventLoop(loop);
  try {
    await body(loop);
    assertFalse(loop.isRunning());
    assertEquals(allTasks(loop).size, 0);
    loop.close();
  } finally {
    setEventLoop(null);
  }
}

testKinds(
  "a coroutine awaited outside any loop runs in the current loop",
  async (kind) => {
    await withCurrentLoop(async (loop) => {
      const work = inKind(kind, function* work() {
        yield sleep(5);
        return getRunningLoop();
      });
      assertStrictEquals(await work(), loop);
      assertEquals(loop.time(), 5);
      assertStrictEquals(await work(), loop);
    });
  },
);

testKinds(
  "a coroutine awaited outside any loop throws its exception there",
  async (kind) => {
    await withCurrentLoop(async () => {
      const work = inKind(kind, function* work() {
        yield sleep(1);
        throw new RangeError("outside");
      });
      await assertRejects(async () => await work(), RangeError, "outside");
    });
  },
);

testKinds(
  "three coroutines awaited at once outside any loop share the loop",
  async (kind) => {
    await withCurrentLoop(async (loop) => {
      const work = inKind(kind, function* work(delay: number) {
        yield sleep(delay);
        return delay;
      });
      assertEquals(await Promise.all([work(3), work(1), work(2)]), [3, 1, 2]);
      assertEquals(loop.time(), 3);
    });
  },
);

// --- bad yields

const badYields: [what: string, value: () => unknown, message: RegExp][] = [
  ["a number", () => 42, /^Task got bad yield: 42$/],
  ["a string", () => "text", /^Task got bad yield: 'text'$/],
  ["an object", () => ({}), /^Task got bad yield: {}$/],
  [
    "a promise",
    () => Promise.resolve(),
    /^Task got bad yield: a native Promise \(wait for a promise with yield\* wrapFuture\(promise\)\)$/,
  ],
  [
    "a generator (star forgotten)",
    () => (function* () {})(),
    /^Task got bad yield: Object \[Generator\] {} \(yield was used instead of yield\*\)$/,
  ],
  [
    "a coroutine (star forgotten)",
    () => sleep(0),
    /^yield was used instead of yield\* in task <Task pending coro=.*> with <coroutine object sleep at 0x[0-9a-f]+>$/,
  ],
  [
    "a future (star forgotten)",
    () => getRunningLoop().createFuture(),
    /^yield was used instead of yield\* in task <Task pending coro=.*> with <Future pending>$/,
  ],
];

for (const [what, value, message] of badYields) {
  Deno.test(`yielding ${what} throws into the generator in the next turn`, async () => {
    await inVirtualTime(function* () {
      const log: string[] = [];
      getRunningLoop().callSoon(() => log.push("turn"));
      try {
        yield value();
        throw new Error("it went on");
      } catch (error) {
        assertMatch((error as Error).message, message);
      }
      assertEquals(log, ["turn"]);
      yield* sleep(1);
    });
  });

  Deno.test(`yielding ${what} and not catching it fails the task`, async () => {
    await inVirtualTime(async () => {
      const task = createTask(function* work() {
        yield value();
      });
      const error = await assertRejects(async () => await task, Error);
      assertMatch(error.message, message);
    });
  });

  Deno.test(`a cancellation takes precedence over the error for yielding ${what}`, async () => {
    // CPython throws only one exception into the coroutine, the cancellation.
    await inVirtualTime(async () => {
      const task = createTask(function* work() {
        currentTask()!.cancel("first");
        yield value();
      });
      await assertRejects(async () => await task, CancelledError, "first");
      assert(task.cancelled());
    });
  });
}

Deno.test("a bare yield lets all other tasks run", async () => {
  const log: string[] = [];
  const worker = coroutine(function* worker(name: string) {
    for (let i = 0; i < 2; i++) {
      log.push(`${name}${i}`);
      yield;
    }
  });
  await inVirtualTime(async () => {
    await gather(worker("a"), worker("b"));
  });
  assertEquals(log.join(" "), "a0 b0 a1 b1");
});

Deno.test("a bare yield is a cancellation point", async () => {
  await inVirtualTime(async () => {
    const task = createTask(function* () {
      for (;;) yield;
    });
    await sleep(0);
    task.cancel();
    await assertRejects(async () => await task, CancelledError);
  });
});

Deno.test("a generator coroutine can be used by yield* inside a plain generator", async () => {
  function* helper(n: number) {
    return (yield* sleep(1, n)) + (yield* giver("async")(n));
  }
  assertEquals(
    await inVirtualTime(function* () {
      return yield* helper(2);
    }),
    4,
  );
});

Deno.test("yield* of an async coroutine outside any task throws", () => {
  const coro = giver("async")("x");
  function* outside() {
    return yield* coro;
  }
  assertThrows(
    () => outside().next(),
    Error,
    `${coro} runs inside a task only`,
  );
  coro.close();
});

Deno.test("nothing is reported for coroutines that were never awaited", async () => {
  const { contexts } = await runVirtually(async () => {
    sleep(1);
    giver("async")("x");
    giver("generator")("x");
    await sleep(1);
  });
  assertEquals(contexts, []);
});

const WAITS: [what: string, make: () => Coroutine<unknown>][] = [
  ["sleep(0)", () => sleep(0, "woke")],
  ["sleep(1)", () => sleep(1, "woke")],
  ["queue.get()", () => {
    const queue = new Queue<string>();
    getRunningLoop().callLater(1, () => queue.putNowait("woke"));
    return queue.get();
  }],
  ["timeout()", () => timeout(2, async () => await sleep(1, "woke"))],
  ["a generator", () => giver("generator")("woke")],
];

for (const [what, make] of WAITS) {
  Deno.test(`Coroutine.close() of ${what} that a generator waits for has no effect`, async () => {
    await inVirtualTime(async () => {
      const coro = make();
      const task = createTask(function* () {
        return yield* coro;
      });
      await sleep(0);
      coro.close();
      await sleep(5);
      assert(task.done());
      assertEquals(task.result(), "woke");
    });
  });
}

for (const kind of KINDS) {
  Deno.test(`Coroutine.close() releases the arguments of the function without using them (${kind})`, () => {
    let closed = false;
    const steps = { return: () => closed = true };
    const take = inKind(kind, function* (_steps: object) {});
    for (const coro of [take(steps), take.call(steps, steps)]) {
      coro.close();
      coro.close();
      assertFalse(closed);
      assertEquals([coro["_args"], coro["_steps"]], [null, null]);
    }
  });
}

Deno.test("a coroutine of the library has a name, even if a bundler removed that of its function", () => {
  assertMatch(
    String(Coroutine.$ownFunction((() => function* () {})())()),
    /^<coroutine object <lambda> at /,
  );
});

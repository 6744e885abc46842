import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  asCompleted,
  CancelledError,
  coroutine,
  createTask,
  eagerTaskFactory,
  Event,
  gather,
  getRunningLoop,
  Lock,
  Queue,
  race,
  run,
  runCoroutineThreadsafe,
  RWLock,
  Semaphore,
  shield,
  sleep,
  taskGroup,
  ThreadPoolExecutor,
  timeout,
  TimeoutError,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  DeadlockError,
  LeakError,
  runTest,
  VirtualClock,
} from "@asyncio/asyncio/testing";
import { inKind, type Script, testKinds } from "../_helpers.ts";

/** The message of the error that `promise` rejects with. */
async function messageOf(
  promise: Promise<unknown>,
  // deno-lint-ignore no-explicit-any -- any class of errors
  errorClass: new (...args: any[]) => Error,
): Promise<string> {
  return (await assertRejects(() => promise, errorClass)).message;
}

testKinds(
  "runTest() gives the result of its body, in virtual time",
  async (kind) => {
    const main = inKind(kind, function* main(): Script<number> {
      yield sleep(3 * 3600);
      return getRunningLoop().time();
    });
    assertEquals(await runTest(main.body), 10800);
    assertEquals(await runTest(main), 10800);
  },
);

Deno.test("runTest() rejects with what its body throws, whatever it leaves behind", async () => {
  const error = new Error("mine");
  const thrown = await assertRejects(() =>
    runTest(async () => {
      createTask(sleep(60));
      await sleep(1);
      throw error;
    })
  );
  assertStrictEquals(thrown, error);
});

Deno.test("runTest() rejects with the cancellation of its body", async () => {
  await assertRejects(
    () => runTest(async () => await Promise.reject(new CancelledError("why"))),
    CancelledError,
    "why",
  );
});

Deno.test("runTest() takes another clock", async () => {
  const clock = new VirtualClock({ now: 7 });
  assertEquals(await runTest(() => sleep(1, "done"), { clock }), "done");
  assertEquals(clock.now, 8);
  let now = 0;
  assertEquals(
    await runTest(
      async () => {
        await sleep(0.001);
        return getRunningLoop().time() > 0;
      },
      { clock: () => now += 0.001 },
    ),
    true,
  );
});

Deno.test("runTest() waits for what is under way outside", () =>
  runTest(async () => {
    const native = () => new Promise((resolve) => setTimeout(resolve, 10));
    await timeout(5, async () => await native());
    await timeout(5, async () => await wrapFuture(native()));
    const event = new Event();
    setTimeout(() => event.set(), 10); // the loop knows nothing of it
    await event.wait();
    assertEquals(getRunningLoop().time(), 0);
  }));

// Deadlocks

testKinds(
  "a deadlock is an error at once, and finally blocks run",
  async (kind) => {
    const cleaned: string[] = [];
    const main = inKind(kind, function* main(): Script<void> {
      try {
        yield new Event().wait();
      } finally {
        yield sleep(1);
        cleaned.push("main");
      }
    });
    const message = await messageOf(runTest(main), DeadlockError);
    assertMatch(message, /waits for <Event \[unset, waiters:1\]>/);
    assertEquals(cleaned, ["main"]);
  },
);

testKinds("a deadlock of three tasks reaches each of them", async (kind) => {
  const locks = [new Lock(), new Lock(), new Lock()];
  const cleaned: number[] = [];
  const names = ["one", "two", "three"];
  const work = inKind(kind, function* work(index: number): Script<void> {
    yield locks[index].acquire();
    try {
      yield sleep(1);
      yield locks[(index + 1) % 3].acquire();
    } catch (error) {
      assert(error instanceof DeadlockError);
      cleaned.push(index);
      throw error;
    }
  });
  const message = await messageOf(
    runTest(() =>
      taskGroup(async (group) => {
        for (const [index, name] of names.entries()) {
          group.createTask(work(index), { name });
        }
      })
    ),
    DeadlockError,
  );
  for (const name of names) {
    assertMatch(message, new RegExp(`\`${name}\` waits`));
  }
  assertEquals(cleaned, [0, 1, 2]);
});

testKinds(
  "tasks that wait for each other in a circle are named",
  async (kind) => {
    const main = inKind(kind, function* main(): Script<void> {
      const tasks: Record<string, ReturnType<typeof createTask>> = {};
      const wait = inKind(kind, function* wait(other: string): Script<void> {
        yield sleep(0);
        yield tasks[other];
      });
      tasks.one = createTask(wait("two"), { name: "one" });
      tasks.two = createTask(wait("one"), { name: "two" });
      yield gather(tasks.one, tasks.two);
    });
    const message = await messageOf(runTest(main), DeadlockError);
    assertMatch(
      message,
      /`one` waits for `two`, which waits for `one`: a circle/,
    );
  },
);

Deno.test("a test that catches a deadlock again and again ends all the same", async () => {
  let caught = 0;
  await assertRejects(
    () =>
      runTest(async () => {
        for (;;) {
          try {
            await new Event().wait();
          } catch {
            caught++;
          }
        }
      }),
    DeadlockError,
  );
  assert(caught > 1);
});

Deno.test("a native promise that never settles is a deadlock where the host tells", async () => {
  const message = await messageOf(
    runTest(() => new Promise<void>(() => {})),
    DeadlockError,
  );
  assertMatch(message, /in a native promise/);
});

// Cause: the host was asked again by a timer that did not hold the process,
// which ended when the host had nothing to do any more.
Deno.test("a deadlock is found after what the host was busy with before", async () => {
  const main = async () => {
    setTimeout(() => {}, 20);
    await new Event().wait();
  };
  await assertRejects(() => runTest(main), DeadlockError, "waits for <Event");
});

Deno.test("a deadlock behind a thread of the program is none", () =>
  runTest(async () => {
    const { port1, port2 } = new MessageChannel();
    const queue = new Queue<unknown>();
    const loop = getRunningLoop();
    port1.onmessage = ({ data }) =>
      loop.callSoonThreadsafe(() => queue.putNowait(data));
    setTimeout(() => port2.postMessage("hello"), 10);
    assertEquals(await queue.get(), "hello");
    port1.close();
    port2.close();
  }));

Deno.test("without deadlock, the timeout says who waits for what", async () => {
  const message = await messageOf(
    runTest(() => new Event().wait(), { deadlock: false, timeout: 0.05 }),
    TimeoutError,
  );
  assertMatch(message, /not over after 0.05 s:\n.*waits for <Event/);
});

Deno.test("a deadlock says who holds what the others wait for", async () => {
  const message = await messageOf(
    runTest(async () => {
      const lock = new Lock();
      const semaphore = new Semaphore(1);
      const shared = new RWLock();
      await taskGroup(async (group) => {
        group.createTask(async () => {
          using _ = await lock.acquire();
          await sleep(1);
          await semaphore.acquire();
        }, { name: "one" });
        group.createTask(async () => {
          using _ = await semaphore.acquire();
          await sleep(1);
          using __ = await shared.acquireRead();
        }, { name: "two" });
        group.createTask(async () => {
          using _ = await shared.acquireWrite();
          await sleep(1);
          using __ = await lock.acquire();
        }, { name: "three" });
      });
    }),
    DeadlockError,
  );
  const lines = message.split("\n");
  assertMatch(
    lines.find((line) => line.startsWith("  `one`"))!,
    /`one` waits for <Semaphore .*>, held by `two`, which waits for <RWLock .*>, held by `three`, which waits for <Lock .*>, held by `one`: a circle \(.*run_test_test\.ts:\d+\)/,
  );
});

// Cause: A race was told as the place in a line of one of its contestants.
testKinds(
  "a race waits for any of its contestants, and in no circle by way of one",
  async (kind) => {
    const main = inKind(kind, function* main(): Script<void> {
      const lock = new Lock();
      yield lock.acquire();
      yield race(lock.acquire(), new Queue<string>().get());
    });
    const message = await messageOf(runTest(main.body), DeadlockError);
    const [, first, second] = message.split("\n");
    assertMatch(
      first,
      /^ {2}`main` waits for `acquire`, which waits for <Lock .*>, held by `main`, or for `get`, which waits for queue\.get\(\) of /,
    );
    assertMatch(
      second,
      /^ {2}`acquire` waits for <Lock .*>, held by `main`, which/,
    );
    assert(!message.includes("circle"), message);
  },
);

Deno.test("a lock that was released is not held any more", async () => {
  const message = await messageOf(
    runTest(async () => {
      const lock = new Lock();
      await createTask(async () => {
        using _ = await lock.acquire();
      }, { name: "before" });
      await lock.acquire();
      await createTask(async () => await lock.acquire(), { name: "after" });
    }),
    DeadlockError,
  );
  assertMatch(message, /`after` waits for <Lock .*>, held by `task`, which/);
  assert(!message.includes("before"));
});

// Timeouts

testKinds("the timeout ends a test that goes on for ever", async (kind) => {
  const cleaned: string[] = [];
  const main = inKind(kind, function* main(): Script<void> {
    try {
      for (;;) yield sleep(1);
    } finally {
      cleaned.push("main");
    }
  });
  const message = await messageOf(
    runTest(main, { timeout: 0.02 }),
    TimeoutError,
  );
  assertMatch(message, /not over after 0.02 s/);
  assertEquals(cleaned, ["main"]);
});

// Cause: The clean-up after the second that a test has to end in cancelled the
// same tasks again and waited for them, with no limit left.
Deno.test("the timeout ends a test that does not let itself be cancelled", async () => {
  let isOver = false;
  let lastPoll: Promise<unknown> = Promise.resolve();
  const bodies: Record<string, () => Promise<void>> = {
    async swallows() {
      while (!isOver) await sleep(1).catch(() => {});
    },
    async polls() {
      while (!isOver) {
        await (lastPoll = new Promise((resolve) => setTimeout(resolve, 1)));
      }
    },
    async leaves() {
      createTask(bodies.swallows);
      await sleep(1);
    },
  };
  const messages = await Promise.all(
    Object.values(bodies).map((body) =>
      messageOf(runTest(body, { timeout: 0.02 }), TimeoutError)
    ),
  );
  isOver = true;
  await lastPoll;
  const left = [/`swallows` waits/, /`polls` is in a native/, /`swallows` wai/];
  for (const [index, message] of messages.entries()) {
    assertMatch(message, /not over after 0.02 s:\n.*\nNor was it 1 s after/);
    assertMatch(message.slice(message.indexOf("Nor")), left[index]);
  }
});

Deno.test("a timeout beyond what timers of the host can do is none", async () => {
  assertEquals(
    await runTest(() => sleep(1, "done"), { timeout: 1e12 }),
    "done",
  );
  assertEquals(await runTest(() => sleep(1, "ok"), { timeout: null }), "ok");
});

// Leaks

const LEAKS: [string, () => Promise<void>, RegExp][] = [
  ["a task", async () => {
    createTask(sleep(60), { name: "forgotten" });
  }, /a task: <Task .*'forgotten'.* made at .*run_test_test\.ts:\d+/],
  ["a timer", async () => {
    getRunningLoop().callLater(60, function alarm() {});
  }, /a timer: <TimerHandle when=60 alarm\(\)>, made at .*run_test_test\.ts:/],
  ["a failure that nobody looks at", async () => {
    createTask(async function careless() {
      throw new Error("lost");
    });
    await sleep(1);
  }, /exception was never retrieved: Error\('lost'\).*careless.*made at/],
  ["a coroutine that was never awaited", async () => {
    sleep(60);
    await sleep(1);
  }, /never awaited: <coroutine object sleep.*made at .*run_test_test\.ts:\d+/],
  ["a coroutine of the test's own", async () => {
    coroutine(async function work() {})();
    await sleep(1);
  }, /never awaited: <coroutine object work.*made at .*run_test_test\.ts:\d+/],
  ["an executor", async () => {
    new ThreadPoolExecutor();
    await sleep(1);
  }, /not shut down: <ThreadPoolExecutor.*made at .*run_test_test\.ts:\d+/],
  ["a place in a line", async () => {
    const queue = new Queue<string>();
    Promise.resolve(queue.get());
    await sleep(1);
  }, /something that it started waited: queue\.get\(\) of <Queue /],
  ["what a callback throws", async () => {
    getRunningLoop().callSoon(function careless() {
      throw new Error("lost");
    });
    await sleep(1);
  }, /Exception in callback careless\(\): Error\('lost'\)/],
];

for (const [name, body, pattern] of LEAKS) {
  Deno.test(`runTest() finds ${name} that is left`, async () => {
    const { leaks, message } = await assertRejects(
      () => runTest(body),
      LeakError,
    );
    assertEquals(leaks.length, 1);
    assertMatch(leaks[0], pattern);
    assert(message.includes(leaks[0]));
  });

  Deno.test(`runTest() lets ${name} be, if it is told to`, async () => {
    await runTest(body, { leaks: false });
  });
}

Deno.test("runTest() finds a timeout that is not left", async () => {
  const { leaks } = await assertRejects(
    () =>
      runTest(async () => {
        const native = async () => {
          await timeout(50, async () => await sleep(100));
        };
        native(); // not awaited
        await sleep(1);
      }),
    LeakError,
  );
  assertMatch(
    leaks[0],
    /a scope that was not left: <Timeout \[active\] when=50>, made at .*\.ts:/,
  );
});

const long = coroutine(async function long() {
  await sleep(60);
});

const MADE: [string, () => unknown][] = [
  ["shield()", () => shield(() => sleep(60))],
  ["race() of functions", () => createTask(() => race(() => sleep(60)))],
  ["race() of coroutines", () => createTask(() => race(long(), long()))],
  ["gather() with a limit", () => gather([sleep(0), long()], { limit: 1 })],
  [
    "gather() of a generator",
    () =>
      gather(
        (function* () {
          yield () => sleep(0);
          yield () => sleep(60);
        })(),
        { limit: 1 },
      ),
  ],
  ["asCompleted() with a limit", () => {
    const completions = asCompleted([sleep(0), long()], { limit: 1 });
    createTask(async () => {
      for await (const _ of completions);
    });
  }],
  [
    "a group",
    () => createTask(() => taskGroup(async (g) => void g.createTask(long()))),
  ],
  [
    "a group with a limit",
    () =>
      createTask(() =>
        taskGroup(async (group) => {
          for (let i = 0; i < 2; i++) group.createTask(() => sleep(60));
        }, { limit: 1 })
      ),
  ],
  [
    "runCoroutineThreadsafe()",
    () => runCoroutineThreadsafe(long(), getRunningLoop()),
  ],
  ["an eager task factory", () => {
    getRunningLoop().setTaskFactory(eagerTaskFactory);
    createTask(() => sleep(60));
  }],
];

for (const [what, make] of MADE) {
  // Cause: A stack trace had ten frames, all of which were the library's, and a
  // task that starts later has none of the program.
  Deno.test(`a task that is left of ${what} was made in the program`, async () => {
    const { leaks } = await assertRejects(
      () =>
        runTest(async () => {
          make();
          await sleep(1);
        }),
      LeakError,
    );
    const tasks = leaks.filter((leak) => leak.startsWith("a task"));
    assert(tasks.length > 0, leaks.join("\n"));
    for (const leak of tasks) {
      assertMatch(leak, /, made at \S*run_test_test\.ts:\d+$/);
    }
  });
}

testKinds("what was closed, awaited or left is no leak", async (kind) => {
  const main = inKind(kind, function* main(): Script<void> {
    sleep(60).close();
    const executor = new ThreadPoolExecutor();
    yield wrapFuture(executor.shutdown());
    yield timeout(5, async () => await sleep(1));
    yield gather(sleep(1), sleep(2));
    const timer = getRunningLoop().callLater(60, () => {});
    timer.cancel();
    const task = createTask(async () => await sleep(60));
    yield sleep(0);
    task.cancel();
    yield sleep(0);
  });
  await runTest(main.body);
});

Deno.test("where things were made is recorded of the first thousand only", async () => {
  const { leaks } = await assertRejects(
    () =>
      runTest(async () => {
        for (let i = 0; i < 2000; i++) sleep(60);
        await sleep(1);
      }),
    LeakError,
  );
  assertEquals(leaks.length, 2000);
  assertEquals(leaks.filter((leak) => leak.includes("made at")).length, 1000);
});

Deno.test("a task that is left is cancelled, and its timers are no leaks", async () => {
  const log: string[] = [];
  const { leaks } = await assertRejects(
    () =>
      runTest(async () => {
        createTask(async () => {
          try {
            await sleep(60);
          } finally {
            log.push("cleaned up");
          }
        });
        await sleep(1);
      }),
    LeakError,
  );
  assertEquals(leaks.length, 1);
  assertEquals(log, ["cleaned up"]);
});

Deno.test("a handler of the test's own may look at errors", () =>
  runTest(async () => {
    const messages: unknown[] = [];
    getRunningLoop().setExceptionHandler((_loop, { message }) =>
      messages.push(message)
    );
    getRunningLoop().callSoon(function careless() {
      throw new Error("lost");
    });
    await sleep(1);
    assertEquals(messages, ["Exception in callback careless()"]);
  }));

// Wrong arguments

const WRONG: [string, unknown[], RegExp][] = [
  ["no body", [], /body of runTest\(\).*None|undefined/],
  ["a promise", [Promise.resolve()], /body of runTest\(\)/],
  ["a number", [5], /body of runTest\(\).*5/],
  [
    "an unknown option",
    [async () => {}, { leak: true }],
    /did you mean leaks\?/,
  ],
  ["a timeout of text", [async () => {}, { timeout: "5" }], /'5'|"5"/],
  ["a clock that is none", [async () => {}, { clock: {} }], /as a clock/],
];

for (const [name, args, pattern] of WRONG) {
  Deno.test(`runTest() refuses ${name}`, async () => {
    const call = runTest as unknown as (...args: unknown[]) => Promise<void>;
    const error = await assertRejects(() => call(...args), TypeError);
    assertMatch(error.message, pattern);
  });
}

Deno.test("runTest() cannot be called inside a running loop", async () => {
  await run(async () => {
    await assertRejects(
      () => runTest(async () => {}),
      Error,
      "running event loop",
    );
  });
});

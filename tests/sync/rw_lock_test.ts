import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  CancelledError,
  type Coroutine,
  createTask,
  EventLoop,
  gather,
  getRunningLoop,
  RWLock,
  sleep,
  type Task,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import { runTest } from "@asyncio/asyncio/testing";
import { inKind, type Script, testKinds, VirtualClock } from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import { randomly, testSweep, testThreeWaiters, untilDone } from "../_sweep.ts";

type Mode = "read" | "write";

function acquire(lock: RWLock, mode: Mode): Coroutine<Disposable> {
  return mode === "read" ? lock.acquireRead() : lock.acquireWrite();
}

/** Waits enough turns for every task that can continue. */
function* settle(): Script<void> {
  for (let i = 0; i < 12; i++) yield sleep(0);
}

/** Runs tasks that hold the lock for a second each, and logs who enters when. */
async function entries(
  kind: Parameters<Parameters<typeof testKinds>[1]>[0],
  modes: string,
): Promise<string[]> {
  const lock = new RWLock();
  const log: string[] = [];
  const work = inKind(kind, function* work(name: string): Script<void> {
    const mode = name.startsWith("r") ? "read" : "write";
    const guard: Disposable = yield acquire(lock, mode);
    log.push(`${name}@${getRunningLoop().time()}`);
    yield sleep(1);
    guard[Symbol.dispose]();
  });
  await untilDone(() =>
    gather(modes.split(" ").map((name) => () => work(name)))
  );
  assertEquals(String(lock), "<RWLock [unlocked]>");
  return log;
}

for (
  const [modes, expected] of [
    ["r1 r2 r3", "r1@0 r2@0 r3@0"],
    ["w1 w2 w3", "w1@0 w2@1 w3@2"],
    ["r1 w2 r3 r4", "r1@0 w2@1 r3@2 r4@2"],
    ["w1 r2 r3 w4 r5", "w1@0 r2@1 r3@1 w4@2 r5@3"],
    ["r1 r2 w3 w4 r5 r6", "r1@0 r2@0 w3@1 w4@2 r5@3 r6@3"],
  ]
) {
  testKinds(
    `RWLock is fair: ${modes} enter in that order`,
    async (kind) => {
      assertEquals((await entries(kind, modes)).join(" "), expected);
    },
  );
}

testKinds("acquiring a free RWLock takes no turn", async (kind) => {
  let turned = false;
  await untilDone(
    inKind(kind, function* main(): Script<void> {
      getRunningLoop().callSoon(() => turned = true);
      const lock = new RWLock();
      const reader: Disposable = yield lock.acquireRead();
      reader[Symbol.dispose]();
      const writer: Disposable = yield lock.acquireWrite();
      assert(lock.locked());
      writer[Symbol.dispose]();
      assertFalse(lock.locked());
      assertFalse(turned);
    })(),
  );
});

Deno.test("RWLock.acquireRead() and acquireWrite() do nothing before they are awaited", () => {
  const lock = new RWLock();
  lock.acquireRead().close();
  lock.acquireWrite().close();
  assertEquals(String(lock), "<RWLock [unlocked]>");
});

Deno.test("a guard of RWLock releases at the end of the block, once", async () => {
  const lock = new RWLock();
  await untilDone(async () => {
    {
      using _ = await lock.acquireRead();
      assertEquals(String(lock), "<RWLock [reading:1]>");
    }
    const guard = await lock.acquireWrite();
    guard[Symbol.dispose]();
    using _ = await lock.acquireRead();
    guard[Symbol.dispose]();
    assertEquals(String(lock), "<RWLock [reading:1]>");
  });
  await untilDone(function* () {
    using _ = yield* lock.acquireWrite();
    assertEquals(String(lock), "<RWLock [writing]>");
  });
  assertEquals(String(lock), "<RWLock [unlocked]>");
});

testKinds(
  "a reader of RWLock may read again, past a writer in line",
  async (kind) => {
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        const lock = new RWLock();
        const outer: Disposable = yield lock.acquireRead();
        const writer = createTask(lock.acquireWrite());
        yield sleep(0);
        assertEquals(String(lock), "<RWLock [reading:1, waiters:1]>");
        const inner: Disposable = yield lock.acquireRead();
        outer[Symbol.dispose]();
        yield* settle();
        assertFalse(writer.done());
        inner[Symbol.dispose]();
        (yield writer)[Symbol.dispose]();
      })(),
    );
  },
);

// A task that would wait for itself

for (
  const [first, then, words] of [
    ["read", "write", "for writing, as the task holds it for reading"],
    ["write", "write", "for writing, as the task holds it for writing"],
    ["write", "read", "for reading, as the task holds it for writing"],
  ] as const
) {
  testKinds(
    `a task that holds RWLock to ${first} and asks to ${then} gets an error, and nothing changes`,
    async (kind) => {
      await untilDone(
        inKind(kind, function* main(): Script<void> {
          const lock = new RWLock();
          const guard: Disposable = yield acquire(lock, first);
          const before = String(lock);
          const error = yield* caught(acquire(lock, then));
          assertInstanceOf(error, Error);
          assertStringIncludes(error.message, `Cannot acquire ${before}`);
          assertStringIncludes(error.message, words);
          assertStringIncludes(error.message, "wait for itself");
          assertEquals(String(lock), before);
          guard[Symbol.dispose]();
          const next: Disposable = yield acquire(lock, then);
          next[Symbol.dispose]();
          assertEquals(String(lock), "<RWLock [unlocked]>");
          assertEquals(lock["_claims"].size, 0);
        })(),
      );
    },
  );
}

for (
  const [first, then] of [
    ["read", "write"],
    ["write", "write"],
    ["write", "read"],
  ] as const
) {
  Deno.test(`a task that waits for RWLock to ${first} and asks to ${then} in another strand gets the same error`, async () => {
    await untilDone(async () => {
      const lock = new RWLock();
      const holder = await lock.acquireWrite();
      const task = createTask(async () => {
        const waiting = (async () => {
          using _ = await acquire(lock, first);
        })();
        await sleep(0);
        const error = await assertRejects(
          async () => await acquire(lock, then),
          Error,
          "the task waits for it for",
        );
        assertStringIncludes(error.message, "wait for itself");
        await waiting;
      });
      await sleep(1);
      assertEquals(String(lock), "<RWLock [writing, waiters:1]>");
      holder[Symbol.dispose]();
      await task;
      assertEquals(String(lock), "<RWLock [unlocked]>");
      assertEquals(lock["_claims"].size, 0);
    });
  });
}

Deno.test("the parts of a Promise.all() may read RWLock together", async () => {
  await untilDone(async () => {
    const lock = new RWLock();
    const read = async () => {
      using _ = await lock.acquireRead();
      await sleep(1);
    };
    await Promise.all([read(), read(), read()]);
    assertEquals(getRunningLoop().time(), 1);
    assertEquals(String(lock), "<RWLock [unlocked]>");
  });
});

Deno.test("RWLock: a guard may be released by another task", async () => {
  await untilDone(async () => {
    const lock = new RWLock();
    const guard = await lock.acquireRead();
    await createTask(async () => guard[Symbol.dispose]());
    using _ = await lock.acquireWrite();
  });
});

// Cancellation

for (const mode of ["read", "write"] as const) {
  Deno.test(`RWLock under waitFor() that expires leaves no trace (${mode})`, async () => {
    await untilDone(async () => {
      const lock = new RWLock();
      const guard = await createTask(lock.acquireWrite());
      await assertRejects(
        async () => await waitFor(acquire(lock, mode), 1),
        TimeoutError,
      );
      assertEquals(String(lock), "<RWLock [writing]>");
      guard[Symbol.dispose]();
      (await waitFor(acquire(lock, mode), 1))[Symbol.dispose]();
      assertEquals(lock["_claims"].size, 0);
    });
  });
}

testKinds(
  "RWLock: when a writer in line is cancelled, the readers behind it enter",
  async (kind) => {
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        const lock = new RWLock();
        const holder: Disposable = yield lock.acquireRead();
        const writer = createTask(lock.acquireWrite());
        const readers = [1, 2].map(() => createTask(lock.acquireRead()));
        yield* settle();
        assertEquals(String(lock), "<RWLock [reading:1, waiters:3]>");
        writer.cancel();
        yield* settle();
        assertEquals(String(lock), "<RWLock [reading:3]>");
        for (const reader of readers) reader.result()[Symbol.dispose]();
        holder[Symbol.dispose]();
        assertEquals(String(lock), "<RWLock [unlocked]>");
      })(),
    );
  },
);

Deno.test("RWLock: a strand that its task leaves behind leaves the line", async () => {
  await runTest(async () => {
    const lock = new RWLock();
    const guard = await lock.acquireWrite();
    await createTask(async () => {
      lock.acquireRead().then(() => {}, () => {}); // never awaited
      await sleep(0);
    });
    guard[Symbol.dispose]();
    await sleep(1);
    assertEquals(String(lock), "<RWLock [unlocked]>");
    assertEquals(lock["_claims"].size, 0);
  }, { leaks: false });
});

for (const all of [false, true]) {
  const mode = all ? "read" : "write";
  testThreeWaiters(`RWLock, three that ${mode}`, () => {
    const lock = new RWLock();
    const guards: Disposable[] = [];
    lock["_isWriting"] = true;
    return {
      *wait() {
        guards.push(yield acquire(lock, mode));
      },
      *wake() {
        const guard = guards.pop();
        if (guard === undefined) lock["_leave"]("writing");
        else guard[Symbol.dispose]();
      },
      all,
      check() {
        for (const guard of guards) guard[Symbol.dispose]();
        assertEquals(String(lock), "<RWLock [unlocked]>");
        assertEquals(lock["_claims"].size, 0);
      },
    };
  });
}

for (const modes of ["rrww", "wrwr", "wwrr", "rwrw"]) {
  testSweep(`RWLock: ${modes} exclude each other and leave it free`, () => {
    const lock = new RWLock();
    const inside = { read: 0, write: 0 };
    const script = (mode: Mode) =>
      function* worker(): Script<void> {
        for (let i = 0; i < 2; i++) {
          const guard: Disposable = yield acquire(lock, mode);
          inside[mode]++;
          try {
            assert(inside.write === 0 || inside.read + inside.write === 1);
            yield sleep(0);
          } finally {
            inside[mode]--;
            guard[Symbol.dispose]();
          }
        }
      };
    return {
      scripts: [...modes].map((m) => script(m === "r" ? "read" : "write")),
      check() {
        assertEquals(String(lock), "<RWLock [unlocked]>");
        assertEquals(lock["_claims"].size, 0);
      },
    };
  });
}

const SEED = 20_261_128;
const TASKS = 1000;

testKinds(
  `RWLock: ${TASKS} tasks that read, write and are cancelled keep their order and exclude each other`,
  async (kind) => {
    const random = randomly(SEED);
    const lock = new RWLock();
    const inside = { read: 0, write: 0 };
    const line: number[] = []; // those who wait, by arrival
    let arrivals = 0;
    let mostReaders = 0;
    let cancelled = 0;
    const modes: Mode[] = [];
    const worker = inKind(kind, function* worker(): Script<void> {
      for (let i = 0; i < 4; i++) {
        yield sleep(random(5));
        const mode = random(4) === 0 ? "write" : "read";
        const arrival = arrivals++;
        modes[arrival] = mode;
        line.push(arrival);
        let guard: Disposable;
        try {
          guard = yield acquire(lock, mode);
        } finally {
          line.splice(line.indexOf(arrival), 1);
        }
        inside[mode]++;
        try {
          assert(inside.write === 0 || inside.read + inside.write === 1);
          mostReaders = Math.max(mostReaders, inside.read);
          if (mode === "write") {
            assert(line.every((other) => other > arrival), "overtaken");
          }
          if (random(2) === 0) yield sleep(random(3));
        } finally {
          inside[mode]--;
          guard[Symbol.dispose]();
        }
      }
    });
    await untilDone(async () => {
      const tasks: Task<void>[] = [];
      for (let i = 0; i < TASKS; i++) tasks.push(createTask(worker()));
      for (const task of tasks) {
        if (random(5) > 0) continue;
        await sleep(random(2));
        if (task.cancel()) cancelled++;
      }
      for (const task of tasks) {
        const error = await task.then(() => null, (error) => error);
        if (error !== null) assertInstanceOf(error, CancelledError);
      }
    });
    assert(cancelled > 50);
    assert(mostReaders > 3);
    assertEquals(inside, { read: 0, write: 0 });
    assertEquals(String(lock), "<RWLock [unlocked]>");
    assertEquals(lock["_claims"].size, 0);
  },
);

Deno.test("RWLock: a hundred thousand readers in line enter in linear time", async () => {
  const READERS = 100_000;
  await untilDone(async () => {
    const lock = new RWLock();
    const guard = await lock.acquireWrite();
    let entered = 0;
    const tasks = Array.from(
      { length: READERS },
      () =>
        createTask(function* () {
          using _ = yield* lock.acquireRead();
          entered++;
        }),
    );
    await sleep(0);
    guard[Symbol.dispose]();
    await gather(tasks);
    assertEquals(entered, READERS);
    assertEquals(String(lock), "<RWLock [unlocked]>");
  });
});

Deno.test("RWLock is bound to the loop in which it first blocks", async () => {
  const make = () => new EventLoop({ clock: new VirtualClock() });
  const [first, second] = [make(), make()];
  const lock = new RWLock();
  lock["_isWriting"] = true;
  const waiting = first.createTask(lock.acquireRead());
  await first.runUntilComplete(sleep(0));
  const error = await assertRejects(
    () => second.runUntilComplete(() => lock.acquireWrite()),
    Error,
    "is bound to a different event loop",
  );
  assert(error.message.startsWith("<RWLock ["));
  assertEquals(lock["_claims"].size, 1);
  waiting.cancel();
  await first.runUntilComplete(sleep(0));
  assertEquals(lock["_claims"].size, 0);
  first.close();
  second.close();
});

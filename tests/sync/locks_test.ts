import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  CancelledError,
  Condition,
  type Coroutine,
  createTask,
  Event,
  EventLoop,
  gather,
  getRunningLoop,
  Lock,
  Semaphore,
  sleep,
  TimeoutError,
  waitFor,
  WouldBlock,
} from "@asyncio/asyncio";
import {
  inKind,
  KINDS,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import { transcript } from "../_programs.ts";
import { untilDone } from "../_sweep.ts";
import { locks as transcripts } from "../_transcripts.ts";

/** Everything that has an `acquire()`. */
type Lockable = Lock | Semaphore | Condition;

const LOCKABLES: Record<string, () => Lockable> = {
  Lock: () => new Lock(),
  Condition: () => new Condition(),
  Semaphore: () => new Semaphore(1),
  BoundedSemaphore: () => new BoundedSemaphore(1),
};

/** Waits enough turns for every task that can continue. */
async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await sleep(0);
}

// The order of events

for (const { name, settings, programs, lines } of transcripts) {
  testKinds(`CPython's order of events: ${name}`, async (kind) => {
    assertEquals(await transcript(kind, programs, settings), lines);
  });
}

// acquire(), release() and guards

for (const [name, make] of Object.entries(LOCKABLES)) {
  testKinds(`${name}.acquire() of a free one takes no turn`, async (kind) => {
    const object = make();
    let turned = false;
    const main = inKind(kind, function* main(): Script<void> {
      getRunningLoop().callSoon(() => turned = true);
      yield object.acquire();
    });
    await untilDone(async () => {
      await main();
      assertFalse(turned);
      assert(object.locked());
    });
  });

  Deno.test(`${name}.acquire() does nothing before it is awaited`, () => {
    const object = make();
    object.acquire().close();
    assertFalse(object.locked());
  });

  Deno.test(`${name}.acquire() returns a guard that releases at the end of the block`, async () => {
    const object = make();
    await untilDone(async () => {
      {
        using _ = await object.acquire();
        assert(object.locked());
      }
      assertFalse(object.locked());
    });
    await untilDone(function* () {
      {
        using _ = yield* object.acquire();
        assert(object.locked());
      }
      assertFalse(object.locked());
    });
  });

  Deno.test(`${name}: a guard releases when the block throws`, async () => {
    const object = make();
    const error = new Error("no luck");
    await untilDone(async () => {
      try {
        using _ = await object.acquire();
        throw error;
      } catch (thrown) {
        assertStrictEquals(thrown, error);
      }
      assertFalse(object.locked());
    });
  });

  Deno.test(`${name}: a guard releases once, even if another task holds it by then`, async () => {
    const object = make();
    await untilDone(async () => {
      const guard = await object.acquire();
      guard[Symbol.dispose]();
      using _ = await object.acquire();
      guard[Symbol.dispose]();
      assert(object.locked());
    });
  });

  testKinds(
    `${name} admits its waiters one by one, in the order in which they came`,
    async (kind) => {
      const object = make();
      const log: string[] = [];
      const worker = inKind(kind, function* worker(name: string): Script<void> {
        const guard: Disposable = yield object.acquire();
        log.push(`+${name}`);
        yield sleep(1);
        log.push(`-${name}`);
        guard[Symbol.dispose]();
      });
      await untilDone(() => gather(worker("a"), worker("b"), worker("c")));
      assertEquals(log.join(" "), "+a -a +b -b +c -c");
    },
  );

  testKinds(
    `${name}: a task that releases it and acquires it again queues up last`,
    async (kind) => {
      const object = make();
      const log: string[] = [];
      const worker = inKind(kind, function* worker(name: string): Script<void> {
        for (let i = 0; i < 2; i++) {
          const guard: Disposable = yield object.acquire();
          log.push(name);
          yield sleep(0);
          guard[Symbol.dispose]();
        }
      });
      await untilDone(() => gather(worker("a"), worker("b"), worker("c")));
      assertEquals(log.join(""), "abcabc");
    },
  );

  Deno.test(`${name}.acquire() under waitFor() that expires leaves no trace`, async () => {
    const object = make();
    await untilDone(async () => {
      const guard = await object.acquire();
      await assertRejects(
        async () => await waitFor(object.acquire(), 1),
        TimeoutError,
      );
      guard[Symbol.dispose]();
      assertFalse(object.locked());
      (await waitFor(object.acquire(), 1))[Symbol.dispose]();
    });
  });

  Deno.test(`${name}.acquire() wakes all waiters in one Promise.all()`, async () => {
    const object = make();
    await untilDone(async () => {
      const guards: Disposable[] = [await object.acquire()];
      getRunningLoop().callLater(1, () => guards[0][Symbol.dispose]());
      const take = async () => {
        using _ = await object.acquire();
        await sleep(1);
      };
      await Promise.all([take(), take(), take()]);
      assertFalse(object.locked());
    });
  });
}

for (const [name, make] of Object.entries(LOCKABLES)) {
  Deno.test(`${name}.acquireNowait() acquires a free one, without a loop`, () => {
    const object = make();
    {
      using _ = object.acquireNowait();
      assert(object.locked());
    }
    assertFalse(object.locked());
  });

  Deno.test(`${name}.acquireNowait() of one that is held throws, and changes nothing`, () => {
    const object = make();
    const guard = object.acquireNowait();
    const text = String(object);
    const error = assertThrows(() => object.acquireNowait(), WouldBlock);
    assertEquals(
      error.message.replace("<Lock", `<${name}`),
      `Cannot acquire without waiting: ${text}`,
    );
    assertEquals(String(object), text);
    guard[Symbol.dispose]();
    object.acquireNowait();
  });

  Deno.test(`${name}.acquireNowait() does not overtake a waiter that was woken`, async () => {
    const object = make();
    await untilDone(async () => {
      const guard = object.acquireNowait();
      const waiter = createTask(object.acquire());
      await sleep(0);
      guard[Symbol.dispose](); // it goes to the waiter, which has not continued
      assertThrows(() => object.acquireNowait(), WouldBlock);
      await waiter;
      object.release();
      object.acquireNowait();
    });
  });

  Deno.test(`${name}: a waiter gets what acquireNowait() held`, async () => {
    const object = make();
    await untilDone(async () => {
      const guard = object.acquireNowait();
      const waiter = createTask(object.acquire());
      await sleep(1);
      assertFalse(waiter.done());
      guard[Symbol.dispose]();
      await waiter;
    });
  });
}

Deno.test("acquire() does not wait for a cancelled waiter that has not run yet", async () => {
  await untilDone(async () => {
    const lock = new Lock();
    await lock.acquire();
    const waiter = createTask(lock.acquire());
    await sleep(0);
    waiter.cancel();
    lock.release();
    let turned = false;
    getRunningLoop().callSoon(() => turned = true);
    await lock.acquire();
    assertFalse(turned);
    await sleep(0);
    assert(lock.locked());
    assertEquals(String(lock), "<Lock [locked]>");
  });
});

Deno.test("Semaphore: permits that are released together wake as many waiters", async () => {
  await untilDone(async () => {
    const semaphore = new Semaphore(0);
    const tasks = [1, 2, 3].map(() => createTask(semaphore.acquire()));
    await sleep(0);
    semaphore.release();
    semaphore.release();
    await sleep(0);
    assertEquals(tasks.map((task) => task.done()), [true, true, false]);
    semaphore.release();
    await tasks[2];
  });
});

Deno.test("Semaphore: a task that queues up although a permit is free gets it when the earlier waiter has continued", async () => {
  await untilDone(async () => {
    const semaphore = new Semaphore(0);
    const first = createTask(semaphore.acquire());
    await sleep(0);
    semaphore.release(); // for the first, which has not continued yet
    semaphore.release();
    const second = createTask(semaphore.acquire(), { eagerStart: true });
    assertEquals(String(semaphore), "<Semaphore [locked, waiters:2]>");
    await gather(first, second);
    assertEquals(String(semaphore), "<Semaphore [locked]>");
  });
});

Deno.test("Semaphore.release() adds permits beyond the initial ones", async () => {
  const semaphore = new Semaphore();
  semaphore.release();
  await untilDone(async () => {
    await semaphore.acquire();
    await semaphore.acquire();
    assert(semaphore.locked());
  });
});

Deno.test("Semaphore wakes many waiters in one turn, each once", async () => {
  // Each wake-up once walked past all waiters that had already been woken.
  const WAITERS = 20_000;
  await untilDone(async () => {
    const semaphore = new Semaphore(0);
    const order: number[] = [];
    const tasks = Array.from(
      { length: WAITERS },
      (_, i) =>
        createTask(function* () {
          yield* semaphore.acquire();
          order.push(i);
        }),
    );
    await sleep(0);
    for (let i = 0; i < WAITERS; i++) semaphore.release();
    await gather(tasks);
    assert(order.every((value, index) => value === index));
    assertEquals(String(semaphore), "<Semaphore [locked]>");
  });
});

// Event

testKinds("Event.wait() takes no turn if the event is set", async (kind) => {
  const event = new Event();
  event.set();
  let turned = false;
  await untilDone(
    inKind(kind, function* main(): Script<void> {
      getRunningLoop().callSoon(() => turned = true);
      assertEquals(yield event.wait(), true);
      assertFalse(turned);
    })(),
  );
});

Deno.test("Event.set() wakes all waiters, in the order in which they came", async () => {
  const event = new Event();
  const log: number[] = [];
  await untilDone(async () => {
    const tasks = [0, 1, 2].map((index) =>
      createTask(async () => {
        assertEquals(await event.wait(), true);
        log.push(index);
      })
    );
    await sleep(0);
    event.set();
    event.clear();
    assertFalse(event.isSet());
    await gather(tasks);
  });
  assertEquals(log, [0, 1, 2]);
});

Deno.test("Event.wait() waits again after Event.clear()", async () => {
  const event = new Event();
  event.set();
  event.clear();
  await untilDone(async () => {
    const task = createTask(event.wait());
    await settle();
    assertFalse(task.done());
    event.set();
    await task;
  });
});

// Condition

Deno.test("Condition.notify(n) wakes n waiters, the oldest first", async () => {
  const condition = new Condition();
  const log: number[] = [];
  await untilDone(async () => {
    const tasks = [0, 1, 2, 3, 4].map((index) =>
      createTask(async () => {
        using _ = await condition.acquire();
        await condition.wait();
        assert(condition.locked());
        log.push(index);
      })
    );
    await settle();
    const notify = async (n?: number) => {
      using _ = await condition.acquire();
      condition.notify(n);
    };
    for (const [n, expected] of [[0, 0], [-1, 0], [1, 1], [2, 3]]) {
      await notify(n);
      await settle();
      assertEquals(log.length, expected);
    }
    await notify();
    await settle();
    assertEquals(log.length, 4);
    {
      using _ = await condition.acquire();
      condition.notifyAll();
    }
    await gather(tasks);
  });
  assertEquals(log, [0, 1, 2, 3, 4]);
});

Deno.test("Condition.waitFor() returns the predicate's result, and calls it with the lock held", async () => {
  const condition = new Condition();
  let item: string | null = null;
  let calls = 0;
  await untilDone(async () => {
    const task = createTask(async () => {
      using _ = await condition.acquire();
      return await condition.waitFor(() => {
        assert(condition.locked());
        calls++;
        return item;
      });
    });
    for (const next of [null, "apple"]) {
      await settle();
      using _ = await condition.acquire();
      item = next;
      condition.notify();
    }
    assertEquals(await task, "apple");
  });
  assertEquals(calls, 3);
});

Deno.test("Condition.waitFor() needs no lock if the predicate is true at once", async () => {
  await untilDone(async () => {
    assertEquals(await new Condition().waitFor(() => 42), 42);
  });
});

testKinds(
  "Condition.wait() acquires the lock again when it is cancelled, however often",
  async (kind) => {
    const condition = new Condition();
    let heldInside: boolean | undefined;
    const waiter = inKind(kind, function* waiter(): Script<void> {
      const guard: Disposable = yield condition.acquire();
      try {
        yield condition.wait();
      } finally {
        heldInside = mayContinue;
        guard[Symbol.dispose]();
      }
    });
    let mayContinue = false;
    await untilDone(async () => {
      const task = createTask(waiter());
      await settle();
      const guard = await condition.acquire();
      for (const message of ["first", "second", "third"]) {
        task.cancel(message);
        await settle();
        assertFalse(task.done());
      }
      mayContinue = true;
      guard[Symbol.dispose]();
      const error = await assertRejects(async () => await task, CancelledError);
      assertEquals(error.message, "third");
      assert(heldInside);
      assertEquals(String(condition), "<Condition [unlocked]>");
    });
  },
);

Deno.test("Condition.wait() that is cancelled while it acquires the lock passes the notification on", async () => {
  const condition = new Condition();
  await untilDone(async () => {
    const wait = async () => {
      using _ = await condition.acquire();
      await condition.wait();
    };
    const [first, second, third] = [1, 2, 3].map(() => createTask(wait));
    await settle();
    const guard = await condition.acquire();
    condition.notify();
    await settle();
    first.cancel(); // notified, and waiting for the lock
    await settle();
    guard[Symbol.dispose]();
    await settle();
    assert(first.cancelled());
    assert(second.done());
    assertFalse(third.done());
    third.cancel();
  });
});

Deno.test("two conditions can share a lock", async () => {
  const lock = new Lock();
  const [full, empty] = [new Condition(lock), new Condition(lock)];
  await untilDone(async () => {
    using _ = await full.acquire();
    assert(lock.locked());
    assert(empty.locked());
    empty.notify();
    lock.release();
    assertFalse(full.locked());
    await empty.acquire();
  });
});

// Barrier

testKinds("Barrier.wait() returns an index per task", async (kind) => {
  const barrier = new Barrier(3);
  const party = inKind(kind, function* party(): Script<number> {
    return yield barrier.wait();
  });
  await untilDone(async () => {
    for (let round = 0; round < 3; round++) {
      assertEquals(await gather(party(), party(), party()), [0, 1, 2]);
    }
    assertEquals(String(barrier), "<Barrier [filling, waiters:0/3]>");
  });
});

Deno.test("Barrier of one lets every task through", async () => {
  const barrier = new Barrier(1);
  await untilDone(async () => {
    for (let i = 0; i < 3; i++) assertEquals(await barrier.wait(), 0);
  });
});

Deno.test("Barrier: a task that arrives while others leave waits for the next round", async () => {
  const barrier = new Barrier(2);
  await untilDone(async () => {
    const log: string[] = [];
    const party = (name: string) => async () => {
      log.push(`${name}${await barrier.wait()}`);
    };
    const all = gather(party("a"), party("b"), party("c"), party("d"));
    await all;
    assertEquals(log, ["b1", "a0", "d1", "c0"]);
  });
});

Deno.test("Barrier: a cancelled waiter is no longer counted", async () => {
  const barrier = new Barrier(2);
  await untilDone(async () => {
    const first = createTask(barrier.wait());
    await settle();
    assertEquals(barrier.nWaiting, 1);
    first.cancel();
    await settle();
    assertEquals(barrier.nWaiting, 0);
    assertFalse(barrier.broken);
    const second = createTask(barrier.wait());
    await settle();
    assertFalse(second.done());
    await barrier.wait();
    await second;
  });
});

Deno.test("Barrier.abort() breaks it until it is reset", async () => {
  const barrier = new Barrier(3);
  await untilDone(async () => {
    const waiting = [1, 2].map(() => createTask(barrier.wait()));
    await settle();
    await barrier.abort();
    assert(barrier.broken);
    assertEquals(barrier.nWaiting, 0);
    for (const task of waiting) {
      await assertRejects(async () => await task, BrokenBarrierError);
    }
    await assertRejects(async () => await barrier.wait(), BrokenBarrierError);
    await barrier.reset();
    assertFalse(barrier.broken);
    const again = [1, 2, 3].map(() => createTask(barrier.wait()));
    assertEquals(await gather(again), [0, 1, 2]);
  });
});

Deno.test("Barrier.reset() makes waiters throw, and empties the barrier", async () => {
  const barrier = new Barrier(2);
  await untilDone(async () => {
    const waiting = createTask(barrier.wait());
    await settle();
    await barrier.reset();
    assertEquals(String(barrier), "<Barrier [resetting, waiters:0/2]>");
    await assertRejects(async () => await waiting, BrokenBarrierError);
    assertEquals(String(barrier), "<Barrier [filling, waiters:0/2]>");
    assertEquals(await gather(barrier.wait(), barrier.wait()), [0, 1]);
  });
});

// Bad input

const BAD: [string, () => unknown, typeof Error, string][] = [
  [
    "Lock.release() of a free lock",
    () => new Lock().release(),
    Error,
    "Lock is not acquired.",
  ],
  [
    "Condition.release() of a free lock",
    () => new Condition().release(),
    Error,
    "Lock is not acquired.",
  ],
  [
    "Condition.notify() without the lock",
    () => new Condition().notify(),
    Error,
    "cannot notify on un-acquired lock",
  ],
  [
    "Condition.notifyAll() without the lock",
    () => new Condition().notifyAll(),
    Error,
    "cannot notify on un-acquired lock",
  ],
  [
    "Condition.notify(NaN)",
    () => new Condition().notify(NaN),
    TypeError,
    "current value is NaN",
  ],
  [
    "Condition.notify('1')",
    () => new Condition().notify("1" as never),
    TypeError,
    "current value is '1'",
  ],
  [
    "new Condition(a semaphore)",
    () => new Condition(new Semaphore() as never),
    TypeError,
    "current value is <Semaphore [unlocked, value:1]>",
  ],
  [
    "new Condition(null)",
    () => new Condition(null as never),
    TypeError,
    "what is not a Lock",
  ],
  [
    "Condition.waitFor(true)",
    () => new Condition().waitFor(true as never),
    TypeError,
    "a callable object was expected",
  ],
  [
    "BoundedSemaphore.release() beyond the bound",
    () => new BoundedSemaphore(2).release(),
    RangeError,
    "BoundedSemaphore released too many times",
  ],
  ...[Semaphore, BoundedSemaphore].flatMap((
    Class,
  ): [string, () => unknown, typeof Error, string][] => [
    [
      `new ${Class.name}(-1)`,
      () => new Class(-1),
      RangeError,
      "Semaphore initial value must be >= 0: current value is -1",
    ],
    [
      `new ${Class.name}(1.5)`,
      () => new Class(1.5),
      RangeError,
      "must be a whole number: current value is 1.5",
    ],
    [
      `new ${Class.name}(NaN)`,
      () => new Class(NaN),
      TypeError,
      "current value is NaN",
    ],
    [
      `new ${Class.name}('2')`,
      () => new Class("2" as never),
      TypeError,
      "current value is '2'",
    ],
    [
      `new ${Class.name}(null)`,
      () => new Class(null as never),
      TypeError,
      "what is not a number",
    ],
  ]),
  [
    "new Barrier(0)",
    () => new Barrier(0),
    RangeError,
    "parties must be >= 1: current value is 0",
  ],
  [
    "new Barrier(-1)",
    () => new Barrier(-1),
    RangeError,
    "parties must be >= 1: current value is -1",
  ],
  [
    "new Barrier(Infinity)",
    () => new Barrier(Infinity),
    RangeError,
    "must be a whole number",
  ],
  [
    "new Barrier(NaN)",
    () => new Barrier(NaN),
    TypeError,
    "current value is NaN",
  ],
  [
    "new Barrier()",
    () => new (Barrier as unknown as new () => Barrier)(),
    TypeError,
    "what is not a number",
  ],
];

for (const [name, act, Class, message] of BAD) {
  Deno.test(`${name} throws a ${Class.name}`, () => {
    const error = assertThrows(act, Class, message);
    assertStrictEquals((error as Error).constructor, Class);
  });
}

Deno.test("Condition.wait() without the lock throws an Error", async () => {
  await untilDone(async () => {
    const condition = new Condition();
    for (const wait of [condition.wait(), condition.waitFor(() => false)]) {
      await assertRejects(
        async () => await (wait as Coroutine<boolean>),
        Error,
        "cannot wait on un-acquired lock",
      );
    }
    assertFalse(condition.locked());
  });
});

// Loops

function twoLoops(): [EventLoop, EventLoop] {
  const make = () => new EventLoop({ clock: new VirtualClock() });
  return [make(), make()];
}

/** Objects that cannot be acquired or passed, and how to wait for them. */
const BLOCKED: (() => [object, () => Coroutine<unknown>])[] = [
  () => {
    const lock = new Lock();
    lock["_locked"] = true;
    return [lock, () => lock.acquire()];
  },
  () => {
    const semaphore = new Semaphore(0);
    return [semaphore, () => semaphore.acquire()];
  },
  () => {
    const event = new Event();
    return [event, () => event.wait()];
  },
  () => {
    const condition = new Condition();
    const wait = () => {
      condition["_lock"]["_locked"] = true;
      return condition.wait();
    };
    return [condition, wait];
  },
  () => {
    const barrier = new Barrier(3);
    return [barrier, () => barrier.wait()];
  },
];

for (const make of BLOCKED) {
  const { name } = make()[0].constructor;
  Deno.test(`${name} is bound to the loop in which it first blocks`, async () => {
    const [first, second] = twoLoops();
    const [object, wait] = make();
    const waiting = first.createTask(wait());
    await first.runUntilComplete(settle);
    assertFalse(waiting.done());
    const text = String(object).replace("unlocked", "locked");
    const error = await assertRejects(
      () => second.runUntilComplete(() => waitFor(wait, 1)),
      Error,
      "is bound to a different event loop",
    );
    assert(error.message.startsWith(`<${name} [`), error.message);
    assertEquals(String(object), text);
    await first.runUntilComplete(settle);
    assertEquals(String(object), text, "no waiter was woken");
    waiting.cancel();
    if (object instanceof Condition) object.release();
    await first.runUntilComplete(settle);
    assert(waiting.cancelled());
    first.close();
    second.close();
  });
}

Deno.test("Condition.wait() in another loop leaves the lock held", async () => {
  const [first, second] = twoLoops();
  const condition = new Condition();
  const wait = async () => {
    using _ = await condition.acquire();
    await condition.wait();
  };
  const waiting = first.createTask(wait);
  await first.runUntilComplete(settle);
  await assertRejects(() => second.runUntilComplete(wait), Error, "loop");
  assertFalse(condition.locked()); // released by the guard, which found it held
  waiting.cancel();
  await first.runUntilComplete(settle);
  first.close();
  second.close();
});

Deno.test("a lock that no task has waited for can be used in one loop after another", async () => {
  const lock = new Lock();
  for (let i = 0; i < 2; i++) {
    await untilDone(async () => {
      using _ = await lock.acquire();
    });
  }
});

// Printed text

const PRINTED: [string, () => unknown][] = [
  ["<Lock [unlocked]>", () => new Lock()],
  ["<Event [unset]>", () => new Event()],
  ["<Condition [unlocked]>", () => new Condition()],
  ["<Semaphore [unlocked, value:1]>", () => new Semaphore()],
  ["<Semaphore [unlocked, value:2]>", () => new Semaphore(2)],
  ["<Semaphore [locked]>", () => new Semaphore(0)],
  ["<BoundedSemaphore [unlocked, value:3]>", () => new BoundedSemaphore(3)],
  ["<Barrier [filling, waiters:0/3]>", () => new Barrier(3)],
  ["<Mutex [unlocked]>", () => new (class Mutex extends Lock {})()],
];

for (const [text, make] of PRINTED) {
  Deno.test(`${text} is what console.log() and templates print`, () => {
    const object = make();
    assertEquals(`${object}`, text);
    assertEquals(Deno.inspect(object), text);
    assertEquals(
      Deno.inspect([object], { colors: false }),
      `[ ${text} ]`,
    );
  });
}

for (const kind of KINDS) {
  Deno.test(`a lock that is held prints with its waiters (${kind})`, async () => {
    await untilDone(async () => {
      const objects = [new Lock(), new Semaphore(1), new Condition()];
      const script = inKind(kind, function* take(object: Lockable) {
        const guard: Disposable = yield object.acquire();
        yield sleep(1);
        guard[Symbol.dispose]();
      });
      const tasks = objects.flatMap((object) =>
        [1, 2, 3].map(() => createTask(script(object)))
      );
      await sleep(0);
      assertEquals(objects.map(String), [
        "<Lock [locked, waiters:2]>",
        "<Semaphore [locked, waiters:2]>",
        "<Condition [locked]>",
      ]);
      await gather(tasks);
    });
  });
}

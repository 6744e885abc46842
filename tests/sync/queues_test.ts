import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  type Coroutine,
  createTask,
  EventLoop,
  gather,
  getRunningLoop,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  sleep,
  type Task,
  taskGroup,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import { inKind, type Script, testKinds, VirtualClock } from "../_helpers.ts";
import { transcript } from "../_programs.ts";
import { untilDone } from "../_sweep.ts";
import { queues as transcripts } from "../_transcripts.ts";

const KINDS_OF_QUEUES: Record<string, new (maxsize?: number) => Queue<number>> =
  { Queue, LifoQueue, PriorityQueue };

type ErrorClass = new (message?: string) => Error;

/** Waits enough turns for every task that can continue. */
async function settle(): Promise<void> {
  for (let i = 0; i < 12; i++) await sleep(0);
}

/** Takes all items of a queue. */
function drain<T>(queue: Queue<T>): T[] {
  return Array.from({ length: queue.qsize() }, () => queue.getNowait());
}

/** Puts items into a queue and takes them out again. */
function through<T>(queue: Queue<T>, items: T[]): T[] {
  for (const item of items) queue.putNowait(item);
  return drain(queue);
}

// The order of events

for (const { name, settings, programs, lines } of transcripts) {
  testKinds(`CPython's order of events: ${name}`, async (kind) => {
    assertEquals(await transcript(kind, programs, settings), lines);
  });
}

// All queues

for (const [name, Class] of Object.entries(KINDS_OF_QUEUES)) {
  Deno.test(`${name} counts its items`, () => {
    const queue = new Class(2);
    assertEquals(queue.maxsize, 2);
    for (
      const [act, size] of [["putNowait", 1], ["putNowait", 2], [
        "getNowait",
        1,
      ]] as const
    ) {
      queue[act](size);
      assertEquals(queue.qsize(), size);
      assertEquals(queue.empty(), false);
      assertEquals(queue.full(), size === 2);
    }
    queue.getNowait();
    assert(queue.empty());
  });

  for (const maxsize of [undefined, 0, -1, Infinity]) {
    Deno.test(`${name}(${maxsize ?? ""}) is never full`, () => {
      const queue = maxsize === undefined ? new Class() : new Class(maxsize);
      assertEquals(queue.maxsize, maxsize ?? 0);
      for (let i = 0; i < 1000; i++) queue.putNowait(i);
      assertFalse(queue.full());
    });
  }

  Deno.test(`${name}(1.5) has room for two items, as in CPython`, () => {
    const queue = new Class(1.5);
    queue.putNowait(1);
    assertFalse(queue.full());
    queue.putNowait(2);
    assert(queue.full());
  });

  testKinds(
    `${name}: put() that finds room and get() that finds an item take no turn`,
    async (kind) => {
      const queue = new Class(1);
      let turned = false;
      await untilDone(
        inKind(kind, function* main(): Script<void> {
          getRunningLoop().callSoon(() => turned = true);
          for (let i = 0; i < 3; i++) {
            yield queue.put(i);
            assertEquals(yield queue.get(), i);
          }
          assertFalse(turned);
        })(),
      );
    },
  );

  Deno.test(`${name}: coroutines do nothing before they are awaited`, () => {
    const queue = new Class();
    queue.put(1).close();
    assert(queue.empty());
    queue.putNowait(1);
    queue.get().close();
    assertEquals(queue.qsize(), 1);
  });

  testKinds(`${name}: put() waits while the queue is full`, async (kind) => {
    const queue = new Class(2);
    const log: string[] = [];
    const producer = inKind(kind, function* producer(): Script<void> {
      for (let i = 0; i < 5; i++) {
        yield queue.put(i);
        log.push(`+${i}`);
      }
    });
    await untilDone(async () => {
      const task = createTask(producer());
      while (!task.done()) {
        await sleep(1);
        assert(queue.full());
        log.push("-");
        queue.getNowait();
      }
    });
    assertEquals(log.join(" "), "+0 +1 - +2 - +3 - +4 -");
  });

  testKinds(
    `${name}: waiters get items in the order in which they came`,
    async (kind) => {
      const queue = new Class();
      const consumer = inKind(kind, function* consumer(): Script<number> {
        return yield queue.get();
      });
      await untilDone(async () => {
        const tasks = [0, 1, 2].map(() => createTask(consumer()));
        await sleep(0);
        for (let i = 0; i < 3; i++) {
          queue.putNowait(i);
          await sleep(0);
        }
        assertEquals(tasks.map((task) => task.result()), [0, 1, 2]);
      });
    },
  );

  Deno.test(`${name}.get() under waitFor() that expires takes nothing`, async () => {
    const queue = new Class();
    await untilDone(async () => {
      await assertRejects(
        async () => await waitFor(queue.get(), 1),
        TimeoutError,
      );
      queue.putNowait(1);
      assertEquals(await waitFor(queue.get(), 1), 1);
    });
  });

  Deno.test(`${name}.put() under waitFor() that expires adds nothing`, async () => {
    const queue = new Class(1);
    queue.putNowait(1);
    await untilDone(async () => {
      await assertRejects(
        async () => await waitFor(queue.put(2), 1),
        TimeoutError,
      );
    });
    assertEquals(drain(queue), [1]);
  });

  Deno.test(`${name}: a million items go through`, () => {
    // With Array.shift() this would take minutes.
    const COUNT = 1_000_000;
    const queue = new Class();
    for (let i = 0; i < COUNT; i++) queue.putNowait(i);
    assertEquals(queue.qsize(), COUNT);
    const isLifo = queue instanceof LifoQueue;
    for (let i = 0; i < COUNT; i++) {
      const expected = isLifo ? COUNT - 1 - i : i;
      if (queue.getNowait() !== expected) throw new Error(`at ${expected}`);
    }
    assert(queue.empty());
  });

  Deno.test(`${name}: many waiters get an item each`, async () => {
    const WAITERS = 20_000;
    await untilDone(async () => {
      const queue = new Class();
      const tasks = Array.from(
        { length: WAITERS },
        () => createTask(queue.get()),
      );
      await sleep(0);
      for (let i = 0; i < WAITERS; i++) queue.putNowait(i);
      const items = (await gather(tasks)).sort((a, b) => a - b);
      assert(items.every((item, index) => item === index));
      assertEquals(String(queue), `<${name} maxsize=0 tasks=${WAITERS}>`);
    });
  });

  Deno.test(`${name}: many cancelled waiters leave no trace`, async () => {
    const WAITERS = 20_000;
    await untilDone(async () => {
      const queue = new Class();
      const tasks = Array.from(
        { length: WAITERS },
        () => createTask(queue.get()),
      );
      await sleep(0);
      // Backwards, so that a search from the front would be long.
      for (const task of tasks.reverse()) task.cancel();
      await sleep(0);
      assertEquals(String(queue), `<${name} maxsize=0>`);
    });
  });
}

Deno.test("Queue is first in, first out, however it fills and empties", () => {
  const queue = new Queue<number>();
  let put = 0;
  let got = 0;
  for (const count of [3, 100, 1, 64, 65, 1000, 5]) {
    for (let i = 0; i < count; i++) queue.putNowait(put++);
    while (queue.qsize() > count / 2) assertEquals(queue.getNowait(), got++);
  }
  assertEquals(drain(queue).at(-1), put - 1);
});

Deno.test("Queue accepts undefined and null as items", async () => {
  await untilDone(async () => {
    const queue = new Queue<undefined | null>();
    await queue.put(undefined);
    await queue.put(null);
    assertEquals([await queue.get(), await queue.get()], [undefined, null]);
    const task = createTask(queue.get());
    await sleep(0);
    queue.putNowait(undefined);
    assertEquals(await task, undefined);
  });
});

Deno.test("LifoQueue is last in, first out", () => {
  assertEquals(through(new LifoQueue(), [1, 2, 3]), [3, 2, 1]);
});

// PriorityQueue

const ORDERS: [string, unknown[], unknown[]][] = [
  ["numbers", [3, -1, 2.5, -Infinity, 0, Infinity], [
    -Infinity,
    -1,
    0,
    2.5,
    3,
    Infinity,
  ]],
  ["numbers as numbers, not as text", [10, 9, 100], [9, 10, 100]],
  ["integers of any size", [2n ** 70n, 3, -(2n ** 70n), 2n], [
    -(2n ** 70n),
    2n,
    3,
    2n ** 70n,
  ]],
  ["strings", ["b", "", "a", "ab", "B"], ["", "B", "a", "ab", "b"]],
  ["strings by code points", ["\u{1f600}", "\uffee", "a", "\u{1f600}a"], [
    "a",
    "\uffee",
    "\u{1f600}",
    "\u{1f600}a",
  ]],
  ["arrays by their first elements", [[2, "a"], [1, "b"]], [[1, "b"], [
    2,
    "a",
  ]]],
  ["arrays by later elements", [[1, "b"], [1, "a", 0], [1, "a"], [1], []], [
    [],
    [1],
    [1, "a"],
    [1, "a", 0],
    [1, "b"],
  ]],
  ["arrays in arrays", [[[2], 0], [[1, 5], 1]], [[[1, 5], 1], [[2], 0]]],
];

for (const [what, items, expected] of ORDERS) {
  Deno.test(`PriorityQueue orders ${what}, as Python does`, () => {
    assertEquals(through(new PriorityQueue(), items), expected);
    assertEquals(through(new PriorityQueue(), items.toReversed()), expected);
  });
}

Deno.test("PriorityQueue compares no element after a difference, and no object with itself", () => {
  const job = { name: "job" };
  const items = [[2, {}], [1, job], [1, job, 0], [3, null]];
  const queue = new PriorityQueue<unknown>();
  assertEquals(through(queue, items), [[1, job], [1, job, 0], [2, {}], [
    3,
    null,
  ]]);
});

Deno.test("PriorityQueue is first in, first out among equal items", () => {
  const compare = (a: [number, number], b: [number, number]) => a[0] - b[0];
  const queue = new PriorityQueue<[number, number]>(0, { compare });
  const items = Array.from(
    { length: 1000 },
    (_, i): [number, number] => [i * 7 % 5, i],
  );
  // Items are taken in between, so that the order is not that of one fill.
  const first = items.splice(0, 500);
  first.forEach((item) => queue.putNowait(item));
  const early = Array.from({ length: 50 }, () => queue.getNowait());
  items.forEach((item) => queue.putNowait(item));
  const rest = drain(queue);
  const sorted = (list: [number, number][]) => list.toSorted(compare); // stable
  assertEquals(early, sorted(first).slice(0, 50));
  assertEquals(rest, sorted([...sorted(first).slice(50), ...items]));
});

Deno.test("PriorityQueue orders by { compare }, with a size or without", () => {
  const compare = (a: Date, b: Date) => b.getTime() - a.getTime();
  const dates = [1, 3, 2].map((time) => new Date(time));
  const expected = [3, 2, 1].map((time) => new Date(time));
  assertEquals(through(new PriorityQueue(3, { compare }), dates), expected);
  assertEquals(through(new PriorityQueue({ compare }), dates), expected);
  assert(new PriorityQueue(3, { compare }).maxsize === 3);
  assert(new PriorityQueue({ compare }).maxsize === 0);
  assertEquals(through(new PriorityQueue({}), [2, 1]), [1, 2]);
});

Deno.test("PriorityQueue takes about log n comparisons for each item", () => {
  const COUNT = 2 ** 14;
  let comparisons = 0;
  const compare = (a: number, b: number) => {
    comparisons++;
    return a - b;
  };
  const queue = new PriorityQueue<number>({ compare });
  const items = Array.from({ length: COUNT }, (_, i) => i * 7919 % COUNT);
  const out = through(queue, items);
  assert(out.every((item, index) => item === index));
  assert(comparisons < 3 * 14 * COUNT, `${comparisons} comparisons`);
});

const INCOMPARABLE: [unknown, unknown, string][] = [
  [1, "a", "Cannot order 'a' and 1"],
  ["a", 1, "Cannot order 1 and 'a'"],
  [1, null, "Cannot order null and 1"],
  [1, undefined, "Cannot order undefined and 1"],
  [1, NaN, "Cannot order NaN and 1"],
  [NaN, NaN, "Cannot order NaN and NaN"],
  [1, [1], "Cannot order [ 1 ] and 1"],
  [{ a: 1 }, { b: 2 }, "Cannot order { b: 2 } and { a: 1 }"],
  [true, false, "Cannot order false and true"],
  [[1, { a: 1 }], [1, { a: 1 }], "Cannot order { a: 1 } and { a: 1 }"],
  [[1, "a"], [1, 2], "Cannot order 2 and 'a'"],
];

for (const [first, second, message] of INCOMPARABLE) {
  const text = `${Deno.inspect(second)} after ${Deno.inspect(first)}`;
  Deno.test(`PriorityQueue refuses ${text}, and stays as it was`, () => {
    const queue = new PriorityQueue<unknown>();
    queue.putNowait(first);
    const error = assertThrows(() => queue.putNowait(second), TypeError);
    assert(error.message.startsWith(`${message}:`), error.message);
    assertEquals(queue.qsize(), 1);
    assertStrictEquals(queue.getNowait(), first);
    queue.taskDone();
    assertThrows(() => queue.taskDone(), RangeError);
  });
}

Deno.test("PriorityQueue loses nothing when a comparison throws", () => {
  let left = Infinity;
  const compare = (a: number, b: number) => {
    if (left-- === 0) throw new Error("no luck");
    return a - b;
  };
  const COUNT = 20;
  for (let fatal = 0; fatal < 120; fatal++) {
    const queue = new PriorityQueue<number>({ compare });
    left = fatal;
    const inside = new Set<number>();
    for (let i = 0; i < COUNT; i++) {
      try {
        queue.putNowait(i * 7 % COUNT);
        inside.add(i * 7 % COUNT);
      } catch {
        left = Infinity;
      }
    }
    const out: number[] = [];
    while (!queue.empty()) {
      try {
        out.push(queue.getNowait());
      } catch {
        left = Infinity;
      }
    }
    assertEquals(out, [...inside].sort((a, b) => a - b));
    left = Infinity;
  }
});

Deno.test("a put() that is refused after it was woken passes the room on", async () => {
  const queue = new PriorityQueue<unknown>(2);
  queue.putNowait(1);
  queue.putNowait(2);
  await untilDone(async () => {
    const bad = createTask(queue.put("incomparable"));
    const good = createTask(queue.put(3));
    await sleep(0);
    queue.getNowait();
    await assertRejects(async () => await bad, TypeError);
    await good;
    assertEquals(drain(queue), [2, 3]);
  });
});

// join() and taskDone()

testKinds(
  "Queue.join() waits for one taskDone() per item",
  async (kind) => {
    const queue = new Queue<number>();
    const joiner = inKind(kind, function* joiner(): Script<void> {
      assertEquals(yield queue.join(), undefined);
    });
    await untilDone(async () => {
      await joiner(); // no items: does not wait
      [1, 2, 3].forEach((item) => queue.putNowait(item));
      const tasks = [1, 2, 3].map(() => createTask(joiner()));
      for (let i = 0; i < 3; i++) {
        queue.getNowait();
        await settle();
        assertFalse(tasks.some((task) => task.done()));
        queue.taskDone();
      }
      await gather(tasks);
    });
  },
);

Deno.test("Queue.join() ends once all items are done, even if more items come then", async () => {
  await untilDone(async () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    const task = createTask(queue.join());
    await sleep(0);
    queue.taskDone();
    queue.putNowait(2);
    await task;
  });
});

// shutdown()

testKinds(
  "Queue.shutdown() leaves the remaining items to be taken",
  async (kind) => {
    const queue = new Queue<number>(2);
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        queue.putNowait(1);
        queue.putNowait(2);
        queue.shutdown();
        assertThrows(() => queue.putNowait(3), QueueShutDown, "was shut down");
        yield* rejects(queue.put(3), QueueShutDown);
        assertEquals(yield queue.get(), 1);
        assertEquals(queue.getNowait(), 2);
        yield* rejects(queue.get(), QueueShutDown);
        assertThrows(() => queue.getNowait(), QueueShutDown, "was shut down");
        queue.taskDone();
        queue.taskDone();
        yield queue.join();
        queue.shutdown(); // again
      })(),
    );
  },
);

testKinds(
  "Queue.shutdown(true) drops the items, which count as done",
  async (kind) => {
    const queue = new Queue<number>(3);
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        [1, 2, 3].forEach((item) => queue.putNowait(item));
        yield queue.get();
        const joiner = createTask(queue.join());
        yield sleep(0);
        queue.shutdown(true);
        assert(queue.empty());
        yield* rejects(queue.get(), QueueShutDown);
        yield* rejects(queue.put(4), QueueShutDown);
        assertFalse(joiner.done());
        queue.taskDone();
        yield joiner;
        assertThrows(() => queue.taskDone(), RangeError);
      })(),
    );
  },
);

testKinds(
  "Queue.shutdown() wakes all waiters, which get QueueShutDown",
  async (kind) => {
    for (const immediate of [false, true]) {
      const [empty, full] = [new Queue<number>(), new Queue<number>(1)];
      full.putNowait(1);
      const waiter = inKind(
        kind,
        function* waiter(index: number): Script<void> {
          yield* rejects(
            index % 2 ? full.put(index) : empty.get(),
            QueueShutDown,
          );
        },
      );
      await untilDone(async () => {
        const tasks = [0, 1, 2, 3, 4, 5].map((i) => createTask(waiter(i)));
        await sleep(0);
        for (const queue of [empty, full]) queue.shutdown(immediate);
        await gather(tasks);
        assertEquals(full.qsize(), immediate ? 0 : 1);
      });
    }
  },
);

/** Fails unless the awaitable throws an error of the class. */
function* rejects(
  awaitable: PromiseLike<unknown>,
  Class: ErrorClass,
): Script<void> {
  let error: unknown;
  try {
    yield awaitable;
  } catch (thrown) {
    error = thrown;
  }
  assert(error instanceof Class, `${error}`);
}

// for await

Deno.test("for await takes items until the queue is shut down and empty", async () => {
  await untilDone(async () => {
    const queue = new Queue<number>(1);
    const got: number[] = [];
    const consumer = createTask(async () => {
      for await (const item of queue) got.push(item);
      return "ended";
    });
    for (let i = 0; i < 4; i++) await queue.put(i);
    queue.shutdown();
    assertEquals(await consumer, "ended");
    assertEquals(got, [0, 1, 2, 3]);
  });
});

Deno.test("for await takes no more items after an immediate shutdown", async () => {
  await untilDone(async () => {
    const queue = new Queue<number>();
    [1, 2, 3].forEach((item) => queue.putNowait(item));
    const got: number[] = [];
    for await (const item of queue) {
      got.push(item);
      queue.shutdown(true);
    }
    for await (const item of queue) got.push(item);
    assertEquals(got, [1]);
  });
});

Deno.test("for await in several tasks delivers each item to one of them, and ends in all", async () => {
  const queue = new Queue<number>(3);
  const got: number[][] = [[], [], []];
  await untilDone(() =>
    taskGroup(async (group) => {
      for (const list of got) {
        group.createTask(async () => {
          for await (const item of queue) {
            list.push(item);
            await sleep(1);
          }
        });
      }
      for (let i = 0; i < 30; i++) await queue.put(i);
      queue.shutdown();
    })
  );
  assertEquals(got.map((list) => list.length), [10, 10, 10]);
  const all = got.flat().sort((a, b) => a - b);
  assertEquals(all, Array.from({ length: 30 }, (_, i) => i));
});

Deno.test("for await takes no more items after break", async () => {
  await untilDone(async () => {
    const queue = new Queue<number>();
    [1, 2, 3].forEach((item) => queue.putNowait(item));
    for await (const item of queue) if (item === 2) break;
    assertEquals(drain(queue), [3]);
  });
});

Deno.test("for await is cancelled with its task, and takes no item", async () => {
  await untilDone(async () => {
    const queue = new Queue<number>();
    let caught: unknown;
    const consumer = createTask(async () => {
      try {
        for await (const _ of queue);
      } catch (error) {
        caught = error;
        throw error;
      }
    });
    await settle();
    assertEquals(String(queue), "<Queue maxsize=0 _getters[1]>");
    consumer.cancel("enough");
    queue.putNowait(1);
    await assertRejects(async () => await consumer, CancelledError, "enough");
    assert(caught instanceof CancelledError);
    assertEquals(drain(queue), [1]);
  });
});

// Tasks as items

Deno.test("await of Queue.get() waits for an item that is a task", async () => {
  await untilDone(async () => {
    const queue = new Queue<Task<string>>();
    queue.putNowait(createTask(sleep(1, "done")));
    assertEquals(await queue.get(), "done");
  });
});

Deno.test("await of Queue.get() that is cancelled cancels an item that is a task", async () => {
  await untilDone(async () => {
    const queue = new Queue<Task<string>>();
    const item = createTask(sleep(1, "done"));
    queue.putNowait(item);
    const consumer = createTask(async () => {
      await queue.get();
    });
    await settle();
    consumer.cancel();
    await assertRejects(async () => await consumer, CancelledError);
    assert(item.cancelled());
  });
});

Deno.test("yield* of Queue.get(), getNowait() and for await return an item that is a task", async () => {
  await untilDone(async () => {
    const queue = new Queue<Task<string>>();
    const task = createTask(sleep(1, "done"));
    for (let i = 0; i < 3; i++) queue.putNowait(task);
    assertStrictEquals(queue.getNowait(), task);
    await createTask(function* () {
      assertStrictEquals(yield* queue.get(), task);
    });
    // TypeScript may take the item for the result of the task.
    for await (const item of queue) {
      assertStrictEquals<unknown>(item, task);
      break;
    }
    assertFalse(task.done());
    task.cancel();
  });
});

Deno.test("await of Queue.get() does not wait for a task inside an item", async () => {
  await untilDone(async () => {
    const queue = new Queue<{ task: Task<string> }>();
    queue.putNowait({ task: createTask(sleep(1, "done")) });
    const { task } = await queue.get();
    assertFalse(task.done());
    assertEquals(await task, "done");
  });
});

// Bad input

const BAD: [string, () => unknown, ErrorClass, string][] = [
  [
    "putNowait() on a full queue",
    () => through(new Queue(1), [1, 2]),
    QueueFull,
    "the queue is full: maxsize is 1",
  ],
  [
    "getNowait() of an empty queue",
    () => new Queue().getNowait(),
    QueueEmpty,
    "the queue is empty",
  ],
  [
    "taskDone() called too often",
    () => new Queue().taskDone(),
    RangeError,
    "taskDone() called too many times",
  ],
  ...Object.values(KINDS_OF_QUEUES).flatMap((
    Class,
  ): [string, () => unknown, ErrorClass, string][] => [
    [
      `new ${Class.name}(NaN)`,
      () => new Class(NaN),
      TypeError,
      "current value is NaN",
    ],
    [
      `new ${Class.name}('1')`,
      () => new Class("1" as never),
      TypeError,
      "current value is '1'",
    ],
    [
      `new ${Class.name}(null)`,
      () => new Class(null as never),
      TypeError,
      "current value is null",
    ],
  ]),
  [
    "a compare option that is not a function",
    () => new PriorityQueue(0, { compare: 1 as never }),
    TypeError,
    "a callable object was expected",
  ],
];

for (const [name, act, Class, message] of BAD) {
  Deno.test(`${name} throws a ${Class.name}`, () => {
    const error = assertThrows(act, Class, message);
    assertStrictEquals((error as Error).constructor, Class);
    assertEquals((error as Error).name, Class.name);
  });
}

// Loops

Deno.test("Queue is bound to the loop in which it first blocks", async () => {
  const ways: Record<string, (queue: Queue<number>) => Coroutine<unknown>> = {
    get: (queue: Queue<number>) => queue.get(),
    put: (queue: Queue<number>) => queue.put(1),
    join: (queue: Queue<number>) => queue.join(),
  };
  for (const [before, block] of Object.entries(ways)) {
    for (const [after, blockElsewhere] of Object.entries(ways)) {
      const make = () => new EventLoop({ clock: new VirtualClock() });
      const [first, second] = [make(), make()];
      const queue = new Queue<number>(1);
      if (before !== "get") queue.putNowait(0);
      const waiting = first.createTask(block(queue));
      await first.runUntilComplete(settle);
      assertFalse(waiting.done(), before);
      if (after === "get") queue.$state.items.clear();
      else {
        queue.$state.items.push(0);
        queue.$state.unfinished++;
      }
      await assertRejects(
        () => second.runUntilComplete(() => waitFor(blockElsewhere(queue), 1)),
        Error,
        "> is bound to a different event loop",
      );
      waiting.cancel();
      await first.runUntilComplete(settle);
      first.close();
      second.close();
    }
  }
});

Deno.test("Queue that never blocks can be used in one loop after another, and without a loop", async () => {
  const queue = new Queue<number>();
  queue.putNowait(1);
  await untilDone(async () => {
    await queue.put(2);
  });
  await untilDone(async () => {
    assertEquals([await queue.get(), await queue.get()], [1, 2]);
  });
});

// Printed text

const PRINTED: [string, () => unknown][] = [
  ["<Queue maxsize=0>", () => new Queue()],
  ["<Queue maxsize=2>", () => new Queue(2)],
  ["<LifoQueue maxsize=0>", () => new LifoQueue()],
  ["<PriorityQueue maxsize=0>", () => new PriorityQueue()],
  ["<Queue maxsize=0 shutdown>", () => {
    const queue = new Queue();
    queue.shutdown();
    return queue;
  }],
  [
    "<Queue maxsize=2 _queue=[1, 'a'] tasks=2>",
    () => filled(new Queue(2), 1, "a"),
  ],
  [
    "<LifoQueue maxsize=0 _queue=[1, None] tasks=2>",
    () => filled(new LifoQueue(), 1, null),
  ],
  [
    "<PriorityQueue maxsize=0 _queue=[1, 3, 2] tasks=3>",
    () => filled(new PriorityQueue(), 3, 1, 2),
  ],
  [
    "<Queue maxsize=0 _queue=[0, 0, 0, 0, 0, 0, ...] tasks=8>",
    () => filled(new Queue(), 0, 0, 0, 0, 0, 0, 0, 0),
  ],
  ["<Jobs maxsize=1>", () => new (class Jobs extends Queue<string> {})(1)],
];

function filled<T>(queue: Queue<T>, ...items: T[]): Queue<T> {
  for (const item of items) queue.putNowait(item);
  return queue;
}

for (const [text, make] of PRINTED) {
  Deno.test(`${text} is what console.log() and templates print`, () => {
    const object = make();
    assertEquals(`${object}`, text);
    assertEquals(Deno.inspect(object), text);
  });
}

Deno.test("a queue prints with its waiters", async () => {
  await untilDone(async () => {
    const queue = new Queue<number>(2);
    const getters = [1, 2].map(() => createTask(queue.get()));
    await sleep(0);
    assertEquals(`${queue}`, "<Queue maxsize=2 _getters[2]>");
    [1, 2].forEach((item) => queue.putNowait(item));
    await gather(getters);
    const putters = [1, 2, 3, 4].map((item) => createTask(queue.put(item)));
    await sleep(0);
    assertEquals(
      `${queue}`,
      "<Queue maxsize=2 _queue=[1, 2] _putters[2] tasks=4>",
    );
    drain(queue);
    await gather(putters);
    queue.shutdown();
    assertEquals(
      `${queue}`,
      "<Queue maxsize=2 _queue=[3, 4] tasks=6 shutdown>",
    );
  });
});

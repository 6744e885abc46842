import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  createTask,
  Lock,
  Queue,
  Semaphore,
  sleep,
  taskGroup,
} from "@asyncio/asyncio";
import {
  cancelEverywhere,
  LeakError,
  SweepError,
} from "@asyncio/asyncio/testing";
import { inKind, type Script, testKinds } from "../_helpers.ts";

testKinds(
  "cancelEverywhere() cancels once for each wait, there",
  async (kind) => {
    const reached: number[][] = [];
    const main = inKind(kind, function* main(): Script<void> {
      const here: number[] = [];
      reached.push(here);
      for (let i = 0; i < 3; i++) {
        here.push(i);
        yield sleep(i);
      }
    });
    let checks = 0;
    const report = await cancelEverywhere(main.body, () => checks++);
    assertEquals(reached, [[0, 1, 2], [0], [0, 1], [0, 1, 2], [0, 1, 2]]);
    assertEquals(report, { cancellations: 3 });
    assertEquals(checks, 4);
  },
);

testKinds(
  "cancelEverywhere() cancels each task where it waits",
  async (kind) => {
    let held = 0;
    const work = inKind(kind, function* work(
      semaphore: Semaphore,
    ): Script<void> {
      const guard: Disposable = yield semaphore.acquire();
      held++;
      try {
        yield sleep(1);
      } finally {
        held--;
        guard[Symbol.dispose]();
      }
    });
    const { cancellations } = await cancelEverywhere(async () => {
      const semaphore = new Semaphore(1);
      await taskGroup(async (group) => {
        for (let i = 0; i < 3; i++) group.createTask(work(semaphore));
      });
    }, () => assertEquals(held, 0));
    assertEquals(cancellations, 6); // the group, two in the line, three sleeps
  },
);

testKinds(
  'cancelEverywhere() with at: "steps" cancels between waits too',
  async (kind) => {
    const main = inKind(kind, function* main(): Script<void> {
      yield sleep(1);
    });
    const { cancellations } = await cancelEverywhere(main.body, null, {
      at: "steps",
    });
    assertEquals(cancellations, 3); // the begin, the timer, the end
  },
);

Deno.test("cancelEverywhere() only cancels the tasks that it is told to", async () => {
  const cancelled = new Set<string>();
  await cancelEverywhere(
    () =>
      taskGroup(async (group) => {
        for (const name of ["a", "b"]) {
          const task = group.createTask(sleep(1), { name });
          task.addDoneCallback(() => task.cancelled() && cancelled.add(name));
        }
      }),
    null,
    { tasks: (task) => task.getName() === "b" },
  );
  assertEquals(cancelled, new Set(["b"]));
});

testKinds(
  "cancelEverywhere() finds a lock that is not released",
  async (kind) => {
    let lock = new Lock();
    const main = inKind(kind, function* main(): Script<void> {
      lock = new Lock();
      yield lock.acquire();
      yield sleep(1);
      lock.release();
    });
    const error = await assertRejects(
      () => cancelEverywhere(main.body, () => assert(!lock.locked())),
      SweepError,
    );
    assertMatch(error.message, /cancelled at wait 1, where it waits for/);
    assert(error.cause instanceof Error);
  },
);

testKinds("cancelEverywhere() finds an item that is lost", async (kind) => {
  let left = 0;
  const consume = inKind(kind, function* consume(
    queue: Queue<string>,
  ): Script<void> {
    yield queue.get();
    yield sleep(1); // the item is gone if this is cancelled
    left--;
  });
  await assertRejects(
    () =>
      cancelEverywhere(async () => {
        const queue = new Queue<string>();
        left = 1;
        await taskGroup(async (group) => {
          group.createTask(consume(queue), { name: "consumer" });
          await queue.put("item");
        });
      }, () => assertEquals(left, 0)),
    SweepError,
    "`",
  );
});

testKinds(
  "cancelEverywhere() finds a task that nobody cancels",
  async (kind) => {
    const main = inKind(kind, function* main(): Script<void> {
      const task = createTask(sleep(2), { name: "background" });
      yield sleep(1);
      yield task;
    });
    const error = await assertRejects(
      () => cancelEverywhere(main.body),
      SweepError,
      "background",
    );
    assert(error.cause instanceof LeakError);
  },
);

Deno.test("cancelEverywhere() takes an error that comes of the cancellation", async () => {
  await cancelEverywhere(async () => {
    try {
      await sleep(1);
    } catch (cause) {
      throw new Error("gave up", { cause });
    }
  });
});

Deno.test("cancelEverywhere() finds an error that does not", async () => {
  await assertRejects(
    () =>
      cancelEverywhere(async () => {
        let connection: { close(): void } | undefined;
        try {
          await sleep(1);
          connection = { close() {} };
        } finally {
          connection!.close();
        }
      }),
    SweepError,
    "TypeError",
  );
});

Deno.test("cancelEverywhere() rejects with what fails without a cancellation", async () => {
  const error = new Error("mine");
  const thrown = await assertRejects(() =>
    cancelEverywhere(() => Promise.reject(error))
  );
  assertStrictEquals(thrown, error);
  const check = () => {
    throw error;
  };
  assertStrictEquals(
    await assertRejects(() => cancelEverywhere(async () => {}, check)),
    error,
  );
});

Deno.test("cancelEverywhere() waits for its check", async () => {
  await assertRejects(
    () =>
      cancelEverywhere(
        async () => await sleep(1),
        async () => {
          await null;
          throw new RangeError("late");
        },
      ),
    RangeError,
    "late",
  );
});

const WRONG: [string, unknown[], RegExp][] = [
  ["no body", [], /body of cancelEverywhere\(\)/],
  ["a check that is none", [async () => {}, 5], /check must be a function.*5/],
  ["an unknown option", [async () => {}, null, { as: 1 }], /option as for/],
  ["an unknown moment", [async () => {}, null, { at: "once" }], /at must be/],
  ["tasks that are none", [async () => {}, null, { tasks: 1 }], /tasks.*1/],
];

for (const [name, args, pattern] of WRONG) {
  Deno.test(`cancelEverywhere() refuses ${name}`, async () => {
    const call = cancelEverywhere as unknown as (
      ...args: unknown[]
    ) => Promise<void>;
    const error = await assertRejects(() => call(...args), TypeError);
    assertMatch(error.message, pattern);
  });
}

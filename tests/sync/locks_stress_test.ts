import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  CancelledError,
  Condition,
  createTask,
  Event,
  gather,
  Lock,
  Semaphore,
  sleep,
  type Task,
} from "@asyncio/asyncio";
import { inKind, type Script, testKinds } from "../_helpers.ts";
import { randomly, testSweep, testThreeWaiters, untilDone } from "../_sweep.ts";

/** Everything that has an `acquire()`. */
type Lockable = Lock | Semaphore | Condition;

// One of a few tasks is cancelled

function sweepOf(permits: number, make: () => Lockable, free: string) {
  return () => {
    const object = make();
    let inside = 0;
    const entered: number[] = [];
    const script = (index: number) =>
      function* worker(): Script<void> {
        for (let i = 0; i < 2; i++) {
          const guard: Disposable = yield object.acquire();
          try {
            assert(++inside <= permits, "more holders than permits");
            entered.push(index);
            yield sleep(0);
          } finally {
            inside--;
            guard[Symbol.dispose]();
          }
        }
      };
    return {
      scripts: [0, 1, 2, 3].map(script),
      check(tasks: Task<unknown>[]) {
        assertEquals(inside, 0);
        assertEquals(String(object), free);
        for (const [index, task] of tasks.entries()) {
          if (task.cancelled()) continue;
          assertEquals(entered.filter((other) => other === index).length, 2);
        }
      },
    };
  };
}

testSweep(
  "Lock: one task holds it at a time, and it is free in the end",
  sweepOf(1, () => new Lock(), "<Lock [unlocked]>"),
);
testSweep(
  "Semaphore: no permit is lost or added",
  sweepOf(2, () => new Semaphore(2), "<Semaphore [unlocked, value:2]>"),
);
testSweep(
  "BoundedSemaphore: no permit is lost or added",
  sweepOf(
    2,
    () => new BoundedSemaphore(2),
    "<BoundedSemaphore [unlocked, value:2]>",
  ),
);

testSweep("Event: all other tasks are woken", () => {
  const event = new Event();
  return {
    scripts: [0, 1, 2].map(() =>
      function* waiter(): Script<void> {
        yield event.wait();
        yield sleep(0);
      }
    ),
    *director() {
      yield sleep(0);
      yield sleep(0);
      event.set();
    },
    check() {
      assertEquals(String(event), "<Event [set]>");
    },
  };
});

testSweep(
  "Condition: no notification is lost, and one task holds the lock at a time",
  () => {
    const condition = new Condition();
    let holder: number | null = null;
    let items = 0;
    let taken = 0;
    let takenInTime = 0;
    let closed = false;
    const script = (index: number) =>
      function* consumer(): Script<void> {
        const guard: Disposable = yield condition.acquire();
        try {
          assertEquals(holder, null);
          while (items === 0 && !closed) {
            holder = null;
            try {
              yield condition.wait();
            } finally {
              assertEquals(holder, null);
              assert(condition.locked(), "the lock is held, cancelled or not");
              holder = index;
            }
          }
          if (items > 0) {
            items--;
            taken++;
          }
          holder = index;
          yield sleep(0);
        } finally {
          holder = null;
          guard[Symbol.dispose]();
        }
      };
    return {
      scripts: [0, 1, 2].map(script),
      *director() {
        for (let i = 0; i < 2; i++) {
          yield sleep(0);
          const guard: Disposable = yield condition.acquire();
          assertEquals(holder, null);
          items++;
          condition.notify();
          yield sleep(0);
          guard[Symbol.dispose]();
        }
        yield sleep(1);
        takenInTime = taken;
        const guard: Disposable = yield condition.acquire();
        closed = true;
        condition.notifyAll();
        guard[Symbol.dispose]();
      },
      check() {
        assertEquals(takenInTime, 2, "two tasks are enough for two items");
        assertEquals(String(condition), "<Condition [unlocked]>");
      },
    };
  },
);

testSweep("Barrier: the other tasks pass, or can be released", () => {
  const barrier = new Barrier(3);
  const outcomes: unknown[] = [];
  return {
    scripts: [0, 1, 2].map((index) =>
      function* party(): Script<void> {
        try {
          outcomes[index] = yield barrier.wait();
        } catch (error) {
          if (error instanceof CancelledError) throw error;
          outcomes[index] = error;
        }
      }
    ),
    *director() {
      yield sleep(1);
      if (barrier.nWaiting > 0) yield barrier.abort();
    },
    check(tasks) {
      const others = [0, 1, 2].filter((index) => !tasks[index].cancelled());
      if (barrier.broken) {
        assertEquals(others.length, 2);
        for (const index of others) {
          assertInstanceOf(outcomes[index], BrokenBarrierError);
        }
        assertEquals(String(barrier), "<Barrier [broken]>");
      } else {
        for (const index of others) assertEquals(outcomes[index], index);
        assertEquals(String(barrier), "<Barrier [filling, waiters:0/3]>");
      }
      assertEquals(
        String(barrier["_condition"]),
        "<Condition [unlocked]>",
      );
    },
  };
});

testThreeWaiters("Lock", () => {
  const lock = new Lock();
  lock["_locked"] = true;
  return {
    *wait() {
      yield lock.acquire();
    },
    *wake() {
      lock.release();
    },
    check: () => assertEquals(String(lock), "<Lock [locked]>"),
  };
});

for (const make of [() => new Semaphore(0), () => new Semaphore(1)]) {
  const value = make()["_value"];
  testThreeWaiters(`Semaphore of ${value}`, () => {
    const semaphore = make();
    semaphore["_value"] = 0;
    return {
      *wait() {
        yield semaphore.acquire();
      },
      *wake() {
        semaphore.release();
      },
      check: () => assertEquals(String(semaphore), "<Semaphore [locked]>"),
    };
  });
}

testThreeWaiters("Event", () => {
  const event = new Event();
  return {
    *wait() {
      yield event.wait();
    },
    *wake() {
      event.set();
    },
    all: true,
    check: () => assertEquals(String(event), "<Event [set]>"),
  };
});

for (const all of [false, true]) {
  testThreeWaiters(`Condition, ${all ? "notifyAll" : "notify"}()`, () => {
    const condition = new Condition();
    let tickets = 0;
    return {
      *wait() {
        const guard: Disposable = yield condition.acquire();
        try {
          yield condition.waitFor(() => tickets > 0);
          tickets--;
        } finally {
          guard[Symbol.dispose]();
        }
      },
      *wake() {
        const guard: Disposable = yield condition.acquire();
        tickets += all ? 3 : 1;
        if (all) condition.notifyAll();
        else condition.notify();
        guard[Symbol.dispose]();
      },
      all,
      // As in CPython, a cancelled waiter wakes another, just in case, which
      // then waits again, behind the others.
      upset: true,
      check: () => assertEquals(String(condition), "<Condition [unlocked]>"),
    };
  });
}

testThreeWaiters("Barrier", () => {
  const barrier = new Barrier(4);
  return {
    *wait() {
      yield barrier.wait();
    },
    *wake() {
      // Another task takes the place of one that was cancelled.
      while (barrier.nWaiting < 3) {
        createTask(barrier.wait());
        yield sleep(0);
      }
      yield barrier.wait();
    },
    all: true,
    upset: true, // as with a condition
    check: () =>
      assertEquals(String(barrier), "<Barrier [filling, waiters:0/4]>"),
  };
});

// Many tasks

const SEED = 20_250_704;
const TASKS = 1000;

for (
  const [name, permits, make] of [
    ["Lock", 1, () => new Lock()],
    ["Condition", 1, () => new Condition()],
    ["Semaphore", 7, () => new Semaphore(7)],
    ["BoundedSemaphore", 3, () => new BoundedSemaphore(3)],
  ] as [string, number, () => Lockable][]
) {
  testKinds(
    `${name}: ${TASKS} tasks that acquire, release and are cancelled keep their order and number`,
    async (kind) => {
      const random = randomly(SEED);
      const object = make();
      const free = String(object);
      let holders = 0;
      let arrivals = 0;
      let latest = 0;
      let cancelled = 0;
      const worker = inKind(kind, function* worker(): Script<void> {
        for (let i = 0; i < 4; i++) {
          yield sleep(random(5));
          const arrival = ++arrivals;
          const guard: Disposable = yield object.acquire();
          try {
            assert(++holders <= permits, "more holders than permits");
            assert(
              arrival > latest,
              "a task that came earlier is admitted later",
            );
            latest = arrival;
            if (random(2) === 0) yield sleep(random(3));
          } finally {
            holders--;
            guard[Symbol.dispose]();
          }
        }
      });
      await untilDone(async () => {
        const tasks = Array.from({ length: TASKS }, () => createTask(worker()));
        while (tasks.some((task) => !task.done())) {
          for (let i = 0; i < 30; i++) {
            if (tasks[random(TASKS)].cancel()) cancelled++;
          }
          await sleep(random(4));
        }
        for (const task of tasks) if (!task.cancelled()) task.result();
        assert(cancelled > TASKS / 20, "the test cancelled hardly any task");
        assert(cancelled < TASKS, "the test cancelled all tasks");
      });
      assertEquals(holders, 0);
      assertEquals(String(object), free);
    },
  );
}

testKinds(
  `Condition: ${TASKS} consumers that may be cancelled lose no item`,
  async (kind) => {
    const random = randomly(SEED);
    const condition = new Condition();
    let items = 0;
    let made = 0;
    let taken = 0;
    const consumer = inKind(kind, function* consumer(): Script<void> {
      yield sleep(random(3));
      const guard: Disposable = yield condition.acquire();
      try {
        yield condition.waitFor(() => items > 0);
        items--;
        taken++;
      } finally {
        guard[Symbol.dispose]();
      }
    });
    await untilDone(async () => {
      const tasks = Array.from({ length: TASKS }, () => createTask(consumer()));
      const left = () => tasks.filter((task) => !task.done()).length;
      await sleep(0.5); // no other task runs between whole seconds
      while (left() > 0) {
        const victim = tasks[random(TASKS)];
        if (random(3) === 0) victim.cancel();
        const guard = await condition.acquire();
        const count = Math.min(1 + random(4), left());
        items += count;
        made += count;
        condition.notify(count);
        if (random(2) === 0) victim.cancel();
        guard[Symbol.dispose]();
        if (random(2) === 0) tasks[random(TASKS)].cancel();
        await sleep(1);
        assert(
          items === 0 || left() === 0 || !waitsFor(condition),
          "a notification was lost",
        );
      }
    });
    assertEquals(made, taken + items);
    assertEquals(String(condition), "<Condition [unlocked]>");
  },
);

/** Whether a task waits to be notified. */
function waitsFor(condition: Condition): boolean {
  return condition["_waiters"].size > 0;
}

testKinds(`Event: ${TASKS} tasks pass each time it is set`, async (kind) => {
  const random = randomly(SEED);
  const event = new Event();
  let waiting = 0;
  const worker = inKind(kind, function* worker(): Script<void> {
    for (let i = 0; i < 4; i++) {
      yield sleep(random(3));
      waiting++;
      try {
        yield event.wait();
      } finally {
        waiting--;
      }
    }
  });
  await untilDone(async () => {
    const tasks = Array.from({ length: TASKS }, () => createTask(worker()));
    while (tasks.some((task) => !task.done())) {
      for (let i = 0; i < 10; i++) tasks[random(TASKS)].cancel();
      event.set();
      event.clear();
      await sleep(0);
      await sleep(0);
      assertEquals(waiting, event["_waiters"].size);
      await sleep(1);
    }
  });
  assertEquals(String(event), "<Event [unset]>");
});

testKinds(`Barrier: ${TASKS} tasks pass in rounds of ten`, async (kind) => {
  const PARTIES = 10;
  const random = randomly(SEED);
  const barrier = new Barrier(PARTIES);
  const indices: number[] = [];
  const worker = inKind(kind, function* worker(): Script<void> {
    yield sleep(random(20));
    indices.push(yield barrier.wait());
  });
  await untilDone(() => gather(Array.from({ length: TASKS }, () => worker())));
  for (let index = 0; index < PARTIES; index++) {
    const count = indices.filter((other) => other === index).length;
    assertEquals(count, TASKS / PARTIES);
  }
  assertEquals(String(barrier), "<Barrier [filling, waiters:0/10]>");
});

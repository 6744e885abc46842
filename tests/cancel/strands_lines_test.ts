import { assertEquals, assertRejects } from "@std/assert";
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  createTask,
  Event,
  getRunningLoop,
  Lock,
  Queue,
  Semaphore,
  sleep,
  timeout,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";

// What is left in a line by a task that has ended leaves the line.

/** Something that three waiters stand in line for. */
interface Line {
  /** Printed with the number of its waiters, if it prints that. */
  object: object;
  /** Waits, and gives what it got. */
  wait(index: number): Script<unknown>;
  /** Wakes two waiters, or all of them. */
  wake(): Promise<void>;
  /**
   * Whether one that gives up wakes another, in case that it was notified: a
   * wait may end without a reason, and then goes to the end of the line.
   */
  wakesAnother?: boolean;
  /** What the two waiters that are left give. */
  expected(left: number[]): unknown[];
  /** The printed text while three wait, with the number left out. */
  waiting(count: number): string;
  /** The printed text afterwards. */
  empty: string;
}

/** What is held by one at a time: a lock or a semaphore. */
function permit(object: Lock | Semaphore, name: string): Line {
  const [held, free] = name === "Lock"
    ? ["locked", "unlocked"]
    : ["locked", "unlocked, value:1"];
  return {
    object,
    *wait(index) {
      const guard: Disposable = yield object.acquire();
      guard[Symbol.dispose]();
      return index;
    },
    // deno-lint-ignore require-await -- as it is for a condition
    async wake() {
      object.release();
    },
    expected: (left) => left,
    waiting: (count) => `<${name} [${held}, waiters:${count}]>`,
    empty: `<${name} [${free}]>`,
  };
}

function conditionLine(useWaitFor: boolean): Line {
  const condition = new Condition();
  let state = 0;
  return {
    object: condition,
    *wait(index) {
      const guard: Disposable = yield condition.acquire();
      try {
        if (useWaitFor) yield condition.waitFor(() => state > 0);
        else yield condition.wait();
      } finally {
        guard[Symbol.dispose]();
      }
      return index;
    },
    async wake() {
      using _ = await condition.acquire();
      state++;
      condition.notify(2);
    },
    expected: (left) => left,
    wakesAnother: true,
    waiting: (count) => `<Condition [unlocked, waiters:${count}]>`,
    empty: "<Condition [unlocked]>",
  };
}

const LINES: Record<string, () => Promise<Line>> = {
  "Lock": async () => {
    const lock = new Lock();
    await lock.acquire();
    return permit(lock, "Lock");
  },
  "Semaphore": async () => {
    const semaphore = new Semaphore();
    await semaphore.acquire();
    return permit(semaphore, "Semaphore");
  },
  "BoundedSemaphore": async () => {
    const semaphore = new BoundedSemaphore();
    await semaphore.acquire();
    return permit(semaphore, "BoundedSemaphore");
  },
  "Event": () => {
    const event = new Event();
    return Promise.resolve({
      object: event,
      *wait(index) {
        yield event.wait();
        return index;
      },
      // deno-lint-ignore require-await -- as it is for a condition
      async wake() {
        event.set();
      },
      expected: (left) => left,
      waiting: (count) => `<Event [unset, waiters:${count}]>`,
      empty: "<Event [set]>",
    });
  },
  "Condition, by wait()": () => Promise.resolve(conditionLine(false)),
  "Condition, by waitFor()": () => Promise.resolve(conditionLine(true)),
  "Queue, by get()": () => {
    const queue = new Queue<string>();
    return Promise.resolve({
      object: queue,
      *wait() {
        return yield queue.get();
      },
      // deno-lint-ignore require-await -- as it is for a condition
      async wake() {
        queue.putNowait("a");
        queue.putNowait("b");
      },
      expected: () => ["a", "b"],
      waiting: (count) => `<Queue maxsize=0 _getters[${count}]>`,
      empty: "<Queue maxsize=0 tasks=2>",
    });
  },
  "Queue, by put()": () => {
    const queue = new Queue<string>(2);
    queue.putNowait("x");
    queue.putNowait("y");
    return Promise.resolve({
      object: queue,
      *wait(index) {
        yield queue.put(`${index}`);
        return index;
      },
      // deno-lint-ignore require-await -- as it is for a condition
      async wake() {
        queue.getNowait();
        queue.getNowait();
      },
      expected: (left) => left,
      waiting: (count) =>
        `<Queue maxsize=2 _queue=['x', 'y'] _putters[${count}] tasks=2>`,
      empty: "",
    });
  },
  "Queue, by join()": () => {
    const queue = new Queue<string>();
    queue.putNowait("x");
    queue.getNowait();
    return Promise.resolve({
      object: queue,
      *wait(index) {
        yield queue.join();
        return index;
      },
      // deno-lint-ignore require-await -- as it is for a condition
      async wake() {
        queue.taskDone();
      },
      expected: (left) => left,
      waiting: () => "<Queue maxsize=0 tasks=1>",
      empty: "<Queue maxsize=0>",
    });
  },
  "Barrier": () => {
    const barrier = new Barrier(4);
    return Promise.resolve({
      object: barrier,
      *wait(index) {
        yield barrier.wait();
        return index;
      },
      // deno-lint-ignore require-await -- as it is for a condition
      async wake() {
        createTask(barrier.wait());
        if (barrier.nWaiting === 2) createTask(barrier.wait());
      },
      expected: (left) => left,
      wakesAnother: true,
      waiting: (count) => `<Barrier [filling, waiters:${count}/4]>`,
      empty: "<Barrier [filling, waiters:0/4]>",
    });
  },
};

const PLACES = ["first", "middle", "last"];

for (const [name, make] of Object.entries(LINES)) {
  for (const [abandoned, place] of PLACES.entries()) {
    const left = [0, 1, 2].filter((index) => index !== abandoned);

    testKinds(
      `${name}: of three waiters, the ${place} leaves the line when its task ends`,
      async (kind) => {
        await inVirtualTime(async () => {
          const line = await make();
          const log: unknown[] = [];
          const wait = inKind(kind, line.wait);
          const waitAndLog = async (index: number) => {
            log.push(await wait(index));
          };
          for (const index of PLACES.keys()) {
            createTask(async () => {
              const result = waitAndLog(index);
              await (index === abandoned
                ? Promise.race([result, sleep(1)])
                : result);
            });
            await sleep(0); // so that they come in this order
          }
          await sleep(0.5);
          assertEquals(String(line.object), line.waiting(3));
          await sleep(1);
          if (!line.wakesAnother) {
            assertEquals(String(line.object), line.waiting(2));
          }
          await line.wake();
          await sleep(1);
          assertEquals(
            line.wakesAnother ? log.toSorted() : log,
            line.expected(left),
          );
          assertEquals(
            String(line.object),
            line.empty ||
              `<Queue maxsize=2 _queue=[${
                left.map((index) => `'${index}'`).join(", ")
              }] tasks=4>`,
          );
        });
      },
    );

    testKinds(
      `${name}: of three waiters, the ${place} passes on what it was woken for when its task ends in that turn`,
      async (kind) => {
        await inVirtualTime(async () => {
          const line = await make();
          const loop = getRunningLoop();
          const log: unknown[] = [];
          const wait = inKind(kind, line.wait);
          const waitAndLog = async (index: number) => {
            log.push(await wait(index));
          };
          const winner = loop.createFuture<void>();
          for (const index of PLACES.keys()) {
            createTask(async () => {
              const result = waitAndLog(index);
              await (index === abandoned
                ? Promise.race([result, winner])
                : result);
            });
            await sleep(0); // so that they come in this order
          }
          await sleep(0.5);
          assertEquals(String(line.object), line.waiting(3));
          winner.setResult();
          loop.callSoon(() => {}); // between the two steps of the task
          await line.wake();
          await sleep(1);
          assertEquals(
            line.wakesAnother ? log.toSorted() : log,
            line.expected(left),
          );
          assertEquals(
            String(line.object),
            line.empty ||
              `<Queue maxsize=2 _queue=[${
                left.map((index) => `'${index}'`).join(", ")
              }] tasks=4>`,
          );
        });
      },
    );

    testKinds(
      `${name}: of three waiters of one task, the ${place} may be in a function that is not awaited`,
      async (kind) => {
        await inVirtualTime(async () => {
          const line = await make();
          const log: unknown[] = [];
          const wait = inKind(kind, line.wait);
          const waitAndLog = async (index: number) => {
            log.push(await wait(index));
          };
          const floating = async (index: number) => {
            await waitAndLog(index);
            log.push("the floating function went on");
          };
          for (const index of PLACES.keys()) {
            createTask(async () => {
              if (index !== abandoned) return await waitAndLog(index);
              floating(index);
              await sleep(1);
            });
            await sleep(0); // so that they come in this order
          }
          await sleep(1.5);
          if (!line.wakesAnother) {
            assertEquals(String(line.object), line.waiting(2));
          }
          await line.wake();
          await sleep(1);
          assertEquals(
            line.wakesAnother ? log.toSorted() : log,
            line.expected(left),
          );
        });
      },
    );
  }

  testKinds(
    `${name}: what a task leaves in line is reported in debug mode`,
    async (kind) => {
      const { contexts } = await runVirtually(async () => {
        getRunningLoop().setDebug(true);
        const line = await make();
        const wait = inKind(kind, line.wait);
        const task = createTask(async () => {
          await Promise.race([wait(0), sleep(1)]);
        }, { name: "loser" });
        await task;
        await sleep(1);
      });
      // The task that makes a lock holds it to its end, which is reported too.
      const left = contexts.filter(({ message }) =>
        !message?.startsWith("Task ended without releasing")
      );
      assertEquals(left.length, 1);
      assertEquals(left[0].task?.getName(), "loser");
    },
  );
}

// S3: what lost a race stays in line

testKinds(
  "a queue keeps the item that came after a task had lost its race for it",
  async (kind) => {
    await inVirtualTime(async () => {
      const queue = new Queue<string>();
      const get = inKind(kind, function* get() {
        return yield queue.get();
      });
      await createTask(async () => {
        await Promise.race([get(), sleep(0.01)]);
      });
      queue.putNowait("order 1");
      await sleep(0.01);
      assertEquals(queue.qsize(), 1);
    });
  },
);

testKinds(
  "a limit inside of what lost a race ends with the place in line",
  async (kind) => {
    await inVirtualTime(async () => {
      const queue = new Queue<string>();
      const get = inKind(kind, function* get() {
        return yield waitFor(queue.get(), 60);
      });
      await createTask(async () => {
        await Promise.race([get(), sleep(1)]);
      });
      await sleep(0);
      assertEquals(String(queue), "<Queue maxsize=0>");
      assertEquals(getRunningLoop().time(), 1); // and no timer is left
    });
  },
);

testKinds(
  "a task that fails leaves the line as one that ends well does",
  async (kind) => {
    await inVirtualTime(async () => {
      const lock = new Lock();
      await lock.acquire();
      const acquire = inKind(kind, function* acquire() {
        yield lock.acquire();
      });
      const task = createTask(async () => {
        await Promise.all([
          acquire(),
          timeout(1, async () => await sleep(60)),
        ]);
      });
      await assertRejects(async () => await task, TimeoutError);
      await sleep(0);
      assertEquals(String(lock), "<Lock [locked]>");
      lock.release();
      await sleep(0);
      assertEquals(String(lock), "<Lock [unlocked]>");
    });
  },
);

Deno.test("a place in line of a task of its own outlives the task that made it", async () => {
  await inVirtualTime(async () => {
    const queue = new Queue<string>();
    const getting = await createTask(async () => {
      const getting = createTask(queue.get());
      await sleep(1);
      return { getting };
    });
    queue.putNowait("item");
    assertEquals(await getting.getting, "item");
  });
});

Deno.test("what is not in a line goes on after its task has ended", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const float = async () => {
      await sleep(2);
      log.push("slept");
      const queue = new Queue<string>();
      queue.putNowait("item");
      log.push(await queue.get());
      getRunningLoop().callLater(1, () => queue.putNowait("later"));
      log.push(await queue.get());
    };
    await createTask(async () => {
      float();
      await sleep(1);
    });
    await sleep(5);
    assertEquals(log, ["slept", "item", "later"]);
  });
});

import { timersOf } from "../_internals.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  allTasks,
  asCompleted,
  type Awaitable,
  CancelledError,
  createTask,
  EventLoop,
  type Future,
  getRunningLoop,
  sleep,
  type Task,
  TimeoutError,
} from "@asyncio/asyncio";
import { inKind, inVirtualTime, testKinds } from "../_helpers.ts";

const nap = (delay: number) => createTask(sleep(delay, delay));

Deno.test("asCompleted() with for await yields the same tasks, in the order in which they are done", async () => {
  await inVirtualTime(async () => {
    const tasks = [nap(3), nap(1), nap(2)];
    const seen: Task<number>[] = [];
    for await (const task of asCompleted(tasks)) {
      assert(task.done());
      seen.push(task);
    }
    assertEquals(seen.map((task) => task.result()), [1, 2, 3]);
    assertStrictEquals(seen[0], tasks[1]);
  });
});

Deno.test("asCompleted() with for await yields tasks for coroutines and futures for promises", async () => {
  await inVirtualTime(async () => {
    const seen: unknown[] = [];
    for await (
      const future of asCompleted<Awaitable<string>>([
        sleep(1, "coroutine"),
        Promise.resolve("promise"),
        async () => "function",
      ])
    ) seen.push(future.result());
    assertEquals(seen.sort(), ["coroutine", "function", "promise"]);
  });
});

testKinds(
  "asCompleted() as a plain iterator yields coroutines that return the results in the order in which they are done",
  async (kind) => {
    await inVirtualTime(
      inKind(kind, function* main() {
        const results: unknown[] = [];
        for (const next of asCompleted([sleep(2, "b"), sleep(1, "a")])) {
          results.push(yield next);
        }
        assertEquals(results, ["a", "b"]);
      })(),
    );
  },
);

testKinds(
  "asCompleted() throws an exception when it is its turn",
  async (kind) => {
    await inVirtualTime(
      inKind(kind, function* main() {
        const error = new Error("no luck");
        const outcomes: unknown[] = [];
        const fail = inKind(kind, function* fail() {
          yield sleep(1);
          throw error;
        });
        for (const next of asCompleted([sleep(2, "late"), fail()])) {
          try {
            outcomes.push(yield next);
          } catch (thrown) {
            outcomes.push(thrown);
          }
        }
        assertEquals(outcomes, [error, "late"]);
      })(),
    );
  },
);

Deno.test("asCompleted() waits once for a task that is given twice", async () => {
  await inVirtualTime(async () => {
    const task = nap(1);
    const seen: unknown[] = [];
    for await (const done of asCompleted([task, task])) seen.push(done);
    assertEquals(seen, [task]);
  });
});

Deno.test("asCompleted() of nothing ends at once", async () => {
  await inVirtualTime(async () => {
    assertEquals([...asCompleted([])], []);
    for await (const _ of asCompleted([])) throw new Error("not reached");
  });
});

Deno.test("asCompleted() with a timeout throws TimeoutError and cancels nothing", async () => {
  await inVirtualTime(async () => {
    const tasks = [nap(1), nap(3), nap(4)];
    const results: unknown[] = [];
    for (const next of asCompleted(tasks, { timeout: 2 })) {
      try {
        results.push(await next);
      } catch (error) {
        assertInstanceOf(error, TimeoutError);
        results.push(getRunningLoop().time());
      }
    }
    assertEquals(results, [1, 2, 2]);
    assertEquals(tasks.map((task) => task.done()), [true, false, false]);
    await assertRejects(async () => {
      for await (const _ of asCompleted(tasks, { timeout: 0 })) {
        // awaitables that are already done are still delivered
      }
    }, TimeoutError);
    await tasks[2];
  });
});

Deno.test("asCompleted() leaves no timer when all are done in time", async () => {
  await inVirtualTime(async () => {
    for await (const _ of asCompleted([nap(1)], { timeout: 60 }));
    assertEquals(timersOf(getRunningLoop()).size, 0);
  });
});

for (const cancelled of [0, 1, 2]) {
  Deno.test(`cancelling number ${cancelled} of three tasks that wait for the next result loses no result for the others`, async () => {
    await inVirtualTime(async () => {
      const results: unknown[] = [];
      const waiting = [...asCompleted([sleep(1, "a"), sleep(2, "b"), sleep(3)])]
        .map((next) => createTask(async () => results.push(await next)));
      await sleep(0);
      waiting[cancelled].cancel();
      await sleep(2.5);
      assertEquals(results, ["a", "b"]);
      assertEquals(
        waiting.map((task) => task.cancelled()),
        [0, 1, 2].map((index) => index === cancelled),
      );
      await sleep(1);
    });
  });
}

Deno.test("cancelling a task that waits in for await ends the wait, and cancels no other task", async () => {
  await inVirtualTime(async () => {
    const task = nap(5);
    const waiting = createTask(async () => {
      for await (const _ of asCompleted([task]));
    });
    await sleep(1);
    waiting.cancel();
    await assertRejects(async () => await waiting, CancelledError);
    assertEquals(task.cancelled(), false);
    await task;
  });
});

for (const cancelled of [0, 1, 2]) {
  Deno.test(`number ${cancelled} of three tasks that wait for the next result passes on a result if it is cancelled after the result came`, async () => {
    await inVirtualTime(async () => {
      const futures = threeFutures();
      const waiting = [...asCompleted(futures)]
        .map((next) => createTask(async () => await next));
      await sleep(0);
      for (const future of futures.slice(0, cancelled + 1)) {
        future.setResult(futures.indexOf(future));
      }
      await sleep(0); // the tasks are woken, and resume in the next turn
      waiting[cancelled].cancel();
      for (const future of futures.slice(cancelled + 1, 2)) {
        future.setResult(futures.indexOf(future));
      }
      await sleep(1);
      const rest = waiting.filter((task) => !task.cancelled());
      assertEquals(rest.map((task) => task.result()), [0, 1]);
      futures[2].cancel();
      await sleep(0);
    });
  });
}

// Leaving the loop early

/** Pending futures of the running loop. */
function threeFutures(): Future<number>[] {
  const loop = getRunningLoop();
  return [0, 1, 2].map(() => loop.createFuture<number>());
}

/** Ways to leave `for await`; each throws or returns from the function. */
const EXITS: [how: string, leave: (all: AsyncIterable<unknown>) => unknown][] =
  [
    ["break", async (all) => {
      for await (const _ of all) break;
    }],
    ["return", async (all) => {
      for await (const _ of all) return;
    }],
    ["an error", async (all) => {
      for await (const _ of all) throw new Error("enough");
    }],
  ];

for (const [how, leave] of EXITS) {
  Deno.test(`leaving for await with ${how} removes the callbacks and the timer of asCompleted()`, async () => {
    await inVirtualTime(async () => {
      const pending = threeFutures();
      for (let round = 0; round < 3; round++) {
        const all = asCompleted([nap(1), ...pending], { timeout: 60 });
        assertEquals(
          pending.map(String),
          pending.map(() =>
            "<Future pending cb=[_AsCompletedIterator._handle_completion()]>"
          ),
        );
        await Promise.resolve(leave(all)).catch(() => {});
        assertEquals(
          pending.map(String),
          pending.map(() => "<Future pending>"),
        );
        assertEquals(timersOf(getRunningLoop()).size, 0);
      }
    });
  });
}

testKinds(
  "leaving a plain loop removes the callbacks and the timer of asCompleted()",
  async (kind) => {
    await inVirtualTime(
      inKind(kind, function* main() {
        const pending = threeFutures();
        const all = [nap(1), ...pending];
        for (const next of asCompleted(all, { timeout: 60 })) {
          assertEquals(yield next, 1);
          break;
        }
        assertEquals(
          pending.map(String),
          pending.map(() => "<Future pending>"),
        );
        assertEquals(timersOf(getRunningLoop()).size, 0);
      })(),
    );
  },
);

testKinds(
  "leaving the loop over asCompleted() cancels no task",
  async (kind) => {
    const log: string[] = [];
    const work = inKind(kind, function* work(seconds: number, name: string) {
      yield sleep(seconds);
      log.push(name);
    });
    await inVirtualTime(async () => {
      for await (
        const _ of asCompleted([work(1, "a"), work(2, "b"), work(3, "c")])
      ) break;
      assertEquals(log, ["a"]);
      await sleep(3);
    });
    assertEquals(log, ["a", "b", "c"]);
  },
);

Deno.test("asCompleted() still delivers results to coroutines that it returned before the loop was left", async () => {
  await inVirtualTime(async () => {
    const futures = threeFutures();
    const [first, second] = asCompleted(futures);
    const waiting = createTask(async () => await second);
    await sleep(0);
    futures[2].setResult(2);
    await sleep(0);
    assertEquals(await waiting, 2);
    futures[1].setResult(1);
    assertEquals(await first, 1);
    assertEquals(String(futures[0]), "<Future pending>");
  });
});

for (const cancelled of [0, 1, 2]) {
  Deno.test(`of three tasks that wait after the loop was left, number ${cancelled} can be cancelled, and no callback is left`, async () => {
    await inVirtualTime(async () => {
      const futures = threeFutures().concat(threeFutures());
      const [a, b, c] = asCompleted(futures, { timeout: 60 });
      const waiting = [a, b, c].map((next) =>
        createTask(async () => await next)
      );
      await sleep(0);
      waiting[cancelled].cancel();
      await sleep(0);
      futures[5].setResult(5);
      await sleep(0);
      assertEquals(
        String(futures[0]),
        "<Future pending cb=[_AsCompletedIterator._handle_completion()]>",
      );
      futures[4].setResult(4);
      await sleep(1);
      const rest = waiting.filter((task) => !task.cancelled());
      assertEquals(rest.map((task) => task.result()), [5, 4]);
      assertEquals(String(futures[0]), "<Future pending>");
      assertEquals(timersOf(getRunningLoop()).size, 0);
    });
  });
}

Deno.test("asCompleted() throws TimeoutError from coroutines that it returned before the loop was left", async () => {
  await inVirtualTime(async () => {
    const [first] = asCompleted(threeFutures(), { timeout: 2 });
    await assertRejects(async () => await first, TimeoutError);
    assertEquals(getRunningLoop().time(), 2);
  });
});

Deno.test("asCompleted() yields nothing more after the loop was left", async () => {
  await inVirtualTime(async () => {
    const results = asCompleted([nap(1), nap(2), nap(3)]);
    for await (const _ of results) break;
    for await (const _ of results) throw new Error("not reached");
    assertEquals([...results], []);
    await sleep(3);
  });
});

Deno.test("leaving the loop with an error does not lose a cancellation that is due", async () => {
  await inVirtualTime(async () => {
    const error = new Error("in the loop body");
    const log: unknown[] = [];
    const task = createTask(async () => {
      try {
        for await (const _ of asCompleted([nap(1), ...threeFutures()])) {
          task.cancel("due");
          // Native code, until the loop has continued without the task. Then the
          // next await of an awaitable of the loop is cancelled.
          for (let hop = 0; hop < 2; hop++) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          throw error;
        }
      } catch (thrown) {
        log.push(thrown);
      }
      await sleep(60);
    });
    await assertRejects(async () => await task, CancelledError, "due");
    assertEquals(log, [error]);
  });
});

// Bad input

const BAD: [string, unknown, unknown][] = [
  ["a coroutine", () => sleep(1), TypeError],
  ["a future", () => new EventLoop().createFuture(), TypeError],
  ["a promise", () => Promise.resolve(), TypeError],
  ["a function", () => async () => {}, TypeError],
  ["a number", () => 1, TypeError],
  ["null", () => null, TypeError],
  ["a list with a number", () => [sleep(1), 5], TypeError],
];
for (const [what, make, ErrorClass] of BAD) {
  Deno.test(`asCompleted() refuses ${what}, and starts nothing`, () => {
    const loop = new EventLoop();
    assertThrows(
      () => asCompleted((make as () => never)()),
      ErrorClass as typeof TypeError,
    );
    assertEquals([...allTasks(loop)], []);
    loop.close();
  });
}

for (const timeout of [NaN, "1", {}]) {
  Deno.test(`asCompleted() refuses ${timeout} as timeout`, () => {
    const coro = sleep(1);
    assertThrows(
      () => asCompleted([coro], { timeout: timeout as number }),
      TypeError,
      "timeout of asCompleted()",
    );
    coro.close();
  });
}

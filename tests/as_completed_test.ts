import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  asCompleted,
  type Awaitable,
  CancelledError,
  createTask,
  EventLoop,
  getRunningLoop,
  sleep,
  type Task,
  TimeoutError,
} from "@asyncio/asyncio";
import { inKind, inVirtualTime, testKinds } from "./_helpers.ts";

const nap = (delay: number) => createTask(sleep(delay, delay));

Deno.test("asCompleted() with for await gives the very tasks, as they are done", async () => {
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

Deno.test("asCompleted() with for await gives tasks of coroutines and futures of promises", async () => {
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
  "asCompleted() as a plain iterator gives coroutines of the results in order",
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
  "asCompleted() throws the exception of the one that failed, in its turn",
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

Deno.test("asCompleted() waits once for what it is given twice", async () => {
  await inVirtualTime(async () => {
    const task = nap(1);
    const seen: unknown[] = [];
    for await (const done of asCompleted([task, task])) seen.push(done);
    assertEquals(seen, [task]);
  });
});

Deno.test("asCompleted() of nothing is over at once", async () => {
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
        // those that are done already still come
      }
    }, TimeoutError);
    await tasks[2];
  });
});

Deno.test("asCompleted() leaves no timer when all are done in time", async () => {
  await inVirtualTime(async () => {
    for await (const _ of asCompleted([nap(1)], { timeout: 60 }));
    assertEquals(getRunningLoop()["_timers"].size, 0);
  });
});

for (const cancelled of [0, 1, 2]) {
  Deno.test(`of three that wait for the next result, cancelling number ${cancelled} loses none for the others`, async () => {
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

Deno.test("cancelling who waits in for await ends the wait, and cancels no task", async () => {
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
    assertEquals([...loop["_tasks"]], []);
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

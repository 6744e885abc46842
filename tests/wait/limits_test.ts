// The option `limit` of gather() and asCompleted(), and iterables that are
// pulled from. That of taskGroup() is tested with task groups.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  asCompleted,
  type Awaitable,
  CancelledError,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  EventLoop,
  type Future,
  gather,
  type GatherOptions,
  getRunningLoop,
  Queue,
  setEventLoop,
  sleep,
  type Task,
  timeout,
  TimeoutError,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  runScript,
  runVirtually,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import { testSweep } from "../_sweep.ts";

/** Jobs of which it is counted how many there are, and how they are asked for. */
class Jobs {
  pulled = 0;
  started = 0;
  ended = 0;
  busy = 0;
  most = 0;
  closed = 0;
  /** How many were pulled and have not ended, at most. */
  mostAlive = 0;

  constructor(readonly kind: Kind) {}

  job(seconds: number, result: unknown = seconds): () => Coroutine<unknown> {
    return inKind(this.kind, this.#steps(seconds, result));
  }

  #steps(seconds: number, result: unknown): () => Script<unknown> {
    // deno-lint-ignore no-this-alias -- a generator has one of its own
    const jobs = this;
    return function* job(): Script<unknown> {
      jobs.started++;
      jobs.most = Math.max(jobs.most, ++jobs.busy);
      try {
        yield sleep(seconds);
        if (result instanceof Error) throw result;
        return result;
      } finally {
        jobs.busy--;
        jobs.ended++;
      }
    };
  }

  *pull(seconds: Iterable<number>): Generator<() => Coroutine<unknown>> {
    try {
      for (const time of seconds) {
        this.pulled++;
        this.mostAlive = Math.max(this.mostAlive, this.pulled - this.ended);
        yield this.job(time);
      }
    } finally {
      this.closed++;
    }
  }

  async *pullAsync(
    seconds: Iterable<number>,
    pause = 0,
  ): AsyncGenerator<() => Coroutine<unknown>> {
    try {
      for (const time of seconds) {
        await sleep(pause);
        this.pulled++;
        yield this.job(time);
      }
    } finally {
      this.closed++;
    }
  }
}

type Pulled = Iterable<Awaitable<unknown>> | AsyncIterable<Awaitable<unknown>>;

/** The kinds of iterables, and how to make each of times. */
const SOURCES: [string, (jobs: Jobs, seconds: number[]) => Pulled][] = [
  ["an array", (jobs, seconds) => [...jobs.pull(seconds)]],
  ["a generator", (jobs, seconds) => jobs.pull(seconds)],
  ["an async generator", (jobs, seconds) => jobs.pullAsync(seconds)],
  [
    "a stream",
    (jobs, seconds) =>
      ReadableStream.from(jobs.pull(seconds)) as ReadableStream<
        Awaitable<unknown>
      >,
  ],
];

function gathered(
  source: Pulled,
  options?: GatherOptions,
): Future<unknown[]> {
  return gather(source as Iterable<Awaitable<unknown>>, options as object);
}

/** The results of `asCompleted()`, by `for await`. */
async function completed(
  source: Pulled,
  options?: { limit?: number; timeout?: number },
): Promise<unknown[]> {
  const results: unknown[] = [];
  const tasks = asCompleted(
    source as AsyncIterable<Awaitable<unknown>>,
    options,
  );
  for await (const task of tasks) {
    results.push((task as Task<unknown>).result());
  }
  return results;
}

// What is started when

for (const [name, make] of SOURCES) {
  testKinds(
    `gather() of ${name} with a limit runs no more at once, and keeps the order`,
    async (kind) => {
      const jobs = new Jobs(kind);
      const seconds = [5, 3, 1, 4, 2, 6];
      await runScript(kind, function* main() {
        const results = yield gathered(make(jobs, seconds), { limit: 2 });
        assertEquals(results, seconds);
      });
      assertEquals([jobs.most, jobs.started, jobs.busy], [2, 6, 0]);
    },
  );

  testKinds(
    `asCompleted() of ${name} with a limit runs no more at once, and gives the order of completion`,
    async (kind) => {
      const jobs = new Jobs(kind);
      await inVirtualTime(async () => {
        const source = make(jobs, [5, 3, 1, 4, 2, 6]);
        // 5 until 5, 3 until 3, 1 until 4, 4 until 8, 2 until 7, 6 until 13
        assertEquals(await completed(source, { limit: 2 }), [3, 1, 5, 2, 4, 6]);
        assertEquals(getRunningLoop().time(), 13);
      });
      assertEquals([jobs.most, jobs.started, jobs.busy], [2, 6, 0]);
    },
  );
}

testKinds(
  "gather() with a limit starts what is in line, first in, first out",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: string[] = [];
      const job = (name: string, seconds: number) =>
        inKind(kind, function* job(): Script<void> {
          log.push(`${name}@${getRunningLoop().time()}`);
          yield sleep(seconds);
        });
      yield gather(
        [job("a", 3), job("b", 1), job("c", 1), job("d", 1), job("e", 1)],
        { limit: 2 },
      );
      assertEquals(log.join(" "), "a@0 b@0 c@1 d@2 e@3");
    });
  },
);

for (const [name, make] of SOURCES.slice(1)) {
  testKinds(
    `gather() of ${name} asks for an element when it can start`,
    async (kind) => {
      const jobs = new Jobs(kind);
      await runScript(kind, function* main() {
        const all = gathered(make(jobs, new Array(10).fill(1)), { limit: 3 });
        for (const pulled of [3, 6, 9, 10]) {
          yield sleep(0.5);
          assertEquals(jobs.pulled, pulled);
          assertEquals(jobs.started, pulled);
          yield sleep(0.5);
        }
        assertEquals(yield all, new Array(10).fill(1));
        assertEquals(jobs.closed, 1);
      });
    },
  );
}

testKinds(
  "asCompleted() waits for a slow consumer: what is done and not taken counts",
  async (kind) => {
    const jobs = new Jobs(kind);
    await inVirtualTime(async () => {
      let taken = 0;
      for await (
        const _ of asCompleted(jobs.pull(new Array(8).fill(1)), { limit: 3 })
      ) {
        taken++;
        await sleep(10);
        assertEquals(jobs.pulled, Math.min(taken + 3, 8));
      }
      assertEquals(taken, 8);
    });
  },
);

testKinds(
  "a slow asynchronous source is read one element at a time",
  async (kind) => {
    const jobs = new Jobs(kind);
    await runScript(kind, function* main() {
      const results = yield gathered(jobs.pullAsync([5, 5, 5, 5], 2), {
        limit: 3,
      });
      assertEquals(results, [5, 5, 5, 5]);
      // read at 2, 4, 6; the fourth from 7 to 9
      assertEquals(getRunningLoop().time(), 14);
      assertEquals(jobs.most, 3);
    });
  },
);

Deno.test("gather() of an asynchronous iterable needs no limit", async () => {
  const jobs = new Jobs("async");
  await inVirtualTime(async () => {
    assertEquals(await gather(jobs.pullAsync([3, 2, 1])), [3, 2, 1]);
    assertEquals(jobs.most, 3);
  });
});

for (const [name, make] of SOURCES) {
  Deno.test(`gather() and asCompleted() of ${name} without elements end at once`, async () => {
    await inVirtualTime(async () => {
      const jobs = new Jobs("async");
      assertEquals(await gathered(make(jobs, []), { limit: 2 }), []);
      assertEquals(await completed(make(jobs, []), { limit: 2 }), []);
      assertEquals(
        await completed(make(jobs, []), { limit: 2, timeout: 9 }),
        [],
      );
      assertEquals(getRunningLoop().time(), 0);
    });
  });
}

for (const limit of [1, 2, 7, Infinity, null, undefined]) {
  Deno.test(`gather() and asCompleted() with a limit of ${limit} give all results`, async () => {
    await inVirtualTime(async () => {
      const jobs = new Jobs("async");
      const make = () => [4, 3, 2, 1].map((time) => jobs.job(time));
      assertEquals(await gather(make(), { limit }), [4, 3, 2, 1]);
      const results = await completed(make(), { limit: limit as number });
      assertEquals(results.toSorted(), [1, 2, 3, 4]);
    });
  });
}

Deno.test("with a limit, coroutines begin when it is their turn, and futures count", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const log: string[] = [];
    const job = inKind("async", function* job(name: string): Script<string> {
      log.push(`${name}@${loop.time()}`);
      yield sleep(1);
      return name;
    });
    const future = loop.createFuture<string>();
    loop.callLater(5, () => future.setResult("future"));
    const task = createTask(job("task"));
    const results = await gather(
      [job("a"), job("b"), future, Promise.resolve("promise"), job("c"), task],
      { limit: 2 },
    );
    assertEquals(results, ["a", "b", "future", "promise", "c", "task"]);
    assertEquals(log.join(" "), "task@0 a@0 b@0 c@1");
  });
});

Deno.test("what is given twice is waited for once, as without a limit", async () => {
  await inVirtualTime(async () => {
    let runs = 0;
    const coro = inKind("async", function* work(): Script<number> {
      yield sleep(1);
      return ++runs;
    })();
    const future = wrapFuture(Promise.resolve("x"));
    assertEquals(
      await gather([coro, future, coro, future], { limit: 2 }),
      [1, "x", 1, "x"],
    );
    const recipe = async () => ++runs;
    assertEquals(await gather([recipe, recipe], { limit: 1 }), [2, 3]);
    assertEquals(await completed([future, future], { limit: 1 }), ["x"]);
    function* twice() {
      yield future;
      yield future;
    }
    assertEquals((await completed(twice(), { limit: 2 })).length, 1);
  });
});

// Constant memory

for (
  const [kind, count] of [["generator", 1_000_000], ["async", 50_000]] as const
) {
  Deno.test(`gather() of ${count} jobs keeps no more alive than the limit (${kind})`, async () => {
    let pulled = 0;
    let ended = 0;
    let mostAlive = 0;
    const work = kind === "generator"
      ? coroutine(function* work() {
        yield* sleep(0);
        ended++;
      })
      : coroutine(async () => {
        await sleep(0);
        ended++;
      });
    function* jobs() {
      for (let i = 0; i < count; i++) {
        mostAlive = Math.max(mostAlive, ++pulled - ended);
        yield work();
      }
    }
    await inVirtualTime(async () => {
      const results = await gather(jobs(), { limit: 100 });
      assertEquals(results.length, count);
    });
    assertEquals([pulled, ended], [count, count]);
    assert(mostAlive <= 100, `${mostAlive} alive`);
  });
}

Deno.test("asCompleted() of twenty thousand lines keeps no more alive than the limit", async () => {
  const COUNT = 20_000;
  let pulled = 0;
  let taken = 0;
  let mostAlive = 0;
  async function* lines() {
    for (let i = 0; i < COUNT; i++) {
      mostAlive = Math.max(mostAlive, ++pulled - taken);
      yield function* () {
        yield* sleep(0);
      };
    }
  }
  await inVirtualTime(async () => {
    for await (const _ of asCompleted(lines(), { limit: 10 })) taken++;
  });
  assertEquals(taken, COUNT);
  assert(mostAlive <= 11, `${mostAlive} alive`); // and one that is being read
});

// Failures

for (const [name, make] of SOURCES) {
  testKinds(
    `when one fails, gather() of ${name} starts no other, and closes it; the others go on`,
    async (kind) => {
      const error = new Error("no luck");
      const jobs = new Jobs(kind);
      await runScript(kind, function* main() {
        const job = jobs.job.bind(jobs);
        jobs.job = (seconds) => job(seconds, seconds === 2 ? error : seconds);
        const all = gathered(make(jobs, [5, 2, 5, 5, 5]), { limit: 2 });
        assertStrictEquals(yield* caught(all), error);
        assertEquals(getRunningLoop().time(), 2);
        assertEquals([jobs.started, jobs.busy], [2, 1]);
        assertEquals(jobs.closed, 1);
        yield sleep(9);
        assertEquals([jobs.started, jobs.busy], [2, 0]);
      });
    },
  );

  testKinds(
    `gather() of ${name} with returnExceptions goes on after a failure`,
    async (kind) => {
      const error = new Error("no luck");
      const jobs = new Jobs(kind);
      await runScript(kind, function* main() {
        const job = jobs.job.bind(jobs);
        jobs.job = (seconds) => job(seconds, seconds === 2 ? error : seconds);
        const results = yield gathered(make(jobs, [3, 2, 1]), {
          limit: 2,
          returnExceptions: true,
        });
        assertEquals(results, [3, error, 1]);
      });
    },
  );

  testKinds(
    `cancelling gather() of ${name} cancels what runs, starts no other and closes it`,
    async (kind) => {
      const jobs = new Jobs(kind);
      await runScript(kind, function* main() {
        const all = gathered(make(jobs, [5, 1, 5, 5, 5]), { limit: 2 });
        const waiter = createTask(
          inKind(kind, function* wait(): Script<void> {
            yield all;
          }),
        );
        yield sleep(1.5);
        waiter.cancel("enough");
        const error = yield* caught(waiter);
        assertInstanceOf(error, CancelledError);
        assertEquals(getRunningLoop().time(), 1.5);
        assertEquals([jobs.started, jobs.busy, jobs.closed], [3, 0, 1]);
        assert(all.done());
        assertInstanceOf(yield* caught(all), CancelledError);
      });
    },
  );

  Deno.test(`a time limit around gather() of ${name} closes it`, async () => {
    const jobs = new Jobs("async");
    await inVirtualTime(async () => {
      await assertRejects(
        async () =>
          await timeout(1.5, async () => {
            await gathered(make(jobs, [1, 1, 1, 1, 1]), { limit: 1 });
          }),
        TimeoutError,
      );
      assertEquals([jobs.started, jobs.busy, jobs.closed], [2, 0, 1]);
    });
  });
}

Deno.test("gather() with a limit that is cancelled with returnExceptions ends when all have", async () => {
  await inVirtualTime(async () => {
    let cleaned = 0;
    function* jobs() {
      for (;;) {
        yield async () => {
          try {
            await sleep(60);
          } finally {
            await sleep(1);
            cleaned++;
          }
        };
      }
    }
    const all = gather(jobs(), { limit: 3, returnExceptions: true });
    await sleep(1);
    assert(all.cancel("enough"));
    await assertRejects(async () => await all, CancelledError, "enough");
    assertEquals(cleaned, 3);
  });
});

Deno.test("gather() that waits only for its asynchronous source can be cancelled", async () => {
  await inVirtualTime(async () => {
    let cleaned = false;
    async function* never() {
      try {
        await sleep(60);
        yield async () => {};
      } finally {
        await sleep(1);
        cleaned = true;
      }
    }
    const all = gather(never(), { limit: 3 });
    await sleep(1);
    assert(all.cancel("enough"));
    await assertRejects(async () => await all, CancelledError, "enough");
    assert(cleaned);
    assertEquals(getRunningLoop().time(), 2);
    assertFalse(all.cancel());
  });
});

Deno.test("gather() does not wait for a source that is in a native promise", async () => {
  await inVirtualTime(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let closed = false;
    async function* stuck() {
      try {
        yield async () => {
          await sleep(1);
          throw new Error("no luck");
        };
        await promise;
        yield async () => {};
      } finally {
        closed = true;
      }
    }
    await assertRejects(
      async () => await gather(stuck(), { limit: 2 }),
      Error,
      "no luck",
    );
    assertEquals(getRunningLoop().time(), 1);
    assertFalse(closed);
    resolve();
    await sleep(1);
    assert(closed);
  });
});

Deno.test("gather() whose source does not finish closing can be cancelled once more", async () => {
  await inVirtualTime(async () => {
    let blocked = true;
    async function* source() {
      try {
        for (;;) yield async () => await sleep(60);
      } finally {
        await sleep(1000);
        blocked = false;
      }
    }
    const all = gather(source(), { limit: 1 });
    await sleep(1);
    all.cancel();
    await sleep(1);
    // The first job that was cancelled has decided, but the source is not closed.
    assertFalse(all.done());
    all.cancel();
    await assertRejects(async () => await all, CancelledError);
    assert(blocked);
    assertEquals(getRunningLoop().time(), 2);
    await sleep(1000);
    assertFalse(blocked);
  });
});

for (const limit of [1, 2]) {
  Deno.test(`an iterable that throws fails gather() and ends asCompleted() (limit ${limit})`, async () => {
    await inVirtualTime(async () => {
      const error = new RangeError("line 3");
      const jobs = new Jobs("async");
      function* source() {
        yield* jobs.pull([2, 1]);
        throw error;
      }
      assertStrictEquals(
        await assertRejects(async () => await gather(source(), { limit })),
        error,
      );
      const results: unknown[] = [];
      const thrown = await assertRejects(async () => {
        for await (const task of asCompleted(source(), { limit })) {
          results.push((task as Task<unknown>).result());
        }
      });
      assertStrictEquals(thrown, error);
      assertEquals(results, limit === 1 ? [2, 1] : [1]);
      await sleep(9);
    });
  });
}

Deno.test("an asynchronous iterable that throws does the same", async () => {
  await inVirtualTime(async () => {
    const error = new RangeError("line 3");
    async function* source() {
      yield async () => await sleep(1, "a");
      throw error;
    }
    const results: unknown[] = [];
    assertStrictEquals(
      await assertRejects(async () => await gather(source(), { limit: 1 })),
      error,
    );
    const thrown = await assertRejects(async () => {
      for await (const task of asCompleted(source(), { limit: 1 })) {
        results.push((task as Task<unknown>).result());
      }
    });
    assertStrictEquals(thrown, error);
    assertEquals(results, ["a"]);
  });
});

Deno.test("an iterable whose next() or return() is broken is reported, and loses no result", async () => {
  const { contexts } = await runVirtually(async () => {
    const broken = (next: () => unknown): Iterable<() => Promise<void>> => ({
      [Symbol.iterator]: () => ({
        next: next as () => IteratorResult<() => Promise<void>>,
        return() {
          throw new Error("return() is broken");
        },
      }),
    });
    for (
      const [next, message] of [
        [() => 1, "Iterator result is not an object"],
        [() => null, "Iterator result is not an object"],
        [() => {
          throw new Error("next() is broken");
        }, "next() is broken"],
        [() => ({
          get value(): unknown {
            throw new Error("value is broken");
          },
          done: false,
        }), "value is broken"],
      ] as [() => unknown, string][]
    ) {
      await assertRejects(
        async () => await gather(broken(next), { limit: 1 }),
        Error,
        message,
      );
      await assertRejects(
        () => completed(broken(next), { limit: 1 }),
        Error,
        message,
      );
    }
    const value = async () => {
      throw new Error("job");
    };
    await assertRejects(
      async () => await gather(broken(() => ({ value })), { limit: 1 }),
      Error,
      "job",
    );
  });
  assertEquals(
    contexts.map(({ message, exception }) => [message, String(exception)]),
    [[
      "Exception while closing an iterable of awaitables",
      "Error: return() is broken",
    ]],
  );
});

Deno.test("an async iterable whose return() throws is reported; the failure comes out", async () => {
  const { contexts } = await runVirtually(async () => {
    async function* source() {
      try {
        for (;;) {
          yield async () => {
            throw new Error("job");
          };
        }
      } finally {
        // deno-lint-ignore no-unsafe-finally -- that is the test
        throw new Error("cleanup");
      }
    }
    await assertRejects(
      async () => await gather(source(), { limit: 1 }),
      Error,
      "job",
    );
  });
  assertEquals(contexts.map(({ exception }) => String(exception)), [
    "Error: cleanup",
  ]);
});

Deno.test("an iterable that cancels the gathering that pulls from it is closed", async () => {
  await inVirtualTime(async () => {
    let closed = false;
    let all: Future<unknown> | null = null;
    function* source() {
      try {
        yield async () => await sleep(1);
        all!.cancel("by the source");
        yield async () => await sleep(1);
      } finally {
        closed = true;
      }
    }
    all = gather(source(), { limit: 1 });
    await assertRejects(async () => await all, CancelledError);
    assert(closed);
  });
});

Deno.test("an element that cannot be awaited fails gather() and asCompleted() when it comes", async () => {
  await inVirtualTime(async () => {
    const jobs = new Jobs("async");
    function* source() {
      try {
        yield jobs.job(1);
        yield 42 as never;
      } finally {
        jobs.closed++;
      }
    }
    for (const limit of [1, 2]) {
      await assertRejects(
        async () => await gather(source(), { limit }),
        TypeError,
        "A Future, a coroutine or an awaitable is required, got 42",
      );
      await assertRejects(
        () => completed(source(), { limit }),
        TypeError,
        "42",
      );
      await sleep(2);
    }
    assertEquals(jobs.closed, 4);
    const started = jobs.started;
    assertThrows(
      () => gather([jobs.job(1), 42 as never], { limit: 1 }),
      TypeError,
      "got 42",
    );
    assertThrows(
      () => asCompleted([jobs.job(1), 42 as never], { limit: 1 }),
      TypeError,
      "got 42",
    );
    assertEquals(jobs.started, started, "nothing was started");
  });
});

// Leaving asCompleted()

for (const [name, make] of SOURCES.slice(1)) {
  for (const how of ["break", "an error", "a cancellation", "a timeout"]) {
    Deno.test(`leaving asCompleted() of ${name} by ${how} closes it and starts no other`, async () => {
      const jobs = new Jobs("async");
      await inVirtualTime(async () => {
        const options = {
          limit: 2,
          timeout: how === "a timeout" ? 1.5 : null,
        };
        const source = make(jobs, [1, 2, 2, 2, 2, 2, 2]);
        const loop = async () => {
          const tasks = asCompleted(
            source as AsyncIterable<Awaitable<unknown>>,
            options,
          );
          for await (const _ of tasks) {
            if (how === "break") break;
            if (how === "an error") throw new RangeError("enough");
          }
        };
        const task = createTask(loop);
        await sleep(1.2);
        if (how === "a cancellation") task.cancel();
        const error = await task.then(() => null, (error) => error);
        const time = getRunningLoop().time();
        if (how === "break") assertEquals(error, null);
        if (how === "an error") assertInstanceOf(error, RangeError);
        if (how === "a cancellation") assertInstanceOf(error, CancelledError);
        if (how === "a timeout") assertInstanceOf(error, TimeoutError);
        assertEquals(time, how === "a timeout" ? 1.5 : 1.2);
        assertEquals(jobs.closed, 1);
        // What ran goes on, as ever.
        const { started } = jobs;
        assert(started <= 3);
        await sleep(9);
        assertEquals([jobs.started, jobs.ended], [started, started]);
      });
    });
  }
}

testKinds(
  "the plain iterator of asCompleted() with a limit works in both kinds",
  async (kind) => {
    for (const limit of [1, 2, 9]) {
      const jobs = new Jobs(kind);
      await runScript(kind, function* main() {
        const results: unknown[] = [];
        const source = jobs.pull([5, 3, 1, 4]);
        for (const next of asCompleted(source, { limit })) {
          results.push(yield next);
        }
        const expected = { 1: [5, 3, 1, 4], 2: [3, 1, 5, 4], 9: [1, 3, 4, 5] };
        assertEquals(results, expected[limit as 1 | 2 | 9]);
        assert(jobs.most <= limit);
        assertEquals(jobs.closed, 1);
      });
    }
  },
);

Deno.test("all claims of the plain iterator can be taken before the results are there", async () => {
  await inVirtualTime(async () => {
    const jobs = new Jobs("async");
    const claims = [...asCompleted(jobs.pull([5, 3, 1, 4]), { limit: 2 })];
    assertEquals(claims.length, 4);
    assertEquals(await gather(claims), [3, 1, 5, 4]);
    assertEquals(jobs.most, 2);
  });
});

Deno.test("leaving the plain iterator closes the iterable; claims that are left get results", async () => {
  await inVirtualTime(async () => {
    const jobs = new Jobs("async");
    const claims: Coroutine<unknown>[] = [];
    for (
      const next of asCompleted(jobs.pull([2, 1, 1]), { limit: 2, timeout: 9 })
    ) {
      claims.push(next);
      break;
    }
    assertEquals([jobs.closed, jobs.started], [1, 0]);
    assertEquals(await claims[0], 1);
    await sleep(5);
    assertEquals(jobs.started, 2);
  });
});

Deno.test("a claim that is cancelled takes no result", async () => {
  await inVirtualTime(async () => {
    const jobs = new Jobs("async");
    const results: unknown[] = [];
    const iterator = asCompleted(jobs.pull([2, 1, 3]), { limit: 1 });
    const first = iterator.next().value!;
    await assertRejects(async () => await waitFor(first, 0.5), TimeoutError);
    results.push(await iterator.next().value!);
    results.push(await iterator.next().value!);
    assertEquals(results, [2, 1]);
    await sleep(9);
  });
});

Deno.test("after a timeout, each claim that is left throws", async () => {
  await inVirtualTime(async () => {
    const jobs = new Jobs("async");
    const outcomes: unknown[] = [];
    let claims = 0;
    const options = { limit: 2, timeout: 1.5 };
    for (const next of asCompleted(jobs.pull([1, 60, 60, 60]), options)) {
      if (++claims > 9) throw new Error("no end");
      outcomes.push(await next.catch((error) => (error as Error).name));
    }
    assertEquals(outcomes[0], 1);
    assertEquals(new Set(outcomes.slice(1)), new Set(["TimeoutError"]));
    assertEquals(jobs.started, 3);
    assertEquals(jobs.closed, 1);
    await sleep(99);
  });
});

Deno.test("several tasks can share an asCompleted() with a limit", async () => {
  await inVirtualTime(async () => {
    const jobs = new Jobs("async");
    const results: unknown[] = [];
    const shared = asCompleted(
      jobs.pull(Array.from({ length: 20 }, (_, i) => i)),
      {
        limit: 4,
      },
    );
    const consume = async () => {
      for await (const task of shared) {
        results.push((task as Task<unknown>).result());
        await sleep(1);
      }
    };
    await gather(consume, consume, consume);
    assertEquals(results.length, 20);
    assertEquals(new Set(results).size, 20);
  });
});

Deno.test("the plain iterator of asCompleted() of an asynchronous iterable is refused", async () => {
  await inVirtualTime(async () => {
    const jobs = new Jobs("async");
    const completions = asCompleted(jobs.pullAsync([1]));
    assertThrows(
      () => [...completions as unknown as Iterable<unknown>],
      TypeError,
      "needs a for await",
    );
    for await (const _ of completions);
  });
});

// Contexts, eager tasks, nesting

for (const async of [false, true]) {
  Deno.test(`the iterable and its functions run in the context of the call (async: ${async})`, async () => {
    const user = new AsyncLocalStorage<string>();
    await inVirtualTime(async () => {
      const seen: unknown[] = [];
      function* source() {
        for (let i = 0; i < 4; i++) {
          seen.push(user.getStore());
          yield async () => {
            seen.push(user.getStore());
            await sleep(1);
          };
        }
      }
      async function* asyncSource() {
        for (const job of source()) {
          await sleep(0);
          yield job;
        }
      }
      await user.run("Ada", () => {
        const made = async ? asyncSource() : source();
        return gather(made as Iterable<() => Promise<void>>, { limit: 1 });
      });
      assertEquals(seen, new Array(8).fill("Ada"));
      const tasks = user.run(
        "Bob",
        () =>
          asCompleted((async ? asyncSource() : source()) as Iterable<never>, {
            limit: 1,
          }),
      );
      for await (const _ of tasks);
      assertEquals(seen.slice(8), new Array(8).fill("Bob"));
    });
  });
}

for (const [name, make] of SOURCES) {
  testKinds(
    `with eager tasks, gather() and asCompleted() of ${name} keep the limit`,
    async (kind) => {
      const jobs = new Jobs(kind);
      await runVirtually(async () => {
        const seconds = [1, 0, 1, 0, 0, 2];
        assertEquals(
          await gathered(make(jobs, seconds), { limit: 2 }),
          seconds,
        );
        const results = await completed(make(jobs, seconds), { limit: 2 });
        assertEquals(results.toSorted(), seconds.toSorted());
      }, { prepare: (loop) => loop.setTaskFactory(eagerTaskFactory) });
      assertEquals(jobs.most, 2);
    },
  );
}

Deno.test("eager tasks that never wait let the loop run", async () => {
  await runVirtually(async () => {
    let turns = 0;
    const count = () => {
      turns++;
      if (!all.done()) getRunningLoop().callSoon(count);
    };
    function* source() {
      for (let i = 0; i < 1000; i++) yield async () => i;
    }
    const all = gather(source(), { limit: 10 });
    count();
    assertEquals((await all).length, 1000);
    assert(turns >= 100, `${turns} turns`);
  }, { prepare: (loop) => loop.setTaskFactory(eagerTaskFactory) });
});

Deno.test("an eager task that cancels the gathering that starts it is cancelled as well", async () => {
  await runVirtually(async () => {
    let cancelled = false;
    let started = 0;
    let all: Future<unknown> | null = null;
    function* source() {
      for (;;) {
        yield async () => {
          started++;
          try {
            if (started === 3) all!.cancel();
            await sleep(60);
          } catch (error) {
            if (started === 3) cancelled = true;
            throw error;
          }
        };
      }
    }
    const first = async () => {
      await sleep(1);
    };
    function* jobs() {
      yield first;
      yield first;
      started = 2;
      yield* source();
    }
    all = gather(jobs(), { limit: 2 });
    await assertRejects(async () => await all, CancelledError);
    assert(cancelled);
    assertEquals(started, 3);
  }, { prepare: (loop) => loop.setTaskFactory(eagerTaskFactory) });
});

Deno.test("limits nest", async () => {
  await inVirtualTime(async () => {
    let busy = 0;
    let most = 0;
    let outer = 0;
    let mostOuter = 0;
    function* items(sheet: number) {
      for (let i = 0; i < 5; i++) {
        yield async () => {
          most = Math.max(most, ++busy);
          await sleep(1);
          busy--;
          return sheet * 10 + i;
        };
      }
    }
    function* sheets() {
      for (let sheet = 0; sheet < 5; sheet++) {
        yield async () => {
          mostOuter = Math.max(mostOuter, ++outer);
          const results = await gather(items(sheet), { limit: 2 });
          outer--;
          return results;
        };
      }
    }
    const results = await gather(sheets(), { limit: 3 });
    assertEquals(results[4], [40, 41, 42, 43, 44]);
    assertEquals([most, mostOuter], [6, 3]);
  });
});

testSweep(
  "gather() and asCompleted() with a limit leave nothing behind",
  () => {
    let busy = 0;
    let open = 0;
    const job = function* (): Generator<unknown, number, never> {
      busy++;
      try {
        yield* sleep(0);
        return 1;
      } finally {
        busy--;
      }
    };
    function* source() {
      open++;
      try {
        for (let i = 0; i < 4; i++) yield job;
      } finally {
        open--;
      }
    }
    async function* asyncSource() {
      open++;
      try {
        for (let i = 0; i < 4; i++) {
          await sleep(0);
          yield job;
        }
      } finally {
        open--;
        await sleep(0);
      }
    }
    return {
      scripts: [
        function* gatherAll(): Script<void> {
          yield gather(source(), { limit: 2 });
        },
        function* gatherAsync(): Script<void> {
          yield gather(asyncSource(), { limit: 2 });
        },
        function* consume(): Script<void> {
          yield createTask(async () => {
            for await (const _ of asCompleted(source(), { limit: 2 }));
          });
        },
        function* consumeAsync(): Script<void> {
          yield createTask(async () => {
            for await (const _ of asCompleted(asyncSource(), { limit: 2 }));
          });
        },
      ],
      *director() {
        yield sleep(1);
      },
      check(_tasks: Task<unknown>[]) {
        assertEquals({ busy, open }, { busy: 0, open: 0 });
      },
    };
  },
);

for (const async of [false, true]) {
  Deno.test(`cancel() itself runs nothing of the iterable (async: ${async})`, async () => {
    await inVirtualTime(async () => {
      let closed = false;
      function* source() {
        try {
          for (;;) yield () => sleep(60);
        } finally {
          closed = true;
        }
      }
      async function* asyncSource() {
        yield* source();
      }
      const all = gather(
        (async ? asyncSource() : source()) as Iterable<() => Promise<void>>,
        { limit: 1 },
      );
      await sleep(1);
      all.cancel();
      assertFalse(closed);
      assertFalse(all.done());
      await assertRejects(async () => await all, CancelledError);
      assert(closed);
    });
  });
}

Deno.test("a queue of jobs can be the source", async () => {
  await inVirtualTime(async () => {
    const queue = new Queue<() => Promise<number>>(1);
    const all = gather(queue, { limit: 2 });
    for (let i = 0; i < 6; i++) {
      await queue.put(async () => await sleep(1, i));
    }
    queue.shutdown();
    assertEquals(await all, [0, 1, 2, 3, 4, 5]);
    const waiting = gather(new Queue<() => Promise<number>>(), { limit: 2 });
    await sleep(1);
    waiting.cancel();
    await assertRejects(async () => await waiting, CancelledError);
  });
});

Deno.test("gather() outside of a running loop starts when the loop runs", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  setEventLoop(loop);
  function* source() {
    for (let i = 0; i < 3; i++) yield () => sleep(1, i);
  }
  async function* asyncSource() {
    yield* source();
  }
  const all = [gather(source(), { limit: 2 }), gather(asyncSource())];
  setEventLoop(null);
  assertEquals(await loop.runUntilComplete(gather(all)), [[0, 1, 2], [
    0,
    1,
    2,
  ]]);
  loop.close();
});

Deno.test("a function that is pulled prints the place of the call, whenever it begins", async () => {
  await inVirtualTime(async () => {
    const texts: string[] = [];
    function* source() {
      for (let i = 0; i < 3; i++) {
        yield async function fetchPage() {
          texts.push(String(currentTask()));
          await sleep(1);
        };
      }
    }
    await gather(source(), { limit: 1 });
    assertEquals(texts.length, 3);
    const places = texts.map((text) => / coro=<(.*?)>/.exec(text)![1]);
    assertEquals(new Set(places).size, 1);
    assertMatch(places[0], /^fetchPage\(\) running at .*limits_test\.ts:\d+$/);
  });
});

// Wrong arguments

for (
  const [limit, ErrorClass, message] of [
    [0, RangeError, "must be >= 1: current value is 0"],
    [-1, RangeError, "must be >= 1: current value is -1"],
    [0.5, RangeError, "must be >= 1: current value is 0.5"],
    [1.5, RangeError, "must be a whole number: current value is 1.5"],
    [-Infinity, RangeError, "must be >= 1: current value is -Infinity"],
    [NaN, TypeError, "what is not a number: current value is NaN"],
    ["2", TypeError, "current value is '2'"],
    [true, TypeError, "current value is true"],
    [{}, TypeError, "what is not a number"],
  ] as [never, typeof Error, string][]
) {
  Deno.test(`a limit of ${Deno.inspect(limit)} is refused, and nothing is started`, async () => {
    await inVirtualTime(async () => {
      const jobs = new Jobs("async");
      for (const [, make] of SOURCES) {
        assertThrows(
          () => gathered(make(jobs, [1, 2]), { limit }),
          ErrorClass,
          `the limit of gather() ${message}`.replace(
            /^the limit of gather\(\) (what|current)/,
            "$1",
          ),
        );
        assertThrows(
          () => asCompleted(make(jobs, [1, 2]) as never[], { limit }),
          ErrorClass,
          message,
        );
      }
      await sleep(5);
      assertEquals(jobs.started, 0);
    });
  });
}

Deno.test("a limit without a list is refused", () => {
  assertThrows(
    () => gather((async () => {}) as never, { limit: 2 } as never),
    TypeError,
    "with a list only: gather([a, b], { … })",
  );
});

for (
  const [text, call, message] of [
    ["limits", () => gather([], { limits: 2 } as never), "did you mean limit?"],
    [
      "Limit",
      () => asCompleted([], { Limit: 2 } as never),
      "did you mean limit?",
    ],
    [
      "a third argument",
      () => gather([] as never, { limit: 2 } as never, 3 as never),
      "the third argument is 3",
    ],
    [
      "a string",
      () => gather("ab" as never, { limit: 2 } as never),
      "A Future, a coroutine or an awaitable is required",
    ],
    [
      "a number",
      () => asCompleted(5 as never, { limit: 2 }),
      "expects an iterable of awaitables, not 5",
    ],
  ] as [string, () => unknown, string][]
) {
  Deno.test(`gather() and asCompleted() refuse ${text}`, () => {
    assertThrows(call, TypeError, message);
  });
}

Deno.test("an iterable that gives no iterator throws at the call", () => {
  const broken = {
    [Symbol.iterator]() {
      throw new RangeError("no iterator");
    },
  } as Iterable<never>;
  assertThrows(() => gather(broken, { limit: 1 }), RangeError, "no iterator");
  assertThrows(
    () => asCompleted(broken, { limit: 1 }),
    RangeError,
    "no iterator",
  );
});

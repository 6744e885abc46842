import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import {
  CancelledError,
  createTask,
  getRunningLoop,
  retry,
  type RetryOptions,
  sleep,
  taskGroup,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import {
  inFakeTime,
  inKind,
  runScript,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import { testSweep } from "../_sweep.ts";

/** A function that fails so many times, and the times of its attempts. */
function failing(kind: Parameters<typeof inKind>[0], failures: number) {
  const times: number[] = [];
  const { body } = inKind(
    kind,
    function* work(attempt: number): Script<string> {
      times.push(getRunningLoop().time());
      assertEquals(times.length, attempt);
      yield sleep(0);
      if (attempt <= failures) throw new Error(`failure ${attempt}`);
      return `attempt ${attempt}`;
    },
  );
  return { times, body };
}

testKinds(
  "retry() gives the first result, and does not pause before it",
  async (kind) => {
    const { times, body } = failing(kind, 0);
    assertEquals(
      await runScript(kind, function* main() {
        return yield retry(body);
      }),
      "attempt 1",
    );
    assertEquals(times, [0]);
  },
);

for (
  const [text, options, failures, expected] of [
    ["by default", undefined, 2, [0, 1, 3]],
    ["with doubled pauses", { attempts: 6, backoff: 0.5 }, 5, [
      0,
      0.5,
      1.5,
      3.5,
      7.5,
      15.5,
    ]],
    ["at once", { backoff: 0 }, 2, [0, 0, 0]],
    ["with pauses of no more than a minute", { attempts: 9, backoff: 16 }, 4, [
      0,
      16,
      48,
      108,
      168,
    ]],
    ["with the first pause, if that is longer", { backoff: 100 }, 2, [
      0,
      100,
      200,
    ]],
    ["with pauses of a function", { backoff: (n: number) => n * 10 }, 2, [
      0,
      10,
      30,
    ]],
    ["without end", { attempts: Infinity, backoff: () => 1 }, 100, null],
  ] as [string, RetryOptions | undefined, number, number[] | null][]
) {
  testKinds(`retry() tries again ${text}`, async (kind) => {
    const { times, body } = failing(kind, failures);
    const result = await runScript(kind, function* main() {
      return yield retry(body, options);
    });
    assertEquals(result, `attempt ${failures + 1}`);
    assertEquals(times, expected ?? Array.from({ length: 101 }, (_, i) => i));
  });
}

testKinds(
  "retry() goes on for longer than a pause could double",
  async (kind) => {
    const { times, body } = failing(kind, 3000);
    await runScript(kind, function* main() {
      return yield retry(body, { attempts: Infinity, backoff: 0 });
    });
    assertEquals(times.at(-1), 0);
  },
);

testKinds("retry() throws the last error, the same object", async (kind) => {
  const errors: Error[] = [];
  const { body } = inKind(kind, function* work(): Script<void> {
    errors.push(new Error(`failure ${errors.length}`));
    throw errors.at(-1);
  });
  await runScript(kind, function* main() {
    const error = yield* caught(retry(body, { attempts: 4 }));
    assertStrictEquals(error, errors[3]);
  });
  assertEquals(errors.length, 4);
});

testKinds("retry() does not try again what is not worth it", async (kind) => {
  const asked: [string, number][] = [];
  const { times, body } = failing(kind, 9);
  await runScript(kind, function* main() {
    const error = yield* caught(retry(body, {
      attempts: 9,
      when(error, attempt) {
        asked.push([(error as Error).message, attempt]);
        return attempt < 2;
      },
    }));
    assertEquals((error as Error).message, "failure 2");
  });
  assertEquals(asked, [["failure 1", 1], ["failure 2", 2]]);
  assertEquals(times.length, 2);
});

testKinds(
  "retry() asks neither about the last error nor about a cancellation",
  async (kind) => {
    const asked: unknown[] = [];
    const when = (error: unknown) => asked.push(error) > 0;
    const { body } = failing(kind, 9);
    await runScript(kind, function* main() {
      yield* caught(retry(body, { attempts: 1, when }));
      const inner = createTask(sleep(60));
      inner.cancel();
      const error = yield* caught(
        retry(
          inKind(kind, function* wait(): Script<void> {
            yield inner;
          }).body,
          { when },
        ),
      );
      assertInstanceOf(error, CancelledError);
    });
    assertEquals(asked, []);
  },
);

Deno.test("retry() takes a SuppressedError of a cancellation for a cancellation", async () => {
  let attempts = 0;
  await runScript("async", function* main() {
    const error = yield* caught(retry(async () => {
      attempts++;
      throw new SuppressedError(new CancelledError(), new Error("disposal"));
    }));
    assertInstanceOf(error, SuppressedError);
  });
  assertEquals(attempts, 1);
});

testKinds(
  "retry() is cancelled in an attempt and in a pause alike",
  async (kind) => {
    for (const moment of [0.5, 1.5]) {
      await runScript(kind, function* main() {
        let attempts = 0;
        const task = createTask(retry(
          inKind(kind, function* work(): Script<void> {
            attempts++;
            yield sleep(1);
            throw new Error("failure");
          }).body,
        ));
        yield sleep(moment);
        task.cancel();
        assertInstanceOf(yield* caught(task), CancelledError);
        assertEquals(attempts, 1);
        assertEquals(getRunningLoop().time(), moment);
      });
    }
  },
);

testKinds(
  "a time limit around retry() ends it; one inside it is retried",
  async (kind) => {
    await runScript(kind, function* main() {
      let attempts = 0;
      const hang = inKind(kind, function* hang(): Script<void> {
        attempts++;
        yield sleep(60);
      }).body;
      const error = yield* caught(timeout(
        5,
        inKind(kind, function* body(): Script<void> {
          yield retry(() => timeout(1, hang), { attempts: 9 });
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      // From 0, 2 and 5: the third one has no time left.
      assertEquals([getRunningLoop().time(), attempts], [5, 2]);
    });
  },
);

Deno.test("retry() tries a group again as a whole", async () => {
  await runScript("async", function* main() {
    let attempts = 0;
    yield retry(() =>
      taskGroup(async (group) => {
        attempts++;
        group.createTask(async () => {
          await sleep(1);
          if (attempts < 3) throw new Error("failure");
        });
        await sleep(2);
      })
    );
    assertEquals(attempts, 3);
  });
});

Deno.test("retry(): a jitter of 0.5 leaves half of the pause to chance", async () => {
  using random = stub(Math, "random", () => 0.5);
  const { times, body } = failing("async", 2);
  await runScript("async", function* main() {
    yield retry(body, { backoff: 4, jitter: 0.5 });
  });
  assertEquals(times, [0, 3, 9]);
  assertEquals(random.calls.length, 2);
});

Deno.test("retry() pauses in fake time", async () => {
  const { body } = failing("async", 2);
  await inFakeTime(async () => {
    const start = Date.now();
    await retry(body, { backoff: 1000 });
    assertEquals(Date.now() - start, 2_000_000);
  });
});

Deno.test("retry() runs nothing before it is awaited", () => {
  let called = false;
  retry(async () => {
    called = true;
  }).close();
  assertFalse(called);
});

testKinds("retry() retries what throws before it waits", async (kind) => {
  await runScript(kind, function* main() {
    let attempts = 0;
    yield retry(() => {
      if (++attempts < 3) throw new Error("no promise");
      return Promise.resolve();
    });
    assertEquals(attempts, 3);
  });
});

testSweep("retry() leaves nothing behind", () => {
  let open = 0;
  return {
    scripts: [0, 1].map(() =>
      function* work(): Script<void> {
        yield retry(async (attempt) => {
          open++;
          try {
            await sleep(0);
            if (attempt < 3) throw new Error("failure");
          } finally {
            open--;
          }
        });
      }
    ),
    check: () => assertEquals(open, 0),
  };
});

// Callbacks that fail

for (
  const [text, options, message] of [
    ["when() throws", {
      when() {
        throw new RangeError("when");
      },
    }, "when"],
    [
      "when() is async",
      { when: (async () => false) as never },
      "must not be an async function",
    ],
    ["backoff() throws", {
      backoff() {
        throw new RangeError("backoff");
      },
    }, "backoff"],
    ["backoff() gives NaN", { backoff: () => NaN }, "current value is NaN"],
    [
      "backoff() gives a negative time",
      { backoff: () => -1 },
      "must be >= 0: current value is -1",
    ],
    ["backoff() gives Infinity", { backoff: () => Infinity }, "never comes"],
  ] as [string, RetryOptions, string][]
) {
  Deno.test(`retry() ends with an error when ${text}`, async () => {
    const { times, body } = failing("async", 9);
    await runScript("async", function* main() {
      const error = yield* caught(retry(body, options));
      assertInstanceOf(error, Error);
      assert(error.message.includes(message), error.message);
    });
    assertEquals(times.length, 1);
  });
}

for (
  const [text, args, ErrorClass, message] of [
    [
      "a promise",
      [Promise.resolve()],
      TypeError,
      "a callable object was expected by retry()",
    ],
    [
      "a coroutine",
      [sleep(0)],
      TypeError,
      "a callable object was expected by retry()",
    ],
    ["nothing", [], TypeError, "a callable object was expected by retry()"],
    [
      "attempts 0",
      [async () => {}, { attempts: 0 }],
      RangeError,
      "must be >= 1: current value is 0",
    ],
    [
      "attempts -1",
      [async () => {}, { attempts: -1 }],
      RangeError,
      "current value is -1",
    ],
    [
      "attempts 1.5",
      [async () => {}, { attempts: 1.5 }],
      RangeError,
      "must be a whole number: current value is 1.5",
    ],
    [
      "attempts NaN",
      [async () => {}, { attempts: NaN }],
      TypeError,
      "current value is NaN",
    ],
    [
      "attempts '3'",
      [async () => {}, { attempts: "3" }],
      TypeError,
      "current value is '3'",
    ],
    [
      "backoff -1",
      [async () => {}, { backoff: -1 }],
      RangeError,
      "must be >= 0: current value is -1",
    ],
    [
      "backoff NaN",
      [async () => {}, { backoff: NaN }],
      TypeError,
      "a number of seconds",
    ],
    [
      "backoff Infinity",
      [async () => {}, { backoff: Infinity }],
      RangeError,
      "never comes",
    ],
    [
      "backoff '1'",
      [async () => {}, { backoff: "1" }],
      TypeError,
      "a number of seconds",
    ],
    [
      "jitter -0.1",
      [async () => {}, { jitter: -0.1 }],
      RangeError,
      "from 0 to 1: current value is -0.1",
    ],
    [
      "jitter 1.1",
      [async () => {}, { jitter: 1.1 }],
      RangeError,
      "from 0 to 1: current value is 1.1",
    ],
    [
      "jitter NaN",
      [async () => {}, { jitter: NaN }],
      TypeError,
      "current value is NaN",
    ],
    [
      "jitter true",
      [async () => {}, { jitter: true }],
      TypeError,
      "what is not a number",
    ],
    [
      "when 1",
      [async () => {}, { when: 1 }],
      TypeError,
      "the when option of retry()",
    ],
    [
      "attemps",
      [async () => {}, { attemps: 1 }],
      TypeError,
      "did you mean attempts?",
    ],
    [
      "a number",
      [async () => {}, 3],
      TypeError,
      "takes options as an object such as { attempts, backoff, jitter, when }",
    ],
  ] as [string, never, typeof Error, string][]
) {
  Deno.test(`retry() refuses ${text}`, () => {
    assertThrows(() => retry(...args as [never]), ErrorClass, message);
  });
}

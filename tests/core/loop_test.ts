import { readyOf, timersOf } from "../_internals.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { assertSpyCalls, stub } from "@std/testing/mock";
import {
  allTasks,
  CancelledError,
  coroutine,
  type CoroutineLike,
  createTask,
  currentTask,
  EventLoop,
  type ExceptionContext,
  type Future,
  gather,
  getEventLoop,
  getRunningLoop,
  Handle,
  newEventLoop,
  run,
  setEventLoop,
  sleep,
  Task,
  TimerHandle,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  type Kind,
  stubPerformance,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/**
 * Runs `body` with a loop in virtual time. Fails if the loop reported an error
 * that `body` did not remove from `contexts`.
 */
async function withLoop(
  body: (loop: EventLoop, contexts: ExceptionContext[]) => unknown,
): Promise<void> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  await body(loop, contexts);
  loop.close();
  assertEquals(contexts, []);
}

/** Runs exactly one turn of the loop. */
async function turn(loop: EventLoop): Promise<void> {
  loop.stop();
  await loop.runForever();
}

/** Waits until every microtask has run, and the macrotasks queued so far. */
function hostHop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Bad values, as a call from JavaScript would pass them. */
function bad<T>(value: unknown): T {
  return value as T;
}

function noop(): void {}

// Before, while and after the loop runs

Deno.test("EventLoop runs nothing that is scheduled before it is started", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callSoon(() => log.push("callSoon"));
    loop.callSoonThreadsafe(() => log.push("callSoonThreadsafe"));
    loop.callLater(0, () => log.push("callLater"));
    loop.callAt(loop.time(), () => log.push("callAt"));
    loop.createTask(async () => log.push("async task"));
    loop.createTask(function* () {
      log.push("generator task");
    });
    await hostHop();
    assertEquals(log, []);
    await turn(loop);
    assertEquals(log, [
      "callSoon",
      "callSoonThreadsafe",
      "async task",
      "generator task",
      "callLater",
      "callAt",
    ]);
  });
});

Deno.test("EventLoop.runForever() runs nothing before the call returns", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callSoon(() => {
      log.push("callback");
      loop.stop();
    });
    const running = loop.runForever();
    log.push("called");
    await running;
    assertEquals(log, ["called", "callback"]);
  });
});

Deno.test("EventLoop.isRunning() is true from the call of runForever() until its promise is fulfilled", async () => {
  await withLoop(async (loop) => {
    const seen = [loop.isRunning()];
    loop.callSoon(() => {
      seen.push(loop.isRunning());
      loop.stop();
    });
    const running = loop.runForever();
    seen.push(loop.isRunning());
    await running;
    seen.push(loop.isRunning());
    assertEquals(seen, [false, true, true, false]);
  });
});

Deno.test("EventLoop.isClosed() is true after close()", () => {
  const loop = new EventLoop();
  assertFalse(loop.isClosed());
  loop.close();
  assert(loop.isClosed());
});

Deno.test("EventLoop.runForever() and runUntilComplete() reject when the loop is already running", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture();
    const running = loop.runForever();
    const again = [loop.runForever(), loop.runUntilComplete(future)];
    const outcomes = Promise.allSettled(again);
    loop.stop();
    await running;
    for (const outcome of await outcomes) {
      assert(outcome.status === "rejected");
      assertEquals(
        outcome.reason.message,
        "This event loop is already running",
      );
    }
    assertEquals(String(future), "<Future pending>");
  });
});

Deno.test("EventLoop.runForever() and runUntilComplete() reject when the loop is closed", async () => {
  const loop = new EventLoop();
  const future = loop.createFuture();
  loop.close();
  for (
    const runAgain of [
      () => loop.runForever(),
      () => loop.runUntilComplete(future),
    ]
  ) {
    loop.stop(); // if it runs after all, it ends and the test fails
    await assertRejects(runAgain, Error, "Event loop is closed");
  }
});

Deno.test("EventLoop.close() throws on a running loop, which continues", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callSoon(() => {
      try {
        loop.close();
      } catch (error) {
        log.push(String(error));
      }
    });
    await turn(loop);
    loop.callSoon(() => log.push("still runs"));
    await turn(loop);
    assertEquals(log, [
      "Error: Cannot close a running event loop",
      "still runs",
    ]);
  });
});

Deno.test("EventLoop.close() throws between the call of runForever() and the first turn", async () => {
  await withLoop(async (loop) => {
    const running = loop.runForever();
    assertThrows(
      () => loop.close(),
      Error,
      "Cannot close a running event loop",
    );
    loop.stop();
    await running;
  });
});

Deno.test("EventLoop.close() can be called again", () => {
  const loop = new EventLoop();
  loop.close();
  loop.close();
  assert(loop.isClosed());
});

Deno.test("EventLoop.close() discards everything that is still scheduled", () => {
  const loop = new EventLoop();
  loop.callSoon(noop);
  const timer = loop.callLater(1, noop);
  loop.createTask(sleep(1));
  loop.close();
  assertEquals(readyOf(loop).length, 0);
  assertEquals(timersOf(loop).size, 0);
  assertEquals(allTasks(loop).size, 0);
  timer.cancel();
  assert(timer.cancelled());
});

for (
  const [name, use] of Object.entries<(loop: EventLoop) => unknown>({
    callSoon: (loop) => loop.callSoon(noop),
    callSoonThreadsafe: (loop) => loop.callSoonThreadsafe(noop),
    callLater: (loop) => loop.callLater(1, noop),
    callAt: (loop) => loop.callAt(1, noop),
    createTask: (loop) => loop.createTask(async () => {}),
    "new Task": (loop) => new Task(async () => {}, { loop }),
  })
) {
  Deno.test(`${name}() throws when the loop is closed`, () => {
    const loop = new EventLoop();
    loop.close();
    assertThrows(() => use(loop), Error, "Event loop is closed");
  });
}

Deno.test("EventLoop.createTask() leaves the coroutine unused when the loop is closed", async () => {
  const loop = new EventLoop();
  loop.close();
  const coro = coroutine(async () => "ran elsewhere")();
  assertThrows(() => loop.createTask(coro), Error, "Event loop is closed");
  await withLoop(async (other) => {
    assertEquals(await other.runUntilComplete(coro), "ran elsewhere");
  });
});

// runUntilComplete

testKinds(
  "EventLoop.runUntilComplete() returns the result of a coroutine",
  async (kind) => {
    await withLoop(async (loop) => {
      const main = inKind(kind, function* main(n: number) {
        yield sleep(1);
        return n + 1;
      });
      assertEquals(await loop.runUntilComplete(main(1)), 2);
      assertFalse(loop.isRunning());
    });
  },
);

testKinds(
  "EventLoop.runUntilComplete() rejects with the exception of the coroutine, the same object",
  async (kind) => {
    await withLoop(async (loop) => {
      const error = new Error("mine");
      const main = inKind(kind, function* main() {
        throw error;
      });
      assertStrictEquals(
        await assertRejects(() => loop.runUntilComplete(main())),
        error,
      );
    });
  },
);

Deno.test("EventLoop.runUntilComplete() rejects with CancelledError when the future is cancelled", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture();
    loop.callSoon(() => future.cancel("enough"));
    await assertRejects(
      () => loop.runUntilComplete(future),
      CancelledError,
      "enough",
    );
  });
});

Deno.test("EventLoop.runUntilComplete() takes one turn for a future that is already done", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    const future = loop.createFuture<number>();
    future.setResult(7);
    loop.callSoon(() => {
      log.push("first turn");
      loop.callSoon(() => log.push("second turn"));
    });
    assertEquals(await loop.runUntilComplete(future), 7);
    assertEquals(log, ["first turn"]);
  });
});

Deno.test("EventLoop.runUntilComplete() waits for a native promise", async () => {
  await withLoop(async (loop) => {
    assertEquals(await loop.runUntilComplete(Promise.resolve(3)), 3);
    await assertRejects(
      () => loop.runUntilComplete(Promise.reject(new RangeError("foreign"))),
      RangeError,
      "foreign",
    );
  });
});

for (
  const [text, value] of Object.entries<unknown>({
    undefined: undefined,
    null: null,
    1: 1,
    "'text'": "text",
    "{}": {},
  })
) {
  Deno.test(`EventLoop.runUntilComplete(${text}) rejects with a TypeError that names the value`, async () => {
    await withLoop(async (loop) => {
      const error = await assertRejects(
        () => loop.runUntilComplete(bad<Promise<void>>(value)),
        TypeError,
      );
      assertStringIncludes(error.message, `got ${text}`);
      assertFalse(loop.isRunning());
    });
  });
}

Deno.test("EventLoop.runUntilComplete() rejects when the loop is stopped before the future is done", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture();
    loop.callSoon(() => loop.stop());
    await assertRejects(
      () => loop.runUntilComplete(future),
      Error,
      "Event loop stopped before Future completed.",
    );
    assertEquals(String(future), "<Future pending>");
  });
});

testKinds(
  "EventLoop.runUntilComplete() can continue a task whose run was stopped",
  async (kind) => {
    await withLoop(async (loop) => {
      const main = inKind(kind, function* main() {
        yield sleep(2);
        return loop.time();
      });
      const task = loop.createTask(main());
      loop.callLater(1, () => loop.stop());
      await assertRejects(() => loop.runUntilComplete(task), Error, "stopped");
      assertFalse(task.done());
      assertEquals(await loop.runUntilComplete(task), 2);
    });
  },
);

Deno.test("EventLoop.runUntilComplete() returns the result if the loop is stopped in the turn that ends the future", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<string>();
    loop.callSoon(() => {
      future.setResult("in time");
      loop.stop();
    });
    assertEquals(await loop.runUntilComplete(future), "in time");
  });
});

Deno.test("EventLoop.runUntilComplete() does not stop a later run when its future is done only then", async () => {
  await withLoop(async (loop) => {
    const future = loop.createFuture<void>();
    loop.callSoon(() => loop.stop());
    await assertRejects(() => loop.runUntilComplete(future), Error, "stopped");
    loop.callSoon(() => future.setResult());
    assertEquals(await loop.runUntilComplete(sleep(1, "slept on")), "slept on");
  });
});

// Turns

Deno.test("EventLoop runs callbacks first in, first out", async () => {
  await withLoop(async (loop) => {
    const log: number[] = [];
    for (let i = 0; i < 200; i++) loop.callSoon((n) => log.push(n), i);
    await turn(loop);
    assertEquals(log, Array.from({ length: 200 }, (_, i) => i));
  });
});

Deno.test("EventLoop runs callbacks scheduled by callbacks in the next turn", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    function callback(name: string, depth: number): void {
      log.push(name);
      if (depth > 0) loop.callSoon(callback, `${name}+`, depth - 1);
    }
    loop.callSoon(callback, "a", 2);
    loop.callSoon(callback, "b", 1);
    await turn(loop);
    assertEquals(log.splice(0), ["a", "b"]);
    await turn(loop);
    assertEquals(log.splice(0), ["a+", "b+"]);
    await turn(loop);
    assertEquals(log.splice(0), ["a++"]);
    assertEquals(readyOf(loop).length, 0);
  });
});

Deno.test("EventLoop adds due timers to a turn after the callbacks that are ready, by deadline", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    const write = (text: string) => void log.push(text);
    loop.callLater(0, write, "callLater(0)");
    loop.callAt(-1, write, "callAt(-1)");
    loop.callLater(-2, write, "callLater(-2)");
    loop.callAt(0, write, "callAt(0)");
    loop.callSoon(write, "callSoon");
    await turn(loop);
    assertEquals(log, [
      "callSoon",
      "callLater(-2)",
      "callAt(-1)",
      "callLater(0)",
      "callAt(0)",
    ]);
  });
});

Deno.test("EventLoop runs timers by deadline, and equal deadlines in order of scheduling", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    const write = (text: string) => void log.push(text);
    for (const name of ["a", "b", "c"]) {
      for (const delay of [3, 1, 2]) loop.callLater(delay, write, delay + name);
    }
    loop.callLater(4, () => loop.stop());
    await loop.runForever();
    assertEquals(log.join(" "), "1a 1b 1c 2a 2b 2c 3a 3b 3c");
  });
});

Deno.test("EventLoop runs a timer that becomes due during a turn in the next turn, after the callbacks that are ready by then", async () => {
  let now = 0;
  const loop = new EventLoop({ clock: () => now });
  const log: string[] = [];
  loop.callLater(1, () => log.push("timer"));
  loop.callSoon(() => {
    now = 5;
    loop.callSoon(() => log.push("next turn"));
  });
  loop.callSoon(() => log.push("this turn"));
  await turn(loop);
  assertEquals(log, ["this turn"]);
  await turn(loop);
  assertEquals(log, ["this turn", "next turn", "timer"]);
  loop.close();
});

Deno.test("EventLoop.callLater(0) in a callback runs in the next turn", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callSoon(() => {
      loop.callLater(0, () => log.push("later"));
      loop.callLater(-1, () => log.push("earlier"));
      log.push("now");
    });
    await turn(loop);
    assertEquals(log, ["now"]);
    await turn(loop);
    assertEquals(log, ["now", "earlier", "later"]);
  });
});

Deno.test("EventLoop.callSoon(), callLater() and callAt() pass the arguments on", async () => {
  await withLoop(async (loop) => {
    const log: unknown[][] = [];
    const write = (...args: unknown[]) => void log.push(args);
    loop.callSoon(write);
    loop.callSoon(write, 1, "two");
    loop.callSoonThreadsafe(write, [3]);
    loop.callAt(0, write, 4);
    loop.callLater(1, write, 5, undefined);
    loop.callLater(2, () => loop.stop());
    await loop.runForever();
    assertEquals(log, [[], [1, "two"], [[3]], [4], [5, undefined]]);
  });
});

Deno.test("EventLoop.callLater() returns a TimerHandle that knows when it is due", async () => {
  await withLoop(async (loop) => {
    loop.callLater(2, () => loop.stop());
    await loop.runForever();
    const timer = loop.callLater(0.5, noop);
    assertInstanceOf(timer, TimerHandle);
    assertEquals(timer.when(), 2.5);
    assertEquals(loop.callAt(1.25, noop).when(), 1.25);
  });
});

// stop()

Deno.test("EventLoop.stop() lets the turn end, and leaves the callbacks that it schedules for the next run", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callSoon(() => {
      loop.stop();
      loop.callSoon(() => log.push("next run"));
    });
    loop.callSoon(() => log.push("same turn"));
    await loop.runForever();
    assertEquals(log, ["same turn"]);
    await turn(loop);
    assertEquals(log, ["same turn", "next run"]);
  });
});

Deno.test("EventLoop.stop() before runForever() makes it run one turn", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callSoon(() => {
      log.push("first turn");
      loop.callSoon(() => log.push("second turn"));
    });
    loop.stop();
    await loop.runForever();
    assertEquals(log, ["first turn"]);
  });
});

Deno.test("EventLoop.stop() before runForever() does not wait for timers", async () => {
  await withLoop(async (loop) => {
    const timer = loop.callLater(1, noop);
    await turn(loop);
    assertEquals(loop.time(), 0);
    timer.cancel();
  });
});

Deno.test("EventLoop.stop() affects only one run", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.stop();
    loop.stop();
    await loop.runForever();
    loop.callLater(1, () => log.push("second run"));
    loop.callLater(2, () => loop.stop());
    await loop.runForever();
    assertEquals(log, ["second run"]);
  });
});

Deno.test("EventLoop.stop() from outside ends the run of an idle loop", async () => {
  await withLoop(async (loop) => {
    const running = loop.runForever();
    await hostHop();
    assert(loop.isRunning());
    loop.stop();
    await running;
    assertFalse(loop.isRunning());
  });
});

Deno.test("EventLoop.stop() from outside ends the run of a loop that waits for a timer, and leaves no host timer", async () => {
  const loop = new EventLoop();
  let called = false;
  loop.callLater(3600, () => called = true);
  const running = loop.runForever();
  await hostHop();
  loop.stop();
  await running;
  assertFalse(called);
  assertEquals(timersOf(loop).size, 1);
  loop.close();
});

// Waking an idle loop

Deno.test("callSoonThreadsafe() from a host timer wakes an idle EventLoop", async () => {
  await withLoop(async (loop) => {
    setTimeout(() => loop.callSoonThreadsafe(() => loop.stop()), 0);
    await loop.runForever();
  });
});

for (
  const [what, wake] of Object.entries<(loop: EventLoop) => unknown>({
    "callSoon()": (loop) => loop.callSoon(() => loop.stop()),
    "callLater()": (loop) => loop.callLater(1, () => loop.stop()),
    "callAt()": (loop) => loop.callAt(1, () => loop.stop()),
    "createTask()": (loop) => loop.createTask(async () => loop.stop()),
  })
) {
  Deno.test(`${what} from outside wakes an idle EventLoop`, async () => {
    await withLoop(async (loop) => {
      const running = loop.runForever();
      await hostHop();
      wake(loop);
      for (let i = 0; i < 10; i++) await hostHop();
      assertFalse(loop.isRunning(), "the loop sleeps on");
      await running;
    });
  });
}

testKinds(
  "setting a future that a task waits for from outside wakes an idle EventLoop",
  async (kind) => {
    await withLoop(async (loop) => {
      const future = loop.createFuture<string>();
      const main = inKind(kind, function* main() {
        return yield future;
      });
      const running = loop.runUntilComplete(main());
      await hostHop();
      future.setResult("from outside");
      for (let i = 0; i < 10; i++) await hostHop();
      assertFalse(loop.isRunning(), "the loop sleeps on");
      assertEquals(await running, "from outside");
    });
  },
);

Deno.test("EventLoop wakes for a timer that is scheduled from outside and due before the first one", async () => {
  await withLoop(async (loop) => {
    const clock = { now: 0, delays: [] as number[], wake: noop };
    const other = new EventLoop({
      clock: {
        time: () => clock.now,
        wake(callback, delay) {
          clock.delays.push(delay);
          clock.wake = callback;
          return noop;
        },
      },
    });
    const log: string[] = [];
    other.callLater(100, noop);
    const running = other.runForever();
    await hostHop();
    other.callLater(10, () => {
      log.push("earlier");
      other.stop();
    });
    await hostHop();
    clock.now = 10;
    clock.wake();
    await running;
    assertEquals(clock.delays, [100, 10]);
    assertEquals(log, ["earlier"]);
    other.close();
    await turn(loop);
  });
});

// Handles

Deno.test("Handle.cancel() cancels the callback, even in the turn in which it is ready", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callSoon(() => later.cancel());
    const later = loop.callSoon(() => log.push("later"));
    const other = loop.callSoon(() => log.push("other"));
    assertInstanceOf(later, Handle);
    assertFalse(later.cancelled());
    await turn(loop);
    assert(later.cancelled());
    assertFalse(other.cancelled());
    assertEquals(log, ["other"]);
  });
});

Deno.test("TimerHandle.cancel() removes the timer from the loop at once", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    const timers = ["first", "middle", "last"].map((name, i) =>
      loop.callLater(i + 1, () => log.push(name))
    );
    timers[1].cancel();
    timers[1].cancel();
    assert(timers[1].cancelled());
    assertEquals(timersOf(loop).size, 2);
    loop.callLater(5, () => loop.stop());
    await loop.runForever();
    assertEquals(log, ["first", "last"]);
  });
});

Deno.test("TimerHandle.cancel() cancels a timer that is due in the same turn", async () => {
  await withLoop(async (loop) => {
    const log: string[] = [];
    loop.callLater(1, () => second.cancel());
    const second = loop.callLater(1, () => log.push("second"));
    loop.callLater(1, () => log.push("third"));
    loop.callLater(2, () => loop.stop());
    await loop.runForever();
    assertEquals(log, ["third"]);
  });
});

// Bad input

const NOT_FUNCTIONS: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  1: 1,
  "'print'": "print",
  "{}": {},
  "[]": [],
  "Symbol(x)": Symbol("x"),
  "a native Promise": Promise.resolve(),
  "<coroutine object sleep": sleep(0),
};

const METHODS: Record<string, (loop: EventLoop, callback: never) => unknown> = {
  callSoon: (loop, callback) => loop.callSoon(callback),
  callSoonThreadsafe: (loop, callback) => loop.callSoonThreadsafe(callback),
  callLater: (loop, callback) => loop.callLater(1, callback),
  callAt: (loop, callback) => loop.callAt(1, callback),
};

for (const [method, call] of Object.entries(METHODS)) {
  Deno.test(`EventLoop.${method}() throws a TypeError if the callback is not a function, and schedules nothing`, () => {
    const loop = new EventLoop();
    for (const [text, value] of Object.entries(NOT_FUNCTIONS)) {
      const error = assertThrows(() => call(loop, bad(value)), TypeError);
      assertStringIncludes(error.message, `got ${text}`);
    }
    assertEquals(readyOf(loop).length, 0);
    assertEquals(timersOf(loop).size, 0);
    loop.close();
  });

  Deno.test(`EventLoop.${method}() throws an error with its own name when it refuses a callback`, () => {
    const loop = new EventLoop();
    for (const callback of [null, coroutine(async () => {})]) {
      const error = assertThrows(() => call(loop, bad(callback)), TypeError);
      assertStringIncludes(error.message, `${method}()`);
    }
    loop.close();
  });

  Deno.test(`EventLoop.${method}() refuses a coroutine function, whose coroutine would never be awaited`, () => {
    const loop = new EventLoop();
    const callback = coroutine(async () => {});
    assertThrows(
      () => call(loop, bad(callback)),
      TypeError,
      "coroutines cannot be used with",
    );
    assertEquals(readyOf(loop).length + timersOf(loop).size, 0);
    loop.close();
  });
}

for (
  const [method, use] of Object.entries<
    (loop: EventLoop, time: number) => unknown
  >({
    callLater: (loop, delay) => loop.callLater(delay, noop),
    callAt: (loop, when) => loop.callAt(when, noop),
  })
) {
  for (
    const [text, value, ErrorClass] of [
      ["NaN", NaN, TypeError],
      ["'1'", "1", TypeError],
      ["null", null, TypeError],
      ["undefined", undefined, TypeError],
      ["1n", 1n, TypeError],
      ["{}", {}, TypeError],
      ["Infinity", Infinity, RangeError],
    ] as const
  ) {
    Deno.test(`EventLoop.${method}(${text}) throws a ${ErrorClass.name} that names the value, and schedules nothing`, () => {
      const loop = new EventLoop();
      const error = assertThrows(() => use(loop, bad(value)), ErrorClass);
      assertStringIncludes(error.message, `current value is ${text}`);
      assertStringIncludes(error.message, `${method}()`);
      assertEquals(timersOf(loop).size, 0);
      loop.close();
    });
  }
}

for (
  const [text, value] of Object.entries<unknown>({
    1: 1,
    "'x'": "x",
    "{}": {},
  })
) {
  Deno.test(`EventLoop refuses ${text} as task factory, exception handler or current loop`, () => {
    const loop = new EventLoop();
    for (
      const set of [
        () => loop.setTaskFactory(bad(value)),
        () => loop.setExceptionHandler(bad(value)),
        () => setEventLoop(bad(value)),
      ]
    ) {
      const error = assertThrows(set, TypeError);
      assertStringIncludes(error.message, `current value is ${text}`);
    }
    assertEquals(loop.getTaskFactory(), null);
    assertEquals(loop.getExceptionHandler(), null);
    loop.close();
  });
}

for (
  const [text, value] of Object.entries<unknown>({
    "a promise": Promise.resolve(1),
    "a number": 1,
    "a string": "work",
    "undefined": undefined,
    "null": null,
    "an object": {},
    "a future": new EventLoop().createFuture(),
  })
) {
  Deno.test(`EventLoop.createTask() refuses ${text}, and adds no task`, () => {
    const loop = new EventLoop();
    assertThrows(
      () => loop.createTask(bad<CoroutineLike<void>>(value)),
      TypeError,
      "a coroutine was expected, got ",
    );
    assertEquals(allTasks(loop).size, 0);
    assertEquals(readyOf(loop).length, 0);
    loop.close();
  });
}

// Errors in callbacks

Deno.test("EventLoop continues when a callback throws, and passes message, exception and handle to the handler", async () => {
  await withLoop(async (loop, contexts) => {
    const error = new Error("oops");
    const log: string[] = [];
    const handle = loop.callSoon(function careless() {
      throw error;
    });
    loop.callSoon(() => log.push("same turn"));
    await turn(loop);
    assertEquals(log, ["same turn"]);
    const [context] = contexts.splice(0);
    assertEquals(Object.keys(context).sort(), [
      "exception",
      "handle",
      "message",
    ]);
    assertEquals(context.message, "Exception in callback careless()");
    assertStrictEquals(context.exception, error);
    assertStrictEquals(context.handle, handle);
  });
});

Deno.test("EventLoop calls the exception handler when a timer's callback throws", async () => {
  await withLoop(async (loop, contexts) => {
    const timer = loop.callLater(1, function late() {
      throw new Error("late");
    });
    loop.callLater(2, () => loop.stop());
    await loop.runForever();
    const [context] = contexts.splice(0);
    assertEquals(context.message, "Exception in callback late()");
    assertStrictEquals(context.handle, timer);
  });
});

Deno.test("EventLoop passes any thrown value to the exception handler", async () => {
  await withLoop(async (loop, contexts) => {
    const thrown = ["text", 0, null, undefined, { code: 1 }];
    for (const value of thrown) {
      loop.callSoon(() => {
        throw value;
      });
    }
    await turn(loop);
    assertEquals(contexts.splice(0).map((c) => c.exception), thrown);
  });
});

Deno.test("EventLoop names the callback that threw even if the callback has cancelled its own handle", async () => {
  await withLoop(async (loop, contexts) => {
    const handle = loop.callSoon(function suicidal() {
      handle.cancel();
      throw new Error("anyway");
    });
    await turn(loop);
    assertEquals(
      contexts.splice(0).map((context) => context.message),
      ["Exception in callback suicidal()"],
    );
  });
});

Deno.test("EventLoop continues when a done callback throws, calls the others, and calls the exception handler", async () => {
  await withLoop(async (loop, contexts) => {
    const error = new Error("done callback");
    const log: string[] = [];
    const future = loop.createFuture<number>();
    future.addDoneCallback(() => log.push("first"));
    future.addDoneCallback(function careless() {
      throw error;
    });
    future.addDoneCallback(() => log.push("last"));
    future.setResult(1);
    await turn(loop);
    assertEquals(log, ["first", "last"]);
    const [context] = contexts.splice(0);
    assertEquals(context.message, "Exception in callback careless()");
    assertStrictEquals(context.exception, error);
    assertInstanceOf(context.handle, Handle);
  });
});

Deno.test("EventLoop continues when the exception handler throws, and prints both errors", async () => {
  using print = stub(console, "error", noop);
  const loop = new EventLoop();
  const log: string[] = [];
  loop.setExceptionHandler(() => {
    throw new Error("in the handler");
  });
  loop.callSoon(function careless() {
    throw new Error("in the callback");
  });
  loop.callSoon(() => log.push("goes on"));
  await turn(loop);
  loop.close();
  assertEquals(log, ["goes on"]);
  assertSpyCalls(print, 1);
  const text = String(print.calls[0].args[0]);
  assert(text.startsWith("Unhandled error in exception handler\n"), text);
  assertStringIncludes(text, "Error: in the handler");
  assertStringIncludes(text, "Exception in callback careless()");
  assertStringIncludes(text, "Error: in the callback");
});

Deno.test("EventLoop continues when the default exception handler of a subclass throws", async () => {
  using print = stub(console, "error", noop);
  class Careless extends EventLoop {
    override defaultExceptionHandler(): void {
      throw new Error("in the default handler");
    }
  }
  const loop = new Careless();
  const log: string[] = [];
  loop.callSoon(() => {
    throw new Error("in the callback");
  });
  loop.callSoon(() => log.push("goes on"));
  await turn(loop);
  loop.close();
  assertEquals(log, ["goes on"]);
  assertSpyCalls(print, 1);
  assertEquals(
    print.calls[0].args[0],
    "Exception in default exception handler",
  );
});

Deno.test("EventLoop.callExceptionHandler() passes the same context object to the handler and prints nothing", () => {
  using print = stub(console, "error", noop);
  const loop = new EventLoop();
  const context = { message: "mine", extra: 1 };
  const seen: unknown[][] = [];
  loop.setExceptionHandler((...args) => seen.push(args));
  loop.callExceptionHandler(context);
  assertStrictEquals(seen[0][0], loop);
  assertStrictEquals(seen[0][1], context);
  assertSpyCalls(print, 0);
  loop.close();
});

Deno.test("EventLoop.setExceptionHandler(null) restores the default handler", () => {
  using print = stub(console, "error", noop);
  const loop = new EventLoop();
  const handler = () => {};
  loop.setExceptionHandler(handler);
  assertStrictEquals(loop.getExceptionHandler(), handler);
  loop.setExceptionHandler(null);
  assertEquals(loop.getExceptionHandler(), null);
  loop.callExceptionHandler({ message: "printed" });
  assertEquals(print.calls.map((call) => call.args), [["printed"]]);
  loop.close();
});

Deno.test("EventLoop.defaultExceptionHandler() prints the message, the other entries sorted by key, and the error with its stack", () => {
  using print = stub(console, "error", noop);
  const loop = new EventLoop();
  const future = loop.createFuture<number>();
  future.setResult(1);
  const exception = new RangeError("too far");
  loop.defaultExceptionHandler({
    zebra: "last",
    future,
    exception,
    message: "It broke",
    apple: 1,
  });
  const lines = String(print.calls[0].args[0]).split("\n");
  assertEquals(lines.slice(0, 5), [
    "It broke",
    "apple: 1",
    "future: <Future finished result=1>",
    "zebra: 'last'",
    "RangeError: too far",
  ]);
  assertMatch(lines[5], /^ {4}at .*loop_test\.ts:\d+:\d+/);
  assertSpyCalls(print, 1);
  loop.close();
});

Deno.test("EventLoop.defaultExceptionHandler() has a message for a context without one", () => {
  using print = stub(console, "error", noop);
  const loop = new EventLoop();
  loop.defaultExceptionHandler({});
  assertEquals(print.calls.map((call) => call.args), [[
    "Unhandled exception in event loop",
  ]]);
  loop.close();
});

Deno.test("EventLoop prints an unhandled error to console.error", async () => {
  using print = stub(console, "error", noop);
  const loop = new EventLoop();
  loop.callSoon(function careless() {
    throw new TypeError("oops");
  });
  await turn(loop);
  loop.close();
  assertSpyCalls(print, 1);
  const text = String(print.calls[0].args[0]);
  assert(
    text.startsWith(
      "Exception in callback careless()\nhandle: <Handle careless()>\nTypeError: oops\n",
    ),
    text,
  );
});

// The running and the current loop

Deno.test("getRunningLoop() returns the loop in a callback, where there is no current task", async () => {
  await withLoop(async (loop) => {
    const seen: unknown[] = [];
    loop.callSoon(() => seen.push(getRunningLoop(), currentTask()));
    await turn(loop);
    assertStrictEquals(seen[0], loop);
    assertEquals(seen[1], null);
  });
});

testKinds(
  "getRunningLoop() returns the loop in a task, even after a wait",
  async (kind) => {
    await withLoop(async (loop) => {
      const seen: EventLoop[] = [];
      const main = inKind(kind, function* main() {
        seen.push(getRunningLoop());
        yield sleep(1);
        seen.push(getRunningLoop());
      });
      await loop.runUntilComplete(main());
      assertEquals(seen.map((other) => other === loop), [true, true]);
    });
  },
);

Deno.test("getRunningLoop() throws if no loop runs", () => {
  assertThrows(() => getRunningLoop(), Error, "no running event loop");
});

Deno.test("getRunningLoop() throws in code outside a loop while that loop runs", async () => {
  await withLoop(async (loop) => {
    const running = loop.runForever();
    await hostHop();
    assertThrows(() => getRunningLoop(), Error, "no running event loop");
    loop.stop();
    await running;
  });
});

Deno.test("getEventLoop() creates a loop on first use, and then returns the same loop", () => {
  setEventLoop(null);
  const loop = getEventLoop();
  assertInstanceOf(loop, EventLoop);
  assertStrictEquals(getEventLoop(), loop);
  setEventLoop(null);
  const other = getEventLoop();
  assertNotStrictEquals(other, loop);
  setEventLoop(null);
  loop.close();
  other.close();
});

Deno.test("getEventLoop() returns the loop that was set, but the running loop inside a running loop", async () => {
  await withLoop(async (loop) => {
    const current = newEventLoop();
    setEventLoop(current);
    let inside: EventLoop | undefined;
    loop.callSoon(() => inside = getEventLoop());
    await turn(loop);
    assertStrictEquals(inside, loop);
    assertStrictEquals(getEventLoop(), current);
    setEventLoop(null);
    current.close();
  });
});

Deno.test("newEventLoop() creates a new loop, which is not the current loop", () => {
  setEventLoop(null);
  const [a, b] = [newEventLoop(), newEventLoop({ debug: true })];
  const current = getEventLoop();
  assertNotStrictEquals(a, b);
  assertNotStrictEquals(current, a);
  assertNotStrictEquals(current, b);
  assertEquals([a.getDebug(), b.getDebug()], [false, true]);
  setEventLoop(null);
  for (const loop of [a, b, current]) loop.close();
});

Deno.test("setEventLoop() sets the loop to which a new Future belongs", () => {
  const loop = newEventLoop();
  setEventLoop(loop);
  assertStrictEquals(getEventLoop().createFuture().getLoop(), loop);
  setEventLoop(null);
  loop.close();
});

// Loops inside loops, and two loops

/** Ways to run code inside a loop. */
const INSIDE: Record<string, (loop: EventLoop, code: () => void) => unknown> = {
  "a callback": (loop, code) => loop.callSoon(code),
  "a timer": (loop, code) => loop.callLater(1, code),
  "an async function": (loop, code) => loop.createTask(async () => code()),
  "an async function after a native await": (loop, code) =>
    loop.createTask(async () => {
      await hostHop();
      code();
    }),
  "a generator": (loop, code) =>
    loop.createTask(function* () {
      code();
    }),
};

for (const [place, runInside] of Object.entries(INSIDE)) {
  Deno.test(`run() inside ${place} is rejected, and the loop continues`, async () => {
    await withLoop(async (loop) => {
      let outcome: Promise<void> | undefined;
      runInside(loop, () => {
        outcome = run(async () => {});
        outcome.catch(noop);
        loop.callSoon(() => loop.stop());
      });
      await loop.runForever();
      await assertRejects(
        () => outcome!,
        Error,
        "run() cannot be called from a running event loop",
      );
    });
  });

  Deno.test(`EventLoop.runForever() of another loop inside ${place} is rejected`, async () => {
    await withLoop(async (loop) => {
      const other = new EventLoop();
      let outcome: Promise<void> | undefined;
      runInside(loop, () => {
        outcome = other.runForever();
        outcome.catch(noop);
        loop.callSoon(() => loop.stop());
      });
      await loop.runForever();
      await assertRejects(
        () => outcome!,
        Error,
        "Cannot run the event loop while another loop is running",
      );
      assertFalse(other.isRunning());
      other.close();
    });
  });
}

testKinds(
  "two loops can run concurrently, each with its own tasks, time and callbacks",
  async (kind) => {
    const loops = [1, 2].map(() =>
      new EventLoop({ clock: new VirtualClock() })
    );
    const log: string[] = [];
    const main = inKind(kind, function* main(n: number) {
      for (let i = 0; i < 3; i++) {
        yield sleep(n);
        log.push(
          `${n} at ${getRunningLoop().time()} ${
            getRunningLoop() === loops[n - 1]
          } ${currentTask()?.getName()}`,
        );
      }
      return n;
    });
    const results = await Promise.all(loops.map((loop, i) => {
      const task = loop.createTask(main(i + 1), { name: `task of ${i + 1}` });
      return loop.runUntilComplete(task);
    }));
    assertEquals(results, [1, 2]);
    assertEquals(log.toSorted(), [
      "1 at 1 true task of 1",
      "1 at 2 true task of 1",
      "1 at 3 true task of 1",
      "2 at 2 true task of 2",
      "2 at 4 true task of 2",
      "2 at 6 true task of 2",
    ]);
    for (const loop of loops) loop.close();
  },
);

testKinds(
  "callSoonThreadsafe() can be called from inside another running loop",
  async (kind) => {
    const [a, b] = [1, 2].map(() => new EventLoop());
    const future = b.createFuture<string>();
    const asker = inKind(kind, function* asker() {
      return yield future;
    });
    const teller = inKind(kind, function* teller() {
      yield sleep(0);
      b.callSoonThreadsafe(() => future.setResult("told"));
    });
    const [answer] = await Promise.all([
      b.runUntilComplete(asker()),
      a.runUntilComplete(teller()),
    ]);
    assertEquals(answer, "told");
    a.close();
    b.close();
  },
);

const STATES: Record<string, (future: Future<number>) => unknown> = {
  "a pending": noop,
  "a finished": (future) => future.setResult(1),
};

for (const [state, prepare] of Object.entries(STATES)) {
  testKinds(
    `a task that waits for ${state} future of another loop gets an error that says so`,
    async (kind) => {
      await withLoop(async (loop) => {
        const other = new EventLoop();
        const future = other.createFuture<number>();
        prepare(future);
        const main = inKind(kind, function* main() {
          return yield future;
        });
        const error = await assertRejects(
          () => loop.runUntilComplete(main()),
          Error,
          "attached to a different loop",
        );
        assertStringIncludes(error.message, String(future));
        assertStringIncludes(error.message, "<Task ");
        assertEquals(future["_callbacks"], null);
        other.close();
      });
    },
  );
}

Deno.test("runUntilComplete() and gather() refuse a future of another loop", async () => {
  await withLoop(async (loop) => {
    const other = new EventLoop();
    const future = other.createFuture<number>();
    for (
      const use of [
        () => loop.runUntilComplete(future),
        () => loop.runUntilComplete(gather(future)),
        () =>
          loop.runUntilComplete(async () =>
            await gather(future, loop.createFuture())
          ),
      ]
    ) {
      await assertRejects(use, Error, "different loop");
    }
    other.close();
  });
});

// The host

/** When a loop that starves the host is stopped and the test fails, in ms. */
const GIVE_UP = 10_000;

const SPINNERS: Record<string, (loop: EventLoop, go: () => boolean) => void> = {
  "callSoon()": (loop, go) => {
    loop.callSoon(function again() {
      if (go()) loop.callSoon(again);
    });
  },
  "callLater(0)": (loop, go) => {
    loop.callLater(0, function again() {
      if (go()) loop.callLater(0, again);
    });
  },
  "sleep(0) in a generator": (loop, go) => {
    loop.createTask(function* () {
      while (go()) yield* sleep(0);
    });
  },
  "sleep(0) in an async function": (loop, go) => {
    loop.createTask(async () => {
      while (go()) await sleep(0);
    });
  },
  "new tasks": (loop, go) => {
    loop.createTask(async function again() {
      if (go()) createTask(again);
    });
  },
  "callbacks that take long": (loop, go) => {
    loop.callSoon(function again() {
      const end = performance.now() + 2;
      while (performance.now() < end);
      if (go()) loop.callSoon(again);
    });
  },
};

for (const [what, spin] of Object.entries(SPINNERS)) {
  Deno.test(`a loop that spins on ${what} lets host timers fire`, async () => {
    const loop = new EventLoop();
    const giveUp = performance.now() + GIVE_UP;
    let turns = 0;
    let fired = false;
    const timer = setTimeout(() => fired = true, 0);
    spin(loop, () => {
      turns++;
      if (!fired && performance.now() < giveUp) return true;
      loop.stop();
      return false;
    });
    await loop.runForever();
    clearTimeout(timer);
    assert(fired);
    assert(turns > 1);
    loop.close();
  });
}

const CAN_RUN = Deno.permissions.querySync({ name: "run" }).state === "granted";

async function runChild(code: string): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

Deno.test({
  name:
    "an idle running loop keeps the process alive, and a stopped loop lets it end",
  ignore: !CAN_RUN,
  async fn() {
    const module = JSON.stringify(import.meta.resolve("../../mod.ts"));
    assertEquals(
      await runChild(`
        const { EventLoop } = await import(${module});
        const loop = new EventLoop();
        const timer = setTimeout(() => loop.callSoonThreadsafe(() => loop.stop()), 50);
        Deno.unrefTimer(timer);
        loop.runForever().then(() => console.log("stopped"));
      `),
      "stopped\n",
    );
  },
});

// Task factory

Deno.test("EventLoop.createTask() calls the task factory with loop, coroutine and options", async () => {
  await withLoop(async (loop) => {
    const seen: unknown[][] = [];
    class MyTask<T> extends Task<T> {}
    loop.setTaskFactory(
      <T>(...args: [EventLoop, CoroutineLike<T>, object?]) => {
        seen.push(args);
        return new MyTask<T>(args[1], { ...args[2], loop: args[0] });
      },
    );
    const coro = coroutine(async () => "made")();
    const task = loop.createTask(coro, { name: "mine" });
    assertInstanceOf(task, MyTask);
    assertEquals(task.getName(), "mine");
    assertStrictEquals(seen[0][0], loop);
    assertStrictEquals(seen[0][1], coro);
    assertEquals(seen[0][2], { name: "mine" });
    assertEquals(await loop.runUntilComplete(task), "made");
  });
});

testKinds(
  "the task factory creates the tasks of createTask(), gather() and runUntilComplete() as well",
  async (kind) => {
    await withLoop(async (loop) => {
      let made = 0;
      loop.setTaskFactory((loop, coro, options) => {
        made++;
        return new Task(coro, { ...options, loop });
      });
      const main = inKind(kind, function* main() {
        yield createTask(sleep(0));
        yield gather(sleep(0), sleep(0));
      });
      await loop.runUntilComplete(main());
      assertEquals(made, 4);
    });
  },
);

Deno.test("EventLoop.setTaskFactory(null) restores the default tasks", async () => {
  await withLoop((loop) => {
    const factory = () => {
      throw new Error("not me");
    };
    loop.setTaskFactory(factory);
    assertStrictEquals(loop.getTaskFactory(), factory);
    assertThrows(() => loop.createTask(sleep(0)), Error, "not me");
    loop.setTaskFactory(null);
    assertEquals(loop.getTaskFactory(), null);
    assertInstanceOf(loop.createTask(sleep(0)), Task);
  });
});

// Debug mode

Deno.test("EventLoop.setDebug() turns debug mode on and off", () => {
  const loop = new EventLoop();
  assertFalse(loop.getDebug());
  loop.setDebug(true);
  assert(loop.getDebug());
  loop.setDebug(false);
  assertFalse(loop.getDebug());
  loop.close();
});

// Cause: a slice began anew with each wake-up, though what had woken the loop was
// a microtask, and the host had had no turn.
for (const milliseconds of [0.5, 1, 3, 10]) {
  Deno.test(`EventLoop gives the host turns between steps of ${milliseconds} ms, though promises wake each`, async () => {
    using time = stubPerformance();
    const loop = new EventLoop();
    let kept = 0;
    let longest = 0;
    let isOver = false;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const turn = () => {
      kept = 0;
      if (isOver) end();
      else setImmediate(turn);
    };
    setImmediate(turn);
    await loop.runUntilComplete(function* () {
      for (let i = 0; i < 200; i++) {
        time.pass(milliseconds / 1000);
        kept += milliseconds;
        longest = Math.max(longest, kept);
        yield* wrapFuture(Promise.resolve());
      }
    });
    isOver = true;
    await ended;
    loop.close();
    // Two slices: after the first one, the host may have had turns.
    assert(longest <= 8 + 2 * milliseconds, `${longest} ms without a turn`);
  });
}

Deno.test("EventLoop in debug mode reports callbacks that take 0.1 seconds or more, and no others", async () => {
  using warn = stub(console, "warn", noop);
  using time = stubPerformance();
  const loop = new EventLoop({ debug: true });
  loop.callSoon(function quick() {
    time.pass(0.0625);
  });
  loop.callSoon(function slow() {
    time.pass(0.125);
  });
  await turn(loop);
  loop.close();
  assertSpyCalls(warn, 1);
  assertMatch(
    String(warn.calls[0].args[0]),
    /^Executing <Handle slow\(\) created at .*loop_test\.ts:\d+> took 0\.125 seconds$/,
  );
});

Deno.test("EventLoop reports no slow callbacks if debug mode is off", async () => {
  using warn = stub(console, "warn", noop);
  using time = stubPerformance();
  const loop = new EventLoop();
  loop.callSoon(() => time.pass(5));
  await turn(loop);
  loop.close();
  assertSpyCalls(warn, 0);
});

testKinds(
  "EventLoop in debug mode reports the task of a slow step, be it the first or a later one",
  async (kind) => {
    using warn = stub(console, "warn", noop);
    using time = stubPerformance();
    const loop = new EventLoop({ debug: true, clock: new VirtualClock() });
    const main = inKind(kind, function* main() {
      time.pass(0.25);
      yield sleep(0);
      yield sleep(1);
      time.pass(0.5);
    });
    await loop.runUntilComplete(loop.createTask(main(), { name: "sluggish" }));
    loop.close();
    assertSpyCalls(warn, 2);
    const [first, second] = warn.calls.map((call) => String(call.args[0]));
    assertMatch(
      first,
      /^Executing <Task pending name='sluggish' coro=<main\(\) .* took 0\.250 seconds$/,
    );
    assertMatch(
      second,
      /^Executing <Task \w+ name='sluggish' coro=<main\(\) .* took 0\.500 seconds$/,
    );
  },
);

Deno.test("Handle prints in debug mode where it was created", async () => {
  await withLoop((loop) => {
    const path = import.meta.filename;
    loop.setDebug(true);
    const handle = loop.callSoon(noop);
    const timer = loop.callLater(1, noop);
    loop.setDebug(false);
    for (const text of [String(handle), String(timer)]) {
      assertMatch(text, / created at (.+):\d+>$/);
      assertStringIncludes(text, ` created at ${path}:`);
    }
    assertFalse(String(loop.callSoon(noop)).includes("created at"));
  });
});

// Many callbacks and timers

Deno.test("EventLoop runs a million callbacks in order, and keeps no references to them", async () => {
  await withLoop(async (loop) => {
    const count = 1_000_000;
    let next = 0;
    let inOrder = true;
    const callback = (i: number) => void (inOrder &&= i === next++);
    for (let i = 0; i < count; i++) loop.callSoon(callback, i);
    await turn(loop);
    assert(inOrder);
    assertEquals(next, count);
    assertEquals(readyOf(loop).length, 0);
  });
});

Deno.test("EventLoop runs 100,000 timers by deadline, and removes cancelled ones", async () => {
  await withLoop(async (loop) => {
    const count = 100_000;
    const log: number[] = [];
    const callback = (when: number) => void log.push(when);
    for (let i = 0; i < count; i++) {
      // A permutation, since 7919 and the count are coprime.
      const when = (i * 7919) % count / count;
      const timer = loop.callAt(when, callback, when);
      if (i % 2 === 1) timer.cancel();
    }
    assertEquals(timersOf(loop).size, count / 2);
    loop.callAt(2, () => loop.stop());
    await loop.runForever();
    assertEquals(log.length, count / 2);
    assertEquals(log, log.toSorted((a, b) => a - b));
  });
});

testKinds(
  "a task that calls sleep(0) 100,000 times leaves nothing behind",
  async (kind: Kind) => {
    await withLoop(async (loop) => {
      const main = inKind(kind, function* main() {
        for (let i = 0; i < 100_000; i++) yield sleep(0);
        return "awake";
      });
      assertEquals(await loop.runUntilComplete(main()), "awake");
      assertEquals(readyOf(loop).length, 0);
      assertEquals(allTasks(loop).size, 0);
    });
  },
);

Deno.test("EventLoop.stop() in an async step that ends a turn leaves the next turn for later", async () => {
  const loop = newEventLoop();
  const log: string[] = [];
  loop.callSoon(() =>
    loop.callSoon(() => loop.callSoon(() => log.push("next")))
  );
  const task = loop.createTask(async () => {
    await sleep(0);
    log.push("stops");
    loop.stop();
  });
  await loop.runForever();
  assertEquals(log, ["stops"]);
  loop.stop();
  await loop.runForever();
  assertEquals(log, ["stops", "next"]);
  assert(task.done());
  loop.close();
});

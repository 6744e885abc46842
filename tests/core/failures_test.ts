import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { assertSpyCalls, stub } from "@std/testing/mock";
import {
  CancelledError,
  createTask,
  EventLoop,
  type ExceptionContext,
  type Future,
  gather,
  getRunningLoop,
  run,
  sleep,
  type Task,
  wait,
  wrapFuture,
} from "@asyncio/asyncio";
import { inKind, runVirtually, testKinds, VirtualClock } from "../_helpers.ts";

/** A loop in virtual time, and the contexts passed to its exception handler. */
function openLoop() {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  return { loop, contexts };
}

/** Waits until every microtask has run and a loop without work is idle. */
async function hostHop(): Promise<void> {
  // Several times, since a loop may check twice before it becomes idle.
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A future that has failed. */
function failedFuture(loop: EventLoop, message = "no"): Future<void> {
  const future = loop.createFuture<void>();
  future.setException(new Error(message));
  return future;
}

/** The messages of the errors that were reported. */
function reported(contexts: ExceptionContext[]): string[] {
  return contexts.map(({ exception }) => (exception as Error).message);
}

function noop(): void {}

// Exceptions that are reported

testKinds(
  "an exception of a task that is never retrieved is reported with message, exception and future",
  async (kind) => {
    const { loop, contexts } = openLoop();
    const error = new Error("unseen");
    const fail = inKind(kind, function* fail() {
      yield sleep(0);
      throw error;
    });
    const task = loop.createTask(fail());
    await loop.runUntilComplete(sleep(1));
    loop.close();
    assertEquals(contexts.length, 1);
    assertEquals(Object.keys(contexts[0]).toSorted(), [
      "exception",
      "future",
      "message",
    ]);
    assertEquals(contexts[0].message, "Task exception was never retrieved");
    assertStrictEquals(contexts[0].exception, error);
    assertStrictEquals<unknown>(contexts[0].future, task);
  },
);

const FAILURES: Record<
  string,
  (loop: EventLoop, error: Error) => Future<unknown>
> = {
  Future(loop, error) {
    const future = loop.createFuture();
    future.setException(error);
    return future;
  },
  Task: (loop, error) =>
    loop.createTask(async () => {
      throw error;
    }),
};

for (const [name, fail] of Object.entries(FAILURES)) {
  Deno.test(`a failed ${name} is reported once when the loop closes`, async () => {
    const { loop, contexts } = openLoop();
    const error = new Error("unseen");
    const future = fail(loop, error);
    loop.stop();
    await loop.runForever();
    assertEquals(contexts, []);
    loop.close();
    loop.close();
    assertEquals(contexts.length, 1);
    assertEquals(contexts[0].message, `${name} exception was never retrieved`);
    assertStrictEquals(contexts[0].exception, error);
    assertStrictEquals(contexts[0].future, future);
  });

  Deno.test(`a failed ${name} is reported once when the loop is idle, and not again when it closes`, async () => {
    const { loop, contexts } = openLoop();
    const running = loop.runForever();
    fail(loop, new Error("unseen"));
    await hostHop();
    assertEquals(reported(contexts), ["unseen"]);
    loop.callSoon(noop);
    await hostHop();
    loop.stop();
    await running;
    loop.close();
    assertEquals(reported(contexts), ["unseen"]);
  });
}

Deno.test("a failed gathering is reported under its own name", async () => {
  const { contexts } = await runVirtually(async () => {
    gather(async () => {
      throw new Error("unseen");
    });
    await sleep(1);
  });
  assertEquals(contexts.map((context) => context.message), [
    "_GatheringFuture exception was never retrieved",
  ]);
});

Deno.test("every failure is reported, in the order in which they came", async () => {
  const { loop, contexts } = openLoop();
  for (const message of ["first", "middle", "last"]) {
    failedFuture(loop, message);
  }
  const running = loop.runForever();
  await hostHop();
  assertEquals(reported(contexts), ["first", "middle", "last"]);
  loop.stop();
  await running;
  loop.close();
  assertEquals(contexts.length, 3);
});

Deno.test("failures after others were reported are reported as well", async () => {
  const { loop, contexts } = openLoop();
  const running = loop.runForever();
  for (const message of ["one", "two", "three"]) {
    failedFuture(loop, message);
    loop.callSoon(noop);
    await hostHop();
  }
  assertEquals(reported(contexts), ["one", "two", "three"]);
  loop.stop();
  await running;
  loop.close();
});

Deno.test("thousands of failures in a loop that is never idle are each reported once, unless they are retrieved", async () => {
  const { loop, contexts } = openLoop();
  const count = 5000;
  await loop.runUntilComplete(async () => {
    for (let i = 0; i < count; i++) {
      const task = createTask(async () => {
        throw new Error(String(i));
      });
      await sleep(0);
      if (i % 5 !== 0) task.exception();
    }
  });
  assertEquals(contexts, []);
  loop.close();
  assertEquals(
    reported(contexts),
    Array.from({ length: count / 5 }, (_, i) => String(i * 5)),
  );
});

Deno.test("a failure is printed once to console.error if there is no handler", async () => {
  using print = stub(console, "error", noop);
  await run(async () => {
    createTask(async function careless() {
      throw new RangeError("unseen");
    });
    await sleep(0);
  });
  assertSpyCalls(print, 1);
  const lines = String(print.calls[0].args[0]).split("\n");
  assertEquals(lines[0], "Task exception was never retrieved");
  assertStringIncludes(lines[1], "future: <Task finished coro=<careless() ");
  assertStringIncludes(lines[1], " exception=RangeError('unseen')>");
  assertEquals(lines[2], "RangeError: unseen");
});

Deno.test("thrown values other than errors are reported too", async () => {
  const { contexts } = await runVirtually(async () => {
    for (const thrown of ["text", 0, null]) {
      createTask(async () => {
        throw thrown;
      });
    }
    await sleep(1);
  });
  assertEquals(contexts.map(({ exception }) => exception), ["text", 0, null]);
});

// What retrieves an exception

const LOOKS: Record<string, (future: Future<void>) => unknown> = {
  "result()": (future) => assertThrows(() => future.result()),
  "exception()": (future) => future.exception(),
  "cancel()": (future) => future.cancel(),
  "await in a task": (future) =>
    future.getLoop().createTask(async () => await future.then(noop, noop)),
  "yield* in a task": (future) =>
    future.getLoop().createTask(function* () {
      try {
        yield* future;
      } catch {
        // seen
      }
    }),
  "a done callback that calls exception()": (future) =>
    future.addDoneCallback((done) => done.exception()),
  "await outside any loop": (future) =>
    (async () => await future)().catch(noop),
  "Promise.allSettled()": (future) => Promise.allSettled([future]),
  "gather() with returnExceptions": (future) =>
    gather([future], { returnExceptions: true }),
};

for (const [how, look] of Object.entries(LOOKS)) {
  Deno.test(`an exception that ${how} retrieves is not reported`, async () => {
    const { loop, contexts } = openLoop();
    const running = loop.runForever();
    const future = failedFuture(loop);
    look(future);
    loop.callSoon(noop);
    await hostHop();
    loop.stop();
    await running;
    loop.close();
    assertEquals(contexts, []);
  });

  Deno.test(`an exception that ${how} retrieves after the loop was idle is not reported`, async () => {
    const { loop, contexts } = openLoop();
    const future = failedFuture(loop);
    // While the timer is pending, the exception may still be retrieved.
    loop.callLater(1, () => look(future));
    loop.callLater(2, () => loop.stop());
    await loop.runForever();
    loop.close();
    assertEquals(contexts, []);
  });

  Deno.test(`a failure that ${how} waited for beforehand is not reported`, async () => {
    if (["result()", "exception()", "cancel()"].includes(how)) return;
    const { loop, contexts } = openLoop();
    const running = loop.runForever();
    const future = loop.createFuture<void>();
    look(future);
    await hostHop();
    future.setException(new Error("no"));
    await hostHop();
    loop.stop();
    await running;
    loop.close();
    assertEquals(contexts, []);
  });
}

testKinds(
  "a failure that another task awaits is reported only for that task",
  async (kind) => {
    const tasks: Task<void>[] = [];
    const { contexts } = await runVirtually(async () => {
      const fail = inKind(kind, function* fail() {
        throw new Error("passed on");
      });
      const outer = inKind(kind, function* outer() {
        yield tasks[0];
      });
      tasks.push(createTask(fail()) as Task<void>);
      tasks.push(createTask(outer()) as Task<void>);
      await sleep(1);
    });
    assertEquals(contexts.map(({ future }) => future === tasks[1]), [true]);
  },
);

Deno.test("the failure of the main coroutine is not reported: runUntilComplete() and run() throw it", async () => {
  const { loop, contexts } = openLoop();
  await assertRejects(
    () =>
      loop.runUntilComplete(async () => {
        throw new Error("main");
      }),
    Error,
    "main",
  );
  loop.close();
  assertEquals(contexts, []);
  using print = stub(console, "error", noop);
  await assertRejects(
    () =>
      run(async () => {
        throw new Error("main");
      }),
    Error,
    "main",
  );
  assertSpyCalls(print, 0);
});

Deno.test("wait() does not retrieve the exceptions of its futures", async () => {
  const { contexts } = await runVirtually(async () => {
    const seen = createTask(async () => {
      throw new Error("seen");
    });
    const unseen = createTask(async () => {
      throw new Error("unseen");
    });
    const [done] = await wait([seen, unseen]);
    assertEquals(done.size, 2);
    seen.exception();
  });
  assertEquals(reported(contexts), ["unseen"]);
});

// Cancellation is not a failure

testKinds(
  "a cancelled task is never reported, whether it had begun or not",
  async (kind) => {
    const { contexts } = await runVirtually(async () => {
      const nap = inKind(kind, function* nap() {
        yield sleep(60);
      });
      const begun = createTask(nap());
      await sleep(1);
      const fresh = createTask(nap());
      begun.cancel("enough");
      fresh.cancel();
      await sleep(1);
      assert(begun.cancelled() && fresh.cancelled());
    });
    assertEquals(contexts, []);
  },
);

testKinds(
  "a task that throws CancelledError of its own accord is never reported",
  async (kind) => {
    const { contexts } = await runVirtually(async () => {
      const quit = inKind(kind, function* quit() {
        throw new CancelledError("I quit");
      });
      const task = createTask(quit());
      await sleep(1);
      assert(task.cancelled());
    });
    assertEquals(contexts, []);
  },
);

Deno.test("a cancelled future is never reported", async () => {
  const { contexts } = await runVirtually(async () => {
    getRunningLoop().createFuture().cancel();
    wrapFuture(new Promise(noop)).cancel();
    await sleep(1);
  });
  assertEquals(contexts, []);
});

// No report while the exception may still be retrieved

Deno.test("a failure is not reported while a timer is pending", async () => {
  const { loop, contexts } = openLoop();
  failedFuture(loop);
  loop.callLater(1, () => assertEquals(contexts, []));
  loop.callLater(2, () => loop.stop());
  await loop.runForever();
  assertEquals(contexts, []);
  loop.close();
  assertEquals(reported(contexts), ["no"]);
});

Deno.test("a failure is not reported while a task waits for a native promise", async () => {
  const { loop, contexts } = openLoop();
  const { promise, resolve } = Promise.withResolvers<void>();
  const main = loop.runUntilComplete(async () => {
    const task = createTask(async () => {
      throw new Error("looked at later");
    });
    await promise;
    assertThrows(() => task.result(), Error, "looked at later");
  });
  await hostHop();
  assertEquals(contexts, []);
  resolve();
  await main;
  loop.close();
  assertEquals(contexts, []);
});

testKinds(
  "a failure is not reported while a task waits for a wrapped promise",
  async (kind) => {
    const { loop, contexts } = openLoop();
    const { promise, resolve } = Promise.withResolvers<void>();
    const main = inKind(kind, function* main() {
      const task = createTask(async () => {
        throw new Error("looked at later");
      });
      yield wrapFuture(promise);
      assertThrows(() => task.result(), Error, "looked at later");
    });
    const running = loop.runUntilComplete(main());
    await hostHop();
    assertEquals(contexts, []);
    resolve();
    await running;
    loop.close();
    assertEquals(contexts, []);
  },
);

Deno.test("a failure is reported if the tasks that still wait can never be woken", async () => {
  const { loop, contexts } = openLoop();
  loop.createTask(async () => await loop.createFuture());
  failedFuture(loop);
  const running = loop.runForever();
  await hostHop();
  assertEquals(reported(contexts), ["no"]);
  loop.stop();
  await running;
  loop.close();
});

// The handler

Deno.test("an exception handler that throws for one failure is still called for the next", async () => {
  using print = stub(console, "error", noop);
  const loop = new EventLoop({ clock: new VirtualClock() });
  const seen: unknown[] = [];
  loop.setExceptionHandler((_loop, { exception }) => {
    seen.push((exception as Error).message);
    throw new Error("in the handler");
  });
  failedFuture(loop, "one");
  failedFuture(loop, "two");
  loop.close();
  assertEquals(seen, ["one", "two"]);
  assertSpyCalls(print, 2);
});

/** What a handler may do when the idle loop reports a failure. */
const REACTIONS: Record<string, (loop: EventLoop, done: () => void) => void> = {
  "callSoon()": (loop, done) => loop.callSoon(done),
  "callLater()": (loop, done) => loop.callLater(1, done),
  "callAt()": (loop, done) => loop.callAt(loop.time() + 1, done),
  "createTask()": (loop, done) => loop.createTask(async () => done()),
  "stop()": (_loop, done) => done(),
};

for (const [what, react] of Object.entries(REACTIONS)) {
  Deno.test(`${what} has its effect in an exception handler that is called when the loop is idle`, async () => {
    const loop = new EventLoop({ clock: new VirtualClock() });
    let reacted = false;
    loop.setExceptionHandler(() =>
      react(loop, () => {
        reacted = true;
        loop.stop();
      })
    );
    failedFuture(loop);
    const running = loop.runForever();
    await hostHop();
    await hostHop();
    assertEquals(reacted, true, "the loop sleeps on");
    await running;
    loop.close();
  });
}

// A separate test, since one that waits forever would not show the cause.
Deno.test("an exception handler is called inside the loop when the loop is idle", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const seen: unknown[] = [];
  loop.setExceptionHandler(() => {
    try {
      seen.push(getRunningLoop() === loop);
    } catch (error) {
      seen.push((error as Error).message);
    }
  });
  failedFuture(loop);
  const running = loop.runForever();
  await hostHop();
  loop.stop();
  await running;
  loop.close();
  assertEquals(seen, [true]);
});

Deno.test("a handler that retrieves the exception of the reported future is called once", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  let told = 0;
  loop.setExceptionHandler((_loop, { future }) => {
    told++;
    assertEquals((future!.exception() as Error).message, "no");
  });
  failedFuture(loop);
  const running = loop.runForever();
  await hostHop();
  loop.stop();
  await running;
  loop.close();
  assertEquals(told, 1);
});

// Garbage collection

const CAN_RUN = Deno.permissions.querySync({ name: "run" }).state === "granted";

Deno.test({
  name:
    "a failed task without references is reported when it is collected, even if the loop is busy",
  ignore: !CAN_RUN,
  async fn() {
    const module = JSON.stringify(import.meta.resolve("../../mod.ts"));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--v8-flags=--expose-gc",
        `
        const { createTask, getRunningLoop, run, sleep } = await import(${module});
        let reports = [];
        await run(async () => {
          const loop = getRunningLoop();
          loop.setExceptionHandler((_loop, { message, exception }) =>
            reports.push(message + ": " + exception.message)
          );
          createTask(async () => { throw new Error("dropped"); });
          const held = createTask(async () => { throw new Error("held"); });
          for (let i = 0; i < 100 && reports.length === 0; i++) {
            await sleep(0.002);
            gc();
          }
          console.log(reports.join());
          held.exception();
        });
        console.log(reports.length);
        `,
      ],
    }).output();
    const decoder = new TextDecoder();
    assertEquals(
      decoder.decode(stdout) + decoder.decode(stderr),
      "Task exception was never retrieved: dropped\n1\n",
    );
  },
});

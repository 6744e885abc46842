// Faults that were found from outside, in groups, cancellation, callbacks and
// futures: each test names the cause.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { assertSpyCalls, stub } from "@std/testing/mock";
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  Event,
  EventLoop,
  type ExceptionContext,
  gather,
  getRunningLoop,
  race,
  shield,
  sleep,
  type Task,
  taskGroup,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  KINDS,
  runScript,
  runVirtually,
  testKinds,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";

testKinds(
  "a group ends when an eager child cancels it before the child's first wait",
  async (kind) => {
    await runScript(kind, function* main() {
      yield taskGroup(async (group) => {
        group.createTask(
          inKind(kind, function* child() {
            group.cancel();
            yield new Event().wait();
          }).body,
          { eagerStart: true },
        );
      });
    });
  },
);

testKinds(
  "a group ends when an eager grandchild cancels it before its first wait",
  async (kind) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      yield taskGroup(async (group) => {
        const grandchild = inKind(kind, function* grandchild() {
          group.cancel();
          yield new Event().wait();
        });
        const child = inKind(kind, function* child() {
          try {
            group.createTask(grandchild.body, { eagerStart: true });
            yield new Event().wait();
          } finally {
            log.push("child ends");
          }
        });
        group.createTask(child.body, { eagerStart: true });
      });
    });
    assertEquals(log, ["child ends"]);
  },
);

testKinds(
  "uncancel() inside of a group does not lose the next request from outside",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: string[] = [];
      const child = inKind(kind, function* child() {
        try {
          yield sleep(60);
        } finally {
          // deno-lint-ignore no-unsafe-finally -- cleaning up fails
          throw new Error("cleanup failed");
        }
      });
      const body = inKind(kind, function* body() {
        const error = yield* caught(sleep(60));
        assertInstanceOf(error, CancelledError);
        const failure = yield* caught(taskGroup(async (group) => {
          currentTask()!.uncancel();
          group.createTask(child.body);
          getRunningLoop().callSoon(() => task.cancel("second"));
          await sleep(60);
        }));
        log.push((failure as Error).name);
        yield sleep(1);
        log.push("goes on");
      });
      const task: Task<void> = createTask(body());
      yield sleep(0);
      task.cancel("first");
      yield* caught(task);
      assert(task.cancelled());
      assertEquals(log, ["AggregateError"]);
    });
  },
);

const BAD_CALLBACKS: [string, (...args: never[]) => unknown][] = [
  ["an async function", async () => {}],
  ["a generator function", function* () {}],
  ["an async generator function", async function* () {}],
  ["a coroutine function", coroutine(async () => {})],
];

const TAKERS: [string, (callback: () => unknown) => unknown][] = [
  ["callSoon()", (callback) => getRunningLoop().callSoon(callback)],
  [
    "callSoonThreadsafe()",
    (callback) => getRunningLoop().callSoonThreadsafe(callback),
  ],
  ["callLater()", (callback) => getRunningLoop().callLater(1, callback)],
  ["callAt()", (callback) => getRunningLoop().callAt(1, callback)],
  [
    "addDoneCallback()",
    (callback) => getRunningLoop().createFuture().addDoneCallback(callback),
  ],
  [
    "addSignalHandler()",
    (callback) => getRunningLoop().addSignalHandler("SIGUSR1", callback),
  ],
];

for (const [method, take] of TAKERS) {
  for (const [what, callback] of BAD_CALLBACKS) {
    Deno.test(`${method} refuses ${what}, as nothing would wait for what it gives`, async () => {
      await inVirtualTime(async () => {
        assertThrows(
          () => take(callback as () => unknown),
          TypeError,
          `coroutines cannot be used with ${method}`,
        );
      });
    });
  }
}

Deno.test("the rejection of a promise that a callback gives goes to the exception handler", async () => {
  const { contexts } = await runVirtually(async () => {
    const fail = async () => {
      await null;
      throw new Error("in an async callback");
    };
    const loop = getRunningLoop();
    loop.callSoon(() => fail());
    loop.callLater(1, () => fail());
    createTask(sleep(0)).addDoneCallback(() => fail());
    await sleep(2);
  });
  assertEquals(
    contexts.map(({ message, exception }) => [
      message,
      (exception as Error).message,
    ]),
    Array(3).fill([
      "Exception in callback <lambda>()",
      "in an async callback",
    ]),
  );
});

for (const kind of KINDS) {
  Deno.test(`an eager task whose work is done is not cancelled any more (${kind})`, async () => {
    await inVirtualTime(async () => {
      const pay = inKind(kind, function* pay() {
        return "receipt";
      });
      getRunningLoop().setTaskFactory(eagerTaskFactory);
      const task = createTask(pay());
      assertFalse(task.cancel());
      assertEquals(await task, "receipt");
      assertEquals(await waitFor(pay(), 0), "receipt");
    });
  });
}

Deno.test("an eager task that has failed is not cancelled any more", async () => {
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      throw new Error("no luck");
    }, { eagerStart: true });
    assertFalse(task.cancel());
    const error = await task.then(() => null, (error) => error);
    assertEquals((error as Error).message, "no luck");
  });
});

Deno.test("an eager task that waits for a native promise can be cancelled", async () => {
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      await null;
      await sleep(1);
    }, { eagerStart: true });
    assert(task.cancel());
    await task.then(undefined, () => {});
    assert(task.cancelled());
  });
});

testKinds(
  "the message of a cancellation from outside is not lost after group.cancel()",
  async (kind) => {
    await runScript(kind, function* main() {
      const child = inKind(kind, function* child() {
        try {
          yield sleep(60);
        } finally {
          yield sleep(1);
        }
      });
      const task = createTask(() =>
        taskGroup(async (group) => {
          group.createTask(child.body);
          await sleep(0);
          group.cancel();
        })
      );
      yield sleep(0.5);
      task.cancel("A");
      const error = yield* caught(task);
      assertEquals((error as Error).message, "A");
    });
  },
);

Deno.test("a failure behind a cancelled shield is not reported if another task handles it", async () => {
  const { contexts } = await runVirtually(async () => {
    const work = createTask(async () => {
      await sleep(1);
      throw new Error("handled");
    });
    await waitFor(shield(work), 0.5).then(undefined, () => {});
    const error = await work.then(() => null, (error) => error);
    assertEquals((error as Error).message, "handled");
  });
  assertEquals(contexts, []);
});

Deno.test("the original error is printed when both exception handlers throw", async () => {
  using print = stub(console, "error", () => {});
  class Careless extends EventLoop {
    override defaultExceptionHandler(): void {
      throw new Error("in the default handler");
    }
  }
  const loop = new Careless();
  loop.setExceptionHandler(() => {
    throw new Error("in the custom handler");
  });
  loop.callSoon(() => {
    throw new Error("in the callback");
  });
  loop.callSoon(() => loop.stop());
  await loop.runForever();
  loop.close();
  assertSpyCalls(print, 2);
  const text = print.calls.flatMap(({ args }) => args.map(String)).join("\n");
  for (const place of ["default handler", "custom handler", "callback"]) {
    assertStringIncludes(text, `in the ${place}`);
  }
});

// Values that throw when they are touched.

const { proxy, revoke } = Proxy.revocable({}, {});
revoke();

const UNTOUCHABLE: [string, unknown][] = [
  ["a revoked proxy", proxy],
  ["an object whose toString() throws", {
    toString() {
      throw new Error("touched");
    },
  }],
  ["an object whose then throws", {
    get then() {
      throw new Error("touched");
    },
  }],
  [
    "an error whose name throws",
    Object.defineProperty(new Error("message"), "name", {
      get() {
        throw new Error("touched");
      },
    }),
  ],
  [
    "an error whose message throws",
    Object.defineProperty(new Error(), "message", {
      get() {
        throw new Error("touched");
      },
    }),
  ],
  ["a symbol", Symbol("touched")],
];

for (const [what, value] of UNTOUCHABLE) {
  testKinds(
    `task.cancel() takes ${what} as its message, and cancels the task`,
    async (kind) => {
      await runScript(kind, function* main() {
        const task = createTask(sleep(60));
        yield sleep(0);
        assert(task.cancel(value as string));
        assertInstanceOf(yield* caught(task), CancelledError);
      });
    },
  );

  Deno.test(`a signal that is aborted with ${what} as its reason cancels its task`, async () => {
    await inVirtualTime(async () => {
      const controller = new AbortController();
      const task = createTask(sleep(60), { signal: controller.signal });
      await sleep(0);
      controller.abort(value);
      const error = await task.then(() => null, (error) => error);
      assertInstanceOf(error, CancelledError);
    });
  });

  Deno.test(`yield of ${what} fails that task alone`, async () => {
    await inVirtualTime(async () => {
      const task = createTask(function* () {
        yield value;
      });
      const other = createTask(sleep(1, "done"));
      const error = await task.then(() => null, (error) => error);
      assertStringIncludes((error as Error).message, "Task got bad yield");
      assertEquals(await other, "done");
    });
  });

  testKinds(
    `a task that throws ${what} fails with just that`,
    async (kind) => {
      await runScript(kind, function* main() {
        const task = createTask(
          inKind(kind, function* body() {
            yield sleep(0);
            throw value;
          })(),
        );
        assert((yield* caught(task)) === value);
        assertStringIncludes(String(task), "<Task finished");
      });
    },
  );

  Deno.test(`a failure that is never retrieved is reported, if it is ${what}`, async () => {
    const { contexts } = await runVirtually(async () => {
      createTask(async () => {
        throw value;
      });
      await sleep(1);
    });
    assertEquals(contexts.map(({ message }) => message), [
      "Task exception was never retrieved",
    ]);
    assert(contexts[0].exception === value);
  });

  Deno.test(`what a callback throws is reported and the loop goes on, if it is ${what}`, async () => {
    const { contexts, result } = await runVirtually(async () => {
      getRunningLoop().callSoon(() => {
        throw value;
      });
      return await sleep(1, "goes on");
    });
    assertEquals(result, "goes on");
    assert(contexts[0].exception === value);
  });

  Deno.test(`the default exception handler prints ${what}`, () => {
    using print = stub(console, "error", () => {});
    const loop = new EventLoop();
    loop.defaultExceptionHandler({ message: "careless", exception: value });
    loop.close();
    assertSpyCalls(print, 1);
    assertStringIncludes(String(print.calls[0].args[0]), "careless");
  });
}

for (const [what, value] of UNTOUCHABLE.slice(0, 3)) {
  Deno.test(`createTask() and a task's function refuse ${what} with a TypeError`, async () => {
    await inVirtualTime(async () => {
      assertThrows(
        () => createTask(value as () => Promise<void>),
        TypeError,
        "a coroutine was expected",
      );
      const task = createTask(() => value as Promise<void>);
      const error = await task.then(() => null, (error) => error);
      assertInstanceOf(error, TypeError);
      assertStringIncludes(error.message, "a coroutine was expected");
    });
  });
}

for (const [what, value] of UNTOUCHABLE.slice(0, 3)) {
  Deno.test(`gather(), race(), waitFor(), shield() and wrapFuture() refuse ${what} with a TypeError`, async () => {
    await inVirtualTime(async () => {
      const promise = value as Promise<void>;
      const calls: (() => unknown)[] = [
        () => gather(promise),
        () => gather([promise]),
        () => race(promise, sleep(1)),
        () => waitFor(promise, 1),
        () => shield(promise),
        () => wrapFuture(promise),
        () => ensureFuture(promise),
      ];
      for (const call of calls) assertThrows(call, TypeError);
    });
  });
}

Deno.test("a thenable that throws, calls back twice or calls both handlers settles once", async () => {
  await inVirtualTime(async () => {
    type Handlers = [(value: number) => void, (error: unknown) => void];
    const thenable = (then: (...handlers: Handlers) => void) =>
      ({ then }) as unknown as PromiseLike<number>;
    const twice = thenable((resolve, reject) => {
      resolve(1);
      resolve(2);
      reject(new Error("late"));
    });
    const careless = thenable(() => {
      throw new Error("in then()");
    });
    assertEquals(await createTask(() => twice), 1);
    const error = await createTask(() => careless).catch((error) => error);
    assertEquals((error as Error).message, "in then()");
  });
});

Deno.test("an iterator whose results are no objects fails its task", async () => {
  await inVirtualTime(async () => {
    const steps = { next: () => 5, throw() {} };
    const task = createTask(() => steps as unknown as Generator<unknown, void>);
    const error = await task.catch((error) => error);
    assertEquals(
      (error as Error).message,
      "Iterator result 5 is not an object",
    );
  });
});

Deno.test("a cancel() of a future that throws is reported, and the task is cancelled when it goes on", async () => {
  const { contexts } = await runVirtually(async () => {
    const future = getRunningLoop().createFuture<void>();
    future.cancel = () => {
      throw new Error("in cancel()");
    };
    const task = createTask(async () => await future);
    await sleep(0);
    assert(task.cancel());
    future.setResult();
    await task.then(undefined, () => {});
    assert(task.cancelled());
  });
  assertEquals(contexts.map(({ message }: ExceptionContext) => message), [
    "Exception in cancel() of a future",
  ]);
});

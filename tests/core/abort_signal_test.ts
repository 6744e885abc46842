import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  allTasks,
  CancelledError,
  createTask,
  currentTask,
  EventLoop,
  getRunningLoop,
  run,
  Runner,
  sleep,
  taskGroup,
  type Timeout,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  runScript,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";

/** An abort controller that counts the listeners of its signal. */
class CountingController extends AbortController {
  listeners = 0;

  constructor() {
    super();
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      this.listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.listeners--;
      remove(...args);
    };
  }
}

/** Options for `run()` in virtual time. */
function virtual(): { loopFactory: () => EventLoop } {
  return { loopFactory: () => new EventLoop({ clock: new VirtualClock() }) };
}

// task.signal

testKinds(
  "task.signal aborts when cancellation is requested, before the task is cancelled",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        yield sleep(60);
      }));
      const { signal } = task;
      yield sleep(0);
      assertFalse(signal.aborted);
      task.cancel("enough");
      assert(signal.aborted);
      assertInstanceOf(signal.reason, CancelledError);
      assertEquals(signal.reason.message, "enough");
      yield* caught(task);
    });
  },
);

testKinds("task.signal is the same each time", async (kind) => {
  await runScript(kind, function* main() {
    const task = currentTask()!;
    assertStrictEquals(task.signal, task.signal);
  });
});

testKinds(
  "task.signal is aborted if it is first read after the request",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(sleep(60));
      task.cancel("enough");
      assert(task.signal.aborted);
      assertInstanceOf(task.signal.reason, CancelledError);
      assertEquals(task.signal.reason.message, "enough");
      yield* caught(task);
    });
  },
);

testKinds(
  "task.signal is aborted if it is first read after the task was cancelled",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(sleep(60));
      task.cancel();
      yield* caught(task);
      assert(task.signal.aborted);
    });
  },
);

testKinds(
  "task.signal of a task that returned is not aborted",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(sleep(1));
      const { signal } = task;
      yield task;
      assertFalse(task.cancel());
      assertFalse(signal.aborted);
      assertFalse(task.signal.aborted);
    });
  },
);

testKinds("task.signal of a task that failed is not aborted", async (kind) => {
  await runScript(kind, function* main() {
    const task = createTask(inKind(kind, function* fail() {
      yield sleep(1);
      throw new Error("failed");
    }));
    const { signal } = task;
    yield* caught(task);
    assertFalse(signal.aborted);
    assertFalse(task.signal.aborted);
  });
});

testKinds(
  "task.signal is a new signal after uncancel() of the last request",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        const self = currentTask()!;
        const before = self.signal;
        self.cancel();
        self.cancel();
        yield* caught(sleep(1));
        assertEquals(self.uncancel(), 1);
        assertStrictEquals(self.signal, before);
        assertEquals(self.uncancel(), 0);
        assert(before.aborted, "a signal cannot be taken back");
        assert(self.signal !== before);
        assertFalse(self.signal.aborted);
        self.cancel("again");
        assert(self.signal.aborted);
        yield* caught(sleep(1));
      }));
      yield task;
    });
  },
);

testKinds(
  "task.signal aborts when the request comes from a cancelled waiter of the task",
  async (kind) => {
    await runScript(kind, function* main() {
      const inner = createTask(sleep(60));
      const outer = createTask(inKind(kind, function* outer() {
        yield inner;
      }));
      const signals = [outer.signal, inner.signal];
      yield sleep(0);
      outer.cancel();
      assertEquals(signals.map((signal) => signal.aborted), [true, true]);
      yield* caught(outer);
    });
  },
);

testKinds(
  "task.signal does not abort when a timeout() in the task expires, but the signal of the timeout does",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = currentTask()!;
      const { signal } = task;
      let inside: AbortSignal | undefined;
      const error = yield* caught(timeout(
        1,
        inKind(kind, function* body(scope: Timeout) {
          inside = scope.signal;
          yield sleep(60);
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assert(inside!.aborted);
      assertFalse(signal.aborted);
    });
  },
);

testKinds(
  "task.signal aborts when the group of the task fails",
  async (kind) => {
    await runScript(kind, function* main() {
      let signal: AbortSignal | undefined;
      const error = yield* caught(taskGroup(async (group) => {
        signal = group.createTask(sleep(60)).signal;
        group.createTask(async () => {
          throw new Error("sibling");
        });
      }));
      assertInstanceOf(error, AggregateError);
      assert(signal!.aborted);
    });
  },
);

Deno.test("task.signal passed to native work stops it", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    function download(signal: AbortSignal): Promise<never> {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          log.push("stopped");
          reject(signal.reason);
        });
      });
    }
    const task = createTask(async () => {
      await download(currentTask()!.signal);
    });
    await sleep(1);
    task.cancel("enough");
    const error = await assertRejects(
      async () => await task,
      CancelledError,
      "enough",
    );
    assertInstanceOf(error, CancelledError);
    assertEquals(log, ["stopped"]);
    assert(task.cancelled());
  });
});

Deno.test("three listeners of task.signal are all called, in order", async () => {
  await inVirtualTime(async () => {
    const log: number[] = [];
    const task = createTask(sleep(60));
    for (const n of [1, 2, 3]) {
      task.signal.addEventListener("abort", () => log.push(n));
    }
    task.cancel();
    task.cancel();
    await task.then(undefined, () => {});
    assertEquals(log, [1, 2, 3]);
  });
});

Deno.test("a listener of task.signal may cancel further tasks", async () => {
  await inVirtualTime(async () => {
    const tasks = [1, 2, 3].map(() => createTask(sleep(60)));
    tasks[0].signal.addEventListener("abort", () => {
      tasks[1].cancel();
      tasks[2].cancel();
    });
    await sleep(0);
    tasks[0].cancel();
    await sleep(0);
    assertEquals(tasks.map((task) => task.cancelled()), [true, true, true]);
  });
});

// createTask(…, { signal })

testKinds(
  "createTask() with a signal is cancelled when the signal aborts",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: string[] = [];
      const controller = new AbortController();
      const task = createTask(
        inKind(kind, function* work() {
          try {
            yield sleep(60);
          } finally {
            log.push("finally");
          }
        }),
        { signal: controller.signal },
      );
      yield sleep(1);
      controller.abort();
      assertEquals(task.cancelling(), 1);
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
      assertEquals(log, ["finally"]);
    });
  },
);

const reasons: [name: string, reason: unknown, message: string][] = [
  ["an error", new Error("too late"), "too late"],
  ["a string", "too late", "too late"],
  ["a number", 7, "7"],
  ["null", null, "null"],
];

for (const [name, reason, message] of reasons) {
  testKinds(
    `the message of the CancelledError is the reason of the signal: ${name}`,
    async (kind) => {
      await runScript(kind, function* main() {
        const controller = new AbortController();
        const task = createTask(sleep(60), { signal: controller.signal });
        yield sleep(1);
        controller.abort(reason);
        const error = yield* caught(task);
        assertInstanceOf(error, CancelledError);
        assertEquals(error.message, message);
      });
    },
  );
}

testKinds(
  "createTask() with a signal that is already aborted never starts",
  async (kind) => {
    await runScript(kind, function* main() {
      let started = false;
      const task = createTask(
        inKind(kind, function* work() {
          started = true;
        }),
        { signal: AbortSignal.abort(new Error("too late")) },
      );
      const error = yield* caught(task);
      assertInstanceOf(error, CancelledError);
      assertEquals(error.message, "too late");
      assert(task.cancelled());
      assertFalse(started);
    });
  },
);

testKinds(
  "an eager task with a signal that is already aborted never starts",
  async (kind) => {
    // The request was made before the first step, which must not run.
    await runScript(kind, function* main() {
      let started = false;
      const task = createTask(
        inKind(kind, function* work() {
          started = true;
          yield sleep(60);
        }),
        { signal: AbortSignal.abort(), eagerStart: true },
      );
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
      assertFalse(started);
    });
  },
);

testKinds(
  "an eager task that aborts its own signal is cancelled at its first wait",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: string[] = [];
      const controller = new CountingController();
      const task = createTask(
        inKind(kind, function* work() {
          controller.abort();
          log.push("goes on");
          yield sleep(60);
          log.push("not reached");
        }),
        { signal: controller.signal, eagerStart: true },
      );
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(log, ["goes on"]);
    });
  },
);

testKinds(
  "createTask() with a signal that aborts before the first step never starts",
  async (kind) => {
    await runScript(kind, function* main() {
      let started = false;
      const controller = new AbortController();
      const task = createTask(
        inKind(kind, function* work() {
          started = true;
        }),
        { signal: controller.signal },
      );
      controller.abort();
      assertInstanceOf(yield* caught(task), CancelledError);
      assertFalse(started);
    });
  },
);

testKinds("a task may suppress its signal's cancellation", async (kind) => {
  await runScript(kind, function* main() {
    const controller = new AbortController();
    const task = createTask(
      inKind(kind, function* work() {
        yield* caught(sleep(60));
        return "had its way";
      }),
      { signal: controller.signal },
    );
    yield sleep(1);
    controller.abort();
    assertEquals(yield task, "had its way");
  });
});

testKinds("aborting after the end of the task does nothing", async (kind) => {
  await runScript(kind, function* main() {
    const controller = new AbortController();
    const task = createTask(sleep(1, "done"), { signal: controller.signal });
    yield task;
    controller.abort();
    assertEquals(task.cancelling(), 0);
    assertEquals(yield task, "done");
  });
});

testKinds(
  "the signal of a task can be passed to a task that it starts",
  async (kind) => {
    await runScript(kind, function* main() {
      const inner = createTask(inKind(kind, function* outer() {
        return [createTask(sleep(60), { signal: currentTask()!.signal })];
      }));
      const [task] = (yield inner) as [ReturnType<typeof createTask<void>>];
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
    });
  },
);

for (
  const [how, seconds, error, cancel] of [
    ["a result", 1, null, false],
    ["an error", 1, new Error("failed"), false],
    ["a cancellation", 60, null, true],
  ] as const
) {
  testKinds(
    `the listener is removed when the task ends with ${how}`,
    async (kind) => {
      await runScript(kind, function* main() {
        const controller = new CountingController();
        const task = createTask(
          inKind(kind, function* work() {
            yield sleep(seconds);
            if (error !== null) throw error;
          }),
          { signal: controller.signal },
        );
        assertEquals(controller.listeners, 1);
        yield sleep(0);
        if (cancel) task.cancel();
        yield* caught(task);
        assertEquals(controller.listeners, 0);
      });
    },
  );
}

testKinds(
  "the listener is removed when an eager task ends in its first step",
  async (kind) => {
    await runScript(kind, function* main() {
      const controller = new CountingController();
      const task = createTask(inKind(kind, function* work() {}), {
        signal: controller.signal,
        eagerStart: true,
      });
      yield task;
      assertEquals(controller.listeners, 0);
    });
  },
);

for (
  const [place, index] of [["first", 0], ["middle", 1], ["last", 2]] as const
) {
  testKinds(
    `aborting the ${place} of three tasks with separate signals leaves the others running`,
    async (kind) => {
      await runScript(kind, function* main() {
        const controllers = [0, 1, 2].map(() => new CountingController());
        const tasks = controllers.map(({ signal }) =>
          createTask(sleep(2), { signal })
        );
        yield sleep(1);
        controllers[index].abort();
        for (const task of tasks) yield* caught(task);
        assertEquals(
          tasks.map((task) => task.cancelled()),
          [0, 1, 2].map((n) => n === index),
        );
        assertEquals(controllers.map(({ listeners }) => listeners), [0, 0, 0]);
      });
    },
  );
}

testKinds(
  "three tasks that share a signal are all cancelled, in order",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: number[] = [];
      const controller = new CountingController();
      const tasks = [1, 2, 3].map((n) =>
        createTask(
          inKind(kind, function* work() {
            try {
              yield sleep(60);
            } finally {
              log.push(n);
            }
          }),
          { signal: controller.signal },
        )
      );
      yield sleep(1);
      controller.abort();
      for (const task of tasks) yield* caught(task);
      assertEquals(log, [1, 2, 3]);
      assertEquals(controller.listeners, 0);
    });
  },
);

testKinds(
  "a task of a group accepts a signal, which cancels only that task",
  async (kind) => {
    await runScript(kind, function* main() {
      const controller = new AbortController();
      yield taskGroup(async (group) => {
        const task = group.createTask(sleep(60), { signal: controller.signal });
        const sibling = group.createTask(sleep(2, "sibling"));
        await sleep(1);
        controller.abort();
        assertEquals(await sibling, "sibling");
        assert(task.cancelled());
      });
    });
  },
);

// run(main, { signal })

testKinds("run() is cancelled when its signal aborts", async (kind) => {
  const log: string[] = [];
  const controller = new AbortController();
  await assertRejects(
    () =>
      run(
        inKind(kind, function* main() {
          getRunningLoop().callLater(1, () => controller.abort());
          createTask(inKind(kind, function* rest() {
            try {
              yield sleep(Infinity);
            } finally {
              log.push("rest");
            }
          }));
          try {
            yield sleep(60);
          } finally {
            log.push("main");
          }
        }),
        { ...virtual(), signal: controller.signal },
      ),
    CancelledError,
  );
  assertEquals(log, ["main", "rest"]);
});

testKinds(
  "run() with a signal that is already aborted never starts main",
  async (kind) => {
    let started = false;
    await assertRejects(
      () =>
        run(
          inKind(kind, function* main() {
            started = true;
          }),
          { ...virtual(), signal: AbortSignal.abort(new Error("too late")) },
        ),
      CancelledError,
      "too late",
    );
    assertFalse(started);
  },
);

testKinds("run() lets main suppress its cancellation", async (kind) => {
  const controller = new AbortController();
  const result = await run(
    inKind(kind, function* main() {
      getRunningLoop().callLater(1, () => controller.abort());
      yield* caught(sleep(60));
      return "had its way";
    }),
    { ...virtual(), signal: controller.signal },
  );
  assertEquals(result, "had its way");
});

testKinds("run() with a signal leaves no listener", async (kind) => {
  const controller = new CountingController();
  await run(
    inKind(kind, function* main() {
      assertEquals(controller.listeners, 1);
      yield sleep(1);
    }),
    { ...virtual(), signal: controller.signal },
  );
  assertEquals(controller.listeners, 0);
});

Deno.test("Runner.run() with a signal is cancelled, and the runner can be used again", async () => {
  await using runner = new Runner(virtual());
  const controller = new CountingController();
  await assertRejects(
    () =>
      runner.run(async () => {
        getRunningLoop().callLater(1, () => controller.abort("enough"));
        await sleep(60);
      }, { signal: controller.signal }),
    CancelledError,
    "enough",
  );
  assertEquals(controller.listeners, 0);
  assertEquals(await runner.run(sleep(1, "next")), "next");
});

// Bad input

const badSignals: [name: string, value: unknown][] = [
  ["a number", 1],
  ["true", true],
  ["a string", "signal"],
  ["an object", {}],
  ["a controller instead of its signal", new AbortController()],
];

for (const [name, value] of badSignals) {
  for (const eagerStart of [false, true]) {
    Deno.test(
      `createTask() refuses ${name} as signal, and the coroutine can still be used (${
        eagerStart ? "eager" : "lazy"
      })`,
      async () => {
        await inVirtualTime(async () => {
          const coro = sleep(1, "kept");
          assertThrows(
            () =>
              createTask(coro, { signal: value as AbortSignal, eagerStart }),
            TypeError,
            "signal",
          );
          assertEquals(allTasks().size, 1, "no task is left");
          assertEquals(await coro, "kept");
        });
      },
    );
  }
}

Deno.test("createTask() accepts null for no signal, as fetch() does", async () => {
  await inVirtualTime(async () => {
    const task = createTask(sleep(1, "done"), {
      signal: null as unknown as AbortSignal,
    });
    assertEquals(await task, "done");
  });
});

// These tests start real workers, which need --allow-read for their modules.
// Without it they are skipped.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  createTask,
  EventLoop,
  type ExceptionContext,
  gather,
  getRunningLoop,
  newEventLoop,
  QueueFull,
  run,
  setEventLoop,
  sleep,
  ThreadPoolExecutor,
  timeout,
  TimeoutError,
  toThread,
  withTransfer,
  type WorkFuture,
  wrapFuture,
} from "@asyncio/asyncio";
import type * as functions from "../fixtures/pool_functions.ts";

const MODULE = new URL("../fixtures/pool_functions.ts", import.meta.url);
const ROOT = new URL("../..", import.meta.url);

const read = await Deno.permissions.query({ name: "read", path: ROOT });
const noWorkers = read.state !== "granted";
const command = Deno.execPath();
const runState = await Deno.permissions.query({ name: "run", command });
const noProcesses = runState.state !== "granted";

Deno.test("without the modules of threads there is no default executor", async () => {
  const { newDefaultExecutor, requireExecutor } = await import(
    "../../_core/executor.ts?alone"
  );
  assertThrows(
    () => newDefaultExecutor(),
    Error,
    "no default executor: nothing has imported threads",
  );
  assertThrows(() => requireExecutor({}), TypeError, "must be a ThreadPool");
});

/** Registers a test that starts workers. */
function testWorkers(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, ignore: noWorkers, fn });
}

/** Runs in a loop of its own. Fails if an error is reported to that loop. */
async function inLoop(
  main: () => Promise<void>,
): Promise<void> {
  const contexts: ExceptionContext[] = [];
  const loopFactory = () => {
    const loop = new EventLoop();
    loop.setExceptionHandler((_loop, context) => contexts.push(context));
    return loop;
  };
  await run(main, { loopFactory });
  assertEquals(contexts, []);
}

/** Calls that block their workers until they are released, all at once. */
class Gate implements Disposable {
  readonly flags: Int32Array<SharedArrayBuffer> = new Int32Array(
    new SharedArrayBuffer(12),
  );

  /** How many times the `count` function ran. */
  get counted(): number {
    return Atomics.load(this.flags as Int32Array, 1);
  }

  block(executor: ThreadPoolExecutor): WorkFuture<string> {
    return executor.submit<typeof functions.block>(MODULE, "block", this.flags);
  }

  /** Waits until that many calls block, or have blocked. */
  async started(count = 1): Promise<void> {
    for (;;) {
      const started = Atomics.load(this.flags as Int32Array, 2);
      if (started >= count) return;
      const { value } = Atomics.waitAsync(this.flags, 2, started);
      await wrapFuture(Promise.resolve(value));
    }
  }

  open(): void {
    Atomics.store(this.flags, 0, 1);
    Atomics.notify(this.flags, 0);
  }

  [Symbol.dispose](): void {
    this.open();
  }
}

// Results and errors

testWorkers(
  "toThread() returns the result of a function in another thread",
  async () => {
    await inLoop(async () => {
      const sum = await toThread<typeof functions.add>(MODULE, "add", 1, 2);
      assertEquals(sum, 3);
      assertEquals(await toThread(MODULE.href, "add", 3, 4), 7);
      assertNotEquals(await toThread(MODULE, "workerName"), self.name);
    });
  },
);

testWorkers("toThread() runs nothing before it is awaited", async () => {
  await inLoop(async () => {
    using gate = new Gate();
    toThread(MODULE, "count", gate.flags).close();
    const work = toThread(MODULE, "count", gate.flags);
    assertEquals(gate.counted, 0);
    assertEquals(await work, 1);
  });
});

testWorkers(
  "toThread() can be used with yield*, createTask() and gather()",
  async () => {
    await inLoop(async () => {
      const results = await gather(
        toThread<number>(MODULE, "add", 1, 2),
        createTask(toThread<number>(MODULE, "addLater", 3, 4)),
        function* () {
          return yield* toThread<string>(MODULE, "default", "you");
        },
      );
      assertEquals(results, [3, 7, "Hello you"]);
    });
  },
);

testWorkers(
  "a promise that the function returns is awaited in the worker",
  async () => {
    await inLoop(async () => {
      assertEquals(await toThread(MODULE, "addLater", 1, 2), 3);
    });
  },
);

testWorkers(
  "modules may be data: URLs and built-in modules of the host",
  async () => {
    const square = "data:text/javascript,export const square = (n) => n * n;";
    await inLoop(async () => {
      assertEquals(await toThread(square, "square", 7), 49);
      assertEquals(await toThread("node:path", "basename", "/a/b"), "b");
    });
  },
);

testWorkers(
  "an error that the function throws arrives with class, name, message, stack and cause",
  async () => {
    await inLoop(async () => {
      const error = await assertRejects(
        async () => {
          await toThread(MODULE, "fail", "range");
        },
        RangeError,
        "too far",
      );
      assertEquals(error.name, "RangeError");
      assertStringIncludes(error.stack!, "pool_functions.ts");
      assertInstanceOf(error.cause, Error);
      assertEquals(error.cause.message, "no map");
    });
  },
);

testWorkers(
  "an error of a private class arrives as the class of this library that it extends",
  async () => {
    await inLoop(async () => {
      const error = await assertRejects(
        async () => {
          await toThread(MODULE, "fail", "own");
        },
        QueueFull,
        "mine",
      );
      assertEquals(error.name, "OwnError");
    });
  },
);

testWorkers("an AggregateError arrives with its errors", async () => {
  await inLoop(async () => {
    const error = await assertRejects(
      async () => {
        await toThread(MODULE, "fail", "group");
      },
      AggregateError,
      "both",
    );
    const [one, two] = error.errors;
    assertInstanceOf(one, TypeError);
    assertEquals(one.message, "one");
    assertInstanceOf(two, QueueFull);
  });
});

testWorkers(
  "a CancelledError that the function throws cancels the future",
  async () => {
    await inLoop(async () => {
      const work = getRunningLoop()
        .runInExecutor(null, MODULE, "fail", "cancelled");
      await assertRejects(
        async () => {
          await work;
        },
        CancelledError,
        "enough",
      );
      assert(work.cancelled());
    });
  },
);

testWorkers(
  "a thrown value that is not an error arrives unchanged",
  async () => {
    await inLoop(async () => {
      let thrown: unknown;
      try {
        await toThread(MODULE, "fail", "text");
      } catch (error) {
        thrown = error;
      }
      assertEquals(thrown, "just text");
    });
  },
);

testWorkers(
  "withTransfer() moves arguments, including those of a call that has to wait",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const blocked = gate.block(executor);
      const bytes = new Uint8Array(8);
      withTransfer(bytes, { transfer: [bytes.buffer] });
      const waiting = executor.submit(MODULE, "byteLength", bytes);
      assertEquals(bytes.byteLength, 0);
      gate.open();
      await blocked;
      const more = new Uint8Array(9);
      withTransfer(more, { transfer: [more.buffer] });
      const running = executor.submit(MODULE, "byteLength", more);
      assertEquals(more.byteLength, 0);
      assertEquals(await gather(waiting, running), [8, 9]);
    });
  },
);

testWorkers("withTransfer() moves results", async () => {
  await inLoop(async () => {
    const bytes = await toThread<typeof functions.noise>(MODULE, "noise", 16);
    assertEquals(bytes.byteLength, 16);
  });
});

testWorkers("arguments are cloned when they are submitted", async () => {
  await inLoop(async () => {
    using gate = new Gate();
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    const blocked = gate.block(executor);
    const bytes = new Uint8Array(8);
    const waiting = executor.submit(MODULE, "byteLength", bytes);
    structuredClone(bytes, { transfer: [bytes.buffer] }); // empties it
    gate.open();
    await blocked;
    assertEquals(await waiting, 8);
  });
});

// Bad input

testWorkers(
  "calling a value that cannot be called throws a TypeError that says why",
  async () => {
    const cases: [module: URL | string, name: string, message: string][] = [
      [new URL("./missing.ts", MODULE), "add", "Module not found"],
      ["node:nothing", "add", "node:nothing"],
      [MODULE, "subtract", "is not exported"],
      [MODULE, "constructor", "is not exported"],
      [MODULE, "__proto__", "is not exported"],
      [MODULE, "notAFunction", "is not a function: current value is 42"],
    ];
    await inLoop(async () => {
      for (const [module, name, message] of cases) {
        const error = await assertRejects(async () => {
          await toThread(module, name);
        }, TypeError);
        assertStringIncludes(error.message, message);
      }
      assertEquals(await toThread(MODULE, "add", 1, 2), 3);
    });
  },
);

Deno.test("submit() refuses a module or a name that cannot be right", async () => {
  const executor = new ThreadPoolExecutor();
  const cases: [module: unknown, name: unknown, message: string][] = [
    ["./add.ts", "add", "pass new URL(path, import.meta.url)"],
    ["../add.ts", "add", "pass new URL(path, import.meta.url)"],
    ["/add.ts", "add", "pass new URL(path, import.meta.url)"],
    [42, "add", "neither a URL nor a string: current value is 42"],
    [undefined, "add", "current value is None"],
    [MODULE, 42, "not a string: current value is 42"],
    [MODULE, undefined, "not a string"],
  ];
  for (const [module, name, message] of cases) {
    assertThrows(
      () => executor.submit(module as string, name as string),
      TypeError,
      message === "current value is None" ? "current value is" : message,
    );
  }
  await executor.shutdown();
});

Deno.test("ThreadPoolExecutor refuses invalid sizes", () => {
  const cases: [options: unknown, error: typeof Error, message: string][] = [
    [{ maxWorkers: 0 }, RangeError, "maxWorkers must be >= 1"],
    [{ maxWorkers: -1 }, RangeError, "maxWorkers must be >= 1"],
    [{ maxWorkers: 1.5 }, RangeError, "a whole number"],
    [{ maxWorkers: Infinity }, RangeError, "a whole number"],
    [{ maxWorkers: NaN }, TypeError, "maxWorkers"],
    [{ maxWorkers: "2" }, TypeError, "maxWorkers"],
    [{ maxQueue: -1 }, RangeError, "maxQueue must be >= 0"],
    [{ maxQueue: NaN }, TypeError, "maxQueue"],
    [{ maxQueue: null }, TypeError, "maxQueue"],
  ];
  for (const [options, error, message] of cases) {
    assertThrows(
      () => new ThreadPoolExecutor(options as object),
      error,
      message,
    );
  }
});

Deno.test("withTransfer() refuses values and lists that cannot be transferred", () => {
  for (const value of [1, "text", null, undefined]) {
    const wrong = value as unknown as object;
    assertThrows(
      () => withTransfer(wrong, { transfer: [] }),
      TypeError,
      "what is not an object",
    );
  }
  const transfer = new ArrayBuffer(1) as unknown as Transferable[];
  assertThrows(() => withTransfer({}, { transfer }), TypeError, "an array");
});

testWorkers(
  "arguments that cannot be cloned throw a DataCloneError at the caller",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const submit = () => executor.submit(MODULE, "add", () => {});
      for (const busy of [false, true]) {
        if (busy) gate.block(executor);
        const error = assertThrows(
          submit,
          DOMException,
          "the arguments of add()",
        );
        assertEquals(error.name, "DataCloneError");
      }
      await assertRejects(
        async () => {
          await toThread(MODULE, "add", Symbol("s"));
        },
        DOMException,
        "could not be cloned",
      );
      gate.open();
      assertEquals(await executor.submit(MODULE, "add", 1, 2), 3);
    });
  },
);

testWorkers(
  "a result that cannot be cloned throws a DataCloneError at the caller",
  async () => {
    await inLoop(async () => {
      const error = await assertRejects(
        async () => {
          await toThread(MODULE, "giveFunction");
        },
        DOMException,
        "the result of giveFunction()",
      );
      assertEquals(error.name, "DataCloneError");
    });
  },
);

// Workers

testWorkers("workers start on demand, and idle ones are reused", async () => {
  await inLoop(async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 4 });
    assertEquals(
      String(executor),
      "<ThreadPoolExecutor workers=0 busy=0 queue=0>",
    );
    const first = await executor.submit(MODULE, "workerName");
    for (let i = 0; i < 5; i++) {
      assertEquals(await executor.submit(MODULE, "workerName"), first);
    }
    assertEquals(
      String(executor),
      "<ThreadPoolExecutor workers=1 busy=0 queue=0>",
    );
  });
});

testWorkers(
  "there are at most maxWorkers workers; other calls wait in order",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
      const blocked = [gate.block(executor), gate.block(executor)];
      const waiting = Array.from(
        { length: 5 },
        () => executor.submit<number>(MODULE, "count", gate.flags),
      );
      await gate.started(2);
      assertEquals(
        String(executor),
        "<ThreadPoolExecutor workers=2 busy=2 queue=5>",
      );
      assertEquals(gate.counted, 0);
      const order: number[] = [];
      waiting.forEach((work, i) => work.addDoneCallback(() => order.push(i)));
      gate.open();
      assertEquals(new Set(await gather(blocked)).size, 2);
      const counted = await gather(waiting);
      assertEquals(counted.toSorted(), [1, 2, 3, 4, 5]);
    });
  },
);

testWorkers(
  "one worker runs calls in the order in which they were submitted",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const works = Array.from(
        { length: 20 },
        () => executor.submit<number>(MODULE, "count", gate.flags),
      );
      const expected = Array.from({ length: 20 }, (_, i) => i + 1);
      assertEquals(await gather(works), expected);
    });
  },
);

for (const how of ["throw", "reject", "close", "exit"]) {
  testWorkers(
    `a worker that dies by ${how} fails its own call only, and is replaced`,
    async () => {
      await inLoop(async () => {
        using gate = new Gate();
        await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
        const other = gate.block(executor);
        const dying = executor.submit(MODULE, "die", how);
        const waiting = executor.submit<number>(MODULE, "add", 1, 2);
        const error = await assertRejects(async () => {
          await dying;
        }, Error);
        assertStringIncludes(error.message, "The worker has died in die():");
        assertEquals(await waiting, 3);
        assertFalse(other.done());
        gate.open();
        await other;
        const both = [gate.block(executor), gate.block(executor)];
        assertEquals(new Set(await gather(both)).size, 2);
      });
    },
  );
}

testWorkers(
  "a worker that dies between two calls fails no call",
  async () => {
    await inLoop(async () => {
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const first = await executor.submit(MODULE, "workerName");
      await executor.submit(MODULE, "dieLater");
      while (!String(executor).includes("workers=0")) await sleep(0);
      assertNotEquals(await executor.submit(MODULE, "workerName"), first);
    });
  },
);

testWorkers(
  "the loop keeps running while every worker is blocked",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
      const blocked = [gate.block(executor), gate.block(executor)];
      await gate.started(2);
      for (let i = 0; i < 100; i++) await sleep(0);
      assertEquals(blocked.map((work) => work.done()), [false, false]);
      gate.open();
      await gather(blocked);
    });
  },
);

// Back-pressure

testWorkers(
  "submit() refuses more than maxQueue waiting calls, and accepts calls again later",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const options = { maxWorkers: 1, maxQueue: 2 };
      await using executor = new ThreadPoolExecutor(options);
      const blocked = gate.block(executor);
      const add = (n: number) => executor.submit<number>(MODULE, "add", n, n);
      const waiting = [add(1), add(2)];
      assertThrows(() => add(3), QueueFull, "maxQueue is 2");
      waiting[0].cancel();
      waiting.push(add(4));
      assertThrows(() => add(5), QueueFull, "maxQueue is 2");
      gate.open();
      await blocked;
      assertEquals(await gather(waiting.slice(1)), [4, 8]);
      assertEquals(await add(6), 12);
    });
  },
);

// Cancellation

testWorkers(
  "cancelling a waiting call removes it: the first, middle or last of three",
  async () => {
    await inLoop(async () => {
      for (const cancelled of [0, 1, 2]) {
        using gate = new Gate();
        await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
        const blocked = gate.block(executor);
        const waiting = [0, 1, 2]
          .map(() => executor.submit<number>(MODULE, "count", gate.flags));
        assert(waiting[cancelled].cancel("enough"));
        assertFalse(waiting[cancelled].cancel());
        gate.open();
        await blocked;
        const results = await gather(waiting, { returnExceptions: true });
        const error = results.splice(cancelled, 1)[0];
        assertInstanceOf(error, CancelledError);
        assertEquals(error.message, "enough");
        assertEquals(results, [1, 2]);
        assertEquals(gate.counted, 2);
      }
    });
  },
);

testWorkers(
  "cancelling a task ends its wait at once, while its call keeps running",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      getRunningLoop().setDefaultExecutor(executor);
      const name = await toThread(MODULE, "workerName");
      const task = createTask(
        toThread(MODULE, "block", gate.flags),
      );
      await gate.started();
      task.cancel("enough");
      await assertRejects(
        async () => {
          await task;
        },
        CancelledError,
        "enough",
      );
      const next = executor.submit(MODULE, "workerName");
      await sleep(0);
      assertFalse(next.done());
      gate.open();
      assertEquals(await next, name);
    });
  },
);

testWorkers(
  "a timeout ends the wait for a worker that never returns",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const work = createTask(async () => {
        await timeout(0.01, async () => {
          await toThread(MODULE, "block", gate.flags);
        });
      });
      await assertRejects(async () => {
        await work;
      }, TimeoutError);
    });
  },
);

testWorkers(
  "cancel() with terminate also ends the worker, and the next call gets another one",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const name = await executor.submit(MODULE, "workerName");
      const stuck = gate.block(executor);
      const waiting = executor.submit(MODULE, "workerName");
      await gate.started();
      assert(stuck.cancel("enough", { terminate: true }));
      assertNotEquals(await waiting, name);
    });
  },
);

testWorkers(
  "an executor with terminate ends the worker of a cancelled task",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const options = { maxWorkers: 1, terminate: true };
      await using executor = new ThreadPoolExecutor(options);
      getRunningLoop().setDefaultExecutor(executor);
      const task = createTask(
        toThread(MODULE, "block", gate.flags),
      );
      await gate.started();
      task.cancel();
      assertEquals(await executor.submit(MODULE, "add", 1, 2), 3);
      assert(task.cancelled());
    });
  },
);

testWorkers("cancel() of a call that is done changes nothing", async () => {
  await inLoop(async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    const work = executor.submit(MODULE, "add", 1, 2);
    assertEquals(await work, 3);
    assertFalse(work.cancel("late", { terminate: true }));
    assertEquals(work.result(), 3);
    assertEquals(
      String(executor),
      "<ThreadPoolExecutor workers=1 busy=0 queue=0>",
    );
  });
});

// map()

testWorkers(
  "map() returns the results in the order of the arguments",
  async () => {
    await inLoop(async () => {
      await using executor = new ThreadPoolExecutor({ maxWorkers: 3 });
      const sums = executor.map<typeof functions.add>(
        MODULE,
        "add",
        [1, 2, 3, 4, 5],
        [10, 20, 30, 40], // the shortest decides
      );
      assertEquals(await Array.fromAsync(sums), [11, 22, 33, 44]);
      assertEquals(await Array.fromAsync(executor.map(MODULE, "add", [])), []);
    });
  },
);

testWorkers(
  "map() submits all calls at once, and cancels the rest when one fails",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      gate.block(executor);
      const results = executor.map(MODULE, "fail", ["range", "own", "group"]);
      assertEquals(
        String(executor),
        "<ThreadPoolExecutor workers=1 busy=1 queue=3>",
      );
      gate.open();
      await assertRejects(
        async () => {
          for await (const _ of results);
        },
        RangeError,
        "too far",
      );
      assertEquals(await results.next(), { done: true, value: undefined });
      assertEquals(await executor.submit(MODULE, "add", 1, 2), 3);
    });
  },
);

testWorkers(
  "map() takes no more arguments than there is room for, and break ends it",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const options = { maxWorkers: 1, maxQueue: 2 };
      await using executor = new ThreadPoolExecutor(options);
      let taken = 0;
      let closed = false;
      function* forever(): Generator<functions.Flags> {
        try {
          for (;;) {
            taken++;
            yield gate.flags;
          }
        } finally {
          closed = true;
        }
      }
      const last = 10;
      for await (
        const count of executor.map<typeof functions.countThenBlock>(
          MODULE,
          "countThenBlock",
          forever(),
          new Array(100).fill(last + 1),
        )
      ) {
        assert(taken <= count + 3, `${taken} taken at ${count}`);
        if (count === last) break;
      }
      assert(closed);
      gate.open();
      const waiting = executor.submit(MODULE, "add", 1, 2);
      assertEquals(await waiting, 3);
      // The one that had begun. Those that waited were cancelled.
      assertEquals(gate.counted, last + 1);
      assert(taken > last + 1);
    });
  },
);

testWorkers(
  "map() keeps no more results than the calls that it may submit",
  async () => {
    await inLoop(async () => {
      const options = { maxWorkers: 1, maxQueue: 2 };
      await using executor = new ThreadPoolExecutor(options);
      let taken = 0;
      function* forever(): Generator<number> {
        for (;;) yield taken++;
      }
      const sums = executor.map<number>(MODULE, "add", forever(), forever());
      const WANTED = 5;
      for (let i = 0; i < WANTED; i++) {
        await sums.next();
        while (!String(executor).includes("busy=0 queue=0")) await sleep(0);
      }
      assertEquals(taken, 2 * (WANTED + 3));
      await sums.return?.();
    });
  },
);

testWorkers(
  "map() waits for room while other calls fill the queue",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const options = { maxWorkers: 1, maxQueue: 0 };
      await using executor = new ThreadPoolExecutor(options);
      const blocked = gate.block(executor);
      const sums = executor.map(MODULE, "add", [1, 2], [1, 2]);
      const all = createTask(() => Array.fromAsync(sums));
      await sleep(0);
      assertFalse(all.done());
      gate.open();
      await blocked;
      assertEquals(await all, [2, 4]);
    });
  },
);

Deno.test("map() refuses values that are not iterable", async () => {
  const executor = new ThreadPoolExecutor();
  assertThrows(() => executor.map(MODULE, "add"), TypeError, "an iterable");
  assertThrows(
    () => executor.map(MODULE, "add", 42 as unknown as number[]),
    TypeError,
    "current value is 42",
  );
  await executor.shutdown();
});

// Shutdown

Deno.test("submit() after shutdown() throws an Error that says so", async () => {
  const executor = new ThreadPoolExecutor();
  await executor.shutdown();
  await executor.shutdown();
  assertThrows(
    () => executor.submit(MODULE, "add"),
    Error,
    "cannot schedule new futures after shutdown",
  );
});

testWorkers("shutdown() waits for running and for waiting calls", async () => {
  await inLoop(async () => {
    using gate = new Gate();
    const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    const blocked = gate.block(executor);
    const waiting = executor.submit(MODULE, "add", 1, 2);
    const over = wrapFuture(executor.shutdown());
    await gate.started();
    assertFalse(over.done());
    gate.open();
    await over;
    assert(blocked.done());
    assertEquals(waiting.result(), 3);
    assertEquals(
      String(executor),
      "<ThreadPoolExecutor workers=0 busy=0 queue=0 shutdown>",
    );
  });
});

testWorkers(
  "shutdown({ wait: false }) returns at once, and the calls are still made",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const blocked = gate.block(executor);
      const waiting = executor.submit(MODULE, "add", 1, 2);
      await wrapFuture(executor.shutdown({ wait: false }));
      assertFalse(blocked.done());
      gate.open();
      assertEquals(await waiting, 3);
      await wrapFuture(executor.shutdown());
    });
  },
);

testWorkers(
  "shutdown({ cancelFutures: true }) cancels waiting calls, but not running ones",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const blocked = gate.block(executor);
      const waiting = executor.submit(MODULE, "add", 1, 2);
      const over = wrapFuture(executor.shutdown({ cancelFutures: true }));
      assert(waiting.cancelled());
      assertFalse(blocked.done());
      gate.open();
      await over;
      assertFalse(blocked.cancelled());
    });
  },
);

testWorkers(
  "shutdown() ends the worker of a call that was cancelled",
  async () => {
    await inLoop(async () => {
      using gate = new Gate();
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const stuck = gate.block(executor);
      await gate.started();
      stuck.cancel();
      await wrapFuture(executor.shutdown());
    });
  },
);

testWorkers(
  "run() leaves no worker behind, whether idle, cancelled or busy",
  async () => {
    const works: WorkFuture<unknown>[] = [];
    let executor: ThreadPoolExecutor;
    using gate = new Gate();
    await inLoop(async () => {
      const loop = getRunningLoop();
      executor = new ThreadPoolExecutor({ maxWorkers: 3 });
      loop.setDefaultExecutor(executor);
      createTask(toThread(MODULE, "block", gate.flags));
      works.push(gate.block(executor));
      await gate.started(2);
      await toThread(MODULE, "add", 1, 2);
      works.push(executor.submit(MODULE, "add", 1, 2));
      gate.open(); // calls that were not cancelled are waited for
    });
    assertEquals(works.map((work) => work.cancelled()), [false, false]);
    assertEquals(works[1].result(), 3);
    assertEquals(
      String(executor!),
      "<ThreadPoolExecutor workers=0 busy=0 queue=0 shutdown>",
    );
  },
);

testWorkers(
  "closing a loop ends the workers of its calls at once",
  async () => {
    using gate = new Gate();
    const executor = new ThreadPoolExecutor({ maxWorkers: 2 });
    const loop = newEventLoop();
    const stuck = loop.runInExecutor(
      executor,
      MODULE,
      "block",
      gate.flags,
    );
    const abandoned = loop.runInExecutor(
      executor,
      MODULE,
      "block",
      gate.flags,
    );
    const waiting = loop.runInExecutor(executor, MODULE, "add", 1, 2);
    await loop.runUntilComplete(() => gate.started(2));
    abandoned.cancel();
    loop.close();
    assert(stuck.cancelled());
    assert(waiting.cancelled());
    assertEquals(
      String(executor),
      "<ThreadPoolExecutor workers=0 busy=0 queue=0>",
    );
    assertThrows(
      () => loop.runInExecutor(null, MODULE, "add"),
      Error,
      "Event loop is closed",
    );
    await executor.shutdown();
  },
);

testWorkers(
  "closing one loop does not affect the calls of another",
  async () => {
    using gate = new Gate();
    const executor = new ThreadPoolExecutor({ maxWorkers: 2 });
    const loops = [newEventLoop(), newEventLoop()];
    const running = loops.map((loop) =>
      loop.runInExecutor<string>(executor, MODULE, "block", gate.flags)
    );
    const waiting = loops.map((loop) =>
      loop.runInExecutor<number>(executor, MODULE, "add", 1, 2)
    );
    await loops[0].runUntilComplete(() => gate.started(2));
    loops[0].close();
    assertEquals([running[0].cancelled(), waiting[0].cancelled()], [
      true,
      true,
    ]);
    assertEquals([running[1].done(), waiting[1].cancelled()], [false, false]);
    gate.open();
    assertEquals(await loops[1].runUntilComplete(waiting[1]), 3);
    assertEquals(typeof await loops[1].runUntilComplete(running[1]), "string");
    loops[1].close();
    await executor.shutdown();
  },
);

testWorkers(
  "idle workers end when the loop stops, and new ones start when it runs again",
  async () => {
    const loop = newEventLoop();
    const executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    loop.setDefaultExecutor(executor);
    const work = () => toThread<number>(MODULE, "add", 1, 2);
    assertEquals(await loop.runUntilComplete(work), 3);
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(
      String(executor),
      "<ThreadPoolExecutor workers=0 busy=0 queue=0>",
    );
    assertEquals(await loop.runUntilComplete(work), 3);
    loop.close();
    assertEquals(
      String(executor),
      "<ThreadPoolExecutor workers=0 busy=0 queue=0 shutdown>",
    );
  },
);

testWorkers("calls can be awaited outside any loop", async () => {
  setEventLoop(null);
  await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
  assertEquals(await executor.submit(MODULE, "add", 1, 2), 3);
  await assertRejects(
    async () => void await executor.submit(MODULE, "fail", "range"),
    RangeError,
  );
  assertEquals(await toThread(MODULE, "add", 1, 2), 3);
  setEventLoop(null);
});

// The loop's executor

testWorkers(
  "runInExecutor() returns a future, and accepts an executor",
  async () => {
    await inLoop(async () => {
      const loop = getRunningLoop();
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
      const work = loop.runInExecutor(executor, MODULE, "add", 1, 2);
      assertStrictEquals(work.getLoop(), loop);
      assertEquals(await work, 3);
      assertEquals(
        String(executor),
        "<ThreadPoolExecutor workers=1 busy=0 queue=0>",
      );
      assertEquals(loop.$defaultExecutor, null);
    });
  },
);

Deno.test("runInExecutor() and setDefaultExecutor() refuse values that are not executors", () => {
  const loop = newEventLoop();
  for (const value of [undefined, {}, 42, Worker]) {
    const wrong = value as unknown as ThreadPoolExecutor;
    const message = "executor must be a ThreadPoolExecutor";
    assertThrows(() => loop.setDefaultExecutor(wrong), TypeError, message);
    assertThrows(
      () => loop.runInExecutor(wrong, MODULE, "add"),
      TypeError,
      message,
    );
  }
  loop.close();
});

testWorkers(
  "shutdownDefaultExecutor() waits for running calls, and leaves no default executor",
  async () => {
    await inLoop(async () => {
      const loop = getRunningLoop();
      using gate = new Gate();
      const blocked = loop
        .runInExecutor<string>(null, MODULE, "block", gate.flags);
      const over = createTask(loop.shutdownDefaultExecutor());
      await gate.started();
      assertFalse(over.done());
      gate.open();
      await over;
      assert(blocked.done());
      assertThrows(
        () => loop.runInExecutor(null, MODULE, "add"),
        Error,
        "Executor shutdown has been called",
      );
    });
  },
);

testWorkers(
  "shutdownDefaultExecutor({ timeout }) cancels calls that take longer",
  async () => {
    await inLoop(async () => {
      const loop = getRunningLoop();
      using gate = new Gate();
      const stuck = loop.runInExecutor(
        null,
        MODULE,
        "block",
        gate.flags,
      );
      await gate.started();
      await loop.shutdownDefaultExecutor({ timeout: 0 });
      assert(stuck.cancelled());
    });
  },
);

Deno.test("shutdownDefaultExecutor() does nothing if no default executor was used", async () => {
  const loop = newEventLoop();
  await loop.runUntilComplete(loop.shutdownDefaultExecutor());
  assertThrows(
    () => loop.shutdownDefaultExecutor({ timeout: NaN }),
    TypeError,
    "timeout",
  );
  loop.close();
});

testWorkers(
  "a failure that is never retrieved is reported when the loop is closed",
  async () => {
    const loop = newEventLoop();
    const contexts: ExceptionContext[] = [];
    loop.setExceptionHandler((_loop, context) => contexts.push(context));
    const work = loop.runInExecutor(null, MODULE, "fail", "range");
    const done = loop.createFuture<void>();
    work.addDoneCallback(() => done.setResult());
    await loop.runUntilComplete(done);
    loop.close();
    assertEquals(contexts.map(({ message }) => message), [
      "WorkFuture exception was never retrieved",
    ]);
  },
);

// Permissions and processes

/** Far more than a child needs: a test is to fail rather than hang. */
const MS_TO_KILL = 60_000;

/** Runs a program in a process of its own, and returns its output. */
async function runProgram(
  text: string,
  flags: string[],
): Promise<{ code: number; out: string }> {
  const specifier = `data:text/typescript,${encodeURIComponent(text)}`;
  const child = new Deno.Command(command, {
    args: ["run", "--no-prompt", "--no-check", ...flags, specifier],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), MS_TO_KILL);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout) + decoder.decode(stderr) };
}

const imports = `
  import {
    createTask,
    newEventLoop,
    run,
    ThreadPoolExecutor,
    timeout,
    toThread,
  } from "${new URL("mod.ts", ROOT)}";
  const module = "data:text/javascript," + encodeURIComponent(\`
    export const add = (a, b) => a + b;
    export const spin = () => { for (;;); };
    export const block = () =>
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  \`);
`;

// A worker that is left behind keeps its process alive. Nothing else shows it.
const PROGRAMS: [claim: string, program: string, out: string][] = [
  [
    "idle workers",
    `
    console.log(await toThread(module, "add", 1, 2));
    const executor = new ThreadPoolExecutor();
    console.log(await executor.submit(module, "add", 3, 4));
    `,
    "3\n7\n",
  ],
  [
    "cancelled calls running after run()",
    `
    await run(async () => {
      console.log(await toThread(module, "add", 1, 2));
      const executor = new ThreadPoolExecutor(); // which is never shut down
      createTask(async () => await executor.submit(module, "spin"));
      createTask(toThread(module, "spin"));
      try {
        await timeout(0.01, () => toThread(module, "spin"));
      } catch (error) {
        console.log(error.name);
      }
    });
    `,
    "3\nTimeoutError\n",
  ],
  [
    "calls running after close() that were not cancelled",
    `
    const loop = newEventLoop();
    const executor = new ThreadPoolExecutor();
    loop.runInExecutor(executor, module, "spin");
    loop.runInExecutor(null, module, "block");
    loop.close();
    console.log("closed");
    `,
    "closed\n",
  ],
];

for (const [claim, program, expected] of PROGRAMS) {
  Deno.test({
    name: `a program ends although it leaves ${claim}`,
    ignore: noProcesses || noWorkers,
    async fn() {
      const flags = [`--allow-read=${ROOT.pathname}`];
      const { code, out } = await runProgram(imports + program, flags);
      assertEquals([code, out], [0, expected]);
    },
  });
}

Deno.test({
  name: "without --allow-read the call fails and names the missing permission",
  ignore: noProcesses,
  async fn() {
    const program = `${imports}
      try {
        await toThread(module, "add", 1, 2);
      } catch (error) {
        console.log("caught", error.message);
      }
    `;
    const { code, out } = await runProgram(program, []);
    assertEquals(code, 0, out);
    assertStringIncludes(out, "caught The worker has died in add()");
    assertStringIncludes(out, "Requires read access");
  },
});

// Call graphs: where tasks wait, and who waits for them.

import { inKind, inVirtualTime, KINDS } from "../_helpers.ts";
import { buildGraph, graphText } from "../../_core/graph.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import {
  allTasks,
  asCompleted,
  coroutine,
  createTask,
  type CreateTaskOptions,
  currentTask,
  EventLoop,
  type Future,
  gather,
  getRunningLoop,
  InvalidStateError,
  race,
  run,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  wait,
  waitFor,
} from "@asyncio/asyncio";
import {
  type CallGraphOptions,
  captureCallGraph,
  formatCallGraph,
  futureAddToAwaitedBy,
  type FutureCallGraph,
  futureDiscardFromAwaitedBy,
  printCallGraph,
} from "@asyncio/asyncio/graph";
import source from "./graph_test.ts" with { type: "text" };

/** The number of the line with this comment at its end. */
function lineOf(mark: string): number {
  const lines = source.split("\n");
  const index = lines.findIndex((line) => line.endsWith(`// ${mark}`));
  assert(index >= 0, mark);
  return index + 1;
}

const FILE = new URL(import.meta.url).pathname;

/** The call stack of a task, innermost first: functions and marks. */
function stack(task: Future<unknown>): string[] {
  return captureCallGraph(task)!.callStack.map(({ name, file, line }) => {
    assertEquals(file, FILE);
    const text = source.split("\n")[line - 1];
    return `${name}: ${/\/\/ (.*)$/.exec(text)?.[1]}`;
  });
}

const asyncInner = async () => {
  await sleep(60); // async inner
};
const asyncMiddle = coroutine(async function asyncMiddle() {
  await asyncInner(); // async middle
});
const genInner = coroutine(function* genInner() {
  yield* sleep(60); // generator inner
});
const genMiddle = coroutine(function* genMiddle() {
  yield* genInner(); // generator middle
});

/** What a task does, and its call stack, innermost first. */
const STACKS: Record<string, [start: () => Task<unknown>, stack: string[]]> = {
  "an async function": [
    () =>
      createTask(async function work() {
        await asyncMiddle(); // a
      }),
    [
      "asyncInner: async inner",
      "asyncMiddle: async middle",
      "work: a",
    ],
  ],
  "a generator": [
    () =>
      createTask(function* work() {
        yield* genMiddle(); // b
      }),
    [
      "genInner: generator inner",
      "genMiddle: generator middle",
      "work: b",
    ],
  ],
  "an async function that awaits a generator": [
    () =>
      createTask(async function work() {
        await genMiddle(); // c
      }),
    [
      "genInner: generator inner",
      "genMiddle: generator middle",
      "work: c",
    ],
  ],
  "a generator that waits for an async function": [
    () =>
      createTask(function* work() {
        yield* asyncMiddle(); // d
      }),
    [
      "asyncInner: async inner",
      "asyncMiddle: async middle",
      "work: d",
    ],
  ],
  "scopes of async functions": [
    () =>
      createTask(async function work() {
        await taskGroup(async function body() { // e
          await waitFor(asyncMiddle(), 90); // f
        });
      }),
    [
      "asyncInner: async inner",
      "asyncMiddle: async middle",
      "body: f",
      "work: e",
    ],
  ],
  "scopes of generators": [
    () =>
      createTask(function* work() {
        yield* timeout(90, function* body() { // g
          yield* genMiddle(); // h
        });
      }),
    [
      "genInner: generator inner",
      "genMiddle: generator middle",
      "body: h",
      "work: g",
    ],
  ],
  "an eager async function": [
    () => {
      const options: CreateTaskOptions = { eagerStart: true };
      return createTask(async function work() {
        await asyncMiddle(); // i
      }, options);
    },
    [
      "asyncInner: async inner",
      "asyncMiddle: async middle",
      "work: i",
    ],
  ],
};

for (const [what, [start, expected]] of Object.entries(STACKS)) {
  Deno.test(`in debug mode, a call stack has the lines of the waits: ${what}`, async () => {
    await inVirtualTime(async () => {
      getRunningLoop().setDebug(true);
      const task = start();
      await sleep(1);
      assertEquals(stack(task), expected);
      task.cancel();
    });
  });
}

for (const kind of KINDS) {
  Deno.test(`in debug mode, a call stack moves on with the task (${kind})`, async () => {
    await inVirtualTime(async () => {
      getRunningLoop().setDebug(true);
      const task = kind === "async"
        ? createTask(async function work() {
          await sleep(1); // first async
          await sleep(1); // second async
        })
        : createTask(function* work() {
          yield* sleep(1); // first generator
          yield* sleep(1); // second generator
        });
      await sleep(0.5);
      assertEquals(stack(task), [`work: first ${kind}`]);
      await sleep(1);
      assertEquals(stack(task), [`work: second ${kind}`]);
      await task;
    });
  });

  Deno.test(`without debug mode, a frame is where the coroutine is defined (${kind})`, async () => {
    await inVirtualTime(async () => {
      const task = kind === "async"
        ? createTask(async function work() { // defined async
          await asyncMiddle();
        })
        : createTask(function* work() { // defined generator
          yield* genMiddle();
        });
      await sleep(1);
      assertEquals(stack(task), [`work: defined ${kind}`]);
      task.cancel();
    });
  });

  Deno.test(`the call stack of the calling task is that of the call (${kind})`, async () => {
    await inVirtualTime(async () => {
      getRunningLoop().setDebug(true);
      const lines: string[] = [];
      const capture = (options?: CallGraphOptions) => {
        const graph = captureCallGraph(null, options)!; // capture
        assertStrictEquals(graph.future, currentTask());
        lines.push(...graph.callStack.map(({ name }) => name));
      };
      if (kind === "async") {
        const inner = coroutine(async function inner() {
          await sleep(0);
          capture({ depth: 2, limit: 2 });
        });
        await createTask(async function outer() {
          await inner();
        });
      } else {
        const inner = coroutine(function* inner() {
          yield* sleep(0);
          capture({ depth: 2, limit: 2 });
        });
        await createTask(function* outer() {
          yield* inner();
        });
      }
      assertEquals(lines, ["inner", "outer"]);
    });
  });
}

Deno.test("in debug mode, a task in a native promise is at the line of its await", async () => {
  await run(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    async function inner() {
      await sleep(0);
      await promise; // native
    }
    const task = createTask(async function work() {
      await inner(); // around native
    });
    await sleep(0.01);
    assertEquals(stack(task), ["inner: native", "work: around native"]);
    resolve();
    await task;
  }, { debug: true });
});

/** Ways to wait for several things, and the names of what then awaits each. */
const EDGES: Record<
  string,
  [wait: (task: Task<unknown>) => PromiseLike<unknown>, path: string[]]
> = {
  "await": [(task) => task, ["waiter"]],
  "gather()": [(task) => gather(task, sleep(1)), [
    "_GatheringFuture",
    "waiter",
  ]],
  "shield()": [(task) => shield(task), ["Future", "waiter"]],
  "wait()": [(task) => wait([task]), ["waiter"]],
  "waitFor()": [(task) => waitFor(task, 90), ["waiter"]],
  "race()": [(task) => race(task, sleep(90)), ["RacingFuture", "waiter"]],
  "asCompleted()": [
    async (task) => {
      for await (const _ of asCompleted([task]));
    },
    ["waiter"],
  ],
  "taskGroup()": [
    (task) =>
      taskGroup(async (group) => {
        await group.createTask(async () => await task);
      }),
    ["Task", "waiter"],
  ],
};

for (const [what, [waitFor, path]] of Object.entries(EDGES)) {
  Deno.test(`a task that waits by ${what} is in the graph`, async () => {
    await inVirtualTime(async () => {
      const task = createTask(sleep(60));
      const waiter = createTask(async () => await waitFor(task), {
        name: "waiter",
      });
      await sleep(1);
      const found: string[] = [];
      let graph: FutureCallGraph = captureCallGraph(task)!;
      while (graph.awaitedBy.length > 0) {
        [graph] = graph.awaitedBy;
        found.push(
          graph.future === waiter ? "waiter" : graph.future.constructor.name,
        );
      }
      assertEquals(
        found.map((name) =>
          name.replace("GatheringFuture", "_GatheringFuture")
        ),
        path,
      );
      waiter.cancel();
      task.cancel();
      await gather([waiter, task], { returnExceptions: true });
      assertEquals(buildGraph(task).awaitedBy, []);
    });
  });
}

Deno.test("the tasks of a group are awaited by the task of its body, even while that runs", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      const child = group.createTask(sleep(60));
      const [{ future }] = captureCallGraph(child)!.awaitedBy;
      assertStrictEquals(future, currentTask());
      group.cancel();
    });
  });
});

Deno.test("three tasks that await one are in the graph in order, and leave it when cancelled", async () => {
  for (const cancelled of [0, 1, 2]) {
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<void>();
      const waiters = [1, 2, 3].map(() => createTask(async () => await future));
      const awaitedBy = () =>
        captureCallGraph(future)!.awaitedBy.map(({ future }) => future);
      await sleep(0);
      assertEquals(awaitedBy(), waiters);
      // Shielded from the future, which would be cancelled with the waiter.
      const looking = createTask(async () => await shield(future));
      await sleep(0);
      looking.cancel();
      await sleep(0);
      await sleep(0);
      assertEquals(awaitedBy(), waiters);
      waiters[cancelled].cancel();
      await gather(waiters, { returnExceptions: true });
      assertEquals(buildGraph(future).awaitedBy, []);
    });
  }
});

Deno.test("what only looks on at a future does not await it", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    const looking = future.finally(() => {});
    future.addDoneCallback(() => {});
    assertEquals(captureCallGraph(future)!.awaitedBy, []);
    future.setResult();
    await looking;
  });
});

Deno.test("a circle of tasks is cut, and shown", async () => {
  await inVirtualTime(async () => {
    const tasks: Task<unknown>[] = [];
    for (const [i, name] of ["a", "b", "c"].entries()) {
      tasks.push(createTask(async () => await tasks[(i + 1) % 3], { name }));
    }
    await sleep(0);
    const [a, b, c] = tasks;
    const graph = captureCallGraph(a)!;
    const byC = graph.awaitedBy[0];
    const byB = byC.awaitedBy[0];
    const byA = byB.awaitedBy[0];
    assertEquals([byC.future, byB.future, byA.future], [c, b, a]);
    assertEquals(byA.cut, "circle");
    assertEquals(byA.awaitedBy, []);
    assertEquals(byB.cut, undefined);
    const text = formatCallGraph(a);
    assertEquals(text.match(/Task\(name='a'/g)?.length, 2);
    assertMatch(
      text,
      /\* Task\(name='a', id=0x\w+\) \(circle: it waits for itself\)$/m,
    );
    a.cancel();
    await gather(tasks, { returnExceptions: true });
  });
});

Deno.test("what is in a graph twice is shown once", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    // Two to the power of forty paths lead to the last one.
    let below: Future<unknown>[] = [future];
    for (let layer = 0; layer < 40; layer++) {
      const names = ["left", "right"];
      below = names.map((name) => {
        const awaited = below;
        return createTask(async () => await wait(awaited), {
          name: `${name} ${layer}`,
        });
      });
    }
    for (let i = 0; i < 50; i++) await sleep(0);
    const text = formatCallGraph(future);
    assertEquals(text.match(/'left 39'/g)?.length, 2);
    assertEquals(text.match(/\(shown above\)/g)?.length, 78);
    future.setResult();
    await wait(below);
  });
});

const waits = coroutine(function* waits(future: Future<unknown>) {
  yield* future;
});

Deno.test("a chain of a hundred thousand tasks has a graph", async () => {
  await run(function* () {
    const future = getRunningLoop().createFuture<void>();
    let last: Future<unknown> = future;
    for (let i = 0; i < 100_000; i++) {
      const awaited = last;
      last = createTask(waits(awaited));
    }
    yield* sleep(0);
    let length = 0;
    let graph = captureCallGraph(future)!;
    for (; graph.awaitedBy.length > 0; [graph] = graph.awaitedBy) length++;
    assertEquals(length, 100_000);
    future.setResult();
    yield* last;
  });
});

// Cause: Its coroutines of asCompleted() were made like those of a program.
Deno.test("a stack has no frame of the library", async () => {
  for (const debug of [false, true]) {
    await inVirtualTime(async () => {
      getRunningLoop().setDebug(debug);
      const slow = () => sleep(60);
      const tasks = [
        async () => {
          for await (const done of asCompleted([slow])) await done;
        },
        async () => {
          for await (const done of asCompleted([slow], { limit: 1 })) {
            await done;
          }
        },
        async () => {
          for (const next of asCompleted([slow])) await next;
        },
        function* () {
          for (const next of asCompleted([slow], { limit: 1 })) yield* next;
        },
      ].map((body) => createTask(body as () => Promise<void>));
      await sleep(1);
      for (const task of tasks) {
        const frames = [...captureCallGraph(task)!.callStack];
        assertEquals(frames.map(({ file }) => file), [FILE]);
      }
      const left = [...allTasks()].filter((task) => task !== currentTask());
      for (const task of left) task.cancel();
      await gather(left, { returnExceptions: true });
    });
  }
});

Deno.test("formatCallGraph() prints in CPython's format", async () => {
  await inVirtualTime(async () => {
    getRunningLoop().setDebug(true);
    const job = createTask(async function job() {
      await asyncInner(); // job
    }, { name: "job" });
    const parent = createTask(function* parent() {
      yield* gather(job); // parent
    }, { name: "parent" });
    await sleep(1);
    const text = formatCallGraph(job).replaceAll(/0x\w+/g, "0x");
    assertEquals(
      text,
      `\
* Task(name='job', id=0x)
  + Call stack:
  |   File '${FILE}', line ${lineOf("async inner")}, in async asyncInner()
  |   File '${FILE}', line ${lineOf("job")}, in async job()
  + Awaited by:
    * Future(id=0x)
      + Awaited by:
        * Task(name='parent', id=0x)
          + Call stack:
          |   File '${FILE}', line ${lineOf("parent")}, in generator parent()`,
    );
    parent.cancel();
    await gather([parent], { returnExceptions: true });
  });
});

Deno.test("printCallGraph() prints what formatCallGraph() returns", async () => {
  await inVirtualTime(async () => {
    const task = createTask(sleep(60));
    using log = stub(console, "log");
    printCallGraph(task);
    assertEquals(log.calls.map(({ args }) => args), [[formatCallGraph(task)]]);
    task.cancel();
  });
});

Deno.test("in a callback there is no task, and no graph", async () => {
  const seen: unknown[] = [];
  await inVirtualTime(async () => {
    getRunningLoop().callSoon(() => {
      seen.push(captureCallGraph(), formatCallGraph());
    });
    await sleep(0);
  });
  assertEquals(seen, [null, ""]);
});

Deno.test("limit keeps the innermost frames", async () => {
  await inVirtualTime(async () => {
    getRunningLoop().setDebug(true);
    const task = createTask(asyncMiddle());
    await sleep(1);
    const names = (limit: number | null) =>
      captureCallGraph(task, { limit })!.callStack.map(({ name }) => name);
    assertEquals(names(0), []);
    assertEquals(names(1), ["asyncInner"]);
    assertEquals(names(2), ["asyncInner", "asyncMiddle"]);
    assertEquals(names(3), names(null));
    task.cancel();
  });
});

Deno.test("a future may be given outside of every loop", () => {
  const loop = new EventLoop();
  const future = loop.createFuture<void>();
  assertStrictEquals(captureCallGraph(future)?.future, future);
  assertMatch(formatCallGraph(future), /^\* Future\(id=0x\w+\)$/);
  loop.close();
});

Deno.test("outside of every loop, a future is required", () => {
  const message = "outside of a running event loop";
  assertThrows(() => captureCallGraph(), Error, message);
  assertThrows(() => formatCallGraph(null), Error, message);
  assertThrows(() => printCallGraph(), Error, message);
});

Deno.test("bad arguments of captureCallGraph() are refused", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const other = new EventLoop();
    const done = loop.createFuture<void>();
    done.setResult();
    const pending = loop.createFuture<void>();
    const refuse = (
      future: unknown,
      options: unknown,
      type: new () => Error,
      message: string,
    ) =>
      assertThrows(
        () => captureCallGraph(future as never, options as never),
        type,
        message,
      );
    refuse(
      1,
      undefined,
      TypeError,
      "a future was expected by captureCallGraph(), got 1",
    );
    refuse(Promise.resolve(), undefined, TypeError, "a native Promise");
    refuse(
      done,
      undefined,
      InvalidStateError,
      "a future that is done: <Future finished",
    );
    refuse(
      other.createFuture(),
      undefined,
      Error,
      "belongs to a different loop: <Future pending>",
    );
    refuse(pending, { limit: -1 }, RangeError, ">= 0: current value is -1");
    refuse(pending, { limit: NaN }, TypeError, "current value is NaN");
    refuse(pending, { limit: 1.5 }, RangeError, "current value is 1.5");
    refuse(pending, { limit: "1" }, TypeError, "current value is '1'");
    refuse(pending, { depth: -1 }, RangeError, ">= 0: current value is -1");
    refuse(pending, { depth: NaN }, TypeError, "current value is NaN");
    refuse(pending, { limits: 1 }, TypeError, "limit");
    other.close();
  });
});

Deno.test("futureAddToAwaitedBy() adds an edge, and futureDiscardFromAwaitedBy() takes it back", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const inner = loop.createFuture<void>();
    const outers = [1, 2, 3].map(() => loop.createFuture<void>());
    const awaitedBy = () =>
      captureCallGraph(inner)!.awaitedBy.map(({ future }) => future);
    for (const outer of [...outers, outers[0]]) {
      futureAddToAwaitedBy(inner, outer);
    }
    assertEquals(awaitedBy(), outers);
    futureDiscardFromAwaitedBy(inner, outers[1]);
    futureDiscardFromAwaitedBy(inner, outers[1]);
    assertEquals(awaitedBy(), [outers[0], outers[2]]);
    outers[0].setResult();
    assertEquals(awaitedBy(), [outers[2]]);
  });
});

Deno.test("bad arguments of futureAddToAwaitedBy() are refused", () => {
  const loop = new EventLoop();
  const other = new EventLoop();
  const [future, done] = [loop.createFuture<void>(), loop.createFuture<void>()];
  done.setResult();
  const bad = 1 as unknown as Future<unknown>;
  assertThrows(() => futureAddToAwaitedBy(bad, future), TypeError, "got 1");
  assertThrows(() => futureAddToAwaitedBy(future, bad), TypeError, "got 1");
  assertThrows(() => futureDiscardFromAwaitedBy(bad, future), TypeError);
  assertThrows(() => futureDiscardFromAwaitedBy(future, bad), TypeError);
  assertThrows(
    () => futureAddToAwaitedBy(future, other.createFuture()),
    Error,
    "different loops",
  );
  assertThrows(
    () => futureAddToAwaitedBy(done, future),
    InvalidStateError,
    "is done",
  );
  loop.close();
  other.close();
});

for (const kind of KINDS) {
  Deno.test(`getStack() has the frames oldest first, the newest if limited (${kind})`, async () => {
    await inVirtualTime(async () => {
      getRunningLoop().setDebug(true);
      const middle = kind === "async" ? asyncMiddle : genMiddle;
      const inner = kind === "async" ? "asyncInner" : "genInner";
      const task = createTask(middle());
      await sleep(1);
      const names = (limit?: number) =>
        task.getStack({ limit }).map(({ name }) => name);
      assertEquals(names(), [middle.name, inner]);
      assertEquals(names(1), [inner]);
      assertEquals(names(0), []);
      task.cancel();
    });
  });

  Deno.test(`getStack() of a task that has failed is that of its error, the oldest if limited (${kind})`, async () => {
    await inVirtualTime(async () => {
      function thrower(): never {
        throw new Error("no luck"); // thrown
      }
      const fail = inKind(kind, function* fail() {
        thrower();
      });
      const task = createTask(fail());
      await gather([task], { returnExceptions: true });
      const frames = task.getStack();
      assertEquals(frames.at(-1), {
        name: "thrower",
        file: FILE,
        line: lineOf("thrown"),
      });
      assertEquals(task.getStack({ limit: 1 }), [frames[0]]);
    });
  });

  Deno.test(`a task that has returned or was cancelled has no stack (${kind})`, async () => {
    await inVirtualTime(async () => {
      const returned = createTask(inKind(kind, function* () {})());
      const cancelled = createTask(sleep(60));
      await sleep(0);
      cancelled.cancel();
      await gather([returned, cancelled], { returnExceptions: true });
      assertEquals(returned.getStack(), []);
      assertEquals(cancelled.getStack(), []);
    });
  });
}

Deno.test("a task has the stack of its own call while it runs", async () => {
  await inVirtualTime(async () => {
    const task = currentTask()!;
    (function caller() {
      assertEquals(task.getStack().at(-1)?.name, "caller");
    })();
  });
});

Deno.test("printStack() prints as CPython does", async () => {
  await inVirtualTime(async () => {
    getRunningLoop().setDebug(true);
    using log = stub(console, "log");
    const task = createTask(asyncMiddle(), { name: "job" });
    await sleep(1);
    task.printStack();
    task.printStack({ limit: 1 });
    task.cancel();
    await gather([task], { returnExceptions: true });
    task.printStack();
    const failed = createTask(async () => {
      throw new RangeError("too far");
    });
    await gather([failed], { returnExceptions: true });
    failed.printStack();
    const [all, one, none, failure] = log.calls.map(({ args }) => String(args));
    assertMatch(
      all,
      /^Stack for <Task pending name='job' .*> \(most recent call last\):\n/,
    );
    assertEquals(all.split("\n").slice(1), [
      `  File "${FILE}", line ${lineOf("async middle")}, in asyncMiddle`,
      `  File "${FILE}", line ${lineOf("async inner")}, in asyncInner`,
    ]);
    assertEquals(one.split("\n").length, 2);
    assertMatch(none, /^No stack for <Task cancelled name='job' /);
    assertMatch(failure, /^Traceback for <Task finished /);
    assertStringIncludes(failure, "\nRangeError: too far");
  });
});

for (const kind of KINDS) {
  Deno.test(`in debug mode, the stack of an eager task ends where the loop runs it (${kind})`, async () => {
    await run(async function main() {
      const inner = inKind(kind, function* inner() {
        yield sleep(0.01);
      });
      function creator() {
        return createTask(inner(), { eagerStart: true });
      }
      const task = creator();
      assertEquals(task.getStack().map(({ name }) => name), ["inner"]);
      await task;
    }, { debug: true });
  });
}

Deno.test("bad arguments of getStack() and printStack() are refused", async () => {
  await inVirtualTime(async () => {
    const task = currentTask()!;
    for (const method of ["getStack", "printStack"] as const) {
      assertThrows(() => task[method]({ limit: -1 }), RangeError, "-1");
      assertThrows(() => task[method]({ limit: NaN }), TypeError, "NaN");
      assertThrows(() => task[method]({ limits: 1 } as never), TypeError);
    }
  });
});

Deno.test("graphText() of a graph without tasks names the future only", () => {
  const loop = new EventLoop();
  const text = graphText(buildGraph(loop.createFuture()));
  assertMatch(text, /^\* Future\(id=0x\w+\)$/);
  loop.close();
});

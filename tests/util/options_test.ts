import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  allTasks,
  asCompleted,
  connectLoop,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  EventLoop,
  exposeLoop,
  Future,
  gather,
  newEventLoop,
  PriorityQueue,
  run,
  runCoroutineThreadsafe,
  Runner,
  sleep,
  Task,
  taskGroup,
  ThreadPoolExecutor,
  wait,
  withTransfer,
  WorkFuture,
  wrapFuture,
} from "@asyncio/asyncio";
import { requireOptions } from "../../_util/options.ts";
import { inVirtualTime, KINDS, testKinds } from "../_helpers.ts";

const KNOWN = ["timeout", "returnWhen", "name", "loop"];

/** A class whose instances serve as options. */
class Settings {
  readonly timeout = 1;
  get name(): string {
    return "settings";
  }
}

/** Values that serve as options. */
const ACCEPTED: Record<string, unknown> = {
  "undefined": undefined,
  "no option": {},
  "one option": { timeout: 1 },
  "every option": { timeout: 1, returnWhen: 2, name: 3, loop: 4 },
  "an option that is undefined": { timeout: undefined },
  "an object without a prototype": Object.assign(Object.create(null), {
    name: "n",
  }),
  "an instance of a class with these options": new Settings(),
  "inherited options": Object.create({ timeout: 1 }),
  "an unknown option that is inherited": Object.create({ timeout: 1, x: 2 }),
};

for (const [what, options] of Object.entries(ACCEPTED)) {
  Deno.test(`requireOptions() accepts ${what}`, () => {
    requireOptions("wait()", options, KNOWN);
  });
}

/** Values passed where options are expected, and how the message prints them. */
const POSITIONAL: [what: string, make: () => unknown, text: string][] = [
  ["null", () => null, "null"],
  ["a boolean", () => true, "true"],
  ["a number", () => 1, "1"],
  ["a string", () => "all", "'all'"],
  ["a symbol", () => Symbol("s"), "Symbol(s)"],
  ["a function", () => function f() {}, "[Function: f]"],
  ["a list", () => [1, 2], "[ 1, 2 ]"],
  ["a list of options", () => [{ timeout: 1 }], "[ { timeout: 1 } ]"],
  ["a promise", () => Promise.resolve(1), "a native Promise"],
  ["a map", () => new Map(), "Map(0) {}"],
  ["an instance of another class", () => new Date(0), new Date(0).toJSON()],
];

for (const [what, make, text] of POSITIONAL) {
  Deno.test(`requireOptions() refuses ${what} in the place of options`, () => {
    const error = assertThrows(
      () => requireOptions("wait()", make(), KNOWN),
      TypeError,
    );
    assertEquals(
      error.message,
      "wait() takes options as an object such as " +
        `{ timeout, returnWhen, name, loop }: current value is ${text}`,
    );
  });
}

Deno.test("requireOptions() refuses a coroutine, a future and a loop in the place of options", () => {
  const loop = new EventLoop();
  for (const value of [sleep(1), loop.createFuture(), loop]) {
    const error = assertThrows(
      () => requireOptions("createTask()", value, ["name", "signal"]),
      TypeError,
    );
    assertEquals(
      error.message,
      "createTask() takes options as an object such as { name, signal }: " +
        `current value is ${value}`,
    );
  }
  loop.close();
});

/** Names of unknown options, and the known ones that they should have been. */
const MISSPELT: [name: string, meant: string][] = [
  ["timeOut", "timeout"],
  ["time_out", "timeout"],
  ["Timeout", "timeout"],
  ["TIMEOUT", "timeout"],
  ["timout", "timeout"],
  ["tiemout", "timeout"],
  ["timeouts", "timeout"],
  ["return_when", "returnWhen"],
  ["returnwhen", "returnWhen"],
  ["return_wen", "returnWhen"],
  ["_return_when", "returnWhen"],
  ["nam", "name"],
  ["nmae", "name"],
  ["names", "name"],
  ["lop", "loop"],
];

for (const [name, meant] of MISSPELT) {
  Deno.test(`requireOptions() refuses the option ${name} and suggests ${meant}`, () => {
    const error = assertThrows(
      () => requireOptions("wait()", { timeout: 1, [name]: 2 }, KNOWN),
      TypeError,
    );
    assertEquals(
      error.message,
      `Unknown option ${name} for wait(): did you mean ${meant}?`,
    );
  });
}

for (const name of ["shield", "tim", "return", "x", "", "0"]) {
  Deno.test(`requireOptions() refuses the option "${name}" and lists the known ones`, () => {
    const error = assertThrows(
      () => requireOptions("wait()", { [name]: undefined }, KNOWN),
      TypeError,
    );
    assertEquals(
      error.message,
      `Unknown option ${name} for wait(): ` +
        "the known ones are timeout, returnWhen, name, loop",
    );
  });
}

Deno.test("requireOptions() suggests the most similar of several names", () => {
  const error = assertThrows(
    () => requireOptions("f()", { max_sizes: 1 }, ["minSize", "maxSize"]),
    TypeError,
  );
  assertEquals(
    error.message,
    "Unknown option max_sizes for f(): did you mean maxSize?",
  );
});

Deno.test("requireOptions() names an unknown option of a class instance", () => {
  class Strange {
    timeout = 1;
    nome = "n";
  }
  assertThrows(
    () => requireOptions("wait()", new Strange(), KNOWN),
    TypeError,
    "Unknown option nome for wait(): did you mean name?",
  );
});

// Every call that takes options.

/** What a call is made with. */
interface Given {
  loop: EventLoop;
  coro: Coroutine<void>;
}

/** A call that takes options, and one of them. */
interface Taker {
  call: string;
  known: string;
  take: (options: never, given: Given) => unknown;
}

const TAKERS: Taker[] = [
  { call: "Future()", known: "loop", take: (options) => new Future(options) },
  {
    call: "Task()",
    known: "eagerStart",
    take: (options, { coro }) => new Task(coro, options),
  },
  {
    call: "createTask()",
    known: "name",
    take: (options, { coro }) => createTask(coro, options),
  },
  {
    call: "createTask()",
    known: "signal",
    take: (options, { coro, loop }) => loop.createTask(coro, options),
  },
  {
    call: "createTask()",
    known: "eagerStart",
    take: (options, { coro }) =>
      taskGroup(async (group) => {
        group.createTask(coro, options);
      }),
  },
  {
    call: "eagerTaskFactory()",
    known: "name",
    take: (options, { coro, loop }) => eagerTaskFactory(loop, coro, options),
  },
  {
    call: "ensureFuture()",
    known: "loop",
    take: (options, { coro }) => ensureFuture(coro, options),
  },
  {
    call: "wrapFuture()",
    known: "loop",
    take: (options, { coro }) => wrapFuture(() => coro, options),
  },
  {
    call: "gather()",
    known: "returnExceptions",
    take: (options, { coro }) => gather([coro], options),
  },
  {
    call: "wait()",
    known: "returnWhen",
    take: (options, { loop }) => wait([loop.createFuture()], options),
  },
  {
    call: "wait()",
    known: "timeout",
    take: (options, { loop }) => wait([loop.createFuture()], options),
  },
  {
    call: "asCompleted()",
    known: "timeout",
    take: (options, { coro }) => asCompleted([coro], options),
  },
  {
    call: "EventLoop()",
    known: "clock",
    take: (options) => new EventLoop(options),
  },
  {
    call: "newEventLoop()",
    known: "debug",
    take: (options) => newEventLoop(options),
  },
  {
    call: "shutdownDefaultExecutor()",
    known: "timeout",
    take: (options, { loop }) => loop.shutdownDefaultExecutor(options),
  },
  {
    call: "Runner()",
    known: "loopFactory",
    take: (options) => new Runner(options),
  },
  {
    call: "Runner.run()",
    known: "signal",
    take: (options, { coro }) => new Runner().run(coro, options),
  },
  {
    call: "run()",
    known: "loopFactory",
    take: (options, { coro }) => run(coro, options),
  },
  {
    call: "ThreadPoolExecutor()",
    known: "maxWorkers",
    take: (options) => new ThreadPoolExecutor(options),
  },
  {
    call: "shutdown()",
    known: "cancelFutures",
    take: (options) => new ThreadPoolExecutor().shutdown(options),
  },
  {
    call: "WorkFuture.cancel()",
    known: "terminate",
    take: (options, { loop }) => {
      const work = new WorkFuture(loop, () => {});
      try {
        work.cancel("enough", options);
      } finally {
        const done = work.done();
        work.cancel();
        assert(!done, "it was cancelled all the same");
      }
    },
  },
  {
    call: "PriorityQueue()",
    known: "compare",
    take: (options) => new PriorityQueue(0, options),
  },
  {
    call: "exposeLoop()",
    known: "maxCalls",
    take: (options, { loop }) => {
      using ports = channel();
      exposeLoop(loop, ports.port1, {}, options);
    },
  },
  {
    call: "runCoroutineThreadsafe()",
    known: "transfer",
    take: (options) => {
      using ports = channel();
      using remote = connectLoop(ports.port1);
      const call = remote.coroutine("work");
      runCoroutineThreadsafe(call, remote, options);
    },
  },
  {
    call: "withTransfer()",
    known: "transfer",
    take: (options) => withTransfer({}, options),
  },
];

/** Two ports, closed at the end of the block. */
function channel(): MessageChannel & Disposable {
  const { port1, port2 } = new MessageChannel();
  return {
    port1,
    port2,
    [Symbol.dispose]() {
      port1.close();
      port2.close();
    },
  };
}

/**
 * The error of a call with these options, thrown or given. Fails if the call has
 * started something, or left the coroutine that it was given half adopted.
 */
async function refusal({ call, take }: Taker, options: unknown) {
  const started: string[] = [];
  const work = coroutine(async function work() {
    started.push("work");
  });
  const outside = call === "run()" || call === "Runner.run()";
  let error: unknown;

  async function attempt(loop: EventLoop): Promise<void> {
    const coro = work();
    const tasks = allTasks(loop).size;
    try {
      await take(options as never, { loop, coro });
    } catch (thrown) {
      error = thrown;
    }
    if (error instanceof AggregateError) error = error.errors[0];
    assertEquals(allTasks(loop).size, tasks, "a task was left");
    assertEquals(started, []);
    await coro; // it can be used as if nothing had happened
    assertEquals(started, ["work"]);
  }

  const loop = new EventLoop();
  if (outside) await attempt(loop);
  else await loop.runUntilComplete(() => attempt(loop));
  loop.close();
  return error;
}

for (const taker of TAKERS) {
  const { call, known } = taker;
  const misspelt = `${known.replace(/[A-Z]/, (c) => `_${c.toLowerCase()}`)}_`;

  Deno.test(`${call} refuses the option ${misspelt} and starts nothing`, async () => {
    const error = await refusal(taker, { [misspelt]: 1 });
    assertInstanceOf(error, TypeError);
    assertEquals(
      error.message,
      `Unknown option ${misspelt} for ${call}: did you mean ${known}?`,
    );
  });

  for (const value of ["x", 1, true, null, [1]]) {
    const text = JSON.stringify(value);
    Deno.test(`${call} refuses ${text} in the place of { ${known} }, and starts nothing`, async () => {
      const error = await refusal(taker, value);
      assertInstanceOf(error, TypeError);
      assert(
        error.message.startsWith(`${call} takes options as an object such as`),
        error.message,
      );
    });
  }
}

Deno.test("PriorityQueue() refuses an unknown option in the first place", () => {
  assertThrows(
    () => new PriorityQueue({ maxsize: 3 } as never),
    TypeError,
    "Unknown option maxsize for PriorityQueue(): the known ones are compare",
  );
});

Deno.test("gather() points out options behind awaitables, however they are spelt", () => {
  for (const name of ["returnExceptions", "return_exceptions"]) {
    const coro = sleep(0);
    const call = gather as (...args: unknown[]) => Future<unknown>;
    assertThrows(
      () => call(coro, { [name]: true }),
      TypeError,
      "with a list only: gather([a, b], { … })",
    );
    coro.close();
  }
});

Deno.test("gather() checks its options before it takes anything from a generator", () => {
  let taken = 0;
  function* coroutines() {
    taken++;
    yield sleep(0);
  }
  assertThrows(
    () => gather(coroutines(), { return_exceptions: true } as never),
    TypeError,
    "did you mean returnExceptions?",
  );
  assertEquals(taken, 0);
});

Deno.test("wrapFuture() checks its options before it calls the function", () => {
  let called = 0;
  const start = () => {
    called++;
    return Promise.resolve(1);
  };
  for (const options of [{ lop: 1 }, { loop: 42 }, 42]) {
    assertThrows(() => wrapFuture(start, options as never), TypeError);
  }
  assertEquals(called, 0);
});

// The loop among the options.

/** What is no loop, and how the message prints it. */
const NO_LOOPS: [value: unknown, text: string][] = [
  [42, "42"],
  ["loop", "'loop'"],
  [true, "true"],
  [{}, "{}"],
  [{ getDebug: () => false }, "{ getDebug: [Function: getDebug] }"],
  [EventLoop, "[Function: EventLoop]"],
];

for (const [value, text] of NO_LOOPS) {
  Deno.test(`no function that takes a loop takes ${text}`, async () => {
    const coro = sleep(0, "unused");
    const loop = value as EventLoop;
    const options = { loop };
    const calls = [
      () => new Future(options),
      () => new Task(coro, options),
      () => ensureFuture(coro, options),
      () => ensureFuture(Promise.resolve(), options),
      () => wrapFuture(Promise.resolve(), options),
      () => allTasks(loop),
      () => currentTask(loop),
      () => eagerTaskFactory(loop, coro),
    ];
    for (const call of calls) {
      const error = assertThrows(call, TypeError);
      assertEquals(
        error.message,
        "Cannot use as loop what is not an EventLoop: current value is " + text,
      );
    }
    assertEquals(await inVirtualTime(coro), "unused");
  });
}

Deno.test("Future() and Task() take a loop of a subclass", async () => {
  class MyLoop extends EventLoop {}
  const loop = new MyLoop();
  assertStrictEquals(new Future({ loop }).getLoop(), loop);
  const task = new Task(async () => 1, { loop });
  assertEquals(await loop.runUntilComplete(task), 1);
  loop.close();
});

Deno.test("Future() and ensureFuture() use the current loop if loop is undefined", async () => {
  await inVirtualTime(async () => {
    const future = new Future<void>({ loop: undefined });
    future.setResult();
    await future;
    await ensureFuture(sleep(0), { loop: undefined });
  });
});

// Options that are right.

for (const kind of KINDS) {
  Deno.test(`createTask() reads the options of a class with getters (${kind})`, async () => {
    class Settings {
      get name(): string {
        return "from a getter";
      }
    }
    const body = kind === "async" ? async () => 1 : function* () {
      return 1;
    };
    await inVirtualTime(async () => {
      const task = createTask(body, new Settings());
      assertEquals(task.getName(), "from a getter");
      assertEquals(await task, 1);
    });
  });
}

Deno.test("run() divides its options among the loop and the task", async () => {
  const controller = new AbortController();
  const loops: EventLoop[] = [];
  const loopFactory = () => {
    const loop = new EventLoop();
    loops.push(loop);
    return loop;
  };
  const { signal } = controller;
  const options = { debug: true, loopFactory, signal };
  await assertRejects(
    () =>
      run(async () => {
        assert(loops[0].getDebug());
        controller.abort(new Error("enough"));
        await sleep(60);
      }, options),
    Error,
    "enough",
  );
  assertEquals(loops.length, 1);
});

Deno.test("Runner() refuses a loopFactory that is not a function", () => {
  assertThrows(
    () => new Runner({ loopFactory: new EventLoop() as never }),
    TypeError,
    "a callable object was expected by loopFactory",
  );
});

// A task factory passes options on.

testKinds(
  "a task factory gets the options of the call and passes them on",
  async (kind) => {
    const body = kind === "async" ? async () => 1 : function* () {
      return 1;
    };
    await inVirtualTime(async () => {
      const seen: unknown[] = [];
      const loop = new Future().getLoop();
      loop.setTaskFactory((loop, coro, options) => {
        seen.push(options);
        return new Task(coro, { ...options, loop });
      });
      const named = createTask(body, { name: "named" });
      const plain = createTask(body);
      assertEquals(named.getName(), "named");
      assertMatch(plain.getName(), /^Task-/);
      assertEquals(seen, [{ name: "named" }, undefined]);
      assertEquals(await gather(named, plain), [1, 1]);
    });
  },
);

Deno.test("a task factory is not called with an option that does not exist", async () => {
  await inVirtualTime(async () => {
    const loop = new Future().getLoop();
    let calls = 0;
    loop.setTaskFactory((loop, coro, options) => {
      calls++;
      return new Task(coro, { ...options, loop });
    });
    const coro = sleep(0);
    assertThrows(
      () => createTask(coro, { nmae: "n" } as never),
      TypeError,
      "did you mean name?",
    );
    assertEquals(calls, 0);
    await coro;
  });
});

Deno.test("a task factory that adds an option that does not exist is told so", async () => {
  await inVirtualTime(async () => {
    const loop = new Future().getLoop();
    loop.setTaskFactory((loop, coro) =>
      new Task(coro, { loop, eager_start: true } as never)
    );
    const coro = sleep(0);
    assertThrows(
      () => createTask(coro),
      TypeError,
      "Unknown option eager_start for Task(): did you mean eagerStart?",
    );
    loop.setTaskFactory(null);
    await coro;
  });
});

Deno.test("eagerTaskFactory() passes every option on", async () => {
  await inVirtualTime(async () => {
    const loop = new Future().getLoop();
    const { signal } = new AbortController();
    const lazy = eagerTaskFactory(loop, async () => 1, {
      name: "lazy",
      eagerStart: false,
      signal,
    });
    const eager = eagerTaskFactory(loop, function* () {
      return 2;
    }, { eagerStart: undefined });
    assertEquals([lazy.getName(), lazy.done()], ["lazy", false]);
    assert(eager.done());
    const stopped = eagerTaskFactory(loop, async () => 3, {
      signal: AbortSignal.abort(),
    });
    await wait([stopped]);
    assert(stopped.cancelled());
    assertEquals(await lazy, 1);
  });
});

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { assertSpyCalls, stub } from "@std/testing/mock";
import { inspect } from "node:util";
import {
  coroutine,
  createTask,
  currentTask,
  EventLoop,
  Future,
  gather,
  getRunningLoop,
  sleep,
  type Task,
} from "@asyncio/asyncio";
import { inVirtualTime, VirtualClock } from "../_helpers.ts";

/** The path of this file, as it is printed. */
const FILE = import.meta.filename!;

/** `FILE:LINE` of the caller. */
function here(): string {
  const [, , frame] = new Error().stack!.split("\n");
  return `${FILE}:${/:(\d+):\d+\)?$/.exec(frame)![1]}`;
}

/** A loop that never runs, for objects that only have to belong to one. */
function idleLoop(options?: { debug: boolean }) {
  const loop = new EventLoop(options);
  return { loop, [Symbol.dispose]: () => loop.close() };
}

/** The printed text of a value. Fails if the ways to print it disagree. */
function printed(value: object): string {
  using log = stub(console, "log", () => {});
  console.log(value);
  assertSpyCalls(log, 1);
  const text = String(value);
  assertEquals(`${value}`, text);
  assertEquals(Deno.inspect(value), text);
  assertEquals(Deno.inspect(value, { colors: true }), text);
  assertEquals(inspect(value), text);
  return text;
}

// Values: `reprlib.repr()` of CPython 3.11 for the same values

const VALUES: [what: string, value: unknown, expected: string][] = [
  ["undefined", undefined, "None"],
  ["null", null, "None"],
  ["true", true, "True"],
  ["false", false, "False"],

  ["zero", 0, "0"],
  ["an integer", -3, "-3"],
  ["the largest safe integer", 2 ** 53, "9007199254740992"],
  ["a large integer", 123456789012345680000, "123456789012345680000"],
  ["a fraction", 1.5, "1.5"],
  ["negative zero", -0, "-0.0"],
  ["NaN", NaN, "nan"],
  ["Infinity", Infinity, "inf"],
  ["-Infinity", -Infinity, "-inf"],
  ["0.0001", 0.0001, "0.0001"],
  ["0.00001", 0.00001, "1e-05"],
  ["0.00001234", 0.00001234, "1.234e-05"],
  ["1e-7", 1e-7, "1e-07"],
  ["-2.5e-9", -2.5e-9, "-2.5e-09"],
  ["1e-10", 1e-10, "1e-10"],
  ["1e22", 1e22, "1e+22"],
  ["1.5e300", 1.5e300, "1.5e+300"],
  ["a bigint", 12n, "12"],
  ["a bigint of 40 digits", 10n ** 39n, "1" + "0".repeat(39)],
  [
    "a bigint of 42 digits",
    10n ** 41n,
    "100000000000000000...0000000000000000000",
  ],
  [
    "a negative bigint of 46 digits",
    -(10n ** 45n),
    "-10000000000000000...0000000000000000000",
  ],

  ["an empty string", "", "''"],
  ["a string", "hi", "'hi'"],
  ["a string with '", "it's", `"it's"`],
  ['a string with "', 'say "hi"', `'say "hi"'`],
  [`a string with ' and "`, `it's "q"`, `'it\\'s "q"'`],
  ["line ends, tab and backslash", "a\nb\tc\r\\", "'a\\nb\\tc\\r\\\\'"],
  ["control characters", "\x00\x1b\x7f", "'\\x00\\x1b\\x7f'"],
  ["unprintable Latin-1", "\xa0\xad", "'\\xa0\\xad'"],
  ["unprintable Unicode", "\u200b\u2028", "'\\u200b\\u2028'"],
  ["a lone surrogate", "\ud800x", "'\\ud800x'"],
  ["unprintable beyond the BMP", "\u{e0001}", "'\\U000e0001'"],
  ["other scripts", "é 暂停了1秒 🎉", "'é 暂停了1秒 🎉'"],
  ["the longest string", "a".repeat(28), `'${"a".repeat(28)}'`],
  ["a string one too long", "a".repeat(29), "'aaaaaaaaaaaa...aaaaaaaaaaaaa'"],
  [
    "a long string",
    "0123456789".repeat(4),
    "'012345678901...7890123456789'",
  ],
  ["a very long string", "ab".repeat(1e6), "'abababababab...babababababab'"],
  [
    "a long string of escapes",
    "\n".repeat(20),
    String
      .raw`'\n\n\n\n\n\n...n\n\n\n\n\n\n'`,
  ],
  [
    "a long string that begins with an escape",
    "\n" + "abcdefghij".repeat(4),
    String.raw`'\nabcdefghij...hijabcdefghij'`,
  ],
  ["quotes only", "'".repeat(15), `"${"'".repeat(15)}"`],
  [
    "a long string whose quote is left out",
    "x".repeat(13) + '"' + "y".repeat(30),
    "'xxxxxxxxxxxx...yyyyyyyyyyyyy'",
  ],
  ["28 characters of two units", "🎉".repeat(28), `'${"🎉".repeat(28)}'`],
  [
    "40 characters of two units",
    "🎉".repeat(40),
    `'${"🎉".repeat(12)}...${"🎉".repeat(13)}'`,
  ],

  ["an empty list", [], "[]"],
  ["a list", ["a", null, true, 1.5], "['a', None, True, 1.5]"],
  ["a list of six", [1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, 5, 6]"],
  ["a list of seven", [1, 2, 3, 4, 5, 6, 7], "[1, 2, 3, 4, 5, 6, ...]"],
  ["a hole", new Array(2), "[None, None]"],
  ["lists in lists", [[1, [2, [3]]]], "[[1, [2, [3]]]]"],
  ["lists six deep", [[[[[["deep"]]]]]], "[[[[[['deep']]]]]]"],
  ["lists seven deep", [[[[[[["deep"]]]]]]], "[[[[[[[...]]]]]]]"],
  ["an empty list seven deep", [[[[[[[]]]]]]], "[[[[[[[]]]]]]]"],
  [
    "long strings in a list",
    ["0123456789".repeat(4)],
    "['012345678901...7890123456789']",
  ],

  ["an error", new Error("x"), "Error('x')"],
  ["an error without message", new TypeError(), "TypeError()"],
  ["a long error", new Error("x".repeat(40)), "Error('xxxxxx...xxxxxxxxxxxx')"],
  [
    "a long error in a list",
    [new TypeError("x".repeat(40))],
    "[TypeError('xx...xxxxxxxxxxxx')]",
  ],
];

for (const [what, value, expected] of VALUES) {
  Deno.test(`a result prints as in Python: ${what}`, () => {
    using idle = idleLoop();
    const future = idle.loop.createFuture<unknown>();
    future.setResult(value);
    assertEquals(printed(future), `<Future finished result=${expected}>`);
  });
}

const OBJECTS: [value: unknown, expected: string][] = [
  [{}, "{}"],
  [{ a: 1, b: "x" }, '{ a: 1, b: "x" }'],
  [[{ a: 1 }], "[{ a: 1 }]"],
  [new Map([[1, 2]]), "Map(1) { 1 => 2 }"],
  [Symbol("s"), "Symbol(s)"],
  [function work() {}, "[Function: work]"],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [{ long: "x".repeat(40) }, '{ long: "xxxx...xxxxxxxxxxx" }'],
];

for (const [value, expected] of OBJECTS) {
  Deno.test(`a result without an equivalent in Python prints as in Deno: ${expected}`, () => {
    using idle = idleLoop();
    const future = idle.loop.createFuture<unknown>();
    future.setResult(value);
    assertEquals(printed(future), `<Future finished result=${expected}>`);
  });
}

Deno.test("a result that cannot be printed does not break the text", () => {
  using idle = idleLoop();
  const future = idle.loop.createFuture<unknown>();
  future.setResult({
    [Symbol.for("Deno.customInspect")]() {
      throw new Error("not me");
    },
    [Symbol.for("nodejs.util.inspect.custom")]() {
      throw new Error("not me");
    },
  });
  assertEquals(
    printed(future),
    "<Future finished result=<unprintable object>>",
  );
});

// Futures

Deno.test("a future prints its state", () => {
  using idle = idleLoop();
  const [pending, cancelled] = [1, 2].map(() => idle.loop.createFuture());
  cancelled.cancel("message");
  assertEquals(printed(pending), "<Future pending>");
  assertEquals(printed(cancelled), "<Future cancelled>");
});

const EXCEPTIONS: [exception: unknown, expected: string][] = [
  [new Error("no"), "Error('no')"],
  [new RangeError("it's"), `RangeError("it's")`],
  [new TypeError(), "TypeError()"],
  [new Error("a\nb"), "Error('a\\nb')"],
  [new (class OwnError extends Error {})("own"), "OwnError('own')"],
  // The result is shortened, the exception is not.
  [new Error("x".repeat(60)), `Error('${"x".repeat(60)}')`],
];

for (const [exception, expected] of EXCEPTIONS) {
  Deno.test(`a failed future prints its exception in full: ${expected.slice(0, 30)}`, () => {
    using idle = idleLoop();
    const future = idle.loop.createFuture();
    future.setException(exception);
    assertEquals(printed(future), `<Future finished exception=${expected}>`);
    assertEquals(future.exception(), exception);
  });
}

for (
  const [error, expected] of [
    [
      new AggregateError([new RangeError("a"), new Error()], "two"),
      "AggregateError('two', [RangeError('a'), Error()])",
    ],
    [new AggregateError([]), "AggregateError('', [])"],
    [
      new AggregateError(Array.from("abcdefgh", (c) => new Error(c)), "many"),
      "AggregateError('many', [Error('a'), Error('b'), Error('c'), Error('d'), Error('e'), Error('f'), ...])",
    ],
    [
      new AggregateError([new AggregateError([new Error("c")], "b"), 1], "a"),
      "AggregateError('a', [AggregateError('b', [Error('c')]), 1])",
    ],
  ] as const
) {
  Deno.test(`a future that failed with several errors prints them: ${expected.slice(0, 50)}`, () => {
    const future = new EventLoop().createFuture<number>();
    future.setException(error);
    assertStringIncludes(String(future), `exception=${expected}`);
    future.exception();
  });
}

Deno.test("a future prints one or two callbacks, or the first, the last and the number of those between", () => {
  using idle = idleLoop();
  const future = idle.loop.createFuture();
  const texts: string[] = [];
  for (
    const callback of [
      function first() {},
      function second() {},
      function third() {},
      () => {},
    ]
  ) {
    future.addDoneCallback(callback);
    texts.push(printed(future));
  }
  assertEquals(texts, [
    "<Future pending cb=[first()]>",
    "<Future pending cb=[first(), second()]>",
    "<Future pending cb=[first(), <1 more>, third()]>",
    "<Future pending cb=[first(), <2 more>, <lambda>()]>",
  ]);
  future.cancel();
  assertEquals(printed(future), "<Future cancelled>");
});

Deno.test("a future that contains itself prints dots where it recurs", () => {
  using idle = idleLoop();
  const itself = idle.loop.createFuture<unknown>();
  itself.setResult(itself);
  assertEquals(printed(itself), "<Future finished result=...>");
  const listed = idle.loop.createFuture<unknown>();
  listed.setResult([listed]);
  assertEquals(printed(listed), "<Future finished result=[...]>");
});

Deno.test("a list that contains itself prints as deep as in Python", () => {
  using idle = idleLoop();
  const list: unknown[] = [];
  list.push(list);
  const future = idle.loop.createFuture<unknown>();
  future.setResult(list);
  assertEquals(printed(future), "<Future finished result=[[[[[[[...]]]]]]]>");
});

Deno.test("a future inside another object prints its text there", () => {
  using idle = idleLoop();
  const future = idle.loop.createFuture();
  assertEquals(Deno.inspect({ future }), "{ future: <Future pending> }");
  assertEquals(Deno.inspect([future]), "[ <Future pending> ]");
});

Deno.test("a subclass of Future prints as a future with its state", () => {
  using idle = idleLoop();
  class MyFuture<T> extends Future<T> {}
  assertMatch(
    printed(new MyFuture({ loop: idle.loop })),
    /^<(My)?Future pending>$/,
  );
});

Deno.test("a future and a task print in debug mode where they were created", () => {
  using idle = idleLoop({ debug: true });
  const [at, future] = [here(), idle.loop.createFuture()];
  assertEquals(printed(future), `<Future pending created at ${at}>`);
  future.setResult(1);
  assertEquals(printed(future), `<Future finished result=1 created at ${at}>`);
  const [taskAt, task] = [here(), idle.loop.createTask(sleep(1))];
  assert(printed(task).endsWith(` created at ${taskAt}>`), printed(task));
});

// Coroutines

Deno.test("a coroutine prints the name of its function and an address, which is unique and stable", () => {
  const doWork = coroutine(async function doWork() {});
  const [a, b] = [doWork(), doWork()];
  assertMatch(printed(a), /^<coroutine object doWork at 0x[0-9a-f]+>$/);
  assertEquals(printed(a), printed(a));
  assertNotEquals(printed(a), printed(b));
});

Deno.test("a coroutine prints its own name, whatever the kind of its function", () => {
  const generator = coroutine(function* steps() {});
  const arrow = coroutine(async () => {});
  const methods = { async greet() {} };
  const greet = coroutine(methods.greet);
  for (
    const [coro, name] of [
      [generator(), "steps"],
      [arrow(), "arrow"],
      [greet(), "greet"],
      [sleep(1), "sleep"],
    ] as [object, string][]
  ) {
    if (name === "arrow") assertMatch(printed(coro), / (arrow|<lambda>) at /);
    else assertStringIncludes(printed(coro), `<coroutine object ${name} at 0x`);
  }
});

// Tasks

// One line each: `here()` returns the line of the function after it.
const [WORK, work] = [here(), coroutine(async function work() {})];
const [STEPS, steps] = [here(), coroutine(function* steps() {})];

Deno.test("a task prints its coroutine and the line of its function, first as pending, then as finished", async () => {
  const [at, say] = [here(), coroutine(async (n: number) => `said ${n}`)];
  await inVirtualTime(async () => {
    const task = createTask(say(1));
    const name = /coro=<(.*?)\(\)/.exec(printed(task))![1];
    assertEquals(
      printed(task),
      `<Task pending coro=<${name}() running at ${at}>>`,
    );
    await task;
    assertEquals(
      printed(task),
      `<Task finished coro=<${name}() done, defined at ${at}> result='said 1'>`,
    );
  });
});

Deno.test("a task prints the line of an async function, a generator function and a function written in place", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const [placeAt, inPlace] = [here(), loop.createTask(async function f() {})];
  const [starAt, star] = [here(), loop.createTask(function* g() {})];
  const tasks: [Task<unknown>, string, string][] = [
    [loop.createTask(work()), "work", WORK],
    [loop.createTask(work), "work", WORK],
    [loop.createTask(steps()), "steps", STEPS],
    [inPlace, "f", placeAt],
    [star, "g", starAt],
  ];
  for (const [task, name, at] of tasks) {
    assertEquals(
      printed(task),
      `<Task pending coro=<${name}() running at ${at}>>`,
    );
  }
  await loop.runUntilComplete(gather(tasks.map(([task]) => task)));
  for (const [task, name, at] of tasks) {
    assertEquals(
      printed(task),
      `<Task finished coro=<${name}() done, defined at ${at}> result=None>`,
    );
  }
  loop.close();
});

Deno.test("a failed task prints its exception", async () => {
  const [at, fail] = [here(), coroutine(async () => raise(new Error("it's")))];
  await inVirtualTime(async () => {
    const task = createTask(fail());
    await sleep(0);
    const coro = /coro=<(.*?)\(\)/.exec(printed(task))![1];
    assertEquals(
      printed(task),
      `<Task finished coro=<${coro}() done, defined at ${at}> exception=Error("it's")>`,
    );
    task.exception();
  });
});

function raise(error: Error): never {
  throw error;
}

Deno.test("a task prints its name after its state if the user set one, and only then", async () => {
  await inVirtualTime(async () => {
    const task = createTask(work());
    assert(printed(task).startsWith("<Task pending coro=<"));
    task.setName("mine");
    assert(printed(task).startsWith("<Task pending name='mine' coro=<"));
    const named = createTask(work(), { name: "it's" });
    assert(printed(named).startsWith(`<Task pending name="it's" coro=<`));
    await named;
    assert(printed(named).startsWith(`<Task finished name="it's" coro=<`));
  });
});

Deno.test("a task prints a long name in full", async () => {
  await inVirtualTime(async () => {
    const name = "worker ".repeat(10);
    const task = createTask(work(), { name });
    assert(printed(task).startsWith(`<Task pending name='${name}' coro=<`));
    await task;
  });
});

const [WAIT, wait] = [here(), coroutine(async (f: Future<void>) => await f)];

Deno.test("a task prints what it waits for, which prints the task's wake-up callback", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    const inner = createTask(wait(future));
    const outer = createTask(wait(inner));
    await sleep(0);
    const name = /coro=<(.*?)\(\)/.exec(String(inner))![1];
    const coro = `coro=<${name}() running at ${WAIT}>`;
    const futureText = "<Future pending cb=[Task.task_wakeup()]>";
    const innerText =
      `<Task pending ${coro} wait_for=${futureText} cb=[Task.task_wakeup()]>`;
    assertEquals(printed(future), futureText);
    assertEquals(printed(inner), innerText);
    assertEquals(
      printed(outer),
      `<Task pending ${coro} wait_for=${innerText}>`,
    );
    future.setResult();
    await outer;
  });
});

Deno.test("a generator's task prints what it waits for", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    const task = createTask(function* waiter() {
      yield* future;
    });
    await sleep(0);
    assert(
      printed(task).endsWith(
        "> wait_for=<Future pending cb=[Task.task_wakeup()]>>",
      ),
      printed(task),
    );
    future.setResult();
    await task;
  });
});

Deno.test("a task prints that it is cancelling, with what it waits for, and then that it is cancelled", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    const task = createTask(wait(future), { name: "w" });
    await sleep(0);
    const coro = /coro=<(.*?)\(\)/.exec(String(task))![1];
    task.cancel();
    assertEquals(
      printed(task),
      `<Task cancelling name='w' coro=<${coro}() running at ${WAIT}> wait_for=<Future cancelled>>`,
    );
    await sleep(0);
    assertEquals(
      printed(task),
      `<Task cancelled name='w' coro=<${coro}() done, defined at ${WAIT}>>`,
    );
  });
});

Deno.test("a task prints result, then callbacks", async () => {
  await inVirtualTime(async () => {
    const task = createTask(work());
    task.addDoneCallback(function report() {});
    assertEquals(
      printed(task),
      `<Task pending coro=<work() running at ${WORK}> cb=[report()]>`,
    );
    await task;
  });
});

Deno.test("the task that runUntilComplete() waits for prints its callback, as in CPython", async () => {
  await inVirtualTime(async () => {
    assert(
      printed(currentTask()!).endsWith("> cb=[_run_until_complete_cb()]>"),
      String(currentTask()),
    );
  });
});

Deno.test("tasks that wait for each other print dots where one recurs", async () => {
  await inVirtualTime(async () => {
    const tasks: Task<void>[] = [];
    const circle = coroutine(async (i: number) => {
      await tasks[1 - i];
    });
    tasks.push(createTask(circle(0)), createTask(circle(1)));
    await sleep(0);
    assertEquals(printed(tasks[0]).match(/wait_for=/g)?.length, 2);
    assertStringIncludes(printed(tasks[0]), "wait_for=... ");
    tasks[0].cancel();
    await sleep(0);
    await sleep(0);
    await gather(tasks, { returnExceptions: true });
  });
});

Deno.test("a chain of 10,000 tasks prints without running out of stack", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    let last: Future<void> = future;
    for (let i = 0; i < 10_000; i++) last = createTask(wait(last));
    await sleep(0);
    const text = String(last);
    assert(text.startsWith("<Task pending "));
    assertStringIncludes(text, "wait_for=...");
    future.setResult();
    await last;
  });
});

Deno.test("a gathering future prints as in the tutorial", async () => {
  await inVirtualTime(async () => {
    const gathering = gather(sleep(1, "暂停了1秒"), sleep(3, "暂停了3秒"));
    assertEquals(printed(gathering), "<_GatheringFuture pending>");
    await gathering;
    assertEquals(
      printed(gathering),
      "<_GatheringFuture finished result=['暂停了1秒', '暂停了3秒']>",
    );
  });
});

// Handles

function cb(..._args: unknown[]): void {}

Deno.test("a handle prints its callback, but not after it was cancelled", () => {
  using idle = idleLoop();
  const handle = idle.loop.callSoon(cb, 1, "x");
  assertEquals(printed(handle), "<Handle cb()>");
  handle.cancel();
  assertEquals(printed(handle), "<Handle cancelled>");
  assertEquals(printed(idle.loop.callSoon(() => {})), "<Handle <lambda>()>");
});

Deno.test("a timer handle prints its deadline, and its callback unless it was cancelled", () => {
  using idle = idleLoop();
  const timer = idle.loop.callAt(5.5, cb, 1, "x");
  assertEquals(printed(timer), "<TimerHandle when=5.5 cb()>");
  timer.cancel();
  assertEquals(printed(timer), "<TimerHandle cancelled when=5.5>");
});

Deno.test("a handle prints its arguments and where it was created in debug mode", () => {
  using idle = idleLoop({ debug: true });
  const long = "x".repeat(50);
  const [at, handle] = [here(), idle.loop.callSoon(cb, 1, long)];
  assertEquals(
    printed(handle),
    `<Handle cb(1, 'xxxxxxxxxxxx...xxxxxxxxxxxxx') created at ${at}>`,
  );
  const [timerAt, timer] = [here(), idle.loop.callAt(2.5, cb, [null])];
  assertEquals(
    printed(timer),
    `<TimerHandle when=2.5 cb([None]) created at ${timerAt}>`,
  );
});

Deno.test("a cancelled handle still prints its callback in debug mode", () => {
  using idle = idleLoop({ debug: true });
  const [at, handle] = [here(), idle.loop.callSoon(cb, 1)];
  handle.cancel();
  assertEquals(printed(handle), `<Handle cancelled cb(1) created at ${at}>`);
  const [timerAt, timer] = [here(), idle.loop.callAt(2.5, cb)];
  timer.cancel();
  assertEquals(
    printed(timer),
    `<TimerHandle cancelled when=2.5 cb() created at ${timerAt}>`,
  );
});

// Loops

Deno.test("a loop prints whether it is running, closed and in debug mode", async () => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const texts = [printed(loop)];
  loop.callSoon(() => {
    texts.push(printed(loop));
    loop.stop();
  });
  await loop.runForever();
  loop.setDebug(true);
  texts.push(printed(loop));
  loop.close();
  texts.push(printed(loop));
  assertEquals(texts, [
    "<EventLoop running=False closed=False debug=False>",
    "<EventLoop running=True closed=False debug=False>",
    "<EventLoop running=False closed=False debug=True>",
    "<EventLoop running=False closed=True debug=True>",
  ]);
});

Deno.test("a subclass of EventLoop prints its own name", () => {
  class MyLoop extends EventLoop {}
  const loop = new MyLoop();
  assertEquals(
    printed(loop),
    "<MyLoop running=False closed=False debug=False>",
  );
  loop.close();
});

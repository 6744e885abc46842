// Debug mode: what it reports, and that it reports nothing else.

import { inKind, inVirtualTime, KINDS, runVirtually } from "../_helpers.ts";
import type { LeakWatch } from "../../_core/leaks.ts";
import { waitTexts } from "../../_core/waits.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import { inspect } from "node:util";
import {
  allTasks,
  asCompleted,
  Condition,
  coroutine,
  createTask,
  currentTask,
  Event,
  EventLoop,
  type ExceptionContext,
  gather,
  getRunningLoop,
  Lock,
  Queue,
  race,
  run,
  RWLock,
  Semaphore,
  sleep,
  type Task,
  taskGroup,
  ThreadPoolExecutor,
  timeout,
  wrapFuture,
} from "@asyncio/asyncio";
import source from "./debug_test.ts" with { type: "text" };

/** The number of the line with this comment at its end. */
function lineOf(mark: string): number {
  const lines = source.split("\n");
  const index = lines.findIndex((line) => line.endsWith(`// ${mark}`));
  assert(index >= 0, mark);
  return index + 1;
}

const FILE = new URL(import.meta.url).pathname;

/** What a context says where something was made: function and mark. */
function madeAt(context: ExceptionContext): string | undefined {
  const frame = context.source_traceback?.at(-1);
  if (frame === undefined) return undefined;
  assertEquals(frame.file, FILE);
  const text = source.split("\n")[frame.line - 1];
  return `${frame.name}: ${/\/\/ (.*)$/.exec(text)?.[1]}`;
}

function debug(loop: EventLoop): void {
  loop.setDebug(true);
}

const work = coroutine(async function work() {});
const steps = coroutine(function* steps() {});

for (const kind of KINDS) {
  Deno.test(`a coroutine that is never awaited is reported when its task has ended and the loop is idle (${kind})`, async () => {
    const { contexts } = await runVirtually(async () => {
      await createTask(
        kind === "async"
          ? async function forgets() {
            work(); // forgotten async
            await sleep(0);
          }
          : function* forgets() {
            work(); // forgotten generator
            yield* sleep(0);
          },
      );
      await sleep(1);
      await sleep(1);
    }, { prepare: debug });
    assertEquals(contexts.map(({ message }) => message), [
      "coroutine 'work' was never awaited",
    ]);
    assertEquals(madeAt(contexts[0]), `forgets: forgotten ${kind}`);
    assertEquals(
      String(contexts[0].coroutine).replace(/0x\w+/, "0x"),
      "<coroutine object work at 0x>",
    );
  });

  Deno.test(`a coroutine that is never awaited is reported when the loop is closed (${kind})`, async () => {
    const messages: unknown[] = [];
    await run(
      inKind(kind, function* () {
        getRunningLoop().setExceptionHandler((_loop, { message }) =>
          messages.push(message)
        );
        sleep(1);
        work();
        steps();
      }),
      { debug: true },
    );
    assertEquals(messages, [
      "coroutine 'sleep' was never awaited",
      "coroutine 'work' was never awaited",
      "coroutine 'steps' was never awaited",
    ]);
  });

  Deno.test(`a coroutine that is awaited, closed or made a task of is not reported (${kind})`, async () => {
    const { contexts } = await runVirtually(
      inKind(kind, function* () {
        const later = work();
        yield sleep(1); // the loop is idle, and it is not lost
        yield later;
        yield work();
        yield steps();
        work().close();
        const cancelled = createTask(work());
        cancelled.cancel();
        yield gather([cancelled, work(), steps()], { returnExceptions: true });
        yield timeout(1, inKind(kind, function* () {}));
      }),
      { prepare: debug },
    );
    assertEquals(contexts, []);
  });
}

Deno.test("a coroutine is not reported by a loop that is not in debug mode", async () => {
  const { contexts } = await runVirtually(async () => {
    work();
    await sleep(1);
  });
  assertEquals(contexts, []);
});

Deno.test("of a thousand coroutines that were awaited, none is kept", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    loop.setDebug(true);
    for (let i = 0; i < 1000; i++) await work();
    const leaks = loop.$holdingsOf.leaks as LeakWatch;
    assertEquals([...leaks.coroutines()], []);
    assertEquals(leaks.any, false);
  });
});

Deno.test("a scope that its task has not left is reported when the task ends", async () => {
  const { contexts } = await runVirtually(async () => {
    await createTask(async function floats() {
      timeout(60, async () => await sleep(1)).then(() => {}, () => {}); // floating
      await sleep(0);
    });
    await sleep(2);
  }, { prepare: debug });
  assertEquals(contexts.length, 1);
  assertMatch(
    contexts[0].message!,
    /^Task ended without leaving <Timeout \[active\] when=60>$/,
  );
  assertEquals(madeAt(contexts[0]), "floats: floating");
  assertEquals((contexts[0].task as Task<unknown>).done(), true);
});

Deno.test("a lock that its task has not released is reported when the task ends", async () => {
  const { contexts } = await runVirtually(async () => {
    const locks = [new Lock(), new Lock()];
    await createTask(async function holder() {
      await locks[0].acquire(); // acquired
      using _ = await locks[1].acquire();
    }, { name: "b" });
    locks[0].release();
  }, { prepare: debug });
  assertEquals(contexts.map(({ message }) => message), [
    "Task ended without releasing <Lock [locked], held by Task 'b'>",
  ]);
  assertEquals(madeAt(contexts[0]), "holder: acquired");
});

Deno.test("a lock that another task has released is not reported", async () => {
  await inVirtualTime(async () => {
    getRunningLoop().setDebug(true);
    const lock = new Lock();
    const event = new Event();
    const holder = createTask(async () => {
      await lock.acquire();
      await event.wait();
    });
    await sleep(0);
    lock.release();
    event.set();
    await holder;
  });
});

Deno.test("a lock names its holder through three hands, whichever waiter is cancelled", async () => {
  for (const cancelled of [0, 1, 2]) {
    await inVirtualTime(async () => {
      getRunningLoop().setDebug(true);
      const lock = new Lock();
      const seen: string[] = [];
      const hold = coroutine(async function hold() {
        using _ = await lock.acquire();
        seen.push(String(lock).replace(/.*held by /, ""));
        await sleep(1);
      });
      const first = createTask(hold(), { name: "first" });
      const names = ["a", "b", "c"];
      const tasks = names.map((name) => createTask(hold(), { name }));
      await sleep(0.5);
      assertStringIncludes(
        String(tasks[0]),
        "wait_for=<Lock [locked, waiters:3], held by Task 'first'>",
      );
      tasks[cancelled].cancel();
      await gather([first, ...tasks], { returnExceptions: true });
      const left = names.filter((_, i) => i !== cancelled);
      assertEquals(seen, ["first", ...left].map((name) => `Task '${name}'>`));
      assertEquals(String(lock), "<Lock [unlocked]>");
    });
  }
});

Deno.test("a lock for reading and writing names all that hold it", async () => {
  await inVirtualTime(async () => {
    getRunningLoop().setDebug(true);
    const lock = new RWLock();
    const tasks = ["a", "b"].map((name) =>
      createTask(async () => {
        using _ = await lock.acquireRead();
        await sleep(1);
      }, { name })
    );
    await sleep(0);
    assertEquals(
      String(lock),
      "<RWLock [reading:2], held by Task 'a', Task 'b'>",
    );
    await gather(...tasks);
    assertEquals(String(lock), "<RWLock [unlocked]>");
  });
});

Deno.test("an executor that is left open is reported when the loop is closed", async () => {
  const contexts: ExceptionContext[] = [];
  await run(async function opens() {
    getRunningLoop().setExceptionHandler((_loop, context) =>
      contexts.push(context)
    );
    const closed = new ThreadPoolExecutor();
    await closed.shutdown();
    new ThreadPoolExecutor(); // executor
  }, { debug: true });
  assertEquals(contexts.map(({ message }) => message), [
    "Left open: <ThreadPoolExecutor workers=0 busy=0 queue=0>",
  ]);
  assertEquals(madeAt(contexts[0]), "opens: executor");
  await (contexts[0].resource as ThreadPoolExecutor).shutdown();
});

Deno.test("contexts have the stack of what they are about, oldest first", async () => {
  const { contexts } = await runVirtually(async () => {
    const loop = getRunningLoop();
    (function outer() {
      loop.callSoon(() => { // handle
        throw new Error("callback");
      });
    })();
    const future = (function makes() {
      return loop.createFuture(); // future
    })();
    future.setException(new Error("future"));
    await sleep(1);
  }, { prepare: debug });
  const places = contexts.map((context) => [context.message, madeAt(context)]);
  assertEquals(places, [
    ["Exception in callback <lambda>()", "outer: handle"],
    ["Future exception was never retrieved", "makes: future"],
  ]);
  const [{ source_traceback: trace }] = contexts;
  assert(trace!.length > 1);
});

Deno.test("a report prints where its object was made, as CPython does", async () => {
  const loop = new EventLoop({ debug: true });
  using error = stub(console, "error");
  loop.callSoon(function careless() { // printed
    throw new Error("oops");
  });
  loop.callSoon(() => loop.stop());
  await loop.runForever();
  loop.close();
  const lines = String(error.calls[0].args[0]).split("\n");
  const start = lines.indexOf("Object created at (most recent call last):");
  assertEquals(lines[0], "Exception in callback careless()");
  const printed = lines.slice(start + 1).filter((line) =>
    line.startsWith("  File")
  );
  assertMatch(
    printed.at(-1)!,
    new RegExp(`^ {2}File "${FILE}", line ${lineOf("printed")}, in `),
  );
});

Deno.test("callSoon() of a loop within another one is reported, and runs", async () => {
  const reported: ExceptionContext[] = [];
  const other = new EventLoop({ debug: true });
  other.setExceptionHandler((_loop, context) => reported.push(context));
  const ran: string[] = [];
  await inVirtualTime(async () => {
    other.callSoon(() => ran.push("soon")); // foreign
    other.callLater(0, () => ran.push("later"));
    other.callSoonThreadsafe(() => ran.push("threadsafe"));
    getRunningLoop().callSoon(() => {});
    await sleep(0);
  });
  other.callLater(0, () => other.stop());
  await other.runForever();
  other.close();
  const what =
    "Non-thread-safe operation invoked on an event loop other than the current one";
  assertEquals(reported.map(({ message }) => message), [
    `${what}: callSoon()`,
    `${what}: callLater()`,
  ]);
  assertMatch(madeAt(reported[0])!, /: foreign$/);
  assertEquals(ran, ["soon", "threadsafe", "later"]);
});

Deno.test("slowCallbackDuration sets from when on a step is reported", async () => {
  let now = 0;
  using _time = stub(performance, "now", () => now);
  using warn = stub(console, "warn");
  const loop = new EventLoop({ debug: true, clock: () => now / 1000 });
  assertEquals(loop.slowCallbackDuration, 0.1);
  const take = (milliseconds: number) =>
    function takes() {
      now += milliseconds;
    };
  const runBoth = async () => {
    loop.callSoon(take(99));
    loop.callSoon(take(100));
    loop.callSoon(take(2000));
    loop.callSoon(() => loop.stop());
    await loop.runForever();
    return warn.calls.splice(0).map(({ args }) =>
      String(args[0]).replace(/<.*>/, "<>")
    );
  };
  assertEquals(await runBoth(), [
    "Executing <> took 0.100 seconds",
    "Executing <> took 2.000 seconds",
  ]);
  loop.slowCallbackDuration = 1;
  assertEquals(await runBoth(), ["Executing <> took 2.000 seconds"]);
  loop.slowCallbackDuration = Infinity;
  assertEquals(await runBoth(), []);
  loop.slowCallbackDuration = 0.05;
  loop.setDebug(false);
  assertEquals(await runBoth(), []);
  loop.setDebug(true);
  assertEquals((await runBoth()).length, 3);
  loop.close();
});

Deno.test("what a gathering counts is reported as CPython's callback", async () => {
  using warn = stub(console, "warn", () => {});
  const loop = new EventLoop({ debug: true });
  loop.slowCallbackDuration = 0; // everything is slow
  await loop.runUntilComplete(async () => {
    await gather(sleep(0), sleep(0));
  });
  loop.close();
  const texts = warn.calls.map(({ args }) => String(args[0]));
  const counts = texts.filter((text) => text.includes("Handle gather"));
  assertEquals(counts.length, 2);
  for (const text of counts) {
    assertMatch(
      text,
      /^Executing <Handle gather\.<locals>\._done_callback\(\)> /,
    );
  }
});

Deno.test("slowCallbackDuration refuses what is not a number", () => {
  const loop = new EventLoop();
  for (const bad of [NaN, "1", null, undefined]) {
    assertThrows(
      () => loop.slowCallbackDuration = bad as number,
      TypeError,
      "slowCallbackDuration",
    );
  }
  assertEquals(loop.slowCallbackDuration, 0.1);
  loop.close();
});

/** What each primitive is called where a task waits for it. */
const WAITS: Record<string, [() => PromiseLike<unknown>, RegExp]> = {
  "sleep()": [() => sleep(3), /^sleep\(3\)$/],
  "Lock": [async () => {
    const lock = new Lock();
    await lock.acquire();
    await lock.acquire();
  }, /^<Lock \[locked, waiters:1\], held by Task 'waiter'>$/],
  "Condition": [async () => {
    const condition = new Condition();
    await condition.acquire();
    await condition.wait();
  }, /^<Condition \[unlocked, waiters:1\]>$/],
  "Semaphore": [
    () => new Semaphore(0).acquire(),
    /^<Semaphore \[locked, waiters:1\]>$/,
  ],
  "Event": [() => new Event().wait(), /^<Event \[unset, waiters:1\]>$/],
  "Queue.get()": [() => new Queue().get(), /^queue\.get\(\) of <Queue /],
  "Queue.put()": [async () => {
    const queue = new Queue<number>(1);
    await queue.put(1);
    await queue.put(2);
  }, /^queue\.put\(\) of <Queue /],
  "Queue.join()": [async () => {
    const queue = new Queue<number>();
    await queue.put(1);
    await queue.join();
  }, /^queue\.join\(\) of <Queue /],
  "wrapFuture()": [
    () => wrapFuture(new Promise(() => {})),
    /^native promise at .*debug_test\.ts:\d+$/,
  ],
  "a native promise": [
    () => sleep(0).then(() => new Promise(() => {})),
    /^native promise at .*debug_test\.ts:\d+$/,
  ],
  "a task": [
    () => createTask(sleep(3), { name: "inner" }),
    /^<Task pending name='inner' .* wait_for=sleep\(3\) /,
  ],
  "gather()": [() => gather(sleep(3)), /^<_GatheringFuture pending /],
};

for (const [what, [wait, expected]] of Object.entries(WAITS)) {
  Deno.test(`a wait is named by what it is for: ${what}`, async () => {
    const loop = new EventLoop({ debug: true });
    loop.setExceptionHandler(() => {});
    const task = loop.createTask(async () => await wait(), { name: "waiter" });
    loop.createTask(async () => {
      for (let i = 0; i < 10; i++) await sleep(0);
      loop.stop();
    });
    await loop.runForever();
    const texts = waitTexts(task);
    loop.close();
    assertEquals(texts.length, 1);
    assertMatch(texts[0], expected);
  });
}

Deno.test("several waits of one task are named one by one", async () => {
  await inVirtualTime(async () => {
    const task = createTask(async () =>
      await Promise.all([sleep(1), sleep(2)])
    );
    await sleep(0.5);
    assertEquals(waitTexts(task), ["sleep(1)", "sleep(2)"]);
    await task;
    assertEquals(waitTexts(task), []);
  });
});

// Who has cancelled

/** The causes of an error, from the outermost on, as text. */
function causes(error: unknown): string[] {
  const texts: string[] = [];
  for (
    let cause = (error as Error).cause;
    cause !== undefined;
    cause = cause instanceof Error ? cause.cause : undefined
  ) {
    texts.push(
      cause instanceof Error
        ? `${cause.name}: ${cause.message}`
        : Deno.inspect(cause),
    );
  }
  return texts;
}

async function errorOf(awaitable: PromiseLike<unknown>): Promise<Error> {
  try {
    await awaitable;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it has not failed");
}

for (const kind of KINDS) {
  Deno.test(`without debug mode, the cause of an error names who has cancelled (${kind})`, async () => {
    await inVirtualTime(async () => {
      currentTask()!.setName("main");
      const sleeps = inKind(kind, function* () {
        yield sleep(60);
      });
      const start = (options = {}) =>
        createTask(sleeps(), { name: "job", ...options });
      const byTask = start();
      await sleep(0);
      byTask.cancel("enough");
      const error = await errorOf(byTask);
      assertEquals(error.message, "enough");
      assertEquals(causes(error), ["Task 'main' has cancelled Task 'job'"]);

      const byCallback = start();
      await sleep(0);
      getRunningLoop().callSoon(() => byCallback.cancel());
      assertEquals(causes(await errorOf(byCallback)), [
        "A callback, or code outside of the loop, has cancelled Task 'job'",
      ]);

      const controller = new AbortController();
      const reason = new Error("user left");
      const bySignal = start({ signal: controller.signal });
      await sleep(0);
      controller.abort(reason);
      assertEquals((await errorOf(bySignal)).cause, reason);

      const late = await errorOf(timeout(2, sleeps.body));
      assertEquals(causes(late), [
        "CancelledError: ",
        "The time limit of 2 s has cancelled Task 'main'",
      ]);

      const children: Task<unknown>[] = [];
      await errorOf(taskGroup(async (group) => {
        children.push(group.createTask(sleeps(), { name: "child" }));
        await sleep(0);
        throw new Error("boom");
      }));
      assertEquals(causes(await errorOf(children[0])), [
        "A TaskGroup has cancelled Task 'child'",
      ]);

      const loser = start();
      await race([sleep(1), loser]);
      assertEquals(causes(await errorOf(loser)), [
        "A race that is over has cancelled Task 'job'",
      ]);
    });
  });

  // Cause: Node.js prints what ends the process without custom inspection.
  Deno.test(`a cause has its text where inspection is not customized (${kind})`, async () => {
    await inVirtualTime(async () => {
      currentTask()!.setName("main");
      const sleeps = inKind(kind, function* () {
        yield sleep(60);
      });
      const late = await errorOf(timeout(2, sleeps.body));
      const [done] = asCompleted([sleep(60)], { timeout: 1 });
      const tooLate = await errorOf(done);
      const texts = [late, tooLate].map((error) => {
        const text = inspect(error, { customInspect: false });
        return /\[cause\]: ([^\n]*)\{\}/.exec(text)?.[1];
      });
      assertEquals(texts, [
        "Cause [The time limit of 2 s has cancelled Task 'main'] ",
        "Cause [The time limit of 1 s has passed] ",
      ]);
      for (const task of allTasks()) if (task !== currentTask()) task.cancel();
      await sleep(0);
    });
  });

  Deno.test(`in debug mode, the cause also has the places (${kind})`, async () => {
    await inVirtualTime(async () => {
      getRunningLoop().setDebug(true);
      currentTask()!.setName("main");
      const place = (mark: string) => `${FILE}:${lineOf(mark)}`;
      const job = createTask(
        kind === "async"
          ? async () => {
            await sleep(60); // waited async
          }
          : function* () {
            yield* sleep(60); // waited generator
          },
        { name: "job" },
      );
      await sleep(0);
      job.cancel(); // cancelled
      assertEquals(causes(await errorOf(job)), [
        `Cancellation: Task 'main' has cancelled Task 'job' at ${
          place("cancelled")
        }, which was waiting at ${place(`waited ${kind}`)}`,
      ]);

      const limited = createTask(
        kind === "async"
          ? async () => {
            await timeout(2, async () => { // limited async
              await sleep(60); // late async
            });
          }
          : function* () {
            yield* timeout(2, function* () { // limited generator
              yield* sleep(60); // late generator
            });
          },
        { name: "limited" },
      );
      assertEquals(causes(await errorOf(limited)), [
        "CancelledError: ",
        `Cancellation: The time limit of 2 s, set at ${
          place(`limited ${kind}`)
        }, has cancelled Task 'limited', which was waiting at ${
          place(`late ${kind}`)
        }`,
      ]);

      const controller = new AbortController();
      const bySignal = createTask(sleep(60), {
        signal: controller.signal,
        name: "job",
      });
      await sleep(0);
      controller.abort(new Error("user left")); // aborted
      const found = causes(await errorOf(bySignal));
      assertMatch(
        found[0],
        /^Cancellation: An AbortSignal has cancelled Task 'job' at /,
      );
      assertStringIncludes(found[0], place("aborted"));
      assertEquals(found[1], "Error: user left");
    });
  });
}

Deno.test("the cause is that of the request, and of no later cancellation", async () => {
  await inVirtualTime(async () => {
    const errors: Error[] = [];
    const future = getRunningLoop().createFuture<void>();
    const task = createTask(async () => {
      errors.push(await errorOf(sleep(60)));
      errors.push(await errorOf(future));
    }, { name: "job" });
    currentTask()!.setName("main");
    await sleep(0);
    task.cancel();
    await sleep(0);
    await sleep(0);
    future.cancel(); // which is nobody's request to cancel the task
    await task;
    assertEquals(errors.map(causes), [
      ["Task 'main' has cancelled Task 'job'"],
      [],
    ]);
  });
});

Deno.test("a task that was cancelled keeps nothing of the one that did it but its name", async () => {
  await inVirtualTime(async () => {
    const job = createTask(sleep(60), { name: "job" });
    await sleep(0);
    job.cancel();
    const error = await errorOf(job);
    assertEquals(Object.keys(error.cause as object), []);
  });
});

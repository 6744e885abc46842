// The option `limit` of taskGroup().

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  CancelledError,
  coroutine,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  timeout,
  TimeoutError,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  runVirtually,
  type Script,
} from "../_helpers.ts";
import { caught, type Start, startTasks, testStarts } from "../_kinds.ts";
import { testSweep } from "../_sweep.ts";

/** Runs a body in a group with a limit, in virtual time. */
async function inGroup<T>(
  kind: Kind,
  start: Start,
  limit: number,
  script: (group: TaskGroup) => Script<T>,
): Promise<T | undefined> {
  const { result, contexts } = await runVirtually(
    () => taskGroup(inKind(kind, script).body, { limit }),
    { prepare: (loop) => startTasks(loop, start) },
  );
  assertEquals(contexts, []);
  return result;
}

/** A job that logs when it begins. */
function job(kind: Kind, log: string[], name: string, seconds: number) {
  return inKind(kind, function* job(): Script<string> {
    log.push(`${name}@${getRunningLoop().time()}`);
    yield sleep(seconds);
    return name;
  });
}

testStarts(
  "taskGroup() with a limit runs so many tasks at once; the others begin in order",
  async (kind, start) => {
    const log: string[] = [];
    const results = await inGroup(kind, start, 2, function* (group) {
      const tasks: Task<string>[] = [];
      for (
        const [name, seconds] of [["a", 3], ["b", 1], ["c", 1], ["d", 2], [
          "e",
          1,
        ]] as const
      ) {
        tasks.push(group.createTask(job(kind, log, name, seconds)));
      }
      return yield gather(tasks);
    });
    assertEquals(log.join(" "), "a@0 b@0 c@1 d@2 e@3");
    assertEquals(results, ["a", "b", "c", "d", "e"]);
  },
);

testStarts(
  "taskGroup() with a limit takes coroutines, functions and coroutine functions",
  async (kind, start) => {
    const log: string[] = [];
    await inGroup(kind, start, 1, function* (group) {
      group.createTask(job(kind, log, "a", 1)());
      group.createTask(job(kind, log, "b", 1));
      group.createTask(job(kind, log, "c", 1).body);
      group.createTask(() => job(kind, log, "d", 1)());
      yield sleep(0);
    });
    assertEquals(log.join(" "), "a@0 b@1 c@2 d@3");
  },
);

testStarts(
  "a task that fails frees its slot for nobody: those in line never begin",
  async (kind, start) => {
    const log: string[] = [];
    const error = new Error("no luck");
    const thrown = await assertRejects(
      () =>
        inGroup(kind, start, 1, function* (group): Script<void> {
          group.createTask(inKind(kind, function* fail(): Script<void> {
            yield sleep(1);
            throw error;
          }));
          group.createTask(job(kind, log, "a", 1));
          group.createTask(job(kind, log, "b", 1));
          yield sleep(60);
        }),
      AggregateError,
    );
    assertEquals(thrown.errors, [error]);
    assertEquals(log, []);
  },
);

for (const [victim, place] of ["first", "middle", "last"].entries()) {
  for (const moment of ["before a slot is free", "when the slot is freed"]) {
    testStarts(
      `of three tasks in line the ${place} is cancelled ${moment}: it never begins, and those behind it move up`,
      async (kind, start) => {
        const log: string[] = [];
        await inGroup(kind, start, 1, function* (group) {
          const tasks: Task<string>[] = [];
          group.createTask(inKind(kind, function* first(): Script<void> {
            yield sleep(1);
            if (moment === "when the slot is freed") tasks[victim].cancel();
          }));
          for (const name of ["a", "b", "c"]) {
            tasks.push(group.createTask(job(kind, log, name, 1)));
          }
          yield sleep(0.5);
          if (moment === "before a slot is free") tasks[victim].cancel();
          yield sleep(9);
          assert(tasks[victim].cancelled());
        });
        const names = ["a", "b", "c"].filter((_, index) => index !== victim);
        assertEquals(log, [`${names[0]}@1`, `${names[1]}@2`]);
      },
    );
  }
}

testStarts(
  "cancelling the group cancels those in line, which never begin",
  async (kind, start) => {
    const log: string[] = [];
    await inGroup(kind, start, 2, function* (group) {
      const tasks = ["a", "b", "c", "d"].map((name) =>
        group.createTask(job(kind, log, name, 60))
      );
      yield sleep(1);
      group.cancel();
      yield* caught(gather(tasks, { returnExceptions: true }));
      yield sleep(0);
    });
    assertEquals(log, ["a@0", "b@0"]);
  },
);

testStarts(
  "a time limit around a group with a limit ends all of it",
  async (kind, start) => {
    const log: string[] = [];
    await runVirtually(
      inKind(kind, function* main(): Script<void> {
        const limited = timeout(
          1.5,
          inKind(kind, function* limited(): Script<void> {
            yield taskGroup(
              inKind(kind, function* body(group: TaskGroup): Script<void> {
                for (const name of "abcdefgh") {
                  group.createTask(job(kind, log, name, 1));
                }
              }).body,
              { limit: 2 },
            );
          }).body,
        );
        assertInstanceOf(yield* caught(limited), TimeoutError);
        assertEquals(log.join(" "), "a@0 b@0 c@1 d@1");
      })(),
      { prepare: (loop) => startTasks(loop, start) },
    );
  },
);

testStarts("groups with limits nest", async (kind, start) => {
  let busy = 0;
  let most = 0;
  await inGroup(kind, start, 2, function* (outer) {
    for (let i = 0; i < 4; i++) {
      outer.createTask(inKind(kind, function* part(): Script<void> {
        yield taskGroup(
          inKind(kind, function* body(inner: TaskGroup): Script<void> {
            for (let j = 0; j < 6; j++) {
              inner.createTask(inKind(kind, function* work(): Script<void> {
                most = Math.max(most, ++busy);
                yield sleep(1);
                busy--;
              }));
            }
          }).body,
          { limit: 3 },
        );
      }));
    }
    yield sleep(0);
  });
  assertEquals([busy, most], [0, 6]);
});

testStarts(
  "tasks may start others in their group; they begin when there is a slot",
  async (kind, start) => {
    const log: string[] = [];
    await inGroup(kind, start, 1, function* (group) {
      group.createTask(inKind(kind, function* parent(): Script<void> {
        log.push("parent");
        group.createTask(job(kind, log, "child", 1));
        yield sleep(1);
      }));
      yield sleep(0);
    });
    assertEquals(log, ["parent", "child@1"]);
  },
);

Deno.test("a task in line prints as the function that it is going to run", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      const first = group.createTask(async function first() {
        await sleep(1);
      }, { name: "one" });
      const second = group.createTask(async function second() {
        await sleep(1);
        return 2;
      });
      await sleep(0.5);
      assertStringIncludes(`${first}`, "name='one' coro=<first() running at ");
      assertStringIncludes(
        `${second}`,
        "<Task pending coro=<second() running at ",
      );
      assertStringIncludes(`${second}`, "task_group_limit_test.ts:");
      assertEquals(await second, 2);
      assertStringIncludes(`${second}`, "coro=<second() done, defined at ");
    }, { limit: 1 });
  });
});

Deno.test("in debug mode, tasks of a group with a limit know where they were created", async () => {
  const { contexts } = await runVirtually(async () => {
    await taskGroup(async (group) => {
      const task = group.createTask(async function work() {
        await sleep(1);
      });
      assertMatch(`${task}`, / created at \S*task_group_limit_test\.ts:\d+>$/);
    }, { limit: 1 });
    function* source() {
      yield async function work() {
        return String(currentTask());
      };
    }
    const [text] = await gather(source(), { limit: 1 });
    assertStringIncludes(text, " created at ");
    assertFalse(text.includes("ext:"), text);
  }, { prepare: (loop) => loop.setDebug(true) });
  assertEquals(contexts, []);
});

Deno.test("an async function in line runs in the context in which its task was created", async () => {
  const user = new AsyncLocalStorage<string>();
  await inVirtualTime(async () => {
    const seen: unknown[] = [];
    await taskGroup(async (group) => {
      for (const name of ["Ada", "Bob", "Cyd"]) {
        user.run(name, () => {
          group.createTask(async () => {
            seen.push(user.getStore());
            await sleep(1);
            seen.push(user.getStore());
          });
        });
      }
      const context = user.run("Dan", () => AsyncLocalStorage.snapshot());
      group.createTask(function* () {
        seen.push(user.getStore());
        yield* sleep(1);
        seen.push(user.getStore());
      }, { context });
      group.createTask(async () => {
        seen.push(user.getStore());
        await sleep(1);
        seen.push(user.getStore());
      }, { context });
    }, { limit: 1 });
    assertEquals(
      seen,
      ["Ada", "Bob", "Cyd", "Dan", "Dan"].flatMap((name) => [name, name]),
    );
  });
});

Deno.test("what cannot become a task is refused when it is created", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      assertThrows(
        () => group.createTask(Promise.resolve() as never),
        TypeError,
        "which has already started",
      );
      assertThrows(() => group.createTask(1 as never), TypeError, "got 1");
      const used = coroutine(async () => {})();
      await used;
      assertThrows(() => group.createTask(used), Error, "cannot reuse");
      assertStringIncludes(String(group), "<TaskGroup entered>");
    }, { limit: 1 });
  });
});

Deno.test("a limit that is never reached changes no order", async () => {
  const orders: string[][] = [];
  for (const limit of [undefined, 99]) {
    const log: string[] = [];
    orders.push(log);
    await inVirtualTime(async () => {
      await taskGroup(async (group) => {
        for (const name of "abc") {
          group.createTask(async () => {
            for (let i = 0; i < 3; i++) {
              log.push(`${name}${i}`);
              await sleep(0);
            }
          });
          group.createTask(function* () {
            for (let i = 0; i < 3; i++) {
              log.push(`${name}${i}*`);
              yield* sleep(0);
            }
          });
        }
      }, { limit });
    });
  }
  assertEquals(orders[1], orders[0]);
});

testSweep("taskGroup() with a limit leaves nothing behind", () => {
  let busy = 0;
  let most = 0;
  return {
    scripts: [0, 1].map(() =>
      function* worker(): Script<void> {
        let own = 0;
        yield taskGroup(function* (group) {
          for (let i = 0; i < 4; i++) {
            group.createTask(function* () {
              busy++;
              most = Math.max(most, ++own);
              try {
                yield* sleep(0);
                yield* sleep(0);
              } finally {
                busy--;
                own--;
              }
            });
          }
          yield* sleep(0);
        }, { limit: 2 });
      }
    ),
    check() {
      assertEquals(busy, 0);
      assert(most <= 2);
    },
  };
});

Deno.test("a hundred thousand tasks in a group with a limit run in order", async () => {
  const COUNT = 100_000;
  const order: number[] = [];
  let busy = 0;
  let most = 0;
  const work = coroutine(function* work(index: number) {
    order.push(index);
    most = Math.max(most, ++busy);
    yield* sleep(0);
    busy--;
  });
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      for (let i = 0; i < COUNT; i++) group.createTask(work(i));
    }, { limit: 50 });
  });
  assertEquals([order.length, most], [COUNT, 50]);
  assert(order.every((value, index) => value === index));
});

for (
  const [limit, ErrorClass, message] of [
    [
      0,
      RangeError,
      "the limit of taskGroup() must be >= 1: current value is 0",
    ],
    [-1, RangeError, "must be >= 1: current value is -1"],
    [0.5, RangeError, "must be >= 1: current value is 0.5"],
    [1.5, RangeError, "must be a whole number: current value is 1.5"],
    [NaN, TypeError, "what is not a number: current value is NaN"],
    ["2", TypeError, "current value is '2'"],
  ] as [never, typeof Error, string][]
) {
  Deno.test(`taskGroup() refuses a limit of ${limit}, and does not call the body`, () => {
    let called = false;
    assertThrows(
      () =>
        taskGroup(async () => {
          called = true;
        }, { limit }),
      ErrorClass,
      message,
    );
    assertFalse(called);
  });
}

Deno.test("taskGroup() refuses unknown options", () => {
  assertThrows(
    () => taskGroup(async () => {}, { limits: 1 } as never),
    TypeError,
    "did you mean limit?",
  );
  assertThrows(
    () => taskGroup(async () => {}, 2 as never),
    TypeError,
    "takes options as an object such as { limit }",
  );
});

for (const limit of [null, undefined, Infinity]) {
  Deno.test(`taskGroup() with a limit of ${limit} has none`, async () => {
    await inVirtualTime(async () => {
      await taskGroup(async (group) => {
        for (let i = 0; i < 100; i++) group.createTask(sleep(1));
      }, { limit });
      assertEquals(getRunningLoop().time(), 1);
    });
  });
}

Deno.test("a task in a group with a limit that is cancelled from outside is cancelled with its error", async () => {
  await inVirtualTime(async () => {
    const task = createTask(() =>
      taskGroup(async (group) => {
        for (let i = 0; i < 3; i++) group.createTask(sleep(60));
      }, { limit: 1 })
    );
    await sleep(1);
    task.cancel("enough");
    await assertRejects(async () => await task, CancelledError, "enough");
    assert(task.cancelled());
  });
});

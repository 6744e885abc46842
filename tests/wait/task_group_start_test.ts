// group.start(), as nursery.start() of trio and TaskGroup.start() of anyio: what
// their tests claim holds here, where cancellation is not level-triggered.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AsyncLocalStorage } from "node:async_hooks";
import {
  allTasks,
  CancelledError,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  Event,
  getRunningLoop,
  moveOnAfter,
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

type Started<V> = (value: V) => void;

/** Runs the body of a group, of a kind, in virtual time. */
async function inGroup<T>(
  kind: Kind,
  start: Start,
  script: (group: TaskGroup) => Script<T>,
): Promise<T | undefined> {
  const { result, contexts } = await runVirtually(
    () => taskGroup(inKind(kind, script).body),
    { prepare: (loop) => startTasks(loop, start) },
  );
  assertEquals(contexts, []);
  return result;
}

function now(): number {
  return getRunningLoop().time();
}

/** A function that waits, says its value, and waits again. */
function sleepThenStart(kind: Kind, seconds: number) {
  return inKind(kind, function* child(started: Started<number>): Script<void> {
    yield sleep(seconds);
    started(seconds);
    yield sleep(seconds);
  }).body;
}

testStarts(
  "start() gives what started() was called with, when it is called; the group waits for the rest",
  async (kind, start) => {
    for (const seconds of [1, 2]) {
      await runVirtually(
        inKind(kind, function* main(): Script<void> {
          yield taskGroup(
            inKind(kind, function* body(group: TaskGroup): Script<void> {
              const value: number = yield group.start(
                sleepThenStart(kind, seconds),
              );
              assertEquals([value, now()], [seconds, seconds]);
              assertStringIncludes(String(group), "tasks=1");
            }).body,
          );
          assertEquals(now(), 2 * seconds);
        })(),
        { prepare: (loop) => startTasks(loop, start) },
      );
    }
  },
);

testStarts("started() without a value gives undefined", async (kind, start) => {
  await inGroup(kind, start, function* (group) {
    const { body } = inKind(
      kind,
      function* child(started: () => void): Script<void> {
        started();
        yield sleep(0);
      },
    );
    assertEquals(yield group.start(body), undefined);
  });
});

testStarts(
  "started() may be called after the first wait, or before it",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      for (const turns of [0, 1, 3]) {
        const { body } = inKind(
          kind,
          function* child(started: Started<string>): Script<string> {
            for (let i = 0; i < turns; i++) yield sleep(0);
            started("ready");
            return "done";
          },
        );
        assertEquals(yield group.start(body), "ready");
      }
    });
  },
);

testStarts(
  "started() is an error the second time, and changes nothing",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      let error: Error | null = null;
      const { body } = inKind(
        kind,
        function* child(started: Started<number>): Script<void> {
          started(1);
          yield sleep(0);
          error = assertThrows(() => started(2), Error);
        },
      );
      assertEquals(yield group.start(body), 1);
      yield sleep(1);
      assertEquals(error!.message, "started() was called twice");
    });
  },
);

testStarts(
  "a task that fails before it has started: the error comes out of start(), the same object, and not out of the group",
  async (kind, start) => {
    const error = new RangeError("in use", { cause: new Error("port 80") });
    const result = await inGroup(kind, start, function* (group) {
      const neighbour = group.createTask(sleep(1, "neighbour"));
      for (const turns of [0, 2]) {
        const { body } = inKind(kind, function* child(): Script<void> {
          for (let i = 0; i < turns; i++) yield sleep(0);
          throw error;
        });
        assertStrictEquals(yield* caught(group.start(body)), error);
      }
      return yield neighbour;
    });
    assertEquals(result, "neighbour");
  },
);

testStarts(
  "a task that fails after it has started fails the group",
  async (kind, start) => {
    const error = new RangeError("broken");
    let value: number | undefined;
    const thrown = await assertRejects(
      () =>
        inGroup(kind, start, function* (group): Script<void> {
          const { body } = inKind(
            kind,
            function* child(started: Started<number>): Script<void> {
              started(2);
              yield sleep(0);
              throw error;
            },
          );
          value = yield group.start(body);
          yield sleep(60);
        }),
      AggregateError,
      "unhandled errors in a TaskGroup (1 sub-exception)",
    );
    assertEquals(thrown.errors, [error]);
    assertEquals(value, 2);
  },
);

testStarts(
  "a task that fails in the step in which it has started fails the group",
  async (kind, start) => {
    const error = new RangeError("broken");
    const thrown = await assertRejects(
      () =>
        inGroup(kind, start, function* (group): Script<void> {
          const { body } = inKind(
            kind,
            function* child(started: Started<number>): Script<void> {
              started(2);
              throw error;
            },
          );
          yield group.start(body);
          yield sleep(60);
        }),
      AggregateError,
    );
    assertEquals(thrown.errors, [error]);
  },
);

testStarts(
  "a task that ends without calling started() is an error of start()",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      for (const turns of [0, 2]) {
        const { body } = inKind(kind, function* child(): Script<void> {
          for (let i = 0; i < turns; i++) yield sleep(0);
        });
        const error = yield* caught(group.start(body));
        assertInstanceOf(error, Error);
        assertStringIncludes(
          error.message,
          "The task has ended without calling started(): <Task finished",
        );
        assertStringIncludes(error.message, "child()");
      }
    });
  },
);

testStarts(
  "cancelling start() cancels the task, and ends when that has ended",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      const log: string[] = [];
      const { body } = inKind(
        kind,
        function* child(started: Started<string>): Script<void> {
          try {
            yield sleep(60);
          } finally {
            yield sleep(1);
            started("too late"); // does nothing
            log.push(`child@${now()}`);
          }
        },
      );
      const starter = createTask(
        inKind(kind, function* starter(): Script<void> {
          try {
            yield group.start(body);
          } finally {
            log.push(`start@${now()}`);
          }
        }),
      );
      yield sleep(1);
      starter.cancel("enough");
      const error = yield* caught(starter);
      assertInstanceOf(error, CancelledError);
      assert(starter.cancelled());
      assertEquals(log, ["child@2", "start@2"]);
      // The group is as it was.
      yield group.createTask(sleep(0));
    });
  },
);

testStarts(
  "if start() is cancelled and the task fails, the error comes out of start()",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      const error = new RangeError("whoops");
      const { body } = inKind(
        kind,
        function* child(started: Started<string>): Script<void> {
          yield* caught(sleep(60));
          started("too late");
          throw error;
        },
      );
      const starter = createTask(group.start(body));
      yield sleep(1);
      starter.cancel();
      assertStrictEquals(yield* caught(starter), error);
    });
  },
);

testStarts(
  "if start() is cancelled and the task ends all the same, start() is cancelled",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      for (const late of [false, true]) {
        const { body } = inKind(
          kind,
          function* child(started: Started<string>): Script<void> {
            yield* caught(sleep(60));
            if (late) started("too late");
          },
        );
        const starter = createTask(group.start(body));
        yield sleep(1);
        starter.cancel("enough");
        const error = yield* caught(starter);
        assertInstanceOf(error, CancelledError);
        assertEquals(error.message, "enough");
      }
    });
  },
);

testStarts(
  "a time limit around start() cancels the task",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      let cancelled = false;
      const { body } = inKind(kind, function* child(): Script<void> {
        try {
          yield sleep(60);
        } catch (error) {
          cancelled = error instanceof CancelledError;
          throw error;
        }
      });
      const limited = timeout(
        1,
        inKind(kind, function* limited(): Script<void> {
          yield group.start(body);
        }).body,
      );
      assertInstanceOf(yield* caught(limited), TimeoutError);
      assert(cancelled);
      assertEquals(now(), 1);
    });
  },
);

testStarts(
  "a task that is cancelled before it has started: so is start()",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      let child: Task<unknown> | null = null;
      const { body } = inKind(kind, function* work(): Script<void> {
        child = currentTask();
        yield sleep(60);
      });
      const starter = createTask(group.start(body));
      yield sleep(1);
      child!.cancel("by name");
      const error = yield* caught(starter);
      assertInstanceOf(error, CancelledError);
      assertEquals(error.message, "by name");
      yield group.createTask(sleep(0));
    });
  },
);

testStarts(
  "when another task fails, start() in the body is cancelled",
  async (kind, start) => {
    let completed = false;
    const error = new Error("no luck");
    const thrown = await assertRejects(
      () =>
        inGroup(kind, start, function* (outer): Script<void> {
          yield taskGroup(
            inKind(kind, function* body(inner: TaskGroup): Script<void> {
              inner.createTask(inKind(kind, function* fail(): Script<void> {
                yield sleep(1);
                throw error;
              }));
              yield outer.start(
                inKind(
                  kind,
                  function* child(started: Started<void>): Script<void> {
                    yield sleep(2);
                    completed = true;
                    started();
                  },
                ).body,
              );
            }).body,
          );
        }),
      AggregateError,
    );
    const [inner] = thrown.errors;
    assertInstanceOf(inner, AggregateError);
    assertEquals(inner.errors, [error]);
    assertFalse(completed);
  },
);

testStarts(
  "start() in a group that is being cancelled runs the task up to its first wait",
  async (kind, start) => {
    let began = false;
    let finished = false;
    await inGroup(kind, start, function* (group) {
      group.cancel();
      yield group.start(
        inKind(kind, function* child(): Script<void> {
          began = true;
          yield sleep(2);
          finished = true;
        }).body,
      );
    });
    assert(began);
    assertFalse(finished);
  },
);

testStarts(
  "start() in a group that is cancelled before it is awaited, of a task that never waits, is no error",
  async (kind, start) => {
    await inGroup(kind, start, function* (group) {
      const { body } = inKind(
        kind,
        function* child(started: Started<void>): Script<void> {
          started();
        },
      );
      const coro = group.start(body);
      group.cancel();
      yield coro;
    });
  },
);

for (const moment of ["before", "after"]) {
  testStarts(
    `a task whose group is cancelled just ${moment} it has started: start() gives the value, and the task is cancelled`,
    async (kind, start) => {
      let cancelled = false;
      await inGroup(kind, start, function* (outer) {
        const { body } = inKind(
          kind,
          function* open(started: Started<TaskGroup>): Script<void> {
            yield taskGroup(
              inKind(kind, function* body(group: TaskGroup): Script<void> {
                started(group);
                yield sleep(Infinity);
              }).body,
            );
          },
        );
        const target: TaskGroup = yield outer.start(body);
        const value = yield target.start(
          inKind(kind, function* child(started: Started<string>): Script<void> {
            yield sleep(1);
            if (moment === "before") target.cancel();
            started("ready");
            if (moment === "after") target.cancel();
            try {
              yield sleep(60);
            } catch (error) {
              cancelled = error instanceof CancelledError;
              throw error;
            }
          }).body,
        );
        assertEquals(value, "ready");
      });
      assert(cancelled);
    },
  );
}

testStarts(
  "start() keeps the group open while the task starts, and after that",
  async (kind, start) => {
    await runVirtually(
      inKind(kind, function* main(): Script<void> {
        const slow =
          inKind(kind, function* slow(started: Started<void>): Script<void> {
            yield sleep(2);
            started();
            yield sleep(3);
          }).body;
        yield taskGroup(
          inKind(kind, function* outer(first: TaskGroup): Script<void> {
            yield taskGroup(
              inKind(kind, function* inner(second: TaskGroup): Script<void> {
                first.createTask(second.start(slow));
                yield sleep(1);
                first.createTask(second.start(slow));
                yield sleep(0);
              }).body,
            );
            assertEquals(now(), 6);
          }).body,
        );
      })(),
      { prepare: (loop) => startTasks(loop, start) },
    );
  },
);

testStarts(
  "start() keeps the group open for a task that fails in the end",
  async (kind, start) => {
    await runVirtually(
      inKind(kind, function* main(): Script<void> {
        const error = new RangeError("crash");
        yield taskGroup(
          inKind(kind, function* outer(first: TaskGroup): Script<void> {
            yield taskGroup(
              inKind(kind, function* inner(second: TaskGroup): Script<void> {
                first.createTask(
                  inKind(kind, function* starter(): Script<void> {
                    const thrown = yield* caught(second.start(
                      inKind(kind, function* child(): Script<void> {
                        yield sleep(7);
                        throw error;
                      }).body,
                    ));
                    assertStrictEquals(thrown, error);
                  }),
                );
                yield sleep(0);
                yield sleep(0);
              }).body,
            );
            assertEquals(now(), 7);
          }).body,
        );
      })(),
      { prepare: (loop) => startTasks(loop, start) },
    );
  },
);

testStarts(
  "start() in a finished group is an error, and runs nothing",
  async (kind, start) => {
    await runVirtually(
      inKind(kind, function* main(): Script<void> {
        let group: TaskGroup | null = null;
        yield taskGroup(
          inKind(kind, function* body(own: TaskGroup): Script<void> {
            group = own;
          }).body,
        );
        let began = false;
        const error = yield* caught(
          group!.start(
            inKind(kind, function* child(): Script<void> {
              began = true;
            }).body,
          ),
        );
        assertInstanceOf(error, Error);
        assertStringIncludes(error.message, "is finished");
        assertFalse(began);
      })(),
      { prepare: (loop) => startTasks(loop, start) },
    );
  },
);

testStarts(
  "start() with a limit waits for a slot, and keeps it",
  async (kind, start) => {
    await runVirtually(
      inKind(kind, function* main(): Script<void> {
        yield taskGroup(
          inKind(kind, function* body(group: TaskGroup): Script<void> {
            const times: number[] = [];
            for (let i = 0; i < 3; i++) {
              times.push(
                yield group.start(
                  inKind(
                    kind,
                    function* child(started: Started<number>): Script<void> {
                      started(now());
                      yield sleep(2);
                    },
                  ).body,
                ),
              );
            }
            assertEquals(times, [0, 0, 2]);
          }).body,
          { limit: 2 },
        );
        assertEquals(now(), 4);
      })(),
      { prepare: (loop) => startTasks(loop, start) },
    );
  },
);

Deno.test("start() does nothing before it is awaited", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      let began = false;
      group.start(async () => {
        began = true;
      }).close();
      await sleep(1);
      assertFalse(began);
    });
  });
});

Deno.test("start() that is closed while it waits cancels the task", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      let cancelled = false;
      const coro = group.start(async () => {
        try {
          await sleep(60);
        } catch (error) {
          cancelled = error instanceof CancelledError;
          throw error;
        }
      });
      const steps = coro[Symbol.iterator]();
      await createTask(
        function* () {
          steps.next();
          yield* sleep(1);
          steps.return!();
        } as () => Generator<unknown, void, never>,
      );
      await sleep(1);
      assert(cancelled);
    });
  });
});

Deno.test("start() takes coroutine functions, methods and plain functions of promises", async () => {
  await inVirtualTime(async () => {
    class Server {
      port = 80;
      async listen(started: Started<number>) {
        await sleep(1);
        started(this.port);
      }
    }
    const server = new Server();
    const made = coroutine(async function made(started: Started<number>) {
      await sleep(1);
      started(2);
    });
    await taskGroup(async (group) => {
      assertEquals(await group.start(made), 2);
      assertEquals(
        await group.start((started: Started<number>) => server.listen(started)),
        80,
      );
      assertEquals(
        await group.start((started: Started<number>) => {
          started(5); // before it has a coroutine
          return made(() => {});
        }),
        5,
      );
    });
  });
});

Deno.test("start() passes the options of the task on; its text names the function", async () => {
  await inVirtualTime(async () => {
    const user = new AsyncLocalStorage<string>();
    const controller = new AbortController();
    await taskGroup(async (group) => {
      let text = "";
      async function serve(started: Started<void>) {
        text = String(currentTask());
        assertEquals(user.getStore(), "Ada");
        started();
        await sleep(60);
      }
      const options = { name: "server", signal: controller.signal };
      await user.run("Ada", async () => await group.start(serve, options));
      assertStringIncludes(text, "name='server' coro=<serve() running at ");
      assertStringIncludes(text, "task_group_start_test.ts:");
      controller.abort();
      await sleep(1);
      assertStringIncludes(String(group), "<TaskGroup entered>");
    });
  });
});

Deno.test("a strand that is left behind while it starts something leaves no trace", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      const go = new Event();
      await createTask(async () => {
        group.start(async (started: Started<void>) => {
          await go.wait();
          started();
        }).then(() => {}, () => {}); // not awaited
        await sleep(0);
      });
      go.set();
    });
  });
});

Deno.test("nested scopes around start() each see their own cancellation", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      const value = await moveOnAfter(1, async () => {
        return await taskGroup(async (inner) => {
          inner.createTask(sleep(5));
          return await group.start(async (started: Started<number>) => {
            await sleep(3);
            started(1);
          });
        });
      });
      assertEquals(value, undefined);
      assertEquals(getRunningLoop().time(), 1);
      assertFalse(group.signal.aborted);
    });
  });
});

Deno.test("several start() in one Promise.all(): each gives its value, and all are cancelled together", async () => {
  await inVirtualTime(async () => {
    let cancelled = 0;
    const server = (seconds: number) => async (started: Started<number>) => {
      try {
        await sleep(seconds);
        started(seconds);
        await sleep(1);
      } catch (error) {
        if (error instanceof CancelledError) cancelled++;
        throw error;
      }
    };
    await taskGroup(async (group) => {
      const starts = () =>
        Promise.all([1, 2, 3].map((n) => group.start(server(n))));
      assertEquals(await starts(), [1, 2, 3]);
      assertEquals(await moveOnAfter(1.5, starts), undefined);
      assertEquals(cancelled, 2); // the first one had started
    });
    assertEquals(cancelled, 2);
  });
});

Deno.test("a hundred thousand tasks can be started", async () => {
  await inVirtualTime(async () => {
    await taskGroup(function* (group) {
      let sum = 0;
      for (let i = 0; i < 100_000; i++) {
        sum += yield* group.start(function* (started: Started<number>) {
          started(1);
        });
      }
      assertEquals(sum, 100_000);
    });
  });
});

testSweep("start() leaves nothing behind", () => {
  let open = 0;
  let groups = 0;
  return {
    scripts: [0, 1].map((index) =>
      function* worker(): Script<void> {
        groups++;
        try {
          yield taskGroup(function* (group) {
            const child = function* (started: Started<number>) {
              open++;
              try {
                yield* sleep(0);
                started(index);
                yield* sleep(0);
                yield* sleep(0);
              } finally {
                open--;
              }
            };
            const value = yield* group.start(child);
            assertEquals(value, index);
            yield* group.start(child);
          });
        } finally {
          groups--;
        }
      }
    ),
    check: () => assertEquals([open, groups], [0, 0]),
  };
});

for (
  const [text, fn, message] of [
    [
      "a promise",
      Promise.resolve(),
      "what is not an async function or a function*",
    ],
    ["a coroutine", sleep(0), "current value is <coroutine object sleep"],
    ["nothing", undefined, "current value is undefined"],
    [
      "an async generator",
      async function* () {},
      "what is not an async function",
    ],
  ] as [string, never, string][]
) {
  Deno.test(`start() refuses ${text}`, async () => {
    await inVirtualTime(async () => {
      await taskGroup(async (group) => {
        const before = allTasks().size;
        assertThrows(() => group.start(fn), TypeError, message);
        assertThrows(
          () => group.start(async () => {}, { nam: "x" } as never),
          TypeError,
          "did you mean name?",
        );
        assertEquals(allTasks().size, before);
      });
    });
  });
}

Deno.test("start() with a function that gives no coroutine fails as the task does", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      await assertRejects(
        async () => await group.start((() => 1) as never),
        TypeError,
        "a coroutine was expected",
      );
    });
  });
});

Deno.test("an eager task may fail, start and end before start() waits", async () => {
  await runVirtually(async () => {
    await taskGroup(async (group) => {
      const coros: Coroutine<unknown>[] = [
        group.start(async (started: Started<number>) => started(1)),
        group.start(async () => {
          throw new RangeError("at once");
        }),
        group.start(async () => {}),
      ];
      assertEquals(await coros[0], 1);
      await assertRejects(async () => await coros[1], RangeError);
      await assertRejects(async () => await coros[2], Error, "without calling");
    });
  }, { prepare: (loop) => loop.setTaskFactory(eagerTaskFactory) });
});

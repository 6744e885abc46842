import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Awaitable,
  CancelledError,
  type Coroutine,
  coroutine,
  type CoroutineLike,
  createTask,
  currentTask,
  EventLoop,
  type Future,
  gather,
  getRunningLoop,
  isCoroutine,
  setEventLoop,
  sleep,
  type Task,
  TaskGroup,
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
import {
  caught,
  type Start,
  STARTS,
  startTasks,
  testStarts,
} from "../_kinds.ts";

/** Helpers for the scripts of a test, for one kind and one way to start tasks. */
class World {
  readonly log: string[] = [];
  readonly kind: Kind;
  readonly start: Start;

  constructor(kind: Kind, start: Start) {
    this.kind = kind;
    this.start = start;
  }

  /** Runs a script as the main coroutine. Fails if an error is reported. */
  async run<T>(script: () => Script<T>): Promise<T> {
    const { result, contexts } = await runVirtually(this.work(script), {
      prepare: (loop) => startTasks(loop, this.start),
    });
    assertEquals(contexts, []);
    return result;
  }

  /** Returns a coroutine that runs a script. */
  work<T>(script: () => Script<T>): Coroutine<T> {
    return inKind(this.kind, script)();
  }

  /** Returns a group with a script as its body. */
  group<T>(
    script: (group: TaskGroup) => Script<T>,
  ): Coroutine<T | undefined> {
    return taskGroup(inKind(this.kind, script).body);
  }

  /** Waits for some time and logs how the wait ended. */
  nap(name: string, seconds = Infinity): Coroutine<string> {
    const { log } = this;
    return this.work(function* nap() {
      try {
        yield sleep(seconds);
        log.push(`${name} ended`);
        return name;
      } catch (error) {
        assertInstanceOf(error, CancelledError);
        log.push(`${name} cancelled`);
        throw error;
      }
    });
  }

  /** Fails after some time. */
  crash(seconds: number, error: unknown = new Error("crash")): Coroutine<void> {
    return this.work(function* crash() {
      yield sleep(seconds);
      throw error;
    });
  }

  /** Waits forever, and fails when it is cancelled. */
  crashWhenCancelled(error: unknown): Coroutine<void> {
    return this.work(function* crashWhenCancelled() {
      yield* caught(sleep(Infinity));
      throw error;
    });
  }
}

/** Registers a test for each kind of coroutine, with lazy and eager tasks. */
function testGroups(
  name: string,
  body: (world: World) => Promise<void>,
): void {
  testStarts(name, (kind, start) => body(new World(kind, start)));
}

/** The messages of the errors of a group; nested groups become lists. */
type Messages = (string | Messages)[];

function messagesOf(error: unknown): Messages {
  assertInstanceOf(error, AggregateError);
  assertEquals(
    error.message,
    `unhandled errors in a TaskGroup (${error.errors.length} sub-exception${
      error.errors.length === 1 ? "" : "s"
    })`,
  );
  return error.errors.map((error) =>
    error instanceof AggregateError ? messagesOf(error) : error.message
  );
}

// Groups without failures

testGroups(
  "taskGroup() waits for its tasks and returns the result of the body",
  async (world) => {
    const tasks = await world.run(function* main() {
      const tasks: Task<string>[] = yield world.group(function* body(group) {
        return [
          group.createTask(world.nap("slow", 3)),
          group.createTask(world.nap("quick", 1)),
          group.createTask(world.nap("middling", 2)),
        ];
      });
      assert(tasks.every((task) => task.done()));
      assertEquals(getRunningLoop().time(), 3);
      return tasks;
    });
    assertEquals(tasks.map((task) => task.result()), [
      "slow",
      "quick",
      "middling",
    ]);
  },
);

testGroups(
  "taskGroup() without tasks returns the result of the body",
  async (world) => {
    const value = await world.run(function* main() {
      return yield world.group(function* body(group) {
        assertInstanceOf(group, TaskGroup);
        return "value";
      });
    });
    assertEquals(value, "value");
  },
);

testGroups(
  "taskGroup() runs the body in the task that waits for it",
  async (world) => {
    await world.run(function* main() {
      const outside = currentTask();
      yield world.group(function* body() {
        assertStrictEquals(currentTask(), outside);
        yield sleep(0);
        assertStrictEquals(currentTask(), outside);
      });
    });
  },
);

testGroups("tasks can be added while the body waits", async (world) => {
  await world.run(function* main() {
    yield world.group(function* body(group) {
      group.createTask(world.nap("first", 2));
      yield sleep(1.5);
      group.createTask(world.nap("second", 2));
    });
    assertEquals(world.log, ["first ended", "second ended"]);
    assertEquals(getRunningLoop().time(), 3.5);
  });
});

testGroups(
  "a task can add tasks, also after the end of the body",
  async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(group) {
        group.createTask(world.work(function* root() {
          yield sleep(1);
          group.createTask(world.nap("child", 1));
          yield sleep(0);
          group.createTask(world.work(function* child() {
            yield sleep(2);
            group.createTask(world.nap("grandchild", 1));
          }));
        }));
      });
      assertEquals(world.log, ["child ended", "grandchild ended"]);
    });
  },
);

testGroups(
  "a group accepts functions, and names for its tasks",
  async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(group) {
        const a = group.createTask(async () => 1, { name: "worker" });
        const b = group.createTask(function* () {
          return 2;
        });
        assertEquals(a.getName(), "worker");
        assertEquals([yield a, yield b], [1, 2]);
      });
    });
  },
);

testGroups(
  "a task of a group that is cancelled alone does not affect the group",
  async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(group) {
        const cancelled = group.createTask(world.nap("a"));
        group.createTask(world.nap("b", 2));
        yield sleep(1);
        cancelled.cancel();
        group.createTask(world.nap("c", 3));
      });
      assertEquals(world.log, ["a cancelled", "b ended", "c ended"]);
    });
  },
);

for (
  const [place, index] of [["first", 0], ["middle", 1], ["last", 2]] as const
) {
  testGroups(
    `cancelling the ${place} of three tasks in a group leaves the others running`,
    async (world) => {
      await world.run(function* main() {
        const tasks: Task<string>[] = [];
        yield world.group(function* body(group) {
          for (const name of "abc") {
            tasks.push(group.createTask(world.nap(name, 1)));
          }
          yield sleep(0);
          tasks[index].cancel();
        });
        assertEquals(
          tasks.map((task) => task.cancelled()),
          [0, 1, 2].map((n) => n === index),
        );
      });
    },
  );
}

testGroups("three tasks can wait for one of their group", async (world) => {
  await world.run(function* main() {
    const results: unknown[] = [];
    yield world.group(function* body(group) {
      const source = group.createTask(world.nap("source", 1));
      for (let i = 0; i < 3; i++) {
        group.createTask(world.work(function* waiter() {
          results.push(yield source);
        }));
      }
    });
    assertEquals(results, ["source", "source", "source"]);
  });
});

testGroups(
  "three nested groups end from the inside out",
  async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(outer) {
        outer.createTask(world.nap("outer", 3));
        yield world.group(function* body(middle) {
          middle.createTask(world.nap("middle", 2));
          yield world.group(function* body(inner) {
            inner.createTask(world.nap("inner", 1));
          });
          world.log.push("inner left");
        });
        world.log.push("middle left");
      });
      assertEquals(world.log, [
        "inner ended",
        "inner left",
        "middle ended",
        "middle left",
        "outer ended",
      ]);
    });
  },
);

// Failures

testGroups("a task that fails cancels its siblings", async (world) => {
  await world.run(function* main() {
    const error = yield* caught(world.group(function* body(group) {
      group.createTask(world.nap("a"));
      group.createTask(world.crash(1));
      group.createTask(world.nap("b"));
    }));
    assertEquals(messagesOf(error), ["crash"]);
    assertEquals(world.log, ["a cancelled", "b cancelled"]);
    assertEquals(currentTask()!.cancelling(), 0);
    yield sleep(1); // no cancellation is left that this could throw
  });
});

testGroups(
  "a task that fails cancels the body, wherever it waits",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.crash(1));
        yield world.nap("body");
      }));
      assertEquals(messagesOf(error), ["crash"]);
      assertEquals(world.log, ["body cancelled"]);
      assertEquals(currentTask()!.cancelling(), 0);
      yield sleep(1);
    });
  },
);

testGroups(
  "a group throws the error of a task, the same object",
  async (world) => {
    await world.run(function* main() {
      const cause = new RangeError("mine");
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.crash(1, cause));
      }));
      assertInstanceOf(error, AggregateError);
      assertEquals(error.errors.length, 1);
      assertStrictEquals(error.errors[0], cause);
    });
  },
);

testGroups("a task that throws undefined has failed", async (world) => {
  await world.run(function* main() {
    const error = yield* caught(world.group(function* body(group) {
      group.createTask(world.work(function* crash() {
        yield sleep(1);
        throw undefined;
      }));
      group.createTask(world.nap("sibling"));
    }));
    assertInstanceOf(error, AggregateError);
    assertEquals(error.errors, [undefined]);
    assertEquals(world.log, ["sibling cancelled"]);
  });
});

testGroups(
  "the errors of tasks that fail in the same turn are all thrown, in order",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        for (const name of ["one", "two", "three"]) {
          group.createTask(world.crash(1, new Error(name)));
        }
      }));
      assertEquals(messagesOf(error), ["one", "two", "three"]);
    });
  },
);

testGroups(
  "the errors of tasks that fail when they are cancelled are thrown too",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.crashWhenCancelled(new Error("two")));
        group.createTask(world.crashWhenCancelled(new Error("three")));
        group.createTask(world.crash(1, new Error("one")));
      }));
      assertEquals(messagesOf(error), ["one", "two", "three"]);
    });
  },
);

testGroups(
  "an error of the body cancels the tasks and is the last of the errors",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.nap("a"));
        group.createTask(world.crashWhenCancelled(new Error("task")));
        yield sleep(1);
        throw new Error("body");
      }));
      assertEquals(messagesOf(error), ["task", "body"]);
      assertEquals(world.log, ["a cancelled"]);
    });
  },
);

testGroups(
  "an error of a body that never waits cancels the tasks",
  async (world) => {
    await world.run(function* main() {
      const tasks: Task<string>[] = [];
      const error = yield* caught(world.group(function* body(group) {
        for (const name of "abc") tasks.push(group.createTask(world.nap(name)));
        throw new Error("body");
      }));
      assertEquals(messagesOf(error), ["body"]);
      assert(tasks.every((task) => task.cancelled()));
    });
  },
);

testGroups(
  "an error of the body alone is thrown in an AggregateError as well",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body() {
        throw new Error("body");
      }));
      assertEquals(messagesOf(error), ["body"]);
    });
  },
);

testGroups(
  "a body that fails when it is cancelled because of a task adds its error",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.crash(1, new Error("task")));
        yield world.crashWhenCancelled(new Error("body"));
      }));
      assertEquals(messagesOf(error), ["task", "body"]);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups(
  "a body that swallows the cancellation caused by a task does not hide the error",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.crash(1));
        assertInstanceOf(yield* caught(sleep(60)), CancelledError);
        return "as if nothing had happened";
      }));
      assertEquals(messagesOf(error), ["crash"]);
      assertEquals(currentTask()!.cancelling(), 0);
      yield sleep(1);
    });
  },
);

testGroups("a failure after the end of the body is thrown", async (world) => {
  await world.run(function* main() {
    let left = false;
    const error = yield* caught(world.group(function* body(group) {
      group.createTask(world.crash(1));
      group.createTask(world.nap("sibling"));
      left = true;
    }));
    assert(left);
    assertEquals(messagesOf(error), ["crash"]);
    assertEquals(world.log, ["sibling cancelled"]);
  });
});

testGroups(
  "a task that fails in its first step does not cancel the body while it creates it",
  async (world) => {
    // With an eager start it has failed before createTask() returns.
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        const task = group.createTask(world.work(function* fail() {
          throw new Error("at once");
        }));
        // An async function is done a few microtasks later.
        assertEquals(
          task.done(),
          world.start === "eager" && world.kind === "generator",
        );
        world.log.push("created");
        yield world.nap("body");
      }));
      assertEquals(messagesOf(error), ["at once"]);
      assertEquals(world.log, ["created", "body cancelled"]);
    });
  },
);

testGroups("three tasks that fail at once are all reported", async (world) => {
  await world.run(function* main() {
    const error = yield* caught(world.group(function* body(group) {
      for (const name of ["one", "two", "three"]) {
        group.createTask(world.work(function* fail() {
          throw new Error(name);
        }));
      }
    }));
    // Only a task that has begun can fail: the first one ends before the others
    // are cancelled.
    assertEquals(messagesOf(error), ["one", "two", "three"]);
  });
});

testGroups(
  "a failure that the group has thrown is not reported",
  async (world) => {
    const { contexts } = await runVirtually(
      world.work(function* main() {
        yield* caught(world.group(function* body(group) {
          group.createTask(world.crash(1, new Error("one")));
          group.createTask(world.crashWhenCancelled(new Error("two")));
        }));
        yield sleep(10);
      }),
      { prepare: (loop) => startTasks(loop, world.start) },
    );
    assertEquals(contexts, []);
  },
);

testGroups(
  "the error of an inner group is among the errors of the outer group",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(outer) {
        outer.createTask(world.nap("outer"));
        yield world.group(function* body(inner) {
          inner.createTask(world.crash(1));
          inner.createTask(world.nap("inner"));
        });
      }));
      assertEquals(messagesOf(error), [["crash"]]);
      assertEquals(world.log, ["inner cancelled", "outer cancelled"]);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups(
  "an error in an outer group cancels the inner group, which adds no error",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(outer) {
        outer.createTask(world.crash(1, new Error("outer")));
        yield world.group(function* body(inner) {
          inner.createTask(world.nap("inner"));
        });
      }));
      assertEquals(messagesOf(error), ["outer"]);
      assertEquals(world.log, ["inner cancelled"]);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups(
  "an inner and an outer group that fail at once both throw",
  async (world) => {
    await world.run(function* main() {
      const task = currentTask()!;
      const outer = yield* caught(world.group(function* body(outer) {
        const inner = yield* caught(world.group(function* body(inner) {
          inner.createTask(world.crash(0, new Error("inner")));
          outer.createTask(world.crash(0, new Error("outer")));
        }));
        assertEquals(messagesOf(inner), ["inner"]);
        assertEquals(task.cancelling(), 1, "the outer group's request is left");
        yield world.nap("not reached", 60);
      }));
      assertEquals(messagesOf(outer), ["outer"]);
      assertEquals(task.cancelling(), 0);
      assertEquals(world.log, ["not reached cancelled"]);
      yield sleep(1);
    });
  },
);

testGroups(
  "an error in a finally block between group and body is thrown next to the task's",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        try {
          group.createTask(world.crash(0, new Error("task")));
          yield sleep(60);
        } finally {
          // deno-lint-ignore no-unsafe-finally -- this is what the test is about
          throw new Error("closing");
        }
      }));
      assertEquals(messagesOf(error), ["task", "closing"]);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

// Cancellation from outside

testGroups(
  "a cancellation from outside cancels the tasks and the body",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.group(function* body(group) {
        for (const name of "abc") group.createTask(world.nap(name));
        yield world.nap("body");
      }));
      yield sleep(1);
      task.cancel("enough");
      const error = yield* caught(task);
      assertInstanceOf(error, CancelledError);
      assertEquals(error.message, "enough");
      assert(task.cancelled());
      assertEquals(world.log, [
        "body cancelled",
        "a cancelled",
        "b cancelled",
        "c cancelled",
      ]);
    });
  },
);

testGroups(
  "a cancellation from outside reaches a group that waits for its tasks",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.group(function* body(group) {
        for (const name of "abc") group.createTask(world.nap(name));
      }));
      yield sleep(1);
      task.cancel("enough");
      const error = yield* caught(task);
      assertInstanceOf(error, CancelledError);
      assertEquals(error.message, "enough");
      assertEquals(world.log, ["a cancelled", "b cancelled", "c cancelled"]);
    });
  },
);

testGroups(
  "a cancelled group waits for tasks whose cleanup takes time",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.group(function* body(group) {
        group.createTask(world.work(function* slow() {
          yield* caught(sleep(Infinity));
          yield sleep(5);
          world.log.push("cleaned up");
        }));
      }));
      yield sleep(1);
      task.cancel();
      yield sleep(1);
      task.cancel(); // a second request does not end it sooner
      yield sleep(1);
      assertFalse(task.done());
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(world.log, ["cleaned up"]);
      assertEquals(getRunningLoop().time(), 6);
    });
  },
);

testGroups(
  "errors of tasks that fail when cancelled from outside are thrown instead",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.group(function* body(group) {
        for (const name of ["one", "two", "three"]) {
          group.createTask(world.crashWhenCancelled(new Error(name)));
        }
        yield sleep(60);
      }));
      yield sleep(1);
      task.cancel();
      assertEquals(messagesOf(yield* caught(task)), ["one", "two", "three"]);
      assertFalse(task.cancelled());
    });
  },
);

testGroups(
  "the error of a body that fails when cancelled from outside is thrown instead",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.group(function* body() {
        yield world.crashWhenCancelled(new Error("body"));
      }));
      yield sleep(1);
      task.cancel();
      assertEquals(messagesOf(yield* caught(task)), ["body"]);
    });
  },
);

testGroups(
  "errors of inner groups cancelled from outside are thrown nested",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.group(function* body(outer) {
        outer.createTask(world.nap("outer"));
        yield world.group(function* body(inner) {
          for (const name of ["one", "two", "three"]) {
            inner.createTask(world.crashWhenCancelled(new Error(name)));
          }
          yield sleep(60);
        });
      }));
      yield sleep(1);
      task.cancel();
      assertEquals(messagesOf(yield* caught(task)), [["one", "two", "three"]]);
      assertEquals(world.log, ["outer cancelled"]);
    });
  },
);

testGroups(
  "a failure during the body's cleanup after a cancellation is thrown, and the next wait throws the cancellation",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.work(function* work() {
        const error = yield* caught(world.group(function* body(group) {
          group.createTask(world.crash(3));
          try {
            yield sleep(60);
          } finally {
            // Long enough for the task to fail: the group cancels its tasks only
            // when the body has ended.
            yield* caught(sleep(5));
          }
        }));
        assertEquals(messagesOf(error), ["crash"]);
        assertEquals(currentTask()!.cancelling(), 1);
        yield world.nap("after the group", 60);
      }));
      yield sleep(1);
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
      assertEquals(world.log, ["after the group cancelled"]);
    });
  },
);

testGroups(
  "a failure and a cancellation from outside in the same turn are both thrown",
  async (world) => {
    await world.run(function* main() {
      const ready: Future<void> = getRunningLoop().createFuture();
      const task = createTask(world.work(function* work() {
        const error = yield* caught(world.group(function* body(group) {
          group.createTask(world.work(function* crash() {
            if (!ready.done()) ready.setResult();
            yield sleep(0);
            throw new Error("crash");
          }));
          yield world.nap("body");
        }));
        assertEquals(messagesOf(error), ["crash"]);
        assertEquals(currentTask()!.cancelling(), 1);
        yield world.nap("after the group", 60);
      }));
      yield ready;
      assertEquals(task.cancelling(), 0);
      task.cancel();
      assertEquals(task.cancelling(), 1);
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
      assertEquals(world.log, ["body cancelled", "after the group cancelled"]);
    });
  },
);

testGroups(
  "a task that is cancelled before it enters a group is cancelled there",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.work(function* work() {
        currentTask()!.cancel();
        yield world.group(function* body(group) {
          group.createTask(world.nap("task"));
          yield world.nap("body");
        });
      }));
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
      assertEquals(world.log[0], "body cancelled");
    });
  },
);

testGroups(
  "a group works in a task that has swallowed a cancellation",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.work(function* work() {
        currentTask()!.cancel();
        assertInstanceOf(yield* caught(sleep(1)), CancelledError);
        const error = yield* caught(world.group(function* body(group) {
          group.createTask(world.crash(1));
          yield sleep(60);
        }));
        assertEquals(messagesOf(error), ["crash"]);
        assertEquals(currentTask()!.cancelling(), 1);
        yield sleep(1);
        return "went on";
      }));
      assertEquals(yield task, "went on");
    });
  },
);

testGroups(
  "a group in the finally block of a cancelled task works",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.work(function* work() {
        try {
          yield sleep(60);
        } finally {
          yield world.group(function* body(group) {
            group.createTask(world.nap("cleanup", 2));
          });
        }
      }));
      yield sleep(1);
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(world.log, ["cleanup ended"]);
    });
  },
);

// TaskGroup.cancel()

testGroups("TaskGroup.cancel() ends tasks and body silently", async (world) => {
  await world.run(function* main() {
    const value = yield world.group(function* body(group) {
      for (const name of "abc") group.createTask(world.nap(name));
      getRunningLoop().callLater(1, () => group.cancel());
      yield world.nap("body");
      return "not reached";
    });
    assertEquals(value, undefined);
    assertEquals(getRunningLoop().time(), 1);
    assertEquals([...world.log].sort(), [
      "a cancelled",
      "b cancelled",
      "body cancelled",
      "c cancelled",
    ]);
    assertEquals(currentTask()!.cancelling(), 0);
    yield sleep(1);
  });
});

for (
  const [place, index] of [["first", 0], ["middle", 1], ["last", 2]] as const
) {
  testGroups(
    `of three tasks the ${place} can cancel their group`,
    async (world) => {
      await world.run(function* main() {
        yield world.group(function* body(group) {
          for (const n of [0, 1, 2]) {
            group.createTask(
              n === index
                ? world.work(function* winner() {
                  yield sleep(1);
                  group.cancel();
                  world.log.push("won");
                  return "winner";
                })
                : world.nap(`${n}`),
            );
          }
        });
        assertEquals(world.log, [
          "won",
          ...[0, 1, 2].filter((n) => n !== index).map((n) => `${n} cancelled`),
        ]);
      });
    },
  );
}

testGroups(
  "TaskGroup.cancel() by the body takes effect at its next wait",
  async (world) => {
    await world.run(function* main() {
      const value = yield world.group(function* body(group) {
        group.createTask(world.nap("task", 60));
        yield sleep(1);
        group.cancel();
        world.log.push("after cancel()");
        yield sleep(60);
        world.log.push("not reached");
        return "not reached";
      });
      assertEquals(value, undefined);
      assertEquals(world.log, ["after cancel()", "task cancelled"]);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups(
  "TaskGroup.cancel() by a body that then ends leaves no cancellation behind",
  async (world) => {
    await world.run(function* main() {
      const value = yield world.group(function* body(group) {
        group.cancel();
        return "value";
      });
      assertEquals(value, "value");
      assertEquals(currentTask()!.cancelling(), 0);
      yield sleep(1);
    });
  },
);

testGroups(
  "TaskGroup.cancel() by a body that then ends leaves no cancellation behind, even after a swallowed one",
  async (world) => {
    // uncancel() lowered the count, but since it did not reach zero, the next
    // wait still threw the cancellation.
    await world.run(function* main() {
      const task = createTask(world.work(function* work() {
        currentTask()!.cancel();
        assertInstanceOf(yield* caught(sleep(1)), CancelledError);
        yield world.group(function* body(group) {
          group.cancel();
        });
        assertEquals(currentTask()!.cancelling(), 1);
        yield sleep(1);
        return "went on";
      }));
      assertEquals(yield task, "went on");
    });
  },
);

testGroups(
  "TaskGroup.cancel() works in a task that has swallowed a cancellation",
  async (world) => {
    // CPython mistakes the swallowed one for a cancellation from outside.
    await world.run(function* main() {
      const task = createTask(world.work(function* work() {
        currentTask()!.cancel();
        assertInstanceOf(yield* caught(sleep(1)), CancelledError);
        yield world.group(function* body(group) {
          group.createTask(world.nap("task"));
          getRunningLoop().callLater(1, () => group.cancel());
          yield sleep(60);
        });
        return "went on";
      }));
      assertEquals(yield task, "went on");
    });
  },
);

testGroups(
  "TaskGroup.cancel() from outside the group ends it",
  async (world) => {
    await world.run(function* main() {
      let group: TaskGroup | undefined;
      const task = createTask(world.group(function* body(given) {
        group = given;
        given.createTask(world.nap("task"));
      }));
      yield sleep(1);
      group!.cancel();
      assertEquals(yield task, undefined);
      assertFalse(task.cancelled());
    });
  },
);

testGroups("a second TaskGroup.cancel() has no effect", async (world) => {
  await world.run(function* main() {
    yield world.group(function* body(group) {
      group.createTask(world.work(function* slow() {
        yield* caught(sleep(Infinity));
        yield sleep(2);
        world.log.push("cleaned up");
      }));
      yield sleep(0);
      group.cancel();
      group.cancel();
      yield* caught(sleep(60));
      group.cancel();
    });
    assertEquals(world.log, ["cleaned up"]);
    assertEquals(currentTask()!.cancelling(), 0);
    yield sleep(1);
  });
});

testGroups(
  "TaskGroup.cancel() of a finished group does nothing",
  async (world) => {
    await world.run(function* main() {
      let group: TaskGroup | undefined;
      yield world.group(function* body(given) {
        group = given;
        given.createTask(world.nap("task", 1));
      });
      group!.cancel();
      assertEquals(currentTask()!.cancelling(), 0);
      yield sleep(1);
    });
  },
);

testGroups(
  "TaskGroup.cancel() after a failure does not hide the error",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.crash(1));
        group.createTask(world.work(function* late() {
          try {
            yield sleep(60);
          } finally {
            group.cancel();
          }
        }));
        yield sleep(60);
      }));
      assertEquals(messagesOf(error), ["crash"]);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups("errors after TaskGroup.cancel() are thrown", async (world) => {
  await world.run(function* main() {
    const error = yield* caught(world.group(function* body(group) {
      group.createTask(world.crashWhenCancelled(new Error("task")));
      yield sleep(1);
      group.cancel();
      yield world.crashWhenCancelled(new Error("body"));
    }));
    assertEquals([...messagesOf(error)].sort(), ["body", "task"]);
    assertEquals(currentTask()!.cancelling(), 0);
    yield sleep(1);
  });
});

testGroups(
  "TaskGroup.cancel() of an inner group does not affect the outer group",
  async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(outer) {
        outer.createTask(world.nap("outer", 3));
        yield world.group(function* body(inner) {
          inner.createTask(world.nap("inner"));
          getRunningLoop().callLater(1, () => inner.cancel());
          yield sleep(60);
        });
        outer.createTask(world.nap("added", 1));
      });
      assertEquals(world.log, [
        "inner cancelled",
        "added ended",
        "outer ended",
      ]);
    });
  },
);

testGroups(
  "TaskGroup.cancel() of the outer of two groups ends both",
  async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(outer) {
        outer.createTask(world.nap("outer"));
        getRunningLoop().callLater(1, () => outer.cancel());
        yield world.group(function* body(inner) {
          inner.createTask(world.nap("inner"));
          yield sleep(60);
        });
        world.log.push("not reached");
      });
      assertEquals([...world.log].sort(), [
        "inner cancelled",
        "outer cancelled",
      ]);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups(
  "TaskGroup.cancel() of both groups at once ends both",
  async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(outer) {
        outer.createTask(world.nap("outer"));
        yield world.group(function* body(inner) {
          inner.createTask(world.nap("inner"));
          getRunningLoop().callLater(1, () => {
            inner.cancel();
            outer.cancel();
          });
          yield sleep(60);
        });
        world.log.push("not reached");
        yield sleep(60);
      });
      assertEquals(currentTask()!.cancelling(), 0);
      assertFalse(world.log.includes("inner ended"));
      yield sleep(1);
    });
  },
);

// In CPython 3.15, TaskGroup.cancel() swallows some of these.
const outsideAndInside: {
  name: string;
  cancel: (task: Task<unknown>, group: TaskGroup) => void;
}[] = [
  {
    name: "just before a cancellation from outside",
    cancel: (task, group) => {
      group.cancel();
      task.cancel("outside");
    },
  },
  {
    name: "just after a cancellation from outside",
    cancel: (task, group) => {
      task.cancel("outside");
      group.cancel();
    },
  },
];

for (const { name, cancel } of outsideAndInside) {
  for (const where of ["in its body", "where it waits for its tasks"]) {
    testGroups(
      `TaskGroup.cancel() ${name}, ${where}, does not swallow it`,
      async (world) => {
        await world.run(function* main() {
          let group: TaskGroup | undefined;
          const task = createTask(world.group(function* body(given) {
            group = given;
            for (const name of "abc") given.createTask(world.nap(name));
            if (where === "in its body") yield sleep(60);
          }));
          yield sleep(1);
          cancel(task, group!);
          assertInstanceOf(yield* caught(task), CancelledError);
          assert(task.cancelled());
          assertEquals(world.log.length, 3);
        });
      },
    );
  }
}

testGroups(
  "a cancellation from outside while the tasks end after TaskGroup.cancel() is thrown",
  async (world) => {
    await world.run(function* main() {
      let group: TaskGroup | undefined;
      const task = createTask(world.group(function* body(given) {
        group = given;
        given.createTask(world.work(function* slow() {
          yield* caught(sleep(Infinity));
          yield sleep(5);
        }));
      }));
      yield sleep(1);
      group!.cancel();
      yield sleep(1);
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
    });
  },
);

testGroups(
  "TaskGroup.cancel() does not swallow a cancellation requested before the group began",
  async (world) => {
    await world.run(function* main() {
      const task = createTask(world.work(function* work() {
        currentTask()!.cancel();
        yield world.group(function* body(group) {
          group.cancel();
          yield sleep(60);
        });
        world.log.push("not reached");
      }));
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
      assertEquals(world.log, []);
    });
  },
);

testGroups(
  "TaskGroup.cancel() at the deadline of an enclosing timeout() lets the timeout throw",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(timeout(
        1,
        inKind(world.kind, function* body() {
          yield world.group(function* body(group) {
            group.createTask(world.nap("task"));
            getRunningLoop().callLater(1, () => group.cancel());
          });
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups(
  "a timeout() around a group cancels the whole group and throws TimeoutError",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(timeout(
        1,
        inKind(world.kind, function* body() {
          yield world.group(function* body(group) {
            for (const name of "abc") group.createTask(world.nap(name));
            yield world.nap("body");
          });
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assertEquals(world.log.length, 4);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testGroups(
  "a timeout() that expires in a task of a group fails the group",
  async (world) => {
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(
          timeout(
            1,
            inKind(world.kind, function* body() {
              yield sleep(60);
            }).body,
          ),
        );
        group.createTask(world.nap("sibling"));
      }));
      assertInstanceOf(error, AggregateError);
      assertInstanceOf(error.errors[0], TimeoutError);
      assertEquals(world.log, ["sibling cancelled"]);
    });
  },
);

// Tasks that a group refuses

/** Asserts that a group has closed the coroutine that it refused. */
function* assertClosed(world: World, coro: Coroutine<unknown>): Script<void> {
  const error = yield* caught(coro);
  assertInstanceOf(error, Error);
  assertMatch(error.message, /cannot reuse already awaited coroutine/);
  assertEquals(world.log, []);
}

testGroups(
  "a group that is finished refuses tasks with an error, and closes the coroutine",
  async (world) => {
    await world.run(function* main() {
      let group: TaskGroup | undefined;
      yield world.group(function* body(given) {
        group = given;
      });
      const coro = world.nap("never", 1);
      assertThrows(
        () => group!.createTask(coro),
        Error,
        "TaskGroup <TaskGroup entered> is finished",
      );
      yield* assertClosed(world, coro);
    });
  },
);

testGroups(
  "a group that has failed refuses tasks with an error, and closes the coroutine",
  async (world) => {
    await world.run(function* main() {
      let group: TaskGroup | undefined;
      yield* caught(world.group(function* body(given) {
        group = given;
        given.createTask(world.crash(1));
      }));
      const coro = world.nap("never", 1);
      assertThrows(() => group!.createTask(coro), Error, "is finished");
      yield* assertClosed(world, coro);
    });
  },
);

testGroups(
  "a group that is being cancelled refuses tasks with an error, and closes the coroutine",
  async (world) => {
    await world.run(function* main() {
      const coro = world.nap("never", 1);
      const error = yield* caught(world.group(function* body(group) {
        group.createTask(world.crash(1));
        group.createTask(world.work(function* late() {
          yield* caught(sleep(60));
          assertThrows(
            () => group.createTask(coro),
            Error,
            "is shutting down",
          );
        }));
      }));
      assertEquals(messagesOf(error), ["crash"]);
      yield* assertClosed(world, coro);
    });
  },
);

testGroups(
  "a group refuses tasks after its cancel() with an error, and closes the coroutine",
  async (world) => {
    await world.run(function* main() {
      const coro = world.nap("never", 1);
      yield world.group(function* body(group) {
        group.cancel();
        assertThrows(() => group.createTask(coro), Error, "is shutting down");
      });
      yield* assertClosed(world, coro);
    });
  },
);

testGroups("a refused function is never called", async (world) => {
  await world.run(function* main() {
    let group: TaskGroup | undefined;
    yield world.group(function* body(given) {
      group = given;
    });
    assertThrows(
      () =>
        group!.createTask(async () => {
          world.log.push("called");
        }),
      Error,
      "is finished",
    );
    yield sleep(1);
    assertEquals(world.log, []);
  });
});

const badCoroutines: [name: string, value: () => unknown][] = [
  ["a number", () => 1],
  ["nothing", () => undefined],
  ["null", () => null],
  ["a native promise", () => Promise.resolve()],
  ["a future", () => getRunningLoop().createFuture()],
];

for (const [name, value] of badCoroutines) {
  testGroups(`a group refuses ${name}, and continues`, async (world) => {
    await world.run(function* main() {
      yield world.group(function* body(group) {
        group.createTask(world.nap("task", 1));
        assertThrows(
          () => group.createTask(value() as CoroutineLike<void>),
          TypeError,
          "a coroutine was expected",
        );
      });
      assertEquals(world.log, ["task ended"]);
    });
  });
}

testGroups(
  "a group refuses a coroutine that was already awaited, and continues",
  async (world) => {
    await world.run(function* main() {
      const coro = sleep(0);
      yield coro;
      yield world.group(function* body(group) {
        assertThrows(
          () => group.createTask(coro),
          Error,
          "cannot reuse already awaited coroutine",
        );
        group.createTask(world.nap("task", 1));
      });
      assertEquals(world.log, ["task ended"]);
    });
  },
);

const badBodies: [name: string, body: unknown][] = [
  ["nothing", undefined],
  ["null", null],
  ["a number", 1],
  ["a list of functions", [async () => {}]],
  ["a promise, which has already started", Promise.resolve()],
];

for (const [name, body] of badBodies) {
  Deno.test(`taskGroup() refuses ${name} as a body`, () => {
    assertThrows(
      () => taskGroup(body as () => Promise<void>),
      TypeError,
      "not an async function or a function*",
    );
  });
}

for (
  const [name, body] of [
    ["a number", () => 1],
    ["nothing", () => {}],
  ] as const
) {
  Deno.test(`taskGroup() of a function that returns ${name} throws`, async () => {
    await inVirtualTime(async () => {
      const error = await assertRejects(
        async () => await taskGroup(body as unknown as () => Promise<void>),
        AggregateError,
      );
      assertInstanceOf(error.errors[0], TypeError);
    });
  });
}

// Starting, running and printing groups

Deno.test("taskGroup() starts the body when it is awaited, not before", async () => {
  await inVirtualTime(async () => {
    let started = false;
    const todo = taskGroup(async () => {
      started = true;
    });
    assert(isCoroutine(todo));
    await sleep(0);
    assertFalse(started);
    await todo;
    assert(started);
  });
});

Deno.test("taskGroup() accepts a coroutine function", async () => {
  await inVirtualTime(async () => {
    const body = coroutine(async function body(group: TaskGroup) {
      return await group.createTask(sleep(1, "value"));
    });
    assertEquals(await taskGroup(body), "value");
  });
});

Deno.test("taskGroup() outside any task runs in the current loop", async () => {
  setEventLoop(new EventLoop());
  const tasks = await taskGroup(async (group) => [
    group.createTask(sleep(0, 1)),
  ]);
  assertEquals(tasks?.map((task) => task.result()), [1]);
  setEventLoop(null);
});

Deno.test("groups of concurrent tasks do not affect each other", async () => {
  await inVirtualTime(async () => {
    const outcomes = await gather(
      [1, 2, 3].map((n) =>
        createTask(taskGroup(async (group) => {
          group.createTask(async () => {
            await sleep(n);
            if (n === 2) throw new Error("middle");
          });
          await sleep(3);
          return n;
        }))
      ),
      { returnExceptions: true },
    );
    assertEquals(outcomes[0], 1);
    assertEquals(messagesOf(outcomes[1]), ["middle"]);
    assertEquals(outcomes[2], 3);
  });
});

testGroups("an eager task that never waits is done at once", async (world) => {
  await world.run(function* main() {
    yield world.group(function* body(group) {
      const task = group.createTask(
        world.work(function* quick() {
          return "quick";
        }),
        { eagerStart: true },
      );
      // An async function is not: promises deliver its result later.
      if (world.kind === "generator") assertEquals(task.result(), "quick");
      assertEquals(yield task, "quick");
    });
  });
});

testGroups("a tree of groups, five wide and four deep, ends", async (world) => {
  let leaves = 0;
  const tree = (depth: number): Coroutine<void> =>
    world.group(function* body(group) {
      if (depth === 0) leaves++;
      else for (let i = 0; i < 5; i++) group.createTask(tree(depth - 1));
    });
  await world.run(function* main() {
    yield tree(4) as Awaitable<void>;
  });
  assertEquals(leaves, 625);
});

testGroups("a group of 10,000 tasks can be cancelled", async (world) => {
  await world.run(function* main() {
    const task = createTask(world.group(function* body(group) {
      for (let i = 0; i < 10_000; i++) group.createTask(sleep(Infinity));
    }));
    yield sleep(1);
    task.cancel();
    assertInstanceOf(yield* caught(task), CancelledError);
  });
});

testGroups(
  "an error ends a group in which every task adds two more",
  async (world) => {
    let begun = 0;
    await world.run(function* main() {
      const error = yield* caught(world.group(function* body(group) {
        const child = (): Coroutine<void> =>
          world.work(function* grow() {
            begun++;
            yield sleep(1);
            group.createTask(child());
            group.createTask(child());
          });
        group.createTask(child());
        group.createTask(world.work(function* fail() {
          while (begun < 10) yield sleep(1.5);
          throw new Error("enough");
        }));
      }));
      assertEquals(messagesOf(error), ["enough"]);
    });
    assert(begun >= 10);
  },
);

testGroups("a TaskGroup prints its state", async (world) => {
  const texts = await world.run(function* main() {
    const texts: string[] = [];
    let group: TaskGroup | undefined;
    yield* caught(world.group(function* body(given) {
      group = given;
      texts.push(`${group}`);
      group.createTask(world.nap("a"));
      group.createTask(world.crash(1));
      texts.push(Deno.inspect(group));
      yield* caught(sleep(60));
      texts.push(`${group}`);
    }));
    texts.push(`${group}`); // its errors have been thrown
    return texts;
  });
  assertEquals(texts, [
    "<TaskGroup entered>",
    "<TaskGroup tasks=2 entered>",
    "<TaskGroup tasks=1 errors=1 cancelling>",
    "<TaskGroup cancelling>",
  ]);
});

testGroups(
  "a task that failed with a group prints the errors of that",
  async (world) => {
    const text = await world.run(function* main() {
      const task = createTask(async function bad() {
        await taskGroup(async () => {
          throw new RangeError("a");
        });
      });
      yield* caught(task);
      return String(task);
    });
    assertStringIncludes(
      text,
      "exception=AggregateError('unhandled errors in a TaskGroup (1 sub-exception)', [RangeError('a')])",
    );
  },
);

Deno.test("tests of groups run with lazy and eager tasks", () => {
  assertEquals(STARTS, ["lazy", "eager"]);
});

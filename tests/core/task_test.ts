import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import {
  allTasks,
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  ensureFuture,
  EventLoop,
  Future,
  gather,
  getRunningLoop,
  InvalidStateError,
  isCoroutine,
  sleep,
  Task,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  runVirtually,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";

/** Lets all other tasks run, for `n` turns. */
async function turns(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await sleep(0);
}

/** A coroutine function that sleeps and logs how the sleep ended. */
function sleeper(
  kind: Kind,
  log: string[] = [],
): (name: string, delay?: number) => Coroutine<string> {
  return inKind(kind, function* sleeper(name: string, delay = 60) {
    try {
      yield sleep(delay);
    } catch (error) {
      log.push(`${name}: ${(error as Error).message}`);
      throw error;
    }
    return name;
  });
}

// --- names, coroutines, states

Deno.test("tasks are named by number, unless they are given a name", async () => {
  await inVirtualTime(async () => {
    const one = createTask(sleep(0));
    const named = createTask(sleep(0), { name: "named" });
    const two = createTask(sleep(0));
    const [, count] = /^Task-(\d+)$/.exec(one.getName())!;
    assertEquals(named.getName(), "named");
    assertEquals(two.getName(), `Task-${Number(count) + 1}`);
    two.setName("renamed");
    assertEquals(two.getName(), "renamed");
    await gather(one, two, named);
    named.setName("done");
    assertEquals(named.getName(), "done");
  });
});

Deno.test("a name is converted to text, and may be empty", async () => {
  await inVirtualTime(async () => {
    const task = createTask(sleep(0), { name: 7 as unknown as string });
    assertEquals(task.getName(), "7");
    task.setName({} as string);
    assertEquals(task.getName(), "[object Object]");
    const empty = createTask(sleep(0), { name: "" });
    assertEquals(empty.getName(), "");
    await gather(task, empty);
  });
});

testKinds(
  "getCoro() returns the coroutine, even when the task is done",
  async (kind) => {
    await inVirtualTime(async () => {
      const coro = sleeper(kind)("x", 1);
      const task = createTask(coro);
      assertStrictEquals(task.getCoro(), coro);
      await task;
      assertStrictEquals(task.getCoro(), coro);
      const inline = createTask(async () => {});
      assert(isCoroutine(inline.getCoro()));
      await inline;
    });
  },
);

testKinds("a task is a future of the loop", async (kind) => {
  await inVirtualTime(async () => {
    const task = createTask(sleeper(kind)("x", 1));
    assertInstanceOf(task, Future);
    assertInstanceOf(task, Task);
    assertStrictEquals(task.getLoop(), getRunningLoop());
    await task;
  });
});

testKinds(
  "a task goes from pending to finished, failed or cancelled",
  async (kind) => {
    const error = new Error("failed");
    const work = inKind(kind, function* work(how: string) {
      yield sleep(1);
      if (how === "fails") throw error;
      return how;
    });
    await inVirtualTime(async () => {
      const tasks = ["returns", "fails", "cancelled"]
        .map((how) => createTask(work(how)));
      const [returns, fails, cancelled] = tasks;
      for (const task of tasks) {
        assertEquals([task.done(), task.cancelled()], [false, false]);
        assertThrows(
          () => task.result(),
          InvalidStateError,
          "Result is not ready.",
        );
        assertThrows(
          () => task.exception(),
          InvalidStateError,
          "Exception is not set.",
        );
      }
      await sleep(0);
      cancelled.cancel("why");
      await gather(tasks, { returnExceptions: true });
      assertEquals(tasks.map((task) => task.done()), [true, true, true]);
      assertEquals(tasks.map((task) => task.cancelled()), [false, false, true]);
      assertEquals(returns.result(), "returns");
      assertEquals(returns.exception(), null);
      assertStrictEquals(fails.exception(), error);
      assertStrictEquals(assertThrows(() => fails.result()), error);
      assertThrows(() => cancelled.result(), CancelledError);
      assertThrows(() => cancelled.exception(), CancelledError);
    });
  },
);

testKinds("setResult() and setException() of a task throw", async (kind) => {
  await inVirtualTime(async () => {
    const task = createTask(sleeper(kind)("x", 1));
    const refuse = () => {
      assertThrows(
        () => task.setResult("y" as never),
        Error,
        "Task does not support setResult operation",
      );
      assertThrows(
        () => task.setException(new Error("y")),
        Error,
        "Task does not support setException operation",
      );
    };
    refuse();
    assertEquals(await task, "x");
    refuse();
    assertEquals(task.result(), "x");
  });
});

testKinds("a new task does nothing before the next turn", async (kind) => {
  const log: string[] = [];
  const work = inKind(kind, function* work() {
    log.push("work");
  });
  await inVirtualTime(async () => {
    const task = createTask(work());
    log.push("made");
    await task;
  });
  assertEquals(log, ["made", "work"]);
});

testKinds("a task can be created before the loop runs", async (kind) => {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const task = loop.createTask(sleeper(kind)("x", 1));
  const direct = new Task(sleeper(kind)("y", 2), { loop, name: "direct" });
  assertEquals([...allTasks(loop)], [task, direct]);
  assertEquals(await loop.runUntilComplete(direct), "y");
  assertEquals(task.result(), "x");
  loop.close();
});

// Cause: the stack overflowed in between, and the end of run() waited for a task
// that nothing would ever run.
Deno.test("a task that cannot be scheduled is on no list", async () => {
  await inVirtualTime(async () => {
    const engine = getRunningLoop().$engineOf;
    const error = new RangeError("Maximum call stack size exceeded");
    {
      using _ = stub(engine, "enqueue", () => {
        throw error;
      });
      const thrown = assertThrows(() => createTask(async () => {}));
      assertStrictEquals(thrown, error);
    }
    assertEquals(allTasks().size, 1);
    await sleep(0);
  });
});

Deno.test("createTask() outside any loop throws, and the coroutine can still be used", async () => {
  const coro = sleep(0, "kept");
  assertThrows(
    () => createTask(coro),
    Error,
    "no running event loop: start one with run(), or, in what the host calls (a handler of a server, a listener of a signal), use group.createTask(), loop.createTask() or runCoroutineThreadsafe()",
  );
  assertEquals(await inVirtualTime(coro), "kept");
});

// --- printing

const PLACE = "\\/.*\\/tests\\/_helpers\\.ts:\\d+";

testKinds(
  "a task prints its state before, while and after it runs",
  async (kind) => {
    const do_work = inKind(kind, function* do_work(result: string) {
      yield sleep(1);
      return result;
    });
    await inVirtualTime(async () => {
      const task = createTask(do_work("it is done"));
      const running = `coro=<do_work\\(\\) running at ${PLACE}>`;
      assertMatch(String(task), RegExp(`^<Task pending ${running}>$`));
      await sleep(0);
      assertMatch(
        String(task),
        RegExp(
          `^<Task pending ${running} wait_for=<Future pending cb=\\[Task\\.task_wakeup\\(\\)\\]>>$`,
        ),
      );
      await task;
      assertMatch(
        String(task),
        RegExp(
          `^<Task finished coro=<do_work\\(\\) done, defined at ${PLACE}> result='it is done'>$`,
        ),
      );
      assertEquals(Deno.inspect(task), String(task));
    });
  },
);

testKinds(
  "a task prints its name after its state, if it was given one",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x", 1), { name: "it's" });
      assertMatch(String(task), /^<Task pending name="it's" coro=</);
      task.setName("changed");
      await task;
      assertMatch(
        String(task),
        /^<Task finished name='changed' coro=<.*> result='x'>$/,
      );
    });
  },
);

testKinds(
  "a task prints its exception, or that it was cancelled",
  async (kind) => {
    const fail = inKind(kind, function* fail() {
      throw new RangeError("too far");
    });
    await inVirtualTime(async () => {
      const failed = createTask(fail());
      const cancelled = createTask(sleeper(kind)("x"));
      await sleep(0);
      cancelled.cancel();
      assertMatch(String(cancelled), /^<Task cancelling coro=</);
      await gather([failed, cancelled], { returnExceptions: true });
      assertMatch(
        String(failed),
        RegExp(
          `^<Task finished coro=<fail\\(\\) done, defined at ${PLACE}> exception=RangeError\\('too far'\\)>$`,
        ),
      );
      assertMatch(
        String(cancelled),
        RegExp(
          `^<Task cancelled coro=<sleeper\\(\\) done, defined at ${PLACE}>>$`,
        ),
      );
    });
  },
);

testKinds(
  "a task prints its callbacks, and another task that it waits for",
  async (kind) => {
    const join = inKind(kind, function* join(task: Task<string>) {
      return (yield task) as string;
    });
    await inVirtualTime(async () => {
      const inner = createTask(sleeper(kind)("x", 1));
      const outer = createTask(join(inner));
      outer.addDoneCallback(function noted() {});
      await sleep(0);
      assertMatch(
        String(outer),
        RegExp(
          `^<Task pending coro=<join\\(\\) running at ${PLACE}> wait_for=<Task pending coro=<sleeper\\(\\) running at ${PLACE}> wait_for=<Future pending cb=\\[Task\\.task_wakeup\\(\\)\\]> cb=\\[Task\\.task_wakeup\\(\\)\\]> cb=\\[noted\\(\\)\\]>$`,
        ),
      );
      await outer;
    });
  },
);

Deno.test("two tasks that wait for each other can be printed", async () => {
  await inVirtualTime(async () => {
    const tasks: Task<unknown>[] = [];
    tasks.push(createTask(async () => await tasks[1]));
    tasks.push(createTask(async () => await tasks[0]));
    await sleep(0);
    assertMatch(String(tasks[0]), /wait_for=<Task pending .*wait_for=\.\.\./);
    tasks[0].cancel();
    await gather(tasks, { returnExceptions: true });
  });
});

// --- cancel: CPython's rules

testKinds(
  "cancel() before the first step keeps the coroutine from beginning",
  async (kind) => {
    let began = false;
    const work = inKind(kind, function* work() {
      began = true;
    });
    await inVirtualTime(async () => {
      const coro = work();
      const task = createTask(coro);
      assert(task.cancel("early"));
      assertFalse(task.done());
      await assertRejects(async () => await task, CancelledError, "early");
      assert(task.cancelled());
      assertFalse(began);
      await assertRejects(async () => await coro, Error, "cannot reuse");
    });
  },
);

testKinds(
  "cancel() of a waiting task throws CancelledError at the wait, with the message",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind, log)("x"));
      await sleep(1);
      assert(task.cancel("message"));
      assertFalse(task.done());
      assertFalse(task.cancelled());
      const error = await assertRejects(async () => await task, CancelledError);
      assertEquals(error.message, "message");
      assertEquals(getRunningLoop().time(), 1);
    });
    assertEquals(log, ["x: message"]);
  },
);

testKinds("cancel() without a message has an empty one", async (kind) => {
  await inVirtualTime(async () => {
    const task = createTask(sleeper(kind)("x"));
    await sleep(0);
    task.cancel();
    const error = await assertRejects(async () => await task, CancelledError);
    assertEquals([error.name, error.message], ["CancelledError", ""]);
  });
});

testKinds(
  "a cancelled task throws the original error once, and then errors without the message",
  async (kind) => {
    // As in CPython: only the original error has the message.
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x"));
      await sleep(0);
      task.cancel("message");
      await turns(3);
      assertEquals(
        assertThrows(() => task.result(), CancelledError).message,
        "message",
      );
      assertEquals(
        assertThrows(() => task.result(), CancelledError).message,
        "",
      );
    });
  },
);

testKinds(
  "the message of a request made before the first step is passed on once as well",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x"));
      task.cancel("early");
      await turns(3);
      const messages = [1, 2].map(() =>
        assertThrows(() => task.result(), CancelledError).message
      );
      assertEquals(messages, ["early", ""]);
    });
  },
);

testKinds(
  "cancel() of a done task returns false and changes nothing",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x", 1));
      await task;
      assertFalse(task.cancel());
      assertEquals([task.cancelled(), task.cancelling()], [false, 0]);
      const cancelled = createTask(sleeper(kind)("y"));
      cancelled.cancel();
      await turns(2);
      assertFalse(cancelled.cancel());
      assertEquals(cancelled.cancelling(), 1);
    });
  },
);

testKinds("cancel() counts, and every request is thrown", async (kind) => {
  const log: string[] = [];
  const stubborn = inKind(kind, function* stubborn() {
    for (let i = 0; i < 3; i++) {
      try {
        yield sleep(60);
      } catch (error) {
        log.push((error as Error).message);
      }
    }
    return "survived";
  });
  await inVirtualTime(async () => {
    const task = createTask(stubborn());
    await sleep(0);
    for (const message of ["one", "two", "three"]) {
      assert(task.cancel(message));
      await turns(2);
    }
    assertEquals(task.cancelling(), 3);
    assertEquals(await task, "survived");
    assertFalse(task.cancelled());
  });
  assertEquals(log, ["one", "two", "three"]);
});

testKinds(
  "two requests in one turn are thrown once, with the first message",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          try {
            yield sleep(60);
          } catch (error) {
            log.push((error as Error).message);
          }
          try {
            yield sleep(60);
          } catch (error) {
            log.push((error as Error).message);
          }
          yield sleep(1);
        })(),
      );
      await sleep(0);
      task.cancel("one");
      task.cancel("two");
      assertEquals(task.cancelling(), 2);
      await sleep(0);
      task.cancel("three");
      await task;
    });
    assertEquals(log, ["one", "three"]);
  },
);

testKinds(
  "a task that suppresses a cancellation continues",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          try {
            yield sleep(60);
          } catch { /* suppressed */ }
          yield sleep(5);
          return "went on";
        })(),
      );
      await sleep(0);
      task.cancel();
      assertEquals(await task, "went on");
      assertFalse(task.cancelled());
      assertEquals([task.cancelling(), getRunningLoop().time()], [1, 5]);
    });
  },
);

testKinds("a cancelled task may wait in `finally`", async (kind) => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const task = createTask(
      inKind(kind, function* () {
        try {
          yield sleep(60);
        } finally {
          log.push("cleaning");
          yield sleep(3);
          log.push("clean");
        }
      })(),
    );
    await sleep(0);
    task.cancel();
    await assertRejects(async () => await task, CancelledError);
    assertEquals(getRunningLoop().time(), 3);
  });
  assertEquals(log, ["cleaning", "clean"]);
});

testKinds(
  "a second cancel() interrupts the `finally` of the first",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          try {
            yield sleep(60);
          } finally {
            try {
              yield sleep(60);
            } catch (error) {
              log.push((error as Error).message);
            }
          }
        })(),
      );
      await sleep(0);
      task.cancel("one");
      await sleep(1);
      task.cancel("two");
      await assertRejects(async () => await task, CancelledError, "one");
    });
    assertEquals(log, ["two"]);
  },
);

testKinds(
  "a task that throws another error when cancelled has failed",
  async (kind) => {
    const error = new Error("instead");
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          try {
            yield sleep(60);
          } catch {
            throw error;
          }
        })(),
      );
      await sleep(0);
      task.cancel();
      await assertRejects(async () => await task, Error, "instead");
      assertFalse(task.cancelled());
      assertStrictEquals(task.exception(), error);
    });
  },
);

testKinds(
  "a coroutine that throws CancelledError of its own accord cancels its task",
  async (kind) => {
    const error = new CancelledError("by itself");
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          yield sleep(0);
          throw error;
        })(),
      );
      assertStrictEquals(
        await assertRejects(async () => await task, CancelledError),
        error,
      );
      assert(task.cancelled());
      assertEquals(task.cancelling(), 0);
    });
  },
);

testKinds(
  "a cancellation takes precedence over a result in the same turn, which is lost",
  async (kind) => {
    await inVirtualTime(async () => {
      for (const first of ["result", "cancel"]) {
        const future = getRunningLoop().createFuture<string>();
        const task = createTask(
          inKind(kind, function* () {
            return (yield future) as string;
          })(),
        );
        await sleep(0);
        if (first === "result") {
          future.setResult("result");
          task.cancel("both");
        } else {
          task.cancel("both");
          assertThrows(() => future.setResult("result"), InvalidStateError);
        }
        await assertRejects(async () => await task, CancelledError, "both");
        assertEquals(future.cancelled(), first === "cancel");
      }
    });
  },
);

testKinds(
  "a task cancelled together with its future gets the future's error",
  async (kind) => {
    // CPython keeps the CancelledError that is about to be thrown.
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<string>();
      const task = createTask(
        inKind(kind, function* () {
          yield future;
        })(),
      );
      await sleep(0);
      future.cancel("the future");
      task.cancel("the task");
      await assertRejects(async () => await task, CancelledError, "the future");
    });
  },
);

testKinds(
  "a cancelled future cancels the tasks that wait for it",
  async (kind) => {
    await inVirtualTime(async () => {
      const future = getRunningLoop().createFuture<string>();
      const task = createTask(
        inKind(kind, function* () {
          yield future;
        })(),
      );
      await sleep(0);
      future.cancel("by the future");
      await assertRejects(
        async () => await task,
        CancelledError,
        "by the future",
      );
      assert(task.cancelled());
      assertEquals(task.cancelling(), 0);
    });
  },
);

testKinds(
  "a task that cancels itself is cancelled at its next wait",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          currentTask()!.cancel("self");
          log.push("still here");
          try {
            yield sleep(60);
          } catch (error) {
            log.push((error as Error).message);
            throw error;
          }
        })(),
      );
      await assertRejects(async () => await task, CancelledError, "self");
      assertEquals(getRunningLoop().time(), 0);
    });
    assertEquals(log, ["still here", "self"]);
  },
);

testKinds(
  "a task that cancels itself in its last step is cancelled",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(
        inKind(kind, function* () {
          yield sleep(0);
          currentTask()!.cancel("last");
          return "result";
        })(),
      );
      await assertRejects(async () => await task, CancelledError, "last");
      assert(task.cancelled());
    });
  },
);

testKinds("a task that cancels itself and fails has failed", async (kind) => {
  await inVirtualTime(async () => {
    const task = createTask(
      inKind(kind, function* () {
        yield sleep(0);
        currentTask()!.cancel();
        throw new Error("fails");
      })(),
    );
    await assertRejects(async () => await task, Error, "fails");
    assertFalse(task.cancelled());
  });
});

// --- uncancel

testKinds(
  "uncancel() takes back a request that was not thrown yet",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x", 1));
      task.cancel();
      assertEquals(task.uncancel(), 0);
      assertEquals(await task, "x");
    });
  },
);

testKinds("uncancel() takes back one request of several", async (kind) => {
  await inVirtualTime(async () => {
    const task = createTask(sleeper(kind)("x", 1));
    task.cancel();
    task.cancel();
    assertEquals([task.uncancel(), task.cancelling()], [1, 1]);
    await assertRejects(async () => await task, CancelledError);
  });
});

testKinds(
  "uncancel() does not stop a cancellation that is about to be thrown",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x"));
      await sleep(0);
      task.cancel();
      assertEquals(task.uncancel(), 0);
      await assertRejects(async () => await task, CancelledError);
    });
  },
);

Deno.test("uncancel() never counts below zero", async () => {
  await inVirtualTime(async () => {
    const task = createTask(sleep(0));
    assertEquals([task.uncancel(), task.uncancel()], [0, 0]);
    task.cancel();
    assertEquals(task.cancelling(), 1);
    await turns(2);
  });
});

// --- signal

testKinds(
  "the signal aborts when cancellation is requested, with the error",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x"));
      await sleep(0);
      const { signal } = task;
      assertStrictEquals(task.signal, signal);
      assertFalse(signal.aborted);
      const aborts: string[] = [];
      signal.addEventListener("abort", () => aborts.push("abort"));
      task.cancel("why");
      task.cancel("again");
      assertEquals(aborts, ["abort"]);
      assertInstanceOf(signal.reason, CancelledError);
      assertEquals(signal.reason.message, "why");
      await assertRejects(async () => await task, CancelledError);
    });
  },
);

testKinds(
  "the signal of a task that was already requested to cancel is aborted from the start",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x"));
      await sleep(0);
      task.cancel("why");
      assert(task.signal.aborted);
      await assertRejects(async () => await task, CancelledError);
      assert(task.signal.aborted);
    });
  },
);

testKinds(
  "the signal of a task that returns never aborts",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x", 1));
      const { signal } = task;
      await task;
      task.cancel();
      assertFalse(signal.aborted);
      assertFalse(task.signal.aborted);
    });
  },
);

Deno.test("a task has a new signal after its last request was taken back", async () => {
  await inVirtualTime(async () => {
    const task = createTask(sleep(1));
    const { signal } = task;
    task.cancel();
    task.cancel();
    task.uncancel();
    assertStrictEquals(task.signal, signal);
    task.uncancel();
    assertNotStrictEquals(task.signal, signal);
    assert(signal.aborted);
    assertFalse(task.signal.aborted);
    await task;
  });
});

testKinds(
  "createTask({ signal }) cancels the task when the signal aborts",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const controller = new AbortController();
      const task = createTask(sleeper(kind, log)("x"), {
        signal: controller.signal,
      });
      await sleep(1);
      controller.abort(new Error("the user left"));
      await assertRejects(
        async () => await task,
        CancelledError,
        "the user left",
      );
      assertEquals(task.cancelling(), 1);
    });
    assertEquals(log, ["x: the user left"]);
  },
);

testKinds(
  "createTask({ signal }) with an aborted signal never begins",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind, log)("x"), {
        signal: AbortSignal.abort(),
      });
      await assertRejects(async () => await task, CancelledError);
    });
    assertEquals(log, []);
  },
);

testKinds(
  "createTask({ signal }) releases the signal when the task is done",
  async (kind) => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (
      ...args: Parameters<EventTarget["addEventListener"]>
    ) => {
      listeners++;
      addEventListener.apply(signal, args as never);
    };
    signal.removeEventListener = (
      ...args: Parameters<EventTarget["removeEventListener"]>
    ) => {
      listeners--;
      removeEventListener.apply(signal, args as never);
    };
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x", 1), { signal });
      assertEquals(listeners, 1);
      assertEquals(await task, "x");
      assertEquals(listeners, 0);
      controller.abort();
      assertEquals(task.cancelling(), 0);
    });
  },
);

// --- ensureFuture

Deno.test("ensureFuture() returns futures and tasks unchanged", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const future = loop.createFuture<number>();
    const task = createTask(sleep(0));
    assertStrictEquals(ensureFuture(future), future);
    assertStrictEquals(ensureFuture(task, { loop }), task);
    await task;
  });
});

testKinds(
  "ensureFuture() wraps a coroutine in a task of the given loop",
  async (kind) => {
    const loop = new EventLoop({ clock: new VirtualClock() });
    const future = ensureFuture(sleeper(kind)("x", 1), { loop });
    assertInstanceOf(future, Task);
    assertStrictEquals(future.getLoop(), loop);
    assertEquals(await loop.runUntilComplete(future), "x");
    loop.close();
  },
);

Deno.test("ensureFuture() wraps promises and other thenables", async () => {
  await inVirtualTime(async () => {
    const promise = ensureFuture(Promise.resolve("kept"));
    assertFalse(promise instanceof Task);
    assertEquals(await promise, "kept");
    const thenable: PromiseLike<string> = {
      then: (...args) => Promise.resolve("like").then(...args),
    };
    assertEquals(await ensureFuture(thenable), "like");
    const failed = ensureFuture(Promise.reject(new Error("rejected")));
    await assertRejects(async () => await failed, Error, "rejected");
  });
});

Deno.test("ensureFuture() refuses values that cannot be awaited, and names them", async () => {
  await inVirtualTime(async () => {
    for (
      const [value, text] of [
        [42, "42"],
        ["text", "'text'"],
        [null, "null"],
        [undefined, "undefined"],
        [{}, "{}"],
        [[], "[]"],
      ]
    ) {
      assertThrows(
        () => ensureFuture(value as PromiseLike<unknown>),
        TypeError,
        `A Future, a coroutine or an awaitable is required, got ${text}`,
      );
    }
  });
});

Deno.test("ensureFuture() refuses a future of another loop", async () => {
  await inVirtualTime(async () => {
    const other = new EventLoop({ clock: new VirtualClock() });
    const future = other.createFuture();
    assertThrows(
      () => ensureFuture(future, { loop: getRunningLoop() }),
      Error,
      "The future belongs to a different loop than the one specified as the loop argument",
    );
    other.close();
  });
});

// --- currentTask, allTasks

testKinds("currentTask() is the running task", async (kind) => {
  const seen: unknown[] = [];
  const look = inKind(kind, function* look() {
    for (let i = 0; i < 3; i++) {
      seen.push(currentTask());
      yield sleep(0);
    }
  });
  await inVirtualTime(async () => {
    const tasks = [createTask(look()), createTask(look())];
    await gather(tasks);
    const [a, b] = tasks;
    assertEquals(seen, [a, b, a, b, a, b]);
  });
});

Deno.test("currentTask() is null in a callback, and throws outside any loop", async () => {
  assertThrows(() => currentTask(), Error, "no running event loop");
  await inVirtualTime(async () => {
    const seen: unknown[] = [];
    const loop = getRunningLoop();
    const look = () => seen.push(currentTask());
    loop.callSoon(look);
    loop.callLater(1, look);
    createTask(sleep(0)).addDoneCallback(look);
    await sleep(2);
    assertEquals(seen, [null, null, null]);
  });
});

testKinds(
  "currentTask(loop) is null for a loop that does not run the current task",
  async (kind) => {
    const other = new EventLoop({ clock: new VirtualClock() });
    assertEquals(currentTask(other), null);
    const look = inKind(kind, function* look() {
      return [currentTask(other), currentTask(getRunningLoop())];
    });
    await inVirtualTime(async () => {
      const task = createTask(look());
      assertEquals(await task, [null, task]);
    });
    other.close();
  },
);

testKinds(
  "allTasks() has the tasks that are not done, in order of creation",
  async (kind) => {
    assertThrows(() => allTasks(), Error, "no running event loop");
    await inVirtualTime(async () => {
      const make = sleeper(kind);
      const main = currentTask()!;
      const [a, b, c] = [make("a", 2), make("b", 1), make("c", 3)]
        .map((coro) => createTask(coro));
      assertEquals([...allTasks()], [main, a, b, c]);
      await b;
      assertEquals([...allTasks()], [main, a, c]);
      await gather(a, c);
      assertEquals([...allTasks(getRunningLoop())], [main]);
    });
  },
);

Deno.test("allTasks() returns a new set", async () => {
  await inVirtualTime(async () => {
    allTasks().clear();
    assertEquals(allTasks().size, 1);
  });
});

// --- awaitables that a task cannot wait for

testKinds(
  "a task that awaits itself gets an error, and can continue",
  async (kind) => {
    await inVirtualTime(async () => {
      const task: Task<string> = createTask(
        inKind(kind, function* (): Script<string> {
          try {
            yield task;
          } catch (error) {
            assertEquals(
              (error as Error).message,
              `Task cannot await on itself: ${task}`,
            );
          }
          yield sleep(1);
          return "went on";
        })(),
      );
      assertEquals(await task, "went on");
    });
  },
);

testKinds(
  "the error for a task that awaits itself is thrown in the next turn",
  async (kind) => {
    const log: string[] = [];
    await inVirtualTime(async () => {
      const task: Task<void> = createTask(
        inKind(kind, function* (): Script<void> {
          getRunningLoop().callSoon(() => log.push("turn"));
          try {
            yield task;
          } catch {
            log.push("error");
          }
        })(),
      );
      await task;
    });
    assertEquals(log, ["turn", "error"]);
  },
);

testKinds(
  "a cancellation takes precedence over the error for a task that awaits itself",
  async (kind) => {
    await inVirtualTime(async () => {
      const task: Task<void> = createTask(
        inKind(kind, function* (): Script<void> {
          currentTask()!.cancel("first");
          yield task;
        })(),
      );
      await assertRejects(async () => await task, CancelledError, "first");
    });
  },
);

testKinds(
  "awaiting a future of another loop throws an error that says so, in the next turn",
  async (kind) => {
    const other = new EventLoop({ clock: new VirtualClock() });
    const future = other.createFuture<void>();
    const log: string[] = [];
    await inVirtualTime(
      inKind(kind, function* () {
        getRunningLoop().callSoon(() => log.push("turn"));
        try {
          yield future;
        } catch (error) {
          log.push((error as Error).message);
        }
        assertEquals(log, [
          "turn",
          `Task ${currentTask()} got Future ${future} attached to a different loop`,
        ]);
      })(),
    );
    other.close();
  },
);

// --- references to tasks

testKinds("a task without references still runs to its end", async (kind) => {
  const log: string[] = [];
  const work = inKind(kind, function* work(n: number) {
    yield sleep(n % 7);
    yield getRunningLoop().createTask(sleep(1));
    log.push(`${n}`);
  });
  await inVirtualTime(async () => {
    for (let i = 0; i < 50; i++) createTask(work(i));
    await sleep(0);
    assertEquals(allTasks().size, 51);
    await sleep(20);
  });
  assertEquals(log.length, 50);
});

testKinds(
  "a finished task is not among the tasks of its loop, however it ended",
  async (kind) => {
    const work = inKind(kind, function* work(how: string) {
      yield sleep(1);
      if (how === "fails") throw new Error(how);
    });
    await inVirtualTime(async () => {
      const tasks = ["returns", "fails", "cancelled", "never begins"]
        .map((how) => createTask(work(how)));
      tasks[3].cancel();
      await sleep(0);
      tasks[2].cancel();
      await gather(tasks, { returnExceptions: true });
      assertEquals(allTasks(), new Set([currentTask()!]));
      for (const task of tasks) {
        assertEquals([task["_previous"], task["_next"], task["_waits"]], [
          null,
          null,
          null,
        ]);
      }
    });
  },
);

testKinds(
  "a finished task releases the arguments and the steps of its coroutine",
  async (kind) => {
    await inVirtualTime(async () => {
      const task = createTask(sleeper(kind)("x", 1));
      await task;
      const coro = task.getCoro();
      assertEquals([coro["_args"], coro["_steps"], coro["_scope"]], [
        null,
        null,
        null,
      ]);
    });
  },
);

// --- exceptions that are never retrieved

testKinds(
  "an exception that is never retrieved is reported once, with its task",
  async (kind) => {
    const error = new Error("unseen");
    const fail = inKind(kind, function* fail() {
      yield sleep(0);
      throw error;
    });
    let task: Task<void> | undefined;
    const { contexts } = await runVirtually(async () => {
      task = createTask(fail());
      await sleep(1);
    });
    assertEquals(contexts.length, 1);
    assertEquals(contexts[0].message, "Task exception was never retrieved");
    assertStrictEquals(contexts[0].exception, error);
    assertStrictEquals(contexts[0].future, task);
  },
);

testKinds(
  "an exception that is retrieved, however late, is not reported",
  async (kind) => {
    const fail = inKind(kind, function* fail() {
      throw new Error("seen");
    });
    const looks: Record<string, (task: Task<void>) => unknown> = {
      "await": (task) => assertRejects(async () => await task),
      "result()": (task) => assertThrows(() => task.result()),
      "exception()": (task) => task.exception(),
      "gather()": (task) => gather([task], { returnExceptions: true }),
      "cancel()": (task) => task.cancel(),
    };
    for (const [how, look] of Object.entries(looks)) {
      const { contexts } = await runVirtually(async () => {
        const task = createTask(fail());
        await sleep(9);
        await look(task);
      });
      assertEquals(contexts, [], how);
    }
  },
);

testKinds(
  "a cancelled task that is never awaited is not reported",
  async (kind) => {
    const { contexts } = await runVirtually(async () => {
      createTask(sleeper(kind)("x")).cancel();
      const task = createTask(sleeper(kind)("y"));
      await sleep(0);
      task.cancel();
      await turns(3);
    });
    assertEquals(contexts, []);
  },
);

// --- eager start

testKinds(
  "eagerStart runs the coroutine at once, up to its first wait",
  async (kind) => {
    const log: string[] = [];
    const work = inKind(kind, function* work() {
      log.push("begins");
      yield sleep(0);
      log.push("goes on");
    });
    await inVirtualTime(async () => {
      const task = createTask(work(), { eagerStart: true });
      log.push("made");
      await task;
    });
    assertEquals(log, ["begins", "made", "goes on"]);
  },
);

testKinds(
  "eagerStart waits for the next turn if the loop does not run yet",
  async (kind) => {
    const loop = new EventLoop({ clock: new VirtualClock() });
    const log: string[] = [];
    const task = loop.createTask(
      inKind(kind, function* work() {
        log.push("begins");
      })(),
      { eagerStart: true },
    );
    assertEquals(log, []);
    await loop.runUntilComplete(task);
    assertEquals(log, ["begins"]);
    loop.close();
  },
);

for (const from of ["async", "generator", "callback"] as const) {
  testKinds(
    `a task started eagerly from ${from} is the current one, until its first wait`,
    async (kind) => {
      const log: string[] = [];
      const name = () => currentTask()?.getName() ?? "none";
      const child = inKind(kind, function* child() {
        log.push(name());
        yield sleep(0);
        log.push(name());
      });
      const start = () => {
        const task = createTask(child(), { eagerStart: true, name: "child" });
        log.push(name());
        return task;
      };
      await inVirtualTime(async () => {
        if (from === "callback") {
          getRunningLoop().callSoon(start);
          await turns(4);
          return;
        }
        const parent = inKind(from, function* parent() {
          yield start();
          log.push(name());
        });
        await createTask(parent(), { name: "parent" });
      });
      assertEquals(
        log,
        from === "callback"
          ? ["child", "none", "child"]
          : ["child", "parent", "child", "parent"],
      );
    },
  );
}

import { timersOf } from "../_internals.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  CancelledError,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  EventLoop,
  gather,
  getRunningLoop,
  isCoroutine,
  setEventLoop,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  Timeout,
  timeout,
  timeoutAt,
  TimeoutError,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inFakeTime,
  inKind,
  inVirtualTime,
  runScript,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { caught } from "../_kinds.ts";

/** Sleeps forever, and does not catch the cancellation. */
function* forever(): Script<void> {
  yield sleep(Infinity);
}

/** Cancels the current task, which swallows the cancellation. */
function* swallowed(): Script<void> {
  currentTask()!.cancel();
  assertInstanceOf(yield* caught(sleep(1)), CancelledError);
}

// The body

testKinds("timeout() returns the result of the body", async (kind) => {
  const value = await runScript(kind, function* main() {
    return yield timeout(
      2,
      inKind(kind, function* body() {
        yield sleep(1);
        return "value";
      }).body,
    );
  });
  assertEquals(value, "value");
});

testKinds("timeoutAt() returns the result of the body", async (kind) => {
  const value = await runScript(kind, function* main() {
    return yield timeoutAt(
      getRunningLoop().time() + 2,
      inKind(kind, function* body() {
        yield sleep(1);
        return "value";
      }).body,
    );
  });
  assertEquals(value, "value");
});

testKinds(
  "timeout() runs the body in the task that waits for it",
  async (kind) => {
    await runScript(kind, function* main() {
      const outside = currentTask();
      yield timeout(
        1,
        inKind(kind, function* body() {
          assertStrictEquals(currentTask(), outside);
        }).body,
      );
    });
  },
);

Deno.test("timeout() accepts a coroutine function and a function that returns a coroutine", async () => {
  await inVirtualTime(async () => {
    const work = inKind("async", function* work(scope: Timeout) {
      assertInstanceOf(scope, Timeout);
      return "value";
    });
    assertEquals(await timeout(1, work), "value");
    assertEquals(await timeout(1, () => sleep(0, "value")), "value");
  });
});

Deno.test("timeout() starts the body when it is awaited, not before", async () => {
  await inVirtualTime(async () => {
    let started = false;
    const todo = timeout(1, async () => {
      started = true;
    });
    assert(isCoroutine(todo));
    await sleep(0);
    assertFalse(started);
    await todo;
    assert(started);
  });
});

Deno.test("timeout() counts the time from when it is awaited", async () => {
  await inVirtualTime(async () => {
    const todo = timeout(1, async () => await sleep(0.75, "quick"));
    await sleep(5);
    assertEquals(await todo, "quick");
  });
});

Deno.test("timeout() can be wrapped in a task", async () => {
  await inVirtualTime(async () => {
    const task = createTask(timeout(1, async () => await sleep(60)));
    await assertRejects(async () => await task, TimeoutError);
  });
});

Deno.test("timeout() outside any task runs in the current loop", async () => {
  setEventLoop(new EventLoop());
  assertEquals(await timeout(60, async () => await sleep(0, 1)), 1);
  setEventLoop(null);
});

testKinds("timeout() throws the same error as the body", async (kind) => {
  const error = new RangeError("mine");
  let expired: boolean | undefined;
  const thrown = await runScript(kind, function* main() {
    return yield* caught(timeout(
      1,
      inKind(kind, function* body(scope: Timeout) {
        expired = scope.expired();
        throw error;
      }).body,
    ));
  });
  assertStrictEquals(thrown, error);
  assertEquals(expired, false);
});

testKinds("timeout() leaves no timer when it ends", async (kind) => {
  await runScript(kind, function* main() {
    const loop = getRunningLoop();
    yield timeout(1, inKind(kind, function* body() {}).body);
    assertEquals(timersOf(loop).size, 0);
    yield* caught(timeout(
      1,
      inKind(kind, function* body() {
        throw new Error("early");
      }).body,
    ));
    assertEquals(timersOf(loop).size, 0);
  });
});

// Expiry

testKinds(
  "timeout() throws TimeoutError when the time is up",
  async (kind) => {
    const { elapsed } = await runVirtually(
      inKind(kind, function* main() {
        let scope: Timeout | undefined;
        const error = yield* caught(timeout(
          2,
          inKind(kind, function* body(given: Timeout) {
            scope = given;
            yield sleep(60);
          }).body,
        ));
        assertInstanceOf(error, TimeoutError);
        assertInstanceOf(error.cause, CancelledError);
        assert(scope!.expired());
      })(),
    );
    assertEquals(elapsed, 2);
  },
);

testKinds("timeoutAt() throws TimeoutError at the deadline", async (kind) => {
  await runScript(kind, function* main() {
    const loop = getRunningLoop();
    const deadline = loop.time() + 2;
    let scope: Timeout | undefined;
    const error = yield* caught(timeoutAt(
      deadline,
      inKind(kind, function* body(given: Timeout) {
        scope = given;
        yield sleep(60);
      }).body,
    ));
    assertInstanceOf(error, TimeoutError);
    assertEquals(loop.time(), deadline);
    assertEquals(scope!.when(), deadline);
  });
});

testKinds("timeout() takes back its own cancellation", async (kind) => {
  await runScript(kind, function* main() {
    const task = currentTask()!;
    assertInstanceOf(
      yield* caught(timeout(1, inKind(kind, forever).body)),
      TimeoutError,
    );
    assertEquals(task.cancelling(), 0);
    assertFalse(task.signal.aborted);
    yield sleep(1); // no cancellation is left that this could throw
  });
});

testKinds(
  "the body sees a CancelledError, not the TimeoutError",
  async (kind) => {
    let seen: unknown;
    await runScript(kind, function* main() {
      yield* caught(timeout(
        1,
        inKind(kind, function* body() {
          seen = yield* caught(sleep(60));
          throw seen;
        }).body,
      ));
    });
    assertInstanceOf(seen, CancelledError);
  },
);

testKinds("a body may suppress the cancellation", async (kind) => {
  const value = await runScript(kind, function* main() {
    const value: string = yield timeout(
      1,
      inKind(kind, function* body() {
        yield* caught(sleep(60));
        return "had its way";
      }).body,
    );
    assertEquals(currentTask()!.cancelling(), 0);
    yield sleep(1);
    return value;
  });
  assertEquals(value, "had its way");
});

testKinds("an error of the body replaces the TimeoutError", async (kind) => {
  const error = new RangeError("while cleaning up");
  const thrown = await runScript(kind, function* main() {
    return yield* caught(timeout(
      1,
      inKind(kind, function* body() {
        try {
          yield sleep(60);
        } finally {
          // deno-lint-ignore no-unsafe-finally -- this is what the test is about
          throw error;
        }
      }).body,
    ));
  });
  assertStrictEquals(thrown, error);
});

Deno.test("an error caused by the expiry has a TimeoutError as its cause", async () => {
  await inVirtualTime(async () => {
    const thrown = await assertRejects(
      async () =>
        await timeout(1, async () => {
          try {
            await sleep(60);
          } catch (cause) {
            throw new Error("lost the connection", { cause });
          }
        }),
      Error,
      "lost the connection",
    );
    assertInstanceOf(thrown.cause, TimeoutError);
    assertInstanceOf(thrown.cause.cause, CancelledError);
  });
});

Deno.test("errors of a group caused by the expiry have a TimeoutError as their cause", async () => {
  await inVirtualTime(async () => {
    const thrown = await assertRejects(
      async () =>
        await timeout(1, () =>
          taskGroup(async (group) => {
            for (let i = 0; i < 3; i++) {
              group.createTask(async () => {
                try {
                  await sleep(60);
                } catch (cause) {
                  throw new Error(`lost ${i}`, { cause });
                }
              });
            }
          })),
      AggregateError,
    );
    for (const error of thrown.errors) {
      assertInstanceOf(error.cause, TimeoutError);
    }
    assertEquals(thrown.errors.length, 3);
  });
});

Deno.test("an error of the body before the expiry keeps its cause", async () => {
  await inVirtualTime(async () => {
    const cause = new CancelledError();
    const thrown = await assertRejects(
      async () =>
        await timeout(1, async () => {
          throw new Error("early", { cause });
        }),
      Error,
      "early",
    );
    assertStrictEquals(thrown.cause, cause);
  });
});

for (const delay of [0, -0, -1, -11.5, -Infinity]) {
  testKinds(`timeout(${delay}) expires when the body waits`, async (kind) => {
    const { elapsed } = await runVirtually(
      inKind(kind, function* main() {
        const log: string[] = [];
        const error = yield* caught(timeout(
          delay,
          inKind(kind, function* body() {
            log.push("started");
            yield sleep(0);
            log.push("not reached");
          }).body,
        ));
        assertInstanceOf(error, TimeoutError);
        assertEquals(log, ["started"]);
      })(),
    );
    assertEquals(elapsed, 0);
  });
}

testKinds(
  "timeout(0) returns the result of a body that never waits",
  async (kind) => {
    const value = await runScript(
      kind,
      () => caught(timeout(0, inKind(kind, function* body() {}).body)),
    );
    assertEquals(value, null);
  },
);

testKinds(
  "timeoutAt() with a time in the past expires when the body waits",
  async (kind) => {
    await runScript(kind, function* main() {
      yield sleep(10);
      const error = yield* caught(
        timeoutAt(getRunningLoop().time() - 5, inKind(kind, forever).body),
      );
      assertInstanceOf(error, TimeoutError);
    });
  },
);

for (const none of [null, undefined, Infinity]) {
  testKinds(
    `timeout(${none}) and timeoutAt(${none}) have no limit`,
    async (kind) => {
      await runScript(kind, function* main() {
        for (const scoped of [timeout, timeoutAt]) {
          yield scoped(
            none,
            inKind(kind, function* body(scope: Timeout) {
              yield sleep(1e9);
              assertFalse(scope.expired());
              assertEquals(scope.when(), none === Infinity ? Infinity : null);
              assertEquals(timersOf(getRunningLoop()).size, 0);
            }).body,
          );
        }
      });
    },
  );
}

Deno.test("timeout() follows FakeTime", async () => {
  using time = new FakeTime(0);
  const loop = new EventLoop();
  const main = loop.runUntilComplete(
    timeout(2, async () => await sleep(60)),
  );
  let ended = false;
  main.catch(() => {}).finally(() => ended = true);
  await time.tickAsync(1999);
  assertFalse(ended);
  await time.tickAsync(1);
  await time.runMicrotasks();
  assert(ended);
  await assertRejects(() => main, TimeoutError);
  loop.close();
});

Deno.test("timeout() beyond the limit of the host's timers expires on time", async () => {
  const days = 30;
  await inFakeTime(async () => {
    const loop = getRunningLoop();
    await assertRejects(
      async () =>
        await timeout(days * 86400, async () => await sleep(Infinity)),
      TimeoutError,
    );
    assertEquals(loop.time(), days * 86400);
  });
});

Deno.test("the timeout() of the middle one of three tasks does not affect the others", async () => {
  await inVirtualTime(async () => {
    const tasks = [3, 1, 4].map((limit) =>
      createTask(timeout(limit, async () => await sleep(2, limit)))
    );
    const outcomes = await gather(tasks, { returnExceptions: true });
    assertEquals(outcomes[0], 3);
    assertInstanceOf(outcomes[1], TimeoutError);
    assertEquals(outcomes[2], 4);
  });
});

Deno.test("timeout() reaches all waits of a Promise.all", async () => {
  await inVirtualTime(async () => {
    const ended: number[] = [];
    async function nap(n: number) {
      try {
        await sleep(60);
      } finally {
        ended.push(n);
      }
    }
    await assertRejects(
      async () =>
        await timeout(1, async () => {
          await Promise.all([nap(1), nap(2), nap(3)]);
        }),
      TimeoutError,
    );
    await sleep(0); // Promise.all() itself does not wait for the others
    assertEquals(ended, [1, 2, 3]);
  });
});

// A native promise cannot be cancelled

Deno.test("timeout() of a body that waits for a native promise expires at the next wait", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const native = Promise.withResolvers<void>();
    getRunningLoop().callLater(5, native.resolve);
    await assertRejects(
      async () =>
        await timeout(1, async () => {
          await native.promise;
          log.push("after the promise");
          await sleep(1);
          log.push("not reached");
        }),
      TimeoutError,
    );
    assertEquals(log, ["after the promise"]);
  });
});

Deno.test("timeout() that expires during a native promise leaves no cancellation behind if the body then ends", async () => {
  await inVirtualTime(async () => {
    const native = Promise.withResolvers<string>();
    getRunningLoop().callLater(5, native.resolve, "value");
    assertEquals(await timeout(1, async () => await native.promise), "value");
    assertEquals(currentTask()!.cancelling(), 0);
    await sleep(1);
  });
});

Deno.test("timeout() that expires during a native promise leaves no cancellation behind, even after a swallowed one", async () => {
  // uncancel() lowered the count, but since it did not reach zero, the next
  // wait still threw the cancellation.
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      currentTask()!.cancel();
      await sleep(1).then(undefined, () => {});
      const native = Promise.withResolvers<string>();
      getRunningLoop().callLater(5, native.resolve, "value");
      assertEquals(await timeout(1, async () => await native.promise), "value");
      assertEquals(currentTask()!.cancelling(), 1);
      await sleep(1);
      return "went on";
    });
    assertEquals(await task, "went on");
  });
});

Deno.test("timeout() aborts the signal of a wrapped promise", async () => {
  await inVirtualTime(async () => {
    let aborted: AbortSignal | undefined;
    await assertRejects(
      async () =>
        await timeout(1, async () =>
          await wrapFuture((signal) => {
            aborted = signal;
            return new Promise(() => {});
          })),
      TimeoutError,
    );
    assert(aborted!.aborted);
  });
});

// Cancellation from outside

testKinds(
  "a cancellation from outside propagates through timeout()",
  async (kind) => {
    await runScript(kind, function* main() {
      let scope: Timeout | undefined;
      const task = createTask(inKind(kind, function* work() {
        yield timeout(
          10,
          inKind(kind, function* body(given: Timeout) {
            scope = given;
            yield sleep(60);
          }).body,
        );
      }));
      yield sleep(1);
      task.cancel("enough");
      const error = yield* caught(task);
      assertInstanceOf(error, CancelledError);
      assertEquals(error.message, "enough");
      assert(task.cancelled());
      assertFalse(scope!.expired());
    });
  },
);

testKinds(
  "a body that cancels its own task is cancelled, not timed out",
  async (kind) => {
    await runScript(kind, function* main() {
      let scope: Timeout | undefined;
      const error = yield* caught(timeout(
        10,
        inKind(kind, function* body(given: Timeout) {
          scope = given;
          currentTask()!.cancel();
          yield sleep(60);
        }).body,
      ));
      assertInstanceOf(error, CancelledError);
      assertFalse(scope!.expired());
    });
  },
);

for (
  const [order, delays] of [["before", [0, 1]], ["after", [1, 0]]] as const
) {
  testKinds(
    `a cancellation from outside just ${order} the expiry, in the same turn, is thrown`,
    async (kind) => {
      await runScript(kind, function* main() {
        const loop = getRunningLoop();
        const deadline = loop.time() + 1;
        let task: Task<unknown> | null = null;
        const cancel = () => task!.cancel("from outside");
        if (delays[0] === 0) loop.callAt(deadline, cancel);
        const work = inKind(kind, function* work() {
          yield timeoutAt(deadline, inKind(kind, forever).body);
        });
        task = createTask(work());
        yield sleep(0);
        if (delays[0] === 1) loop.callAt(deadline, cancel);
        assertInstanceOf(yield* caught(task), CancelledError);
        assert(task.cancelled());
        assertEquals(task.cancelling(), 1);
      });
    },
  );
}

testKinds(
  "a cancellation from outside while the body cleans up after the expiry is thrown",
  async (kind) => {
    await runScript(kind, function* main() {
      const log: string[] = [];
      const task = createTask(inKind(kind, function* work() {
        yield timeout(
          1,
          inKind(kind, function* body() {
            try {
              yield sleep(60);
            } finally {
              yield sleep(2);
              log.push("not reached");
            }
          }).body,
        );
      }));
      yield sleep(2);
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(log, []);
    });
  },
);

testKinds(
  "timeout(0) does not swallow a cancellation requested before it",
  async (kind) => {
    // CPython takes that cancellation as handled and throws TimeoutError.
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        currentTask()!.cancel();
        yield timeout(0, inKind(kind, forever).body);
      }));
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
    });
  },
);

testKinds(
  "timeout(1) does not swallow a cancellation requested before it",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        currentTask()!.cancel();
        yield timeout(1, inKind(kind, forever).body);
      }));
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
    });
  },
);

testKinds(
  "nested timeout(0) do not swallow a cancellation requested before them",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        currentTask()!.cancel();
        yield timeout(
          0,
          inKind(kind, function* outer() {
            yield timeout(0, inKind(kind, forever).body);
          }).body,
        );
      }));
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
    });
  },
);

testKinds(
  "timeout() expires even after a swallowed cancellation",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        yield* swallowed();
        for (const delay of [0, 1]) {
          assertInstanceOf(
            yield* caught(timeout(delay, inKind(kind, forever).body)),
            TimeoutError,
          );
          assertEquals(currentTask()!.cancelling(), 1);
        }
        yield sleep(1);
        return "went on";
      }));
      assertEquals(yield task, "went on");
    });
  },
);

testKinds(
  "a cancellation inside timeout() is thrown even after a swallowed one",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        yield* swallowed();
        yield timeout(
          1,
          inKind(kind, function* body() {
            currentTask()!.cancel("second");
            yield sleep(2);
          }).body,
        );
      }));
      const error = yield* caught(task);
      assertInstanceOf(error, CancelledError);
      assertEquals(error.message, "second");
    });
  },
);

testKinds(
  "uncancel() of a request inside timeout() does not affect the timeout",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = currentTask()!;
      const error = yield* caught(timeout(
        1,
        inKind(kind, function* body() {
          task.cancel();
          assertInstanceOf(yield* caught(sleep(60)), CancelledError);
          assertEquals(task.uncancel(), 0);
          yield sleep(60);
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assertEquals(task.cancelling(), 0);
    });
  },
);

// Nested timeouts

for (
  const { name, outer, inner, blamed } of [
    { name: "the inner one", outer: 5, inner: 1, blamed: "inner" },
    { name: "the outer one", outer: 1, inner: 5, blamed: "outer" },
    {
      name: "the outer one of two at once",
      outer: 1,
      inner: 1,
      blamed: "outer",
    },
    { name: "the outer one of two zeros", outer: 0, inner: 0, blamed: "outer" },
  ]
) {
  testKinds(`of nested timeouts ${name} throws`, async (kind) => {
    await runScript(kind, function* main() {
      const log: string[] = [];
      try {
        yield timeout(
          outer,
          inKind(kind, function* outerBody() {
            try {
              yield timeout(inner, inKind(kind, forever).body);
            } catch (error) {
              log.push(
                error instanceof TimeoutError ? "inner" : "cancelled",
              );
              throw error;
            }
          }).body,
        );
      } catch (error) {
        assertInstanceOf(error, TimeoutError);
        if (log[0] === "cancelled") log.push("outer");
      }
      assertEquals(
        log,
        blamed === "inner" ? ["inner"] : ["cancelled", "outer"],
      );
      assertEquals(currentTask()!.cancelling(), 0);
    });
  });
}

testKinds(
  "nested timeouts that expire at the same time have both expired",
  async (kind) => {
    await runScript(kind, function* main() {
      const scopes: Timeout[] = [];
      const deadline = getRunningLoop().time() + 1;
      const error = yield* caught(timeoutAt(
        deadline,
        inKind(kind, function* outer(scope: Timeout) {
          scopes.push(scope);
          yield timeoutAt(
            deadline,
            inKind(kind, function* inner(scope: Timeout) {
              scopes.push(scope);
              yield sleep(60);
            }).body,
          );
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assertEquals(scopes.map((scope) => scope.expired()), [true, true]);
    });
  },
);

testKinds(
  "the outer timeout still expires after the inner timeout has thrown",
  async (kind) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const start = loop.time();
      const error = yield* caught(timeout(
        3,
        inKind(kind, function* outer() {
          const error = yield* caught(timeout(1, inKind(kind, forever).body));
          assertInstanceOf(error, TimeoutError);
          assertEquals(loop.time() - start, 1);
          yield sleep(60);
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assertEquals(loop.time() - start, 3);
    });
  },
);

testKinds(
  "a timeout in the finally block of an expired timeout works",
  async (kind) => {
    await runScript(kind, function* main() {
      let inner: unknown;
      const outer = yield* caught(timeout(
        1,
        inKind(kind, function* body() {
          try {
            yield sleep(60);
          } finally {
            inner = yield* caught(timeout(1, inKind(kind, forever).body));
          }
        }).body,
      ));
      assertInstanceOf(inner, TimeoutError);
      assertInstanceOf(outer, TimeoutError);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

// TaskGroup.cancel() in a timeout, a timeout in a TaskGroup

testKinds(
  "TaskGroup.cancel() inside timeout() ends the group without an error",
  async (kind) => {
    await runScript(kind, function* main() {
      const value = yield timeout(
        10,
        inKind(kind, function* body(scope: Timeout) {
          yield taskGroup(
            inKind(kind, function* body(group: TaskGroup) {
              group.createTask(sleep(60));
              getRunningLoop().callLater(1, () => group.cancel());
              yield sleep(60);
            }).body,
          );
          assertFalse(scope.expired());
          return "went on";
        }).body,
      );
      assertEquals(value, "went on");
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testKinds(
  "TaskGroup.cancel() at the deadline of timeout() does not swallow the TimeoutError",
  async (kind) => {
    await runScript(kind, function* main() {
      const error = yield* caught(timeout(
        1,
        inKind(kind, function* body() {
          yield taskGroup(
            inKind(kind, function* body(group: TaskGroup) {
              group.createTask(sleep(60));
              getRunningLoop().callLater(1, () => group.cancel());
              yield sleep(60);
            }).body,
          );
          yield sleep(60);
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assertEquals(currentTask()!.cancelling(), 0);
    });
  },
);

testKinds(
  "timeout() that expires in a TaskGroup cancels neither group nor siblings",
  async (kind) => {
    await runScript(kind, function* main() {
      yield taskGroup(
        inKind(kind, function* body(group: TaskGroup) {
          const sibling = group.createTask(sleep(5, "sibling"));
          const error = yield* caught(timeout(1, inKind(kind, forever).body));
          assertInstanceOf(error, TimeoutError);
          assertEquals(yield sibling, "sibling");
        }).body,
      );
    });
  },
);

// reschedule()

testKinds("reschedule() moves the deadline", async (kind) => {
  await runScript(kind, function* main() {
    const loop = getRunningLoop();
    const start = loop.time();
    const error = yield* caught(timeout(
      1,
      inKind(kind, function* body(scope: Timeout) {
        scope.reschedule(start + 5);
        assertEquals(scope.when(), start + 5);
        assertEquals(timersOf(loop).size, 1);
        yield sleep(60);
      }).body,
    ));
    assertInstanceOf(error, TimeoutError);
    assertEquals(loop.time() - start, 5);
  });
});

testKinds(
  "reschedule() can make the deadline earlier, from outside the task",
  async (kind) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const start = loop.time();
      let scope: Timeout | undefined;
      const task = createTask(inKind(kind, function* work() {
        yield timeout(
          60,
          inKind(kind, function* body(given: Timeout) {
            scope = given;
            yield sleep(Infinity);
          }).body,
        );
      }));
      yield sleep(0);
      scope!.reschedule(start + 1);
      assertInstanceOf(yield* caught(task), TimeoutError);
      assertEquals(loop.time() - start, 1);
    });
  },
);

for (const never of [null, undefined, Infinity]) {
  testKinds(`reschedule(${never}) removes the limit`, async (kind) => {
    await runScript(kind, function* main() {
      yield timeout(
        1,
        inKind(kind, function* body(scope: Timeout) {
          scope.reschedule(never);
          assertEquals(scope.when(), never === Infinity ? Infinity : null);
          assertEquals(timersOf(getRunningLoop()).size, 0);
          yield sleep(60);
          assertFalse(scope.expired());
        }).body,
      );
    });
  });
}

testKinds("reschedule() sets a limit if there was none", async (kind) => {
  await runScript(kind, function* main() {
    const loop = getRunningLoop();
    const error = yield* caught(timeout(
      null,
      inKind(kind, function* body(scope: Timeout) {
        scope.reschedule(loop.time() + 1);
        yield sleep(60);
      }).body,
    ));
    assertInstanceOf(error, TimeoutError);
  });
});

testKinds(
  "reschedule() to a time in the past expires at the next wait",
  async (kind) => {
    await runScript(kind, function* main() {
      yield sleep(10);
      const loop = getRunningLoop();
      const start = loop.time();
      const error = yield* caught(timeout(
        60,
        inKind(kind, function* body(scope: Timeout) {
          scope.reschedule(start - 1);
          yield sleep(60);
        }).body,
      ));
      assertInstanceOf(error, TimeoutError);
      assertEquals(loop.time(), start);
    });
  },
);

testKinds(
  "reschedule() can keep a timeout(0) that is due from expiring",
  async (kind) => {
    await runScript(kind, function* main() {
      yield timeout(
        0,
        inKind(kind, function* body(scope: Timeout) {
          scope.reschedule(null);
          yield sleep(1);
        }).body,
      );
    });
  },
);

testKinds(
  "reschedule() throws while the timeout is expiring",
  async (kind) => {
    await runScript(kind, function* main() {
      yield timeout(
        1,
        inKind(kind, function* body(scope: Timeout) {
          yield* caught(sleep(60));
          assertThrows(
            () => scope.reschedule(100),
            Error,
            "Cannot change state of expiring Timeout",
          );
          assertEquals(timersOf(getRunningLoop()).size, 0);
        }).body,
      );
    });
  },
);

testKinds("reschedule() throws after the expiry", async (kind) => {
  await runScript(kind, function* main() {
    let scope: Timeout | undefined;
    yield* caught(timeout(
      1,
      inKind(kind, function* body(given: Timeout) {
        scope = given;
        yield sleep(60);
      }).body,
    ));
    assertThrows(
      () => scope!.reschedule(100),
      Error,
      "Cannot change state of expired Timeout",
    );
    assertEquals(timersOf(getRunningLoop()).size, 0);
  });
});

testKinds("reschedule() throws after the end of the body", async (kind) => {
  await runScript(kind, function* main() {
    let scope: Timeout | undefined;
    yield timeout(
      1,
      inKind(kind, function* body(given: Timeout) {
        scope = given;
      }).body,
    );
    assertThrows(
      () => scope!.reschedule(100),
      Error,
      "Cannot change state of finished Timeout",
    );
    assertEquals(timersOf(getRunningLoop()).size, 0);
  });
});

Deno.test("reschedule() throws before the body begins", () => {
  assertThrows(
    () => new Timeout(1).reschedule(2),
    Error,
    "Timeout has not been entered",
  );
});

// Printed text

testKinds("a Timeout prints its state", async (kind) => {
  const texts = await runScript(kind, function* main() {
    const texts: string[] = [];
    let scope: Timeout | undefined;
    yield timeoutAt(
      10.12345,
      inKind(kind, function* body(given: Timeout) {
        scope = given;
        texts.push(`${scope}`, Deno.inspect(scope));
        scope.reschedule(null);
        texts.push(`${scope}`);
      }).body,
    );
    texts.push(`${scope}`);
    yield* caught(timeout(
      1,
      inKind(kind, function* body(given: Timeout) {
        scope = given;
        yield* caught(sleep(60));
        texts.push(`${scope}`);
      }).body,
    ));
    texts.push(`${scope}`);
    return texts;
  });
  assertEquals(texts, [
    "<Timeout [active] when=10.123>",
    "<Timeout [active] when=10.123>",
    "<Timeout [active] when=None>",
    "<Timeout [finished]>",
    "<Timeout [expiring]>",
    "<Timeout [expired]>",
  ]);
});

// Bad input

const badLimits: [name: string, limit: unknown][] = [
  ["NaN", NaN],
  ["a string", "1"],
  ["true", true],
  ["a bigint", 1n],
  ["an object", {}],
  ["a date", new Date(0)],
  ["options instead of the delay", { timeout: 1 }],
  ["a function instead of the delay", () => 1],
];

for (const [name, limit] of badLimits) {
  Deno.test(`timeout() and timeoutAt() refuse ${name}, and start nothing`, async () => {
    await inVirtualTime(async () => {
      let started = false;
      const body = async () => {
        started = true;
      };
      for (const scoped of [timeout, timeoutAt]) {
        assertThrows(
          () => scoped(limit as number, body),
          TypeError,
          "what is not a number of seconds",
        );
      }
      await sleep(1);
      assertFalse(started);
    });
  });

  Deno.test(`reschedule() refuses ${name}, and the old deadline remains`, async () => {
    await inVirtualTime(async () => {
      const loop = getRunningLoop();
      const deadline = loop.time() + 1;
      await assertRejects(
        async () =>
          await timeoutAt(deadline, async (scope) => {
            assertThrows(
              () => scope.reschedule(limit as number),
              TypeError,
              "what is not a number of seconds",
            );
            assertEquals(scope.when(), deadline);
            await sleep(60);
          }),
        TimeoutError,
      );
      assertEquals(loop.time(), deadline);
    });
  });
}

const badBodies: [name: string, body: unknown][] = [
  ["nothing", undefined],
  ["null", null],
  ["a number", 1],
  ["a promise, which has already started", Promise.resolve()],
  ["an object", {}],
];

for (const [name, body] of badBodies) {
  Deno.test(`timeout() and timeoutAt() refuse ${name} as a body`, () => {
    for (const scoped of [timeout, timeoutAt]) {
      assertThrows(
        () => scoped(1, body as () => Promise<void>),
        TypeError,
        "not an async function or a function*",
      );
    }
  });
}

Deno.test("timeout() refuses a coroutine as a body, and the coroutine can still be used", async () => {
  await inVirtualTime(async () => {
    const coro = sleep(0, "kept");
    assertThrows(
      () => timeout(1, coro as unknown as () => Coroutine<string>),
      TypeError,
      "not an async function or a function*",
    );
    assertEquals(await coro, "kept");
  });
});

for (
  const [name, body] of [
    ["a number", () => 1],
    ["nothing", () => {}],
  ] as const
) {
  Deno.test(`timeout() of a function that returns ${name} throws a TypeError`, async () => {
    await inVirtualTime(async () => {
      await assertRejects(
        async () => await timeout(1, body as unknown as () => Promise<void>),
        TypeError,
        "a coroutine was expected",
      );
      assertEquals(timersOf(getRunningLoop()).size, 0);
    });
  });
}

Deno.test("timeout() cannot be awaited twice", async () => {
  await inVirtualTime(async () => {
    const todo = timeout(1, async () => 1);
    await todo;
    await assertRejects(
      async () => await todo,
      Error,
      "cannot reuse already awaited coroutine",
    );
  });
});

Deno.test("a cancellation after a waitFor() that ends at once is thrown once", async () => {
  // A step that ended at once was not closed, so later waits counted as part of
  // it, and all of them were cancelled.
  await inVirtualTime(function* main() {
    yield* waitFor(coroutine(function* atOnce() {})(), 1);
    currentTask()!.cancel("once");
    let thrown = 0;
    for (let i = 0; i < 3; i++) {
      try {
        yield* sleep(1);
      } catch (error) {
        assertInstanceOf(error, CancelledError);
        thrown++;
      }
    }
    assertEquals(thrown, 1);
  });
});

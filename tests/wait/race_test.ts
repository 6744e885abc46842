// Copyright 2026 the asyncio authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  allTasks,
  type Awaitable,
  CancelledError,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  eagerTaskFactory,
  Event,
  EventLoop,
  Future,
  gather,
  getRunningLoop,
  isCoroutine,
  Lock,
  moveOnAfter,
  Queue,
  race,
  run,
  Semaphore,
  shield,
  sleep,
  type Task,
  taskGroup,
  timeout,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { caught, startTasks, testStarts } from "../_kinds.ts";

/** Runs a script as the main coroutine, in virtual time. */
function runScript<T>(kind: Kind, script: () => Script<T>): Promise<T> {
  return inVirtualTime(inKind(kind, script)());
}

/** A coroutine function that logs how each of its calls has ended. */
function runner(
  kind: Kind,
  log: string[],
): (name: string, delay: number) => Coroutine<string> {
  return inKind(kind, function* runner(name: string, delay: number) {
    try {
      yield sleep(delay);
    } catch (error) {
      assertInstanceOf(error, CancelledError);
      log.push(`${name} cancelled`);
      throw error;
    }
    log.push(`${name} done`);
    return name;
  });
}

/** Declines a cancellation: ends a second after it, with a result. */
function decliner(kind: Kind): () => Coroutine<string> {
  return inKind(kind, function* decliner() {
    try {
      yield sleep(Infinity);
    } catch (error) {
      assertInstanceOf(error, CancelledError);
    }
    yield sleep(1);
    return "declined";
  });
}

/** Fails a second after it was cancelled. */
function failsCleaningUp(kind: Kind, error: Error): () => Coroutine<never> {
  return inKind(kind, function* failsCleaningUp(): Script<never> {
    yield* caught(sleep(Infinity));
    yield sleep(1);
    throw error;
  });
}

const NAMES = ["first", "middle", "last"] as const;

/** What looks like a promise, once. */
function formerThenable(): PromiseLike<string> {
  let looks = 0;
  return {
    get then(): never {
      return (looks++ === 0 ? () => {} : undefined) as never;
    },
  };
}

// Who wins

for (const [index, winner] of NAMES.entries()) {
  testStarts(
    `race() gives the result of the ${winner} of three if that is done first`,
    async (kind, start) => {
      const log: string[] = [];
      const result = await runScript(kind, function* main() {
        startTasks(getRunningLoop(), start);
        const contestant = runner(kind, log);
        return yield race(
          NAMES.map((name, i) => contestant(name, i === index ? 1 : 2)),
        );
      });
      assertEquals(result, winner);
      const others = NAMES.filter((name) => name !== winner);
      assertEquals(log, [
        `${winner} done`,
        ...others.map((name) => `${name} cancelled`),
      ]);
    },
  );

  testStarts(
    `race() throws the error of the ${winner} of three if that fails first, the same object`,
    async (kind, start) => {
      const log: string[] = [];
      const error = new RangeError("mine");
      const fail = inKind(kind, function* fail() {
        yield sleep(1);
        throw error;
      });
      const thrown = await runScript(kind, function* main() {
        startTasks(getRunningLoop(), start);
        const contestant = runner(kind, log);
        return yield* caught(race(
          NAMES.map((name, i) => i === index ? fail() : contestant(name, 2)),
        ));
      });
      assertStrictEquals(thrown, error);
      const others = NAMES.filter((name) => name !== winner);
      assertEquals(log, others.map((name) => `${name} cancelled`));
    },
  );

  testKinds(
    `race() is decided by the ${winner} of three that somebody else cancels`,
    async (kind) => {
      const log: string[] = [];
      const thrown = await runScript(kind, function* main() {
        const contestant = runner(kind, log);
        const tasks = NAMES.map((name) => createTask(contestant(name, 60)));
        getRunningLoop().callLater(1, () => tasks[index].cancel("mine"));
        return yield* caught(race(tasks));
      });
      assertInstanceOf(thrown, CancelledError);
      assertEquals(thrown.message, "mine");
      const others = NAMES.filter((name) => name !== winner);
      assertEquals(
        log,
        [winner, ...others].map((name) => `${name} cancelled`),
      );
    },
  );
}

testKinds("race() takes whatever can be awaited", async (kind) => {
  const results = await runScript(kind, function* main() {
    const loop = getRunningLoop();
    const future = loop.createFuture<string>();
    loop.callLater(1, () => future.setResult("future"));
    const never = () => sleep(Infinity, "never");
    const contestants: Awaitable<string>[] = [
      sleep(1, "coroutine"),
      async () => await sleep(1, "async function"),
      function* () {
        return yield* sleep(1, "generator function");
      },
      createTask(sleep(1, "task")),
      future,
      Promise.resolve("promise"),
      gather(sleep(0)).then(() => "thenable", () => "failed"),
    ];
    const results: string[] = [];
    for (const contestant of contestants) {
      results.push(yield race(never(), contestant, never));
    }
    return results;
  });
  assertEquals(results, [
    "coroutine",
    "async function",
    "generator function",
    "task",
    "future",
    "promise",
    "thenable",
  ]);
});

testKinds("race() takes any iterable", async (kind) => {
  const results = await runScript(kind, function* main() {
    const delays = [2, 1, 3];
    return [
      yield race(new Set(delays.map((delay) => sleep(delay, delay)))),
      yield race(function* () {
        for (const delay of delays) yield sleep(delay, delay);
      }()),
    ];
  });
  assertEquals(results, [1, 1]);
});

testKinds("race() of one gives what that gives", async (kind) => {
  const error = new Error("mine");
  const outcomes = await runScript(kind, function* main() {
    return [
      yield race(sleep(1, "alone")),
      yield race([sleep(1, "alone in a list")]),
      yield* caught(race(async () => {
        throw error;
      })),
    ];
  });
  assertEquals(outcomes, ["alone", "alone in a list", error]);
});

testStarts(
  "race() of three that are done in the same turn gives the first one's result",
  async (kind, start) => {
    const results = await runScript(kind, function* main() {
      startTasks(getRunningLoop(), start);
      const at = (delay: number) =>
        NAMES.map((name) =>
          inKind(kind, function* () {
            if (delay > 0) yield sleep(delay);
            return name;
          })()
        );
      return [yield race(at(0)), yield race(at(1))];
    });
    assertEquals(results, ["first", "first"]);
  },
);

testStarts(
  "race() starts its tasks in order, one turn later",
  async (kind, start) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      startTasks(getRunningLoop(), start);
      const contestant = (name: string) =>
        inKind(kind, function* () {
          log.push(name);
          yield sleep(1);
        });
      getRunningLoop().callSoon(() => log.push("before"));
      yield race(NAMES.map((name) => contestant(name)()));
    });
    assertEquals(log, ["before", "first", "middle", "last"]);
  },
);

testStarts(
  "race() does not start the tasks behind one that ends in its first step",
  async (kind, start) => {
    const log: string[] = [];
    const result = await runScript(kind, function* main() {
      startTasks(getRunningLoop(), start);
      const contestant = (name: string) =>
        inKind(kind, function* () {
          log.push(name);
          return name;
        });
      return yield race(contestant("a"), contestant("b"), contestant("c"));
    });
    assertEquals(result, "a");
    assertEquals(log, ["a"]);
  },
);

testKinds(
  "race() with futures that are done gives the first of those and starts nothing",
  async (kind) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const [done, alsoDone, pending] = [1, 2, 3].map(() =>
        loop.createFuture<string>()
      );
      done.setResult("done");
      alsoDone.setResult("also done");
      const work = coroutine(async () => {
        throw new Error("was started");
      });
      const unstarted = work();
      const other = createTask(sleep(60));
      loop.setTaskFactory(() => {
        throw new Error("a task was made");
      });
      assertEquals(
        yield race(unstarted, pending, done, work, other, alsoDone),
        "done",
      );
      assert(pending.cancelled());
      assert(other.cancelled());
      assertEquals(alsoDone.result(), "also done");
      loop.setTaskFactory(null);
      assertThrows(() => createTask(unstarted), Error, "cannot reuse");
    });
  },
);

testKinds(
  "race() with a future that is done hides the rejection of a promise",
  async (kind) => {
    await runScript(kind, function* main() {
      const done = getRunningLoop().createFuture<string>();
      done.setResult("done");
      // An unhandled rejection would fail the test.
      const rejected = Promise.reject(new Error("too late"));
      assertEquals(yield race(rejected, done), "done");
      yield sleep(1);
    });
  },
);

testKinds(
  "race() that is decided reports a loser that cannot be awaited any more",
  async (kind) => {
    const { result, contexts } = await runVirtually(
      inKind(kind, function* main() {
        const done = getRunningLoop().createFuture<string>();
        done.setResult("done");
        return yield race(done, formerThenable());
      })(),
    );
    assertEquals(result, "done");
    assertEquals(contexts.length, 1);
    assertMatch(
      String(contexts[0].exception),
      /^TypeError: Cannot wrap what is not a promise/,
    );
  },
);

testKinds(
  "race() waits once for a future that is given twice",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(sleep(1, "task"));
      assertEquals(yield race(task, task, sleep(2)), "task");
    });
  },
);

testKinds("race() makes a task of each use of a function", async (kind) => {
  let started = 0;
  await runScript(kind, function* main() {
    const work = inKind(kind, function* work() {
      started++;
      yield sleep(1);
    });
    yield race(work, work);
  });
  assertEquals(started, 2);
});

// The others end

testKinds(
  "race() waits for those that take long to clean up",
  async (kind) => {
    const log: string[] = [];
    const { elapsed } = await runVirtually(
      inKind(kind, function* main() {
        const slow = inKind(kind, function* slow() {
          try {
            yield sleep(Infinity);
          } finally {
            yield sleep(5);
            log.push("cleaned up");
          }
        });
        log.push(yield race(slow(), sleep(1, "won"), slow()));
      })(),
    );
    assertEquals(log, ["cleaned up", "cleaned up", "won"]);
    assertEquals(elapsed, 6);
  },
);

testKinds("race() cancels tasks and futures that lose", async (kind) => {
  await runScript(kind, function* main() {
    const task = createTask(sleep(60));
    const future = getRunningLoop().createFuture();
    yield race(task, future, sleep(1));
    assert(task.cancelled());
    assert(future.cancelled());
  });
});

testKinds("race() does not cancel a shielded task that loses", async (kind) => {
  await runScript(kind, function* main() {
    const task = createTask(sleep(2, "kept"));
    assertEquals(yield race(shield(task), sleep(1, "won")), "won");
    assertEquals(yield task, "kept");
  });
});

testKinds(
  "race() drops what a loser gives although it was cancelled",
  async (kind) => {
    const result = await runScript(kind, function* main() {
      return yield race(decliner(kind), sleep(1, "won"), decliner(kind));
    });
    assertEquals(result, "won");
  },
);

testKinds(
  "race() reports the error of a loser, and gives the winner's result",
  async (kind) => {
    const errors = [new Error("one"), new Error("two")];
    const { result, contexts } = await runVirtually(
      inKind(kind, function* main() {
        const [one, two] = errors.map((error) => failsCleaningUp(kind, error));
        return yield race(one, sleep(1, "won"), two);
      })(),
    );
    assertEquals(result, "won");
    assertEquals(contexts.map(({ exception }) => exception), errors);
    for (const { message, future } of contexts) {
      assertEquals(message, "Exception in what lost a race");
      assertMatch(String(future), /^<Task finished coro=<failsCleaningUp\(\)/);
    }
  },
);

testKinds(
  "race() reports the error of a loser, and throws the winner's, the same object",
  async (kind) => {
    const [error, other] = [new Error("winner"), new Error("loser")];
    const { result, contexts } = await runVirtually(
      inKind(kind, function* main() {
        const fail = inKind(kind, function* fail() {
          yield sleep(1);
          throw error;
        });
        return yield* caught(race(failsCleaningUp(kind, other), fail));
      })(),
    );
    assertStrictEquals(result, error);
    assertEquals(contexts.map(({ exception }) => exception), [other]);
  },
);

testKinds(
  "race() leaves the error of a task that it was given to those who wait for it",
  async (kind) => {
    const error = new Error("mine");
    await runScript(kind, function* main() {
      const task = createTask(failsCleaningUp(kind, error)());
      yield sleep(0);
      yield race(task, sleep(1));
      assertStrictEquals(yield* caught(task), error);
    });
  },
);

testKinds(
  "the loop reports the error of a task that lost a race if nobody retrieves it",
  async (kind) => {
    const error = new Error("mine");
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        const task = createTask(failsCleaningUp(kind, error)());
        yield sleep(0);
        yield race(task, sleep(1));
      })(),
    );
    assertEquals(contexts.map(({ exception }) => exception), [error]);
  },
);

testKinds(
  "race() survives a future whose cancel() throws, and reports it",
  async (kind) => {
    const error = new Error("no");
    class Stubborn extends Future<string> {
      override cancel(): boolean {
        throw error;
      }
    }
    const { result, contexts } = await runVirtually(
      inKind(kind, function* main() {
        const stubborn = new Stubborn();
        getRunningLoop().callLater(2, () => stubborn.setResult("at last"));
        const other = createTask(sleep(60));
        const result = yield race(stubborn, sleep(1, "won"), other);
        assert(other.cancelled());
        return result;
      })(),
    );
    assertEquals(result, "won");
    assertEquals(contexts.map(({ exception }) => exception), [error]);
  },
);

testKinds(
  "race() fails with the error of the task factory, when what it started has ended",
  async (kind) => {
    const log: string[] = [];
    const error = new Error("no more tasks");
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const contestant = runner(kind, log);
      const [a, b, c] = NAMES.map((name) => contestant(name, 60));
      const given = createTask(contestant("given", 60));
      yield sleep(0);
      let made = 0;
      loop.setTaskFactory((loop, coro, options) => {
        if (++made === 2) throw error;
        return eagerTaskFactory(loop, coro, { ...options, eagerStart: true });
      });
      assertStrictEquals(yield* caught(race(a, b, c, given)), error);
      loop.setTaskFactory(null);
    });
    // An eager task of an async function waits a moment later.
    assertEquals(log.sort(), ["first cancelled", "given cancelled"]);
  },
);

// Nothing is taken and lost

/** What can be taken, by one of several who wait in line. */
const LINES = {
  "an item of a queue": () => {
    const queue = new Queue<string>();
    return {
      take: (): Awaitable<unknown> => queue.get(),
      give: () => queue.putNowait("item"),
      left: () => queue.qsize(),
    };
  },
  "a lock": () => {
    const lock = new Lock();
    lock.acquire()[Symbol.iterator]().next();
    return {
      take: (): Awaitable<unknown> => lock.acquire(),
      give: () => lock.release(),
      left: () => lock.locked() ? 0 : 1,
    };
  },
  "a permit of a semaphore": () => {
    const semaphore = new Semaphore(0);
    return {
      take: (): Awaitable<unknown> => semaphore.acquire(),
      give: () => semaphore.release(),
      left: () => semaphore.locked() ? 0 : 1,
    };
  },
};

for (const [what, make] of Object.entries(LINES)) {
  for (
    const order of [
      "before",
      "in the same turn, before",
      "in the same turn, after",
      "after",
    ]
  ) {
    testStarts(
      `race() that ${what} loses takes nothing, given ${order} the winner is done`,
      async (kind, start) => {
        await runScript(kind, function* main() {
          const loop = getRunningLoop();
          startTasks(loop, start);
          const { take, give, left } = make();
          const taker = inKind(kind, function* taker() {
            yield take();
            return "taken";
          });
          const delay = order === "before" ? 0.5 : order === "after" ? 1.5 : 1;
          if (!order.endsWith("after")) loop.callLater(delay, give);
          const finish = loop.createFuture<string>();
          loop.callLater(1, () => {
            if (!finish.done()) finish.setResult("finish");
          });
          if (order.endsWith("after")) loop.callLater(delay, give);
          const winner = inKind(kind, function* winner() {
            return yield finish;
          });
          const result: string = yield race(winner, taker);
          yield sleep(1);
          // Either it has won, or it has taken nothing.
          assertEquals(
            [result, left()],
            order.includes("after") ? ["finish", 1] : ["taken", 0],
          );
        });
      },
    );
  }
}

testStarts(
  "race() of three getters takes one of three items that come in the same turn",
  async (kind, start) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      startTasks(loop, start);
      const queue = new Queue<string>();
      loop.callLater(1, () => NAMES.forEach((name) => queue.putNowait(name)));
      assertEquals(
        yield race(queue.get(), () => queue.get(), queue.get()),
        "first",
      );
      assertEquals(queue.getNowait(), "middle");
      assertEquals(queue.getNowait(), "last");
    });
  },
);

testKinds(
  "race() that a getter loses passes the item on to the next one in line",
  async (kind) => {
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const queue = new Queue<string>();
      const finish = loop.createFuture<string>();
      const racing = createTask(race(finish, queue.get()));
      yield sleep(0);
      const next = createTask(queue.get());
      loop.callLater(1, () => {
        queue.putNowait("item");
        finish.setResult("finish");
      });
      assertEquals(yield racing, "finish");
      assertEquals(yield next, "item");
    });
  },
);

testKinds(
  "a cancellation that comes when race() has taken an item comes after the item",
  async (kind) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      const loop = getRunningLoop();
      const queue = new Queue<string>();
      const work = inKind(kind, function* work() {
        log.push(yield race(queue.get(), sleep(60)));
        log.push(String(yield* caught(sleep(60))));
      });
      const task = createTask(work());
      loop.callLater(1, () => {
        queue.putNowait("item");
        // The getter has taken it by then, and the task has not gone on yet.
        loop.callSoon(() => loop.callSoon(() => task.cancel("enough")));
      });
      yield task;
      assertEquals(task.cancelling(), 1);
    });
    assertEquals(log, ["item", "CancelledError: enough"]);
  },
);

for (const [what, cleanUp] of [["a slow loser", 5], ["none", 0]] as const) {
  testKinds(
    `a time limit that expires while race() with an item waits for ${what} does not lose it`,
    async (kind) => {
      await runScript(kind, function* main() {
        const queue = new Queue<string>();
        const loser = inKind(kind, function* loser() {
          try {
            yield sleep(Infinity);
          } finally {
            if (cleanUp > 0) yield sleep(cleanUp);
          }
        });
        getRunningLoop().callLater(1, () => queue.putNowait("item"));
        const limit = cleanUp > 0 ? 2 : 1;
        const limited = inKind(kind, function* limited() {
          return yield race(loser, queue.get());
        });
        let result: unknown;
        try {
          result = yield timeout(limit, limited.body);
        } catch (error) {
          assertInstanceOf(error, TimeoutError);
          result = queue.getNowait();
        }
        assertEquals(result, "item");
        assertEquals(currentTask()!.cancelling(), 0);
        yield sleep(1);
      });
    },
  );
}

testKinds(
  "race() in a task that ends without waiting for it leaves the line",
  async (kind) => {
    await runScript(kind, function* main() {
      const queue = new Queue<string>();
      yield createTask(async () => {
        await Promise.race([
          race(queue.get(), sleep(60)),
          race(getRunningLoop().createFuture(), () => queue.get()),
          race(race(queue.get()), sleep(60)),
          sleep(1),
        ]);
      });
      queue.putNowait("item");
      yield sleep(1);
      assertEquals(queue.qsize(), 1);
    });
  },
);

testKinds(
  "race() in a task that ends without waiting for it goes on if it takes nothing",
  async (kind) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      const contestant = runner(kind, log);
      yield createTask(async () => {
        race(contestant("a", 2), contestant("b", 3)).then(
          (winner) => log.push(`${winner} won`),
          (error) => log.push(String(error)),
        );
        await sleep(1);
      });
      log.push("task done");
      yield sleep(2);
    });
    assertEquals(log, ["task done", "a done", "b cancelled", "a won"]);
  },
);

// Cancelled from outside

testStarts(
  "race() that is cancelled cancels all three, and ends when they have",
  async (kind, start) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      startTasks(getRunningLoop(), start);
      const contestant = inKind(kind, function* contestant(name: string) {
        try {
          yield sleep(Infinity);
        } finally {
          yield sleep(1);
          log.push(`${name} over`);
        }
      });
      const task = createTask(race(NAMES.map((name) => contestant(name))));
      yield sleep(1);
      task.cancel("enough");
      const error = yield* caught(task);
      log.push(String(error));
      assert(task.cancelled());
    });
    assertEquals(log, [
      ...NAMES.map((name) => `${name} over`),
      "CancelledError: enough",
    ]);
  },
);

testKinds(
  "race() of futures that is cancelled cancels them at once",
  async (kind) => {
    await runScript(kind, function* main() {
      const futures = NAMES.map(() => getRunningLoop().createFuture());
      const task = createTask(race(futures));
      yield sleep(0);
      task.cancel();
      assertEquals(futures.map((future) => future.cancelled()), [
        true,
        true,
        true,
      ]);
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
    });
  },
);

testKinds(
  "race() in a task that is cancelled before it has started touches nothing",
  async (kind) => {
    await runScript(kind, function* main() {
      const given = createTask(sleep(1, "given"));
      const unstarted = sleep(1, "unstarted");
      const task = createTask(race(given, unstarted));
      task.cancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assertEquals(yield given, "given");
      assertEquals(yield unstarted, "unstarted");
    });
  },
);

testKinds(
  "race() that is due to be cancelled when it starts is cancelled",
  async (kind) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      const contestant = runner(kind, log);
      const work = inKind(kind, function* work() {
        currentTask()!.cancel("before");
        yield race(contestant("a", 60), contestant("b", 60));
      });
      const error = yield* caught(createTask(work()));
      log.push(String(error));
    });
    assertEquals(log, ["CancelledError: before"]);
  },
);

for (const index of NAMES.keys()) {
  testKinds(
    `race() that is cancelled gives what the ${
      NAMES[index]
    } gives all the same, and the cancellation later`,
    async (kind) => {
      const log: string[] = [];
      await runScript(kind, function* main() {
        const work = inKind(kind, function* work() {
          log.push(
            yield race(
              NAMES.map((_, i) => i === index ? decliner(kind)() : sleep(60)),
            ),
          );
          yield sleep(60);
        });
        const task = createTask(work());
        yield sleep(1);
        task.cancel("enough");
        log.push(String(yield* caught(task)));
        assert(task.cancelled());
      });
      assertEquals(log, ["declined", "CancelledError: enough"]);
    },
  );
}

testKinds(
  "race() that is cancelled throws the first error, reports the other, and the cancellation comes later",
  async (kind) => {
    const errors = [new Error("one"), new Error("two")];
    const { result, contexts } = await runVirtually(
      inKind(kind, function* main() {
        const [one, two] = errors.map((error) => failsCleaningUp(kind, error));
        const seen: unknown[] = [];
        const work = inKind(kind, function* work() {
          seen.push(yield* caught(race(sleep(60), one, two)));
          yield sleep(60);
        });
        const task = createTask(work());
        yield sleep(1);
        task.cancel();
        seen.push(yield* caught(task));
        return seen;
      })(),
    );
    assertStrictEquals(result[0], errors[0]);
    assertInstanceOf(result[1], CancelledError);
    assertEquals(contexts.map(({ exception }) => exception), [errors[1]]);
  },
);

testKinds(
  "a cancellation that race() has outlived is gone if it was taken back",
  async (kind) => {
    await runScript(kind, function* main() {
      const work = inKind(kind, function* work() {
        const result: string = yield race(decliner(kind), sleep(60));
        yield sleep(1);
        return result;
      });
      const task = createTask(work());
      yield sleep(0);
      yield sleep(0);
      task.cancel();
      assertEquals(task.uncancel(), 0);
      assertEquals(yield task, "declined");
    });
  },
);

testKinds(
  "a caught cancellation is not repeated by race()",
  async (kind) => {
    await runScript(kind, function* main() {
      const work = inKind(kind, function* work() {
        yield* caught(sleep(60));
        const winner: string = yield race(sleep(1, "won"), sleep(60));
        yield sleep(1);
        return winner;
      });
      const task = createTask(work());
      yield sleep(0);
      task.cancel();
      assertEquals(yield task, "won");
    });
  },
);

testKinds(
  "race() of tasks that wait for the racing task can be cancelled",
  async (kind) => {
    await runScript(kind, function* main() {
      const racing: Task<unknown> = createTask(
        inKind(kind, function* racing() {
          yield race(waiting, alsoWaiting);
        })(),
      );
      const wait = inKind(kind, function* wait() {
        yield racing;
      });
      const waiting: Task<unknown> = createTask(wait());
      const alsoWaiting: Task<unknown> = createTask(wait());
      yield sleep(1);
      racing.cancel();
      assertInstanceOf(yield* caught(racing), CancelledError);
      yield* caught(waiting);
      yield* caught(alsoWaiting);
    });
  },
);

// Inside of other things, and around them

testKinds("race() in race() ends all that run in it", async (kind) => {
  const log: string[] = [];
  const results = await runScript(kind, function* main() {
    const contestant = runner(kind, log);
    return [
      yield race(
        race(contestant("a", 3), contestant("b", 2)),
        race(contestant("c", 4), contestant("d", 1)),
        contestant("e", 5),
      ),
      yield race(
        race(contestant("f", 60), contestant("g", 60)),
        contestant("h", 1),
      ),
    ];
  });
  assertEquals(results, ["d", "h"]);
  assertEquals(log.slice(0, 2), ["d done", "c cancelled"]);
  assertEquals(
    new Set(log.slice(2, 5)),
    new Set(["a", "b", "e"].map((name) => `${name} cancelled`)),
  );
  assertEquals(log.slice(5), ["h done", "f cancelled", "g cancelled"]);
});

testStarts("timeout() ends a race()", async (kind, start) => {
  const log: string[] = [];
  const thrown = await runScript(kind, function* main() {
    startTasks(getRunningLoop(), start);
    const contestant = runner(kind, log);
    const body = inKind(kind, function* body() {
      yield race(contestant("a", 60), contestant("b", 60));
    });
    const thrown = yield* caught(timeout(1, body.body));
    assertEquals(currentTask()!.cancelling(), 0);
    return thrown;
  });
  assertInstanceOf(thrown, TimeoutError);
  assertEquals(log, ["a cancelled", "b cancelled"]);
});

testKinds("moveOnAfter() and waitFor() end a race()", async (kind) => {
  const log: string[] = [];
  await runScript(kind, function* main() {
    const contestant = runner(kind, log);
    const body = inKind(kind, function* body() {
      return yield race(contestant("a", 60), contestant("b", 60));
    });
    assertEquals(yield moveOnAfter(1, body.body), undefined);
    assertInstanceOf(
      yield* caught(waitFor(race(contestant("c", 60)), 1)),
      TimeoutError,
    );
  });
  assertEquals(log, ["a cancelled", "b cancelled", "c cancelled"]);
});

testKinds(
  "a time limit in race() decides it with TimeoutError",
  async (kind) => {
    const log: string[] = [];
    const thrown = await runScript(kind, function* main() {
      const contestant = runner(kind, log);
      return yield* caught(
        race(contestant("a", 60), waitFor(sleep(60), 1), contestant("b", 60)),
      );
    });
    assertInstanceOf(thrown, TimeoutError);
    assertEquals(log, ["a cancelled", "b cancelled"]);
  },
);

testStarts("race() in a group that fails ends with it", async (kind, start) => {
  const log: string[] = [];
  const error = new Error("mine");
  const thrown = await runScript(kind, function* main() {
    startTasks(getRunningLoop(), start);
    const contestant = runner(kind, log);
    const body = inKind(
      kind,
      function* body(group: { createTask: typeof createTask }) {
        group.createTask(race(contestant("a", 60), contestant("b", 60)));
        yield sleep(1);
        throw error;
      },
    );
    return yield* caught(taskGroup(body.body));
  });
  assertInstanceOf(thrown, AggregateError);
  assertEquals(thrown.errors, [error]);
  assertEquals(log, ["a cancelled", "b cancelled"]);
});

testKinds(
  "race() of groups ends the tasks of those that lose",
  async (kind) => {
    const log: string[] = [];
    const result = await runScript(kind, function* main() {
      const contestant = runner(kind, log);
      const group = (name: string, delay: number) =>
        taskGroup(async (group) => {
          group.createTask(contestant(`${name}1`, delay));
          group.createTask(contestant(`${name}2`, delay));
          return name;
        });
      return yield race(group("a", 60), group("b", 1), group("c", 60));
    });
    assertEquals(result, "b");
    assertEquals(log, [
      "b1 done",
      "b2 done",
      "a1 cancelled",
      "a2 cancelled",
      "c1 cancelled",
      "c2 cancelled",
    ]);
  },
);

testKinds(
  "race() gives the error of a group that wins, and the others end",
  async (kind) => {
    const log: string[] = [];
    const error = new Error("mine");
    const thrown = await runScript(kind, function* main() {
      const contestant = runner(kind, log);
      return yield* caught(race(
        contestant("a", 60),
        taskGroup(async () => {
          await sleep(1);
          throw error;
        }),
      ));
    });
    assertInstanceOf(thrown, AggregateError);
    assertEquals(thrown.errors, [error]);
    assertEquals(log, ["a cancelled"]);
  },
);

Deno.test("parts of Promise.all() can race, and a limit in one leaves the other alone", async () => {
  const results = await inVirtualTime(async () =>
    await Promise.all([
      race(sleep(3, "a"), sleep(2, "b")),
      moveOnAfter(1, () => race(sleep(60), sleep(60))),
      race(async () => await sleep(4, "c"), sleep(5, "d")),
    ])
  );
  assertEquals(results, ["b", undefined, "c"]);
});

testKinds(
  "race() ends when the generator that waits for it is closed",
  async (kind) => {
    const log: string[] = [];
    await runScript(kind, function* main() {
      const contestant = runner(kind, log);
      const steps = inKind("generator", function* () {
        yield race(contestant("a", 60), contestant("b", 60));
      }).body() as Generator<unknown, void, never>;
      const task = createTask(function* () {
        steps.next();
        yield* sleep(1);
        steps.return();
        yield* sleep(1);
      });
      yield task;
    });
    assertEquals(log, ["a cancelled", "b cancelled"]);
  },
);

// What it is

Deno.test("race() starts nothing and cancels nothing before it is awaited", async () => {
  await inVirtualTime(async () => {
    let started = false;
    const task = createTask(sleep(2, "task"));
    const todo = race(task, async () => {
      started = true;
    });
    assert(isCoroutine(todo));
    assertMatch(String(todo), /^<coroutine object race at 0x[0-9a-f]+>$/);
    await sleep(1);
    assertFalse(started);
    todo.close();
    assertEquals(await task, "task");
    assertFalse(started);
  });
});

Deno.test("race() can be made before there is a loop", async () => {
  assertEquals(await run(race(sleep(60), sleep(0, "won"))), "won");
});

Deno.test("race() is typed as a union of the results", async () => {
  await inVirtualTime(async () => {
    const mixed: string | number | boolean = await race(
      sleep(0, "text"),
      async () => 1,
      function* () {
        return true;
      },
    );
    const list: string | number = await race([sleep(0, "text"), sleep(1, 2)]);
    const set: number = await race(new Set([sleep(0, 1), sleep(1, 2)]));
    // @ts-expect-error a number is not a string
    const wrong: string = await race(sleep(0, "text"), sleep(1, 2));
    assertEquals([mixed, list, set, wrong], [1, "text", 1, "text"]);
  });
});

Deno.test("a task that waits for race() prints what it waits for", async () => {
  await inVirtualTime(async () => {
    const given = createTask(sleep(1));
    const task = createTask(race(given, sleep(2)));
    await sleep(0);
    assertMatch(String(task), /wait_for=<_RacingFuture pending cb=\[/);
    assertMatch(String(given), /cb=\[race\(\)\]>$/);
    await task;
  });
});

// Bad input

/** What race() refuses, and how the message begins. */
const REFUSED: [what: string, call: () => unknown, message: string][] = [
  ["nothing", () => race(), "race() needs at least one awaitable"],
  ["an empty list", () => race([]), "race() needs at least one awaitable"],
  [
    "a number",
    // @ts-expect-error it cannot be awaited
    () => race(42),
    "A Future, a coroutine or an awaitable is required, got 42",
  ],
  [
    "a list with a number",
    // @ts-expect-error it cannot be awaited
    () => race([sleep(0), 42]),
    "A Future, a coroutine or an awaitable is required, got 42",
  ],
  [
    "a string",
    // @ts-expect-error it cannot be awaited
    () => race("ab"),
    "A Future, a coroutine or an awaitable is required, got 'ab'",
  ],
  [
    "undefined",
    // @ts-expect-error it cannot be awaited
    () => race(undefined),
    "A Future, a coroutine or an awaitable is required, got undefined",
  ],
  [
    "options",
    // @ts-expect-error there are none
    () => race([sleep(0)], { returnExceptions: true }),
    "race() takes awaitables, or one iterable of them: the second argument is",
  ],
  [
    "two lists",
    // @ts-expect-error only one is taken
    () => race([sleep(0)], [sleep(0)]),
    "race() takes awaitables, or one iterable of them: the second argument is",
  ],
];

for (const [what, call, message] of REFUSED) {
  Deno.test(`race() refuses ${what}`, () => {
    assertThrows(call, TypeError, message);
  });
}

testKinds("race() that is refused starts nothing", async (kind) => {
  await runScript(kind, function* main() {
    const loop = getRunningLoop();
    const work = sleep(0, "unstarted");
    const task = createTask(sleep(1, "task"));
    const before = allTasks(loop).size;
    // @ts-expect-error a number cannot be awaited
    assertThrows(() => race(work, task, 42), TypeError);
    assertEquals(allTasks(loop).size, before);
    assertEquals(yield work, "unstarted");
    assertEquals(yield task, "task");
  });
});

testKinds("race() refuses a coroutine that was awaited", async (kind) => {
  await runScript(kind, function* main() {
    const work = sleep(0);
    yield work;
    assertThrows(
      () => race(sleep(0), work),
      Error,
      "cannot reuse already awaited coroutine",
    );
  });
});

Deno.test("race() refuses a coroutine that is given twice", () => {
  const work = sleep(0);
  assertThrows(
    () => race(work, sleep(1), work),
    Error,
    "race() was given the same coroutine twice: <coroutine object sleep at",
  );
});

testKinds(
  "race() starts nothing if a coroutine was awaited in the meantime",
  async (kind) => {
    let started = false;
    await runScript(kind, function* main() {
      const work = sleep(0);
      const todo = race(async () => {
        started = true;
      }, work);
      yield work;
      const error = yield* caught(todo);
      assertMatch(String(error), /cannot reuse already awaited coroutine/);
      yield sleep(0);
    });
    assertFalse(started);
  },
);

testKinds("race() refuses the task that waits for it", async (kind) => {
  await runScript(kind, function* main() {
    const error = yield* caught(race(sleep(60), currentTask()!));
    assertMatch(String(error), /^Error: Task cannot await on itself: <Task/);
  });
});

testKinds("race() refuses futures of another loop", async (kind) => {
  const other = new EventLoop();
  const future = other.createFuture();
  await runScript(kind, function* main() {
    const own = getRunningLoop().createFuture();
    assertThrows(
      () => race(own, future),
      Error,
      "The future belongs to a different loop",
    );
    own.cancel();
  });
  const todo = race(future, sleep(60));
  await assertRejects(
    () => run(todo),
    Error,
    "attached to a different loop",
  );
  other.close();
});

Deno.test("race() refuses futures of two loops when none runs", () => {
  const loops = [new EventLoop(), new EventLoop()];
  const futures = loops.map((loop) => loop.createFuture());
  assertThrows(
    () => race(futures),
    Error,
    "The future belongs to a different loop",
  );
  loops.forEach((loop) => loop.close());
});

for (
  const [what, make, message] of [
    ["whose then() throws", (): PromiseLike<string> => ({
      then() {
        throw new Error("mine");
      },
    }), "Error: mine"],
    [
      "that is none any more",
      formerThenable,
      "TypeError: Cannot wrap what is not a promise",
    ],
  ] as const
) {
  testKinds(
    `race() with a thenable ${what} fails, and the others end`,
    async (kind) => {
      await runScript(kind, function* main() {
        const [before, after] = [0, 1].map(() => createTask(sleep(60)));
        const error = yield* caught(race(before, make(), after));
        assert(String(error).startsWith(message), String(error));
        assert(before.cancelled());
        assert(after.cancelled());
      });
    },
  );
}

testKinds("race() waits for an event as long as it takes", async (kind) => {
  await runScript(kind, function* main() {
    const event = new Event();
    getRunningLoop().callLater(1e6, () => event.set());
    assertEquals(yield race(event.wait(), sleep(Infinity)), true);
  });
});

// Cause: The place was taken when the race began, where only the loop is left on
// the stack.
testKinds("a function in a race prints the place of the call", async (kind) => {
  const texts: string[] = [];
  await runScript(kind, function* main() {
    const { body } = inKind(kind, function* ask(): Script<void> {
      texts.push(String(currentTask()));
      yield sleep(1);
    });
    yield race(body as () => Promise<void>, sleep(2));
  });
  assertMatch(texts[0], / coro=<\w+\(\) running at \S*race_test\.ts:\d+>/);
});

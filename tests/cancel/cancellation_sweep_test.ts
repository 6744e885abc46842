import { beforeEachStep, timersOf } from "../_internals.ts";
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  ALL_COMPLETED,
  allTasks,
  type Awaitable,
  CancelledError,
  type Coroutine,
  type CoroutineBody,
  createTask,
  currentTask,
  EventLoop,
  FIRST_COMPLETED,
  type Future,
  gather,
  getRunningLoop,
  shield,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  type Timeout,
  timeout,
  timeoutAt,
  TimeoutError,
  wait,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  runScript,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import { caught, type Start, startTasks } from "../_kinds.ts";

// Every scenario runs once to its end, while the steps of the loop are counted,
// and then once for each of these steps, with the outer task cancelled before
// it. In every run, everything that was started must end, and no task, timer or
// callback may be left.

/** The kinds of the coroutines, used in rotation. */
const NESTINGS: { name: string; kinds: Kind[] }[] = [
  { name: "async", kinds: ["async"] },
  { name: "generator", kinds: ["generator"] },
  { name: "generator in async", kinds: ["async", "generator"] },
  { name: "async in generator", kinds: ["generator", "async"] },
];

/** How tasks start, whether their cleanup waits, and how often they are cancelled. */
const MODES: { name: string; start: Start; cleanup: boolean; times: number }[] =
  [
    { name: "lazy", start: "lazy", cleanup: false, times: 1 },
    { name: "eager, with cleanup", start: "eager", cleanup: true, times: 1 },
    { name: "cancelled twice", start: "lazy", cleanup: true, times: 2 },
  ];
type Mode = typeof MODES[number];

/** Helpers for scenarios, which record what was started. */
class Lab {
  /** How often the `finally` block of each coroutine has run to its end. */
  readonly ends: { name: string; count: number }[] = [];
  /** Futures that tasks wait for. */
  readonly futures: Future<unknown>[] = [];
  readonly #kinds: Kind[];
  readonly #cleanup: boolean;
  #made = 0;

  constructor(kinds: Kind[], cleanup: boolean) {
    this.#kinds = kinds;
    this.#cleanup = cleanup;
  }

  /** The kind of the next coroutine. */
  get kind(): Kind {
    return this.#kinds[this.#made++ % this.#kinds.length];
  }

  *#account<T>(name: string, script: Script<T>): Script<T> {
    const end = { name, count: 0 };
    this.ends.push(end);
    try {
      return yield* script;
    } finally {
      try {
        if (this.#cleanup) yield sleep(0);
      } finally {
        end.count++;
      }
    }
  }

  /** Returns a coroutine that runs a script. */
  work<T>(script: () => Script<T>): Coroutine<T> {
    const account = () => this.#account(script.name, script());
    return inKind(this.kind, account)();
  }

  /** Returns the body of a scope. */
  body<S, T>(script: (scope: S) => Script<T>): CoroutineBody<T, [S]> {
    return inKind(
      this.kind,
      (scope: S) => this.#account(script.name, script(scope)),
    ).body;
  }

  /** Returns a native async function, for what only those can do. */
  native<T>(body: () => Promise<T>): () => Promise<T> {
    const { ends } = this;
    return async () => {
      const end = { name: "native", count: 0 };
      ends.push(end);
      try {
        return await body();
      } finally {
        end.count++;
      }
    };
  }

  /** Takes some turns and some time. */
  nap<T>(seconds: number, result?: T): Coroutine<T | undefined> {
    return this.work(function* nap() {
      yield sleep(0);
      yield sleep(seconds);
      return result;
    });
  }

  /**
   * A nap for `Promise.all()`. Its cleanup does not wait, since
   * `Promise.all()` does not wait for the others when one of them fails. All
   * are of one kind.
   */
  arm<T>(seconds: number, result: T): Coroutine<T> {
    const end = { name: "arm", count: 0 };
    return inKind(this.#kinds[0], function* arm(ends: Lab["ends"]) {
      ends.push(end);
      try {
        yield sleep(0);
        yield sleep(seconds);
        return result;
      } finally {
        end.count++;
      }
    })(this.ends);
  }

  /** Fails after some time. */
  crash(seconds: number): Coroutine<void> {
    return this.work(function* crash() {
      yield sleep(seconds);
      throw new Error("crash");
    });
  }

  /** Returns a future that is done after some time. */
  future<T>(seconds: number, result: T): Future<T> {
    const loop = getRunningLoop();
    const future = loop.createFuture<T>();
    this.futures.push(future);
    const timer = loop.callLater(seconds, () => {
      if (!future.done()) future.setResult(result);
    });
    future.addDoneCallback(() => timer.cancel());
    return future;
  }
}

interface Scenario {
  name: string;
  /** What the outer task does. */
  script: (lab: Lab) => Script<unknown>;
  /** The result if the outer task is not cancelled. */
  result: unknown;
  /** Whether the outer task may continue when it is cancelled. */
  catches?: boolean;
  /** Whether errors of other tasks may be thrown instead of the cancellation. */
  fails?: boolean;
}

const scenarios: Scenario[] = [
  {
    name: "sleep(0)",
    *script() {
      for (let i = 0; i < 3; i++) yield sleep(0);
      return "done";
    },
    result: "done",
  },
  {
    name: "sleep()",
    *script() {
      yield sleep(1);
      return yield sleep(1, "done");
    },
    result: "done",
  },
  {
    name: "a coroutine in a coroutine in a coroutine",
    *script(lab) {
      return yield lab.work(function* outer() {
        return yield lab.work(function* middle() {
          return yield lab.nap(1, "done");
        });
      });
    },
    result: "done",
  },
  {
    name: "a future",
    *script(lab) {
      return yield lab.future(1, "done");
    },
    result: "done",
  },
  {
    name: "a future that is done",
    *script() {
      const future = getRunningLoop().createFuture<string>();
      future.setResult("done");
      return yield future;
    },
    result: "done",
  },
  {
    name: "a task",
    *script(lab) {
      return yield createTask(lab.nap(1, "done"));
    },
    result: "done",
  },
  {
    name: "a task that fails",
    *script(lab) {
      const error = yield* errorOf(createTask(lab.crash(1)));
      return (error as Error).message;
    },
    result: "crash",
  },
  {
    name: "a chain of tasks",
    *script(lab) {
      return yield createTask(lab.work(function* first() {
        return yield createTask(lab.work(function* second() {
          return yield createTask(lab.nap(1, "done"));
        }));
      }));
    },
    result: "done",
  },
  {
    name: "three tasks one after another",
    *script(lab) {
      const tasks = [3, 1, 2].map((n) => createTask(lab.nap(n, n)));
      const results = [];
      for (const task of tasks) results.push(yield task);
      return results;
    },
    result: [3, 1, 2],
  },
  {
    name: "a wrapped promise",
    *script() {
      return yield wrapFuture(Promise.resolve("done"));
    },
    result: "done",
  },
  {
    name: "a wrapped promise with a signal",
    *script() {
      const loop = getRunningLoop();
      return yield wrapFuture((signal) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        const timer = loop.callLater(1, resolve, "done");
        signal.addEventListener("abort", () => {
          timer.cancel();
          reject(signal.reason);
        });
        return promise;
      });
    },
    result: "done",
  },
  {
    name: "gather()",
    *script(lab) {
      return yield gather(
        lab.nap(3, 1),
        createTask(lab.nap(1, 2)),
        lab.future(2, 3),
      );
    },
    result: [1, 2, 3],
  },
  {
    name: "gather() in gather() in gather()",
    *script(lab) {
      return yield gather(
        lab.nap(1, 1),
        gather(lab.nap(2, 2), gather(lab.nap(1, 3), lab.nap(3, 4))),
      );
    },
    result: [1, [2, [3, 4]]],
  },
  {
    name: "gather() with returnExceptions",
    *script(lab) {
      const results: unknown[] = yield gather(
        [lab.nap(1, 1), lab.crash(1), lab.nap(2, 3)],
        { returnExceptions: true },
      );
      return results.map((result) =>
        result instanceof Error ? result.message : result
      );
    },
    result: [1, "crash", 3],
  },
  {
    name: "gather() that fails",
    *script(lab) {
      const error = yield* errorOf(gather(
        lab.nap(3),
        lab.crash(1),
        lab.nap(2),
      ));
      return (error as Error).message;
    },
    result: "crash",
    fails: true, // an earlier failure takes precedence
  },
  {
    name: "wait() for all",
    *script(lab) {
      const tasks = [1, 2, 3].map((n) => createTask(lab.nap(n)));
      const [done] = yield wait(tasks, { returnWhen: ALL_COMPLETED });
      return done.size;
    },
    result: 3,
  },
  {
    name: "wait() for the first",
    *script(lab) {
      const tasks = [3, 1, 2].map((n) => createTask(lab.nap(n)));
      const [done] = yield wait(tasks, { returnWhen: FIRST_COMPLETED });
      return done.has(tasks[1]);
    },
    result: true,
  },
  {
    name: "wait() with a timeout",
    *script(lab) {
      const tasks = [1, 2, 3].map((n) => createTask(lab.nap(n)));
      const [done, pending] = yield wait(tasks, { timeout: 1.5 });
      return [done.size, pending.size];
    },
    result: [1, 2],
  },
  {
    name: "waitFor() in time",
    *script(lab) {
      return yield waitFor(lab.nap(1, "done"), 2);
    },
    result: "done",
  },
  {
    name: "waitFor() that times out",
    *script(lab) {
      return yield* expired(waitFor(createTask(lab.nap(2)), 1));
    },
    result: "TimeoutError",
  },
  {
    name: "waitFor() in waitFor()",
    *script(lab) {
      return yield* expired(waitFor(waitFor(lab.nap(3), 2), 1));
    },
    result: "TimeoutError",
  },
  {
    name: "waitFor() without time",
    *script(lab) {
      const task = createTask(lab.nap(2));
      yield sleep(0);
      return yield* expired(waitFor(task, 0));
    },
    result: "TimeoutError",
  },
  {
    name: "waitFor() without a limit",
    *script(lab) {
      return yield waitFor(createTask(lab.nap(1, "done")), null);
    },
    result: "done",
  },
  {
    name: "shield()",
    *script(lab) {
      return yield shield(lab.nap(1, "done"));
    },
    result: "done",
  },
  {
    name: "shield() of gather()",
    *script(lab) {
      return yield shield(gather(lab.nap(1, 1), lab.nap(2, 2)));
    },
    result: [1, 2],
  },
  {
    name: "gather() of shield()",
    *script(lab) {
      return yield gather([1, 2, 3].map((n) => shield(lab.nap(n, n))));
    },
    result: [1, 2, 3],
  },
  {
    name: "waitFor() of shield()",
    *script(lab) {
      return yield* expired(waitFor(shield(lab.nap(2)), 1));
    },
    result: "TimeoutError",
  },
  {
    name: "the middle one of three tasks that wait for a shielded task",
    *script(lab) {
      const source = createTask(lab.nap(2, "source"));
      const waiters = ["first", "last"].map(() =>
        createTask(lab.work(function* waiter() {
          const result: unknown = yield shield(source);
          // Whether or not the middle one was cancelled.
          assertEquals(result, "source");
        }))
      );
      const [, result] = [yield sleep(0), yield shield(source)];
      for (const waiter of waiters) yield shield(waiter);
      return result;
    },
    result: "source",
  },
  {
    name: "timeout() in time",
    *script(lab) {
      return yield timeout(
        2,
        lab.body(function* body() {
          return yield lab.nap(1, "done");
        }),
      );
    },
    result: "done",
  },
  {
    name: "timeout() that expires",
    *script(lab) {
      return yield* expired(timeout(
        1,
        lab.body(function* body() {
          yield lab.nap(2);
        }),
      ));
    },
    result: "TimeoutError",
  },
  {
    name: "timeout(0)",
    *script(lab) {
      return yield* expired(timeout(
        0,
        lab.body(function* body() {
          yield lab.nap(2);
        }),
      ));
    },
    result: "TimeoutError",
  },
  {
    name: "timeout() that is rescheduled",
    *script(lab) {
      return yield timeoutAt(
        getRunningLoop().time() + 1,
        lab.body(function* body(scope: Timeout) {
          scope.reschedule(getRunningLoop().time() + 3);
          return yield lab.nap(2, "done");
        }),
      );
    },
    result: "done",
  },
  {
    name: "nested timeouts of which the inner one expires",
    *script(lab) {
      return yield timeout(
        3,
        lab.body(function* outer() {
          const inner = yield* expired(timeout(
            1,
            lab.body(function* inner() {
              yield lab.nap(2);
            }),
          ));
          yield lab.nap(1);
          return inner;
        }),
      );
    },
    result: "TimeoutError",
  },
  {
    name: "nested timeouts of which the outer one expires",
    *script(lab) {
      return yield* expired(timeout(
        1,
        lab.body(function* outer() {
          yield timeout(
            3,
            lab.body(function* inner() {
              yield lab.nap(2);
            }),
          );
        }),
      ));
    },
    result: "TimeoutError",
  },
  {
    name: "nested timeouts that expire together",
    *script(lab) {
      return yield* expired(timeout(
        1,
        lab.body(function* outer() {
          yield timeout(
            1,
            lab.body(function* inner() {
              yield lab.nap(2);
            }),
          );
        }),
      ));
    },
    result: "TimeoutError",
  },
  {
    name: "taskGroup()",
    *script(lab) {
      return yield taskGroup(lab.body(function* body(group: TaskGroup) {
        for (const n of [1, 3, 2]) group.createTask(lab.nap(n));
        yield sleep(1);
        return "done";
      }));
    },
    result: "done",
  },
  {
    name: "taskGroup() whose tasks add tasks",
    *script(lab) {
      return yield taskGroup(lab.body(function* body(group: TaskGroup) {
        group.createTask(lab.work(function* parent() {
          yield sleep(1);
          group.createTask(lab.nap(1));
          group.createTask(lab.nap(2));
        }));
        return "done";
      }));
    },
    result: "done",
  },
  {
    name: "taskGroup() with a task that fails",
    *script(lab) {
      const error = yield* errorOf(
        taskGroup(lab.body(function* body(group: TaskGroup) {
          group.createTask(lab.nap(3));
          group.createTask(lab.crash(1));
          group.createTask(lab.nap(2));
          yield lab.nap(2);
        })),
      );
      assertInstanceOf(error, AggregateError);
      return error.errors.map((error) => error.message);
    },
    result: ["crash"],
  },
  {
    name: "taskGroup() whose error is thrown",
    *script(lab) {
      try {
        yield taskGroup(lab.body(function* body(group: TaskGroup) {
          group.createTask(lab.nap(3));
          group.createTask(lab.crash(1));
        }));
      } catch (error) {
        if (error instanceof AggregateError) return "failed";
        throw error;
      }
    },
    result: "failed",
    fails: true,
  },
  {
    name: "TaskGroup.cancel() by a task",
    *script(lab) {
      yield taskGroup(lab.body(function* body(group: TaskGroup) {
        group.createTask(lab.nap(3));
        group.createTask(lab.work(function* winner() {
          yield sleep(1);
          group.cancel();
        }));
        group.createTask(lab.nap(2));
      }));
      yield sleep(1);
      return "done";
    },
    result: "done",
  },
  {
    name: "TaskGroup.cancel() by the body",
    *script(lab) {
      yield taskGroup(lab.body(function* body(group: TaskGroup) {
        group.createTask(lab.nap(3));
        yield sleep(1);
        group.cancel();
        yield sleep(1);
      }));
      yield sleep(1);
      return "done";
    },
    result: "done",
  },
  {
    name: "taskGroup() in taskGroup()",
    *script(lab) {
      return yield taskGroup(lab.body(function* outer(outer: TaskGroup) {
        outer.createTask(lab.nap(3));
        yield taskGroup(lab.body(function* inner(inner: TaskGroup) {
          inner.createTask(lab.nap(1));
          inner.createTask(lab.nap(2));
          outer.createTask(lab.nap(1));
        }));
        return "done";
      }));
    },
    result: "done",
  },
  {
    name: "TaskGroup.cancel() of the inner of two groups",
    *script(lab) {
      return yield taskGroup(lab.body(function* outer(outer: TaskGroup) {
        outer.createTask(lab.nap(2));
        yield taskGroup(lab.body(function* inner(inner: TaskGroup) {
          inner.createTask(lab.nap(3));
          yield sleep(1);
          inner.cancel();
          yield sleep(1);
        }));
        yield sleep(0);
        return "done";
      }));
    },
    result: "done",
  },
  {
    name: "timeout() in taskGroup()",
    *script(lab) {
      return yield taskGroup(lab.body(function* body(group: TaskGroup) {
        group.createTask(lab.nap(2));
        group.createTask(lab.work(function* task() {
          yield* expired(timeout(
            1,
            lab.body(function* inTask() {
              yield lab.nap(2);
            }),
          ));
        }));
        return yield* expired(timeout(
          1,
          lab.body(function* inBody() {
            yield lab.nap(2);
          }),
        ));
      }));
    },
    result: "TimeoutError",
  },
  {
    name: "taskGroup() in timeout() that expires",
    *script(lab) {
      return yield* expired(timeout(
        1,
        lab.body(function* inTime() {
          yield taskGroup(lab.body(function* body(group: TaskGroup) {
            group.createTask(lab.nap(2));
            group.createTask(lab.nap(3));
            yield lab.nap(0);
          }));
        }),
      ));
    },
    result: "TimeoutError",
  },
  {
    name: "TaskGroup.cancel() at the deadline of a timeout()",
    *script(lab) {
      return yield* expired(timeout(
        1,
        lab.body(function* inTime() {
          yield taskGroup(lab.body(function* body(group: TaskGroup) {
            group.createTask(lab.nap(2));
            const timer = getRunningLoop().callLater(1, () => group.cancel());
            try {
              yield sleep(2);
            } finally {
              timer.cancel();
            }
          }));
          yield sleep(1);
        }),
      ));
    },
    result: "TimeoutError",
  },
  {
    name: "Promise.all() of three coroutines in an async function",
    *script(lab) {
      return yield createTask(
        lab.native(async () =>
          await Promise.all([lab.arm(2, 1), lab.arm(1, 2), lab.arm(1, 3)])
        ),
      );
    },
    result: [1, 2, 3],
  },
  {
    name: "Promise.all() of everything in an async function",
    *script(lab) {
      return yield createTask(lab.native(async () =>
        await Promise.all([
          sleep(1, "sleep"),
          lab.future(2, "future"),
          createTask(lab.nap(1, "task")),
          gather(lab.nap(1, "gather"), sleep(2)),
          timeout(
            3,
            inKind(lab.kind, function* body() {
              return yield sleep(1, "timeout");
            }).body,
          ),
          Promise.resolve("promise"),
        ])
      ));
    },
    result: [
      "sleep",
      "future",
      "task",
      ["gather", undefined],
      "timeout",
      "promise",
    ],
  },
  {
    name: "native promises between waits in an async function",
    *script(lab) {
      return yield createTask(lab.native(async () => {
        await null;
        await sleep(0);
        for (let i = 0; i < 50; i++) await null;
        await lab.nap(1);
        const { promise, resolve } = Promise.withResolvers<void>();
        getRunningLoop().callLater(1, resolve);
        await promise;
        await sleep(0);
        return "done";
      }));
    },
    result: "done",
  },
  {
    name: "a task that waits in its cleanup",
    *script(lab) {
      return yield createTask(lab.work(function* slow() {
        try {
          yield sleep(2);
          return "done";
        } finally {
          yield sleep(0);
          yield shield(lab.nap(1));
        }
      }));
    },
    result: "done",
  },
  {
    name: "an outer task that catches the cancellation",
    *script(lab) {
      for (const seconds of [1, 0, 1]) {
        try {
          yield lab.nap(seconds);
        } catch (error) {
          assertInstanceOf(error, CancelledError);
        }
      }
      return "done";
    },
    result: "done",
    catches: true,
  },
  {
    name:
      "an outer task that catches the cancellation and takes back the request",
    *script(lab) {
      try {
        yield lab.nap(1);
      } catch (error) {
        assertInstanceOf(error, CancelledError);
        while (currentTask()!.uncancel() > 0);
      }
      yield timeout(
        2,
        lab.body(function* body() {
          yield lab.nap(1);
        }),
      );
      return "done";
    },
    result: "done",
    catches: true,
  },
];

/** The error that `awaitable` throws. A cancellation is thrown again. */
function* errorOf(awaitable: Awaitable<unknown>): Script<unknown> {
  const error = yield* caught(awaitable);
  if (error instanceof CancelledError) throw error;
  return error;
}

/** Asserts that `awaitable` throws a TimeoutError, and returns its name. */
function* expired(awaitable: Awaitable<unknown>): Script<string> {
  const error = yield* errorOf(awaitable);
  assertInstanceOf(error, TimeoutError);
  return error.name;
}

/** Tasks that have not ended by this time are stuck. In seconds. */
const STUCK_AT = 1e6;

/** Waits until the current task is the only one left. */
async function untilAllEnded(): Promise<void> {
  for (;;) {
    const others = allTasks();
    others.delete(currentTask()!);
    if (others.size === 0) return;
    await wait(others);
  }
}

/** The outcome of a run. */
interface Played {
  steps: number;
  /** Whether there was a task to cancel. */
  cancelled: boolean;
  outer: Task<unknown>;
}

/** Plays a scenario, with `cancel()` before step `cancelAt`, if that is not 0. */
async function play(
  { script }: Scenario,
  kinds: Kind[],
  { start, cleanup, times }: Mode,
  cancelAt: number,
): Promise<Played> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const reported: unknown[] = [];
  loop.setExceptionHandler((_loop, { message, exception }) => {
    reported.push(message, exception);
  });
  startTasks(loop, start);
  const lab = new Lab(kinds, cleanup);
  const outer = loop.createTask(lab.work(() => script(lab)));
  const played = { steps: 0, cancelled: false, outer };

  // Cancels between two steps, as a callback of the loop would, but without
  // one, which would shift the others by a turn.
  beforeEachStep(loop, () => {
    if (!outer.done() && ++played.steps === cancelAt) {
      for (let i = 0; i < times; i++) played.cancelled = outer.cancel();
    }
  });

  let stuck = false;
  const alarm = loop.callAt(STUCK_AT, () => {
    stuck = true;
    loop.stop();
  });
  try {
    await loop.runUntilComplete(untilAllEnded);
  } catch (error) {
    if (!stuck) throw error;
  }
  assert(!stuck, `stuck: ${[...allTasks(loop)].join("\n")}`);
  alarm.cancel();

  assert(outer.done());
  assertEquals([...allTasks(loop)].map(String), [], "tasks were left");
  assertEquals(timersOf(loop).size, 0, "timers were left");
  assertEquals(
    lab.ends.filter(({ count }) => count !== 1),
    [],
    "finally blocks did not run exactly once",
  );
  for (const future of lab.futures) {
    assertEquals(future["_callbacks"], null, "a task still waits");
  }
  loop.close();
  assertEquals(reported, []);
  return played;
}

/** Asserts the outcome of a run that was cancelled. */
function assertOutcome({ catches, fails, result }: Scenario, played: Played) {
  const { outer, cancelled } = played;
  if (catches) {
    if (!outer.cancelled()) assertEquals(outer.result(), result);
    return;
  }
  assert(cancelled, "there was a task to cancel");
  if (fails && !outer.cancelled()) assertEquals(outer.result(), result);
  else assert(outer.cancelled(), `the cancellation was lost: ${outer}`);
}

for (const { name, kinds } of NESTINGS) {
  for (const mode of MODES) {
    for (const scenario of scenarios) {
      Deno.test(`cancel() at any step of ${scenario.name} ends everything (${name}, ${mode.name})`, async () => {
        const { steps, outer } = await play(scenario, kinds, mode, 0);
        assertEquals(outer.result(), scenario.result);
        assert(steps > 0);
        for (let k = 1; k <= steps; k++) {
          try {
            assertOutcome(scenario, await play(scenario, kinds, mode, k));
          } catch (error) {
            throw new Error(`cancelled at step ${k} of ${steps}`, {
              cause: error,
            });
          }
        }
      });
    }
  }
}

Deno.test("the sweep notices a finally block that does not run to its end", async () => {
  const scenario: Scenario = {
    name: "a cleanup that is cut short",
    *script(lab) {
      yield lab.native(async () => {
        lab.ends.push({ name: "never", count: 0 });
      })();
      return "done";
    },
    result: "done",
  };
  const error = await play(scenario, ["async"], MODES[0], 0).then(
    () => null,
    (error) => error,
  );
  assertInstanceOf(error, Error);
  assert(error.message.includes("finally blocks did not run"));
});

// Details that CPython has changed recently

testKinds(
  "uncancel() clears a cancellation that was not thrown yet",
  async (kind) => {
    await runScript(kind, function* main() {
      const future = getRunningLoop().createFuture<void>();
      const task = createTask(inKind(kind, function* work() {
        yield future;
        yield sleep(1);
        return 42;
      }));
      yield sleep(0);
      future.setResult(); // the task is about to continue
      task.cancel();
      assertEquals(task.cancelling(), 1);
      assertEquals(task.uncancel(), 0);
      assertEquals(yield task, 42);
    });
  },
);

testKinds(
  "uncancel() clears a cancellation from before the first step",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        yield sleep(1);
        return 42;
      }));
      task.cancel();
      task.uncancel();
      assertEquals(yield task, 42);
    });
  },
);

testKinds("uncancel() of one of two requests clears nothing", async (kind) => {
  await runScript(kind, function* main() {
    const future = getRunningLoop().createFuture<void>();
    const task = createTask(inKind(kind, function* work() {
      yield future;
      yield sleep(1);
    }));
    yield sleep(0);
    future.setResult();
    task.cancel();
    task.cancel();
    assertEquals(task.uncancel(), 1);
    assertInstanceOf(yield* caught(task), CancelledError);
    assert(task.cancelled());
  });
});

testKinds("uncancel() never lowers the count below zero", async (kind) => {
  await runScript(kind, function* main() {
    const task = createTask(sleep(1, 42));
    assertEquals(task.uncancel(), 0);
    task.cancel();
    assertEquals([task.uncancel(), task.uncancel()], [0, 0]);
    task.cancel();
    assertEquals(task.cancelling(), 1);
    assertInstanceOf(yield* caught(task), CancelledError);
  });
});

testKinds(
  "uncancel() does not stop a CancelledError that is about to be thrown",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = createTask(inKind(kind, function* work() {
        yield sleep(60);
      }));
      yield sleep(0);
      task.cancel(); // this cancels the sleep at once
      task.uncancel();
      assertInstanceOf(yield* caught(task), CancelledError);
      assert(task.cancelled());
    });
  },
);

testKinds(
  "a custom scope with cancel() and uncancel() works like timeout()",
  async (kind) => {
    await runScript(kind, function* main() {
      const task = currentTask()!;
      for (const [seconds, limit] of [[10, 1], [0, 10]]) {
        let expired = false;
        const timer = getRunningLoop().callLater(limit, () => {
          expired = true;
          task.cancel();
        });
        const error = yield* caught(sleep(seconds));
        timer.cancel();
        assertEquals(expired, limit < seconds);
        if (expired) assertEquals(task.uncancel(), 0);
        assertEquals(error instanceof CancelledError, expired);
        assertEquals(task.cancelling(), 0);
        yield sleep(1);
      }
    });
  },
);

for (const order of ["outer first", "inner first"]) {
  testKinds(
    `outer and inner task cancelled in the same turn both end cancelled, ${order}`,
    async (kind) => {
      await runScript(kind, function* main() {
        const log: string[] = [];
        const inner = createTask(inKind(kind, function* inner() {
          try {
            yield sleep(60);
          } finally {
            log.push("inner");
            yield sleep(1); // not cancelled: both requests became one cancellation
            log.push("inner cleaned up");
          }
        }));
        const outer = createTask(inKind(kind, function* outer() {
          try {
            yield inner;
          } finally {
            log.push("outer");
          }
        }));
        yield sleep(0);
        yield sleep(0);
        const tasks = order === "outer first" ? [outer, inner] : [inner, outer];
        for (const task of tasks) task.cancel();
        for (const task of tasks) {
          assertInstanceOf(yield* caught(task), CancelledError);
        }
        assert(inner.cancelled());
        assert(outer.cancelled());
        assertEquals(log, ["inner", "inner cleaned up", "outer"]);
        assertEquals([inner.cancelling(), outer.cancelling()], [2, 1]);
      });
    },
  );
}

testKinds(
  "an inner task may suppress the cancellation, and the outer task gets its result",
  async (kind) => {
    await runScript(kind, function* main() {
      const inner = createTask(inKind(kind, function* inner() {
        yield* caught(sleep(60));
        return "declined";
      }));
      const outer = createTask(inKind(kind, function* outer() {
        return yield inner;
      }));
      yield sleep(0);
      yield sleep(0);
      outer.cancel();
      // The request was passed on to the inner task, which suppressed it.
      assertEquals(yield outer, "declined");
      assertEquals(outer.cancelling(), 1);
    });
  },
);

Deno.test("a pending cancellation reaches all waits that Promise.all() begins", async () => {
  // Cause: only the first wait was cancelled.
  await inVirtualTime(async () => {
    const log: string[] = [];
    async function part(n: number) {
      try {
        await sleep(1);
      } finally {
        log.push(`${n} at ${getRunningLoop().time()}`);
      }
    }
    const task = createTask(async () => {
      currentTask()!.cancel();
      await Promise.all([part(1), part(2), part(3)]);
    });
    assertInstanceOf(await errorBy(task), CancelledError);
    await sleep(2);
    assertEquals(log, ["1 at 0", "2 at 0", "3 at 0"]);
  });
});

/** The error that awaiting `awaitable` throws, or `null` if none. */
async function errorBy(awaitable: PromiseLike<unknown>): Promise<unknown> {
  try {
    await awaitable;
  } catch (error) {
    return error;
  }
  return null;
}

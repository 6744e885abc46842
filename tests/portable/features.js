// Copyright 2026 the asyncio authors. MIT license.

/**
 * What must work on every host, as one program without syntax or globals that
 * one of them lacks. `hosts.ts` runs it in each of them, from the npm package.
 */

import {
  allTasks,
  asCompleted,
  Barrier,
  Broadcast,
  CancelledError,
  Condition,
  coroutine,
  createTask,
  currentTask,
  Event,
  EventLoop,
  Future,
  gather,
  getRunningLoop,
  KeyboardInterrupt,
  LifoQueue,
  Lock,
  newEventLoop,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  RateLimiter,
  retry,
  run,
  Runner,
  RWLock,
  Semaphore,
  shield,
  sleep,
  taskGroup,
  ThreadPoolExecutor,
  timeout,
  TimeoutError,
  toThread,
  wait,
  waitFor,
  WouldBlock,
  wrapFuture,
} from "@asyncio/asyncio";
import {
  cancelEverywhere,
  DeadlockError,
  ExplorationError,
  explore,
  LeakError,
  runTest,
} from "@asyncio/asyncio/testing";
import { recordTimeline, traceTasks } from "@asyncio/asyncio/tracing";
import {
  createSubprocessExec,
  createSubprocessShell,
  PIPE,
  runProcess,
  STDOUT,
} from "@asyncio/asyncio/subprocess";
import {
  openConnection,
  startServer,
  StreamReader,
  StreamWriter,
} from "@asyncio/asyncio/streams";

function text(value) {
  return JSON.stringify(value) ?? String(value);
}

function equal(actual, expected) {
  if (text(actual) !== text(expected)) {
    throw new Error(`${text(actual)} is not ${text(expected)}`);
  }
}

async function rejects(promise, type, message = "") {
  try {
    await promise;
  } catch (error) {
    if (error instanceof type && String(error.message).includes(message)) {
      return error;
    }
    throw error;
  }
  throw new Error(`no ${type.name}`);
}

/** Waits for something that is not of the loop. */
function native(milliseconds, value) {
  return new Promise((resolve) =>
    setTimeout(() => resolve(value), milliseconds)
  );
}

/** A clock that jumps to the next timer, so that nothing takes time. */
function virtualLoop() {
  let now = 0;
  const clock = {
    time: () => now,
    wake(callback, delay) {
      let cancelled = false;
      Promise.resolve().then(() => {
        if (cancelled) return;
        now += delay;
        callback();
      });
      return () => cancelled = true;
    },
  };
  return new EventLoop({ clock });
}

const virtual = { loopFactory: virtualLoop };

/** Every feature by its name. What it throws says why it does not work. */
export const features = {
  "run() returns a result": async () => {
    equal(await run(async () => 1), 1);
  },
  "run() throws what main throws": async () => {
    const main = async () => {
      throw new RangeError("no");
    };
    await rejects(run(main), RangeError, "no");
  },
  "run() of a generator function": async () => {
    equal(
      await run(function* () {
        return yield* sleep(0, "x");
      }),
      "x",
    );
  },
  // Before those that leave work of the host behind, such as threads.
  "runTest() ends a deadlock": async () => {
    const deadlock = runTest(() => new Event().wait());
    await rejects(deadlock, DeadlockError, "<Event");
  },
  "sleep() in host time": async () => {
    const start = Date.now();
    await run(sleep(0.02));
    if (Date.now() - start < 15) throw new Error("too early");
  },
  "sleep() in virtual time": async () => {
    const spent = await run(async () => {
      const loop = getRunningLoop();
      const start = loop.time();
      await sleep(3600);
      return loop.time() - start;
    }, virtual);
    equal(Math.round(spent), 3600);
  },
  "tasks run in the order of creation": async () => {
    const order = [];
    await run(async () => {
      const task = (name) => async () => {
        for (let i = 0; i < 3; i++) {
          order.push(name + i);
          await sleep(0);
        }
      };
      await gather(task("a"), task("b"), task("c"));
    });
    equal(order.join(" "), "a0 b0 c0 a1 b1 c1 a2 b2 c2");
  },
  "order of async functions, nested deeply": async () => {
    const order = [];
    const deep = async (name, depth) => {
      if (depth > 0) return await deep(name, depth - 1);
      order.push(name);
      await sleep(0);
      order.push(name.toUpperCase());
    };
    await run(() => gather(() => deep("a", 9), () => deep("b", 0)));
    equal(order.join(""), "abAB");
  },
  "order of generators and async functions together": async () => {
    const order = [];
    await run(() =>
      gather(
        async () => {
          for (let i = 0; i < 2; i++) {
            order.push("a");
            await sleep(0);
          }
        },
        function* () {
          for (let i = 0; i < 2; i++) {
            order.push("g");
            yield* sleep(0);
          }
        },
      )
    );
    equal(order.join(""), "agag");
  },
  "callbacks run in order, before later timers": async () => {
    const order = [];
    await run(async () => {
      const loop = getRunningLoop();
      loop.callLater(0.01, () => order.push("later"));
      loop.callSoon(() => order.push("soon"));
      loop.callSoon(() => order.push("sooner"));
      await sleep(0.02);
    }, virtual);
    equal(order.join(" "), "soon sooner later");
  },
  "timers with one deadline keep their order": async () => {
    const order = [];
    await run(async () => {
      const at = getRunningLoop().time() + 1;
      for (let i = 0; i < 5; i++) {
        getRunningLoop().callAt(at, () => order.push(i));
      }
      await sleep(2);
    }, virtual);
    equal(order.join(""), "01234");
  },
  "a task is awaited": async () => {
    equal(await run(async () => await createTask(sleep(0, 7))), 7);
  },
  "a coroutine is awaited, once": async () => {
    const double = coroutine(async (x) => 2 * x);
    await run(async () => {
      const call = double(4);
      equal(await call, 8);
      await rejects((async () => await call)(), Error, "already awaited");
    });
  },
  "a coroutine that is a generator": async () => {
    const add = coroutine(function* (x, y) {
      yield* sleep(0);
      return x + y;
    });
    equal(await run(async () => await add(1, 2)), 3);
  },
  "a future is awaited": async () => {
    await run(async () => {
      const future = new Future();
      getRunningLoop().callSoon(() => future.setResult("done"));
      equal(await future, "done");
    });
  },
  "done callbacks": async () => {
    await run(async () => {
      const seen = [];
      const future = new Future();
      future.addDoneCallback((done) => seen.push(done.result()));
      future.setResult(5);
      equal(seen, []);
      await sleep(0);
      equal(seen, [5]);
    });
  },
  "currentTask() in an async function": async () => {
    await run(async () => {
      const task = createTask(async () => {
        await sleep(0);
        return [currentTask()];
      });
      if ((await task)[0] !== task) throw new Error("another task");
    });
  },
  "currentTask() of two tasks at once": async () => {
    await run(async () => {
      const both = [1, 2].map(() =>
        createTask(async () => {
          const seen = [];
          for (let i = 0; i < 3; i++) {
            await sleep(0);
            seen.push(currentTask());
          }
          return seen;
        })
      );
      for (const task of both) {
        equal((await task).every((seen) => seen === task), true);
      }
    });
  },
  "currentTask() after a native promise": async () => {
    await run(async () => {
      const task = createTask(async () => {
        await native(5);
        return [currentTask()];
      });
      if ((await task)[0] !== task) throw new Error("another task");
    });
  },
  "currentTask() after native promises of two tasks": async () => {
    await run(async () => {
      const both = [10, 5].map((milliseconds) =>
        createTask(async () => {
          await native(milliseconds);
          return [currentTask()];
        })
      );
      for (const task of both) {
        if ((await task)[0] !== task) throw new Error("another task");
      }
    });
  },
  "sleep() after a native promise": async () => {
    equal(
      await run(async () => {
        const value = await native(2, "x");
        return await sleep(0.001, value);
      }),
      "x",
    );
  },
  "sleep() after native promises of two tasks": async () => {
    const work = (milliseconds) => async () => {
      const value = await native(milliseconds, milliseconds);
      getRunningLoop();
      return await sleep(0.001, value);
    };
    equal(await run(() => gather(work(10), work(5))), [10, 5]);
  },
  "allTasks() and names": async () => {
    await run(async () => {
      const task = createTask(sleep(0), { name: "mine" });
      equal(task.getName(), "mine");
      equal([...allTasks()].length, 2);
      await task;
    });
  },
  "a cancelled task": async () => {
    await run(async () => {
      const task = createTask(sleep(60));
      await sleep(0);
      task.cancel("enough");
      await rejects((async () => await task)(), CancelledError, "enough");
      equal(task.cancelled(), true);
    });
  },
  "cancellation runs finally": async () => {
    await run(async () => {
      const order = [];
      const task = createTask(async () => {
        try {
          await sleep(60);
        } finally {
          order.push("finally");
          await sleep(0);
          order.push("cleaned");
        }
      });
      await sleep(0);
      task.cancel();
      await wait([task]);
      equal(order.join(" "), "finally cleaned");
    });
  },
  "cancellation before the first step": async () => {
    await run(async () => {
      let started = false;
      const task = createTask(async () => {
        started = true;
      });
      task.cancel();
      await wait([task]);
      equal([started, task.cancelled()], [false, true]);
    });
  },
  "cancellation of nested async functions": async () => {
    await run(async () => {
      const deep = async (depth) =>
        depth === 0 ? await sleep(60) : await deep(depth - 1);
      const task = createTask(() => deep(10));
      await sleep(0);
      task.cancel();
      await wait([task]);
      equal(task.cancelled(), true);
    });
  },
  "cancellation of both parts of a Promise.all": async () => {
    await run(async () => {
      let cancelled = 0;
      const part = async () => {
        try {
          await sleep(60);
        } catch (error) {
          cancelled++;
          throw error;
        }
      };
      const task = createTask(() => Promise.all([part(), part()]));
      await sleep(0);
      task.cancel();
      await wait([task]);
      await sleep(0);
      equal(cancelled, 2);
    });
  },
  "cancellation after a native promise": async () => {
    await run(async () => {
      const task = createTask(async () => {
        await native(2);
        await sleep(60);
      });
      await sleep(0.02);
      task.cancel();
      await wait([task]);
      equal(task.cancelled(), true);
    });
  },
  "cancellation during a native promise": async () => {
    await run(async () => {
      const task = createTask(async () => {
        await native(10);
        await sleep(60);
      });
      await sleep(0);
      task.cancel();
      await wait([task]);
      equal(task.cancelled(), true);
    });
  },
  "gather()": async () => {
    equal(await run(() => gather(sleep(0.01, 1), sleep(0, 2))), [1, 2]);
  },
  "gather() with exceptions": async () => {
    const fail = async () => {
      throw new Error("x");
    };
    const outcomes = await run(() =>
      gather([fail, sleep(0, 2)], { returnExceptions: true })
    );
    equal(outcomes[0].message, "x");
    equal(outcomes[1], 2);
  },
  "timeout()": async () => {
    await rejects(
      run(() => timeout(1, async () => await sleep(60)), virtual),
      TimeoutError,
    );
  },
  "timeout() around nested async functions": async () => {
    const inner = async () => {
      await null;
      await sleep(60);
    };
    await rejects(
      run(() => timeout(1, async () => await inner()), virtual),
      TimeoutError,
    );
  },
  "timeout() inside of timeout()": async () => {
    const order = [];
    await run(() =>
      timeout(10, async () => {
        try {
          await timeout(1, async () => await sleep(60));
        } catch (error) {
          order.push(error.name);
        }
        await sleep(1);
        order.push("after");
      }), virtual);
    equal(order.join(" "), "TimeoutError after");
  },
  "two timeouts side by side": async () => {
    const limited = async (seconds) => {
      try {
        await timeout(seconds, async () => await sleep(60));
      } catch {
        return getRunningLoop().time();
      }
    };
    const times = await run(
      () => Promise.all([limited(1), limited(2)]),
      virtual,
    );
    equal(times.map(Math.round), [1, 2]);
  },
  "waitFor()": async () => {
    await run(async () => {
      equal(await waitFor(sleep(0, 1), 1), 1);
      await rejects(
        (async () => await waitFor(sleep(60), 1))(),
        TimeoutError,
      );
    }, virtual);
  },
  "wait()": async () => {
    await run(async () => {
      const tasks = [createTask(sleep(1)), createTask(sleep(60))];
      const [done, pending] = await wait(tasks, { timeout: 2 });
      equal([done.size, pending.size], [1, 1]);
    }, virtual);
  },
  "asCompleted()": async () => {
    await run(async () => {
      const values = [];
      for await (const future of asCompleted([sleep(2, "b"), sleep(1, "a")])) {
        values.push(await future);
      }
      equal(values.join(""), "ab");
    }, virtual);
  },
  "shield()": async () => {
    await run(async () => {
      const inner = createTask(sleep(1, "kept"));
      const outer = createTask(async () => await shield(inner));
      await sleep(0);
      outer.cancel();
      await wait([outer]);
      equal(await inner, "kept");
    }, virtual);
  },
  "taskGroup()": async () => {
    const values = [];
    await run(() =>
      taskGroup(async (group) => {
        group.createTask(async () => values.push(await sleep(1, "a")));
        group.createTask(async () => values.push(await sleep(2, "b")));
      }), virtual);
    equal(values.join(""), "ab");
  },
  "taskGroup() with a failure": async () => {
    let cancelled = false;
    const error = await rejects(
      run(() =>
        taskGroup(async (group) => {
          group.createTask(async () => {
            try {
              await sleep(60);
            } catch (error) {
              cancelled = error instanceof CancelledError;
              throw error;
            }
          });
          group.createTask(async () => {
            await sleep(0);
            throw new Error("first");
          });
        })
      ),
      AggregateError,
    );
    equal([error.errors[0].message, cancelled], ["first", true]);
  },
  "wrapFuture() of a promise": async () => {
    equal(await run(async () => await wrapFuture(native(2, 3))), 3);
  },
  "wrapFuture() aborts its signal": async () => {
    await run(async () => {
      let signal;
      const task = createTask(async () => {
        await wrapFuture((given) => {
          signal = given;
          return new Promise(() => {});
        });
      });
      await sleep(0);
      task.cancel();
      await wait([task]);
      equal(signal.aborted, true);
    });
  },
  "task.signal": async () => {
    await run(async () => {
      let signal;
      const task = createTask(async () => {
        signal = currentTask().signal;
        await sleep(60);
      });
      await sleep(0);
      task.cancel();
      await wait([task]);
      equal(signal.aborted, true);
    });
  },
  "an AbortSignal cancels run()": async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    let error;
    try {
      await run(sleep(60), { signal: controller.signal });
    } catch (thrown) {
      error = thrown;
    }
    equal(error !== undefined, true);
  },
  "Ctrl-C, once and again": async () => {
    const { kill, pid } = globalThis.process;
    // The second one has no timer: the loop waits for nothing of its own.
    for (const wait of [() => sleep(60), () => new Event().wait()]) {
      let isClean = false;
      const program = run(async () => {
        setTimeout(() => kill.call(globalThis.process, pid, "SIGINT"), 150);
        try {
          await wait();
        } finally {
          isClean = true;
        }
      });
      await rejects(program, KeyboardInterrupt);
      equal(isClean, true);
    }
  },
  // Cause: where the host does not tell what it waits for, a loop with a server
  // or a pool let go of its signals after 0.1 s, as if nothing were left.
  "Ctrl-C beside a server, and after a call in a thread": async () => {
    const module = new URL("./thread_functions.js", import.meta.url);
    const serve = () => startServer(async () => {}, "127.0.0.1", 0);
    for (const use of [serve, () => toThread(module, "add", 1, 2)]) {
      let isClean = false;
      const program = run(async () => {
        const server = await use();
        const { kill, pid } = globalThis.process;
        setTimeout(() => kill.call(globalThis.process, pid, "SIGINT"), 250);
        try {
          await new Event().wait();
        } finally {
          server.close?.();
          isClean = true;
        }
      });
      await rejects(program, KeyboardInterrupt);
      equal(isClean, true);
    }
  },
  "Lock": async () => {
    const order = [];
    await run(async () => {
      const lock = new Lock();
      const work = (name) => async () => {
        const guard = await lock.acquire();
        order.push(name);
        await sleep(0);
        order.push(name);
        guard[Symbol.dispose]();
      };
      await gather(work("a"), work("b"));
    });
    equal(order.join(""), "aabb");
  },
  "Semaphore": async () => {
    await run(async () => {
      const semaphore = new Semaphore(2);
      let busy = 0;
      let most = 0;
      const work = async () => {
        await semaphore.acquire();
        most = Math.max(most, ++busy);
        await sleep(0);
        busy--;
        semaphore.release();
      };
      await gather([work, work, work, work]);
      equal(most, 2);
    });
  },
  "limit of gather(), of a generator": async () => {
    let busy = 0;
    let most = 0;
    let closed = false;
    function* jobs() {
      try {
        for (let i = 0; i < 9; i++) {
          yield async () => {
            most = Math.max(most, ++busy);
            await sleep(0);
            busy--;
            if (i === 7) throw new RangeError("7");
            return i;
          };
        }
      } finally {
        closed = true;
      }
    }
    await rejects(run(() => gather(jobs(), { limit: 2 })), RangeError, "7");
    equal([most, closed], [2, true]);
    const results = await run(() =>
      gather(jobs(), { limit: 2, returnExceptions: true })
    );
    equal(results.map(String).join(), "0,1,2,3,4,5,6,RangeError: 7,8");
  },
  "limit of asCompleted(), of an async generator": async () => {
    let closed = false;
    async function* jobs() {
      try {
        for (const name of ["a", "b", "c", "d"]) yield () => sleep(0, name);
      } finally {
        closed = true;
      }
    }
    const names = [];
    await run(async () => {
      for await (const task of asCompleted(jobs(), { limit: 2 })) {
        names.push(task.result());
        if (names.length === 3) break;
      }
    });
    equal(names.sort(), ["a", "b", "c"]);
    equal(closed, true);
  },
  "limit of taskGroup()": async () => {
    let busy = 0;
    let most = 0;
    await run(() =>
      taskGroup(async (group) => {
        for (let i = 0; i < 5; i++) {
          group.createTask(async () => {
            most = Math.max(most, ++busy);
            await sleep(0);
            busy--;
          });
        }
      }, { limit: 2 })
    );
    equal(most, 2);
  },
  "group.start()": async () => {
    await run(() =>
      taskGroup(async (group) => {
        const port = await group.start(async (started) => {
          await sleep(0);
          started(8080);
          await sleep(60);
        });
        equal(port, 8080);
        await rejects(
          group.start(async () => {
            throw new RangeError("in use");
          }),
          RangeError,
        );
        await rejects(group.start(async () => {}), Error, "without calling");
        group.cancel();
      })
    );
  },
  "acquireNowait()": async () => {
    const lock = new Lock();
    const guard = lock.acquireNowait();
    await rejects((async () => lock.acquireNowait())(), WouldBlock);
    guard[Symbol.dispose]();
    lock.acquireNowait();
  },
  "RWLock": async () => {
    const order = [];
    await run(async () => {
      const lock = new RWLock();
      const work = (name, acquire) => async () => {
        const guard = await acquire.call(lock);
        order.push(name);
        await sleep(0);
        order.push(name);
        guard[Symbol.dispose]();
      };
      await gather(
        work("r", lock.acquireRead),
        work("s", lock.acquireRead),
        work("w", lock.acquireWrite),
        work("t", lock.acquireRead),
      );
      const guard = await lock.acquireRead();
      await rejects(lock.acquireWrite(), Error, "would wait for itself");
      guard[Symbol.dispose]();
    });
    equal(order.join(""), "rsrswwtt");
  },
  "RateLimiter in virtual time": async () => {
    const times = await run(async () => {
      const limiter = new RateLimiter(2, 60);
      const loop = getRunningLoop();
      const times = [];
      for (let i = 0; i < 5; i++) {
        await limiter.acquire();
        times.push(Math.round(loop.time()));
      }
      return times;
    }, virtual);
    equal(times, [0, 0, 60, 60, 120]);
  },
  "retry() in virtual time": async () => {
    const spent = await run(async () => {
      await retry(async (attempt) => {
        if (attempt < 4) throw new Error("busy");
      }, { attempts: 4, backoff: 10 });
      return getRunningLoop().time();
    }, virtual);
    equal(Math.round(spent), 70);
  },
  "Broadcast": async () => {
    const log = [];
    await run(async () => {
      const news = new Broadcast();
      const follow = (name, options) => async () => {
        for await (const item of news.subscribe(options)) log.push(name + item);
      };
      await gather(
        follow("a", { maxsize: 1 }),
        follow("b", { maxsize: 1, policy: "drop-oldest" }),
        async () => {
          for (let i = 0; i < 3; i++) await news.publish(i);
          news.shutdown();
          await rejects(news.publish(3), QueueShutDown);
        },
      );
    });
    equal(log.filter((item) => item.startsWith("a")), ["a0", "a1", "a2"]);
    equal(log.at(-1), "b2");
  },
  "Event": async () => {
    await run(async () => {
      const event = new Event();
      const waiter = createTask(async () => await event.wait());
      await sleep(0);
      event.set();
      equal(await waiter, true);
    });
  },
  "Condition": async () => {
    await run(async () => {
      const condition = new Condition();
      const waiter = createTask(async () => {
        await condition.acquire();
        await condition.wait();
        condition.release();
        return "told";
      });
      await sleep(0);
      await condition.acquire();
      condition.notify();
      condition.release();
      equal(await waiter, "told");
    });
  },
  "Barrier": async () => {
    await run(async () => {
      const barrier = new Barrier(2);
      const wait = async () => await barrier.wait();
      const indexes = await gather(wait, wait);
      equal(indexes.sort(), [0, 1]);
    });
  },
  "Queue": async () => {
    await run(async () => {
      const queue = new Queue(1);
      const producer = createTask(async () => {
        for (let i = 0; i < 3; i++) await queue.put(i);
      });
      const items = [];
      for (let i = 0; i < 3; i++) items.push(await queue.get());
      await producer;
      equal(items, [0, 1, 2]);
    });
  },
  "LifoQueue, PriorityQueue, and their errors": async () => {
    await run(async () => {
      const stack = new LifoQueue(2);
      const heap = new PriorityQueue();
      for (const i of [2, 1]) {
        stack.putNowait(i);
        heap.putNowait(i);
      }
      equal([stack.getNowait(), heap.getNowait()], [1, 1]);
      stack.putNowait(3);
      await rejects((async () => stack.putNowait(4))(), QueueFull);
      heap.getNowait();
      await rejects((async () => heap.getNowait())(), QueueEmpty);
      heap.shutdown();
      await rejects((async () => await heap.get())(), QueueShutDown);
    });
  },
  "Runner": async () => {
    const runner = new Runner();
    equal(await runner.run(sleep(0, 1)), 1);
    equal(await runner.run(sleep(0, 2)), 2);
    await runner.close();
  },
  "run() cancels the tasks that are left": async () => {
    let task;
    await run(async () => {
      task = createTask(sleep(60));
      await sleep(0);
    });
    equal(task.cancelled(), true);
  },
  "two loops at once": async () => {
    equal(
      await Promise.all([run(sleep(0.01, 1)), run(sleep(0.005, 2))]),
      [1, 2],
    );
  },
  "eager tasks": async () => {
    await run(async () => {
      const order = [];
      const task = createTask(async () => {
        order.push("eager");
        await sleep(0);
        return [currentTask()];
      }, { eagerStart: true });
      order.push("after");
      await sleep(0);
      if ((await task)[0] !== task) throw new Error("another task");
      equal(order.join(" "), "eager after");
    });
  },
  "a busy loop lets host timers fire": async () => {
    await run(async () => {
      let fired = false;
      setTimeout(() => fired = true, 1);
      const end = Date.now() + 2000;
      while (!fired && Date.now() < end) await sleep(0);
      equal(fired, true);
    });
  },
  "an exception handler is told of failures": async () => {
    const messages = [];
    await run(async () => {
      const loop = getRunningLoop();
      loop.setExceptionHandler((_loop, context) =>
        messages.push(context.exception.message)
      );
      loop.callSoon(() => {
        throw new Error("in a callback");
      });
      await sleep(0);
    });
    equal(messages, ["in a callback"]);
  },
  "a loop without run()": async () => {
    const loop = newEventLoop();
    equal(await loop.runUntilComplete(sleep(0, 4)), 4);
    loop.close();
  },
  "tasks print as in Python": async () => {
    await run(async () => {
      const work = coroutine(async function work() {
        return "a";
      });
      const task = createTask(work());
      const pending = String(task);
      await task;
      equal(pending.startsWith("<Task pending coro=<work() running at "), true);
      equal(String(task).endsWith(" result='a'>"), true);
    });
  },
  "printed places are the program's own": async () => {
    await run(async () => {
      const here = coroutine(async function here() {});
      const printed = String(createTask(here()));
      equal(/at \S*features\S*:\d+>/.test(printed), true);
    });
  },
  "errors and classes print with their names": async () => {
    await run(async () => {
      const future = new Future();
      future.setException(new QueueEmpty("x"));
      equal(
        String(future),
        "<Future finished exception=QueueEmpty('x')>",
      );
      future.exception();
      equal(/^<Lock \[unlocked\]>$/.test(String(new Lock())), true);
      equal(String(sleep(1)).startsWith("<coroutine object sleep at"), true);
    });
  },
  "recordTimeline()": async () => {
    await run(async () => {
      const recording = recordTimeline();
      const task = createTask(() => sleep(0.02), { name: "nap" });
      await task;
      const { traceEvents } = recording.stop();
      const { tid } = traceEvents.find(({ args }) => args?.name === "nap");
      const kinds = traceEvents
        .filter((event) => event.ph === "X" && event.tid === tid)
        .map(({ cat }) => cat).filter((cat) => cat !== "ready");
      equal(kinds, ["step", "wait", "step"]);
    });
  },
  "traceTasks()": async () => {
    const ended = [];
    const startSpan = () => {
      const span = { name: "" };
      const ignored = "setAttribute setStatus addEvent recordException";
      for (const method of ignored.split(" ")) span[method] = () => {};
      span.updateName = (name) => span.name = name;
      span.end = () => ended.push(span.name);
      return span;
    };
    await run(async () => {
      const tracing = traceTasks({ tracer: { startSpan } });
      await createTask(coroutine(async function nap() {})());
      tracing.stop();
    });
    equal(ended[0], "nap");
  },
  "toThread()": async () => {
    const module = new URL("./thread_functions.js", import.meta.url);
    equal(await run(() => toThread(module, "add", 1, 2)), 3);
  },
  "toThread() with an error": async () => {
    const module = new URL("./thread_functions.js", import.meta.url);
    await rejects(run(() => toThread(module, "fail")), RangeError, "no");
  },
  // Cause: nobody listened to how Node.js and Bun tell of a worker that exits.
  "a worker that exits fails its call, and another makes the next":
    async () => {
      const module = new URL("./thread_functions.js", import.meta.url);
      await run(async () => {
        const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
        const exit = pool.submit(module, "leave");
        const next = pool.submit(module, "add", 1, 2);
        await rejects(
          (async () => await exit)(),
          Error,
          "The worker has died in leave(): the worker has exited",
        );
        equal(await next, 3);
        await pool.shutdown();
      });
    },
  async "processes: input, output, status"() {
    const decoder = new TextDecoder();
    await run(async () => {
      const process = await createSubprocessExec("cat", [], {
        stdin: PIPE,
        stdout: PIPE,
      });
      const [stdout] = await process.communicate("x".repeat(200_000));
      equal(stdout.length, 200_000);
      equal(process.returncode, 0);
      const both = "echo a; echo b >&2; echo c; exit 3";
      const done = await runProcess(both, { stderr: STDOUT });
      equal(decoder.decode(done.stdout), "a\nb\nc\n");
      equal(done.returncode, 3);
      const env = await runProcess(["env"], { env: { NAME: "value" } });
      equal(/^NAME=value$/m.test(decoder.decode(env.stdout)), true);
    });
  },

  async "processes: signals and errors"() {
    await run(async () => {
      const process = await createSubprocessExec("sleep", ["600"]);
      process.kill();
      equal(await process.wait(), -9);
      for (const options of [{}, { stderr: STDOUT }]) {
        await rejects(
          (async () => await runProcess(["no-such-program"], options))(),
          Error,
          "no-such-program",
        );
      }
    });
  },

  async "processes: the end of a tree"() {
    const decoder = new TextDecoder();
    await run(async () => {
      const tree = await createSubprocessShell("sleep 600 & echo $!; wait", {
        stdout: PIPE,
      });
      const pid = decoder.decode(await tree.stdout.readline()).trim();
      await rejects(
        (async () => await waitFor(tree.wait(), 0.01))(),
        TimeoutError,
      );
      await tree.endTree();
      equal(tree.returncode, -15);
      const { stdout } = await runProcess(["ps", "-o", "stat=", "-p", pid]);
      equal(/^[^Z]/.test(decoder.decode(stdout)), false);
      await rejects(
        (async () => await waitFor(runProcess("sleep 600; :"), 0.05))(),
        TimeoutError,
      );
    });
  },
  "runTest() jumps, and waits for native promises": async () => {
    const times = await runTest(async () => {
      await timeout(5, async () => await native(20));
      await timeout(5, async () => await wrapFuture(native(20)));
      const times = [getRunningLoop().time()];
      await sleep(3600);
      return [...times, getRunningLoop().time()];
    });
    equal(times, [0, 3600]);
  },
  "runTest() finds a leak": async () => {
    const leak = runTest(async () => {
      createTask(() => sleep(60), { name: "forgotten" });
    });
    await rejects(leak, LeakError, "forgotten");
  },
  "explore() finds a schedule and repeats it": async () => {
    const body = function* () {
      const order = [];
      const tasks = ["a", "b"].map((name) =>
        createTask(function* () {
          yield* sleep(1);
          order.push(name);
        })
      );
      yield* gather(tasks);
      equal(order, ["a", "b"]);
    };
    const { replay } = await rejects(explore(body), ExplorationError, "is not");
    await rejects(explore(body, { replay }), ExplorationError, "is not");
  },
  "cancelEverywhere() cancels at every wait": async () => {
    const { cancellations } = await cancelEverywhere(async () => {
      for (let i = 0; i < 3; i++) await sleep(1);
    });
    equal(cancellations, 3);
  },
  async "streams: lines, and a read that was cancelled"() {
    const decoder = new TextDecoder();
    await run(async () => {
      const reader = new StreamReader();
      reader.feedData("one\ntw");
      const seen = [];
      await rejects(
        (async () => {
          await timeout(0.01, async () => {
            for await (const line of reader.lines()) seen.push(line);
          });
        })(),
        TimeoutError,
      );
      reader.feedData("o\nthree");
      reader.feedEof();
      for await (const line of reader.lines()) seen.push(line);
      equal(seen.join(), "one,two,three");
      const body = new StreamReader(new Response("hello").body);
      equal(decoder.decode(await body.readexactly(4)), "hell");
      equal(decoder.decode(await body.read()), "o");
      equal(body.atEof(), true);
    });
  },

  async "streams: back-pressure of a writer"() {
    let received = 0;
    const sink = new WritableStream({
      write(chunk) {
        received += chunk.length;
      },
    });
    await run(async () => {
      const writer = new StreamWriter(sink);
      for (let i = 0; i < 50; i++) {
        writer.write(new Uint8Array(10_000));
        await writer.drain();
      }
      writer.close();
      await writer.waitClosed();
    });
    equal(received, 500_000);
  },

  async "sockets: a server and its clients"() {
    await run(async () => {
      const server = await startServer(
        function* (reader, writer) {
          writer.write(yield* reader.readline());
          yield* writer.drain();
        },
        "127.0.0.1",
        0,
      );
      const { port } = server.sockets[0];
      for (let i = 0; i < 3; i++) {
        const [reader, writer] = await openConnection("127.0.0.1", port);
        writer.write(`hello ${i}\n`);
        const answer = await reader.read();
        equal(new TextDecoder().decode(answer), `hello ${i}\n`);
        writer.close();
        await writer.waitClosed();
      }
      server.close();
      await server.waitClosed();
      await rejects(
        (async () => await openConnection("127.0.0.1", port))(),
        Error,
        `Cannot connect to 127.0.0.1:${port}`,
      );
    });
  },
  // The last one: from here on, loops are in debug mode.
  "a signal prints the tree of tasks": async () => {
    await import("@asyncio/asyncio/debug");
    const { error } = console;
    const printed = new Promise((resolve) => console.error = resolve);
    try {
      await run(async () => {
        createTask(() => sleep(60), { name: "sleeper" });
        await sleep(0);
        globalThis.process.kill(globalThis.process.pid, "SIGURG");
        const text = await wrapFuture(printed);
        equal(/^Process \d+ has 2 tasks:\n/.test(text), true);
        equal(text.includes("└── (T) sleeper"), true);
      });
    } finally {
      console.error = error;
    }
  },
};

/** What only programs can do that run in a process of their own. */
const OF_PROCESSES = [
  "Ctrl-C",
  "a signal",
  "a worker that exits",
  "processes",
  "sockets",
];

/** Whether a host cannot have a feature: threads, signals, or processes. */
function isLacking(name, hasWorkers) {
  if (OF_PROCESSES.some((it) => name.startsWith(it))) {
    return typeof globalThis.process?.kill !== "function" || !hasWorkers;
  }
  return name.startsWith("toThread") && !hasWorkers;
}

/**
 * Uses every feature, one after another.
 *
 * @returns For each its outcome: `"yes"`, `"none"` where the host has no
 * workers, no signals or no processes, or what went wrong.
 */
export async function useAll(hasWorkers) {
  const outcomes = {};
  for (const [name, use] of Object.entries(features)) {
    if (isLacking(name, hasWorkers)) {
      outcomes[name] = "none";
      continue;
    }
    let timer;
    const limit = new Promise((resolve) => {
      timer = setTimeout(() => resolve("hangs"), 5000);
    });
    const attempt = async () => {
      try {
        await use();
        return "yes";
      } catch (error) {
        return `${error?.name}: ${error?.message}`;
      }
    };
    outcomes[name] = await Promise.race([attempt(), limit]);
    clearTimeout(timer);
  }
  return outcomes;
}

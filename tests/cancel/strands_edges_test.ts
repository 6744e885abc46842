import { assert, assertEquals } from "@std/assert";
import {
  Condition,
  coroutine,
  createTask,
  getRunningLoop,
  Lock,
  Queue,
  sleep,
  taskGroup,
  type Timeout,
  timeout,
  waitFor,
} from "@asyncio/asyncio";
import { inVirtualTime, runVirtually } from "../_helpers.ts";

// What goes on after its task has ended, and what is about to go on.

const PLACES = ["first", "middle", "last"];

async function outcomeOf(awaitable: PromiseLike<unknown>): Promise<string> {
  try {
    return String(await awaitable);
  } catch (error) {
    return (error as Error).name;
  }
}

Deno.test("a limit in a floating function holds after the task has ended", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    await createTask(async () => {
      outcomeOf(waitFor(sleep(10), 1)).then((name) => log.push(name));
      await sleep(0);
    });
    await sleep(20);
    assertEquals(log, ["TimeoutError"]);
  });
});

Deno.test("a group in a floating function is cancelled after the task has ended", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    await createTask(async () => {
      outcomeOf(taskGroup(async (group) => {
        group.createTask(async () => {
          await sleep(1);
          throw new Error("failed");
        });
        await sleep(60);
        log.push("the body was not cancelled");
      })).then((name) => log.push(name));
      await sleep(0);
    });
    await sleep(90);
    assertEquals(log, ["AggregateError"]);
  });
});

Deno.test("cancelling three parts that wait in line runs the finally blocks of all", async () => {
  const { contexts } = await runVirtually(async () => {
    getRunningLoop().setDebug(true);
    const log: string[] = [];
    const queue = new Queue();
    const task = createTask(async () => {
      await Promise.all(PLACES.map(async (name) => {
        try {
          await queue.get();
        } finally {
          log.push(name);
        }
      }));
    });
    await sleep(1);
    task.cancel();
    assertEquals(await outcomeOf(task), "CancelledError");
    await sleep(0);
    assertEquals(log, PLACES);
  });
  assertEquals(contexts, [], "they were cancelled, not left in line");
});

Deno.test("a limit around three parts that wait in line runs the finally blocks of all", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const lock = new Lock();
    await lock.acquire();
    const task = createTask(async () => {
      await timeout(1, async () => {
        await Promise.all(PLACES.map(async (name) => {
          try {
            await lock.acquire();
          } finally {
            log.push(name);
          }
        }));
      });
    });
    assertEquals(await outcomeOf(task), "TimeoutError");
    await sleep(0);
    assertEquals(log, PLACES);
  });
});

Deno.test("cancelling twice gives a floating function whose task then ends a CancelledError", async () => {
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const first = loop.createFuture<void>();
    const second = loop.createFuture<void>();
    const log: string[] = [];
    const task = createTask(async () => {
      const part = outcomeOf(first);
      outcomeOf(second).then((name) => log.push(name));
      await part;
    });
    await sleep(0);
    first.addDoneCallback(() => {}); // runs between the two steps of the task
    task.cancel();
    task.cancel();
    await sleep(0);
    await sleep(0);
    assertEquals(log, ["CancelledError"]);
    assert(task.done());
  });
});

Deno.test("cancelling reaches a generator task that skips a turn while something floats", async () => {
  await inVirtualTime(async () => {
    const log: string[] = [];
    const start = coroutine(async function start() {
      outcomeOf(sleep(5)).then((name) => log.push(name));
    });
    const task = createTask(function* () {
      yield* start();
      for (let turn = 0; turn < 20; turn++) yield* sleep(0);
      return "not cancelled";
    });
    for (let turn = 0; turn < 8; turn++) await sleep(0);
    task.cancel();
    assertEquals(await outcomeOf(task), "CancelledError");
    assertEquals(log, ["CancelledError"]);
  });
});

Deno.test("a function that a generator calls and does not await knows its loop", async () => {
  await inVirtualTime(async () => {
    let seen: unknown;
    const task = createTask(function* () {
      (async () => {
        await null;
        try {
          seen = getRunningLoop();
        } catch (error) {
          seen = error;
        }
      })();
      yield* sleep(1);
    });
    await task;
    assert(seen === getRunningLoop(), String(seen));
  });
});

Deno.test("a task that awaits what one of its scopes cancelled does not end as cancelled", async () => {
  await inVirtualTime(async () => {
    const task = createTask(async () => {
      let cached: Promise<void> | undefined;
      const load = async () => await sleep(5);
      await outcomeOf(timeout(1, () => cached ??= load()));
      await cached;
    });
    await outcomeOf(task);
    assert(!task.cancelled(), "nobody cancelled the task");
  });
});

Deno.test("what is left in line is named in the report of debug mode", async () => {
  const { contexts } = await runVirtually(async () => {
    getRunningLoop().setDebug(true);
    const queue = new Queue();
    await createTask(async () => {
      await Promise.race([queue.get(), sleep(1)]);
    });
    await sleep(1);
  });
  const [{ message }] = contexts;
  assert(message?.includes("<Queue"), message);
});

Deno.test("the signal of a scope that was cancelled from outside is aborted afterwards", async () => {
  await inVirtualTime(async () => {
    let scope!: Timeout;
    const task = createTask(async () => {
      await timeout(60, async (given) => {
        scope = given;
        await sleep(60);
      });
    });
    await sleep(1);
    task.cancel();
    await outcomeOf(task);
    assert(scope.signal.aborted);
  });
});

Deno.test("an abandoned wait for a condition with a limit does not take its lock", async () => {
  await inVirtualTime(async () => {
    const condition = new Condition();
    await createTask(async () => {
      (async () => {
        using _ = await condition.acquire();
        await waitFor(condition.wait(), 60);
      })();
      await sleep(1);
    });
    await sleep(100);
    assertEquals(String(condition), "<Condition [unlocked]>");
  });
});

Deno.test("what wins a race in the turn of an item does not lose the item", async () => {
  await inVirtualTime(async () => {
    const queue = new Queue<string>();
    const winner = getRunningLoop().createFuture<void>();
    const task = createTask(async () => {
      await Promise.race([queue.get(), winner]);
    });
    await sleep(1);
    winner.setResult();
    queue.putNowait("order 1");
    await task;
    await sleep(0);
    assertEquals(queue.qsize(), 1);
  });
});

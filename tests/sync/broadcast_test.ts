import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  Broadcast,
  CancelledError,
  createTask,
  EventLoop,
  gather,
  getRunningLoop,
  type OverflowPolicy,
  Queue,
  QueueFull,
  QueueShutDown,
  sleep,
  Subscription,
  type Task,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import { inKind, type Script, testKinds, VirtualClock } from "../_helpers.ts";
import { caught } from "../_kinds.ts";
import { randomly, testSweep, testThreeWaiters, untilDone } from "../_sweep.ts";

/** Takes all items of a queue. */
function drain<T>(queue: Queue<T>): T[] {
  return Array.from({ length: queue.qsize() }, () => queue.getNowait());
}

/** Waits enough turns for every task that can continue. */
function* settle(): Script<void> {
  for (let i = 0; i < 12; i++) yield sleep(0);
}

testKinds("Broadcast gives every subscriber every item", async (kind) => {
  const news = new Broadcast<number>();
  const got: number[][] = [[], [], []];
  const follow = inKind(kind, function* follow(index: number): Script<void> {
    const items = news.subscribe({ maxsize: index });
    try {
      for (;;) got[index].push(yield items.get());
    } catch (error) {
      assertInstanceOf(error, QueueShutDown);
    }
  });
  const report = inKind(kind, function* report(): Script<void> {
    for (let i = 0; i < 5; i++) yield news.publish(i);
    news.shutdown();
  });
  await untilDone(() =>
    gather(() => follow(0), () => follow(1), () => follow(2), report)
  );
  assertEquals(got, [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]);
});

testKinds(
  "Broadcast.publish() takes no turn if there is room",
  async (kind) => {
    let turned = false;
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        getRunningLoop().callSoon(() => turned = true);
        const news = new Broadcast<number>();
        yield news.publish(0); // nobody is there
        const items = news.subscribe({ maxsize: 2 });
        yield news.publish(1);
        yield news.publish(2);
        assertFalse(turned);
        assertEquals(drain(items), [1, 2]);
      })(),
    );
  },
);

Deno.test("Broadcast.publish() does nothing before it is awaited", () => {
  const news = new Broadcast<number>();
  const items = news.subscribe();
  news.publish(1).close();
  assertEquals(items.qsize(), 0);
});

for (
  const [policy, held, dropped] of [
    ["drop-oldest", [3, 4], 3],
    ["drop-newest", [0, 1], 3],
  ] as [OverflowPolicy, number[], number][]
) {
  testKinds(
    `Broadcast: a full subscriber with ${policy} holds nobody up`,
    async (kind) => {
      await untilDone(
        inKind(kind, function* main(): Script<void> {
          const news = new Broadcast<number>();
          const items = news.subscribe({ maxsize: 2, policy });
          const all = news.subscribe();
          assertEquals(items.policy, policy);
          for (let i = 0; i < 5; i++) yield news.publish(i);
          assertEquals(items.dropped, dropped);
          assertEquals(drain(items), held);
          assertEquals(drain(all), [0, 1, 2, 3, 4]);
          assertEquals(all.dropped, 0);
        })(),
      );
    },
  );

  Deno.test(`Broadcast: items that ${policy} drops count as done`, async () => {
    await untilDone(async () => {
      const news = new Broadcast<number>();
      const items = news.subscribe({ maxsize: 2, policy });
      for (let i = 0; i < 5; i++) news.publishNowait(i);
      const joined = createTask(items.join());
      for (let i = 0; i < 2; i++) {
        await sleep(0);
        assertFalse(joined.done());
        items.getNowait();
        items.taskDone();
      }
      await joined;
      assertThrows(() => items.taskDone(), RangeError);
    });
  });
}

testKinds(
  "Broadcast.publish() waits for all that are full, and gives the item to all at once",
  async (kind) => {
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        const news = new Broadcast<number>();
        const [first, second] = [1, 1].map((maxsize) =>
          news.subscribe({ maxsize })
        );
        const third = news.subscribe();
        yield news.publish(1);
        const publishing = createTask(news.publish(2));
        yield* settle();
        assertEquals(String(news), "<Broadcast subscribers=3 _publishers[1]>");
        assertEquals(first.getNowait(), 1);
        yield* settle();
        assertFalse(publishing.done());
        assertEquals(third.qsize(), 1);
        assertEquals(second.getNowait(), 1);
        yield publishing;
        assertEquals([first, second, third].map(drain), [[2], [2], [1, 2]]);
        assertEquals(String(news), "<Broadcast subscribers=3>");
      })(),
    );
  },
);

testKinds(
  "Broadcast: publishers are served in the order in which they came",
  async (kind) => {
    const news = new Broadcast<number>();
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        const items = news.subscribe({ maxsize: 1 });
        const publish = inKind(
          kind,
          function* publish(item: number): Script<void> {
            yield news.publish(item);
          },
        );
        const tasks = [0, 1, 2, 3].map((item) => createTask(publish(item)));
        yield* settle();
        const got: number[] = [];
        for (let i = 0; i < 4; i++) {
          got.push(items.getNowait());
          // It comes later than those in line.
          if (i < 3) assertThrows(() => news.publishNowait(9), QueueFull);
          yield* settle();
        }
        assertEquals(got, [0, 1, 2, 3]);
        yield gather(tasks);
      })(),
    );
  },
);

for (const how of ["shutdown()", "using", "shutdown(true)"]) {
  testKinds(
    `Broadcast: a full subscriber that leaves by ${how} is no longer waited for`,
    async (kind) => {
      await untilDone(
        inKind(kind, function* main(): Script<void> {
          const news = new Broadcast<number>();
          const slow = news.subscribe({ maxsize: 1 });
          const other = news.subscribe();
          yield news.publish(1);
          const publishing = createTask(news.publish(2));
          yield* settle();
          assertFalse(publishing.done());
          if (how === "using") slow[Symbol.dispose]();
          else slow.shutdown(how === "shutdown(true)");
          yield publishing;
          assertEquals(news.size, 1);
          assertEquals(drain(other), [1, 2]);
          assertEquals(drain(slow), how === "shutdown()" ? [1] : []);
          assertThrows(() => slow.getNowait(), QueueShutDown);
        })(),
      );
    },
  );
}

testKinds(
  "Broadcast.shutdown(): subscribers end after what they hold, publishers and newcomers get an error",
  async (kind) => {
    await untilDone(
      inKind(kind, function* main(): Script<void> {
        const news = new Broadcast<number>();
        const items = news.subscribe({ maxsize: 1 });
        const idle = news.subscribe();
        yield news.publish(1);
        const publishing = createTask(news.publish(2));
        assertEquals(idle.getNowait(), 1);
        const getting = createTask(idle.get());
        yield* settle();
        news.shutdown();
        news.shutdown(); // again is no error
        assertInstanceOf(yield* caught(publishing), QueueShutDown);
        assertInstanceOf(yield* caught(getting), QueueShutDown);
        const error = yield* caught(news.publish(3));
        assertInstanceOf(error, QueueShutDown);
        assertEquals(
          error.message,
          "Cannot publish an item as the broadcast was shut down",
        );
        assertThrows(() => news.publishNowait(3), QueueShutDown);
        assertThrows(
          () => news.subscribe(),
          QueueShutDown,
          "Cannot subscribe as the broadcast was shut down",
        );
        assertEquals(yield items.get(), 1);
        assertInstanceOf(yield* caught(items.get()), QueueShutDown);
        assertEquals(String(news), "<Broadcast subscribers=0 shutdown>");
      })(),
    );
  },
);

Deno.test("Broadcast.shutdown(true) drops what subscribers hold", () => {
  const news = new Broadcast<number>();
  const items = news.subscribe();
  news.publishNowait(1);
  news.shutdown(true);
  assertThrows(() => items.getNowait(), QueueShutDown);
});

Deno.test("for await over a subscription ends after what it holds", async () => {
  await untilDone(async () => {
    const news = new Broadcast<number>();
    const items = news.subscribe();
    await news.publish(1);
    await news.publish(2);
    news.shutdown();
    const got: number[] = [];
    for await (const item of items) got.push(item);
    assertEquals(got, [1, 2]);
  });
});

Deno.test("Broadcast: a subscriber gets what is published after it has subscribed", () => {
  const news = new Broadcast<number>();
  const early = news.subscribe();
  news.publishNowait(1);
  const late = news.subscribe();
  news.publishNowait(2);
  assertEquals([early, late].map(drain), [[1, 2], [2]]);
  assertInstanceOf(late, Queue);
  assertInstanceOf(late, Subscription);
});

Deno.test("a subscription is a queue: what is put in directly takes room", async () => {
  await untilDone(async () => {
    const news = new Broadcast<number>();
    const items = news.subscribe({ maxsize: 1 });
    const other = news.subscribe();
    await items.put(0);
    const publishing = createTask(news.publish(1));
    await sleep(0);
    assertFalse(publishing.done());
    items.getNowait(); // wakes the publisher, which finds no room after all
    items.putNowait(2);
    await sleep(1);
    assertFalse(publishing.done());
    assertEquals(items.getNowait(), 2);
    await publishing;
    assertEquals([items, other].map(drain), [[1], [1]]);
  });
});

// Cancellation

Deno.test("Broadcast.publish() under waitFor() that expires has delivered nothing", async () => {
  await untilDone(async () => {
    const news = new Broadcast<number>();
    const slow = news.subscribe({ maxsize: 1 });
    const quick = news.subscribe();
    await news.publish(1);
    await assertRejects(
      async () => await waitFor(news.publish(2), 1),
      TimeoutError,
    );
    assertEquals([slow, quick].map(drain), [[1], [1]]);
    await news.publish(3);
    assertEquals([slow, quick].map(drain), [[3], [3]]);
  });
});

testThreeWaiters("Broadcast.publish()", () => {
  const news = new Broadcast<number>();
  const slow = news.subscribe({ maxsize: 1 });
  const quick = news.subscribe();
  const published: number[] = [];
  news.publishNowait(9);
  return {
    *wait(index) {
      yield news.publish(index);
      published.push(index);
    },
    *wake() {
      slow.getNowait();
    },
    check() {
      assertEquals(drain(quick), [9, ...published]);
      assertEquals(drain(slow), published.slice(-1));
      assertEquals(String(news), "<Broadcast subscribers=2>");
    },
  };
});

testThreeWaiters("Subscription.get()", () => {
  const news = new Broadcast<number>();
  const items = news.subscribe({ maxsize: 1 });
  return {
    *wait() {
      yield items.get();
    },
    *wake() {
      yield news.publish(1);
    },
    check: () => assert(/^<Subscription maxsize=1 tasks=\d>$/.test(`${items}`)),
  };
});

testSweep(
  "Broadcast: every subscriber gets the same items, each of them once",
  () => {
    const news = new Broadcast<string>();
    const published: string[] = [];
    const got: Record<string, string[]> = { all: [] };
    const all = news.subscribe();
    const reader = (name: string, maxsize: number) =>
      function* reader(): Script<void> {
        const items = news.subscribe({ maxsize });
        const own: string[] = got[name] = [];
        try {
          for (;;) {
            own.push(yield items.get());
            yield sleep(0);
          }
        } catch (error) {
          if (!(error instanceof QueueShutDown)) throw error;
        } finally {
          items.shutdown();
        }
      };
    const publisher = (name: string) =>
      function* publisher(): Script<void> {
        for (let i = 0; i < 2; i++) {
          yield news.publish(`${name}${i}`);
          published.push(`${name}${i}`);
        }
      };
    return {
      scripts: [reader("x", 1), reader("y", 2), publisher("a"), publisher("b")],
      *director() {
        yield sleep(1);
        news.shutdown();
      },
      check(tasks: Task<unknown>[]) {
        const items = drain(all);
        assertEquals(items.toSorted(), published.toSorted());
        for (const [index, name] of ["x", "y"].entries()) {
          const own = got[name];
          if (own === undefined) continue; // cancelled before it began
          if (tasks[index].cancelled()) {
            assertEquals(own, items.slice(0, own.length));
          } else assertEquals(own, items);
        }
        assertEquals(String(news), "<Broadcast subscribers=0 shutdown>");
      },
    };
  },
);

const SEED = 20_261_128;

testKinds(
  "Broadcast: many publishers and subscribers that come, go and are cancelled keep the order",
  async (kind) => {
    const random = randomly(SEED);
    const news = new Broadcast<number>();
    const everything: number[] = [];
    let next = 0;
    let checked = 0;
    const follow = inKind(kind, function* follow(): Script<void> {
      yield sleep(random(20));
      const policy =
        (["wait", "drop-oldest", "drop-newest"] as const)[random(3)];
      const items = news.subscribe({ maxsize: 1 + random(4), policy });
      const got: number[] = [];
      try {
        for (let i = 0; i < 30; i++) {
          got.push(yield items.get());
          if (random(3) === 0) yield sleep(random(3));
        }
      } catch (error) {
        if (!(error instanceof QueueShutDown)) throw error;
      } finally {
        items.shutdown();
        const places = got.map((item) => everything.indexOf(item));
        for (const [index, place] of places.entries()) {
          assert(place >= 0);
          if (index === 0) continue;
          if (items.dropped === 0) assertEquals(place, places[index - 1] + 1);
          else assert(place > places[index - 1]);
          checked++;
        }
      }
    });
    const publish = inKind(kind, function* publish(): Script<void> {
      for (let i = 0; i < 10; i++) {
        yield sleep(random(4));
        yield news.publish(next++);
      }
    });
    const all = news.subscribe();
    await untilDone(async () => {
      const watcher = createTask(async () => {
        for await (const item of all) everything.push(item);
      });
      const followers = Array.from({ length: 40 }, () => createTask(follow()));
      const publishers = Array.from(
        { length: 20 },
        () => createTask(publish()),
      );
      for (const task of [...followers, ...publishers]) {
        if (random(4) > 0) continue;
        await sleep(random(3));
        task.cancel();
      }
      for (const task of publishers) await task.catch(() => {});
      news.shutdown();
      for (const task of followers) {
        const error = await task.then(() => null, (error) => error);
        if (error !== null) assertInstanceOf(error, CancelledError);
      }
      await watcher;
    });
    assertEquals(new Set(everything).size, everything.length);
    assert(checked > 500);
    assertEquals(String(news), "<Broadcast subscribers=0 shutdown>");
  },
);

Deno.test("Broadcast: ten thousand subscribers that free their room one by one take linear time", async () => {
  await untilDone(async () => {
    const news = new Broadcast<number>();
    const all = Array.from(
      { length: 10_000 },
      () => news.subscribe({ maxsize: 1 }),
    );
    for (let i = 0; i < 20; i++) {
      const publishing = createTask(news.publish(i));
      await sleep(0);
      for (const items of all) if (items.full()) items.getNowait();
      await publishing;
    }
  });
});

Deno.test("Broadcast is bound to the loop in which it first blocks", async () => {
  const make = () => new EventLoop({ clock: new VirtualClock() });
  const [first, second] = [make(), make()];
  const news = new Broadcast<number>();
  const items = news.subscribe({ maxsize: 1 });
  news.publishNowait(1);
  const waiting = first.createTask(news.publish(2));
  await first.runUntilComplete(sleep(0));
  await assertRejects(
    () => second.runUntilComplete(news.publish(3)),
    Error,
    "<Broadcast subscribers=1 _publishers[1]> is bound to a different event loop",
  );
  items.getNowait();
  await first.runUntilComplete(waiting);
  assertEquals(drain(items), [2]);
  first.close();
  second.close();
});

for (
  const [text, options, ErrorClass, message] of [
    [
      "maxsize -1",
      { maxsize: -1 },
      RangeError,
      "must be >= 0: current value is -1",
    ],
    [
      "maxsize 1.5",
      { maxsize: 1.5 },
      RangeError,
      "must be a whole number: current value is 1.5",
    ],
    ["maxsize NaN", { maxsize: NaN }, TypeError, "current value is NaN"],
    ["maxsize '1'", { maxsize: "1" }, TypeError, "current value is '1'"],
    [
      "policy drop",
      { maxsize: 1, policy: "drop" },
      TypeError,
      "none of wait, drop-oldest, drop-newest: current value is 'drop'",
    ],
    [
      "policy null",
      { maxsize: 1, policy: null },
      TypeError,
      "current value is null",
    ],
    [
      "a policy without a size",
      { policy: "drop-oldest" },
      RangeError,
      "must be >= 1 with the policy drop-oldest: current value is 0",
    ],
    ["maxSize", { maxSize: 1 }, TypeError, "did you mean maxsize?"],
    [
      "a number",
      1,
      TypeError,
      "takes options as an object such as { maxsize, policy }",
    ],
  ] as [string, never, typeof Error, string][]
) {
  Deno.test(`Broadcast.subscribe() refuses ${text}`, () => {
    const news = new Broadcast<number>();
    assertThrows(() => news.subscribe(options), ErrorClass, message);
    assertEquals(news.size, 0);
  });
}

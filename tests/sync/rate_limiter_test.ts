import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  createTask,
  EventLoop,
  gather,
  getRunningLoop,
  RateLimiter,
  sleep,
  type Task,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import {
  inFakeTime,
  inKind,
  type Kind,
  KINDS,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import { timersOf } from "../_internals.ts";
import { randomly, testSweep, untilDone } from "../_sweep.ts";

/** Rounds away the noise of floating point. */
function rounded(time: number): number {
  return Math.round(time * 1e3) / 1e3;
}

/** When tasks that come at these times are let through. */
async function timesOf(
  kind: Kind,
  limiter: RateLimiter,
  arrivals: number[],
): Promise<number[]> {
  const times: number[] = [];
  const work = inKind(kind, function* work(arrival: number): Script<void> {
    yield sleep(arrival);
    yield limiter.acquire();
    times.push(rounded(getRunningLoop().time()));
  });
  await untilDone(() => gather(arrivals.map((at) => () => work(at))));
  return times;
}

for (
  const { rate, per, burst, arrivals, expected } of [
    { rate: 2, per: 1, arrivals: [0, 0, 0, 0, 0], expected: [0, 0, 1, 1, 2] },
    { rate: 1, per: 60, arrivals: [0, 0, 0], expected: [0, 60, 120] },
    {
      rate: 3,
      per: 1,
      arrivals: [0, 0.5, 0.6, 0.7],
      expected: [0, 0.5, 0.6, 1],
    },
    // What was not used is not saved up.
    { rate: 2, per: 1, arrivals: [5, 5, 5, 5], expected: [5, 5, 6, 6] },
    // Evenly spaced.
    {
      rate: 4,
      per: 1,
      burst: 1,
      arrivals: [0, 0, 0, 0, 0],
      expected: [0, 0.25, 0.5, 0.75, 1],
    },
    {
      rate: 4,
      per: 1,
      burst: 2,
      arrivals: [0, 0, 0, 0, 0],
      expected: [0, 0, 0.5, 0.5, 1],
    },
    // 3 in 0.3 seconds, but no more than 10 in one.
    {
      rate: 10,
      per: 1,
      burst: 7,
      arrivals: new Array(20).fill(0),
      expected: [
        ...new Array(7).fill(0),
        ...new Array(3).fill(0.7),
        ...new Array(4).fill(1),
        ...new Array(3).fill(1.4),
        ...new Array(3).fill(1.7),
      ],
    },
  ]
) {
  const options = burst === undefined ? "" : `, { burst: ${burst} }`;
  testKinds(
    `RateLimiter(${rate}, ${per}${options}) lets those who come at ${arrivals} through at the right times`,
    async (kind) => {
      const limiter = new RateLimiter(
        rate,
        per,
        burst === undefined ? undefined : { burst },
      );
      assertEquals(await timesOf(kind, limiter, arrivals), expected);
    },
  );
}

testKinds("RateLimiter keeps to the limit in every interval", async (kind) => {
  const random = randomly(7);
  for (const [rate, per, burst] of [[3, 1, 3], [5, 2, 2], [7, 1, 3]]) {
    const limiter = new RateLimiter(rate, per, { burst });
    const arrivals = Array.from({ length: 300 }, () => random(20_000) / 1000);
    const times = await timesOf(kind, limiter, arrivals);
    assertEquals(times.length, 300);
    for (const [index, time] of times.entries()) {
      const before = times[index - rate] ?? -Infinity;
      assert(rounded(time - before) >= per, `more than ${rate} in ${per}`);
      const burstBefore = times[index - burst] ?? -Infinity;
      assert(time - burstBefore >= per * burst / rate - 0.001);
    }
  }
});

Deno.test("RateLimiter follows FakeTime", async () => {
  await inFakeTime(async () => {
    const start = Date.now();
    const limiter = new RateLimiter(1, 10);
    for (let i = 0; i < 3; i++) {
      using _ = await limiter.acquire();
    }
    assertEquals(Date.now() - start, 20_000);
  });
});

testKinds("RateLimiter: one within the limit takes no turn", async (kind) => {
  let turned = false;
  await untilDone(
    inKind(kind, function* main(): Script<void> {
      getRunningLoop().callSoon(() => turned = true);
      const limiter = new RateLimiter(2);
      yield limiter.acquire();
      yield limiter.acquire();
      assertFalse(turned);
    })(),
  );
});

Deno.test("RateLimiter.acquire() does nothing before it is awaited", async () => {
  await untilDone(async () => {
    const limiter = new RateLimiter(1);
    limiter.acquire().close();
    await limiter.acquire();
    assertEquals(getRunningLoop().time(), 0);
  });
});

Deno.test("releasing what RateLimiter.acquire() gives changes nothing", async () => {
  await untilDone(async () => {
    const limiter = new RateLimiter(1);
    const turn = await limiter.acquire();
    turn[Symbol.dispose]();
    await limiter.acquire();
    assertEquals(getRunningLoop().time(), 1);
  });
});

const PLACES = ["first", "middle", "last"];

for (const [victim, place] of PLACES.entries()) {
  testKinds(
    `RateLimiter: of three waiters, the ${place} is cancelled, and the others move up`,
    async (kind) => {
      const limiter = new RateLimiter(1, 1);
      const times: number[][] = [];
      const work = inKind(kind, function* work(index: number): Script<void> {
        yield limiter.acquire();
        times.push([index, getRunningLoop().time()]);
      });
      await untilDone(async () => {
        await limiter.acquire();
        const tasks = [0, 1, 2].map((index) => createTask(work(index)));
        await sleep(0.5);
        tasks[victim].cancel();
        await sleep(5);
        assert(tasks[victim].cancelled());
        const others = [0, 1, 2].filter((index) => index !== victim);
        assertEquals(times, [[others[0], 1], [others[1], 2]]);
        assertEquals(String(limiter), "<RateLimiter [rate:1, per:1]>");
      });
    },
  );
}

Deno.test("RateLimiter: when the only waiter is cancelled, no timer is left", async () => {
  await untilDone(async () => {
    const limiter = new RateLimiter(1, 1);
    await limiter.acquire();
    const task = createTask(limiter.acquire());
    await sleep(0);
    const { size } = timersOf(getRunningLoop());
    task.cancel();
    await sleep(0);
    assertEquals(timersOf(getRunningLoop()).size, size - 1);
  });
});

Deno.test("RateLimiter under waitFor() that expires counts nothing", async () => {
  await untilDone(async () => {
    const limiter = new RateLimiter(1, 10);
    await limiter.acquire();
    await assertRejects(
      async () => await waitFor(limiter.acquire(), 1),
      TimeoutError,
    );
    await limiter.acquire();
    assertEquals(getRunningLoop().time(), 10);
  });
});

testSweep("RateLimiter keeps its rate and loses no turn", () => {
  const limiter = new RateLimiter(2, 1);
  const times: number[] = [];
  return {
    scripts: [0, 1, 2].map(() =>
      function* worker(): Script<void> {
        for (let i = 0; i < 2; i++) {
          yield limiter.acquire();
          times.push(getRunningLoop().time());
        }
      }
    ),
    check(tasks: Task<unknown>[]) {
      const cancelled = tasks.some((task) => task.cancelled());
      assert(cancelled ? times.length >= 4 : times.length === 6);
      for (const [index, time] of times.entries()) {
        assert(time - (times[index - 2] ?? -Infinity) >= 1);
      }
      // Nobody waited longer than needed.
      assertEquals(times.at(-1), Math.ceil(times.length / 2) - 1);
      assertEquals(String(limiter), "<RateLimiter [rate:2, per:1]>");
    },
  };
});

for (const kind of KINDS) {
  Deno.test(`RateLimiter: a hundred thousand waiters are served in order, in linear time (${kind})`, async () => {
    const WAITERS = 100_000;
    const limiter = new RateLimiter(1000, 1);
    const order: number[] = [];
    const work = inKind(kind, function* work(index: number): Script<void> {
      yield limiter.acquire();
      order.push(index);
    });
    await untilDone(async () => {
      const tasks = Array.from(
        { length: WAITERS },
        (_, index) => createTask(work(index)),
      );
      await gather(tasks);
      assertEquals(rounded(getRunningLoop().time()), WAITERS / 1000 - 1);
    });
    assert(order.every((value, index) => value === index));
  });
}

for (const kind of KINDS) {
  Deno.test(`RateLimiter: a turn that comes while a waiter joins is not lost (${kind})`, async () => {
    for (let readings = 1; readings <= 32; readings++) {
      let now = 0;
      const loop = new EventLoop({
        clock: {
          time: () => now += 1 / readings, // each reading takes its time
          wake(callback, delay) {
            now += delay;
            queueMicrotask(callback);
            return () => {};
          },
        },
      });
      const limiter = new RateLimiter(1);
      const times: number[] = [];
      const work = inKind(kind, function* work(): Script<void> {
        yield limiter.acquire();
        times.push(getRunningLoop().time());
      });
      await loop.runUntilComplete(() => gather([work(), work(), work()]));
      assertEquals(times.length, 3, `after ${readings} readings a second`);
      assert(times[1] - times[0] >= 1 && times[2] - times[1] >= 1);
      assertEquals(String(limiter), "<RateLimiter [rate:1, per:1]>");
      loop.close();
    }
  });
}

Deno.test("RateLimiter belongs to the loop in which it is first used", async () => {
  const make = () => new EventLoop({ clock: new VirtualClock() });
  const [first, second] = [make(), make()];
  const limiter = new RateLimiter(2);
  await first.runUntilComplete(limiter.acquire());
  await assertRejects(
    () => second.runUntilComplete(limiter.acquire()),
    Error,
    "<RateLimiter [rate:2, per:1]> is bound to a different event loop",
  );
  await first.runUntilComplete(limiter.acquire());
  first.close();
  second.close();
});

Deno.test("RateLimiter: a loop that only waits for a turn is woken by the host's timer", async () => {
  using time = new FakeTime(0);
  const loop = new EventLoop();
  const limiter = new RateLimiter(1, 5);
  const running = loop.runUntilComplete(async () => {
    await limiter.acquire();
    await limiter.acquire();
  });
  await time.tickAsync(4999);
  assertEquals(timersOf(loop).size, 1);
  await time.tickAsync(2);
  await running;
  loop.close();
});

const NOT_A_NUMBER = "what is not a number";
for (
  const [text, make, ErrorClass, message] of [
    [
      "0",
      () => new RateLimiter(0),
      RangeError,
      "must be >= 1: current value is 0",
    ],
    [
      "-1",
      () => new RateLimiter(-1),
      RangeError,
      "must be >= 1: current value is -1",
    ],
    ["0.5", () => new RateLimiter(0.5), RangeError, "current value is 0.5"],
    ["1.5", () => new RateLimiter(1.5), RangeError, "must be a whole number"],
    ["Infinity", () => new RateLimiter(Infinity), RangeError, "a whole number"],
    ["NaN", () => new RateLimiter(NaN), TypeError, NOT_A_NUMBER],
    ["'2'", () => new RateLimiter("2" as never), TypeError, NOT_A_NUMBER],
    ["", () => new RateLimiter(undefined as never), TypeError, NOT_A_NUMBER],
    [
      "1, 0",
      () => new RateLimiter(1, 0),
      RangeError,
      "must be > 0 and finite: current value is 0",
    ],
    ["1, -1", () => new RateLimiter(1, -1), RangeError, "current value is -1"],
    ["1, Infinity", () => new RateLimiter(1, Infinity), RangeError, "finite"],
    ["1, NaN", () => new RateLimiter(1, NaN), TypeError, "a number of seconds"],
    [
      "1, null",
      () => new RateLimiter(1, null as never),
      TypeError,
      "a number of seconds",
    ],
    ["burst 0", () => new RateLimiter(2, 1, { burst: 0 }), RangeError, ">= 1"],
    [
      "burst 3",
      () => new RateLimiter(2, 1, { burst: 3 }),
      RangeError,
      "<= its rate of 2: current value is 3",
    ],
    [
      "burst 1.5",
      () => new RateLimiter(2, 1, { burst: 1.5 }),
      RangeError,
      "whole number",
    ],
    [
      "burst NaN",
      () => new RateLimiter(2, 1, { burst: NaN }),
      TypeError,
      NOT_A_NUMBER,
    ],
    [
      "bursts",
      () => new RateLimiter(2, 1, { bursts: 1 } as never),
      TypeError,
      "did you mean burst?",
    ],
  ] as [string, () => unknown, typeof Error, string][]
) {
  Deno.test(`RateLimiter(${text}) is refused`, () => {
    assertThrows(make, ErrorClass, message);
  });
}

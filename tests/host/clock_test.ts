import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import {
  type Clock,
  EventLoop,
  gather,
  getRunningLoop,
  newEventLoop,
  run,
  sleep,
} from "@asyncio/asyncio";
import {
  inFakeTime,
  inKind,
  stubPerformance,
  testKinds,
  throughFakeTime,
  VirtualClock,
} from "../_helpers.ts";

/** Waits until every microtask has run. */
function hostHop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function noop(): void {}

/** A clock that the test moves, which records what its loop asks for. */
class ManualClock implements Clock {
  now = 0;
  delays: number[] = [];
  cancelled = 0;
  #callback: (() => void) | null = null;

  time(): number {
    return this.now;
  }

  wake(callback: () => void, delay: number): () => void {
    this.delays.push(delay);
    this.#callback = callback;
    return () => {
      this.cancelled++;
      this.#callback = null;
    };
  }

  /** Sets the time, and wakes the loop if it asked for that. */
  async to(now: number): Promise<void> {
    this.now = now;
    this.#callback?.();
    await hostHop();
  }
}

// FakeTime

Deno.test("EventLoop.time() follows FakeTime that was installed before the loop was created", () => {
  using time = new FakeTime();
  const loop = new EventLoop();
  const start = loop.time();
  assertEquals(loop.time(), start);
  time.tick(1500);
  assertEquals(loop.time() - start, 1.5);
  loop.close();
});

Deno.test("EventLoop keeps the host's time if FakeTime is installed later", () => {
  const loop = new EventLoop();
  using time = new FakeTime();
  const before = loop.time();
  time.tick(1e12);
  assert(loop.time() - before < 1e9);
  loop.close();
});

Deno.test("EventLoop uses the host's time after FakeTime was removed", () => {
  {
    using _time = new FakeTime();
  }
  using _clock = stub(performance, "now", () => 5000);
  const loop = new EventLoop();
  assertEquals(loop.time(), 5);
  loop.close();
});

Deno.test("the loop uses the host's timers, even if they are loaded under FakeTime", async () => {
  using _time = new FakeTime();
  const { setHostTimeout }: typeof import("../../_host/timers.ts") =
    await import(
      "../../_host/timers.ts?loaded=late"
    );
  // FakeTime stands still: only a timer of the host fires.
  await new Promise<void>((resolve) => setHostTimeout(resolve, 1));
});

Deno.test("a timer of the host that is loaded when it is read is read when it is used", async () => {
  const timer = globalThis.setTimeout;
  let reads = 0;
  const properties = Object.getOwnPropertyDescriptor(globalThis, "setTimeout")!;
  const get = () => {
    reads++;
    return timer;
  };
  Object.defineProperty(globalThis, "setTimeout", { get, configurable: true });
  try {
    const { setHostTimeout }: typeof import("../../_host/timers.ts") =
      await import("../../_host/timers.ts?loaded=lazily");
    assertEquals(reads, 0);
    Object.defineProperty(globalThis, "setTimeout", properties);
    await new Promise<void>((resolve) => setHostTimeout(resolve, 0));
    await new Promise<void>((resolve) => setHostTimeout(resolve, 0));
    assertEquals(reads, 1);
  } finally {
    Object.defineProperty(globalThis, "setTimeout", properties);
  }
});

Deno.test("EventLoop.callLater() calls back when FakeTime reaches the deadline, not before", async () => {
  using time = new FakeTime();
  const loop = new EventLoop();
  let called = false;
  loop.callLater(1, () => called = true);
  const running = loop.runForever();
  await time.tickAsync(999);
  await time.runMicrotasks();
  assertFalse(called);
  await time.tickAsync(1);
  await time.runMicrotasks();
  assert(called);
  loop.stop();
  await running;
  loop.close();
});

// Cause: after some time in which only microtasks had run, the loop waited for
// the host in the middle of a test.
testKinds(
  "a tick of FakeTime runs what is due within microtasks, however slow the test is",
  async (kind) => {
    using fake = new FakeTime();
    using time = stubPerformance();
    const loop = new EventLoop();
    let woken = 0;
    const running = loop.runUntilComplete(
      inKind(kind, function* () {
        for (let i = 0; i < 20; i++) {
          yield sleep(1);
          woken++;
        }
      })(),
    );
    for (let ticks = 0; ticks < 20; ticks++) {
      for (let i = 0; i < 50; i++) await null;
      assertEquals(woken, ticks);
      time.pass(0.05);
      fake.tick(1000);
    }
    await running;
    loop.close();
  },
);

Deno.test("sleep() and run() follow FakeTime with no option given", async () => {
  using time = new FakeTime(0);
  const log: number[] = [];
  await throughFakeTime(
    time,
    run(async () => {
      await sleep(1);
      log.push(time.now);
      await sleep(60);
      log.push(time.now);
    }),
  );
  assertEquals(log, [1000, 61_000]);
});

Deno.test("tasks that sleep at the same time take no more fake time than the longest of them", async () => {
  using time = new FakeTime(0);
  const log: string[] = [];
  async function nap(seconds: number): Promise<void> {
    await sleep(seconds);
    log.push(`${seconds} s at ${time.now} ms`);
  }
  await throughFakeTime(
    time,
    run(async () => await gather(...[4, 1, 0, 3, 2].map((n) => () => nap(n)))),
  );
  assertEquals(log, [
    "0 s at 0 ms",
    "1 s at 1000 ms",
    "2 s at 2000 ms",
    "3 s at 3000 ms",
    "4 s at 4000 ms",
  ]);
});

for (const [what, start] of [["0", 0], ["now", null]] as const) {
  testKinds(
    `sleep(0.1) ten times takes exactly 1000 ms of fake time that starts at ${what}`,
    async (kind) => {
      using time = new FakeTime(start);
      const loop = newEventLoop();
      const main = inKind(kind, function* main() {
        for (let i = 0; i < 10; i++) yield sleep(0.1);
      });
      const before = time.now;
      await throughFakeTime(time, loop.runUntilComplete(main()));
      assertEquals(time.now - before, 1000);
      loop.close();
    },
  );
}

/** Delays in seconds, and the milliseconds of fake time that they take. */
const DELAYS: [seconds: number, milliseconds: number][] = [
  [1, 1000],
  [0.1, 100],
  [0.1 + 0.2, 300],
  [0.7 + 0.1, 800],
  [1.1 * 3, 3300],
  [0.29, 290],
  [0.001, 1],
  [0.0001, 1],
  [0.0015, 2],
  [1.0001, 1001],
  [1e-9, 0],
  [0, 0],
  [-1, 0],
];

for (const [seconds, milliseconds] of DELAYS) {
  Deno.test(`EventLoop.callLater(${seconds}) takes ${milliseconds} ms of fake time`, async () => {
    using time = new FakeTime(0);
    const loop = new EventLoop();
    loop.callLater(seconds, () => loop.stop());
    await throughFakeTime(time, loop.runForever());
    assertEquals(time.now, milliseconds);
    loop.close();
  });
}

Deno.test("EventLoop.callLater() calls back in the order of scheduling in fake time if deadlines are equal", async () => {
  await inFakeTime(async () => {
    const loop = getRunningLoop();
    const log: string[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      for (const delay of [0.2, 0.1]) {
        loop.callLater(delay, () => log.push(delay + name));
      }
    }
    await sleep(0.3);
    assertEquals(log.join(" "), "0.1a 0.1b 0.1c 0.1d 0.2a 0.2b 0.2c 0.2d");
  });
});

Deno.test("EventLoop leaves no fake timer behind if it is stopped while it waits", async () => {
  using time = new FakeTime();
  const loop = new EventLoop();
  loop.callLater(60, noop);
  const running = loop.runForever();
  await time.runMicrotasks();
  loop.stop();
  await running;
  assertFalse(time.next());
  loop.close();
});

Deno.test("a busy EventLoop lets host timers fire under FakeTime", async () => {
  const { setTimeout: hostTimeout, clearTimeout: clearHostTimeout } =
    globalThis;
  using _time = new FakeTime();
  const loop = new EventLoop();
  const giveUp = performance.now() + 10_000; // a starved test should fail
  let fired = false;
  const timer = hostTimeout(() => fired = true, 0);
  loop.callSoon(function again() {
    if (fired || performance.now() > giveUp) loop.stop();
    else loop.callSoon(again);
  });
  await loop.runForever();
  clearHostTimeout(timer);
  assert(fired);
  loop.close();
});

// Long delays

const DAY = 24 * 60 * 60;
const LONGEST_HOST_DELAY = 2 ** 31 - 1;

for (const days of [24, 25, 30, 365]) {
  Deno.test(`EventLoop.callLater() of ${days} days is honoured, with timers within the host's limit`, async () => {
    using time = new FakeTime(0);
    const loop = new EventLoop();
    loop.callLater(days * DAY, () => loop.stop());
    const running = loop.runForever();
    for (;;) {
      const before = time.now;
      await time.runMicrotasks();
      if (!loop.isRunning()) break;
      assert(time.next(), "the loop waits for no timer");
      assert(time.now - before <= LONGEST_HOST_DELAY);
    }
    assertEquals(time.now, days * DAY * 1000);
    await running;
    loop.close();
  });
}

Deno.test("EventLoop.callLater() with a delay beyond the host's limit does not overflow the host's timer", async () => {
  using warn = stub(console, "warn", noop);
  const loop = new EventLoop();
  let called = false;
  loop.callLater(1e12, () => called = true);
  const running = loop.runForever();
  await hostHop();
  loop.stop();
  await running;
  assertFalse(called);
  assertEquals(warn.calls, []);
  loop.close();
});

// Short delays

for (const delay of [0, -1, -1e300, -Infinity, Number.MIN_VALUE]) {
  Deno.test(`EventLoop.callLater(${delay}) runs in the next turn, without asking the clock for a wake-up`, async () => {
    const clock = new ManualClock();
    const loop = new EventLoop({ clock });
    const log: string[] = [];
    loop.callSoon(() => {
      loop.callLater(delay, () => log.push("timer"));
      loop.callSoon(() => log.push("callback"));
      loop.callSoon(() => loop.stop());
    });
    await loop.runForever();
    assertEquals(log, ["callback", "timer"]);
    assertEquals(clock.delays, []);
    loop.close();
  });
}

// Injected clocks

Deno.test("EventLoop.time() calls time() as a method of the clock object and returns its result", () => {
  const clock = new ManualClock();
  const loop = new EventLoop({ clock });
  assertEquals(loop.time(), 0);
  clock.now = 12.5;
  assertEquals(loop.time(), 12.5);
  loop.close();
});

Deno.test("EventLoop.time() returns what the clock function returns", () => {
  let now = 3;
  const loop = newEventLoop({ clock: () => now });
  assertEquals(loop.time(), 3);
  now = 4.25;
  assertEquals(loop.time(), 4.25);
  loop.close();
});

Deno.test("an injected clock takes precedence over FakeTime", () => {
  using time = new FakeTime();
  const loop = new EventLoop({ clock: () => 7 });
  time.tick(1000);
  assertEquals(loop.time(), 7);
  loop.close();
});

Deno.test("EventLoop asks its clock for a wake-up at the first timer, and then runs what is due", async () => {
  const clock = new ManualClock();
  const loop = new EventLoop({ clock });
  const log: string[] = [];
  for (const delay of [30, 10, 20]) {
    loop.callLater(delay, () => log.push(`${delay} at ${loop.time()}`));
  }
  const running = loop.runForever();
  await hostHop();
  assertEquals(clock.delays, [10]);
  await clock.to(10);
  assertEquals(log, ["10 at 10"]);
  assertEquals(clock.delays, [10, 10]);
  await clock.to(35);
  assertEquals(log, ["10 at 10", "20 at 35", "30 at 35"]);
  loop.stop();
  await running;
  loop.close();
});

Deno.test("EventLoop asks its clock again if it was woken too early", async () => {
  const clock = new ManualClock();
  const loop = new EventLoop({ clock });
  let called = false;
  loop.callLater(10, () => called = true);
  const running = loop.runForever();
  await hostHop();
  await clock.to(4);
  assertFalse(called);
  assertEquals(clock.delays, [10, 6]);
  await clock.to(10);
  assert(called);
  loop.stop();
  await running;
  loop.close();
});

Deno.test("EventLoop cancels the wake-up when something else wakes it, and asks again", async () => {
  const clock = new ManualClock();
  const loop = new EventLoop({ clock });
  loop.callLater(10, noop);
  const running = loop.runForever();
  await hostHop();
  loop.callSoonThreadsafe(noop);
  await hostHop();
  assertEquals(clock.cancelled, 1);
  assertEquals(clock.delays, [10, 10]);
  loop.stop();
  await running;
  assertEquals(clock.cancelled, 2);
  loop.close();
});

Deno.test("EventLoop does not ask its clock for a wake-up while there is no timer", async () => {
  const clock = new ManualClock();
  const loop = new EventLoop({ clock });
  const running = loop.runForever();
  await hostHop();
  assertEquals(clock.delays, []);
  loop.stop();
  await running;
  loop.close();
});

Deno.test("EventLoop does not ask its clock for a wake-up at a cancelled timer", async () => {
  const clock = new ManualClock();
  const loop = new EventLoop({ clock });
  loop.callLater(1, noop).cancel();
  loop.callLater(10, noop);
  const running = loop.runForever();
  await hostHop();
  assertEquals(clock.delays, [10]);
  loop.stop();
  await running;
  loop.close();
});

Deno.test("EventLoop reads the clock function again when it is woken", async () => {
  let now = 0;
  const loop = new EventLoop({ clock: () => now });
  let called = false;
  loop.callLater(3600, () => called = true);
  const running = loop.runForever();
  await hostHop();
  now = 3600;
  loop.callSoonThreadsafe(noop);
  await hostHop();
  assert(called);
  loop.stop();
  await running;
  loop.close();
});

testKinds(
  "sleep() takes exactly its delay by an injected clock",
  async (kind) => {
    const loop = new EventLoop({ clock: new VirtualClock() });
    const main = inKind(kind, function* main() {
      const times: number[] = [];
      for (const delay of [1, 0.5, 1e6]) {
        yield sleep(delay);
        times.push(loop.time());
      }
      return times;
    });
    assertEquals(await loop.runUntilComplete(main()), [1, 1.5, 1_000_001.5]);
    loop.close();
  },
);

for (
  const [text, value] of Object.entries<unknown>({
    null: null,
    1: 1,
    '"x"': "x",
    "{}": {},
    "[]": [],
    "{ time: [Function: time] }": { time() {} },
    "{ wake: [Function: wake] }": { wake() {} },
    "{ time: 1, wake: 2 }": { time: 1, wake: 2 },
  })
) {
  Deno.test(`EventLoop refuses ${text} as its clock`, () => {
    for (
      const make of [
        () => new EventLoop({ clock: value as Clock }),
        () => newEventLoop({ clock: value as Clock }),
      ]
    ) {
      const error = assertThrows(make, TypeError, "Cannot use as a clock");
      assertStringIncludes(error.message, `current value is ${text}`);
    }
  });
}

// The host's clock

Deno.test("EventLoop.time() is monotonic: it is performance.now() in seconds, whatever the wall clock says", () => {
  using _clock = stub(performance, "now", () => 1500);
  using _wall = stub(Date, "now", () => -1e15);
  const loop = new EventLoop();
  assertEquals(loop.time(), 1.5);
  loop.close();
});

/**
 * Runs `light` callbacks that take no time, then heavy ones that take the given
 * milliseconds. Returns how many heavy ones had run at each turn of the host,
 * in which it runs what the callbacks before gave to `setImmediate()`.
 *
 * The loop has just been idle, so the host may have had turns in the first slice.
 */
async function hostTurns(light: number, milliseconds: number) {
  await run(sleep(0.001));
  let now = performance.now();
  let heavy = 0;
  const turns: number[] = [];
  using _now = stub(performance, "now", () => now);
  let immediate: ReturnType<typeof setImmediate> | undefined;
  function seeTurn(): void {
    immediate ??= setImmediate(() => {
      immediate = undefined;
      turns.push(heavy);
    });
  }
  const loop = new EventLoop();
  seeTurn();
  for (let i = 0; i < light; i++) loop.callSoon(noop);
  for (let i = 0; i < 40; i++) {
    loop.callSoon(() => {
      heavy++;
      now += milliseconds;
      seeTurn();
    });
  }
  loop.callSoon(() => loop.stop());
  await loop.runForever();
  loop.close();
  clearImmediate(immediate);
  return turns;
}

Deno.test("the host gets a turn after each callback that takes longer than a slice", async () => {
  assertEquals((await hostTurns(0, 5)).slice(0, 4), [2, 3, 4, 5]);
});

Deno.test("the host gets a turn after every slice of heavy callbacks", async () => {
  assertEquals((await hostTurns(0, 1)).slice(0, 4), [8, 12, 16, 20]);
});

Deno.test("the host waits for at most 16 heavy callbacks, however many light ones ran before", async () => {
  for (let light = 1; light <= 80; light++) {
    const [first, second] = await hostTurns(light, 5);
    assert(first <= 17, `${first} after ${light}`);
    assertEquals(second, first + 1);
  }
});

Deno.test("the host gets no turn while callbacks take no time", async () => {
  assertEquals(await hostTurns(1000, 0), []);
});

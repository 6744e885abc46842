import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import {
  createTask,
  Event,
  EventLoop,
  gather,
  getRunningLoop,
  run,
  sleep,
  timeout,
  TimeoutError,
  wrapFuture,
} from "@asyncio/asyncio";
import { VirtualClock, waitAllTasksBlocked } from "@asyncio/asyncio/testing";
import { inKind, type Script, testKinds } from "../_helpers.ts";

/** A native promise that settles after real milliseconds. */
function native<T>(value: T, milliseconds = 20): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}

testKinds("VirtualClock jumps while every task waits", async (kind) => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  const main = inKind(kind, function* main(): Script<void> {
    for (let hour = 0; hour < 3; hour++) {
      yield sleep(3600);
      seen.push(clock.now);
    }
  });
  await run(main(), { clock });
  assertEquals(seen, [3600, 7200, 10800]);
});

testKinds("VirtualClock jumps to the next timer only", async (kind) => {
  const clock = new VirtualClock();
  const seen: [string, number][] = [];
  const nap = inKind(
    kind,
    function* nap(name: string, s: number): Script<void> {
      yield sleep(s);
      seen.push([name, clock.now]);
    },
  );
  await run(() => gather(nap("c", 3), nap("a", 1), nap("b", 2)), { clock });
  assertEquals(seen, [["a", 1], ["b", 2], ["c", 3]]);
});

Deno.test("new EventLoop({ clock }) takes a VirtualClock", async () => {
  const clock = new VirtualClock({ now: 100 });
  const loop = new EventLoop({ clock });
  assertEquals(loop.time(), 100);
  await loop.runUntilComplete(sleep(50));
  assertEquals(loop.time(), 150);
  loop.close();
});

Deno.test("VirtualClock does not outrun a native promise that a task awaits", async () => {
  const clock = new VirtualClock();
  await run(async () => {
    assertEquals(await timeout(5, async () => await native("done")), "done");
    assertEquals(clock.now, 0);
  }, { clock });
});

Deno.test("VirtualClock does not outrun a wrapped promise", async () => {
  const clock = new VirtualClock();
  await run(async () => {
    const wrapped = wrapFuture(native("done"));
    assertEquals(await timeout(5, async () => await wrapped), "done");
    assertEquals(clock.now, 0);
  }, { clock });
});

Deno.test("VirtualClock goes on when a task has ended in a native promise", async () => {
  const clock = new VirtualClock();
  await run(async () => {
    createTask(async () => {
      await native(null);
    });
    await sleep(5);
  }, { clock });
  assertEquals(clock.now, 5);
});

Deno.test("VirtualClock goes on when a task waits for the loop after a native promise", async () => {
  const clock = new VirtualClock();
  await run(async () => {
    const event = new Event();
    const task = createTask(async () => {
      await native(null);
      await event.wait();
    });
    await sleep(5);
    event.set();
    await task;
  }, { clock });
  assertEquals(clock.now, 5);
});

Deno.test("VirtualClock jumps all the same if a wrapped promise never settles", async () => {
  const clock = new VirtualClock();
  await run(async () => {
    const never = wrapFuture(new Promise<never>(() => {}));
    await assertRejects(
      async () => await timeout(5, async () => await never),
      TimeoutError,
    );
  }, { clock });
  assertEquals(clock.now, 5);
});

// Cause: after a tenth of a second it looked around by timers that did not hold
// the process, which ended when the host had nothing to do any more.
Deno.test("VirtualClock jumps when what the host was busy with for long is over", async () => {
  const clock = new VirtualClock();
  const main = async () => {
    setTimeout(() => {}, 150);
    await assertRejects(
      () => timeout(1000, async () => await wrapFuture(new Promise(() => {}))),
      TimeoutError,
    );
  };
  await run(main, { clock });
  assertEquals(clock.now, 1000);
});

Deno.test("VirtualClock lets what runs beside a wait come first", async () => {
  const clock = new VirtualClock();
  await run(async () => {
    const cached = (async () => await null)();
    await Promise.race([cached, sleep(5)]);
    assertEquals(clock.now, 0);
  }, { clock });
});

Deno.test("two loops that share a VirtualClock see the same time", async () => {
  const clock = new VirtualClock();
  const seen: [string, number][] = [];
  const visit = (name: string, seconds: number) =>
    run(async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(seconds);
        seen.push([name, clock.now]);
      }
    }, { clock });
  await Promise.all([visit("a", 2), visit("b", 3)]);
  assertEquals(seen, [["a", 2], ["b", 3], ["a", 4], ["b", 6], ["a", 6], [
    "b",
    9,
  ]]);
});

Deno.test("VirtualClock lets the host have a turn while it jumps", async () => {
  let isOver = false;
  setTimeout(() => isOver = true, 1);
  const clock = new VirtualClock();
  await run(async () => {
    while (!isOver) await sleep(1);
  }, { clock });
});

testKinds(
  "jump() moves the time, and timers that are due run in order",
  async (kind) => {
    const clock = new VirtualClock({ autojump: false });
    const seen: [string, number][] = [];
    const nap = inKind(
      kind,
      function* nap(name: string, s: number): Script<void> {
        yield sleep(s);
        seen.push([name, clock.now]);
      },
    );
    const main = inKind(kind, function* main(): Script<void> {
      const tasks = [createTask(nap("b", 2)), createTask(nap("a", 1))];
      yield waitAllTasksBlocked();
      assertEquals(seen, []);
      clock.jump(0.5);
      yield waitAllTasksBlocked();
      assertEquals(seen, []);
      clock.jump(10);
      yield gather(tasks);
    });
    await run(main(), { clock });
    assertEquals(seen, [["a", 10.5], ["b", 10.5]]);
  },
);

Deno.test("autojump can be turned on and off", async () => {
  const clock = new VirtualClock({ autojump: false });
  const running = run(() => sleep(10), { clock });
  assertEquals(clock.autojump, false);
  setTimeout(() => clock.autojump = true, 1);
  await running;
  assertEquals([clock.autojump, clock.now], [true, 10]);
});

Deno.test("FakeTime works beside a VirtualClock", async () => {
  using time = new FakeTime(0);
  const clock = new VirtualClock();
  await run(() => sleep(10), { clock });
  assertEquals([clock.now, time.now], [10, 0]);
  const faked = run(async () => {
    await sleep(1);
    return getRunningLoop().time();
  });
  await time.tickAsync(1000);
  assertEquals(await faked, 1);
});

const BAD_TIMES: [unknown, new () => Error, string][] = [
  ["1", TypeError, "'1'"],
  [NaN, TypeError, "NaN"],
  [null, TypeError, "null"],
  [Infinity, RangeError, "Infinity"],
  [-Infinity, RangeError, "-Infinity"],
];

for (const [value, errorClass, text] of BAD_TIMES) {
  Deno.test(`VirtualClock refuses ${String(value)} as a time`, () => {
    const now = value as number;
    assertThrows(() => new VirtualClock({ now }), errorClass, text);
    const clock = new VirtualClock();
    assertThrows(() => clock.jump(now), errorClass, text);
    assertEquals(clock.now, 0);
  });
}

Deno.test("VirtualClock does not jump back, and knows its options", () => {
  assertThrows(() => new VirtualClock().jump(-1), RangeError, "-1");
  assertThrows(
    () => new VirtualClock({ autoJump: true } as object),
    TypeError,
    "did you mean autojump?",
  );
  assert(String(new VirtualClock({ now: 3 })) === "<VirtualClock now=3>");
});

// Timelines: what is on them, by numbers. The loop has a clock that moves only
// when it is idle, or when a step says that it takes time.

import {
  inKind,
  inVirtualTime,
  runVirtually,
  type Script,
  testKinds,
  VirtualClock,
} from "../_helpers.ts";
import {
  arrows,
  assertTimeline,
  instants,
  slicesOf,
  track,
  trackOf,
} from "./_timeline.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createTask,
  EventLoop,
  Future,
  getRunningLoop,
  Queue,
  run,
  sleep,
  taskGroup,
  timeout,
} from "@asyncio/asyncio";
import {
  recordTimeline,
  type RecordTimelineOptions,
  type Timeline,
} from "@asyncio/asyncio/tracing";
import type { Kind } from "../_helpers.ts";

/** Records a script that is the main coroutine, from before it begins. */
async function record(
  kind: Kind,
  script: (spend: (seconds: number) => void) => Script<unknown>,
  options: RecordTimelineOptions = {},
): Promise<Timeline> {
  const clock = new VirtualClock();
  const loop = new EventLoop({ clock });
  const recording = recordTimeline({ ...options, loop });
  const spend = (seconds: number) => clock.jump(seconds);
  const main = inKind(kind, function* main() {
    yield* script(spend);
  });
  try {
    await loop.runUntilComplete(loop.createTask(main(), { name: "main" }));
  } finally {
    loop.close();
  }
  const timeline = recording.stop();
  assertTimeline(timeline);
  return timeline;
}

testKinds(
  "a track has the steps, waits and ready times of its task",
  async (kind) => {
    const timeline = await record(kind, function* main(spend) {
      const job = inKind(kind, function* job() {
        spend(0.003);
        yield sleep(0.01);
        spend(0.002);
      });
      const task = createTask(job(), { name: "job" });
      spend(0.005); // meanwhile the job is ready
      yield task;
      spend(0.001);
    });
    const [ready, first, wait, second] = track(timeline, "job");
    assertEquals(ready, "ready ready 0 +5");
    assertEquals(first, "step job() 5 +3");
    assert(/^wait .* 8 \+10$/.test(wait), wait);
    assertEquals(second, "step job() 18 +2");
    assertEquals(track(timeline, "job").length, 4);
    const mine = track(timeline, "main");
    assertEquals(mine[0], "step main() 0 +5");
    assert(/^wait .* 5 \+15$/.test(mine[1]), mine[1]);
    assertEquals(mine[2], "step main() 20 +1");
  },
);

testKinds(
  "the loop has a track of its own, with its idle times",
  async (kind) => {
    const timeline = await record(kind, function* main(spend) {
      yield sleep(0.01);
      spend(0.005);
      yield sleep(0.02);
    });
    assertEquals(
      track(timeline, "event loop").filter((text) => text.startsWith("loop ")),
      ["loop idle 0 +10", "loop idle 15 +20"],
    );
  },
);

testKinds("the loop's track has its callbacks", async (kind) => {
  const timeline = await record(kind, function* main(spend) {
    getRunningLoop().callSoon(function slow() {
      spend(0.004);
    });
    yield sleep(0.01);
  });
  const callbacks = track(timeline, "event loop")
    .filter((text) => text.includes("slow()"));
  assertEquals(callbacks.length, 1);
  assert(callbacks[0].endsWith(" 0 +4"), callbacks[0]);
});

testKinds("arrows lead from who wakes to who is woken", async (kind) => {
  const timeline = await record(kind, function* main() {
    const queue = new Queue<number>();
    const consume = inKind(kind, function* consume() {
      yield queue.get();
    });
    const produce = inKind(kind, function* produce() {
      yield sleep(0);
      queue.putNowait(1);
    });
    const consumer = createTask(consume(), { name: "consumer" });
    const producer = createTask(produce(), { name: "producer" });
    yield consumer;
    yield producer;
  });
  assertEquals(arrows(timeline), [
    "spawn: main > consumer",
    "spawn: main > producer",
    "wake-up: producer > consumer",
    "wake-up: consumer > main",
  ]);
});

testKinds(
  "an arrow leads from who cancels to who is cancelled",
  async (kind) => {
    const timeline = await record(kind, function* main() {
      const task = createTask(sleep(60), { name: "job" });
      yield sleep(0);
      task.cancel();
      yield sleep(0);
    });
    assertEquals(
      arrows(timeline).filter((text) => text.startsWith("cancel")),
      ["cancel: main > job"],
    );
    assertEquals(instants(timeline, "job"), ["cancel requested", "cancelled"]);
    const request = timeline.traceEvents.find(({ name }) =>
      name === "cancel requested"
    )!;
    assertEquals(request.args, { by: "Task 'main'" });
  },
);

testKinds(
  "an arrow leads from the callback of a timer to who has slept",
  async (kind) => {
    const timeline = await record(kind, function* main() {
      yield sleep(0.01);
    });
    assertEquals(arrows(timeline), ["wake-up: event loop > main"]);
  },
);

testKinds("a deadline is named as who has cancelled", async (kind) => {
  const timeline = await record(kind, function* main() {
    try {
      yield timeout(
        0.01,
        inKind(kind, function* () {
          yield sleep(60);
        }).body,
      );
    } catch {
      // That is expected.
    }
  });
  const request = timeline.traceEvents.find(({ name }) =>
    name === "cancel requested"
  )!;
  assert(
    String(request.args!.by).startsWith("<Timeout"),
    `${request.args!.by}`,
  );
  assertEquals(request.ts, 10_000);
});

testKinds("a track ends with how the task has ended", async (kind) => {
  const timeline = await record(kind, function* main() {
    const work = inKind(kind, function* work(fails: boolean) {
      yield sleep(0);
      if (fails) throw new RangeError("too far");
    });
    const good = createTask(work(false), { name: "good" });
    const bad = createTask(work(true), { name: "bad" });
    yield good;
    try {
      yield bad;
    } catch {
      // That is expected.
    }
  });
  assertEquals(instants(timeline, "good"), ["finished"]);
  assertEquals(instants(timeline, "bad"), ["failed: RangeError('too far')"]);
});

testKinds("a track has the last name of its task", async (kind) => {
  const timeline = await record(kind, function* main() {
    const task = createTask(sleep(0.01), { name: "old" });
    yield sleep(0);
    task.setName("new");
    yield task;
  });
  assert(trackOf(timeline, "new") > 0);
  assertThrows(() => trackOf(timeline, "old"));
});

testKinds(
  "a task that is ready while another one runs is not idle",
  async (kind) => {
    const timeline = await record(kind, function* main(spend) {
      const spin = inKind(kind, function* spin() {
        for (let i = 0; i < 3; i++) {
          spend(0.001);
          yield sleep(0);
        }
      });
      yield taskGroup(
        inKind(kind, function* (): Script<void> {
          // The group is that of the body's own loop: tasks end by themselves.
          yield createTask(spin(), { name: "a" });
        }).body,
      );
      const [b, c] = ["b", "c"].map((name) => createTask(spin(), { name }));
      yield b;
      yield c;
    });
    for (const name of ["b", "c"]) {
      const slices = slicesOf(timeline, trackOf(timeline, name));
      const sum = (cat: string) =>
        slices.filter((slice) => slice.cat === cat)
          .reduce((sum, { dur }) => sum + dur!, 0);
      assertEquals(sum("step"), 3000);
      assertEquals(sum("wait"), 0);
      assert(sum("ready") >= 2000, `${sum("ready")}`);
    }
  },
);

testKinds(
  "an eager start is part of the step of who creates the task",
  async (kind) => {
    const timeline = await record(kind, function* main(spend) {
      const job = inKind(kind, function* job() {
        spend(0.001);
        yield sleep(0.01);
      });
      const task = createTask(job(), { name: "job", eagerStart: true });
      spend(0.002);
      yield task;
    });
    assertEquals(track(timeline, "main")[0], "step main() 0 +3");
    const [wait, step] = track(timeline, "job");
    // An async function calls sleep() when the code around it has paused.
    const end = kind === "async" ? 13 : 11;
    assert(/^wait .* 0 /.test(wait) && wait.endsWith(` +${end}`), wait);
    assertEquals(step, `step job() ${end} +0`);
  },
);

Deno.test("a native promise is named, and what the task waits for after it is another wait", async () => {
  const timeline = await record("generator", function* main() {
    const { promise, resolve } = Promise.withResolvers<void>();
    const task = createTask(async () => {
      await promise;
      await sleep(0.01);
    }, { name: "job" });
    yield sleep(0.005);
    resolve();
    yield task;
  });
  const waits = slicesOf(timeline, trackOf(timeline, "job"))
    .filter(({ cat }) => cat === "wait").map(({ name }) => name);
  assertEquals(waits.length, 2);
  assert(waits[0].startsWith("native promise"), waits[0]);
});

Deno.test("tasks that were there before are recorded from then on", async () => {
  const clock = new VirtualClock();
  const loop = new EventLoop({ clock });
  let timeline: Timeline | undefined;
  await loop.runUntilComplete(async function main() {
    const task = createTask(sleep(0.01), { name: "old" });
    await sleep(0.002);
    const recording = recordTimeline();
    clock.jump(0.001);
    await task;
    timeline = recording.stop();
  });
  loop.close();
  assertTimeline(timeline!);
  const [wait] = track(timeline!, "old");
  assert(/^wait .* 0 \+8$/.test(wait), wait);
  const [step] = slicesOf(timeline!, trackOf(timeline!, "Task-1").valueOf());
  assertEquals([step.ts, step.dur], [0, 1000]);
});

testKinds("stop() ends what is open", async (kind) => {
  const clock = new VirtualClock();
  const loop = new EventLoop({ clock });
  const main = inKind(kind, function* main() {
    const recording = recordTimeline();
    createTask(sleep(60), { name: "sleeper" });
    yield sleep(0.01);
    clock.jump(0.002);
    return recording.stop();
  });
  const timeline = await loop.runUntilComplete(main());
  loop.close();
  assertTimeline(timeline);
  const wait = track(timeline, "sleeper").at(-1)!;
  assert(/^wait .* 0 \+12$/.test(wait), wait);
});

testKinds(
  "stop() gives the same every time, and nothing is recorded after it",
  async (kind) => {
    await inVirtualTime(inKind(kind, function* main() {
      const recording = recordTimeline();
      yield sleep(0.01);
      const timeline = recording.stop();
      const count = timeline.traceEvents.length;
      yield sleep(0.01);
      assert(recording.stop() === timeline);
      assertEquals(timeline.traceEvents.length, count);
    }));
  },
);

Deno.test("using stops a recording", async () => {
  await inVirtualTime(async () => {
    let recording: ReturnType<typeof recordTimeline>;
    {
      using inner = recordTimeline();
      recording = inner;
      await sleep(0.01);
    }
    const count = recording.stop().traceEvents.length;
    await sleep(0.01);
    assertEquals(recording.stop().traceEvents.length, count);
  });
});

testKinds("two recordings at once do not disturb each other", async (kind) => {
  await inVirtualTime(inKind(kind, function* main() {
    const outer = recordTimeline();
    yield sleep(0.01);
    const inner = recordTimeline();
    yield sleep(0.02);
    const idle = (timeline: Timeline) =>
      track(timeline, "event loop").filter((text) => text.startsWith("loop "));
    assertEquals(idle(inner.stop()), ["loop idle 0 +20"]);
    assertEquals(idle(outer.stop()), ["loop idle 0 +10", "loop idle 10 +20"]);
  }));
});

testKinds("what is beyond maxEvents is left out and counted", async (kind) => {
  const script = function* main(): Script<void> {
    for (let i = 0; i < 5; i++) yield createTask(sleep(0.01));
  };
  const all = await record(kind, script);
  const isKept = ({ ph }: { ph: string }) => ph !== "M";
  const total = all.traceEvents.filter(isKept).length;
  assertEquals(all.otherData, { tasks: 6, dropped: 0 });

  const few = await record(kind, script, { maxEvents: 4 });
  assertEquals(few.traceEvents.filter(isKept).length, 4);
  assertEquals(few.otherData, { tasks: 6, dropped: total - 4 });
});

testKinds("a recording changes neither order nor time", async (kind) => {
  async function program(records: boolean): Promise<[string[], number]> {
    const log: string[] = [];
    const { elapsed } = await runVirtually(
      inKind(kind, function* main() {
        const recording = records ? recordTimeline() : null;
        const future = new Future<void>();
        const job = inKind(kind, function* job(name: string) {
          for (let i = 0; i < 3; i++) {
            log.push(`${name}${i}`);
            yield sleep(i === 1 ? 0.01 : 0);
          }
          if (name === "b") future.setResult();
          yield future;
          log.push(name);
        });
        const tasks = ["a", "b", "c"].map((name) => createTask(job(name)));
        for (const task of tasks) yield task;
        recording?.stop();
      })(),
    );
    return [log, elapsed];
  }
  assertEquals(await program(true), await program(false));
});

Deno.test("a timeline survives JSON", async () => {
  const timeline = await record("async", function* main() {
    yield createTask(sleep(0.01), { name: 'quotes "and" \u2028 breaks\n' });
  });
  assertEquals(JSON.parse(JSON.stringify(timeline)), timeline);
});

Deno.test("a finished task is not kept by a recording", async () => {
  await run(async () => {
    const recording = recordTimeline();
    for (let i = 0; i < 10; i++) await createTask(() => sleep(0));
    const { tasks } = recording.stop().otherData;
    assertEquals(tasks, 11);
  });
});

Deno.test("recordTimeline() refuses what it cannot record", () => {
  const closed = new EventLoop();
  closed.close();
  const cases: [unknown, string][] = [
    [undefined, "no running event loop"],
    [{}, "no running event loop"],
    [{ loop: closed }, "Event loop is closed"],
    [{ loop: 1 }, "Cannot use as loop"],
    [{ maxEvents: NaN }, "maxEvents"],
    [{ maxEvents: -1 }, "maxEvents"],
    [{ maxEvents: 1.5 }, "maxEvents"],
    [{ maxEvents: "1" }, "maxEvents"],
    [{ max_events: 1 }, "maxEvents"],
  ];
  for (const [options, message] of cases) {
    assertThrows(
      () => recordTimeline(options as RecordTimelineOptions),
      Error,
      message,
    );
  }
});

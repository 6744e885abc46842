// Instruments: what they see, in which order, and what becomes of one that
// throws.

import { inKind, inVirtualTime, KINDS, runVirtually } from "../_helpers.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Canceller,
  createTask,
  currentTask,
  EventLoop,
  gather,
  getRunningLoop,
  type Instrument,
  run,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  type Timeout,
  timeout,
} from "@asyncio/asyncio";

/** An instrument that writes down what it sees of named tasks. */
function recorder(log: string[]): Required<Instrument> {
  const note = (event: string, task: Task<unknown>) => {
    const name = task.getName();
    if (!name.startsWith("Task-")) log.push(`${event} ${name}`);
  };
  return {
    taskSpawned: (task) => note("spawned", task),
    taskScheduled: (task) => note("scheduled", task),
    beforeTaskStep: (task) => note("before", task),
    afterTaskStep(task, seconds) {
      assert(seconds >= 0);
      note("after", task);
    },
    taskExited: (task) => note(task.done() ? "exited" : "too early", task),
    cancelRequested: (task) => note("cancel", task),
    beforeIdle: () => log.push("idle"),
    afterIdle: () => log.push("busy"),
  };
}

for (const kind of KINDS) {
  Deno.test(`an instrument sees the whole life of a task (${kind})`, async () => {
    const log: string[] = [];
    const job = inKind(kind, function* () {
      yield sleep(1);
      yield sleep(0);
    });
    await inVirtualTime(inKind(kind, function* () {
      getRunningLoop().addInstrument(recorder(log));
      yield createTask(job(), { name: "job" });
    }));
    assertEquals(log, [
      "spawned job",
      "scheduled job",
      "before job",
      "after job",
      "idle",
      "busy",
      "scheduled job", // by the timer
      "before job", // ends the first sleep, and yields
      "scheduled job",
      "after job",
      "before job",
      "exited job",
      "after job",
    ]);
  });

  Deno.test(`an eager task is spawned and exits without steps of its own (${kind})`, async () => {
    const log: string[] = [];
    await inVirtualTime(inKind(kind, function* () {
      getRunningLoop().addInstrument(recorder(log));
      const job = inKind(kind, function* () {
        return 1;
      });
      yield createTask(job(), { name: "job", eagerStart: true });
    }));
    assertEquals(log, ["spawned job", "exited job"]);
  });

  Deno.test(`taskExited() sees how a task has ended (${kind})`, async () => {
    const ends: string[] = [];
    const { contexts } = await runVirtually(inKind(kind, function* () {
      getRunningLoop().addInstrument({
        taskExited(task) {
          ends.push(
            task.cancelled()
              ? "cancelled"
              : task.exception() === null
              ? "returned"
              : "failed",
          );
        },
      });
      const fail = inKind(kind, function* () {
        throw new Error("no luck");
      });
      const failing = createTask(fail());
      const cancelled = createTask(sleep(60));
      const returning = createTask(sleep(0));
      yield sleep(0);
      cancelled.cancel();
      yield gather([failing, cancelled, returning], { returnExceptions: true });
    }));
    assertEquals(contexts, []);
    assertEquals(ends, ["failed", "returned", "cancelled", "returned"]);
  });

  Deno.test(`currentTask() in taskScheduled() is the task that wakes (${kind})`, async () => {
    const wakes: string[] = [];
    await inVirtualTime(inKind(kind, function* () {
      const loop = getRunningLoop();
      const future = loop.createFuture<void>();
      const waits = inKind(kind, function* () {
        yield future;
      });
      const wakesIt = inKind(kind, function* () {
        future.setResult();
      });
      const sleeper = createTask(waits(), { name: "sleeper" });
      yield sleep(0);
      loop.addInstrument({
        taskScheduled: (task) =>
          wakes.push(`${currentTask()?.getName()} > ${task.getName()}`),
      });
      yield createTask(wakesIt(), { name: "waker" });
      yield sleeper;
    }));
    assert(wakes.includes("waker > sleeper"), wakes.join());
  });

  Deno.test(`cancelRequested() says who cancels (${kind})`, async () => {
    const seen: [task: string, by: Canceller][] = [];
    const controller = new AbortController();
    let main: Task<unknown> | null = null;
    const scopes: Canceller[] = [];
    await inVirtualTime(inKind(kind, function* () {
      main = currentTask()!;
      const loop = getRunningLoop();
      loop.addInstrument({
        cancelRequested: (task, by) => seen.push([task.getName(), by]),
      });
      const sleeps = inKind(kind, function* () {
        yield sleep(60);
      });
      const names = ["by task", "by signal", "by callback"];
      const { signal } = controller;
      const tasks = names.map((name) =>
        createTask(sleeps(), name === "by signal" ? { name, signal } : { name })
      );
      yield sleep(0);
      tasks[0].cancel();
      controller.abort();
      loop.callSoon(() => tasks[2].cancel());
      yield gather(tasks, { returnExceptions: true });
      main.setName("main");
      try {
        yield timeout(
          1,
          inKind(kind, function* (scope: Timeout) {
            scopes.push(scope);
            yield sleep(60);
          }),
        );
      } catch { /* a TimeoutError */ }
      yield taskGroup(inKind(kind, function* (group: TaskGroup) {
        scopes.push(group);
        group.createTask(sleeps(), { name: "child" });
        yield sleep(0);
        group.cancel();
      }));
    }));
    assertEquals(seen.map(([name]) => name), [
      "by task",
      "by signal",
      "by callback",
      "main",
      "child",
      "main",
    ]);
    const by = seen.map(([, by]) => by);
    assert(by[0] === main);
    assert(by[1] === controller.signal);
    assert(by[2] === null);
    assert(by[3] === scopes[0]);
    assert(by[4] === scopes[1]);
    assert(by[5] === scopes[1]);
  });
}

Deno.test("the end of run() is named as what cancels the tasks that are left", async () => {
  const seen: Canceller[] = [];
  await run(async () => {
    getRunningLoop().addInstrument({
      cancelRequested: (_task, by) => seen.push(by),
    });
    createTask(sleep(60));
  });
  assertEquals(seen, ["run()"]);
});

Deno.test("a cancelled task that waits for another has the request of both seen", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    getRunningLoop().addInstrument(recorder(log));
    const inner = createTask(sleep(60), { name: "inner" });
    const outer = createTask(async () => await inner, { name: "outer" });
    await sleep(0);
    await sleep(0);
    outer.cancel();
    await gather([outer], { returnExceptions: true });
  });
  const cancels = log.filter((line) => line.startsWith("cancel"));
  assertEquals(cancels, ["cancel outer", "cancel inner"]);
});

const THROWN = new Error("hook");
const HOOKS: (keyof Instrument)[] = [
  "taskSpawned",
  "taskScheduled",
  "beforeTaskStep",
  "afterTaskStep",
  "taskExited",
  "cancelRequested",
  "beforeIdle",
  "afterIdle",
];

for (const hook of HOOKS) {
  Deno.test(`an instrument whose ${hook}() throws is removed and reported, and the others go on`, async () => {
    let thrown = 0;
    let other = 0;
    const bad: Instrument = {
      [hook]() {
        thrown++;
        throw THROWN;
      },
    };
    const good: Instrument = { [hook]: () => void other++ };
    const { contexts } = await runVirtually(async () => {
      const loop = getRunningLoop();
      loop.addInstrument(bad);
      loop.addInstrument(good);
      for (let i = 0; i < 2; i++) {
        const task = createTask(sleep(60));
        await sleep(1);
        task.cancel();
        await gather([task], { returnExceptions: true });
      }
      assertEquals(loop.removeInstrument(bad), false);
      assertEquals(loop.removeInstrument(good), true);
    });
    assertEquals(thrown, 1);
    assert(other > 1);
    assertEquals(
      contexts.map(({ message, exception, instrument }) => ({
        message,
        exception,
        instrument,
      })),
      [{
        message: `Exception in ${hook}() of an instrument, which was removed`,
        exception: THROWN,
        instrument: bad,
      }],
    );
  });
}

Deno.test("an instrument whose hook returns a promise that rejects is removed and reported", async () => {
  const instrument = { taskSpawned: () => Promise.reject(THROWN) };
  const { contexts } = await runVirtually(async () => {
    const loop = getRunningLoop();
    loop.addInstrument(instrument);
    await createTask(sleep(0));
    assertEquals(loop.removeInstrument(instrument), false);
  });
  assertEquals(contexts.map(({ exception }) => exception), [THROWN]);
});

Deno.test("instruments are called in the order in which they were added, each once", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const [first, middle, last] = ["first", "middle", "last"].map((name) => ({
      taskSpawned: () => void log.push(name),
    }));
    for (const one of [first, middle, last, first]) loop.addInstrument(one);
    await createTask(sleep(0));
    loop.removeInstrument(middle);
    await createTask(sleep(0));
  });
  assertEquals(log, ["first", "middle", "last", "first", "last"]);
});

Deno.test("an instrument may remove itself and add another", async () => {
  const log: string[] = [];
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const second = { taskSpawned: () => void log.push("second") };
    const first = {
      taskSpawned() {
        log.push("first");
        loop.removeInstrument(first);
        loop.addInstrument(second);
      },
    };
    loop.addInstrument(first);
    await createTask(sleep(0));
    await createTask(sleep(0));
  });
  assertEquals(log, ["first", "second"]);
});

Deno.test("an instrument that is added within a step sees the next one, not the end of this one", async () => {
  const log: string[] = [];
  await inVirtualTime(function* () {
    const spin = function* () {
      for (let i = 0; i < 3; i++) yield* sleep(0);
    };
    const task = createTask(spin, { name: "spin" });
    yield* sleep(0);
    yield* sleep(0);
    getRunningLoop().addInstrument({
      beforeTaskStep: (task) => log.push(`before ${task.getName()}`),
      afterTaskStep: (task) => log.push(`after ${task.getName()}`),
    });
    yield* task;
  });
  assertEquals(log.slice(0, 4), [
    "before spin",
    "after spin",
    "before spin",
    "after spin",
  ]);
});

Deno.test("beforeIdle() may schedule something, which runs at once", async () => {
  let ran = false;
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    loop.addInstrument({
      beforeIdle() {
        if (!future.done()) future.setResult();
      },
    });
    await future;
    ran = true;
  });
  assert(ran);
});

Deno.test("without instruments, and after the last one was removed, the loop has no list of them", () => {
  const loop = new EventLoop();
  assertEquals(loop.$engineOf.instruments, null);
  const instrument: Instrument = { taskExited() {} };
  loop.addInstrument(instrument);
  assert(loop.$engineOf.instruments !== null);
  loop.removeInstrument(instrument);
  assertEquals(loop.$engineOf.instruments, null);
  loop.close();
});

for (
  const [what, value] of [
    ["undefined", undefined],
    ["null", null],
    ["a number", 1],
    ["a function", () => {}],
    ["an object without hooks", { taskSpawn() {} }],
    ["a hook that is no function", { taskSpawned: 1 }],
    ["an async hook", { taskSpawned: async () => {} }],
    ["a generator as hook", { taskSpawned: function* () {} }],
  ] as const
) {
  Deno.test(`addInstrument() refuses ${what}`, () => {
    const loop = new EventLoop();
    assertThrows(() => loop.addInstrument(value as Instrument), TypeError);
    assertEquals(loop.removeInstrument(value as Instrument), false);
    loop.close();
  });
}

Deno.test("addInstrument() refuses a closed loop", () => {
  const loop = new EventLoop();
  loop.close();
  assertThrows(
    () => loop.addInstrument({ taskExited() {} }),
    Error,
    "Event loop is closed",
  );
});

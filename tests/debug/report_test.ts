// What a process tells of its tasks.

import {
  inKind,
  inVirtualTime,
  type Kind,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { findCycles } from "../../_debug/process_report.ts";
import { reportTasks } from "../../_debug/report_tasks.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  asCompleted,
  type Awaitable,
  createTask,
  currentTask,
  Event,
  gather,
  getRunningLoop,
  Lock,
  race,
  run,
  shield,
  sleep,
  type Task,
  taskGroup,
  wait,
  waitFor,
} from "@asyncio/asyncio";

/** Each task with the functions in which it waits, and who waits for it. */
function summary(): Record<string, string[]> {
  const tasks = reportTasks([getRunningLoop()]);
  const names = new Map(tasks.map(({ id, name }) => [id, name]));
  const chain = (stack: { name: string }[]) =>
    stack.map(({ name }) => name).join(" < ");
  return Object.fromEntries(
    tasks.filter(({ name }) => !name.startsWith("Task-")).map((task) => [
      task.name,
      [
        ...task.waits.map(({ stack }) => chain(stack)),
        ...task.awaitedBy.map(({ id, stack }) =>
          `${names.get(id)}: ${chain(stack)}`
        ),
      ],
    ]),
  );
}

/** Runs a script in debug mode, as the named task "main". */
async function inDebugMode(
  kind: Kind,
  script: () => Script<unknown>,
): Promise<void> {
  await runVirtually(
    inKind(kind, function* root() {
      yield createTask(inKind(kind, script)(), { name: "main" });
    })(),
    { prepare: (loop) => loop.setDebug(true) },
  );
}

Deno.test("a report has the functions in which a task waits, innermost first", async () => {
  await run(async () => {
    async function inner() {
      await new Event().wait();
    }
    async function middle() {
      await inner();
    }
    const task = createTask(async function outer() {
      await middle();
    }, { name: "job" });
    await sleep(0);
    assertEquals(summary(), { job: ["inner < middle < outer"] });
    const [{ waits: [{ stack }] }] = reportTasks([getRunningLoop()])
      .filter(({ name }) => name === "job");
    for (const { file, line } of stack) {
      assert(file.endsWith("tests/debug/report_test.ts"), file);
      assert(line > 0);
    }
    task.cancel();
  }, { debug: true });
});

/** Ways to wait for several tasks. */
const WAYS: Record<string, (tasks: Task<unknown>[]) => Awaitable<unknown>> = {
  "gather()": (tasks) => gather(tasks),
  "wait()": (tasks) => wait(tasks),
  "shield()": (tasks) => gather(tasks.map((task) => shield(task))),
  "asCompleted()": (tasks) => [...asCompleted(tasks)][0],
  "race()": (tasks) => race(tasks),
};

for (const [name, way] of Object.entries(WAYS)) {
  testKinds(
    `who waits by ${name} is among those who wait for each task`,
    async (kind) => {
      await inDebugMode(kind, function* main() {
        const event = new Event();
        const job = inKind(kind, function* job() {
          yield event.wait();
        });
        const tasks = ["a", "b", "c"].map((name) =>
          createTask(job(), { name })
        );
        const waiter = createTask(
          inKind(kind, function* waiting() {
            yield way(tasks);
          })(),
          { name: "waiter" },
        );
        yield sleep(0);
        yield sleep(0);
        const found = summary();
        for (const name of ["a", "b", "c"]) {
          const awaiters = found[name].filter((text) => text.includes(": "));
          assertEquals(awaiters, [awaiters[0]]);
          assertStringIncludes(awaiters[0], "waiter: ");
          assertStringIncludes(awaiters[0], "waiting");
        }
        event.set();
        yield waiter;
      });
    },
  );
}

testKinds(
  "who waits with a time limit is among those who wait",
  async (kind) => {
    await inDebugMode(kind, function* main() {
      const event = new Event();
      const task = createTask(
        inKind(kind, function* job() {
          yield event.wait();
        })(),
        { name: "job" },
      );
      const waiter = createTask(
        inKind(kind, function* waiter() {
          yield waitFor(task, 60);
        })(),
        { name: "waiter" },
      );
      yield sleep(0);
      yield sleep(0);
      assert(summary().job.some((text) => text.startsWith("waiter: ")));
      event.set();
      yield waiter;
    });
  },
);

testKinds(
  "who waits for a group is among those who wait for its tasks",
  async (kind) => {
    await inDebugMode(kind, function* main() {
      const event = new Event();
      const waiter = createTask(
        inKind(kind, function* waiting() {
          yield taskGroup((group) => {
            for (const name of ["a", "b"]) {
              group.createTask(event.wait(), { name });
            }
            return sleep(0);
          });
        })(),
        { name: "waiter" },
      );
      for (let i = 0; i < 4; i++) yield sleep(0);
      const found = summary();
      for (const name of ["a", "b"]) {
        assertEquals(found[name].filter((text) => text.includes(": ")), [
          "waiter: waiting",
        ]);
      }
      event.set();
      yield waiter;
    });
  },
);

Deno.test("a task in a native promise says so", async () => {
  await run(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const task = createTask(async function job() {
      await promise;
    }, { name: "job" });
    await sleep(0.001);
    const [job] = reportTasks([getRunningLoop()])
      .filter(({ name }) => name === "job");
    resolve();
    await task;
    assertEquals(job.waits.length, 1);
    const [{ waitsFor, stack: [{ name, file, line }] }] = job.waits;
    assertEquals(waitsFor, `native promise at ${file}:${line}`);
    assertEquals(name, "job");
  }, { debug: true });
});

Deno.test("a task that waits in several places has them all", async () => {
  await run(async () => {
    const event = new Event();
    async function left() {
      await event.wait();
    }
    async function right() {
      await event.wait();
    }
    const task = createTask(async function both() {
      await Promise.all([left(), right()]);
    }, { name: "job" });
    await sleep(0);
    await sleep(0);
    assertEquals(summary(), { job: ["left < both", "right < both"] });
    event.set();
    await task;
  }, { debug: true });
});

// Cause: A race was told as the place in a line of one of its contestants.
testKinds(
  "a race of a task for a lock that it holds is no circle",
  async (kind) => {
    await inDebugMode(kind, function* () {
      const lock = new Lock();
      yield lock.acquire();
      const look = inKind(kind, function* look(): Script<void> {
        const tasks = reportTasks([getRunningLoop()]);
        const main = tasks.find(({ name }) => name === "main")!;
        assertEquals(main.waits[0].heldBy, []);
        const contestants = tasks.filter(({ awaitedBy }) =>
          awaitedBy.some(({ id, isOneOf }) => id === main.id && isOneOf)
        );
        assertEquals(contestants.length, 3);
        assertEquals(findCycles(tasks), []);
      });
      yield race<Awaitable<unknown>[]>(
        lock.acquire(),
        new Event().wait(),
        look(),
      );
      lock.release();
    });
  },
);

testKinds(
  "a task that has not begun, or is about to go on, is in the report",
  async (kind) => {
    await inVirtualTime(inKind(kind, function* main() {
      const spin = inKind(kind, function* spin() {
        for (let i = 0; i < 3; i++) yield sleep(0);
      });
      const task = createTask(spin(), { name: "spin" });
      assertEquals(summary(), { spin: ["spin"] });
      yield sleep(0);
      assertEquals(Object.keys(summary()), ["spin"]);
      yield task;
      assertEquals(summary(), {});
    }));
  },
);

testKinds(
  "a report leaves no trace: an exception stays unretrieved",
  async (kind) => {
    const { contexts } = await runVirtually(
      inKind(kind, function* main() {
        createTask(
          inKind(kind, function* fail() {
            throw new Error("nobody looks");
          })(),
        );
        yield sleep(0);
        reportTasks([getRunningLoop()]);
        assert(currentTask() !== null);
      })(),
    );
    assertEquals(contexts.length, 1);
  },
);

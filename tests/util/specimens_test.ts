import { assert, assertEquals } from "@std/assert";
import {
  asCompleted,
  Barrier,
  BoundedSemaphore,
  Broadcast,
  createTask,
  Event,
  gather,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  race,
  RateLimiter,
  run,
  RWLock,
  sleep,
  taskGroup,
  timeout,
  wrapFuture,
} from "../../mod.ts";
import { runTest } from "../../testing.ts";
import { type Openable, watchBirths } from "../../_core/births.ts";
import { keepSpecimens, makeSpecimens } from "../../_util/specimens.ts";
import { suspendedIn } from "../../_wait/suspended.ts";

/** Uses, outside of a running loop, each thing that has specimens. */
function useAll(): void {
  suspendedIn(taskGroup(function* (group) {
    group.createTask(function* () {});
  }));
  suspendedIn(timeout(1, function* () {
    yield null;
  }));
  suspendedIn(() => gather(sleep(1)));
  suspendedIn(() => race([sleep(1)]));
  suspendedIn(function* () {
    for (const next of asCompleted([sleep(1)])) yield* next;
  });
  new Lock();
  new RWLock();
  new BoundedSemaphore();
  new Event();
  new Barrier(1);
  new Queue();
  new LifoQueue();
  new PriorityQueue();
  new Broadcast();
  new RateLimiter(1);
}

Deno.test("specimens are made of all that tasks wait in", () => {
  useAll();
  const made: Openable[] = [];
  const end = watchBirths((thing) => made.push(thing));
  makeSpecimens();
  end();
  const names = made.map((thing) =>
    /: (?:<coroutine object |<)?(\w*)/.exec(thing.$leftText())![1]
  );
  const inner = ["", "begin", "of", "sleep"];
  assertEquals(names.filter((name) => !inner.includes(name)), [
    "taskGroup",
    "TaskGroup",
    "taskGroup",
    "TaskGroup",
    "timeout",
    "Timeout",
    "race",
    "nextCompleted",
    "acquire",
    "acquireRead",
    "acquire",
    "wait",
    "get",
    "put",
    "join",
    "publish",
    "acquire",
  ]);
});

Deno.test("specimens are made once, and not before makeSpecimens()", () => {
  const calls: string[] = [];
  const make = () => calls.push("made");
  keepSpecimens(make);
  keepSpecimens(make);
  assertEquals(calls, []);
  makeSpecimens();
  keepSpecimens(make);
  makeSpecimens();
  assertEquals(calls, ["made"]);
});

Deno.test("making specimens may ask to keep the same ones", () => {
  let calls = 0;
  function make(): void {
    calls++;
    keepSpecimens(make);
  }
  keepSpecimens(make);
  makeSpecimens();
  makeSpecimens();
  assertEquals(calls, 1);
});

Deno.test("a test that is long enough for specimens does not find them left behind", async () => {
  let areMade = false;
  keepSpecimens(() => {
    areMade = true;
    return new Lock().acquire();
  });
  await runTest(function* () {
    while (!areMade) yield* sleep(0);
    yield* sleep(0);
  });
  assert(areMade);
});

Deno.test("a loop that is often idle has specimens made", async () => {
  let areMade = false;
  await run(function* () {
    keepSpecimens(() => areMade = true);
    for (let i = 0; i < 64; i++) yield* wrapFuture(Promise.resolve());
  });
  assert(areMade);
});

// Cause: the first task after the first busy slice was Task-7 instead of Task-2.
Deno.test("specimens that are tasks take no number of a task of the program", async () => {
  let areMade = false;
  await run(function* () {
    const before = createTask(sleep(0));
    keepSpecimens(() => {
      areMade = true;
      return suspendedIn(function* () {
        yield null;
      });
    });
    for (let i = 0; i < 64; i++) yield* wrapFuture(Promise.resolve());
    const after = createTask(sleep(0));
    const [first, second] = [before, after].map((task) =>
      Number(task.getName().replace("Task-", ""))
    );
    assertEquals(second - first, 1);
  });
  assert(areMade);
});

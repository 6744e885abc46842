import { assert, assertEquals } from "@std/assert";
import {
  asCompleted,
  Barrier,
  BoundedSemaphore,
  Broadcast,
  Condition,
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
import { keepSpecimens, makeSpecimens } from "../../_util/specimens.ts";

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

/** Makes one of each thing that has specimens, so that they are made as well. */
function* useAll() {
  yield* taskGroup(function* (group) {
    group.createTask(sleep(0));
  }, { limit: 1 });
  yield* timeout(1, function* () {});
  yield* gather(sleep(0));
  yield* race([sleep(0)]);
  for (const next of asCompleted([sleep(0)])) yield* next;
  new Lock();
  new RWLock();
  new BoundedSemaphore();
  new Event();
  new Barrier(1);
  new Condition();
  new Queue();
  new LifoQueue();
  new PriorityQueue();
  new Broadcast();
  new RateLimiter(1);
}

Deno.test("a test that is long enough for specimens does not find them left behind", async () => {
  let areMade = false;
  keepSpecimens(() => areMade = true);
  await runTest(function* () {
    yield* useAll();
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

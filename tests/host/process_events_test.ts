import { assertEquals, assertThrows } from "@std/assert";
import { listenToProcess } from "../../_host/process_events.ts";

/** A `process` that calls its listeners as an `EventEmitter` does. */
class FakeProcess {
  readonly listeners: (() => void)[] = [];
  on(_event: string, listener: () => void): void {
    this.listeners.push(listener);
  }
  off(_event: string, listener: () => void): void {
    this.listeners.splice(this.listeners.indexOf(listener), 1);
  }
  exit(): never {
    throw new Error("not expected");
  }
  emit(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

// Cause: each call of run() and runProcess() added a listener of its own, and
// Node.js warned of a leak at the eleventh.
Deno.test("listeners of an event share one of the process, which goes with the last", () => {
  const process = new FakeProcess();
  const seen: number[] = [];
  const removers = Array.from(
    { length: 12 },
    (_, n) => listenToProcess(process, "shared", () => seen.push(n)),
  );
  assertEquals(process.listeners.length, 1);
  process.emit();
  assertEquals(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  for (const remove of removers) remove();
  assertEquals(process.listeners.length, 0);
});

Deno.test("a function that listens twice is called twice, and removed one by one", () => {
  const process = new FakeProcess();
  let calls = 0;
  const count = () => calls++;
  const removers = [1, 2].map(() => listenToProcess(process, "twice", count));
  process.emit();
  assertEquals(calls, 2);
  removers[0]();
  removers[0]();
  process.emit();
  assertEquals(calls, 3);
  removers[1]();
  assertEquals(process.listeners.length, 0);
});

for (const removed of [0, 1, 2]) {
  Deno.test(`the others are called when the second of three listeners removes number ${removed}`, () => {
    const process = new FakeProcess();
    const seen: number[] = [];
    const removers = [0, 1, 2].map((n) =>
      listenToProcess(process, `removed ${removed}`, () => {
        seen.push(n);
        if (n === 1) removers[removed]();
      })
    );
    process.emit();
    assertEquals(seen, removed === 2 ? [0, 1] : [0, 1, 2]);
    seen.length = 0;
    process.emit();
    assertEquals(seen, [0, 1, 2].filter((n) => n !== removed));
    for (const remove of removers) remove();
    assertEquals(process.listeners.length, 0);
  });
}

Deno.test("a listener that is added while others are called waits for the next time", () => {
  const process = new FakeProcess();
  const seen: string[] = [];
  const removers = [
    listenToProcess(process, "added", () => {
      // It is the last one, and goes: the process gets another listener.
      removers[0]();
      removers.push(listenToProcess(process, "added", () => seen.push("new")));
      seen.push("old");
    }),
  ];
  process.emit();
  assertEquals(seen, ["old"]);
  process.emit();
  assertEquals(seen, ["old", "new"]);
  removers[1]();
  assertEquals(process.listeners.length, 0);
});

Deno.test("an event that the process refuses has no listener afterwards", () => {
  const process = new FakeProcess();
  const refusing = {
    on: () => {
      throw new Error("no");
    },
    off: () => {},
    exit: process.exit,
  };
  assertThrows(() => listenToProcess(refusing, "refused", () => {}), Error);
  const remove = listenToProcess(process, "refused", () => {});
  assertEquals(process.listeners.length, 1);
  remove();
});

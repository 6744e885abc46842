import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { type Timed, TimerHeap } from "../../_util/timer_heap.ts";
import { Child, testChild } from "../host/_child.ts";

let sequence = 0;

class TestTimer implements Timed {
  readonly $order = sequence++;
  #pending = false;
  readonly #when: number;

  constructor(when: number) {
    this.#when = when;
  }

  when(): number {
    return this.#when;
  }

  get $isPending(): boolean {
    return this.#pending;
  }

  set $isPending(isPending: boolean) {
    this.#pending = isPending;
  }
}

/** Returns a heap of timers with these deadlines. */
function heapOf(...times: number[]) {
  const heap = new TimerHeap<TestTimer>();
  const timers = times.map((when) => new TestTimer(when));
  for (const timer of timers) heap.push(timer);
  return { heap, timers };
}

function drain(heap: TimerHeap<TestTimer>): TestTimer[] {
  return Array.from({ length: heap.size }, () => heap.pop());
}

function times(timers: TestTimer[]): number[] {
  return timers.map((timer) => timer.when());
}

/** Pseudo-random numbers, the same for a given seed. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (;;) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    yield seed / 2 ** 32;
  }
}

function inOrder(timers: Iterable<TestTimer>): TestTimer[] {
  return [...timers].toSorted((a, b) =>
    a.when() - b.when() || a.$order - b.$order
  );
}

// Cause: the stack overflowed while a timer was added, and left half a heap.
Deno.test("TimerHeap is as it was if adding a timer throws, wherever that is", () => {
  const deadlines = Array.from({ length: 70 }, () => 1);
  for (let calls = 0;; calls++) {
    const heap = new TimerHeap<Timed>();
    const timers = deadlines.map((when) => new TestTimer(when));
    for (const timer of timers) heap.push(timer);
    let left = calls;
    const step = <T>(value: T): T => {
      if (left-- === 0) {
        throw new RangeError("Maximum call stack size exceeded");
      }
      return value;
    };
    const added: Timed = {
      when: () => step(1),
      get $order() {
        return step(-1); // before all of them
      },
      $isPending: false,
    };
    let hasThrown = false;
    try {
      heap.push(added);
    } catch {
      hasThrown = true;
    }
    const all = hasThrown ? timers : [added, ...timers];
    assertEquals(heap.size, all.length);
    for (const timer of all) assertStrictEquals(heap.pop(), timer);
    if (hasThrown) continue;
    assert(calls > 3); // it is compared with one entry of each level
    return;
  }
});

Deno.test("TimerHeap is initially empty", () => {
  const heap = new TimerHeap<TestTimer>();
  assertEquals(heap.size, 0);
  assertEquals(heap.peek(), undefined);
});

Deno.test("TimerHeap.pop() returns the timers by deadline", () => {
  const { heap } = heapOf(5, 3, 8, 1, 9, 2, 7, -4, 6, 0.5);
  assertEquals(times(drain(heap)), [-4, 0.5, 1, 2, 3, 5, 6, 7, 8, 9]);
  assertEquals(heap.size, 0);
  assertEquals(heap.peek(), undefined);
});

Deno.test("TimerHeap.pop() returns equal deadlines in order of scheduling", () => {
  const { heap, timers } = heapOf(...new Array(50).fill(1));
  assertEquals(drain(heap), timers);
});

Deno.test("TimerHeap.pop() returns equal deadlines in order of scheduling, whatever the order of pushes", () => {
  const timers = Array.from({ length: 50 }, () => new TestTimer(1));
  const heap = new TimerHeap<TestTimer>();
  for (const timer of timers.toReversed()) heap.push(timer);
  assertEquals(drain(heap), timers);
});

Deno.test("TimerHeap.peek() returns the first timer and leaves it in the heap", () => {
  const { heap, timers } = heapOf(2, 1, 3);
  assertStrictEquals(heap.peek(), timers[1]);
  assertStrictEquals(heap.peek(), timers[1]);
  assertEquals(heap.size, 3);
});

for (
  const [place, index] of [["first", 0], ["middle", 4], ["last", 9]] as const
) {
  Deno.test(`TimerHeap.delete() removes the ${place} timer and keeps the others in order`, () => {
    const { heap, timers } = heapOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    heap.delete(timers[index]);
    assertEquals(heap.size, 9);
    assertEquals(timers[index].$isPending, false);
    assertEquals(times(drain(heap)), times(timers.toSpliced(index, 1)));
  });
}

/** A timer that counts how often the heap looks at it. */
class SeenTimer extends TestTimer {
  static looks = 0;

  override get $isPending(): boolean {
    SeenTimer.looks++;
    return super.$isPending;
  }

  override set $isPending(isPending: boolean) {
    super.$isPending = isPending;
  }
}

/** How many entries a heap has, deleted ones included. */
function entryCount(heap: TimerHeap<SeenTimer>): number {
  const before = SeenTimer.looks;
  assertEquals([...heap.values()].length, heap.size);
  return SeenTimer.looks - before;
}

for (const count of [1, 2, 3, 10, 1000]) {
  for (const order of ["first to last", "last to first", "shuffled"] as const) {
    Deno.test(`TimerHeap keeps no more deleted timers than pending ones, of ${count} from ${order}`, () => {
      const heap = new TimerHeap<SeenTimer>();
      const timers = Array.from({ length: count }, (_, i) => new SeenTimer(i));
      for (const timer of timers) heap.push(timer);
      const random = pseudoRandom(count);
      const keys = new Map(timers.map((timer, i) => [
        timer,
        order === "shuffled"
          ? random.next().value
          : order === "first to last"
          ? i
          : -i,
      ]));
      timers.sort((a, b) => keys.get(a)! - keys.get(b)!);
      for (let left = count - 1; left >= 0; left--) {
        heap.delete(timers[count - 1 - left]);
        assertEquals(heap.size, left);
        assert(entryCount(heap) <= (left > 16 ? 2 * left : left));
      }
    });
  }
}

Deno.test("TimerHeap keeps no more deleted timers than pending ones when those are popped", () => {
  const heap = new TimerHeap<SeenTimer>();
  const timers = Array.from({ length: 100 }, (_, i) => new SeenTimer(i));
  for (const timer of timers) heap.push(timer);
  for (const timer of timers.slice(-51, -1)) heap.delete(timer);
  for (let left = 50; left > 0; left--) {
    assert(entryCount(heap) <= 2 * left);
    heap.pop();
  }
  assertEquals(entryCount(heap), 0);
});

Deno.test("TimerHeap looks at few timers for each that is deleted, on average", () => {
  const heap = new TimerHeap<SeenTimer>();
  const timers = Array.from({ length: 4096 }, (_, i) => new SeenTimer(i));
  for (const timer of timers) heap.push(timer);
  SeenTimer.looks = 0;
  for (const timer of timers) heap.delete(timer);
  assert(SeenTimer.looks < 4 * timers.length, String(SeenTimer.looks));
});

Deno.test("TimerHeap.delete() of a timer that is in no heap does nothing", () => {
  const { heap, timers } = heapOf(1, 2);
  heap.delete(new TestTimer(0));
  heap.delete(timers[0]);
  heap.delete(timers[0]);
  assertEquals(times(drain(heap)), [2]);
});

Deno.test("TimerHeap.delete() of a timer that was popped does nothing", () => {
  const { heap } = heapOf(1, 2);
  const popped = heap.pop();
  heap.delete(popped);
  assertEquals(times(drain(heap)), [2]);
});

Deno.test("TimerHeap.clear() empties the heap, and its timers are in no heap afterwards", () => {
  const { heap, timers } = heapOf(1, 2, 3);
  heap.clear();
  assertEquals(heap.size, 0);
  assertEquals(timers.map((timer) => timer.$isPending), [false, false, false]);
  heap.delete(timers[1]);
  heap.push(timers[2]);
  assertStrictEquals(heap.pop(), timers[2]);
});

Deno.test("TimerHeap.clear() forgets timers that were deleted before", () => {
  const { heap, timers } = heapOf(...Array.from({ length: 100 }, (_, i) => i));
  for (const timer of timers.slice(20, 40)) heap.delete(timer);
  heap.clear();
  assertEquals(heap.size, 0);
  heap.push(timers[30]);
  assertEquals(heap.size, 1);
  assertStrictEquals(heap.pop(), timers[30]);
});

for (
  const [what, pushes, pops] of [
    ["as many pops as deletions", 0.5, 0.25],
    ["few pops", 0.5, 0.05],
    ["few deletions", 0.5, 0.45],
  ] as const
) {
  Deno.test(`TimerHeap keeps its order through any mix of push, pop and delete, with ${what}`, () => {
    const random = pseudoRandom(7);
    const heap = new TimerHeap<TestTimer>();
    const model = new Set<TestTimer>();
    for (let i = 0; i < 5000; i++) {
      const choice = random.next().value;
      if (choice < pushes || model.size === 0) {
        const pushed = new TestTimer(Math.floor(random.next().value * 100));
        heap.push(pushed);
        model.add(pushed);
      } else if (choice < pushes + pops) {
        const expected = inOrder(model)[0];
        assertStrictEquals(heap.peek(), expected);
        assertStrictEquals(heap.pop(), expected);
        model.delete(expected);
      } else {
        const victim = [...model][Math.floor(random.next().value * model.size)];
        heap.delete(victim);
        model.delete(victim);
      }
      assertEquals(heap.size, model.size);
    }
    assertEquals(drain(heap), inOrder(model));
  });
}

for (const count of [3, 100, 10_000]) {
  testChild(
    `TimerHeap keeps none of ${count} timers alive that were popped or deleted`,
    async () => {
      await using child = new Child(
        `
      const { TimerHeap } = await import(
        "${new URL("../../_util/timer_heap.ts", import.meta.url)}"
      );
      const heap = new TimerHeap();
      const refs = [];
      function fill() {
        for (let i = 0; i < ${count}; i++) {
          const when = i * 7919 % 5000;
          const timer = { $order: i, $isPending: false, when: () => when };
          heap.push(timer);
          refs.push(new WeakRef(timer));
          if (i % 3 === 2) {
            heap.delete(heap.peek());
            heap.delete(timer);
          }
        }
        while (heap.size > 0) heap.pop();
      }
      fill();
      for (let i = 0; i < 3; i++) {
        await new Promise((resolve) => setTimeout(resolve));
        gc();
      }
      console.log(refs.length, refs.filter((ref) => ref.deref()).length);
    `,
        ["--v8-flags=--expose-gc"],
      );
      await child.prints(`${count} 0`);
    },
  );
}

for (const how of ["pop()", "delete()"] as const) {
  testChild(
    `a TimerHeap that had many timers gives its memory back with ${how}`,
    async () => {
      await using child = new Child(
        `
      const { TimerHeap } = await import(
        "${new URL("../../_util/timer_heap.ts", import.meta.url)}"
      );
      const timer = ($order) => ({ $order, $isPending: false, when: () => 1 });
      const heap = new TimerHeap();
      heap.push(timer(0));
      function used() {
        gc();
        return Deno.memoryUsage().heapUsed;
      }
      const before = used();
      for (let i = 0; i < 3; i++) {
        const timers = Array.from({ length: 200_000 }, (_, i) => timer(i + 1));
        for (const each of timers) heap.push(each);
        if (${how === "pop()"}) while (heap.size > 1) heap.pop();
        else for (const each of timers) heap.delete(each);
        timers.length = 0;
      }
      console.log(heap.size, used() - before < 500_000);
    `,
        ["--v8-flags=--expose-gc"],
      );
      await child.prints("1 true");
    },
  );
}

import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Timed, TimerHeap } from "../../_util/timer_heap.ts";

let sequence = 0;

function timer(when: number): Timed {
  return { $deadline: when, $schedulingOrder: sequence++, $heapIndex: -1 };
}

/** Returns a heap of timers with these deadlines. */
function heapOf(...times: number[]) {
  const heap = new TimerHeap<Timed>();
  const timers = times.map(timer);
  for (const timer of timers) heap.push(timer);
  return { heap, timers };
}

function drain(heap: TimerHeap<Timed>): Timed[] {
  return Array.from({ length: heap.size }, () => heap.pop());
}

function times(timers: Timed[]): number[] {
  return timers.map((timer) => timer.$deadline);
}

/** Pseudo-random numbers, the same for a given seed. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (;;) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    yield seed / 2 ** 32;
  }
}

function inOrder(timers: Iterable<Timed>): Timed[] {
  return [...timers].toSorted((a, b) =>
    a.$deadline - b.$deadline || a.$schedulingOrder - b.$schedulingOrder
  );
}

Deno.test("TimerHeap is initially empty", () => {
  const heap = new TimerHeap<Timed>();
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
  const timers = Array.from({ length: 50 }, () => timer(1));
  const heap = new TimerHeap<Timed>();
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
    assertEquals(timers[index].$heapIndex, -1);
    assertEquals(times(drain(heap)), times(timers.toSpliced(index, 1)));
  });
}

Deno.test("TimerHeap.delete() moves the replacing timer up if needed", () => {
  // 12 replaces 101, whose parent is 100: it comes from the smaller subtree.
  const { heap, timers } = heapOf(0, 100, 10, 101, 102, 11, 12);
  assertEquals(timers.map((timer) => timer.$heapIndex), [0, 1, 2, 3, 4, 5, 6]);
  heap.delete(timers[3]);
  assertEquals(timers[6].$heapIndex, 1);
  assertEquals(times(drain(heap)), [0, 10, 11, 12, 100, 102]);
});

Deno.test("TimerHeap.delete() of a timer that is in no heap does nothing", () => {
  const { heap, timers } = heapOf(1, 2);
  heap.delete(timer(0));
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
  assertEquals(timers.map((timer) => timer.$heapIndex), [-1, -1, -1]);
  heap.delete(timers[1]);
  heap.push(timers[2]);
  assertStrictEquals(heap.pop(), timers[2]);
});

Deno.test("TimerHeap keeps its order through any mix of push, pop and delete", () => {
  const random = pseudoRandom(7);
  const heap = new TimerHeap<Timed>();
  const model = new Set<Timed>();
  for (let i = 0; i < 5000; i++) {
    const choice = random.next().value;
    if (choice < 0.5 || model.size === 0) {
      const pushed = timer(Math.floor(random.next().value * 100));
      heap.push(pushed);
      model.add(pushed);
    } else if (choice < 0.75) {
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

import { assertEquals, assertStrictEquals } from "@std/assert";
import { type Timed, TimerHeap } from "../_util/timer_heap.ts";

let sequence = 0;

function timer(when: number): Timed {
  return { _when: when, _sequence: sequence++, _index: -1 };
}

/** A heap of timers that are due at these times. */
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
  return timers.map((timer) => timer._when);
}

/** Numbers that look random and are the same each time. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (;;) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    yield seed / 2 ** 32;
  }
}

function inOrder(timers: Iterable<Timed>): Timed[] {
  return [...timers].toSorted((a, b) =>
    a._when - b._when || a._sequence - b._sequence
  );
}

Deno.test("TimerHeap is empty at first", () => {
  const heap = new TimerHeap<Timed>();
  assertEquals(heap.size, 0);
  assertEquals(heap.peek(), undefined);
});

Deno.test("TimerHeap.pop() gives the timers by deadline", () => {
  const { heap } = heapOf(5, 3, 8, 1, 9, 2, 7, -4, 6, 0.5);
  assertEquals(times(drain(heap)), [-4, 0.5, 1, 2, 3, 5, 6, 7, 8, 9]);
  assertEquals(heap.size, 0);
  assertEquals(heap.peek(), undefined);
});

Deno.test("TimerHeap.pop() gives equal deadlines in order of scheduling", () => {
  const { heap, timers } = heapOf(...new Array(50).fill(1));
  assertEquals(drain(heap), timers);
});

Deno.test("TimerHeap.pop() gives equal deadlines in order of scheduling, in whatever order they were pushed", () => {
  const timers = Array.from({ length: 50 }, () => timer(1));
  const heap = new TimerHeap<Timed>();
  for (const timer of timers.toReversed()) heap.push(timer);
  assertEquals(drain(heap), timers);
});

Deno.test("TimerHeap.peek() gives the first timer and leaves it there", () => {
  const { heap, timers } = heapOf(2, 1, 3);
  assertStrictEquals(heap.peek(), timers[1]);
  assertStrictEquals(heap.peek(), timers[1]);
  assertEquals(heap.size, 3);
});

for (
  const [place, index] of [["first", 0], ["middle", 4], ["last", 9]] as const
) {
  Deno.test(`TimerHeap.delete() takes the ${place} timer out and keeps the others in order`, () => {
    const { heap, timers } = heapOf(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    heap.delete(timers[index]);
    assertEquals(heap.size, 9);
    assertEquals(timers[index]._index, -1);
    assertEquals(times(drain(heap)), times(timers.toSpliced(index, 1)));
  });
}

Deno.test("TimerHeap.delete() moves the timer that takes the place up where that is needed", () => {
  // 12 takes the place of 101, below 100: the other half was smaller.
  const { heap, timers } = heapOf(0, 100, 10, 101, 102, 11, 12);
  assertEquals(timers.map((timer) => timer._index), [0, 1, 2, 3, 4, 5, 6]);
  heap.delete(timers[3]);
  assertEquals(timers[6]._index, 1);
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

Deno.test("TimerHeap.clear() empties the heap, and its timers are in none from then on", () => {
  const { heap, timers } = heapOf(1, 2, 3);
  heap.clear();
  assertEquals(heap.size, 0);
  assertEquals(timers.map((timer) => timer._index), [-1, -1, -1]);
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

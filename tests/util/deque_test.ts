import { assertEquals, assertStrictEquals } from "@std/assert";
import { Deque } from "../../_util/deque.ts";

interface Numbered {
  n: number;
}

function entry(n: number): Numbered {
  return { n };
}

function take(queue: Deque<Numbered>, count = queue.length): number[] {
  return Array.from({ length: count }, () => queue.shift().n);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

Deno.test("a new Deque is empty", () => {
  assertEquals(new Deque<Numbered>().length, 0);
});

Deno.test("Deque.shift() returns the same entry that was pushed", () => {
  const queue = new Deque<Numbered>();
  const pushed = entry(1);
  queue.push(pushed);
  assertEquals(queue.length, 1);
  assertStrictEquals(queue.shift(), pushed);
  assertEquals(queue.length, 0);
});

// Around the first capacities, and beyond the one that is given up when empty.
for (const count of [1, 63, 64, 65, 127, 128, 129, 5000]) {
  Deno.test(`Deque is first in, first out with ${count} entries`, () => {
    const queue = new Deque<Numbered>();
    for (const n of range(0, count)) queue.push(entry(n));
    assertEquals(queue.length, count);
    assertEquals(take(queue), range(0, count));
    assertEquals(queue.length, 0);
  });
}

for (const head of [1, 32, 63]) {
  Deno.test(`Deque keeps its order when it grows with its head at ${head}`, () => {
    const queue = new Deque<Numbered>();
    for (const n of range(0, head)) queue.push(entry(n));
    assertEquals(take(queue, head), range(0, head));
    for (const n of range(0, 200)) queue.push(entry(n));
    assertEquals(take(queue), range(0, 200));
  });
}

Deno.test("Deque keeps its order while its entries move around the ring", () => {
  const queue = new Deque<Numbered>();
  let pushed = 0;
  let shifted = 0;
  for (let round = 0; round < 500; round++) {
    const batch = round * 37 % 50;
    for (let i = 0; i < batch; i++) queue.push(entry(pushed++));
    const taken = take(queue, Math.min(queue.length, round * 53 % 50));
    assertEquals(taken, range(shifted, shifted += taken.length));
    assertEquals(queue.length, pushed - shifted);
  }
  assertEquals(take(queue), range(shifted, pushed));
});

Deno.test("Deque works after a burst was drained", () => {
  const queue = new Deque<Numbered>();
  for (let burst = 0; burst < 3; burst++) {
    for (const n of range(0, 10_000)) queue.push(entry(n));
    assertEquals(take(queue), range(0, 10_000));
  }
});

Deno.test("Deque.clear() empties the queue, which works afterwards", () => {
  const queue = new Deque<Numbered>();
  for (const n of range(0, 100)) queue.push(entry(n));
  queue.shift();
  queue.clear();
  assertEquals(queue.length, 0);
  queue.push(entry(7));
  queue.push(entry(8));
  assertEquals(take(queue), [7, 8]);
});

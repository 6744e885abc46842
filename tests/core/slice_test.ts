// Copyright 2026 the asyncio authors. MIT license.

// For how long a loop keeps the thread, and what counts as a turn of the host.

import { assert, assertEquals, assertFalse } from "@std/assert";
import { Slice } from "../../_core/slice.ts";
import { stubPerformance } from "../_helpers.ts";

const LENGTH = 4;

/**
 * A loop with slices of 4 ms, beside a clock that moves on only when it is told
 * to. It has just begun, with a turn of the host.
 */
function startLoop() {
  const time = stubPerformance();
  const slice = new Slice(LENGTH);
  slice.noteTurn();
  slice.resume();
  return {
    slice,
    /** Lets so many milliseconds pass. */
    pass: (milliseconds: number) => time.pass(milliseconds / 1000),
    /** An idle wait that a microtask ends. */
    async wokenByMicrotask(milliseconds: number) {
      slice.pause();
      await null;
      time.pass(milliseconds / 1000);
      slice.resume();
    },
    /** An idle wait that the host ends. */
    async wokenByHost(milliseconds: number) {
      slice.pause();
      await hostTurn();
      time.pass(milliseconds / 1000);
      slice.resume();
    },
    /** Ends the slice; returns whether the host had a turn meanwhile. */
    async endGivesTurn() {
      let hadTurn = false;
      const turn = hostTurn().then(() => hadTurn = true);
      assert(slice.isOver());
      await slice.end();
      const result = hadTurn;
      await turn;
      return result;
    },
    [Symbol.dispose]() {
      slice.pause();
      time[Symbol.dispose]();
    },
  };
}

/** The slice of another loop that is busy. */
function beside(): Slice & Disposable {
  const slice = new Slice(LENGTH);
  slice.resume();
  return Object.assign(slice, { [Symbol.dispose]: () => slice.pause() });
}

function hostTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

Deno.test("Slice: one that was busy ends with a turn of the host", async () => {
  using loop = startLoop();
  for (let i = 0; i < 3; i++) {
    loop.pass(3.9);
    assertFalse(loop.slice.isOver());
    loop.pass(0.1);
    assert(await loop.endGivesTurn());
  }
});

Deno.test("Slice: after one that was idle the host is asked, and what it answers is a turn", async () => {
  using loop = startLoop();
  for (let i = 0; i < 3; i++) {
    await loop.wokenByHost(3);
    await loop.wokenByHost(3);
    assertFalse(await loop.endGivesTurn());
    loop.pass(3.9);
    await loop.wokenByHost(100); // asked
    loop.pass(3.9);
    assertFalse(loop.slice.isOver());
  }
});

Deno.test("Slice: a loop that only microtasks wake gives the host a turn in each slice but the first", async () => {
  using loop = startLoop();
  const turns: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    await loop.wokenByMicrotask(2);
    await loop.wokenByMicrotask(2);
    turns.push(await loop.endGivesTurn());
  }
  assertEquals(turns, [false, true, true, true]);
});

Deno.test("Slice: an answer that comes while the loop is busy is no turn", async () => {
  using loop = startLoop();
  await loop.wokenByMicrotask(4);
  assertFalse(await loop.endGivesTurn());
  await loop.wokenByMicrotask(2); // asked
  await hostTurn(); // the end of a step
  await loop.wokenByMicrotask(2); // asked again
  assert(await loop.endGivesTurn());
});

Deno.test("Slice: a loop that is busy after it was asked gives the host a turn", async () => {
  using loop = startLoop();
  await loop.wokenByHost(4);
  assertFalse(await loop.endGivesTurn());
  loop.pass(4);
  assert(await loop.endGivesTurn());
});

Deno.test("Slice: a wake changes nothing about when the clock is read next", async () => {
  using loop = startLoop();
  const { slice } = loop;
  slice.isOver();
  slice.isOver(); // no time has passed since
  assertEquals(slice.untilClockCheck, 16);
  slice.untilClockCheck -= 3;
  await loop.wokenByMicrotask(1000);
  assertEquals(slice.untilClockCheck, 13);
  slice.isOver(); // it counts the wait, to be on the safe side
  assertEquals(slice.untilClockCheck, 1);
});

Deno.test("Slice: where the clock stands still, a thousand readings after the first are a slice", () => {
  using loop = startLoop();
  let readings = 1;
  while (!loop.slice.isOver()) readings++;
  assertEquals(readings, 1 + 1000);
});

// Cause: the slice seemed to begin in the future, and was never over.
Deno.test("Slice: one whose beginning has not come yet, as the clock was set back, is over", async () => {
  using loop = startLoop();
  loop.pass(-3600_000);
  assert(await loop.endGivesTurn());
  loop.pass(3.9);
  assertFalse(loop.slice.isOver());
});

Deno.test("Slice: a loop that stops and runs again within microtasks gives the host a turn in each slice but the first", async () => {
  using loop = startLoop();
  const turns: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    loop.pass(4);
    loop.slice.pause();
    {
      using again = beside();
      assert(again.isOver());
    }
    loop.slice.resume();
    turns.push(await loop.endGivesTurn());
  }
  assertEquals(turns, [false, true, true, true]);
});

Deno.test("Slice: a turn that one loop gives the host counts for all loops", async () => {
  using loop = startLoop();
  using other = beside();
  loop.pass(4);
  const isOver = [loop.slice, other].map((slice) => slice.isOver());
  assertEquals(isOver, [true, true]);
  await loop.slice.end();
  assertFalse(other.isOver());
});

Deno.test("Slice: while another loop is busy, an idle one proves no turn", async () => {
  using loop = startLoop();
  using _other = beside();
  await loop.wokenByHost(2);
  await loop.wokenByHost(2);
  assert(await loop.endGivesTurn());
});

Deno.test("Slice: a timer of the host that ends an idle wait is a turn", async () => {
  using loop = startLoop();
  for (let i = 0; i < 3; i++) {
    loop.pass(3);
    loop.slice.pause();
    loop.slice.noteTurn();
    loop.slice.resume();
    assertFalse(loop.slice.isOver());
  }
  loop.pass(4);
  assert(await loop.endGivesTurn());
});

Deno.test("Slice: a loop that goes on later does not make the slice of the others longer", async () => {
  using loop = startLoop();
  using other = beside();
  loop.pass(4);
  const isOver = [loop.slice, other].map((slice) => slice.isOver());
  assertEquals(isOver, [true, true]);
  const ends = [loop.slice.end(), other.end()];
  await Promise.race(ends);
  loop.pass(3);
  await Promise.all(ends);
  loop.pass(1);
  assert(loop.slice.isOver());
});

Deno.test("Slice: a clock that has moved on during an idle wait does not stand still", () => {
  using loop = startLoop();
  for (let i = 0; i < 2; i++) {
    for (let readings = 0; readings < 600; readings++) {
      assertFalse(loop.slice.isOver());
    }
    loop.slice.pause();
    loop.pass(0.1);
    loop.slice.resume();
  }
});

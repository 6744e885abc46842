// The rooms that reads write to, as sockets use them.

import { assert, assertEquals, assertNotStrictEquals } from "@std/assert";
import { ByteBuffer } from "../../_io/byte_buffer.ts";
import { newBlock } from "../../_io/bytes.ts";

const WAITING = 64 * 1024;
const BUSY = 256 * 1024;

/** Reads as many bytes as there is room for, or fewer; returns the room. */
function fill(buffer: ByteBuffer, value: number, count?: number): Uint8Array {
  const room = buffer.lend();
  room.fill(value, 0, count);
  buffer.commit(count ?? room.length);
  return room;
}

/** A buffer whose next read gets the largest room. */
function busyBuffer(): ByteBuffer {
  const buffer = new ByteBuffer();
  while (fill(buffer, 0).length < WAITING) buffer.drop(buffer.length);
  buffer.drop(buffer.length);
  return buffer;
}

Deno.test("the room grows as long as reads fill it, and starts at 1 KiB", () => {
  const buffer = new ByteBuffer();
  const rooms: number[] = [];
  for (let i = 0; i < 9; i++) {
    rooms.push(fill(buffer, i).length / 1024);
    buffer.drop(buffer.length);
  }
  assertEquals(rooms, [1, 2, 4, 8, 16, 32, 64, 256, 256]);
});

Deno.test("after a read that does not fill it, the room is 64 KiB at most", () => {
  const buffer = busyBuffer();
  assertEquals(fill(buffer, 1, BUSY - 1).length, BUSY);
  buffer.drop(buffer.length);
  assertEquals(buffer.lend().length, WAITING);
});

Deno.test("a connection with little to read gives its room back", () => {
  const buffer = busyBuffer();
  for (let i = 0; i < 10; i++) {
    fill(buffer, i, 1);
    buffer.drop(1);
  }
  assert(buffer.lend().length <= 4 * 1024);
});

Deno.test("busy connections share the largest room, one after the other", () => {
  const [first, second] = [busyBuffer(), busyBuffer()];
  const room = fill(first, 1);
  assertNotStrictEquals(second.lend(), room, "it is not empty yet");
  second.revoke();
  const third = busyBuffer();
  first.drop(first.length);
  assert(third.lend() === room);
  assertNotStrictEquals(first.lend(), room, "a read may be writing to it");
});

Deno.test("what was taken from the shared room is never written to again", () => {
  for (const count of [1, 1000, 100_000, 200_000, BUSY]) {
    const [before, first, second] = [busyBuffer(), busyBuffer(), busyBuffer()];
    fill(before, 2);
    before.drop(before.length);
    fill(first, 1, count);
    const taken = first.take(count);
    const into = new Uint8Array(count);
    fill(second, 2);
    assertEquals(second.takeInto(into), count);
    assertEquals(taken, new Uint8Array(count).fill(1));
    assertEquals(into, new Uint8Array(count).fill(2));
    // Nor does its buffer show what others have had in the room.
    assert(!new Uint8Array(taken.buffer).includes(2));
  }
});

// Cause: what was added during a read was put where that read was writing.
Deno.test("what is added during a read stays out of the room of the read", () => {
  const value = (n: number) => new Uint8Array(3).fill(n);
  for (const held of [0, 3]) { // the room begins after these
    const buffer = new ByteBuffer();
    if (held > 0) buffer.append(value(9));
    const room = buffer.lend();
    buffer.append(value(1));
    buffer.append(value(2));
    room.set(value(3)); // the host writes at any time
    buffer.append(value(4));
    assertEquals(buffer.take(held + 3).slice(held), value(1));
    buffer.commit(3);
    buffer.append(value(5));
    assertEquals(
      buffer.take(12),
      new Uint8Array([2, 2, 2, 4, 4, 4, 3, 3, 3, 5, 5, 5]),
    );
    assertEquals(buffer.length, 0);
  }
});

Deno.test("a block begins 64 bytes after the start of its memory, where processors copy it faster", () => {
  for (const size of [1, 1024, 65_536]) {
    const block = newBlock(size);
    assertEquals(block.length, size);
    assertEquals(block.byteOffset, 64);
    assertEquals(block.every((byte) => byte === 0), true);
  }
  assertEquals(new ByteBuffer().lend().byteOffset, 64);
});

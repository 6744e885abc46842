// Copyright 2026 the asyncio authors. MIT license.

import { type Bytes, newBlock } from "./bytes.ts";

const EMPTY: Bytes = new Uint8Array(0);

/** How much room the first read gets. An idle connection holds that much. */
const MIN_ROOM = 1024;

/**
 * How much room a read gets at most. If the one before has taken all that there
 * was, it may wait for long, and holds its room meanwhile. Else it takes as much
 * as asyncio reads at a time.
 */
const MAX_ROOM = { waiting: 64 * 1024, busy: 256 * 1024 };

/**
 * The room of those that are busy, while none of them uses it: each takes it for
 * one read and what follows, since new memory takes longer to fill than the bytes
 * take to come. It is never given away, as it holds bytes of others.
 */
let sharedRoom: Uint8Array | null = null;

/** A read that fills less of its room than this halves the next one's. */
const SMALL_PART = 16;

/**
 * An array with a buffer of its own costs 3 µs, and half of that in the
 * collector. So results of this size are parts of a common one: of so many
 * results like the first, or of that many bytes. Smaller ones V8 keeps in its own
 * memory, and larger ones are worth their own buffer.
 */
const SLAB = { min: 64, max: 4 * 1024, results: 8, size: 8 * 1024 };

/**
 * Bytes that have been read and not yet taken, in order.
 *
 * They are the part from `#start` to `#end` of `#data`. What is taken is never
 * touched again: it is a copy, or the buffer gives its array away. A caller may
 * detach what it got; that takes results from it, never bytes from here.
 */
export class ByteBuffer {
  #data: Uint8Array = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether `#data` was made here, and may be written to. */
  #isOwn = false;
  /** Room that a read may be writing to at this moment. */
  #lent: Uint8Array | null = null;
  #room = MIN_ROOM;
  /** Room for copies that are taken, and how much of it was. */
  #slab: Bytes = EMPTY;
  #slabUsed = 0;
  /** How many bytes have been taken or dropped so far. */
  taken = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds a copy of the bytes. */
  append(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#data.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Adds bytes that nobody else is going to change. */
  adopt(bytes: Uint8Array): void {
    if (this.length > 0) return this.append(bytes);
    this.#data = bytes;
    this.#isOwn = false;
    this.#start = 0;
    this.#end = bytes.length;
  }

  /** Lends room for a read. `commit()` takes it back. */
  lend(): Uint8Array {
    this.#makeRoom(this.#room);
    return this.#lent = this.#end === 0
      ? this.#data
      : this.#data.subarray(this.#end);
  }

  /** Adds the first `count` bytes of the room that was lent. */
  commit(count: number): void {
    const lent = this.#lent!;
    this.#lent = null;
    const room = this.#room;
    this.#room = count === lent.length
      ? count < MAX_ROOM.waiting ? 2 * count : MAX_ROOM.busy
      : count < room / SMALL_PART
      ? Math.max(room / 2, MIN_ROOM)
      : Math.min(room, MAX_ROOM.waiting);
    const data = this.#data;
    const isInPlace = this.#end === 0
      ? lent === data
      : lent.buffer === data.buffer &&
        lent.byteOffset === data.byteOffset + this.#end;
    if (isInPlace) this.#end += count;
    else this.append(lent.subarray(0, count));
  }

  /** Takes back the room that was lent: nothing was read. */
  revoke(): void {
    this.#lent = null;
  }

  /** Removes the first `count` bytes, and returns them. There must be so many. */
  take(count: number): Bytes {
    const start = this.#start;
    const end = start + count;
    const isAll = end === this.#end;
    // An array that is more than half full is given away, others are kept.
    const isGiven = isAll && this.#lent === null &&
      (!this.#isOwn ||
        count > SLAB.max && count > this.#data.length / 2 && !this.#isShared);
    if (isGiven) {
      const data = this.#data as Bytes;
      this.taken += count;
      this.#data = EMPTY;
      this.#isOwn = false;
      this.#start = this.#end = 0;
      return count === data.length ? data : data.subarray(start, end);
    }
    const taken = this.#copy(start, end);
    this.drop(count);
    return taken;
  }

  #copy(start: number, end: number): Bytes {
    const count = end - start;
    if (count <= SLAB.min || count > SLAB.max) {
      return this.#data.slice(start, end) as Bytes;
    }
    if (this.#slab.length - this.#slabUsed < count) { // or it was detached
      this.#slab = new Uint8Array(Math.min(count * SLAB.results, SLAB.size));
      this.#slabUsed = 0;
    }
    const copy = new Uint8Array(this.#slab.buffer, this.#slabUsed, count);
    const { buffer, byteOffset } = this.#data; // faster than `subarray()`
    copy.set(new Uint8Array(buffer, byteOffset + start, count));
    this.#slabUsed += count;
    return copy;
  }

  /** Moves up to as many bytes as fit to the start of an array. */
  takeInto(target: Uint8Array): number {
    const count = Math.min(target.length, this.length);
    target.set(this.#data.subarray(this.#start, this.#start + count));
    this.drop(count);
    return count;
  }

  /** Removes the first `count` bytes. */
  drop(count: number): void {
    this.taken += count;
    this.#start += count;
    if (this.#start === this.#end && this.#lent === null) {
      this.#start = this.#end = 0;
      if (this.#isShared) sharedRoom = this.#data;
      else if (this.#isOwn) return;
      this.#data = EMPTY;
      this.#isOwn = false;
    }
  }

  /** Whether `#data` is room that others can have when it is empty. */
  get #isShared(): boolean {
    return this.#isOwn && this.#data.length === MAX_ROOM.busy;
  }

  /**
   * Where a sequence of bytes begins first, at `from` or later; -1 if nowhere.
   */
  indexOf(sequence: Uint8Array, from: number): number {
    const data = this.#data;
    const last = this.#end - sequence.length;
    const first = sequence[0];
    for (let i = this.#start + from; i <= last; i++) {
      i = data.indexOf(first, i);
      if (i < 0 || i > last) return -1;
      let j = 1;
      while (j < sequence.length && data[i + j] === sequence[j]) j++;
      if (j === sequence.length) return i - this.#start;
    }
    return -1;
  }

  /** Makes room for `count` bytes after the last one. */
  #makeRoom(count: number): void {
    const { length } = this;
    const capacity = this.#data.length;
    // Where a read may be writing, nothing else is put or moved.
    const isLent = this.#lent !== null &&
      this.#lent.buffer === this.#data.buffer;
    const isFree = this.#isOwn && !isLent;
    if (isFree && capacity - this.#end >= count) {
      // Room enough, unless a connection that was busy once keeps too much.
      if (length > 0 || capacity <= 4 * count) return;
    }
    const canMove = isFree &&
      length <= this.#start && capacity - length >= count &&
      capacity <= 4 * (length + count);
    if (canMove) {
      this.#data.copyWithin(0, this.#start, this.#end);
    } else {
      // Twice as much, so that a long wait for more copies each byte few times.
      const data = newRoom(Math.max(length + count, 2 * length));
      data.set(this.#data.subarray(this.#start, this.#end));
      this.#data = data;
      this.#isOwn = true;
    }
    this.#start = 0;
    this.#end = length;
  }
}

function newRoom(size: number): Uint8Array {
  const shared = sharedRoom;
  if (size !== MAX_ROOM.busy || shared === null) return newBlock(size);
  sharedRoom = null;
  return shared;
}

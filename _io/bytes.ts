// Copyright 2026 the asyncio authors. MIT license.

import { valueText } from "../_util/repr.ts";

/** Bytes with a buffer of their own kind, which every API of the web takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = /* @__PURE__ */ new TextEncoder();

/** Bytes as they are, a string as UTF-8. Nothing else will do. */
export function bytesOf(act: string, data: unknown): Uint8Array {
  if (typeof data === "string") return encoder.encode(data);
  if (data instanceof Uint8Array) return data;
  throw new TypeError(
    `Cannot ${act} what is neither a Uint8Array nor a string: current value is ${
      valueText(data)
    }`,
  );
}

/** How far the bytes of a block are from the start of its memory. */
const SHIFT = 64;

/**
 * Memory that sockets read and write, and that is copied.
 *
 * glibc and Linux copy more than 2 KiB by `rep movsb`. On AMD's processors, it
 * takes six to fifteen times as long where the target begins 1 to 31 bytes after
 * the source, modulo 4 KiB. That is what arrays are likely to get: a large one
 * begins 16 bytes after a page, while Linux keeps what has come in whole pages,
 * and two of 64 KiB, allocated one after the other, lie 16 bytes further apart.
 */
export function newBlock(size: number): Bytes {
  return new Uint8Array(new ArrayBuffer(size + SHIFT), SHIFT, size);
}

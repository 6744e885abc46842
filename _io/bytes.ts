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

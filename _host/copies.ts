// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";
import { denoCore } from "./deno_core.ts";

/** What Deno's core and `node:v8` have. */
interface Serializer {
  serialize(value: unknown): unknown;
  deserialize(bytes: unknown): unknown;
}

/**
 * Returns a function that copies a value with all that it contains, as
 * `structuredClone()` does, in less than half of the time: the value is
 * serialized once, not for every copy.
 */
export function copierOf<T>(value: T): () => T {
  const serializer = denoCore<Serializer>("serialize", "deserialize") ??
    builtin<Serializer>("node:v8");
  if (typeof serializer?.deserialize !== "function") {
    return () => structuredClone(value);
  }
  const bytes = serializer.serialize(value);
  return () => serializer.deserialize(bytes) as T;
}

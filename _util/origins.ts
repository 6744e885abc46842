// Copyright 2026 the asyncio authors. MIT license.

/**
 * Where futures, tasks and handles were made. Recorded in debug mode only.
 */

import { SourceSite } from "./source_site.ts";
import { type Frame, StackTrace } from "./stack_trace.ts";

const origins = new WeakMap<object, { site: SourceSite; trace: StackTrace }>();

/** Records where an object is made. */
export function noteOrigin(object: object): void {
  const trace = new StackTrace(noteOrigin);
  origins.set(object, { site: new SourceSite(), trace });
}

/** `created at FILE:LINE`, or nothing if that was not recorded. */
export function describeOrigin(object: object): string[] {
  const origin = origins.get(object);
  return origin === undefined ? [] : [`created at ${origin.site}`];
}

/** The functions that have made an object, innermost first, if recorded. */
export function originFrames(object: object): readonly Frame[] {
  return origins.get(object)?.trace.frames ?? [];
}

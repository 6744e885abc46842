// Copyright 2026 the asyncio authors. MIT license.

/**
 * Where futures, tasks and handles were made. Recorded in debug mode only.
 */

import { SourceSite } from "./source_site.ts";
import { type Frame, StackTrace } from "./stack_trace.ts";

const origins = new WeakMap<object, { site: SourceSite; trace: StackTrace }>();

/** How many objects keep each other, on the average. To read a trace takes 30 µs. */
const MAX_LINE = 16;

/** Pseudo-random, so that no program reads just those traces that keep nothing. */
let dice = 0;

/**
 * Records where an object is made.
 *
 * A trace keeps the objects whose methods are on it, until it is read. If that is a
 * callback that schedules the next one, with a trace of its own, and so on, none
 * would ever be freed. So some are read at once.
 */
export function noteOrigin(object: object): void {
  const trace = new StackTrace(noteOrigin);
  const site = new SourceSite();
  origins.set(object, { site, trace });
  dice = (Math.imul(dice, 1664525) + 1013904223) >>> 0;
  if (dice >= 2 ** 32 / MAX_LINE) return;
  String(site);
  trace.frames;
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

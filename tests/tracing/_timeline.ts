import { assert, assertEquals } from "@std/assert";
import type { Timeline, TraceEvent } from "@asyncio/asyncio/tracing";

/** What each kind of event has besides `name`, `ph`, `pid`, `tid` and `ts`. */
const FIELDS: Record<TraceEvent["ph"], string[]> = {
  X: ["cat", "dur"],
  i: ["cat", "s"],
  s: ["cat", "id"],
  f: ["cat", "id", "bp"],
  M: ["args"],
};

const TYPES: Record<string, string> = {
  name: "string",
  ph: "string",
  cat: "string",
  s: "string",
  bp: "string",
  args: "object",
};

const METADATA = ["process_name", "thread_name", "thread_sort_index"];

/** Microseconds as whole nanoseconds, which add up exactly. */
function nanoseconds(microseconds: number): number {
  return Math.round(microseconds * 1000);
}

/**
 * Checks a timeline by the description of the format: the fields of each event,
 * that slices of a track do not overlap, and that each arrow leads from within a
 * slice to the beginning of one.
 */
export function assertTimeline(timeline: Timeline): void {
  assertEquals(Object.keys(timeline).sort(), [
    "displayTimeUnit",
    "otherData",
    "traceEvents",
  ]);
  assertEquals(timeline.displayTimeUnit, "ms");
  const { traceEvents } = timeline;
  for (const event of traceEvents) assertFields(event);
  const named = new Set(
    traceEvents.filter(({ name }) => name === "thread_name")
      .map(({ tid }) => tid),
  );
  for (const { tid } of traceEvents) assert(named.has(tid), `track ${tid}`);
  for (const tid of named) assertNoOverlap(slicesOf(timeline, tid));
  assertArrows(timeline);
}

function assertFields(event: TraceEvent): void {
  const text = JSON.stringify(event);
  assert(event.ph in FIELDS, text);
  const required = ["name", "ph", "pid", "tid", "ts", ...FIELDS[event.ph]];
  for (const key of required) assert(key in event, `${key} of ${text}`);
  for (const [key, value] of Object.entries(event)) {
    assert(key === "args" || required.includes(key), `${key} of ${text}`);
    assertEquals(typeof value, TYPES[key] ?? "number", `${key} of ${text}`);
    if (typeof value === "number") assert(value >= 0, `${key} of ${text}`);
  }
  if (event.ph === "M") assert(METADATA.includes(event.name), text);
}

/** The slices of a track, in order. */
export function slicesOf(timeline: Timeline, tid: number): TraceEvent[] {
  return timeline.traceEvents
    .filter((event) => event.ph === "X" && event.tid === tid)
    .sort((a, b) => a.ts - b.ts || a.dur! - b.dur!);
}

function startOf({ ts }: TraceEvent): number {
  return nanoseconds(ts);
}

function endOf(event: TraceEvent): number {
  return startOf(event) + nanoseconds(event.dur!);
}

function assertNoOverlap(slices: TraceEvent[]): void {
  for (const [i, slice] of slices.entries()) {
    if (i === 0) continue;
    const before = slices[i - 1];
    assert(
      startOf(slice) >= endOf(before),
      `${JSON.stringify(before)} overlaps ${JSON.stringify(slice)}`,
    );
  }
}

function assertArrows(timeline: Timeline): void {
  const starts = timeline.traceEvents.filter(({ ph }) => ph === "s");
  const ends = timeline.traceEvents.filter(({ ph }) => ph === "f");
  const ids = new Set(starts.map(({ id }) => id));
  assertEquals(ids.size, starts.length, "an arrow has one start");
  for (const end of ends) {
    const start = starts.find(({ id }) => id === end.id)!;
    const text = `${JSON.stringify(start)} ${JSON.stringify(end)}`;
    assert(start.ts <= end.ts, text);
    assertEquals([end.name, end.cat], [start.name, start.cat]);
    assert(
      slicesOf(timeline, start.tid).some((slice) =>
        slice.ts <= start.ts && startOf(start) <= endOf(slice)
      ),
      text,
    );
    assert(
      slicesOf(timeline, end.tid).some((slice) => slice.ts === end.ts),
      text,
    );
  }
}

/** The number of the track with this name. */
export function trackOf(timeline: Timeline, name: string): number {
  const found = timeline.traceEvents.find((event) =>
    event.name === "thread_name" && event.args?.name === name
  );
  assert(found !== undefined, `no track ${name}`);
  return found.tid;
}

/**
 * The slices of a track as text: category, name, beginning and length, in
 * milliseconds.
 */
export function track(timeline: Timeline, name: string): string[] {
  return slicesOf(timeline, trackOf(timeline, name)).map((slice) =>
    `${slice.cat} ${slice.name} ${slice.ts / 1000} +${slice.dur! / 1000}`
  );
}

/** The arrows as text: `name: from > to`, in the order in which they begin. */
export function arrows(timeline: Timeline): string[] {
  const names = new Map(
    timeline.traceEvents.filter(({ name }) => name === "thread_name")
      .map(({ tid, args }) => [tid, args!.name]),
  );
  const ends = timeline.traceEvents.filter(({ ph }) => ph === "f");
  return ends.sort((a, b) => a.id! - b.id!).map((end) => {
    const start = timeline.traceEvents.find(({ ph, id }) =>
      ph === "s" && id === end.id
    )!;
    return `${end.name}: ${names.get(start.tid)} > ${names.get(end.tid)}`;
  });
}

/** The instants of a track. */
export function instants(timeline: Timeline, name: string): string[] {
  const tid = trackOf(timeline, name);
  return timeline.traceEvents
    .filter((event) => event.ph === "i" && event.tid === tid)
    .map((event) => event.name);
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * An event of a timeline, see {@linkcode Timeline}. Times are microseconds.
 *
 * @category Tracing
 */
export interface TraceEvent {
  /** What is shown for it. */
  name: string;
  /**
   * Its kind: `"X"` is a slice, `"i"` an instant, `"s"` and `"f"` the ends of an
   * arrow, `"M"` the name of a track.
   */
  ph: "X" | "i" | "s" | "f" | "M";
  /** The process. */
  pid: number;
  /** The track: 1 is the loop, then come the tasks in order of creation. */
  tid: number;
  /** When it begins, in microseconds since the recording began. */
  ts: number;
  /** How long a slice is, in microseconds. */
  dur?: number;
  /** The category: `"step"`, `"wait"`, `"ready"`, `"task"`, `"loop"`, … */
  cat?: string;
  /** The number of an arrow. Its two ends have the same. */
  id?: number;
  /** The end of an arrow belongs to the slice around it. */
  bp?: "e";
  /** An instant belongs to its track. */
  s?: "t";
  /** Details. */
  args?: Record<string, unknown>;
}

/**
 * What was recorded, as an object to be written with `JSON.stringify()`. It is
 * the JSON format of Chrome's traces, which Perfetto and `chrome://tracing` read.
 *
 * @category Tracing
 */
export interface Timeline {
  /** The events, in no particular order. */
  traceEvents: TraceEvent[];
  /** The unit in which a viewer shows times. */
  displayTimeUnit: "ms";
  /** Details about the recording. */
  otherData: {
    /** How many tasks were seen. */
    tasks: number;
    /** How many events were left out, as `maxEvents` was reached. */
    dropped: number;
  };
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * A timeline of what a loop does, in the format of Chrome's traces.
 *
 * Each task has a track. On it, slices follow each other without a gap and
 * without overlap: a step, then the wait that the step has ended with, then the
 * time for which the task is ready and other things run, then the next step.
 * The loop has the first track, with its callbacks and with the time for which
 * it is idle.
 */

import type { OwnInstrument } from "../_core/instruments.ts";
import { activeTask } from "../_core/running.ts";
import { errorRepr, valueText } from "../_util/repr.ts";
import type { Task } from "../task.ts";
import type { Timeline, TraceEvent } from "./events.ts";
import { functionName, requesterText, waitsText } from "./texts.ts";

/** The tasks have those after it. */
const LOOP_TRACK = 1;

/** What a task does: it runs a step, waits, or is ready to run. */
type State = "started" | "running" | "waiting" | "ready" | "ended";

/** The track of a task. */
class Track {
  readonly tid: number;
  /** What a step is called: the function that the task runs. */
  readonly step: string;
  /** It may be changed as long as the task runs. */
  title: string;
  state: State;
  /** When this state began. */
  since: number;
  /** What it waits for. */
  waits = "";
  /** Whether it was scheduled within its own step. */
  isScheduled = false;
  /** Arrows that lead to its next step. */
  arrows: Pick<TraceEvent, "name" | "cat" | "id">[] = [];

  constructor(tid: number, task: Task<unknown>, state: State, since: number) {
    this.tid = tid;
    this.step = `${functionName(task)}()`;
    this.title = task.getName();
    this.state = state;
    this.since = since;
  }
}

/** A step or a callback that runs. */
interface Running {
  readonly entry: object;
  readonly tid: number;
  readonly name: string;
  readonly cat: string;
  readonly since: number;
  /** What happens meanwhile: a viewer wants it behind the slice. */
  readonly inside: TraceEvent[];
}

/** Where an instrument gets the time and the tasks from. */
export interface TimelineSource {
  time(): number;
  readonly pid: number;
}

/** Records a timeline. An instrument of a loop. */
export class TimelineRecorder implements OwnInstrument {
  readonly #source: TimelineSource;
  readonly #maxEvents: number;
  readonly #start: number;
  readonly #events: TraceEvent[] = [];
  #tracks = new Map<object, Track>();
  /** Tasks that have been created, but neither scheduled nor run by the loop. */
  #started = new Map<Task<unknown>, Track>();
  #names: TraceEvent[] = [];
  #running: Running | null = null;
  #idleSince: number | null = null;
  #count = 0;
  #arrows = 0;
  #dropped = 0;
  /** The last track of which something was kept. */
  #lastTid = 0;

  /**
   * @param tasks Those that exist already.
   * @param current The one among them whose step it is.
   */
  constructor(
    source: TimelineSource,
    maxEvents: number,
    tasks: Iterable<Task<unknown>>,
    current: Task<unknown> | null,
  ) {
    this.#source = source;
    this.#maxEvents = maxEvents;
    this.#start = source.time();
    for (const task of tasks) {
      const track = this.#add(task, "waiting");
      if (task === current) this.#begin(task, track, this.#start);
      else track.waits = waitsText(task);
    }
  }

  // ------------------------------------------------------------ instrument

  taskSpawned(task: Task<unknown>): void {
    this.#started.set(task, this.#add(task, "started"));
  }

  taskScheduled(task: Task<unknown>): void {
    if (task.done()) return; // a strand that it has left behind
    const track = this.#trackOf(task);
    this.#started.delete(task);
    const now = this.#source.time();
    const isFirst = track.state === "started";
    switch (track.state) {
      case "running":
        track.isScheduled = true;
        break;
      case "waiting":
        this.#waited(track, now);
        track.state = "ready";
        track.since = now;
        break;
      case "started":
        track.state = "ready";
        break;
    }
    this.#arrow(track, isFirst ? "spawn" : "wake-up", now);
  }

  $beforeEntry(entry: object): void {
    this.#settle();
    const now = this.#source.time();
    const track = this.#tracks.get(entry);
    if (track === undefined) {
      this.#run(entry, LOOP_TRACK, valueText(entry), "callback", now);
      return;
    }
    if (track.state === "waiting") this.#waited(track, now);
    else this.#slice(track, "ready", "ready", now);
    this.#begin(entry, track, now);
  }

  /** The step of a task begins. */
  #begin(task: object, track: Track, now: number): void {
    track.state = "running";
    const { inside } = this.#run(task, track.tid, track.step, "step", now);
    for (const arrow of track.arrows) {
      const ts = this.#stamp(now);
      inside.push(
        this.#event({ ...arrow, ph: "f", bp: "e", tid: track.tid, ts }),
      );
    }
    track.arrows = [];
  }

  $afterEntry(entry: object): void {
    const now = this.#source.time();
    this.#finishRunning(now);
    this.#watchEager();
    const track = this.#tracks.get(entry);
    if (track === undefined) return;
    track.since = now;
    if (track.state === "ended") {
      this.#tracks.delete(entry);
    } else if (track.isScheduled) {
      track.state = "ready";
    } else {
      track.state = "waiting";
      track.waits = waitsText(entry as Task<unknown>);
    }
    track.isScheduled = false;
  }

  taskExited(task: Task<unknown>): void {
    const track = this.#trackOf(task);
    const now = this.#source.time();
    this.#started.delete(task);
    if (track.state === "waiting") this.#waited(track, now);
    track.title = task.getName();
    this.#nameTrack(track);
    this.#put(track.tid, endOf(task), "task", now);
    // Within its own step it is told of the end of that, too.
    if (track.state !== "running") this.#tracks.delete(task);
    track.state = "ended";
  }

  cancelRequested(task: Task<unknown>, by: unknown): void {
    const track = this.#trackOf(task);
    const now = this.#source.time();
    const args = { by: requesterText(by) };
    this.#put(track.tid, "cancel requested", "cancel", now, args);
    this.#arrow(track, "cancel", now);
  }

  beforeIdle(): void {
    this.#settle();
    this.#idleSince = this.#source.time();
  }

  afterIdle(): void {
    this.#endIdle(this.#source.time());
  }

  // ------------------------------------------------------------------ end

  /** Ends the slices that are open, and returns everything. */
  finish(): Timeline {
    const now = this.#source.time();
    this.#finishRunning(now);
    this.#watchEager();
    if (this.#idleSince !== null) this.#endIdle(now);
    for (const track of this.#tracks.values()) {
      if (track.state === "waiting") this.#waited(track, now);
      if (track.state === "ready") this.#slice(track, "ready", "ready", now);
    }
    for (const [task, track] of this.#tracks) {
      if (track.state === "ended") continue;
      track.title = (task as Task<unknown>).getName();
      this.#nameTrack(track);
    }
    this.#tracks.clear();
    this.#started.clear();
    return {
      traceEvents: [
        this.#metadata("process_name", LOOP_TRACK, { name: "asyncio" }),
        this.#metadata("thread_name", LOOP_TRACK, { name: "event loop" }),
        ...this.#names,
        ...this.#events,
      ],
      displayTimeUnit: "ms",
      otherData: { tasks: this.#count, dropped: this.#dropped },
    };
  }

  // --------------------------------------------------------------- tracks

  #add(task: Task<unknown>, state: State): Track {
    const now = this.#source.time();
    const track = new Track(LOOP_TRACK + ++this.#count, task, state, now);
    this.#tracks.set(task, track);
    return track;
  }

  #trackOf(task: Task<unknown>): Track {
    return this.#tracks.get(task) ?? this.#add(task, "waiting");
  }

  /**
   * A task that has started eagerly has run its first step within another one,
   * and waits now.
   */
  #watchEager(): void {
    if (this.#started.size === 0) return;
    for (const [task, track] of this.#started) {
      track.state = "waiting";
      track.waits = waitsText(task);
    }
    this.#started.clear();
  }

  /**
   * Nothing runs at this moment. The step in which the recording began may have
   * ended without a word: nobody watched when it began.
   */
  #settle(): void {
    if (this.#running !== null) this.$afterEntry(this.#running.entry);
    this.#watchEager();
  }

  #run(
    entry: object,
    tid: number,
    name: string,
    cat: string,
    since: number,
  ): Running {
    return this.#running = { entry, tid, name, cat, since, inside: [] };
  }

  #finishRunning(now: number): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    const { tid, name, cat, since, inside } = running;
    this.#keepSlice(tid, name, cat, since, this.#between(since, now));
    for (const event of inside) this.#keep(event);
  }

  #endIdle(now: number): void {
    const since = this.#idleSince!;
    this.#idleSince = null;
    this.#span(LOOP_TRACK, "idle", "loop", since, now);
  }

  #waited(track: Track, now: number): void {
    this.#slice(track, track.waits || "waiting", "wait", now);
  }

  /** The time from when the state of a track began until now. */
  #slice(track: Track, name: string, cat: string, now: number): void {
    this.#span(track.tid, name, cat, track.since, now);
  }

  #span(
    tid: number,
    name: string,
    cat: string,
    since: number,
    now: number,
  ): void {
    const dur = this.#between(since, now);
    if (dur > 0) this.#keepSlice(tid, name, cat, since, dur);
  }

  #keepSlice(
    tid: number,
    name: string,
    cat: string,
    since: number,
    dur: number,
  ): void {
    const ts = this.#stamp(since);
    const { pid } = this.#source;
    this.#keep({ name, cat, ph: "X", pid, tid, ts, dur });
  }

  // --------------------------------------------------------------- events

  /** An arrow from what runs now to the next step of a task. */
  #arrow(track: Track, name: string, now: number): void {
    const running = this.#running;
    // After a native promise, a task goes on without a step.
    const tid = running?.tid ?? this.#tracks.get(activeTask() ?? this)?.tid;
    if (tid === undefined || tid === track.tid) return;
    const arrow = { name, cat: name === "cancel" ? name : "wake-up" };
    const id = ++this.#arrows;
    track.arrows.push({ ...arrow, id });
    const ts = this.#stamp(now);
    const start = this.#event({ ...arrow, id, ph: "s", tid, ts });
    if (running === null) this.#keep(start);
    else running.inside.push(start);
  }

  #put(
    tid: number,
    name: string,
    cat: string,
    now: number,
    args?: Record<string, unknown>,
  ): void {
    const ts = this.#stamp(now);
    this.#keep(this.#event({
      name,
      cat,
      ph: "i",
      s: "t",
      tid,
      ts,
      ...(args && { args }),
    }));
  }

  #nameTrack({ tid, title }: Track): void {
    if (tid > this.#lastTid) return; // all that is on it was left out
    this.#names.push(
      this.#metadata("thread_name", tid, { name: title }),
      this.#metadata("thread_sort_index", tid, { sort_index: tid }),
    );
  }

  #metadata(
    name: string,
    tid: number,
    args: Record<string, unknown>,
  ): TraceEvent {
    return this.#event({ name, ph: "M", tid, ts: 0, args });
  }

  #event(event: Omit<TraceEvent, "pid">): TraceEvent {
    return { ...event, pid: this.#source.pid };
  }

  /** Microseconds since the start, to the nanosecond. */
  #stamp(time: number): number {
    return this.#nanoseconds(time) / 1e3;
  }

  /**
   * Microseconds between two times. It is the difference of their stamps, so
   * that a slice ends where the next one begins.
   */
  #between(from: number, to: number): number {
    return (this.#nanoseconds(to) - this.#nanoseconds(from)) / 1e3;
  }

  #nanoseconds(time: number): number {
    return Math.round((time - this.#start) * 1e9);
  }

  #keep(event: TraceEvent): void {
    if (this.#events.length >= this.#maxEvents) {
      this.#dropped++;
      return;
    }
    this.#events.push(event);
    this.#lastTid = Math.max(this.#lastTid, event.tid);
  }
}

/** How a task has ended. */
function endOf(task: Task<unknown>): string {
  if (task.cancelled()) return "cancelled";
  return task.$hasFailed()
    ? `failed: ${errorRepr(task.$rawValue)}`
    : "finished";
}

// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * What a program did when: a timeline of its tasks, and OpenTelemetry spans.
 *
 * ```ts
 * import { recordTimeline } from "@asyncio/asyncio/tracing";
 * import { gather, run, sleep } from "@asyncio/asyncio";
 * import { assert } from "@std/assert";
 *
 * await run(async () => {
 *   const recording = recordTimeline();
 *   await gather(sleep(0.01), sleep(0.02));
 *   const timeline = recording.stop();
 *   assert(timeline.traceEvents.length > 0);
 *   // Write it to a file, and open that in https://ui.perfetto.dev:
 *   const _text = JSON.stringify(timeline);
 * });
 * ```
 *
 * @module
 */

import { ownPid } from "./_host/other_process.ts";
import {
  hasContexts,
  hostTracer,
  type SpanAttribute,
  type SpanContext,
  type TaskSpan,
  type TaskTracer,
} from "./_trace/open_telemetry.ts";
import { SpanRecorder } from "./_trace/spans.ts";
import type { Timeline, TraceEvent } from "./_trace/events.ts";
import { TimelineRecorder } from "./_trace/timeline.ts";
import { requireCount } from "./_util/checks.ts";
import { requireOptions } from "./_util/options.ts";
import { valueText } from "./_util/repr.ts";
import { loopOrNone } from "./_core/options.ts";
import { type EventLoop, getRunningLoop, type TaskFactory } from "./loop.ts";
import { allTasks, type CreateTaskOptions, currentTask, Task } from "./task.ts";

export type {
  SpanAttribute,
  SpanContext,
  TaskSpan,
  TaskTracer,
  Timeline,
  TraceEvent,
};

/**
 * Options for {@linkcode recordTimeline}.
 *
 * @category Tracing
 */
export interface RecordTimelineOptions {
  /**
   * The loop to record.
   *
   * @default {the running loop}
   */
  loop?: EventLoop | null;
  /**
   * How many events are kept. What happens after that is left out, and counted.
   * An event takes about 200 bytes, and a step of a task that waits makes two or
   * three.
   *
   * @default {1000000}
   */
  maxEvents?: number;
}

/**
 * A timeline that is being recorded. `using` stops it.
 *
 * @category Tracing
 */
export interface TimelineRecording extends Disposable {
  /**
   * Ends the recording.
   *
   * @returns What was recorded. Later calls return the same.
   */
  stop(): Timeline;
}

const DEFAULT_MAX_EVENTS = 1_000_000;

function loopOf(loop: EventLoop | null | undefined): EventLoop {
  const found = loopOrNone(loop) ?? getRunningLoop();
  found.$requireOpen();
  return found;
}

/**
 * Records what the tasks of a loop do, as a timeline that
 * [Perfetto](https://ui.perfetto.dev) and `chrome://tracing` show.
 *
 * - Each task has a track. Its slices are its steps, its waits, named by what it
 *   waits for, and the times for which it was ready but other things ran.
 * - The first track is the loop, with its callbacks and its idle times.
 * - Arrows lead from the step that wakes, creates or cancels a task to the next
 *   step of that task.
 * - Times are those of the loop's clock, so a test in fake time records fake
 *   time.
 *
 * @param options The loop, and how much is kept.
 * @returns The recording, to be stopped.
 * @throws {Error} If no loop is given and none is running, or it is closed.
 * @throws {TypeError} If `loop` is not a loop, or `maxEvents` not a number.
 * @throws {RangeError} If `maxEvents` is not a whole number of 0 or more.
 * @throws {TypeError} If there is no such option.
 *
 * @example Find out who woke whom
 * ```ts
 * import { recordTimeline } from "@asyncio/asyncio/tracing";
 * import { createTask, Event, run, sleep } from "@asyncio/asyncio";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const recording = recordTimeline();
 *   const event = new Event();
 *   const task = createTask(() => event.wait(), { name: "waiter" });
 *   await sleep(0);
 *   event.set();
 *   await task;
 *   const { traceEvents } = recording.stop();
 *
 *   const tracks = traceEvents.filter(({ name }) => name === "thread_name");
 *   const waiter = tracks.find(({ args }) => args?.name === "waiter")!.tid;
 *   const arrows = traceEvents
 *     .filter(({ ph, tid }) => ph === "f" && tid === waiter)
 *     .map(({ name }) => name);
 *   assertEquals(arrows, ["spawn", "wake-up"]);
 * });
 * ```
 *
 * @category Tracing
 */
export function recordTimeline(
  options?: RecordTimelineOptions,
): TimelineRecording {
  requireOptions("recordTimeline()", options, ["loop", "maxEvents"]);
  const { maxEvents = DEFAULT_MAX_EVENTS } = options ?? {};
  requireCount("maxEvents", 0, maxEvents);
  const loop = loopOf(options?.loop);
  const recorder = new TimelineRecorder(
    { time: () => loop.time(), pid: ownPid() },
    maxEvents,
    allTasks(loop),
    currentTask(loop),
  );
  loop.addInstrument(recorder);
  let timeline: Timeline | null = null;
  const stop = (): Timeline => {
    if (timeline === null) {
      loop.removeInstrument(recorder);
      timeline = recorder.finish();
    }
    return timeline;
  };
  return { stop, [Symbol.dispose]: stop };
}

/**
 * Options for {@linkcode traceTasks}.
 *
 * @category Tracing
 */
export interface TraceTasksOptions {
  /**
   * What makes the spans: a `Tracer` of `@opentelemetry/api`.
   *
   * @default {that of the host, if telemetry is on}
   */
  tracer?: TaskTracer | null;
  /**
   * The loop whose tasks are traced.
   *
   * @default {the running loop}
   */
  loop?: EventLoop | null;
}

/**
 * Spans that are being made. `using` stops it.
 *
 * @category Tracing
 */
export interface TaskTracing extends Disposable {
  /** Whether there is a tracer: without one, nothing happens. */
  readonly isActive: boolean;
  /** Makes no more spans, and ends those of tasks that still run. */
  stop(): void;
}

function requireTracer(tracer: TaskTracer): TaskTracer {
  if (typeof tracer?.startSpan === "function") return tracer;
  throw new TypeError(
    `Cannot use as tracer what has no startSpan(): current value is ${
      valueText(tracer)
    }`,
  );
}

/**
 * Has the tasks of a loop made with their spans as the active ones.
 *
 * @returns What takes the factory back.
 */
function setFactory(loop: EventLoop, recorder: SpanRecorder): () => void {
  const previous = loop.getTaskFactory();
  let isStopped = false;
  const factory: TaskFactory = (loop, coro, options) => {
    const create = (given?: CreateTaskOptions) =>
      previous === null
        ? new Task(coro, { ...given, loop })
        : previous(loop, coro, given);
    if (isStopped) return create(options); // another factory is on top
    return recorder.create(
      options?.context ?? null,
      (context) => create({ ...options, context }),
    );
  };
  loop.setTaskFactory(factory);
  return () => {
    isStopped = true;
    if (loop.getTaskFactory() === factory) loop.setTaskFactory(previous);
  };
}

/**
 * Makes an OpenTelemetry span for each task of a loop, from its creation to its
 * end.
 *
 * Deno has a tracer built in, which is on with `OTEL_DENO=true`. In other hosts,
 * set up the OpenTelemetry SDK, or pass a tracer. If there is none, this does
 * nothing and costs nothing.
 *
 * - A span has the name of the function that the task runs, and is inside the
 *   span that was active where the task was created: that of the creating task.
 * - It is the active span while the task runs, so that requests and spans of
 *   your own are inside of it. For that, a generator runs in the asynchronous
 *   context in which it was created, as an async function always does.
 * - A failed task has the status "error" and its exception. A cancelled one has
 *   the events "cancel requested", with who asked for it, and "cancelled".
 *
 * For the active span it sets the task factory of the loop, on top of the one
 * that is set.
 *
 * @param options The tracer and the loop.
 * @returns What stops it.
 * @throws {Error} If no loop is given and none is running, or it is closed.
 * @throws {TypeError} If `loop` is not a loop, or `tracer` not a tracer.
 * @throws {TypeError} If there is no such option.
 *
 * @example Usage
 * ```ts
 * import { traceTasks } from "@asyncio/asyncio/tracing";
 * import { run, sleep, taskGroup } from "@asyncio/asyncio";
 *
 * await run(async () => {
 *   using _tracing = traceTasks();
 *   await taskGroup(async (group) => {
 *     group.createTask(() => sleep(0.01));
 *   });
 * });
 * ```
 *
 * @category Tracing
 */
export function traceTasks(options?: TraceTasksOptions): TaskTracing {
  requireOptions("traceTasks()", options, ["tracer", "loop"]);
  const given = options?.tracer ?? null;
  const tracer = given === null ? hostTracer() : requireTracer(given);
  const loop = loopOf(options?.loop);
  if (tracer === null) {
    return { isActive: false, stop() {}, [Symbol.dispose]() {} };
  }
  const recorder = new SpanRecorder(tracer, allTasks(loop));
  loop.addInstrument(recorder);
  const takeBack = hasContexts() ? setFactory(loop, recorder) : () => {};
  const stop = (): void => {
    takeBack();
    loop.removeInstrument(recorder);
    recorder.finish();
  };
  return { isActive: true, stop, [Symbol.dispose]: stop };
}

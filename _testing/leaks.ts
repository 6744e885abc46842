// Copyright 2026 the asyncio authors. MIT license.

/** What a test leaves behind, and where it was made. */

import { type Openable, watchBirths } from "../_core/births.ts";
import type { Timer } from "../_core/engine.ts";
import type { OwnInstrument } from "../_core/instruments.ts";
import type { TaskCore } from "../_core/protocols.ts";
import { activeLoop, running } from "../_core/running.ts";
import { errorRepr, valueText } from "../_util/repr.ts";
import { SourceSite } from "../_util/source_site.ts";
import { withMaxFrames } from "../_util/stack_trace.ts";
import { type EventLoop, type ExceptionContext, Handle } from "../loop.ts";
import { allTasks, type Task } from "../task.ts";

/**
 * Of how many things is recorded where they were made. A stack trace takes some
 * microseconds, and what a test leaves is rarely the last of many.
 */
const MAX_SITES = 1000;

/** How many things are collected before those that are closed are dropped. */
const SWEEP_AT = 256;

/** Records what is made in a loop, and finds out what is left of it. */
export class LeakCheck {
  readonly #loop: EventLoop;
  readonly #sites = new WeakMap<object, SourceSite>();
  #sitesLeft: number;
  /** Coroutines, scopes and executors that may be open. */
  #things: Openable[] = [];
  #sweepAt = SWEEP_AT;
  readonly #stopWatching: () => void;
  #tasks: string[] = [];
  #timers: Timer[] = [];

  /** @param notesSites Whether to record where things are made. */
  constructor(loop: EventLoop, notesSites: boolean) {
    this.#loop = loop;
    this.#sitesLeft = notesSites ? MAX_SITES : 0;
    this.#stopWatching = watchBirths((thing) => {
      if (activeLoop() === loop) this.#born(thing);
    });
    if (!notesSites) return;
    const { timers } = loop.$engineOf;
    const instrument: OwnInstrument = {
      taskSpawned: (task: TaskCore) => this.#note(task),
    };
    loop.$engineOf.addInstrument(instrument);
    timers.onPush = (timer) => {
      // What the library itself waits for belongs to a task.
      if (running.strand === null || !running.strand.$isOwn) this.#note(timer);
    };
  }

  #note(object: object): void {
    if (this.#sitesLeft === 0) return;
    this.#sitesLeft--;
    // Many functions of the library may stand between it and the user's.
    this.#sites.set(object, withMaxFrames(() => new SourceSite()));
  }

  #born(thing: Openable): void {
    // A scope is made by a coroutine of the library, which the user has made.
    const { strand } = running;
    const site = strand === null ? undefined : this.#sites.get(strand);
    if (site === undefined) this.#note(thing);
    else this.#sites.set(thing, site);
    if (this.#things.push(thing) < this.#sweepAt) return;
    this.#things = this.#things.filter((thing) => thing.$isOpen());
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#things.length);
  }

  #made(object: object): string {
    const site = this.#sites.get(object);
    return site === undefined ? "" : `, made at ${site}`;
  }

  /** The body is done, and what it has left is going to be cancelled. */
  bodyDone(): void {
    this.end();
    const loop = this.#loop;
    this.#tasks = [...allTasks(loop)].map((task) => this.#taskText(task));
    this.#timers = [...loop.$engineOf.timers.values()];
    this.#things = this.#things.filter((thing) =>
      thing.$isOpen() && thing as object !== loop.$defaultExecutor
    );
  }

  /** Nothing that is made from now on counts. */
  end(): void {
    this.#stopWatching();
  }

  #taskText(task: Task<unknown>): string {
    return `a task: ${task}${this.#made(task)}`;
  }

  /**
   * The loop is closed.
   *
   * @param reports What was reported to its exception handler.
   * @returns What was left, each as one line of text.
   */
  leaks(reports: readonly ExceptionContext[]): string[] {
    // Those of tasks have been cancelled together with them.
    const timers = this.#timers.filter((timer) =>
      timer instanceof Handle && !timer.cancelled()
    );
    const things = this.#things.filter((thing) => thing.$isOpen());
    const texts = things.map((thing) => thing.$leftText() + this.#made(thing));
    for (const thing of things) thing.$closeLeft?.();
    return [
      ...this.#tasks,
      ...texts,
      ...timers.map((timer) => `a timer: ${timer}${this.#made(timer)}`),
      ...reports.map((report) => this.#reportText(report)),
    ];
  }

  #reportText({ message, exception, future, task }: ExceptionContext): string {
    const thing = task ?? future;
    const about = thing === undefined
      ? ""
      : ` (${valueText(thing)}${this.#made(thing)})`;
    const error = exception === undefined ? "" : `: ${errorRepr(exception)}`;
    return `${message}${error}${about}`;
  }
}

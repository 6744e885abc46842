// Copyright 2026 the asyncio authors. MIT license.

/**
 * What a test leaves behind.
 *
 * Invariant: in a loop that runs no test, nothing of this is recorded.
 */

import type { Timer } from "../_core/engine.ts";
import type { OwnInstrument } from "../_core/instruments.ts";
import { engineOf, isOwn, type TaskCore } from "../_core/protocols.ts";
import { running } from "../_core/running.ts";
import { errorRepr, valueText } from "../_util/repr.ts";
import { SourceSite } from "../_util/source_site.ts";
import { type EventLoop, type ExceptionContext, Handle } from "../loop.ts";
import { allTasks, type Task } from "../task.ts";

/** Records what is made in a loop, and finds out what is left of it. */
export class LeakCheck {
  readonly #loop: EventLoop;
  /** Where tasks and timers were made. */
  readonly #sites = new WeakMap<object, SourceSite>();
  #tasks: string[] = [];
  #timers: Timer[] = [];

  /** @param notesSites Whether to record where things are made. */
  constructor(loop: EventLoop, notesSites: boolean) {
    this.#loop = loop;
    if (!notesSites) return;
    const { timers } = loop[engineOf];
    const instrument: OwnInstrument = {
      taskSpawned: (task: TaskCore) => this.#note(task),
    };
    loop[engineOf].addInstrument(instrument);
    timers.onPush = (timer) => {
      // What the library itself waits for belongs to a task.
      if (running.strand === null || !running.strand[isOwn]) this.#note(timer);
    };
  }

  #note(object: object): void {
    this.#sites.set(object, new SourceSite());
  }

  #made(object: object): string {
    const site = this.#sites.get(object);
    return site === undefined ? "" : `, made at ${site}`;
  }

  /** The body is done, and what it has left is going to be cancelled. */
  bodyDone(): void {
    const tasks = allTasks(this.#loop);
    this.#tasks = [...tasks].map((task) => this.#taskText(task));
    this.#timers = [...this.#loop[engineOf].timers.values()];
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
    return [
      ...this.#tasks,
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

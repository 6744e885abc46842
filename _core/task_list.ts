// Copyright 2026 the asyncio authors. MIT license.

import type { TaskCore } from "./protocols.ts";

/**
 * The tasks of a loop that are not done, in order of creation.
 *
 * The list keeps them alive: a task that nothing else references is still run
 * to its end. The links are in the tasks, so adding and removing costs next to
 * nothing.
 */
export class TaskList implements Iterable<TaskCore> {
  #first: TaskCore | null = null;
  #last: TaskCore | null = null;

  add(task: TaskCore): void {
    const last = this.#last;
    task.$previousTask = last;
    if (last === null) this.#first = task;
    else last.$nextTask = task;
    this.#last = task;
  }

  delete(task: TaskCore): void {
    const previous = task.$previousTask;
    const next = task.$nextTask;
    if (previous === null) this.#first = next;
    else previous.$nextTask = next;
    if (next === null) this.#last = previous;
    else next.$previousTask = previous;
    task.$previousTask = task.$nextTask = null;
  }

  *[Symbol.iterator](): Generator<TaskCore> {
    for (let task = this.#first; task !== null; task = task.$nextTask) {
      yield task;
    }
  }
}

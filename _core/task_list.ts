import type { Task } from "../task.ts";

/**
 * The tasks of a loop that are not done, in order of creation.
 *
 * It is what keeps them alive: a task that nobody else holds still gets done.
 * The links are in the tasks, so adding and removing costs next to nothing.
 */
export class TaskList implements Iterable<Task<unknown>> {
  #first: Task<unknown> | null = null;
  #last: Task<unknown> | null = null;

  add(task: Task<unknown>): void {
    const last = this.#last;
    task["_previous"] = last;
    if (last === null) this.#first = task;
    else last["_next"] = task;
    this.#last = task;
  }

  delete(task: Task<unknown>): void {
    const previous = task["_previous"];
    const next = task["_next"];
    if (previous === null) this.#first = next;
    else previous["_next"] = next;
    if (next === null) this.#last = previous;
    else next["_previous"] = previous;
    task["_previous"] = task["_next"] = null;
  }

  *[Symbol.iterator](): Generator<Task<unknown>> {
    for (let task = this.#first; task !== null; task = task["_next"]) {
      yield task;
    }
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import { Interruption } from "../_core/cancel.ts";
import {
  cancelTargets,
  placeInLine,
  waitingFor,
  waitsOf,
  type WaitTarget,
} from "../_core/protocols.ts";
import { Task } from "../task.ts";

/** The name of a task; of one without a name, that of its function as well. */
export function nameOf(task: Task<unknown>): string {
  const name = task.getName();
  if (!/^Task-\d+$/.test(name)) return `\`${name}\``;
  const fn = /object (\S+) at/.exec(String(task.getCoro()))?.[1];
  return fn === undefined || fn === "<lambda>"
    ? `\`${name}\``
    : `\`${name}\` (${fn})`;
}

/** What a task waits for, in words; the tasks that this leads to, followed. */
class Chain {
  readonly #path: Task<unknown>[] = [];
  readonly #follows: boolean;

  constructor(follows: boolean) {
    this.#follows = follows;
  }

  of(task: Task<unknown>): string {
    this.#path.push(task);
    const targets = targetsOf(task);
    const text = targets.length === 0
      ? "is in a native promise"
      : `waits for ${
        targets.map((target) => this.#targetText(target)).join(" and for ")
      }`;
    this.#path.pop();
    return text;
  }

  #targetText(target: WaitTarget | null): string {
    if (target === null) return "its next turn";
    if (target instanceof Task) return this.#taskText(target);
    const place = target[placeInLine]();
    if (place !== null) return String(place);
    const parts = (target[cancelTargets]() ?? [])
      .map(({ future }) => future)
      .filter((future) => future !== null);
    return parts.length === 0
      ? String(target)
      : parts.map((part) => this.#targetText(part)).join(" and for ");
  }

  #taskText(task: Task<unknown>): string {
    if (this.#path.includes(task)) return `${nameOf(task)}: a circle`;
    if (!this.#follows) return nameOf(task);
    return task.done()
      ? `${nameOf(task)}, which is done`
      : `${nameOf(task)}, which ${this.of(task)}`;
  }
}

function targetsOf(task: Task<unknown>): (WaitTarget | null)[] {
  return [...task[waitsOf]()]
    .map((wait) => wait[waitingFor]())
    .filter((target) => !(target instanceof Interruption));
}

/** What a task waits for. */
export function waitText(task: Task<unknown>): string {
  return new Chain(false).of(task);
}

/** Which task waits for what: one line each. */
export function waitsText(tasks: Iterable<Task<unknown>>): string {
  const lines = [...tasks].map((task) =>
    `  ${nameOf(task)} ${new Chain(true).of(task)}`
  );
  return lines.length === 0 ? "  There are no tasks." : lines.join("\n");
}

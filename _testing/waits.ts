// Copyright 2026 the asyncio authors. MIT license.

/** Who waits for what, in words. */

import { awaitersOf } from "../_core/awaited_by.ts";
import { Interruption } from "../_core/cancel.ts";
import { framesOf } from "../_core/graph.ts";
import { subjectOf } from "../_core/handle.ts";
import {
  cancelTargets,
  definitionOf,
  isOwn,
  placeInLine,
  type TaskCore,
  type Wait,
  waitingFor,
  waitsOf,
  type WaitTarget,
} from "../_core/protocols.ts";
import { isFuture } from "../future.ts";
import { allTasks, Task } from "../task.ts";

type AnyTask = Task<unknown>;

/**
 * What the tasks of a loop are called: by their names, or those of their
 * functions; the second one of a name gets a number. Unlike the numbers of tasks
 * without a name, this is the same whenever a test is repeated.
 */
class Names {
  readonly #names = new WeakMap<AnyTask, string>();
  readonly #counts = new Map<string, number>();

  of(task: AnyTask): string {
    if (!this.#names.has(task)) {
      for (const other of allTasks(task.getLoop())) this.#give(other);
      this.#give(task);
    }
    return this.#names.get(task)!;
  }

  #give(task: AnyTask): void {
    if (this.#names.has(task)) return;
    let name = task.getName();
    if (/^Task-\d+$/.test(name)) {
      const fn = task.getCoro()[definitionOf].name;
      name = fn === "" || fn === "<lambda>" ? "task" : fn;
    }
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    this.#names.set(task, count === 1 ? name : `${name}#${count}`);
  }
}

const namesByLoop = new WeakMap<object, Names>();

/** What a task is called. */
export function nameOf(task: AnyTask): string {
  const loop = task.getLoop();
  let names = namesByLoop.get(loop);
  if (names === undefined) namesByLoop.set(loop, names = new Names());
  return `\`${names.of(task)}\``;
}

/** What a task waits for, and what this leads to, as far as it is followed. */
class Chain {
  readonly #path: AnyTask[] = [];
  /** Those that were followed already. */
  readonly #told = new Set<AnyTask>();
  readonly #follows: boolean;

  constructor(follows: boolean) {
    this.#follows = follows;
  }

  of(task: AnyTask): string {
    this.#path.push(task);
    this.#told.add(task);
    const texts = new Set<string>();
    for (const wait of task[waitsOf]()) {
      const target = wait[waitingFor]();
      if (target instanceof Interruption) continue;
      texts.add(this.#targetText(target, wait));
    }
    this.#path.pop();
    return texts.size === 0
      ? "is in a native promise"
      : `waits for ${[...texts].join(" and for ")}`;
  }

  #targetText(target: WaitTarget | null, wait: Wait | null): string {
    if (target === null) return "its next turn";
    if (target instanceof Task) return this.#taskText(target);
    const place = target[placeInLine]();
    if (place !== null) {
      const holders = [...place.holders?.() ?? []] as unknown as AnyTask[];
      return holders.length === 0 || !this.#follows
        ? String(place)
        : `${place}, held by ${
          [...new Set(holders)].map((task) => this.#taskText(task))
            .join(" and by ")
        }`;
    }
    const parts = (target[cancelTargets]() ?? [])
      .map(({ future }) => future)
      .filter((future) => future !== null);
    if (parts.length > 0) {
      return parts.map((part) => this.#targetText(part, null))
        .join(" and for ");
    }
    return this.#groupText() ?? ownName(wait) ?? String(target);
  }

  /** The tasks of a group, for which its body waits by a future of its own. */
  #groupText(): string | null {
    const waiting = this.#path.at(-1)!;
    const texts: string[] = [];
    for (const task of allTasks(waiting.getLoop())) {
      if (awaitersOf(task).has(waiting as unknown as TaskCore)) {
        texts.push(this.#taskText(task));
      }
    }
    return texts.length === 0 ? null : texts.join(" and for ");
  }

  #taskText(task: AnyTask): string {
    if (!this.#follows) return nameOf(task);
    if (this.#path.includes(task)) return `${nameOf(task)}: a circle`;
    if (this.#told.has(task)) return nameOf(task);
    return task.done()
      ? `${nameOf(task)}, which is done`
      : `${nameOf(task)}, which ${this.of(task)}`;
  }
}

/** The function of the library that waits, if it is one: `sleep()`. */
function ownName(wait: object | null): string | null {
  const { [isOwn]: own, [definitionOf]: definition } = (wait ?? {}) as {
    [isOwn]?: boolean;
    [definitionOf]?: { name: string };
  };
  return own && definition ? `${definition.name}()` : null;
}

/** What a task waits for. */
export function waitText(task: AnyTask): string {
  return new Chain(false).of(task);
}

/** Which task waits for what, and where: one line each. */
export function waitsText(tasks: Iterable<AnyTask>): string {
  const lines = [...tasks].map((task) => {
    const [frame] = framesOf(task);
    const where = frame === undefined ? "" : ` (${frame.file}:${frame.line})`;
    return `  ${nameOf(task)} ${new Chain(true).of(task)}${where}`;
  });
  return lines.length === 0 ? "  There are no tasks." : lines.join("\n");
}

/** Whom a timer wakes, or else what it calls. */
export function timerText(timer: object): string {
  const subject = (timer as { [subjectOf]?: unknown })[subjectOf];
  if (isFuture(subject)) {
    for (const awaiter of awaitersOf(subject) as Iterable<object>) {
      if (awaiter instanceof Task) return `The timer of ${nameOf(awaiter)}`;
    }
  }
  return `The timer ${timer}`;
}

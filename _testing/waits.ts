// Copyright 2026 the asyncio authors. MIT license.

/** Who waits for what, in words. */

import { awaitersOf } from "../_core/awaited_by.ts";
import { Interruption } from "../_core/cancel.ts";
import { framesOf } from "../_core/graph.ts";
import type { FutureCore, TaskCore, WaitTarget } from "../_core/protocols.ts";
import { isFuture } from "../future.ts";
import { allTasks, Task } from "../task.ts";

type AnyTask = Task<unknown>;

/** How much of a large graph is told. */
const MAX_TASKS = 20;
const MAX_BRANCHES = 3;
const MAX_DEPTH = 10;

/** The first few of some texts, and how many more there are. */
function joined(texts: readonly string[], between: string): string {
  const more = texts.length - MAX_BRANCHES;
  return more <= 0
    ? texts.join(between)
    : `${texts.slice(0, MAX_BRANCHES).join(between)}${between}${more} more`;
}

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
      const fn = task.getCoro().$definitionOf.name;
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
  /**
   * From where on the path all have to end. A task before that waits for others
   * too, any one of which is enough: to come to it again is no circle.
   */
  #firstOfAll = 0;

  constructor(follows: boolean) {
    this.#follows = follows;
  }

  of(task: AnyTask): string {
    this.#path.push(task);
    this.#told.add(task);
    const texts = new Set<string>();
    for (const wait of task.$waitsOf()) {
      const target = wait.$waitingFor();
      if (target instanceof Interruption) continue;
      texts.add(this.#targetText(target));
    }
    this.#path.pop();
    return texts.size === 0
      ? "is in a native promise"
      : `waits for ${joined([...texts], " and for ")}`;
  }

  #targetText(target: WaitTarget | null): string {
    if (target === null) return "its next turn";
    if (target instanceof Task) return this.#taskText(target);
    const targets = target.$cancelTargets();
    const place = targets === null ? target.$placeInLine() : null;
    if (place !== null) {
      const holders = [...place.holders?.() ?? []] as unknown as AnyTask[];
      return holders.length === 0 || !this.#follows
        ? String(place)
        : `${place}, held by ${
          joined(
            [...new Set(holders)].map((task) => this.#taskText(task)),
            " and by ",
          )
        }`;
    }
    const parts = (targets ?? [])
      .map(({ future }) => future)
      .filter((future) => future !== null);
    if (parts.length > 0) {
      const isAny = (target as Partial<FutureCore>).$endsWithFirst === true;
      const before = this.#firstOfAll;
      if (isAny) this.#firstOfAll = this.#path.length;
      const texts = parts.map((part) => this.#targetText(part));
      this.#firstOfAll = before;
      return joined(texts, isAny ? ", or for " : " and for ");
    }
    return this.#groupText() ?? nameOfWait(target) ?? String(target);
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
    return texts.length === 0 ? null : joined(texts, " and for ");
  }

  #taskText(task: AnyTask): string {
    if (!this.#follows) return nameOf(task);
    if (this.#path.indexOf(task) >= this.#firstOfAll) {
      return `${nameOf(task)}: a circle`;
    }
    if (this.#told.has(task) || this.#path.length >= MAX_DEPTH) {
      return nameOf(task);
    }
    return task.done()
      ? `${nameOf(task)}, which is done`
      : `${nameOf(task)}, which ${this.of(task)}`;
  }
}

/** What a wait is called: `sleep(3)`, for example. */
function nameOfWait(target: WaitTarget): string | null {
  const { $waitName: name } = target as Partial<FutureCore>;
  return typeof name === "function" ? name.call(target) : null;
}

/** What a task waits for. */
export function waitText(task: AnyTask): string {
  return new Chain(false).of(task);
}

/** Which task waits for what, and where: one line each. */
export function waitsText(tasks: Iterable<AnyTask>): string {
  const all = [...tasks];
  const lines = all.slice(0, MAX_TASKS).map((task) => {
    const [frame] = framesOf(task);
    const where = frame === undefined ? "" : ` (${frame.file}:${frame.line})`;
    return `  ${nameOf(task)} ${new Chain(true).of(task)}${where}`;
  });
  const more = all.length - MAX_TASKS;
  if (more > 0) lines.push(`  and ${more} more tasks`);
  return lines.length === 0 ? "  There are no tasks." : lines.join("\n");
}

/** Whom a timer wakes, or else what it calls. */
export function timerText(timer: object): string {
  const subject = (timer as { $subjectOf?: unknown }).$subjectOf;
  if (isFuture(subject)) {
    for (const awaiter of awaitersOf(subject) as Iterable<object>) {
      if (awaiter instanceof Task) return `The timer of ${nameOf(awaiter)}`;
    }
  }
  return `The timer ${timer}`;
}

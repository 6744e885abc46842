// Copyright 2026 the asyncio authors. MIT license.

import type { OwnInstrument } from "../_core/instruments.ts";
import { type EventLoop, Handle } from "../loop.ts";
import { Task } from "../task.ts";
import type { Remark } from "./director.ts";
import { nameOf, timerText, waitText } from "./waits.ts";

/** How many lines are kept: the end of a long story is what matters. */
const MAX_LINES = 200;

/** Tells in words what happens in a loop, step by step. */
export class Narrator implements OwnInstrument {
  readonly #loop: EventLoop;
  readonly #begun = new WeakSet<object>();
  #lines: string[] = [];
  #skipped = 0;
  #time = 0;
  #isOver = false;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** What has happened so far. */
  get lines(): readonly string[] {
    return this.#skipped === 0
      ? this.#lines
      : [`(${this.#skipped} lines before)`, ...this.#lines];
  }

  /** What happens from now on is not part of the story. */
  stop(): void {
    this.#isOver = true;
  }

  #add(line: string): void {
    if (this.#isOver) return;
    this.#lines.push(line);
    if (this.#lines.length <= MAX_LINES) return;
    this.#lines.shift();
    this.#skipped++;
  }

  $beforeEntry(): void {
    const time = this.#loop.time();
    if (time > this.#time) this.#add(`It is ${seconds(time)} s.`);
    this.#time = time;
  }

  $afterEntry(entry: object): void {
    if (entry instanceof Task) this.#add(this.#stepText(entry));
    else if (entry instanceof Handle && !entry.cancelled()) {
      const text = callText(entry);
      if (text !== null) this.#add(`${text} is called.`);
    }
  }

  #stepText(task: Task<unknown>): string {
    const verb = this.#begun.has(task) ? "goes on" : "begins";
    this.#begun.add(task);
    return `${nameOf(task)} ${verb}, and ${
      task.done() ? endText(task) : waitText(task)
    }.`;
  }

  readonly remark: Remark = (what, choice, thing, value) => {
    this.#add(`(choice ${choice}) ${remarkText(what, thing, value)}`);
  };
}

function remarkText(
  what: Parameters<Remark>[0],
  thing: object | null,
  value: number,
): string {
  switch (what) {
    case "delay":
      return `The loop looks for timers ${seconds(value)} s late.`;
    case "timer":
      return `${timerText(thing!)} comes before ${value} other${
        value === 1 ? "" : "s"
      }.`;
    case "late timers":
      return `${timerText(thing!)}${
        value === 1 ? "" : ` and ${value - 1} more`
      } come${value === 1 ? "s" : ""} a turn later.`;
    case "arrival":
      return `What was done outside arrives ${turns(value)} later.`;
    case "step":
      return `${thing instanceof Task ? nameOf(thing) : thing} goes on ${
        value === Infinity
          ? "when nothing else is ready"
          : `${turns(value)} later`
      }.`;
  }
}

function turns(count: number): string {
  return count === 1 ? "1 turn" : `${count} turns`;
}

function seconds(time: number): string {
  return String(Number(time.toFixed(6)));
}

function endText(task: Task<unknown>): string {
  if (task.cancelled()) return "is cancelled";
  return task.$hasFailed() ? "fails" : "ends";
}

/** The functions of the library itself that are called now and then. */
const OWN_CALLBACKS: readonly string[] = ["wakeSleeper()", "stop()"];

/** What a handle calls; `null` if that is of no interest. */
function callText(handle: Handle): string | null {
  const call = /^<\w+ (?:when=\S+ )?(.*)>$/.exec(String(handle))?.[1] ??
    String(handle);
  return OWN_CALLBACKS.includes(call) ? null : call;
}

// Copyright 2026 the asyncio authors. MIT license.

import type { Engine, Timer } from "../_core/engine.ts";
import type { Director, Runnable, TaskCore } from "../_core/protocols.ts";
import { CLOCK_RESOLUTION } from "../_host/clock.ts";
import type { Choices } from "./choices.ts";

/**
 * Timers that are due within this many seconds of each other may run in any
 * order: what they stand for in a test takes about as long.
 */
const JITTER = 0.001;

/** For how many turns a timer that is due, or an arrival, is late at most. */
const MAX_LATE = 3;

/** For how many turns a step comes later, at most. */
const MAX_DELAY = 3;

/** The step comes when nothing else is ready. */
const LAST = MAX_DELAY + 1;

/** Something that is kept for a later turn. */
interface Kept<T> {
  readonly thing: T;
  turns: number;
}

/** Told what was chosen, in words. */
export type Remark = (
  what: "delay" | "timer" | "late timers" | "arrival" | "step",
  choice: number,
  thing: object | null,
  value: number,
) => void;

/**
 * Makes the choices of a schedule.
 *
 * | choice                   | zero                       | else                 |
 * | ------------------------ | -------------------------- | -------------------- |
 * | how long nothing happens | until the first timer      | up to a jitter more  |
 * | which due timer is next  | the first                  | a later one, or none |
 * | something outside is done | it arrives at once        | some turns later     |
 * | a step of a task is ready | it runs in this turn      | some turns later, or |
 * |                          |                            | last                 |
 *
 * Timers never run before their time, and callbacks never change their order.
 */
export class ScheduleDirector implements Director {
  readonly #engine: Engine;
  readonly #choices: Choices;
  readonly #remark: Remark | null;
  /** Steps that come later, in the order in which they were ready. */
  #steps: Kept<Runnable>[] = [];
  #arrivals: Kept<() => void>[] = [];
  /** For how many turns in a row timers that are due were left. */
  #late = 0;
  /** How often something was not under control: native promises and others. */
  native = 0;

  constructor(engine: Engine, choices: Choices, remark: Remark | null) {
    this.#engine = engine;
    this.#choices = choices;
    this.#remark = remark;
  }

  get isHolding(): boolean {
    return this.#steps.length > 0 || this.#arrivals.length > 0;
  }

  beginTurn(): void {
    const { ready } = this.#engine;
    do {
      this.#letArrive();
      const entries: Runnable[] = [];
      while (ready.length > 0) entries.push(ready.shift());
      const released = this.#release();
      const timers = this.#dueTimers(entries.length + released.length > 0);
      this.#keepSteps(entries, released.length + timers.length);
      for (const entry of released) ready.push(entry);
      for (const timer of timers) ready.push(timer);
      if (ready.length === 0) this.#releaseLast();
    } while (ready.length === 0 && this.isHolding);
  }

  #letArrive(): void {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    for (const arrival of arrivals) {
      if (--arrival.turns > 0) this.#arrivals.push(arrival);
      else arrival.thing();
    }
  }

  /** Takes the steps whose time has come. */
  #release(): Runnable[] {
    const released: Runnable[] = [];
    this.#steps = this.#steps.filter((step) => {
      if (--step.turns > 0) return true;
      released.push(step.thing);
      return false;
    });
    return released;
  }

  /** Nothing else is ready: the steps that come last run now. */
  #releaseLast(): void {
    if (this.#steps.some(({ turns }) => turns < Infinity)) return;
    for (const { thing } of this.#steps) this.#engine.ready.push(thing);
    this.#steps = [];
  }

  /** Puts the steps that run now back, and keeps the others. */
  #keepSteps(entries: readonly Runnable[], others: number): void {
    const { ready } = this.#engine;
    // A step that has nothing to overtake it cannot come later.
    const isAlone = entries.length + others + this.#steps.length === 1;
    for (const entry of entries) {
      const task = entry.$taskOf;
      if (!task || isAlone) {
        ready.push(entry);
        continue;
      }
      const choice = this.#choices.count;
      const value = this.#choices.next(LAST + 1, "turn");
      if (value === 0) {
        ready.push(entry);
        continue;
      }
      const turns = value === LAST ? Infinity : value;
      this.#remark?.("step", choice, task as TaskCore, turns);
      this.#steps.push({ thing: entry, turns });
    }
  }

  /** Takes the timers that are due, in the order in which they run. */
  #dueTimers(hasOthers: boolean): Timer[] {
    const now = this.#engine.time() + CLOCK_RESOLUTION;
    const due = this.#takeUntil(now);
    const taken: Timer[] = [];
    while (due.length > 0) {
      const latest = due[0].when() + JITTER;
      const near = due.filter((timer) => timer.when() <= latest).length;
      const mayWait = this.#late < MAX_LATE && (hasOthers || taken.length > 0);
      const limit = near + (mayWait ? 1 : 0);
      const choice = this.#choices.count;
      const value = limit === 1 ? 0 : this.#choices.next(limit, "time");
      if (value === near) {
        this.#late++;
        this.#remark?.("late timers", choice, due[0], due.length);
        for (const timer of due) this.#engine.timers.putBack(timer);
        return taken;
      }
      if (value > 0) this.#remark?.("timer", choice, due[value], value);
      taken.push(...due.splice(value, 1));
    }
    this.#late = 0;
    return taken;
  }

  /** Takes all timers up to a time out of the heap, in order. */
  #takeUntil(time: number): Timer[] {
    const { timers } = this.#engine;
    const taken: Timer[] = [];
    for (;;) {
      const timer = timers.peek();
      if (timer === undefined || timer.when() > time) return taken;
      taken.push(timers.pop());
    }
  }

  chooseDelay(delay: number): number {
    const { timers } = this.#engine;
    const first = timers.peek()!.when();
    const near = this.#takeUntil(first + JITTER);
    for (const timer of near) timers.putBack(timer);
    const times = [...new Set(near.map((timer) => timer.when()))];
    if (times.length === 1) return delay;
    const choice = this.#choices.count;
    const value = this.#choices.next(times.length, "time");
    if (value > 0) this.#remark?.("delay", choice, null, times[value] - first);
    return delay + times[value] - first;
  }

  deliver(complete: () => void): void {
    this.native++;
    const choice = this.#choices.count;
    const turns = this.#choices.next(MAX_LATE + 1, "time");
    if (turns === 0) return complete();
    this.#remark?.("arrival", choice, null, turns);
    this.#arrivals.push({ thing: complete, turns });
    this.#engine.wake();
  }

  noteNative(): void {
    this.native++;
  }

  end(): void {
    for (const { thing } of this.#steps.splice(0)) {
      this.#engine.ready.push(thing);
    }
    for (const { thing } of this.#arrivals.splice(0)) thing();
  }
}

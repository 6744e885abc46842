// Copyright 2026 the asyncio authors. MIT license.

/**
 * What a program has left behind, found in debug mode: coroutines that nothing
 * awaits, scopes, locks, servers and executors that are still open.
 *
 * Invariant: each is reported at most once.
 */

import { type Frame, StackTrace } from "../_util/stack_trace.ts";
import { type Openable, watchBirths } from "./births.ts";
import { noteEntrance } from "./cancel_causes.ts";
import { framesHere } from "./graph.ts";
import { locksOf, watchHolders } from "./holders.ts";
import type { LoopCore, Report, TaskCore } from "./protocols.ts";
import { activeLoop, activeTask } from "./running.ts";

/** Something that was left behind. */
export interface Leak {
  /** One line, which names it. */
  readonly message: string;
  readonly object: object;
  /** Where it was made, entered, acquired or opened; innermost first. */
  readonly frames: readonly Frame[];
}

/** Something that is to be used, left or closed. */
interface Made {
  readonly thing: Openable;
  readonly kind: "coroutine" | "scope" | "resource";
  readonly trace: StackTrace;
  readonly frames: readonly Frame[];
  /** The task that has made it, or whose scope it is; `null` for a callback. */
  readonly maker: TaskCore | null;
}

/** A `CancelScope`. Its class is not needed by programs without scopes. */
interface ScopeThing extends Openable {
  readonly owner: object | null;
  readonly task: TaskCore;
}

function isScope(thing: Openable): thing is ScopeThing {
  return "$outerScope" in thing;
}

/** After how many things those that are closed are forgotten. */
const SWEEP_AT = 256;

/** Watches what is made in a loop in debug mode. */
export class LeakWatch {
  readonly #loop: LoopCore;
  #made: Made[] = [];
  #sweepAt = SWEEP_AT;
  #stopWatching: (() => void) | null = null;

  constructor(loop: LoopCore) {
    this.#loop = loop;
  }

  /** Begins to watch, or ends that. */
  watch(isOn: boolean): void {
    if (!isOn) {
      this.#stopWatching?.();
      this.#stopWatching = null;
      return;
    }
    if (this.#stopWatching !== null) return;
    const ends = [watchBirths((thing) => this.#note(thing)), watchHolders()];
    this.#stopWatching = () => ends.forEach((end) => end());
  }

  #note(thing: Openable): void {
    if (activeLoop() !== this.#loop) return;
    const maker = activeTask();
    const trace = new StackTrace(this.#note);
    let frames: readonly Frame[] = [];
    let kind: Made["kind"] = "resource";
    if (isScope(thing)) {
      const { owner, task } = thing;
      if (owner === null) return; // part of something that is awaited itself
      kind = "scope";
      frames = noteEntrance(owner, task);
    } else if ("$definitionOf" in thing) {
      kind = "coroutine";
    } else if (maker !== null) {
      frames = framesHere(maker, this.#note); // it may be made by the library
    }
    this.#made.push({ thing, kind, trace, frames, maker });
    if (this.#made.length >= this.#sweepAt) this.#sweep();
  }

  /** Forgets what was used, left or closed. */
  #sweep(): void {
    this.#made = this.#made.filter(({ thing }) => thing.$isOpen());
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#made.length);
  }

  /** Whether there are coroutines that nothing has awaited yet. */
  get any(): boolean {
    if (this.#made.length > 0) this.#sweep();
    return this.#made.some(({ kind }) => kind === "coroutine");
  }

  *#open(kind: Made["kind"]): Generator<Made> {
    for (const made of this.#made) {
      if (made.kind === kind && made.thing.$isOpen()) yield made;
    }
  }

  /** What a task that has ended leaves behind. */
  *ofTask(task: TaskCore): Generator<Leak> {
    for (const { thing, frames, maker } of this.#open("scope")) {
      if (maker !== task) continue;
      const object = (thing as ScopeThing).owner!;
      const message = `Task ended without leaving ${object}`;
      yield { message, object, frames };
    }
    for (const { line: object, frames } of locksOf(task)) {
      const message = `Task ended without releasing ${object}`;
      yield { message, object, frames };
    }
  }

  /**
   * The coroutines that nothing has awaited.
   *
   * @param whose Those of ended tasks only, which are lost; or all, if nothing
   * can await them any more.
   */
  *coroutines(whose: "of ended tasks" | "all" = "all"): Generator<Leak> {
    for (const { thing, trace, maker } of this.#open("coroutine")) {
      if (whose !== "all" && maker?.done() !== true) continue;
      const object = thing as Openable & {
        readonly $definitionOf: { readonly name: string };
      };
      const { name } = object.$definitionOf;
      const message = `coroutine '${name}' was never awaited`;
      yield { message, object, frames: trace.frames };
    }
  }

  /** What is open now. */
  *resources(): Generator<Leak> {
    for (const { thing: object, trace, ...made } of this.#open("resource")) {
      const message = `Left open: ${object}`;
      const frames = made.frames.length > 0 ? made.frames : trace.frames;
      yield { message, object, frames };
    }
  }

  /** Reports what a task that has ended leaves behind. */
  taskExited(task: TaskCore): void {
    for (const leak of [...this.ofTask(task)]) this.#report(leak, { task });
  }

  /** Reports coroutines that nothing has awaited, each once. */
  reportCoroutines(whose: "of ended tasks" | "all"): void {
    for (const leak of [...this.coroutines(whose)]) {
      this.#forget(leak.object);
      this.#report(leak, { coroutine: leak.object });
    }
  }

  /** Reports all that is left. The loop is being closed. */
  loopClosed(): void {
    this.reportCoroutines("all");
    for (const leak of [...this.resources()]) {
      this.#forget(leak.object);
      this.#report(leak, { resource: leak.object });
    }
    this.watch(false);
  }

  #forget(object: object): void {
    this.#made = this.#made.filter(({ thing }) => thing !== object);
  }

  #report({ message, frames }: Leak, details: object): void {
    const report: Report = { message, ...details };
    if (frames.length > 0) report.source_traceback = [...frames].reverse();
    this.#loop.callExceptionHandler(report);
  }
}

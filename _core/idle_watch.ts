// Copyright 2026 the asyncio authors. MIT license.

/**
 * What a loop does while it is idle, apart from waiting: it finds out when
 * nothing can happen any more.
 *
 * Invariant: nothing of this keeps the process alive, but for the first tenth
 * of a second of an idle wait.
 */

import { hasHostWork, listenersHoldProcess } from "../_host/pending.ts";
import { printError } from "../_host/printing.ts";
import { inspectAfter, probeAfter } from "../_host/probes.ts";
import { onNaturalEnd } from "../_host/process.ts";
import { ownOperations } from "../_host/own_operations.ts";
import { keepAlive } from "../_host/turn.ts";
import type { DeadlockWatch } from "./deadlock_watch.ts";
import { framesOf } from "./graph.ts";
import type { LoopCore, TaskCore } from "./protocols.ts";
import { nativeText } from "./waits.ts";

/**
 * After how many idle seconds the loop looks for what the host waits for. It is
 * time enough for a module to be imported from a file.
 */
const FIRST_PROBE = 0.1;
/** How many seconds pass between further looks. */
const NEXT_PROBE = 1;

/** In debug mode: how often tasks are looked at, in seconds. */
const INSPECTION = 0.5;
/** For how long a cancelled task may be in a native promise, in seconds. */
const OVERDUE = 1;

/** What the watch needs of its loop. */
export interface WatchedLoop extends LoopCore {
  $tasksOf(): Iterable<TaskCore>;
  /** Whether the user has asked the loop to wait for signals. */
  readonly $awaitsSignals: boolean;
}

/** Something that keeps the process alive, and can let go of it. */
export interface ProcessHolder {
  add(): void;
  remove(): void;
}

/** The text about a loop that nothing can wake any more. */
function stuckText(tasks: Iterable<TaskCore>): string {
  const lines = ["The event loop cannot go on: nothing is left that wakes it."];
  for (const task of tasks) {
    const note = task.$isWaiting ? "" : `, in a ${nativeText(task)}`;
    lines.push(`  ${task}${note}`);
    if (!task.getLoop().getDebug()) continue;
    for (const { name, file, line } of framesOf(task)) {
      lines.push(`    in ${name}() at ${file}:${line}`);
    }
  }
  if (lines.length === 1) lines.push("  It has no tasks.");
  return lines.join("\n");
}

/** Watches the idle waits of a loop that runs. */
export class IdleWatch {
  readonly #loop: WatchedLoop;
  /** Let go of when nothing can happen any more. */
  readonly holders: Set<ProcessHolder> = new Set();
  /** Of a loop that runs a test: takes the place of all this. */
  deadlocks: DeadlockWatch | null = null;
  #isIdle = false;
  #hasTimer = false;
  #isJumping = false;
  #isStuck = false;
  #hasTold = false;
  /** Counts the idle waits, since a look at the host takes a while. */
  #waits = 0;
  /** The idle wait in which the last look was. */
  #probedWait = 0;
  #cancelProbe: (() => void) | null = null;
  #cancelInspection: (() => void) | null = null;
  #release: (() => void) | null = null;
  #removeListener: (() => void) | null = null;
  /** When to name a cancelled task next, in milliseconds of `Date`. */
  #overdue = new Map<TaskCore, { since: number; next: number }>();

  constructor(loop: WatchedLoop) {
    this.#loop = loop;
  }

  /**
   * The loop begins to wait for something to be scheduled.
   *
   * @param hasTimer Whether it also waits for a timer.
   * @param isJumping Whether its clock jumps to the next timer by itself.
   */
  idle(hasTimer: boolean, isJumping: boolean): void {
    this.#isIdle = true;
    this.#hasTimer = hasTimer;
    this.#isJumping = isJumping;
    this.#waits++;
    if (this.#loop.getDebug()) this.#inspect();
    if (this.#loop.$awaitsSignals) {
      this.#release = keepAlive();
      return;
    }
    if (this.deadlocks !== null) {
      this.deadlocks.idle(hasTimer);
      return;
    }
    if (hasTimer && isJumping) {
      // The clock looks at what the host does, which includes this.
      this.#cancelProbe?.();
      this.#cancelProbe = null;
    } else if (
      listenersHoldProcess() || this.#loop.$holdingsOf.hasAttachments
    ) {
      // A loop that is often idle sets no timer for each time.
      this.#cancelProbe ??= this.#probeAfter(FIRST_PROBE, true);
    }
    this.#removeListener ??= onNaturalEnd(() => this.#ended());
  }

  /** The wait is over. */
  busy(): void {
    this.#isIdle = false;
    this.#release?.();
    this.#release = null;
    this.deadlocks?.busy();
    if (!this.#isStuck) return;
    this.#isStuck = false;
    for (const holder of this.holders) holder.add();
  }

  /** The loop stops. */
  end(): void {
    this.busy();
    this.#waits++;
    this.#cancelProbe?.();
    this.#cancelInspection?.();
    this.#removeListener?.();
    this.#cancelProbe = this.#cancelInspection = this.#removeListener = null;
    this.#overdue.clear();
    this.#hasTold = false;
  }

  #probeAfter(seconds: number, holds: boolean): () => void {
    const wait = this.#waits;
    return probeAfter(seconds, holds, () => this.#probe(wait));
  }

  /**
   * Looks for what the host waits for.
   *
   * @param wait The wait in which the look was planned.
   */
  async #probe(wait: number): Promise<void> {
    this.#cancelProbe = null;
    if (!this.#canBeStuck) return;
    if (wait !== this.#waits) {
      // This is another wait, which may have begun a moment ago.
      this.#cancelProbe = this.#probeAfter(FIRST_PROBE, true);
      return;
    }
    const hasWork = await hasHostWork(ownOperations);
    if (wait !== this.#waits || !this.#canBeStuck) {
      // It has been awake meanwhile, and may be idle again.
      if (this.#canBeStuck) this.#probeLater();
      return;
    }
    // The timer of the loop is one of the host, and will wake it.
    if (hasWork !== false && this.#hasTimer) return;
    // Where the host does not tell, it may still have something to do: there a
    // listener is let go of only if it could hold the process.
    if (hasWork === false || hasWork === null && listenersHoldProcess()) {
      return this.#stuck(hasWork === false);
    }
    if (this.#probedWait === wait) this.#loop.$holdingsOf.loopRests();
    this.#probedWait = wait;
    this.#probeLater();
  }

  #probeLater(): void {
    this.#cancelProbe ??= this.#probeAfter(NEXT_PROBE, false);
  }

  get #canBeStuck(): boolean {
    return this.#isIdle && !this.#loop.$awaitsSignals &&
      !(this.#hasTimer && this.#isJumping);
  }

  #stuck(isCertain: boolean): void {
    this.#isStuck = true;
    this.#cancelInspection?.();
    this.#cancelInspection = null;
    for (const holder of this.holders) holder.remove();
    if (isCertain) this.#tell();
  }

  /** The program ends while the loop waits. */
  #ended(): void {
    if (!this.#canBeStuck) return;
    for (const _task of this.#loop.$tasksOf()) return this.#tell();
  }

  #tell(): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    printError(stuckText(this.#loop.$tasksOf()));
  }

  /** Names the tasks that a cancellation does not reach. */
  #inspect(): void {
    const now = Date.now();
    const found = new Map<TaskCore, { since: number; next: number }>();
    for (const task of this.#loop.$tasksOf()) {
      if (task.$isWaiting || !task.$cancelRequests()?.count) continue;
      const entry = this.#overdue.get(task) ??
        { since: now, next: now + OVERDUE * 1000 };
      found.set(task, entry);
      if (now < entry.next) continue;
      const seconds = Math.round((now - entry.since) / 1000);
      entry.next = now + (now - entry.since);
      printError(
        `${task} was cancelled ${seconds} s ago and is still in a ${
          nativeText(task)
        }`,
      );
    }
    this.#overdue = found;
    this.#cancelInspection ??= inspectAfter(INSPECTION, () => {
      this.#cancelInspection = null;
      if (this.#isIdle && !this.#isStuck) this.#inspect();
    });
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * Finds out at once when a loop can not go on, for tests: nothing is ready, no
 * timer is set, and nothing is under way outside.
 */

import {
  activeResources,
  hasHostWork,
  type Resources,
} from "../_host/pending.ts";
import { probeAfter } from "../_host/probes.ts";
import { ownOperations } from "../_host/own_operations.ts";
import { microtasksDone } from "../_host/turn.ts";
import { Interruption } from "./cancel.ts";
import type { Outside } from "./outside_work.ts";
import type { TaskCore, Wait } from "./protocols.ts";

/**
 * For how many seconds a native promise is waited for before the host is asked
 * what it is busy with. The host does not tell of everything: a module that is
 * imported, for example.
 */
export const NATIVE_GRACE = 0.1;

/** After how many seconds a host that is busy is asked again. */
const NEXT_LOOK = 0.25;

/** Watches a loop that runs a test. */
export class DeadlockWatch {
  readonly #outside: Outside;
  readonly #onStuck: () => void;
  /** What the host was busy with before. */
  readonly #before: Resources = activeResources();
  /** Counts the waits, since a look at the host takes a while. */
  #waits = 0;
  #cancelLook: (() => void) | null = null;

  constructor(outside: Outside, onStuck: () => void) {
    this.#outside = outside;
    this.#onStuck = onStuck;
  }

  /** The loop begins to wait. */
  idle(hasTimer: boolean): void {
    if (!hasTimer) this.#look(this.#waits);
  }

  /** The wait is over. */
  busy(): void {
    this.#waits++;
    this.#cancelLook?.();
    this.#cancelLook = null;
  }

  async #look(wait: number): Promise<void> {
    await microtasksDone();
    if (wait !== this.#waits) return;
    const isUnderWay = this.#outside.isUnderWay;
    if (isUnderWay && !this.#outside.isDoubtful) {
      await this.#pause(NATIVE_GRACE);
      if (wait !== this.#waits) return;
    }
    for (;;) {
      const hasWork = await hasHostWork(ownOperations, this.#before);
      if (wait !== this.#waits) return;
      if (hasWork === false || hasWork === null && !isUnderWay) break;
      await this.#pause(NEXT_LOOK);
      if (wait !== this.#waits) return;
    }
    this.#onStuck();
  }

  /**
   * Keeps the process alive meanwhile: what the host was busy with may end
   * before the next look. The time limit of the test bounds that.
   */
  #pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = probeAfter(seconds, true, resolve);
      this.#cancelLook = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** The waits at which nothing but a future ends them, and all others. */
function sortedWaits(tasks: Iterable<TaskCore>): [Wait[], Wait[]] {
  const last: Wait[] = [];
  const others: Wait[] = [];
  for (const task of tasks) {
    for (const wait of task.$waitsOf()) {
      const target = wait.$waitingFor();
      if (target === null || target instanceof Interruption) continue;
      (target.$cancelTargets() === null ? last : others).push(wait);
    }
  }
  return [last, others];
}

/**
 * Throws an error into the waits of tasks that nothing will end. A task that
 * waits for others gets what comes out of them; if all wait for each other, the
 * first one gets the error.
 *
 * @returns Whether there was a wait.
 */
export function throwIntoWaits(
  tasks: Iterable<TaskCore>,
  error: Error,
): boolean {
  const [last, others] = sortedWaits(tasks);
  const waits = last.length > 0 ? last : others.slice(0, 1);
  for (const wait of waits) {
    const target = wait.$waitingFor()!;
    if (target.$removeListener(wait) > 0) wait.$wakeup(target as never);
    wait.$interrupt(undefined, error);
  }
  return waits.length > 0;
}

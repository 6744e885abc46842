// Copyright 2026 the asyncio authors. MIT license.

/**
 * What a loop keeps account of, apart from what it runs.
 */

import { classText } from "../_util/repr.ts";
import { Failures } from "./failures.ts";
import type { LeakWatch } from "./leaks.ts";
import type {
  Attachment,
  FutureCore,
  LoopCore,
  LoopHoldings,
  TaskCore,
} from "./protocols.ts";
import { TaskList } from "./task_list.ts";

/**
 * Its tasks, the failures that nobody has retrieved yet, what it waits for from
 * outside, and what is notified when it ends.
 */
export class Holdings implements LoopHoldings {
  /** The tasks that are not done. */
  tasks: TaskList = new TaskList();
  readonly failures: Failures;
  /** What is notified when the loop stops or is closed. */
  readonly attachments: Set<Attachment> = new Set();
  /** How many pending futures something outside the loop will end. */
  externals = 0;
  /** In debug mode: what the program leaves behind. */
  leaks: LeakWatch | null = null;
  #externalDone = { $wakeup: () => this.externals-- };

  constructor(loop: LoopCore) {
    this.failures = new Failures((future) => reportUnretrieved(loop, future));
  }

  beginExternal(future: FutureCore): void {
    this.externals++;
    future.$addListener(this.#externalDone);
  }

  expectUnawaited(
    future: FutureCore,
    report: (future: FutureCore) => void,
  ): void {
    this.failures.expectUnawaited(future, report);
  }

  /** Whether there is something to report when nothing is left to run. */
  get hasUnreported(): boolean {
    return this.failures.any || this.leaks !== null && this.leaks.any;
  }

  /** Nothing is left to run. It may schedule something. */
  whenIdle(timerPending: boolean): void {
    this.failures.watch();
    const isOver = !timerPending && !this.#isExpecting();
    if (isOver) this.failures.reportAll();
    this.leaks?.reportCoroutines(isOver ? "all" : "of ended tasks");
  }

  /** Whether the loop waits for an event that may still occur. */
  #isExpecting(): boolean {
    if (this.externals > 0) return true;
    for (const task of this.tasks as Iterable<TaskCore>) {
      // Neither ready nor waiting for a future: it waits for a native promise.
      if (!task.$isWaiting) return true;
    }
    return false;
  }

  get hasAttachments(): boolean {
    return this.attachments.size > 0;
  }

  /** The loop waits, with no timer, and has done so for a second. */
  loopRests(): void {
    for (const attached of [...this.attachments]) attached.loopRests?.();
  }

  loopStopped(): void {
    for (const attached of [...this.attachments]) attached.loopStopped?.();
  }

  /** The loop was closed: its tasks never end. */
  loopClosed(): void {
    this.tasks = new TaskList();
    this.leaks?.loopClosed(); // before what is left is closed
    for (const attached of [...this.attachments]) attached.loopClosed();
  }
}

function reportUnretrieved(loop: LoopCore, future: FutureCore): void {
  loop.callExceptionHandler({
    message: `${classText(future)} exception was never retrieved`,
    exception: future.$rawValue,
    future,
  });
}

// Copyright 2026 the asyncio authors. MIT license.

import { DeadlockWatch, throwIntoWaits } from "../_core/deadlock_watch.ts";
import { watchHolders } from "../_core/holders.ts";
import type { Clock } from "../_host/clock.ts";
import { probeAfter } from "../_host/probes.ts";
import { MAX_HOST_DELAY } from "../_host/timers.ts";
import { calledAs, type Callee } from "../_util/source_site.ts";
import type { CoroutineBody } from "../coroutine.ts";
import { TimeoutError } from "../errors.ts";
import { EventLoop, type ExceptionContext } from "../loop.ts";
import { allTasks, type Task } from "../task.ts";
import { DeadlockError, LeakError } from "./errors.ts";
import { LeakCheck } from "./leaks.ts";
import { waitsText } from "./waits.ts";

/** How a body is run. */
export interface RunSettings {
  /** What the user has called to run it. */
  readonly callee: Callee;
  readonly clock: Clock;
  /** Whether a deadlock is an error at once. */
  readonly deadlock: boolean;
  /** Whether what is left behind is an error. */
  readonly leaks: boolean;
  /** Whether to record where what is left behind was made. */
  readonly isTold: boolean;
  /** How long it may take in real time, in seconds; `null` for no limit. */
  readonly timeout: number | null;
  /** Called with the loop before it runs, and with the task of the body. */
  readonly prepare?: (loop: EventLoop, task: Task<unknown>) => void;
  /** Called when the body is over, or has failed already. */
  readonly over?: () => void;
}

/** How a run has ended. */
export interface TestEnd<T> {
  /** Why it was given up, whatever its body has thrown. */
  readonly verdict: Error | null;
  /** Returns the result, or throws what the body has thrown. */
  readonly result: () => T;
  /** What it has left behind, each as one line of text. */
  readonly leaks: readonly string[];
}

/**
 * How often a deadlock is thrown into the waits of a test that catches it and
 * waits again.
 */
const MAX_DEADLOCKS = 100;

/** The longest time that timers of the host can wait, in seconds. */
const MAX_TIMEOUT = MAX_HOST_DELAY / 1000;

/** How many times the tasks that are left are cancelled. */
const MAX_CANCELS = 100;

/** How many seconds a test may clean up when it has taken too long. */
const GRACE = 1;

/** One run of the body of a test, in a loop of its own. */
class TestRun<T> {
  readonly #settings: RunSettings;
  readonly #loop: EventLoop;
  readonly #reports: ExceptionContext[] = [];
  #leakCheck: LeakCheck | null = null;
  #isCleaning = false;
  #deadlocks = 0;
  /** What ends the test, whatever its body throws. */
  #verdict: Error | null = null;
  /** Whether nothing is waited for any more: what is left stays. */
  #isGivenUp = false;
  #cancelGrace: (() => void) | null = null;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    const loop = this.#loop = new EventLoop({ clock: settings.clock });
    loop.setExceptionHandler((_loop, context) => this.#reports.push(context));
    if (!settings.deadlock) return;
    const { outside, idleWatch } = loop.$engineOf;
    outside.track();
    idleWatch.deadlocks = new DeadlockWatch(outside, () => this.#stuck());
  }

  async run(body: CoroutineBody<T>): Promise<TestEnd<T>> {
    const loop = this.#loop;
    const { callee, timeout, deadlock, leaks, isTold, prepare } =
      this.#settings;
    const task = calledAs(callee, () => loop.createTask(body));
    if (leaks) this.#leakCheck = new LeakCheck(loop, isTold);
    prepare?.(loop, task);
    // Where a deadlock is found, what holds the process is what is waited for.
    const cancelTimeout = timeout === null || timeout > MAX_TIMEOUT
      ? () => {}
      : probeAfter(timeout, !deadlock, () => this.#expired(timeout));
    const endHolders = deadlock || timeout !== null ? watchHolders() : () => {};
    try {
      await this.#runUntilDone(task);
      if (!task.done()) this.#fail(new Error("The test has stopped its loop"));
      else if (!task.cancelled()) task.exception(); // it is looked at below
      this.#settings.over?.();
      this.#leakCheck?.bodyDone();
      await this.#cleanUp();
    } finally {
      cancelTimeout();
      endHolders();
      this.#leakCheck?.end();
      this.#cancelGrace?.();
      loop.close();
    }
    return {
      verdict: this.#verdict,
      result: () => task.result(),
      leaks: this.#leakCheck?.leaks(this.#reports) ?? [],
    };
  }

  #fail(verdict: Error): void {
    this.#verdict ??= verdict;
    this.#settings.over?.();
  }

  /** Runs the loop until a task is done, or the test is given up. */
  async #runUntilDone(task: Task<unknown>): Promise<void> {
    if (this.#isGivenUp) return;
    const stop = () => this.#loop.stop();
    task.addDoneCallback(stop);
    await this.#loop.runForever();
    task.removeDoneCallback(stop);
  }

  async #cleanUp(): Promise<void> {
    const loop = this.#loop;
    this.#isCleaning = true;
    for (let i = 0; i < MAX_CANCELS && allTasks(loop).size > 0; i++) {
      const tasks = [...allTasks(loop)];
      for (const task of tasks) task.cancel();
      for (const task of tasks) {
        if (!task.done()) await this.#runUntilDone(task);
        if (!task.done()) return; // given up
        if (!task.cancelled()) task.exception();
      }
    }
    if (loop.$defaultExecutor === null) return;
    await this.#runUntilDone(loop.createTask(loop.shutdownDefaultExecutor()));
  }

  /** The loop cannot go on. */
  #stuck(): void {
    const loop = this.#loop;
    if (this.#isCleaning || this.#deadlocks++ > MAX_DEADLOCKS) {
      return loop.stop();
    }
    const tasks = allTasks(loop);
    const error = new DeadlockError(
      `Nothing can wake any task:\n${waitsText(tasks)}`,
    );
    this.#fail(error);
    if (!throwIntoWaits(tasks, error)) loop.stop();
  }

  /** The time is up. */
  #expired(seconds: number): void {
    const loop = this.#loop;
    const tasks = allTasks(loop);
    this.#fail(
      new TimeoutError(
        `The test was not over after ${seconds} s:\n${waitsText(tasks)}`,
      ),
    );
    for (const task of tasks) task.cancel();
    this.#cancelGrace = probeAfter(GRACE, true, () => this.#giveUp());
  }

  /** What was cancelled does not end either. */
  #giveUp(): void {
    this.#isGivenUp = true;
    const verdict = this.#verdict;
    if (verdict instanceof TimeoutError) {
      const left = waitsText(allTasks(this.#loop));
      this.#verdict = new TimeoutError(
        `${verdict.message}\nNor was it ${GRACE} s after it was cancelled:\n${left}`,
      );
    }
    this.#loop.stop();
  }
}

/** Runs the body of a test once. */
export function runBody<T>(
  body: CoroutineBody<T>,
  settings: RunSettings,
): Promise<TestEnd<T>> {
  return new TestRun<T>(settings).run(body);
}

/** Returns the result of a run, or throws what is wrong with it. */
export function outcomeOf<T>({ verdict, result, leaks }: TestEnd<T>): T {
  if (verdict !== null) throw verdict;
  const value = result();
  if (leaks.length > 0) throw new LeakError(leaks);
  return value;
}

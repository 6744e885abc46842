// Copyright 2026 the asyncio authors. MIT license.

import { requireBody } from "../_core/definition.ts";
import type { OwnInstrument } from "../_core/instruments.ts";
import type { TaskCore } from "../_core/protocols.ts";
import { requireFunction, requireFunctionOrNull } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import type { CoroutineBody } from "../coroutine.ts";
import { CancelledError } from "../errors.ts";
import { Task } from "../task.ts";
import { LeakError, SweepError } from "./errors.ts";
import { DEFAULT_TIMEOUT, requireNoLoop } from "./run_test.ts";
import { runBody, type TestEnd } from "./test_run.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { nameOf, waitText } from "./waits.ts";

/**
 * Options for {@linkcode cancelEverywhere}.
 *
 * @category Testing
 */
export interface CancelEverywhereOptions {
  /**
   * When tasks are cancelled.
   *
   * - `"waits"`: once for each wait of each task, that task, when the wait has
   *   just begun.
   * - `"steps"`: once for each task and each step that the loop takes while the
   *   task is not done, before that step. This finds more, such as a task that
   *   is cancelled after it was woken, and takes as many runs as there are tasks
   *   times steps.
   *
   * @default {"waits"}
   */
  at?: "waits" | "steps";
  /**
   * Which tasks are cancelled.
   *
   * @default {all of them}
   */
  tasks?: ((task: Task<unknown>) => boolean) | null;
}

const OPTIONS: readonly string[] = ["at", "tasks"];
const MOMENTS: readonly unknown[] = ["waits", "steps"];

/**
 * What {@linkcode cancelEverywhere} has done.
 *
 * @category Testing
 */
export interface CancelEverywhereReport {
  /** In how many runs a task was cancelled. */
  readonly cancellations: number;
}

/** Decides when which task is cancelled, in one run. */
interface Plan extends OwnInstrument {
  /** What was done, in words; `null` if the moment did not come. */
  readonly done: string | null;
  /** The body is over: from now on, it is only cleaned up. */
  stop(): void;
}

type Choose = (task: Task<unknown>) => boolean;

/** Cancels the task that begins a wait, when as many have begun before. */
class AtWait implements Plan {
  readonly #number: number;
  readonly #choose: Choose;
  #waits = 0;
  /** Tasks that may have started eagerly, within the current step. */
  #fresh: Task<unknown>[] = [];
  #isOver = false;
  done: string | null = null;

  constructor(number: number, choose: Choose) {
    this.#number = number;
    this.#choose = choose;
  }

  stop(): void {
    this.#isOver = true;
  }

  taskSpawned(task: TaskCore): void {
    this.#fresh.push(task as unknown as Task<unknown>);
  }

  $afterEntry(entry: object): void {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (entry instanceof Task) this.#look(entry);
    for (const task of fresh) if (task !== entry) this.#look(task);
  }

  #look(task: Task<unknown>): void {
    if (this.#isOver || this.done !== null || task.done() || !task.$isWaiting) {
      return;
    }
    if (!this.#choose(task) || this.#waits++ !== this.#number) return;
    this.done = `${nameOf(task)} cancelled at wait ${
      this.#number + 1
    }, where it ${waitText(task)}`;
    task.cancel();
  }
}

/** Cancels one task, before one step of the loop. */
class BeforeStep implements Plan {
  readonly #victim: number;
  readonly #number: number;
  readonly #choose: Choose;
  #steps = 0;
  #spawned: Task<unknown>[] = [];
  #victims: Task<unknown>[] = [];
  #isOver = false;
  done: string | null = null;

  constructor(victim: number, number: number, choose: Choose) {
    this.#victim = victim;
    this.#number = number;
    this.#choose = choose;
  }

  /** Whether there is such a task. */
  get hasVictim(): boolean {
    return this.#victims.length > this.#victim;
  }

  stop(): void {
    this.#isOver = true;
  }

  taskSpawned(task: TaskCore): void {
    this.#spawned.push(task as unknown as Task<unknown>);
  }

  $beforeEntry(): void {
    this.#victims.push(...this.#spawned.splice(0).filter(this.#choose));
    const task = this.#victims[this.#victim];
    if (this.#isOver || task === undefined || task.done()) return;
    if (this.#steps++ !== this.#number) return;
    this.done = `${nameOf(task)} cancelled before step ${this.#number + 1}`;
    task.cancel();
  }
}

class Sweep {
  readonly #body: CoroutineBody<unknown>;
  readonly #check: (() => unknown) | null;
  cancellations = 0;

  constructor(body: CoroutineBody<unknown>, check: (() => unknown) | null) {
    this.#body = body;
    this.#check = check;
  }

  /** Runs the body once; returns whether the plan had its moment. */
  async run(plan: Plan | null): Promise<boolean> {
    const end = await runBody(this.#body, {
      callee: cancelEverywhere,
      clock: new VirtualClock(),
      deadlock: true,
      leaks: true,
      isTold: true,
      timeout: DEFAULT_TIMEOUT,
      prepare(loop, main) {
        if (plan === null) return;
        const engine = loop.$engineOf;
        engine.addInstrument(plan);
        plan.taskSpawned?.(main);
      },
      over: () => plan?.stop(),
    });
    if (plan !== null && plan.done === null) return false;
    if (plan !== null) this.cancellations++;
    try {
      judge(end, plan !== null);
      await this.#check?.();
    } catch (error) {
      if (plan === null) throw error;
      throw new SweepError(`${plan.done}: ${error}`, { cause: error });
    }
    return true;
  }
}

/** Throws unless a run has ended as it may. */
function judge(
  { verdict, result, leaks }: TestEnd<unknown>,
  isCancelled: boolean,
): void {
  if (verdict !== null) throw verdict;
  try {
    result();
  } catch (error) {
    if (!isCancelled || !comesOfCancellation(error, new Set())) throw error;
  }
  if (leaks.length > 0) throw new LeakError(leaks);
}

/** Whether an error is a cancellation, or is made of one. */
function comesOfCancellation(error: unknown, seen: Set<unknown>): boolean {
  if (error instanceof CancelledError) return true;
  if (!(error instanceof Error) || seen.has(error)) return false;
  seen.add(error);
  const { errors, error: main, suppressed } = error as Partial<
    AggregateError & SuppressedError
  >;
  return [error.cause, ...errors ?? [], main, suppressed].some((part) =>
    comesOfCancellation(part, seen)
  );
}

/**
 * Runs the body of a test again and again, and each time cancels a task of it at
 * another place: once for each wait, the task that waits there.
 *
 * After each run everything must have ended, nothing may be left behind (see
 * {@linkcode runTest}), and `check` must hold. The body may return, or throw what
 * comes of the cancellation: a `CancelledError`, or an error that has one as its
 * cause or among its errors. The body has to make all its objects anew. At first
 * it is run without any cancellation.
 *
 * @param body An `async` or generator function without arguments.
 * @param check Called after each run. It throws if something is not as it should
 * be.
 * @param options When tasks are cancelled, and which.
 * @returns A promise of how many runs there were. It is rejected with a
 * {@linkcode SweepError}, which says where the task was cancelled and what was
 * wrong then; with what is wrong without a cancellation; with a `TypeError` if
 * `body` or `check` is no function, or an option is unknown or of the wrong type;
 * with an `Error` when called inside a running loop.
 *
 * @example A semaphore that is given back, whatever happens
 * ```ts
 * import { Semaphore, sleep, taskGroup } from "@asyncio/asyncio";
 * import { cancelEverywhere } from "@asyncio/asyncio/testing";
 * import { assertEquals } from "@std/assert";
 *
 * let permits = 0;
 * const { cancellations } = await cancelEverywhere(async () => {
 *   permits = 0;
 *   const semaphore = new Semaphore(1);
 *   await taskGroup(async (group) => {
 *     for (let i = 0; i < 3; i++) {
 *       group.createTask(async () => {
 *         using _ = await semaphore.acquire();
 *         permits++;
 *         try {
 *           await sleep(1);
 *         } finally {
 *           permits--;
 *         }
 *       });
 *     }
 *   });
 * }, () => assertEquals(permits, 0));
 * assertEquals(cancellations, 6); // the group, three sleeps, two in the line
 * ```
 *
 * @category Testing
 */
export async function cancelEverywhere<T>(
  body: CoroutineBody<T>,
  check?: (() => unknown) | null,
  options?: CancelEverywhereOptions,
): Promise<CancelEverywhereReport & void> { // so that a test may return it
  requireBody("cancelEverywhere()", body);
  requireFunctionOrNull("check", check ?? null);
  requireOptions("cancelEverywhere()", options, OPTIONS);
  requireNoLoop("cancelEverywhere()");
  const { at = "waits", tasks = null } = options ?? {};
  if (!MOMENTS.includes(at)) {
    throw new TypeError(
      `at must be "waits" or "steps": current value is ${valueText(at)}`,
    );
  }
  if (tasks !== null) requireFunction("tasks", tasks);
  const choose: Choose = tasks ?? (() => true);
  const sweep = new Sweep(body, check ?? null);
  await sweep.run(null);
  if (at === "waits") {
    for (let n = 0; await sweep.run(new AtWait(n, choose)); n++);
  } else {
    for (let victim = 0;; victim++) {
      let plan: BeforeStep;
      let number = 0;
      do plan = new BeforeStep(victim, number++, choose); while (
        await sweep.run(plan)
      );
      if (!plan.hasVictim) break;
    }
  }
  const { cancellations } = sweep;
  return { cancellations } as CancelEverywhereReport & void;
}

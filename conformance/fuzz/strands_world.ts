// The state of a running program of strands, and what must hold in it.

import {
  allTasks,
  CancelledError,
  currentTask,
  Event,
  EventLoop,
  Lock,
  Queue,
  Semaphore,
  setEventLoop,
  sleep,
  type Task,
  TimeoutError,
} from "@asyncio/asyncio";
import { VirtualClock } from "@asyncio/asyncio/testing";
import { timersOf } from "../../tests/_internals.ts";
import { CAPACITY, THINGS } from "./program.ts";
import type { Program } from "./strands_program.ts";
import { isCancellation, type Strand, TaskRecord } from "./strands_records.ts";

/** Programs may get stuck: after this many seconds all tasks are cancelled. */
const RESCUE = 40;

/** A program hangs if it is not over after this many rescues. */
const MAX_RESCUES = 15;

/** What may come out of a program. */
const EXPECTED = [
  AggregateError,
  CancelledError,
  RangeError,
  SuppressedError,
  TimeoutError,
];

function several<T>(make: () => T): T[] {
  return Array.from({ length: THINGS }, make);
}

/** The state of a running program. */
export class World {
  readonly loop: EventLoop = new EventLoop({ clock: new VirtualClock() });
  readonly violations: string[] = [];
  readonly locks: Lock[] = several(() => new Lock());
  readonly semaphores: Semaphore[] = several(() => new Semaphore(CAPACITY));
  readonly events: Event[] = several(() => new Event());
  readonly queues: Queue<string>[] = several(() => new Queue(CAPACITY));
  /** The tasks that can be joined and cancelled, in the order of creation. */
  readonly spawned: TaskRecord[] = [];
  readonly records: Map<Task<unknown>, TaskRecord> = new Map();
  readonly strands: Strand[] = [];
  /** Items that were put in, and that were taken. */
  readonly put: Set<string> = new Set();
  readonly taken: Set<string> = new Set();
  /** Who holds the locks and permits, by their printed names. */
  readonly holders: Map<Lock | Semaphore, Strand[]> = new Map();
  /** Errors that were thrown and have not come out yet, and where. */
  readonly #missing: Map<unknown, Strand> = new Map();
  readonly #seen: WeakSet<Error> = new WeakSet();
  /** Handlers that are to be called. */
  handlers = 0;
  /** Waits that end by themselves. */
  sleepers = 0;
  /** Whether requests were taken back by `uncancel()`. */
  tookBack = false;
  /** The rank of the task that was spawned last. */
  lastRank = 0;
  #names = 0;
  /** Timers that nobody else waits for are over by then. */
  #lastTimer = 0;
  #hasRescued = false;

  /** Notes that something must not have happened. */
  fail(what: string): void {
    this.violations.push(`${this.loop.time()}: ${what}`);
  }

  name(): string {
    return `${this.#names++}`;
  }

  /** A timer is set that nobody waits for. */
  expectUntil(seconds: number): void {
    this.#lastTimer = Math.max(this.#lastTimer, this.loop.time() + seconds);
  }

  record(): TaskRecord | null {
    const task = currentTask();
    return task === null ? null : this.recordOf(task);
  }

  recordOf(task: Task<unknown>): TaskRecord {
    let record = this.records.get(task);
    if (record === undefined) {
      this.records.set(task, record = new TaskRecord(task));
    }
    return record;
  }

  cancel(record: TaskRecord): void {
    if (record.task.done()) return;
    record.cancelledAt.push(this.loop.time());
    record.task.cancel();
  }

  throwIn(strand: Strand): never {
    const error = new RangeError(this.name());
    this.#missing.set(error, strand);
    throw error;
  }

  /** An error has come out where somebody sees it, with all that is in it. */
  comesOut(error: unknown): void {
    this.#missing.delete(error);
    if (!(error instanceof Error) || this.#seen.has(error)) return;
    this.#seen.add(error);
    if (!EXPECTED.some((kind) => error instanceof kind)) {
      this.fail(`unexpected: ${error}`);
    }
    this.comesOut(error.cause);
    if (error instanceof AggregateError) {
      error.errors.forEach(this.comesOut, this);
    }
    if (error instanceof SuppressedError) {
      this.comesOut(error.error);
      this.comesOut(error.suppressed);
    }
  }

  /** Something that the strand waits for was cancelled by somebody else. */
  noteForeign(strand: Strand): void {
    if (strand.record !== null) strand.record.sawForeign = true;
    let waiting: Strand | null = strand;
    while (waiting !== null) {
      waiting.state.sawForeign = true;
      waiting = waiting.parent;
    }
  }

  /** Whether a wait of the strand may be cancelled at this moment. */
  mayBeCancelled(strand: Strand, seen: Set<unknown> = new Set()): boolean {
    const { record, scopes, state } = strand;
    if (state.sawForeign) return true;
    if (scopes.some((scope) => scope.mayBeCancelled())) return true;
    if (record === null || record.task.done()) {
      if (this.#hasRescued) return true;
    }
    return record !== null && this.taskMayBeCancelled(record, seen);
  }

  taskMayBeCancelled(
    record: TaskRecord,
    seen: Set<unknown> = new Set(),
  ): boolean {
    if (seen.has(record)) return false;
    seen.add(record);
    const { group, waiters } = record;
    return record.sawForeign || record.cancelledAt.length > 0 ||
      (group !== null &&
        (group.mayBeCancelled() || group.bodyHasThrown ||
          this.mayBeCancelled(group.strand, seen))) ||
      waiters.some((waiter) => this.mayBeCancelled(waiter, seen));
  }

  /** A cancellation has come, or may have: it is not due any more. */
  noteDelivery({ record, scopes }: Strand): void {
    for (const scope of scopes) scope.delivered = true;
    if (record !== null) record.delivered = true;
  }

  /** A wait is over: had it to be cancelled, or not? */
  checkWait(
    strand: Strand,
    what: string,
    start: number,
    thrown: { error: unknown } | null,
  ): void {
    const now = this.loop.time();
    const { record, scopes } = strand;
    if (thrown !== null) {
      if (!isCancellation(thrown.error)) return;
      this.noteDelivery(strand);
      if (!this.mayBeCancelled(strand)) {
        this.fail(`${what} was cancelled for nothing`);
      }
      return;
    }
    const isBetween = (moment: number) => start < moment && moment < now;
    const moments = scopes.map((scope) => scope.cancelledAt())
      .filter((moment) => moment !== null);
    if ([...moments, ...record?.cancelledAt ?? []].some(isBetween)) {
      this.fail(`${what} was to be cancelled and was not`);
    }
    if (start === now || this.tookBack) return;
    const isDue = (moment: number | null, delivered: boolean) =>
      moment !== null && moment < now && !delivered;
    if (
      scopes.some((scope) =>
        !scope.isLeft && isDue(scope.cancelledAt(), scope.delivered)
      ) ||
      (record !== null && !record.task.done() &&
        isDue(record.cancelledAt[0] ?? null, record.delivered))
    ) this.fail(`${what} was to get a cancellation that was due`);
  }

  holds(thing: Lock | Semaphore, strand: Strand): () => void {
    let holders = this.holders.get(thing);
    if (holders === undefined) this.holders.set(thing, holders = []);
    holders.push(strand);
    return () => holders.splice(holders.indexOf(strand), 1);
  }

  /** Whether a strand has ended, or never will, since its task has. */
  #isSettled(strand: Strand): boolean {
    if (strand.state.isOver) return true;
    const { record } = strand;
    return record !== null && record.task.done() &&
      this.strands.some((other) =>
        other.record === record && other.state.isInLine
      );
  }

  #isOver(own: unknown): boolean {
    return this.handlers === 0 && this.sleepers === 0 &&
      this.#lastTimer <= this.loop.time() &&
      [...allTasks()].every((task) => task === own) &&
      this.strands.every((strand) => this.#isSettled(strand));
  }

  /** Waits until everything that was started is over. */
  async settle(): Promise<void> {
    const own = currentTask();
    for (let rescues = 0; rescues < MAX_RESCUES; rescues++) {
      let wasOver = false;
      for (let second = 0; second < RESCUE; second++) {
        await sleep(1);
        // What was over a moment ago may just have been about to go on.
        const isOver = this.#isOver(own);
        if (wasOver && isOver) return;
        wasOver = isOver;
      }
      this.#hasRescued = true;
      for (const task of allTasks()) {
        if (task !== own) this.cancel(this.recordOf(task));
      }
    }
    this.fail("something hangs");
  }

  checkEnd(): void {
    for (const { task, cancelledAt, waiters, group } of this.records.values()) {
      const record = this.recordOf(task);
      if (!task.done()) continue; // it hangs, which was said
      if (!task.cancelled()) this.comesOut(task.exception());
      else if (!this.taskMayBeCancelled(record)) {
        this.fail("a task ended as cancelled that nobody had cancelled");
      }
      const isPrivate = waiters.length === 0 && group === null;
      const most = isPrivate ? cancelledAt.length : Infinity;
      if (task.cancelling() > most) {
        this.fail(`cancelling() is ${task.cancelling()} at the end of a task`);
      }
    }
    for (const [error, strand] of this.#missing) {
      let outer: Strand | null = strand;
      while (outer !== null && outer.state.isOver) outer = outer.parent;
      if (outer === null) this.fail(`the error ${error} is lost`);
    }
    this.#checkLines();
    // What has no end leaves its time limits behind, until they are over.
    const isComplete = this.strands.every(({ state }) => state.isOver);
    if (isComplete && timersOf(this.loop).size > 0) {
      this.fail("timers are left");
    }
  }

  #checkLines(): void {
    const holders = (thing: Lock | Semaphore) =>
      this.holders.get(thing)?.length ?? 0;
    for (const lock of this.locks) {
      const state = holders(lock) === 0 ? "unlocked" : "locked";
      this.#expectText(lock, `<Lock [${state}]>`);
    }
    for (const semaphore of this.semaphores) {
      const value = CAPACITY - holders(semaphore);
      const state = value === 0 ? "locked" : `unlocked, value:${value}`;
      this.#expectText(semaphore, `<Semaphore [${state}]>`);
    }
    for (const event of this.events) {
      this.#expectText(event, `<Event [${event.isSet() ? "set" : "unset"}]>`);
    }
    const left: string[] = [];
    for (const queue of this.queues) {
      const text = String(queue);
      if (text.includes("_getters") || text.includes("_putters")) {
        this.fail(`something is left in the line of ${text}`);
      }
      while (!queue.empty()) left.push(queue.getNowait());
    }
    const expected = [...this.put.difference(this.taken)].sort().join();
    if (left.sort().join() !== expected || !this.taken.isSubsetOf(this.put)) {
      this.fail(`the queues hold [${left}], not [${expected}]`);
    }
  }

  #expectText(thing: unknown, text: string): void {
    if (String(thing) !== text) this.fail(`${thing} should be ${text}`);
  }
}

/**
 * Runs a program in a loop of its own.
 *
 * @param start Runs the program, as a task.
 * @returns What was wrong.
 */
export async function violationsIn(
  program: Program,
  start: (world: World, program: Program) => Task<unknown>,
): Promise<string[]> {
  const world = new World();
  const { loop } = world;
  loop.setExceptionHandler((_loop, { message, exception }) => {
    world.comesOut(exception);
    if (!/never retrieved|in shielded future/.test(message ?? "")) {
      world.fail(`reported: ${message}: ${exception}`);
    }
  });
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    world.fail(`unhandled rejection: ${event.reason}`);
  };
  addEventListener("unhandledrejection", onRejection);
  setEventLoop(loop);
  try {
    await loop.runUntilComplete(async () => {
      start(world, program);
      await world.settle();
    });
    // Rejections are reported a macrotask later.
    await new Promise((resolve) => setImmediate(resolve));
    world.checkEnd();
  } catch (error) {
    world.fail(`the run failed: ${error}`);
  } finally {
    removeEventListener("unhandledrejection", onRejection);
    setEventLoop(null);
    if (loop.isRunning()) world.fail("something goes on when all is over");
    else loop.close();
  }
  return world.violations;
}

// What the interpreters of both styles share: the state of a running program.

import {
  Barrier,
  CancelledError,
  Condition,
  coroutine,
  currentTask,
  Event,
  EventLoop,
  type Future,
  Lock,
  Queue,
  Semaphore,
  setEventLoop,
  type Task,
  type TimerHandle,
} from "@asyncio/asyncio";
import type { Coroutine } from "@asyncio/asyncio";
import { VirtualClock } from "@asyncio/asyncio/testing";
import { repr } from "../print.ts";
import { CAPACITY, type Program, THINGS } from "./program.ts";

/** Programs may get stuck: after this many seconds all tasks are cancelled. */
const RESCUE = 50;

/** A program is given up after this many rescues. */
const MAX_RESCUES = 20;

/**
 * A coroutine that runs a body. A task joins only tasks of a higher rank, since
 * CPython cannot cancel tasks that wait for each other in a circle.
 */
export interface Actor {
  readonly name: string;
  readonly rank: number;
}

/** What running a program has shown, besides its trace. */
export interface Remarks {
  /** Whether CPython may lose a cancellation: see `World.uncancel`. */
  mayLoseInPython: boolean;
}

/** The text of a value. Of errors whose messages may differ, only the name. */
function describe(value: unknown, mute: boolean): string {
  if (typeof value === "string") return value;
  // In CPython the error of the disposal takes the place of the other one.
  if (value instanceof SuppressedError) return describe(value.error, mute);
  if (value instanceof AggregateError) {
    const errors = value.errors.map((error) => describe(error, mute));
    return `AggregateError[${errors.join(", ")}]`;
  }
  const isTold = value instanceof RangeError ||
    (value instanceof CancelledError && !mute);
  return value instanceof Error && !isTold ? value.name : repr(value);
}

/** The text of a result, or the name of the error that stands for it. */
export function nameOf(result: unknown): string {
  if (result instanceof SuppressedError) return nameOf(result.error);
  return result instanceof Error ? result.name : `${result}`;
}

/** Runs a body with a resource, and disposes of it at the end. */
export const withResource = /* @__PURE__ */ coroutine(async function (
  body: () => Coroutine<void>,
  dispose: () => Coroutine<void>,
): Promise<void> {
  await using _ = { [Symbol.asyncDispose]: dispose };
  await body();
});

function several<T>(make: () => T): T[] {
  return Array.from({ length: THINGS }, make);
}

/** Makes the things that programs hold and fill. */
export interface Makers {
  lock(): Lock;
  semaphore(): Semaphore;
  queue(): Queue<string>;
}

const MAKERS: Makers = {
  lock: () => new Lock(),
  semaphore: () => new Semaphore(CAPACITY),
  queue: () => new Queue(CAPACITY),
};

/** The state of a running program. */
export class World {
  readonly loop: EventLoop;
  readonly trace: string[] = [];
  readonly futures: Future<string>[];
  readonly locks: Lock[];
  readonly semaphores: Semaphore[];
  readonly events: Event[] = several(() => new Event());
  readonly conditions: Condition[] = several(() => new Condition());
  readonly barriers: Barrier[] = several(() => new Barrier(2));
  readonly queues: Queue<string>[];
  /** The tasks that can be joined and cancelled, in the order of creation. */
  readonly spawned: Task<string>[] = [];
  /** All tasks that have begun, with their actors, in that order. */
  readonly begun: Map<Task<unknown>, Actor> = new Map();
  readonly #remarks: Remarks;
  /** Whether CPython loses the messages of cancellations in this program. */
  readonly #mute: boolean;
  /** How many requests there were when timeouts of a task were entered. */
  readonly #dealtWith = new Map<Task<unknown>, number>();
  #names = 0;
  #rescues = 0;
  #nextRescue: TimerHandle;

  constructor(
    program: Program,
    remarks: Remarks,
    loop: EventLoop,
    makers: Makers = MAKERS,
  ) {
    this.#remarks = remarks;
    this.loop = loop;
    this.futures = several(() => loop.createFuture());
    this.locks = several(makers.lock);
    this.semaphores = several(makers.semaphore);
    this.queues = several(makers.queue);
    this.#nextRescue = loop.callLater(RESCUE, () => this.rescue());
    this.#mute = JSON.stringify(program).includes('"returnExceptions":true');
  }

  actor(rank: number): Actor {
    return { name: `${this.#names++}`, rank };
  }

  log(me: Actor, ...what: unknown[]): void {
    const text = what.map((part) => describe(part, this.#mute)).join(" ");
    this.trace.push(`${this.loop.time()} ${me.name}: ${text}`);
  }

  begin(me: Actor): void {
    const task = currentTask()!;
    if (this.begun.has(task)) return;
    this.begun.set(task, me);
    task.addDoneCallback((task) => this.log(me, "is", stateOf(task)));
  }

  /** A timeout of the current task is entered; disposing leaves it. */
  enterTimeout(): Disposable {
    const task = currentTask()!;
    const outer = this.#dealtWith.get(task) ?? 0;
    this.#dealtWith.set(task, Math.max(outer, task.cancelling()));
    return { [Symbol.dispose]: () => this.#dealtWith.set(task, outer) };
  }

  /**
   * Takes a request of the current task back. CPython counts: if it is one that
   * had been dealt with before a timeout was entered, and another one comes
   * from outside while that runs, then the timeout takes that for its own.
   */
  uncancel(): void {
    const task = currentTask()!;
    const dealtWith = this.#dealtWith.get(task) ?? 0;
    if (dealtWith > 0 && task.cancelling() <= dealtWith) {
      this.#remarks.mayLoseInPython = true;
    }
    task.uncancel();
  }

  task(index: number): Task<string> | null {
    const { length } = this.spawned;
    return length === 0 ? null : this.spawned[index % length];
  }

  pending(): Task<unknown>[] {
    return [...this.begun.keys()].filter((task) => !task.done());
  }

  rescue(): void {
    for (const task of this.pending()) task.cancel("rescue");
    if (++this.#rescues === MAX_RESCUES) this.loop.stop();
    else {
      this.#nextRescue = this.loop.callLater(RESCUE, () => this.rescue());
    }
  }

  /** The program is over. */
  end(): void {
    this.#nextRescue.cancel();
  }
}

function stateOf(task: Task<unknown>): string {
  const state = task.cancelled()
    ? "cancelled"
    : task.exception() === null
    ? "finished"
    : "failed";
  return `${state} ${task.cancelling()}`;
}

/**
 * Runs a program in a loop of its own.
 *
 * @param start Makes the coroutine that runs the program and waits for all tasks
 * that it starts.
 * @param remarks Is filled in.
 * @returns The trace of the program, one event a line.
 */
export async function traceOf(
  program: Program,
  start: (world: World, program: Program) => Coroutine<void>,
  remarks: Remarks = { mayLoseInPython: false },
): Promise<string> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  const world = new World(program, remarks, loop);
  loop.setExceptionHandler(() => {}); // unretrieved exceptions do not matter here
  setEventLoop(loop);
  try {
    await loop.runUntilComplete(start(world, program));
  } catch {
    world.trace.push("stuck");
  } finally {
    setEventLoop(null);
    loop.close();
  }
  return world.trace.join("\n");
}

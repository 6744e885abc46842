// Copyright 2026 the asyncio authors. MIT license.

import { births } from "../_core/births.ts";
import { provideDefaultExecutor } from "../_core/executor.ts";
import type { Attachment } from "../_core/protocols.ts";
import { microtasksDone } from "../_host/turn.ts";
import { processorCount } from "../_host/workers.ts";
import { requireAmount, requireCount } from "../_util/checks.ts";
import { deferred } from "../_util/deferred.ts";
import { requireOptions } from "../_util/options.ts";
import { classText, printAs } from "../_util/repr.ts";
import { QueueFull } from "../errors.ts";
import type { Future } from "../future.ts";
import { type EventLoop, getEventLoop } from "../loop.ts";
import { type Job, makeJob } from "./job.ts";
import { clonePayload, dataCloneError } from "./messages.ts";
import { Mapping } from "./pool_map.ts";
import { Thread, type ThreadOwner } from "./thread.ts";
import {
  type WorkArguments,
  WorkFuture,
  type WorkResult,
} from "./worker_future.ts";

const EXECUTOR_OPTIONS: readonly string[] = [
  "maxWorkers",
  "maxQueue",
  "terminate",
];

const SHUTDOWN_OPTIONS: readonly string[] = ["wait", "cancelFutures"];

/**
 * Options for {@linkcode ThreadPoolExecutor}.
 *
 * @category Threads
 */
export interface ThreadPoolExecutorOptions {
  /**
   * How many workers there may be.
   *
   * @default {the number of processors}
   */
  maxWorkers?: number;
  /**
   * How many calls may wait for a worker. One more is refused with
   * {@linkcode QueueFull}.
   *
   * @default {Infinity}
   */
  maxQueue?: number;
  /**
   * Whether cancelling a running call also ends its worker, which makes room
   * for another one. Otherwise the worker stays busy until the function ends,
   * and its outcome is ignored.
   *
   * @default {false}
   */
  terminate?: boolean;
}

/**
 * Options for {@linkcode ThreadPoolExecutor.shutdown}.
 *
 * @category Threads
 */
export interface ShutdownOptions {
  /**
   * Whether to wait until all calls are done and the workers have ended.
   *
   * @default {true}
   */
  wait?: boolean;
  /**
   * Whether to cancel the calls that wait for a worker.
   *
   * @default {false}
   */
  cancelFutures?: boolean;
}

/** A call that was submitted. */
interface Call {
  job: Job;
  work: WorkFuture<unknown>;
  /** The thread that runs it, or `null` while it waits for one. */
  thread: Thread | null;
}

/**
 * Runs exported functions of modules in worker threads.
 *
 * - Calls start in the order in which they were submitted, each in a worker of
 *   its own while it lasts. Workers start on demand, and idle ones are reused.
 * - A worker that dies fails the call that it was running, and no other.
 * - A call ends once. Cancelling it ends the wait of its caller at once; see
 *   {@linkcode WorkFuture.cancel}.
 * - Idle workers are kept as long as a loop that has used them is running, and
 *   has something to do or waits for a timer. After that they end, so that they
 *   never keep the process alive. Closing a
 *   loop ends all workers that run calls for it.
 * - Deno cannot interrupt a function that computes or blocks. The thread of a
 *   worker that is ended meanwhile ends when the function waits or returns, or
 *   with the process, which does not wait for it.
 *
 * Arguments and results are cloned; see {@linkcode withTransfer}.
 *
 * A worker reads its modules itself, which takes `--allow-read` for local ones.
 *
 * @example Usage
 * ```ts ignore
 * import { run, ThreadPoolExecutor } from "@asyncio/asyncio";
 *
 * const module = new URL("./primes.ts", import.meta.url);
 *
 * await run(async () => {
 *   await using executor = new ThreadPoolExecutor({ maxWorkers: 4 });
 *   console.log(await executor.submit(module, "countPrimes", 1, 1_000_000));
 * });
 * ```
 *
 * @category Threads
 */
export class ThreadPoolExecutor implements AsyncDisposable {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "ThreadPoolExecutor",
  );
  /** @ignore */
  static readonly $isProvided: void = /* @__PURE__ */ providePool();

  #maxWorkers: number;
  #maxQueue: number;
  #terminate: boolean;
  /** Every thread, and the call that it runs. */
  #threads = new Map<Thread, Call | null>();
  #idle: Thread[] = [];
  /** The calls that wait for a thread, in the order of their submission. */
  #queue = new Set<Call>();
  /** The loops that have used it, and what it has attached to each of them. */
  #loops = new Map<EventLoop, Attachment>();
  #shutdown = false;
  /** Fulfilled when the last thread has ended after the shutdown. */
  #terminated = deferred<void>();
  /** Called once, when the executor takes one more call. */
  #roomListeners = new Set<() => void>();
  #idleCheckPending = false;
  #owner: ThreadOwner = {
    answered: (thread, answer) => this.#answered(thread, answer),
    died: (thread, reason) => this.#died(thread, reason),
  };

  /**
   * A pool without workers: they start on demand.
   *
   * @param options How many workers and waiting calls there may be.
   * @throws {TypeError} If `maxWorkers` or `maxQueue` is not a number, or
   * `NaN`.
   * @throws {RangeError} If `maxWorkers` is not a whole number above zero.
   * @throws {RangeError} If `maxQueue` is below zero.
   * @throws {TypeError} If there is no such option.
   */
  constructor(options: ThreadPoolExecutorOptions = {}) {
    requireOptions("ThreadPoolExecutor()", options, EXECUTOR_OPTIONS);
    const {
      maxWorkers = processorCount(),
      maxQueue = Infinity,
      terminate = false,
    } = options;
    requireCount("maxWorkers", 1, maxWorkers);
    requireAmount("maxQueue", maxQueue);
    if (maxQueue < 0) {
      throw new RangeError(
        `maxQueue must be >= 0: current value is ${maxQueue}`,
      );
    }
    this.#maxWorkers = maxWorkers;
    this.#maxQueue = maxQueue;
    this.#terminate = Boolean(terminate);
    if (births.note !== null) births.note(this);
  }

  /**
   * Calls a function in a worker.
   *
   * @typeParam F The type of the function, as in `typeof countPrimes`, or just
   * that of its result.
   * @param module The module that exports it: a URL, or what an absolute
   * `import` takes. For one next to yours it is
   * `new URL("./it.ts", import.meta.url)`.
   * @param name The name of the export. `"default"` is the default export.
   * @param args Its arguments. They are cloned now.
   * @returns The future of its result. A promise that the function returns is
   * awaited in the worker. The future fails with what the function throws; with
   * a `TypeError` if there is no such module or function; with an `Error` if
   * the worker dies.
   * @throws {Error} If the executor was shut down.
   * @throws {QueueFull} If `maxQueue` calls already wait.
   * @throws {TypeError} If `module` is neither, or a relative path, or `name`
   * is not a string.
   * @throws {DOMException} If the arguments cannot be cloned: a
   * `DataCloneError`.
   */
  submit<F = unknown>(
    module: URL | string,
    name: string,
    ...args: WorkArguments<F>
  ): WorkFuture<WorkResult<F>> {
    return this.$submitFor(getEventLoop(), module, name, args as unknown[]);
  }

  /**
   * Calls a function with one argument after another, in several workers.
   *
   * All calls are submitted at once. If `maxQueue` sets a limit, the rest is
   * submitted as results are taken. When a call fails, or the iteration is
   * left, the calls that wait are cancelled.
   *
   * @typeParam F The type of the function, or just that of its result.
   * @param module The module that exports it, as in
   * {@linkcode ThreadPoolExecutor.submit}.
   * @param name The name of the export.
   * @param iterables The first arguments of all calls, the second ones, and so
   * on. The shortest iterable ends them.
   * @returns The results, in the order of the arguments.
   * @throws {TypeError} If there is no iterable, or one argument is not
   * iterable.
   * @throws {Error} As {@linkcode ThreadPoolExecutor.submit} does.
   *
   * @example Usage
   * ```ts ignore
   * import { ThreadPoolExecutor } from "@asyncio/asyncio";
   *
   * const module = new URL("./primes.ts", import.meta.url);
   * await using executor = new ThreadPoolExecutor();
   * for await (const prime of executor.map(module, "isPrime", [1, 2, 3])) {
   *   console.log(prime);
   * }
   * ```
   */
  map<F = unknown>(
    module: URL | string,
    name: string,
    ...iterables: Iterable<unknown>[]
  ): AsyncIterableIterator<WorkResult<F>> {
    const loop = getEventLoop();
    return new Mapping(iterables, {
      submit: (args) =>
        this.$submitFor<WorkResult<F>>(loop, module, name, args),
      window: this.#maxWorkers + this.#maxQueue,
      hasRoom: () => this.#hasRoom(),
      waitForRoom: () => {
        const future = loop.createFuture<void>();
        this.#roomListeners.add(() => setUnlessDone(future));
        return future;
      },
    });
  }

  /**
   * Takes no more calls, and ends the workers as they become idle. The worker
   * of a call that was cancelled is ended at once.
   *
   * @param options What to wait for, and what to cancel.
   * @returns A promise that is fulfilled when the last worker has ended; with
   * `wait: false`, at once.
   * @throws {TypeError} If there is no such option.
   *
   * @example Usage
   * ```ts
   * import { ThreadPoolExecutor } from "@asyncio/asyncio";
   * import { assertThrows } from "@std/assert";
   *
   * const executor = new ThreadPoolExecutor();
   * await executor.shutdown();
   * assertThrows(
   *   () => executor.submit("node:os", "uptime"),
   *   Error,
   *   "cannot schedule new futures after shutdown",
   * );
   * ```
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    requireOptions("shutdown()", options, SHUTDOWN_OPTIONS);
    const { wait = true, cancelFutures = false } = options;
    this.#shutdown = true;
    if (cancelFutures) {
      for (const { work } of [...this.#queue]) work.cancel();
    }
    for (const [thread, call] of [...this.#threads]) {
      if (call?.work.done()) this.#endThread(thread);
    }
    this.#changed();
    return wait ? this.#terminated.promise : Promise.resolve();
  }

  /** {@linkcode ThreadPoolExecutor.shutdown}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** @ignore */
  $isOpen(): boolean {
    return !this.#shutdown;
  }

  /** @ignore */
  $leftText(): string {
    return `an executor that was not shut down: ${this}`;
  }

  /** @ignore */
  $closeLeft(): void {
    this.$abort();
  }

  /** @ignore */
  $abort(): void {
    this.shutdown({ wait: false, cancelFutures: true });
    for (const call of this.#threads.values()) call?.work.cancel();
  }

  /** @ignore */
  $submitFor<T>(
    loop: EventLoop,
    module: URL | string,
    name: string,
    args: unknown[],
  ): WorkFuture<T> {
    if (this.#shutdown) {
      throw new Error("cannot schedule new futures after shutdown");
    }
    loop.$requireOpen();
    const job = makeJob(module, name, args);
    if (!this.#hasRoom()) {
      throw new QueueFull(
        `Cannot submit ${name}() as maxQueue is ${this.#maxQueue}, ` +
          "and so many calls wait for a worker",
      );
    }
    const thread = this.#takeThread();
    try {
      if (thread === null) job.payload = clonePayload(job.payload);
      else thread.run(job);
    } catch (error) {
      if (thread !== null) this.#release(thread);
      throw dataCloneError(`the arguments of ${name}()`, error);
    }
    const work = new WorkFuture<T>(
      loop,
      (terminate) => this.#cancelled(call, terminate),
    );
    const call: Call = { job, work: work as WorkFuture<unknown>, thread };
    if (thread === null) this.#queue.add(call);
    else this.#threads.set(thread, call);
    this.#attach(loop);
    return work;
  }

  #hasRoom(): boolean {
    return this.#idle.length > 0 || this.#threads.size < this.#maxWorkers ||
      this.#queue.size < this.#maxQueue;
  }

  /** An idle thread, or a new one; `null` if there are enough. */
  #takeThread(): Thread | null {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#threads.size >= this.#maxWorkers) return null;
    return this.#newThread();
  }

  #newThread(): Thread {
    const thread = new Thread(this.#owner);
    this.#threads.set(thread, null);
    return thread;
  }

  /** Gives a thread the next call. If there is none, the thread is idle. */
  #release(thread: Thread): void {
    for (const call of this.#queue) {
      this.#queue.delete(call);
      if (this.#start(thread, call)) return this.#changed();
    }
    this.#threads.set(thread, null);
    this.#idle.push(thread);
    thread.rest();
    this.#changed();
  }

  #start(thread: Thread, call: Call): boolean {
    const { job, work } = call;
    try {
      thread.run(job);
    } catch (error) {
      work.setException(
        dataCloneError(`the arguments of ${job.name}()`, error),
      );
      return false;
    }
    call.thread = thread;
    this.#threads.set(thread, call);
    return true;
  }

  #answered(thread: Thread, answer: unknown): void {
    const call = this.#threads.get(thread);
    this.#release(thread);
    if (call && !call.work.done()) call.work.$settle(answer);
  }

  #died(thread: Thread, reason: string): void {
    const call = this.#threads.get(thread);
    this.#removeThread(thread);
    if (call && !call.work.done()) {
      call.work.setException(
        new Error(`The worker has died in ${call.job.name}(): ${reason}`),
      );
    }
  }

  #cancelled(call: Call, terminate = this.#terminate): void {
    const { thread } = call;
    if (thread === null) {
      this.#queue.delete(call);
      this.#changed();
    } else if (terminate || this.#shutdown) this.#endThread(thread);
  }

  #endThread(thread: Thread): void {
    thread.end();
    this.#removeThread(thread);
  }

  /** Removes a thread that has ended. The calls that wait get another one. */
  #removeThread(thread: Thread): void {
    this.#threads.delete(thread);
    const position = this.#idle.indexOf(thread);
    if (position >= 0) this.#idle.splice(position, 1);
    if (this.#queue.size > 0) this.#release(this.#newThread());
    else this.#changed();
  }

  /** Does what is due after any change of threads and calls. */
  #changed(): void {
    if (this.#hasRoom()) {
      for (const listener of this.#roomListeners) listener();
      this.#roomListeners.clear();
    }
    if (!this.#shutdown) return this.#checkIdle();
    this.#endIdle();
    if (this.#threads.size > 0) return;
    for (const loop of this.#loops.keys()) this.#detach(loop);
    this.#terminated.resolve();
  }

  #endIdle(): void {
    for (const thread of this.#idle) {
      thread.end();
      this.#threads.delete(thread);
    }
    this.#idle = [];
  }

  /**
   * Ends idle threads if no loop that has used them is running. It waits a
   * moment, as a loop that has stopped may run again at once.
   */
  #checkIdle(): void {
    if (this.#idleCheckPending || this.#idle.length === 0 || this.#isInUse()) {
      return;
    }
    this.#idleCheckPending = true;
    microtasksDone().then(() => {
      this.#idleCheckPending = false;
      if (!this.#isInUse()) this.#endIdle();
    });
  }

  #isInUse(): boolean {
    for (const loop of this.#loops.keys()) if (loop.isRunning()) return true;
    return false;
  }

  #attach(loop: EventLoop): void {
    if (this.#loops.has(loop)) return;
    const attachment: Attachment = {
      loopStopped: () => this.#checkIdle(),
      // A worker would keep the process alive although nothing can happen.
      loopRests: () => this.#endIdle(),
      loopClosed: () => this.#abandon(loop),
    };
    this.#loops.set(loop, attachment);
    loop.$holdingsOf.attachments.add(attachment);
  }

  #detach(loop: EventLoop): void {
    const attachment = this.#loops.get(loop);
    if (attachment === undefined) return;
    this.#loops.delete(loop);
    loop.$holdingsOf.attachments.delete(attachment);
  }

  /** Cancels all calls of a loop that was closed, and ends their workers. */
  #abandon(loop: EventLoop): void {
    this.#detach(loop);
    for (const { work } of [...this.#queue]) {
      if (work.getLoop() === loop) work.cancel();
    }
    for (const [thread, call] of [...this.#threads]) {
      if (call?.work.getLoop() !== loop) continue;
      if (!call.work.cancel(undefined, { terminate: true })) {
        this.#endThread(thread);
      }
    }
    if (!this.#isInUse()) this.#endIdle();
  }

  /** @ignore */
  toString(): string {
    const busy = this.#threads.size - this.#idle.length;
    const state = this.#shutdown ? " shutdown" : "";
    const name = classText(this);
    return `<${name} workers=${this.#threads.size} ` +
      `busy=${busy} queue=${this.#queue.size}${state}>`;
  }
}

function setUnlessDone(future: Future<void>): void {
  if (!future.done()) future.setResult();
}

/**
 * Makes pools the default executors of loops. This also checks that the class
 * implements `Executor`, which it does not say itself: the public documentation
 * would show the private interface.
 */
export function providePool(): void {
  provideDefaultExecutor(() => new ThreadPoolExecutor());
}

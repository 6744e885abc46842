import { requireAmount, requireCount } from "../_util/checks.ts";
import type { Attachment } from "../_core/attachment.ts";
import { microtasksDone } from "../_host/clock.ts";
import { provideThreads } from "../_core/executor.ts";
import { Mapping } from "./pool_map.ts";
import { printsAs, stringRepr, valueText } from "../_util/repr.ts";
import { currentLoop } from "../_core/running.ts";
import { type Job, Thread, type ThreadOwner } from "./thread.ts";
import { cannotSend, hold, payload } from "./messages.ts";
import { type WorkArguments, WorkFuture, type WorkResult } from "./worker_future.ts";
import { QueueFull } from "../errors.ts";
import type { EventLoop } from "../loop.ts";

/** Options for {@linkcode ThreadPoolExecutor}. */
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
   * Whether cancelling a call that runs ends its worker too, and makes room for
   * another. Otherwise the worker is busy until the function has come to its
   * end, of which nobody hears.
   *
   * @default {false}
   */
  terminate?: boolean;
}

/** Options for {@linkcode ThreadPoolExecutor.shutdown}. */
export interface ShutdownOptions {
  /**
   * Whether to wait until all calls are over and the workers have ended.
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

/** One call: it waits, or has a thread. */
interface Entry {
  job: Job;
  work: WorkFuture<unknown>;
  thread: Thread | null;
}

/**
 * Runs exported functions of modules in worker threads.
 *
 * - Calls start in the order in which they were submitted, each in a worker of
 *   its own while it lasts. Workers start on demand, and idle ones are reused.
 * - A worker that dies fails the call that it was running, and no other.
 * - A call ends once. Cancelling it frees who awaits it at once; see
 *   {@linkcode WorkFuture.cancel}.
 * - Idle workers are kept while a loop runs that has used them. When none does
 *   they end, so that they never keep the process alive. Closing a loop ends all
 *   workers that run something for it.
 * - Deno cannot interrupt a function that computes or blocks. The thread of a
 *   worker that is ended meanwhile is gone when the function waits or returns,
 *   or with the process, which does not wait for it.
 *
 * Arguments and results are cloned; see {@linkcode withTransfer}.
 *
 * A worker reads its modules itself: `--allow-read` for local ones.
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
 */
export class ThreadPoolExecutor implements AsyncDisposable {
  #maxWorkers: number;
  #maxQueue: number;
  #terminate: boolean;
  /** What each of them is doing. */
  #threads = new Map<Thread, Entry | null>();
  #idle: Thread[] = [];
  /** In the order in which they came. */
  #queue = new Set<Entry>();
  #loops = new Set<EventLoop>();
  #shutdown = false;
  #over = Promise.withResolvers<void>();
  /** Who waits until the queue takes one more. */
  #hopeful = new Set<() => void>();
  #resting = false;

  #attachment: Attachment = {
    _loopStopped: () => this.#rest(),
    _loopClosed: (loop) => this.#leave(loop),
  };
  #owner: ThreadOwner = {
    answered: (thread, outcome) => this.#answered(thread, outcome),
    died: (thread, reason) => this.#died(thread, reason),
  };

  /**
   * A pool without workers: they start on demand.
   *
   * @param options How many workers and waiting calls there may be.
   * @throws {TypeError} If `maxWorkers` or `maxQueue` is not a number, or `NaN`.
   * @throws {RangeError} If `maxWorkers` is not a whole number above zero.
   * @throws {RangeError} If `maxQueue` is below zero.
   */
  constructor(options: ThreadPoolExecutorOptions = {}) {
    const {
      maxWorkers = navigator.hardwareConcurrency,
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
  }

  /**
   * Has a function called in a worker.
   *
   * @typeParam F The type of the function, as in `typeof countPrimes`, or just
   * that of its result.
   * @param module The module that exports it: a URL, or what an absolute
   * `import` takes. For one next to yours, `new URL("./it.ts", import.meta.url)`.
   * @param name Under which name. `"default"` is the default export.
   * @param args Its arguments. They are cloned now.
   * @returns The future of its result; where it is a promise, of what that
   * gives. It fails with what the function throws; with a `TypeError` if there
   * is no such module or function; with an `Error` if the worker dies.
   * @throws {Error} If the executor was shut down.
   * @throws {QueueFull} If `maxQueue` calls wait already.
   * @throws {TypeError} If `module` is neither, or a relative path, or `name` is
   * not a string.
   * @throws {DOMException} If the arguments cannot be cloned: a
   * `DataCloneError`.
   */
  submit<F = unknown>(
    module: URL | string,
    name: string,
    ...args: WorkArguments<F>
  ): WorkFuture<WorkResult<F>> {
    return this._submit(currentLoop(), module, name, args as unknown[]);
  }

  /**
   * Has a function called with one argument after another, side by side.
   *
   * The calls are submitted at once; where `maxQueue` sets a limit, as far as
   * that goes, and more as results are taken. When one fails, or nobody wants
   * more, those that wait are cancelled.
   *
   * @typeParam F The type of the function, or just that of its result.
   * @param module The module that exports it, as in
   * {@linkcode ThreadPoolExecutor.submit}.
   * @param name Under which name.
   * @param iterables The first arguments of all calls, the second ones, and so
   * on; the shortest decides.
   * @returns The results, in the order of the arguments.
   * @throws {TypeError} If there is no iterable, or what is none is among them.
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
    const loop = currentLoop();
    const submit = (args: unknown[]) =>
      this._submit<WorkResult<F>>(loop, module, name, args);
    return new Mapping(iterables, {
      submit,
      window: this.#maxWorkers + this.#maxQueue,
      hasRoom: () => this.#hasRoom(),
      room: () => {
        const future = loop.createFuture<void>();
        const wake = () => {
          if (!future.done()) future.setResult();
        };
        this.#hopeful.add(wake);
        return future;
      },
    });
  }

  /**
   * Takes no more calls, and ends the workers as they get idle. A call that was
   * cancelled does not count: its worker is ended at once.
   *
   * @param options What to wait for, and what to cancel.
   * @returns A promise that is fulfilled when the last worker has ended; with
   * `wait: false`, at once.
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
    const { wait = true, cancelFutures = false } = options;
    this.#shutdown = true;
    if (cancelFutures) {
      for (const { work } of [...this.#queue]) work.cancel();
    }
    for (const [thread, entry] of [...this.#threads]) {
      if (entry?.work.done()) this.#end(thread);
    }
    this.#changed();
    return wait ? this.#over.promise : Promise.resolve();
  }

  /** {@linkcode ThreadPoolExecutor.shutdown}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** Shuts down at once: cancels everything and ends every worker. */
  private _abort(): void {
    this.shutdown({ wait: false, cancelFutures: true });
    for (const entry of this.#threads.values()) entry?.work.cancel();
  }

  /** Submits a call for a loop. */
  private _submit<T>(
    loop: EventLoop,
    module: URL | string,
    name: string,
    args: unknown[],
  ): WorkFuture<T> {
    if (this.#shutdown) {
      throw new Error("cannot schedule new futures after shutdown");
    }
    loop["_requireOpen"]();
    const job = { module: hrefOf(module), name, content: payload(args) };
    requireName(name);
    if (!this.#hasRoom()) {
      throw new QueueFull(
        `Cannot submit ${name}() as maxQueue is ${this.#maxQueue}, ` +
          "and so many calls wait for a worker",
      );
    }
    const thread = this.#freeThread();
    try {
      if (thread === null) job.content = hold(job.content);
      else thread.run(job);
    } catch (error) {
      if (thread !== null) this.#release(thread);
      throw cannotSend(`the arguments of ${name}()`, error);
    }
    const work = new WorkFuture<T>(
      loop,
      (terminate) => this.#stop(entry, terminate),
    );
    const entry: Entry = { job, work: work as WorkFuture<unknown>, thread };
    if (thread === null) this.#queue.add(entry);
    else this.#threads.set(thread, entry);
    this.#loops.add(loop);
    loop["_attachments"].add(this.#attachment);
    return work;
  }

  #hasRoom(): boolean {
    return this.#idle.length > 0 || this.#threads.size < this.#maxWorkers ||
      this.#queue.size < this.#maxQueue;
  }

  #freeThread(): Thread | null {
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

  /** A thread has nothing to do: it gets the next call, or rests. */
  #release(thread: Thread): void {
    for (const entry of this.#queue) {
      this.#queue.delete(entry);
      if (this.#start(thread, entry)) return this.#changed();
    }
    this.#threads.set(thread, null);
    this.#idle.push(thread);
    this.#changed();
  }

  #start(thread: Thread, entry: Entry): boolean {
    try {
      thread.run(entry.job);
    } catch (error) {
      entry.work["_fail"](
        cannotSend(`the arguments of ${entry.job.name}()`, error),
      );
      return false;
    }
    entry.thread = thread;
    this.#threads.set(thread, entry);
    return true;
  }

  #answered(thread: Thread, outcome: unknown): void {
    const entry = this.#threads.get(thread);
    this.#release(thread);
    if (entry && !entry.work.done()) entry.work["_settle"](outcome);
  }

  #died(thread: Thread, reason: string): void {
    const entry = this.#threads.get(thread);
    this.#forget(thread);
    if (entry && !entry.work.done()) {
      entry.work["_fail"](
        new Error(`The worker has died in ${entry.job.name}(): ${reason}`),
      );
    }
  }

  /** A call was cancelled. */
  #stop(entry: Entry, terminate = this.#terminate): void {
    const { thread } = entry;
    if (thread === null) {
      this.#queue.delete(entry);
      this.#changed();
    } else if (terminate || this.#shutdown) this.#end(thread);
  }

  #end(thread: Thread): void {
    thread.end();
    this.#forget(thread);
  }

  /** A thread is gone; those who wait get another one. */
  #forget(thread: Thread): void {
    this.#threads.delete(thread);
    const position = this.#idle.indexOf(thread);
    if (position >= 0) this.#idle.splice(position, 1);
    if (this.#queue.size > 0) this.#release(this.#newThread());
    else this.#changed();
  }

  #changed(): void {
    if (this.#hasRoom()) {
      for (const wake of this.#hopeful) wake();
      this.#hopeful.clear();
    }
    if (!this.#shutdown) return this.#rest();
    this.#endIdle();
    if (this.#threads.size > 0) return;
    for (const loop of this.#loops) {
      loop["_attachments"].delete(this.#attachment);
    }
    this.#loops.clear();
    this.#over.resolve();
  }

  #endIdle(): void {
    for (const thread of this.#idle) {
      thread.end();
      this.#threads.delete(thread);
    }
    this.#idle = [];
  }

  /** Ends idle threads where no loop runs, unless they are used right away. */
  #rest(): void {
    if (this.#resting || this.#idle.length === 0 || this.#isUsed()) return;
    this.#resting = true;
    microtasksDone().then(() => {
      this.#resting = false;
      if (!this.#isUsed()) this.#endIdle();
    });
  }

  #isUsed(): boolean {
    for (const loop of this.#loops) if (loop.isRunning()) return true;
    return false;
  }

  /** A loop was closed: nothing goes on for it. */
  #leave(loop: EventLoop): void {
    this.#loops.delete(loop);
    loop["_attachments"].delete(this.#attachment);
    for (const { work } of [...this.#queue]) {
      if (work.getLoop() === loop) work.cancel();
    }
    for (const [thread, entry] of [...this.#threads]) {
      if (entry?.work.getLoop() !== loop) continue;
      if (!entry.work.cancel(undefined, { terminate: true })) this.#end(thread);
    }
    if (!this.#isUsed()) this.#endIdle();
  }

  static {
    printsAs(ThreadPoolExecutor.prototype, (self) => {
      const busy = self.#threads.size - self.#idle.length;
      const state = self.#shutdown ? " shutdown" : "";
      return `<${self.constructor.name} workers=${self.#threads.size} ` +
        `busy=${busy} queue=${self.#queue.size}${state}>`;
    });
  }
}

function requireName(name: unknown): void {
  if (typeof name === "string") return;
  throw new TypeError(
    `Cannot call by a name that is not a string: current value is ${
      valueText(name)
    }`,
  );
}

function hrefOf(module: unknown): string {
  if (module instanceof URL) return module.href;
  if (typeof module !== "string") {
    throw new TypeError(
      `Cannot use as a module what is neither a URL nor a string: current value is ${
        valueText(module)
      }`,
    );
  }
  if (/^[./]/.test(module)) {
    throw new TypeError(
      `Cannot tell what the module ${stringRepr(module)} is relative to: ` +
        "pass new URL(path, import.meta.url)",
    );
  }
  return module;
}

provideThreads({
  newExecutor: () => new ThreadPoolExecutor(),
  isExecutor: (value) => value instanceof ThreadPoolExecutor,
});

// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Groups of tasks that end together.
 *
 * ```ts
 * import { run, sleep, taskGroup } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const tasks = await taskGroup(async (group) => [
 *     group.createTask(sleep(0.02, "first")),
 *     group.createTask(sleep(0.01, "second")),
 *   ]);
 *   const results = tasks?.map((task) => task.result());
 *   assertEquals(results, ["first", "second"]);
 * });
 * ```
 *
 * @module
 */

import { cancellationIn } from "./_core/cancellation.ts";
import { cancelledError, takeCause } from "./_core/cancel_requests.ts";
import { cancelAs } from "./_core/cancellers.ts";
import {
  define,
  type Definition,
  driverOf,
  requireBody,
} from "./_core/definition.ts";
import { callerDriver } from "./_core/drivers.ts";
import { CREATE_TASK_OPTIONS } from "./_core/options.ts";
import { CancelScope } from "./_core/scopes.ts";
import { Admission } from "./_sync/admission.ts";
import { Semaphore } from "./_sync/semaphore.ts";
import { optionalLimit } from "./_util/limit.ts";
import { requireOptions } from "./_util/options.ts";
import { classText, errorRepr, printAs, valueText } from "./_util/repr.ts";
import { enterCallee, leaveCallee } from "./_util/source_site.ts";
import { keepSpecimens } from "./_util/specimens.ts";
import { GroupMember, GroupMembers } from "./_wait/group_members.ts";
import { StartingFuture } from "./_wait/starting.ts";
import { suspendedIn } from "./_wait/suspended.ts";
import {
  Coroutine,
  type CoroutineArgument,
  type CoroutineBody,
  type CoroutineLike,
} from "./coroutine.ts";
import { CancelledError } from "./errors.ts";
import type { Future } from "./future.ts";
import type { EventLoop } from "./loop.ts";
import type { CreateTaskOptions, Task } from "./task.ts";

const TASK_GROUP_OPTIONS: readonly string[] = ["limit"];

/**
 * Options for {@linkcode taskGroup}.
 *
 * @category Groups
 */
export interface TaskGroupOptions {
  /**
   * How many tasks of the group run at once. The others begin later, in the order
   * in which they were created, each when one has ended. A task that waits for
   * another one of the group still counts.
   *
   * @default {Infinity}
   */
  limit?: number | null;
}

/** What a task fails with that awaits, outside of a group, what the group cancelled. */
function escapedError(cause: CancelledError): Error {
  return new Error("A TaskGroup has cancelled what was awaited outside of it", {
    cause,
  });
}

/**
 * The tasks that the body of {@linkcode taskGroup} starts. It is passed to the
 * body.
 *
 * - The group ends when its body and all its tasks have ended. Tasks may start
 *   further tasks in it.
 * - When a task or the body fails, all the others are cancelled, in order of
 *   creation, and awaited. A task that is only cancelled does not affect the
 *   others.
 * - A cancellation from outside cancels all of them, and is thrown when they
 *   are done.
 *
 * @example Workers for a list of jobs
 * ```ts
 * import { run, sleep, taskGroup } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const done: number[] = [];
 * await run(() =>
 *   taskGroup(async (group) => {
 *     for (const job of [3, 1, 2]) {
 *       group.createTask(async () => {
 *         await sleep(job / 100);
 *         done.push(job);
 *       });
 *     }
 *   })
 * );
 * assertEquals(done, [1, 2, 3]);
 * ```
 *
 * @category Groups
 */
export class TaskGroup {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "TaskGroup",
  );

  #loop: EventLoop;
  /** The body, which is cancelled with the group. */
  #scope: CancelScope;
  #members: GroupMembers;
  /** One for each task that may run; `null` if there is no limit. */
  #slots: Semaphore | null;
  #errors: unknown[] = [];
  /** Why it cancels its tasks, as text. */
  #reason: string | null = null;
  #exiting = false;
  #aborting = false;
  /** The future through which the group waits for its tasks. */
  #allDone: Future<void> | null = null;

  /** @ignore */
  constructor(limit: number) {
    keepSpecimens(groupSpecimens);
    this.#slots = limit < Infinity ? new Semaphore(limit) : null;
    this.#scope = new CancelScope(escapedError, this);
    this.#loop = this.#scope.task.getLoop() as EventLoop;
    this.#members = new GroupMembers(
      this.#scope.task,
      (member) => this.#memberDone(member),
    );
  }

  /**
   * A signal that aborts when the group is cancelled: because a task or the body
   * has failed, by {@linkcode TaskGroup.cancel}, or from outside. Its reason is a
   * {@linkcode CancelledError}.
   *
   * @example Usage
   * ```ts
   * import { run, sleep, taskGroup } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   let signal: AbortSignal | undefined;
   *   await taskGroup(async (group) => {
   *     signal = group.signal;
   *     group.cancel();
   *     await sleep(60);
   *   });
   *   assert(signal?.aborted);
   * });
   * ```
   */
  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  /**
   * Starts a task in the group.
   *
   * @typeParam T The type of its result.
   * @typeParam C The type of `coro`, which is inferred.
   * @param coro A coroutine, or an `async` or generator function without
   * arguments.
   * @param options Its name, how it starts, what cancels it, and the
   * asynchronous context that it runs in.
   * @returns The task.
   * @throws {Error} If the group is finished or is being cancelled. The
   * coroutine is closed.
   * @throws {TypeError} If `coro` is neither.
   * @throws {TypeError} If there is no such option.
   * @throws {TypeError} If the context is not a function.
   *
   * @example Usage
   * ```ts
   * import { run, sleep, taskGroup } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   await taskGroup(async (group) => {
   *     const task = group.createTask(sleep(0, 1), { name: "one" });
   *     assertEquals(await task, 1);
   *   });
   * });
   * ```
   */
  createTask<T, C = unknown>(
    coro: CoroutineArgument<T, C>,
    options?: CreateTaskOptions,
  ): Task<T>;
  createTask<T>(coro: CoroutineLike<T>, options?: CreateTaskOptions): Task<T> {
    if (this.#exiting && this.#members.size === 0) {
      this.#refuse(coro, "finished");
    }
    if (this.#aborting) this.#refuse(coro, "shutting down");
    const before = enterCallee(this.createTask);
    try {
      return this.#add(coro, options, null);
    } finally {
      leaveCallee(before);
    }
  }

  #add<T>(
    coro: CoroutineLike<T>,
    options: CreateTaskOptions | undefined,
    starting: StartingFuture | null,
  ): Task<T> {
    let admission: Admission<T> | null = null;
    if (this.#slots !== null) {
      admission = new Admission<T>(
        this.#slots,
        Coroutine.$toCoroutine(coro),
        this.#loop,
        options?.context ?? null,
      );
      coro = admission.coroutine;
    }
    const task = this.#loop.createTask(coro, options);
    new GroupMember(this.#members, task, starting, admission);
    // An eager task may have cancelled the group before it was added to it.
    if (this.#aborting) this.#cancel(task);
    return task;
  }

  /**
   * Starts a task in the group and waits until it says that it is ready.
   *
   * The function is called with `started`. When it calls that, this is over, and
   * the task goes on as one of the group. Until then, it belongs to whoever waits
   * here: if it ends, its error comes out here and does not affect the group, and
   * if the wait is cancelled, so is the task. The group waits for it in any case.
   *
   * In a group that is being cancelled, the task runs up to its first wait and is
   * cancelled there.
   *
   * @typeParam V The type of what the task says when it has started.
   * @param fn An `async` or generator function. It is called with `started`, which
   * may be called once.
   * @param options The options of the task, as for {@linkcode TaskGroup.createTask}.
   * @returns A coroutine of what `started` was called with.
   * @throws {TypeError} If `fn` is neither.
   * @throws {TypeError} If there is no such option.
   * @throws {Error} If the group is finished.
   * @throws {Error} If the task ends without calling `started`.
   * @throws {unknown} Whatever the task throws before it has started.
   *
   * @example A server that says when it listens
   * ```ts
   * import { run, sleep, taskGroup } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * async function serve(started: (port: number) => void) {
   *   await sleep(0.01); // opens the port
   *   started(8080);
   *   await sleep(60); // serves
   * }
   *
   * await run(() =>
   *   taskGroup(async (group) => {
   *     const port = await group.start(serve);
   *     assertEquals(port, 8080);
   *     group.cancel(); // ends the server
   *   })
   * );
   * ```
   */
  start<V = void>(
    fn: CoroutineBody<unknown, [started: (value: V) => void]>,
    options?: CreateTaskOptions,
  ): Coroutine<V>;
  /**
   * Starts a task in the group and waits until it says that it is ready, without
   * a value.
   *
   * @param fn An `async` or generator function. It is called with `started`, which
   * may be called once.
   * @param options The options of the task, as for {@linkcode TaskGroup.createTask}.
   * @returns A coroutine that ends when `started` was called.
   */
  start(
    fn: CoroutineBody<unknown, [started: () => void]>,
    options?: CreateTaskOptions,
  ): Coroutine<void>;
  start(
    fn: CoroutineBody<unknown, [started: () => void]>,
    options?: CreateTaskOptions,
  ): Coroutine<unknown> {
    const driver = driverOf(fn);
    if (driver === null) {
      throw new TypeError(
        `Cannot start what is not an async function or a function*: current value is ${
          valueText(fn)
        }`,
      );
    }
    requireOptions("start()", options, CREATE_TASK_OPTIONS);
    const definition = define(driver, fn, fn.name, () => [this.start]);
    return startTask(this, definition, options);
  }

  /** @ignore */
  *$runStarting(
    definition: Definition,
    options: CreateTaskOptions | undefined,
  ): Generator<unknown, unknown, unknown> {
    const starting = new StartingFuture(this.#loop);
    const coro = Coroutine.$callLater<unknown>(definition, undefined, [
      starting.started,
    ]);
    if (this.#exiting && this.#members.size === 0) {
      this.#refuse(coro, "finished");
    }
    // A task that is cancelled before its first step would not run at all.
    if (this.#aborting) options = { ...options, eagerStart: true };
    const child = this.#add(coro, options, starting);
    starting.watch(child);
    try {
      return yield* starting;
    } finally {
      if (!starting.done()) child.cancel(); // this coroutine is being closed
    }
  }

  /**
   * Ends the group early without an error: its tasks and its body are
   * cancelled, and the result of `taskGroup()` is `undefined`. A cancellation
   * from outside is still thrown. If the group has already ended, nothing
   * happens.
   *
   * @example The first one wins
   * ```ts
   * import { run, sleep, taskGroup } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const finished: string[] = [];
   * await run(() =>
   *   taskGroup(async (group) => {
   *     for (const [name, delay] of [["slow", 60], ["quick", 0]] as const) {
   *       group.createTask(async () => {
   *         await sleep(delay);
   *         finished.push(name);
   *         group.cancel();
   *       });
   *     }
   *   })
   * );
   * assertEquals(finished, ["quick"]);
   * ```
   */
  cancel(): void {
    if (this.#exiting && this.#members.size === 0) return;
    if (this.#aborting) return;
    this.#abort();
    this.#scope.cancel();
  }

  #refuse(coro: CoroutineLike<unknown>, state: string): never {
    if (coro instanceof Coroutine) coro.close();
    throw new Error(`TaskGroup ${this} is ${state}`);
  }

  #abort(): void {
    this.#aborting = true;
    this.#cancel(this.#members);
  }

  #cancel(target: { cancel(): unknown }): void {
    const before = cancelAs(this);
    try {
      target.cancel();
    } finally {
      cancelAs(before);
    }
  }

  /** The task of a member is done, which is none of the members any more. */
  #memberDone({ task, starting, admission }: GroupMember): void {
    if (this.#members.size === 0) this.#allDone?.$setUnlessDone();
    const isOurs = starting === null || !starting.childDone(task);
    if (isOurs && task.$hasFailed()) this.#fail(task.exception());
    admission?.release(); // those in line may be cancelled now
  }

  #fail(error: unknown): void {
    this.#errors.push(error);
    if (this.#aborting) return;
    this.#abort();
    this.#scope.cancel(); // the body is not one of the tasks
  }

  /**
   * Waits for the tasks, and throws the errors or the cancellation of the
   * group.
   *
   * @param thrown What the body threw; `null` if it did not throw.
   *
   * @ignore
   */
  *$leave(
    thrown: { error: unknown } | null,
  ): Generator<unknown, void, unknown> {
    this.#exiting = true;
    const inBody = thrown === null ? null : cancellationIn(thrown.error);
    let cancellation: unknown = inBody === null ? null : thrown!.error;
    if (thrown !== null && !this.#aborting) this.#abort();
    while (this.#members.size > 0) {
      this.#allDone = this.#loop.createFuture<void>();
      try {
        yield* this.#allDone;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        if (!this.#aborting) {
          cancellation = error;
          this.#abort();
        }
      }
      this.#allDone = null;
    }
    const outside = this.#scope.leave();
    if (this.#scope.wasCancelled) {
      // The group's own request has been handled. One from outside has not,
      // even if both were delivered together.
      if (outside === null) cancellation = null;
      else {
        cancellation ??= cancelledError(outside.message, takeCause(outside));
      }
    }
    if (thrown !== null && inBody === null) this.#errors.push(thrown.error);
    if (this.#errors.length === 0) {
      if (cancellation !== null) throw cancellation;
      return;
    }
    // The errors are thrown first, the cancellation in the next wait.
    if (outside !== null) this.#scope.redeliver(outside);
    const errors = this.#errors;
    const { length } = errors;
    this.$cancellerText(); // which is asked for later, and names the first one
    this.#errors = [];
    throw new AggregateError(
      errors,
      `unhandled errors in a TaskGroup (${length} sub-exception${
        length === 1 ? "" : "s"
      })`,
    );
  }

  /** @ignore */
  $cancellerText(): string {
    if (this.#reason !== null) return this.#reason; // there may be many tasks
    if (this.#errors.length === 0) return "A TaskGroup";
    return this.#reason = `A TaskGroup that got ${errorRepr(this.#errors[0])}`;
  }

  /** @ignore */
  toString(): string {
    const parts = [classText(this)];
    if (this.#members.size > 0) parts.push(`tasks=${this.#members.size}`);
    if (this.#errors.length > 0) parts.push(`errors=${this.#errors.length}`);
    parts.push(this.#aborting ? "cancelling" : "entered");
    return `<${parts.join(" ")}>`;
  }
}

/** Groups that wait for a task, one of them with a limit. */
function groupSpecimens(): unknown[] {
  function* begin(group: TaskGroup) {
    group.createTask(function* () {});
  }
  return [
    suspendedIn(taskGroup(begin)),
    suspendedIn(taskGroup(begin, { limit: 1 })),
  ];
}

const startTask = /* @__PURE__ */ Coroutine.$ownFunction(
  function start(
    group: TaskGroup,
    definition: Definition,
    options: CreateTaskOptions | undefined,
  ) {
    return group.$runStarting(definition, options);
  },
  "start",
  callerDriver,
);

const taskGroupCoroutine = /* @__PURE__ */ Coroutine.$ownFunction(
  function* taskGroup<T>(
    body: CoroutineBody<T, [group: TaskGroup]>,
    limit: number,
  ) {
    const group = new TaskGroup(limit);
    let value: T | undefined;
    let thrown: { error: unknown } | null = null;
    try {
      value = yield* Coroutine.$ofBody(body, group);
    } catch (error) {
      thrown = { error };
    }
    yield* group.$leave(thrown);
    return value;
  },
  "taskGroup",
  callerDriver,
);

/**
 * Runs a body and the tasks that it starts in a group, until all of them have
 * ended.
 *
 * @typeParam T The type of the result of the body.
 * @param body An `async` or generator function. It is called with the
 * {@linkcode TaskGroup}.
 * @param options How many of its tasks run at once.
 * @returns A coroutine of the result of the body, or of `undefined` if the
 * group was ended by {@linkcode TaskGroup.cancel}. It throws an
 * `AggregateError` of all errors: those of the tasks in the order in which they
 * occurred, that of the body last.
 * @throws {TypeError} If `body` is not a function.
 * @throws {TypeError} If `limit` is not a number, or is `NaN`.
 * @throws {RangeError} If `limit` is less than 1, or not a whole number.
 * @throws {TypeError} If there is no such option.
 *
 * @example Two at a time
 * ```ts
 * import { run, sleep, taskGroup } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * let busy = 0;
 * let most = 0;
 *
 * async function work() {
 *   most = Math.max(most, ++busy);
 *   await sleep(0.01);
 *   busy--;
 * }
 *
 * await run(() =>
 *   taskGroup(async (group) => {
 *     for (let i = 0; i < 5; i++) group.createTask(work);
 *   }, { limit: 2 })
 * );
 * assertEquals(most, 2);
 * ```
 *
 * @example All errors are thrown
 * ```ts
 * import { run, taskGroup } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   try {
 *     await taskGroup(async (group) => {
 *       group.createTask(async () => {
 *         throw new Error("one");
 *       });
 *       group.createTask(async () => {
 *         throw new Error("two");
 *       });
 *     });
 *   } catch (error) {
 *     const { message, errors } = error as AggregateError;
 *     assertEquals(message, "unhandled errors in a TaskGroup (2 sub-exceptions)");
 *     assertEquals(errors.map((error) => error.message), ["one", "two"]);
 *   }
 * });
 * ```
 *
 * @category Groups
 */
export function taskGroup<T>(
  body: CoroutineBody<T, [group: TaskGroup]>,
  options?: TaskGroupOptions,
): Coroutine<T | undefined> {
  requireBody("taskGroup()", body);
  requireOptions("taskGroup()", options, TASK_GROUP_OPTIONS);
  return taskGroupCoroutine(
    body as CoroutineBody<unknown, [TaskGroup]>,
    optionalLimit(options?.limit, "the limit of taskGroup()"),
  ) as Coroutine<T | undefined>;
}

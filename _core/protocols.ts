// Copyright 2026 the asyncio authors. MIT license.

/**
 * How loop, task, future and coroutine meet.
 *
 * Each of them is a public class on a floor of its own. What they need of each
 * other beyond their public methods is a method whose key is a symbol of this
 * module. It passes type checking without a cast, needs no import of an upper
 * floor, and does not show in the documentation. The fields behind them stay
 * private: a field keyed by a symbol is about seven times slower to read in V8
 * than a named one, a method keyed by a symbol is not.
 */

import type { CancelRequest, CancelRequests } from "./cancel_requests.ts";
import type { outerScope, ScopeNode } from "./scope_tree.ts";
import type { StepTracker } from "./step_tracker.ts";

// Of entries of the ready queue.

/** Runs the next step or the callback of an entry. Called by the engine. */
export const run: unique symbol = Symbol("run");
/** The task of an entry, a wait or a scope. Read all over `_core/`. */
export const taskOf: unique symbol = Symbol("taskOf");

/**
 * An entry of the ready queue: handles of callbacks, and the coroutines and
 * awaits themselves, so that a step allocates nothing.
 */
export interface Runnable {
  [run](): void;
  /** The task whose step it is, if it is one of a task. */
  readonly [taskOf]?: TaskCore | null;
}

// Of futures.

/** The future is done. Called by the future, before any callback runs. */
export const wakeup: unique symbol = Symbol("wakeup");
/** The text of a listener. Called by a future that is printed. */
export const callbackText: unique symbol = Symbol("callbackText");
/** Adds a listener. Called by whatever waits for a future. */
export const addListener: unique symbol = Symbol("addListener");
/** Removes a listener; returns how many there were. Called by `cancel.ts`. */
export const removeListener: unique symbol = Symbol("removeListener");
/**
 * Marks a future as yielded by `yield*`, as CPython's
 * `_asyncio_future_blocking`. Called by the iterator that yields it.
 */
export const block: unique symbol = Symbol("block");
/**
 * Whether `yield*` has just yielded it; clears the mark. Called by coroutines.
 */
export const unblock: unique symbol = Symbol("unblock");
/** Whether a future is that of a `sleep()`. Read by futures. */
export const isTimer: unique symbol = Symbol("isTimer");
/** What it is waited for, such as `sleep(3)`. Called where waits are printed. */
export const waitName: unique symbol = Symbol("waitName");
/** The waiter of a lock or queue that it belongs to. Called by ending tasks. */
export const placeInLine: unique symbol = Symbol("placeInLine");
/**
 * Whether it has a result or an exception. Called by waiters in wait queues.
 */
export const hasOutcome: unique symbol = Symbol("hasOutcome");
/** Whether it ended with an exception. Called by groups and gatherings. */
export const hasFailed: unique symbol = Symbol("hasFailed");
/** The cancellation that a waiter gets, if any. Called when a wait ends. */
export const cancellation: unique symbol = Symbol("cancellation");
/** Marks the exception as retrieved. Called by waits and the future itself. */
export const markRetrieved: unique symbol = Symbol("markRetrieved");
/** Whether the exception is not retrieved yet. Used by `failures.ts`. */
export const unretrieved: unique symbol = Symbol("unretrieved");
/** Keeps the record of a failure that is watched. Called by `failures.ts`. */
export const watchFailure: unique symbol = Symbol("watchFailure");
/** Returns a copy to report if it is collected. Called by `failures.ts`. */
export const standIn: unique symbol = Symbol("standIn");
/** The name of its class in printed text. Read by `classText()`. */
export const printedClass: unique symbol = Symbol("printedClass");
/** Ends it with an exception to be retrieved. Called by the subclasses. */
export const fail: unique symbol = Symbol("fail");
/**
 * Sets the result unless it is done; returns whether. Called by what ends it.
 */
export const setUnlessDone: unique symbol = Symbol("setUnlessDone");
/**
 * Returns the error of a cancelled future; that of a task only once. Called by
 * `result()` and by gatherings.
 */
export const takeCancelledError: unique symbol = Symbol("takeCancelledError");
/** The callback or listener added last. Read by gatherings. */
export const lastListener: unique symbol = Symbol("lastListener");
/** Its callbacks and listeners, in order. Called by `awaited_by.ts`. */
export const listenersOf: unique symbol = Symbol("listenersOf");
/** The first parts of its printed text. Called when it is printed. */
export const stateText: unique symbol = Symbol("stateText");
/**
 * The result or exception, without retrieving it. Read by whatever reports it.
 */
export const rawValue: unique symbol = Symbol("rawValue");

/** What is notified when a future is done. Futures call it. */
export interface DoneListener {
  [wakeup](future: FutureCore): void;
  [callbackText]?(): string;
}

/**
 * What `yield*` has yielded a future for: a waiter of a lock or a queue, or a
 * `sleep()`. It is printed as what the task waits for.
 */
export interface LinePlace {
  toString(): string;
  /** Whether it is in no line, which it would leave when its task ends. */
  readonly [isTimer]?: true;
  /** Those who hold what it waits for, as far as that is known. */
  holders?(): Iterable<TaskCore>;
}

/** What a wait waits for: a future, or an `Interruption` of `cancel.ts`. */
export interface WaitTarget {
  done(): boolean;
  cancel(message?: string): boolean;
  [hasOutcome](): boolean;
  /** @param request What has cancelled it, if that is not itself. */
  [cancellation](request?: CancelRequest | null): Error | null;
  [cancelTargets](): CancelTarget[] | null;
  [markRetrieved](): void;
  [removeListener](listener: DoneListener): number;
  [placeInLine](): LinePlace | null;
}

/** A future, as `_core/` uses it. */
export interface FutureCore extends WaitTarget, CancelNode {
  cancelled(): boolean;
  result(): unknown;
  exception(): unknown;
  getLoop(): LoopCore;
  [addListener](listener: DoneListener): void;
  [listenersOf](): readonly object[];
  [waitName](): string | null;
  [block](by: true | LinePlace): void;
  [unblock](): boolean;
  [hasFailed](): boolean;
  readonly [engineOf]: EngineCore;
  readonly [unretrieved]: boolean | Retrievable;
  [watchFailure](record: Retrievable): void;
  [standIn](): FutureCore;
  readonly [printedClass]: string;
  readonly [rawValue]: unknown;
}

/** A failure that waits to be retrieved or reported. Futures mark it. */
export interface Retrievable {
  settled: boolean;
}

// Of cancelling: see `cancel.ts`.

/**
 * What cancelling this goes on to; `null` if it ends here. Called by
 * `cancel.ts`.
 */
export const cancelTargets: unique symbol = Symbol("cancelTargets");
/** A request to cancel begins. Called by `cancel.ts`. */
export const beginCancel: unique symbol = Symbol("beginCancel");
/** The request has been passed to all targets. Called by `cancel.ts`. */
export const endCancel: unique symbol = Symbol("endCancel");

/** What is cancelled by cancelling what it waits for. `cancel.ts` calls it. */
export interface CancelNode {
  done(): boolean;
  [cancelTargets](): CancelTarget[] | null;
  /** Returns the request, if it is one that counts. */
  [beginCancel](message: string | undefined): CancelRequest | null;
  /**
   * @param request What `beginCancel` has returned.
   * @param reached Whether one of the targets was cancelled.
   * @returns Whether the request will be delivered.
   */
  [endCancel](request: CancelRequest | null, reached: boolean): boolean;
}

/** What a cancellation is passed to. `cancel.ts` reads it. */
export interface CancelTarget {
  /** `null` if the task only waits for the next turn. */
  readonly future: WaitTarget | null;
  /** The wait of a task for it. */
  readonly wait: Wait | null;
}

// Of waits and scopes: see `scopes.ts`.

/** The scope of a wait or a strand. Read by cancellation, set by scopes. */
export const scopeOf: unique symbol = Symbol("scopeOf");
/** Has a task cancelled with a scope whose own task has ended. */
export const adoptOutside: unique symbol = Symbol("adoptOutside");
/** What a wait waits for. Called by tasks and scopes. */
export const waitingFor: unique symbol = Symbol("waitingFor");
/**
 * Makes a wait that is about to resume get a cancellation instead, or another
 * error. Called by `cancel.ts`, `deadlock.ts` and ended tasks.
 */
export const interrupt: unique symbol = Symbol("interrupt");
/** The outcome of a wait is no longer needed. Called by its ended task. */
export const disown: unique symbol = Symbol("disown");

/**
 * Whether a strand was disowned and runs only the library's own code. Read by
 * `isAbandoned()`.
 */
export const isDisowned: unique symbol = Symbol("isDisowned");

/** Whether it is a coroutine of the library itself. Read by `_testing/`. */
export const isOwn: unique symbol = Symbol("isOwn");

/** A task as a whole, or the body of a timeout or group inside it. */
export interface Scope extends ScopeNode {
  readonly [taskOf]: TaskCore;
  /** `null` for a task. */
  readonly [outerScope]: Scope | null;
  /** Only a scope inside a task does this. */
  [adoptOutside]?(task: TaskCore): void;
}

/** One of the places where a task waits: a strand of it is suspended there. */
export interface Wait extends Runnable, DoneListener {
  readonly [taskOf]: TaskCore | null;
  readonly [scopeOf]: Scope | null;
  /** `null` if it waits for nothing. */
  [waitingFor](): WaitTarget | null;
  [interrupt](message: string | undefined, error?: Error): void;
  [disown](): void;
}

/** A coroutine that runs its steps on the stack of the loop. */
export interface Strand extends Runnable {
  readonly [taskOf]: TaskCore | null;
  get [scopeOf](): Scope | null;
  set [scopeOf](scope: Scope);
  readonly [isDisowned]: boolean;
  readonly [isOwn]: boolean;
}

/** What gets the outcome of a coroutine: its task, or the await of it. */
export interface Owner {
  [returned](value: unknown): void;
  [threw](error: unknown): void;
}

/** The coroutine has returned a value. Called by the coroutine on its owner. */
export const returned: unique symbol = Symbol("returned");
/** The coroutine has thrown an error. Called by the coroutine on its owner. */
export const threw: unique symbol = Symbol("threw");

// Of coroutines: see `drivers.ts`.

/**
 * Calls the function, once, or takes the step iterator that exists already.
 * Called by drivers.
 */
export const callBody: unique symbol = Symbol("callBody");
/**
 * Runs the iterator to its next suspension or its end. Called by drivers and
 * `AsyncCall`.
 */
export const advance: unique symbol = Symbol("advance");
/**
 * Continues with what a plain function returned; returns a promise if it is
 * one. Called by the plain driver.
 */
export const follow: unique symbol = Symbol("follow");
/** Keeps a step for later, in the current context. Called by drivers. */
export const captureContext: unique symbol = Symbol("captureContext");
/**
 * Resumes it, in the captured context if there is one. Called by `AsyncCall`.
 */
export const resume: unique symbol = Symbol("resume");
/** Ends it as a promise ends. Called by the async driver. */
export const settleWith: unique symbol = Symbol("settleWith");
/** Gives a fresh one its scope and its owner. Called by tasks and awaits. */
export const adopt: unique symbol = Symbol("adopt");
/** Whether it was neither started, adopted nor closed. Called by `gather()`. */
export const isFresh: unique symbol = Symbol("isFresh");
/** Throws unless it is fresh. Called by whatever is going to run it. */
export const requireFresh: unique symbol = Symbol("requireFresh");
/** Prepares the first step of a task, for the next turn. Called by tasks. */
export const prepare: unique symbol = Symbol("prepare");
/** Runs the first step of a task at once. Called by tasks. */
export const startEagerly: unique symbol = Symbol("startEagerly");
/** Its part of the text of its task. Called by a task that is printed. */
export const describeIn: unique symbol = Symbol("describeIn");
/**
 * Creates the coroutine of a call that is made later. Called by `coroutine()`.
 */
export const callLater: unique symbol = Symbol("callLater");
/**
 * Creates a coroutine function of the library itself. Called by its modules.
 */
export const ownFunction: unique symbol = Symbol("ownFunction");
/** Returns the coroutine of a value. Called where users pass one. */
export const toCoroutine: unique symbol = Symbol("toCoroutine");
/**
 * Creates a coroutine that runs another one, and prints as that one. Called for
 * tasks that begin later.
 */
export const inPlaceOf: unique symbol = Symbol("inPlaceOf");
/**
 * Creates the coroutine of the body of a scope. Called by timeouts and groups.
 */
export const ofBody: unique symbol = Symbol("ofBody");

/** What gets its outcome. Read by `graph.ts`. */
export const ownerOf: unique symbol = Symbol("ownerOf");
/** Name, place and kind of its function. Read by `graph.ts`. */
export const definitionOf: unique symbol = Symbol("definitionOf");

/** A coroutine, as `_core/` uses it. */
export interface CoroutineCore extends Wait, Strand, Owner {
  get [scopeOf](): Scope | null;
  set [scopeOf](scope: Scope);
  [callBody](): unknown;
  [advance](error: Error | null): void;
  [follow](outcome: unknown): PromiseLike<unknown> | null;
  [captureContext](step: (error: Error | null) => void): void;
  [resume](error: Error | null): void;
  [settleWith](promise: PromiseLike<unknown>): void;
  [requireFresh](): void;
  [adopt](scope: Scope, owner: Owner): void;
  readonly [ownerOf]: object | null;
}

/** What a generator coroutine is while it runs. Coroutines step it. */
export interface StepIterator {
  next(): IteratorResult<unknown, unknown>;
  throw?(error: unknown): IteratorResult<unknown, unknown>;
  return?(value?: unknown): IteratorResult<unknown, unknown>;
}

// Of tasks.

/** The requests to cancel it; `null` if there was none. Called by waits. */
export const cancelRequests: unique symbol = Symbol("cancelRequests");
/** The same, created if there is none. Called by scopes and tasks. */
export const needCancelRequests: unique symbol = Symbol("needCancelRequests");
/**
 * One of its strands waits for a future; that step is over. Called by waits.
 */
export const suspendOn: unique symbol = Symbol("suspendOn");
/** Adds a wait that is not for a future. Called by coroutines. */
export const addWait: unique symbol = Symbol("addWait");
/** Called when a task has ended: a wait that is left leaves its line. */
export const abandonWait: unique symbol = Symbol("abandonWait");
/** Ends a wait; returns the requests to cancel the task. Called by the wait. */
export const endWait: unique symbol = Symbol("endWait");
/** The waits of the task. Called by scopes and the loop. */
export const waitsOf: unique symbol = Symbol("waitsOf");
/** Whether a task waits for anything that is the loop's. */
export const isWaiting: unique symbol = Symbol("isWaiting");
/** The task before it in the list of its loop. Used by `task_list.ts`. */
export const previousTask: unique symbol = Symbol("previousTask");
/** The task after it in the list of its loop. Used by `task_list.ts`. */
export const nextTask: unique symbol = Symbol("nextTask");

/** A task, as `_core/` uses it. */
export interface TaskCore extends FutureCore, Scope, Owner {
  getLoop(): LoopCore;
  getName(): string;
  getCoro(): object;
  addDoneCallback(callback: () => void): void;
  [cancelRequests](): CancelRequests | null;
  [needCancelRequests](): CancelRequests;
  [suspendOn](wait: Wait, future: FutureCore): void;
  [addWait](wait: Wait): void;
  [endWait](wait: Wait): CancelRequests | null;
  [abandonWait](wait: Wait): void;
  [waitsOf](): Iterable<Wait>;
  readonly [isWaiting]: boolean;
  get [previousTask](): TaskCore | null;
  set [previousTask](task: TaskCore | null);
  get [nextTask](): TaskCore | null;
  set [nextTask](task: TaskCore | null);
}

// Of loops.

/** Records a failed future, to report it if needed. Called by the future. */
export const noteFailure: unique symbol = Symbol("noteFailure");
/** Throws if the loop is closed. Called by whatever schedules something. */
export const requireOpen: unique symbol = Symbol("requireOpen");
/**
 * The tasks that are not done, in order of creation. Called by `allTasks()`.
 */
export const tasksOf: unique symbol = Symbol("tasksOf");
/** Adds a task to the tasks that are not done. Called by the new task. */
export const addTask: unique symbol = Symbol("addTask");
/** Removes a task from those that are not done. Called by the ended task. */
export const deleteTask: unique symbol = Symbol("deleteTask");

/** What the loop keeps account of. Used by `_threads/`, shields and tests. */
export const holdingsOf: unique symbol = Symbol("holdingsOf");
/** The engine of the loop. Read by futures, coroutines and waits. */
export const engineOf: unique symbol = Symbol("engineOf");
/** Whether the user has set a handler for a signal. Called by runners. */
export const handlesSignal: unique symbol = Symbol("handlesSignal");
/** The default executor, if there is one. Read by runners. */
export const defaultExecutor: unique symbol = Symbol("defaultExecutor");
/**
 * The same, for the last time: the loop has none from now on. Called when it is
 * shut down.
 */
export const takeDefaultExecutor: unique symbol = Symbol("takeDefaultExecutor");
/** Wraps a coroutine in a task. Called for awaits outside every task. */
export const spawn: unique symbol = Symbol("spawn");

/** What runs a loop, as the loop's tasks and futures use it. */
export interface EngineCore {
  readonly loop: LoopCore;
  readonly steps: StepTracker;
  /** `null` if there are no instruments. */
  readonly instruments: EngineHooks | null;
  /** Decides what the loop leaves open; `null` unless a test sets one. */
  readonly director: Director | null;
  /** Schedules an entry for the next turn. */
  enqueue(entry: Runnable): void;
}

/** What watches a loop: `Instrument` of `loop.ts`. `instruments.ts` calls it. */
export interface InstrumentCore {
  taskSpawned?(task: TaskCore): void;
  taskScheduled?(task: TaskCore): void;
  beforeTaskStep?(task: TaskCore): void;
  afterTaskStep?(task: TaskCore, seconds: number): void;
  taskExited?(task: TaskCore): void;
  cancelRequested?(task: TaskCore, by: unknown): void;
  beforeIdle?(): void;
  afterIdle?(): void;
}

/** All instruments of a loop at once. Called by tasks and scopes. */
export interface EngineHooks {
  taskSpawned(task: TaskCore): void;
  taskExited(task: TaskCore): void;
  cancelRequested(task: TaskCore, by: unknown): void;
}

/** What a loop keeps account of, as others use it. */
export interface LoopHoldings {
  /** How many pending futures something outside the loop will end. */
  readonly externals: number;
  /** What is notified when the loop stops or is closed. */
  readonly attachments: Set<Attachment>;
  readonly hasAttachments: boolean;
  /** Notifies them of an idle loop. Called by `idle_watch.ts`. */
  loopRests(): void;
  /** The `LeakWatch` of `leaks.ts`, in debug mode. */
  readonly leaks: object | null;
  /** The futures whose failure was neither retrieved nor reported yet. */
  unretrievedFailures(): Iterable<FutureCore>;
  /**
   * Something outside the loop will end this future. Called by wrapped promises
   * and workers.
   */
  beginExternal(future: FutureCore): void;
  /**
   * Has a failure reported in another way if nothing waits for the future by
   * then. Called by shields.
   */
  expectUnawaited(
    future: FutureCore,
    report: (future: FutureCore) => void,
  ): void;
}

/**
 * Decides what the order of events leaves open: which of the timers that are due
 * comes first, in which turn the outcome of something outside arrives. Tests
 * explore schedules with it, see `_testing/director.ts`. The engine calls it.
 */
export interface Director {
  /** Moves timers that are due to the ready entries, before a turn. */
  beginTurn(): void;
  /** Whether it keeps something for a later turn: then the loop is not idle. */
  readonly isHolding: boolean;
  /**
   * Returns after how many seconds the loop looks for timers.
   *
   * @param delay The time until the first one.
   */
  chooseDelay(delay: number): number;
  /** Calls a function that ends what something outside has done. */
  deliver(complete: () => void): void;
  /** A step has ended in a native promise. */
  noteNative(): void;
  /** The loop stops: what was kept is given back. */
  end(): void;
}

/** A loop, as `_core/` uses it. */
export interface LoopCore {
  runForever(): Promise<void>;
  stop(): void;
  [spawn](coroutine: object): TaskCore & PromiseLike<unknown>;
  isRunning(): boolean;
  isClosed(): boolean;
  getDebug(): boolean;
  time(): number;
  callExceptionHandler(context: Report): void;
  readonly [engineOf]: EngineCore;
  readonly [holdingsOf]: LoopHoldings;
  [requireOpen](): void;
  [noteFailure](future: FutureCore, isAwaited: boolean): void;
}

/**
 * What an exception handler is called with. Whatever reports an error makes it.
 */
export interface Report {
  message?: string;
  exception?: unknown;
  [key: string]: unknown;
}

/** What lives with a loop and is notified when the loop ends. Loops call it. */
export interface Attachment {
  /** The loop has had nothing to do for a second, and waits for no timer. */
  loopRests?(): void;
  /** The loop has stopped. It may run again. */
  loopStopped?(): void;
  /** The loop was closed permanently. */
  loopClosed(): void;
}

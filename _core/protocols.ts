/**
 * How loop, task, future and coroutine meet.
 *
 * Each of them is a public class on a floor of its own. What they need of each
 * other beyond their public methods is a method keyed by a symbol of this
 * module: it checks without a cast, needs no import of an upper floor, and does
 * not show in the documentation. The fields behind them stay private: a field
 * keyed by a symbol is about seven times slower to read in V8 than a named one,
 * a method keyed by a symbol is not.
 */

import type { CancelledError } from "../errors.ts";
import type { CancelRequest, CancelRequests } from "./cancel_requests.ts";
import type { outerScope, ScopeNode } from "./scope_tree.ts";
import type { StepTracker } from "./step_tracker.ts";

// Of entries of the ready queue.

/** Takes the step. */
export const run: unique symbol = Symbol("run");
/** The task that an entry, a wait or a scope belongs to. */
export const taskOf: unique symbol = Symbol("taskOf");

/**
 * An entry of the ready queue: handles of callbacks, and the coroutines and
 * awaits themselves, so that a step allocates nothing.
 */
export interface Runnable {
  [run](): void;
  /** Neighbours of the same task are one step. */
  readonly [taskOf]?: TaskCore | null;
}

// Of futures.

/** Called the moment a future is done, before any callback runs. */
export const wakeup: unique symbol = Symbol("wakeup");
/** How a listener is printed among the callbacks of a future. */
export const callbackText: unique symbol = Symbol("callbackText");
export const addListener: unique symbol = Symbol("addListener");
export const removeListener: unique symbol = Symbol("removeListener");
/** Marks it as just yielded by `yield*`: CPython's `_asyncio_future_blocking`. */
export const block: unique symbol = Symbol("block");
/** Whether it was just yielded by `yield*`; it is not any more after that. */
export const unblock: unique symbol = Symbol("unblock");
/** The place in a line that it stands for, if it does. */
export const placeInLine: unique symbol = Symbol("placeInLine");
/** Whether it has a result or an exception. */
export const hasOutcome: unique symbol = Symbol("hasOutcome");
/** Whether it ended with an exception. */
export const hasFailed: unique symbol = Symbol("hasFailed");
/** What a waiter gets in place of an outcome, if that is a cancellation. */
export const cancellation: unique symbol = Symbol("cancellation");
/** The exception has been looked at, and need not be reported. */
export const markRetrieved: unique symbol = Symbol("markRetrieved");
/** What stands for the exception until it is looked at. */
export const unretrieved: unique symbol = Symbol("unretrieved");
/** A future like it that can be reported when it is collected itself. */
export const standIn: unique symbol = Symbol("standIn");
/** The name of its class in printed text. */
export const printedClass: unique symbol = Symbol("printedClass");
/** Ends it as failed, with an exception that should be looked at. */
export const fail: unique symbol = Symbol("fail");
/** Ends it, whatever it was. */
export const end: unique symbol = Symbol("end");
/** Sets the result unless it is done; tells whether. */
export const setUnlessDone: unique symbol = Symbol("setUnlessDone");
/** The error of a cancelled future; that of its task is given out once. */
export const takeCancelledError: unique symbol = Symbol("takeCancelledError");
/** The function or listener that was added last. */
export const lastListener: unique symbol = Symbol("lastListener");
/** The parts of its printed text that stand before result and callbacks. */
export const stateText: unique symbol = Symbol("stateText");
/** The result or the exception, not counted as looked at. */
export const rawValue: unique symbol = Symbol("rawValue");

/** Is told when a future is done. */
export interface DoneListener {
  [wakeup](future: FutureCore): void;
  [callbackText]?(): string;
}

/** Something that waits in a line of a lock or a queue. */
export interface LinePlace {
  toString(): string;
}

/** What a wait waits for: a future, or nothing any more: see `cancel.ts`. */
export interface WaitTarget {
  done(): boolean;
  cancel(message?: string): boolean;
  [hasOutcome](): boolean;
  [cancellation](): CancelledError | null;
  [cancelTargets](): CancelTarget[] | null;
  [markRetrieved](): void;
  [removeListener](listener: DoneListener): number;
  [placeInLine](): LinePlace | null;
}

/** A future, as far as the engine knows it. */
export interface FutureCore extends WaitTarget, CancelNode {
  cancelled(): boolean;
  result(): unknown;
  exception(): unknown;
  getLoop(): LoopCore;
  [addListener](listener: DoneListener): void;
  [unblock](): boolean;
  [hasFailed](): boolean;
  get [unretrieved](): boolean | Retrievable;
  set [unretrieved](value: boolean | Retrievable);
  [standIn](): FutureCore;
  readonly [printedClass]: string;
  readonly [rawValue]: unknown;
}

/** A failure that waits to be retrieved or reported. */
export interface Retrievable {
  settled: boolean;
}

// Of cancelling: see `cancel.ts`.

/** What cancelling this goes on to; `null` if it ends here. */
export const cancelTargets: unique symbol = Symbol("cancelTargets");
/** A request to cancel begins. */
export const beginCancel: unique symbol = Symbol("beginCancel");
/** It has gone to all targets. */
export const endCancel: unique symbol = Symbol("endCancel");

/** Something that is cancelled by cancelling what it waits for. */
export interface CancelNode {
  done(): boolean;
  [cancelTargets](): CancelTarget[] | null;
  /** The request, if it is one that counts. */
  [beginCancel](message: string | undefined): CancelRequest | null;
  /**
   * @param request What `beginCancel` has given.
   * @param reached Whether one of the targets was cancelled.
   * @returns Whether the request will be delivered.
   */
  [endCancel](request: CancelRequest | null, reached: boolean): boolean;
}

/** Where a cancellation goes on to. */
export interface CancelTarget {
  /** `null` where a task just skips a turn. */
  readonly future: WaitTarget | null;
  /** The wait of a task for it. */
  readonly wait: Wait | null;
}

// Of waits and scopes: see `scopes.ts`.

/** The scope that a wait belongs to. */
export const scopeOf: unique symbol = Symbol("scopeOf");
/** What a wait waits for. */
export const waitingFor: unique symbol = Symbol("waitingFor");
/** Has a wait that is about to go on get a cancellation instead. */
export const interrupt: unique symbol = Symbol("interrupt");
/** The outcome of a wait is of no use any more. */
export const disown: unique symbol = Symbol("disown");

/** Whether it was disowned, and runs no code but the library's. */
export const isDisowned: unique symbol = Symbol("isDisowned");

/** A task as a whole, or the body of a timeout or group inside of it. */
export interface Scope extends ScopeNode {
  readonly [taskOf]: TaskCore;
  /** `null` for a task. */
  readonly [outerScope]: Scope | null;
}

/** One of the places where a task waits: a strand of it is suspended there. */
export interface Wait extends Runnable, DoneListener {
  readonly [taskOf]: TaskCore | null;
  readonly [scopeOf]: Scope | null;
  /** While the wait lasts. */
  [waitingFor](): WaitTarget | null;
  [interrupt](message: string | undefined): void;
  [disown](): void;
}

/** A coroutine that takes its steps on the stack of the loop. */
export interface Strand extends Runnable {
  readonly [taskOf]: TaskCore | null;
  get [scopeOf](): Scope | null;
  set [scopeOf](scope: Scope);
  readonly [isDisowned]: boolean;
}

/** Gets the outcome of a coroutine: its task, or the await of it. */
export interface Owner {
  [returned](value: unknown): void;
  [threw](error: unknown): void;
}

/** The coroutine returned a value. */
export const returned: unique symbol = Symbol("returned");
/** The coroutine threw an error. */
export const threw: unique symbol = Symbol("threw");

// Of coroutines: see `drivers.ts`.

/** Calls the function, once, or takes the steps that are there already. */
export const callBody: unique symbol = Symbol("callBody");
/** Has it step the iterator, up to its next suspension or its end. */
export const advance: unique symbol = Symbol("advance");
/** Goes on with what a plain function has given; gives a promise, if it is one. */
export const follow: unique symbol = Symbol("follow");
/** Keeps a step for later, in the asynchronous context of this moment. */
export const captureContext: unique symbol = Symbol("captureContext");
/** Resumes it, in the context that was captured for that, if one was. */
export const resume: unique symbol = Symbol("resume");
/** Ends it as a promise does. */
export const settleWith: unique symbol = Symbol("settleWith");
/** Gives a fresh one to the scope that it runs in, and to its owner. */
export const adopt: unique symbol = Symbol("adopt");
/** Whether it has not begun, is not about to, and was not closed. */
export const isFresh: unique symbol = Symbol("isFresh");
export const requireFresh: unique symbol = Symbol("requireFresh");
/** Begins the first step of a task, with the next turn. */
export const prepare: unique symbol = Symbol("prepare");
/** Begins the first step of a task, at once. */
export const startEagerly: unique symbol = Symbol("startEagerly");
/** The text that stands in the one of its task. */
export const describeIn: unique symbol = Symbol("describeIn");
/** A coroutine of a call that is made later. */
export const callLater: unique symbol = Symbol("callLater");
/** Makes a coroutine function of the library's own. */
export const ownFunction: unique symbol = Symbol("ownFunction");
/** A coroutine of what was given where one is required. */
export const toCoroutine: unique symbol = Symbol("toCoroutine");
/** A coroutine of the body of a scope. */
export const ofBody: unique symbol = Symbol("ofBody");

/** A coroutine, as far as the engine knows it. */
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
}

/** What a generator coroutine is once it runs. */
export interface StepIterator {
  next(): IteratorResult<unknown, unknown>;
  throw?(error: unknown): IteratorResult<unknown, unknown>;
  return?(value?: unknown): IteratorResult<unknown, unknown>;
}

// Of tasks.

/** The requests to cancel it; `null` as long as there has been none. */
export const cancelRequests: unique symbol = Symbol("cancelRequests");
/** The same, made if there is none. */
export const needCancelRequests: unique symbol = Symbol("needCancelRequests");
/** One of its strands begins to wait for a future: that step is over. */
export const suspendOn: unique symbol = Symbol("suspendOn");
export const addWait: unique symbol = Symbol("addWait");
/** A wait is over; gives what there is in requests to cancel the task. */
export const endWait: unique symbol = Symbol("endWait");
export const waitsOf: unique symbol = Symbol("waitsOf");
/** Its neighbours in the list of tasks: see `task_list.ts`. */
export const previousTask: unique symbol = Symbol("previousTask");
export const nextTask: unique symbol = Symbol("nextTask");

/** A task, as far as the engine knows it. */
export interface TaskCore extends FutureCore, Scope, Owner {
  getLoop(): LoopCore;
  addDoneCallback(callback: () => void): void;
  [cancelRequests](): CancelRequests | null;
  [needCancelRequests](): CancelRequests;
  [suspendOn](wait: Wait, future: FutureCore): void;
  [addWait](wait: Wait): void;
  [endWait](wait: Wait): CancelRequests | null;
  [waitsOf](): readonly Wait[];
  get [previousTask](): TaskCore | null;
  set [previousTask](task: TaskCore | null);
  get [nextTask](): TaskCore | null;
  set [nextTask](task: TaskCore | null);
}

// Of loops.

/** Notes a future that has failed, to be reported if it is not looked at. */
export const noteFailure: unique symbol = Symbol("noteFailure");
/** Has a failure reported otherwise, if nothing waits for the future by then. */
export const expectUnawaited: unique symbol = Symbol("expectUnawaited");
/** How many futures something outside of the loop will end. */
export const externalCount: unique symbol = Symbol("externalCount");
/** Something outside of the loop will end this future. */
export const beginExternal: unique symbol = Symbol("beginExternal");
export const requireOpen: unique symbol = Symbol("requireOpen");
/** The tasks of a loop that are not done, in order of creation. */
export const tasksOf: unique symbol = Symbol("tasksOf");
export const addTask: unique symbol = Symbol("addTask");
export const deleteTask: unique symbol = Symbol("deleteTask");

/** Whether there is something to report once there is nothing to run. */
export const hasUnreported: unique symbol = Symbol("hasUnreported");
/** Reports it, whatever may still come. */
export const reportUnretrieved: unique symbol = Symbol("reportUnretrieved");
/** There is nothing to run. */
export const whenIdle: unique symbol = Symbol("whenIdle");
export const engineOf: unique symbol = Symbol("engineOf");
export const attachmentCount: unique symbol = Symbol("attachmentCount");
export const addAttachment: unique symbol = Symbol("addAttachment");
export const deleteAttachment: unique symbol = Symbol("deleteAttachment");
/** Whether the user has set a handler for a signal. */
export const handlesSignal: unique symbol = Symbol("handlesSignal");
/** The default executor, if there is one. */
export const defaultExecutor: unique symbol = Symbol("defaultExecutor");
/** The same, for the last time: from now on there is none. */
export const takeDefaultExecutor: unique symbol = Symbol("takeDefaultExecutor");
/** Makes a task of a coroutine. */
export const spawn: unique symbol = Symbol("spawn");

/** What runs a loop, as far as its tasks and futures know it. */
export interface EngineCore {
  readonly loop: LoopCore;
  readonly steps: StepTracker;
  /** Schedules an entry for the next turn. */
  enqueue(entry: Runnable): void;
}

/** A loop, as far as the engine knows it. */
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
  [noteFailure](future: FutureCore, isAwaited: boolean): void;
}

/** What an exception handler is told. */
export interface Report {
  message?: string;
  exception?: unknown;
  [key: string]: unknown;
}

/** Something that lives with a loop and has to know when the loop ends. */
export interface Attachment {
  /** The loop has stopped. It may run again. */
  loopStopped?(): void;
  /** The loop was closed for good. */
  loopClosed(): void;
}

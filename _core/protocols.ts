// Copyright 2026 the asyncio authors. MIT license.

/**
 * How loop, task, future and coroutine meet.
 *
 * Each of them is a public class on a floor of its own. What they need of each
 * other beyond their public methods is a method whose name begins with `$` and
 * whose comment has `@ignore`. It passes type checking without a cast, needs no
 * import of an upper floor, and does not show in the documentation. Symbols as
 * keys would do the same, but bundlers keep every class that has a computed key,
 * and V8 reads a member by its name faster. The fields behind stay private.
 */

import type { CancelRequest, CancelRequests } from "./cancel_requests.ts";
import type { ScopeNode } from "./scope_tree.ts";
import type { StepTracker } from "./step_tracker.ts";

// Of entries of the ready queue.

/**
 * An entry of the ready queue: handles of callbacks, and the coroutines and
 * awaits themselves, so that a step allocates nothing.
 */
export interface Runnable {
  /** Runs the next step or the callback of an entry. Called by the engine. */
  $run(): void;
  /** The task whose step it is, if it is one of a task. Read all over `_core/`. */
  readonly $taskOf?: TaskCore | null;
}

// Of futures.

/** What is notified when a future is done. Futures call it. */
export interface DoneListener {
  /** The future is done. Called by the future, before any callback runs. */
  $wakeup(future: FutureCore): void;
  /** Who waits for it through a listener of another kind. Read by `awaited_by.ts`. */
  readonly $awaiterOf?: FutureCore;
  /** The text of a listener. Called by a future that is printed. */
  $callbackText?(): string;
}

/**
 * What `yield*` has yielded a future for: a waiter of a lock or a queue, or a
 * `sleep()`. It is printed as what the task waits for.
 */
export interface LinePlace {
  toString(): string;
  /**
   * Whether it is a `sleep()`: in no line, which it would leave when its task
   * ends. Read by futures.
   */
  readonly $isTimer?: true;
  /** Those who hold what it waits for, as far as that is known. */
  holders?(): Iterable<TaskCore>;
}

/** What a wait waits for: a future, or an `Interruption` of `cancel.ts`. */
export interface WaitTarget {
  done(): boolean;
  cancel(message?: string): boolean;
  /**
   * Whether it has a result or an exception. Called by waiters in wait queues.
   */
  $hasOutcome(): boolean;
  /**
   * The cancellation that a waiter gets, if any. Called when a wait ends.
   *
   * @param request What has cancelled it, if that is not itself.
   */
  $cancellation(request?: CancelRequest | null): Error | null;
  /**
   * What cancelling this goes on to; `null` if it ends here. Called by
   * `cancel.ts`.
   */
  $cancelTargets(): CancelTarget[] | null;
  /** Marks the exception as retrieved. Called by waits and the future itself. */
  $markRetrieved(): void;
  /** Removes a listener; returns how many there were. Called by `cancel.ts`. */
  $removeListener(listener: DoneListener): number;
  /**
   * The waiter of a lock or queue that it belongs to, or of what it passes on to.
   * Called by ending tasks.
   */
  $placeInLine(): LinePlace | null;
}

/** A future, as `_core/` uses it. */
export interface FutureCore extends WaitTarget, CancelNode {
  cancelled(): boolean;
  result(): unknown;
  exception(): unknown;
  getLoop(): LoopCore;
  /**
   * The step in which it was made of a promise; `null` if it is of none, and 0 if it
   * was made in no step of an async function. Called by waits.
   */
  readonly $wrappedIn: number | null;
  /** Whether any one of those that it waits for ends it. Called by reports. */
  readonly $endsWithFirst?: boolean;
  /**
   * Adds a listener, or notifies it at once. Called by whatever waits for a
   * future.
   */
  $addListener(listener: DoneListener): void;
  /** Its callbacks and listeners, in order. Called by `awaited_by.ts`. */
  $listenersOf(): readonly object[];
  /** What it is waited for, such as `sleep(3)`. Called where waits are printed. */
  $waitName(): string | null;
  /**
   * Marks a future as yielded by `yield*`, as CPython's
   * `_asyncio_future_blocking`. Called by the iterator that yields it.
   */
  $block(by: true | LinePlace): void;
  /**
   * Whether `yield*` has just yielded it; clears the mark. Called by coroutines.
   */
  $unblock(): boolean;
  /** Whether it ended with an exception. Called by groups and gatherings. */
  $hasFailed(): boolean;
  /** The engine of the loop. Read by futures, coroutines and waits. */
  readonly $engineOf: EngineCore;
  /** Whether the exception is not retrieved yet. Used by `failures.ts`. */
  readonly $unretrieved: boolean | Retrievable;
  /** Keeps the record of a failure that is watched. Called by `failures.ts`. */
  $watchFailure(record: Retrievable): void;
  /** Returns a copy to report if it is collected. Called by `failures.ts`. */
  $standIn(): FutureCore;
  /**
   * The result or exception, without retrieving it. Read by whatever reports it.
   */
  readonly $rawValue: unknown;
}

/** A failure that waits to be retrieved or reported. Futures mark it. */
export interface Retrievable {
  settled: boolean;
}

// Of cancelling: see `cancel.ts`.

/** What is cancelled by cancelling what it waits for. `cancel.ts` calls it. */
export interface CancelNode {
  done(): boolean;
  $cancelTargets(): CancelTarget[] | null;
  /** A request begins. Returns it, if it is one that counts. */
  $beginCancel(message: string | undefined): CancelRequest | null;
  /**
   * The request has been passed to all targets.
   *
   * @param request What `$beginCancel` has returned.
   * @param reached Whether one of the targets was cancelled.
   * @returns Whether the request will be delivered.
   */
  $endCancel(request: CancelRequest | null, reached: boolean): boolean;
}

/** What a cancellation is passed to. `cancel.ts` reads it. */
export interface CancelTarget {
  /** `null` if the task only waits for the next turn. */
  readonly future: WaitTarget | null;
  /** The wait of a task for it. */
  readonly wait: Wait | null;
}

// Of waits and scopes: see `scopes.ts`.

/** A task as a whole, or the body of a timeout or group inside it. */
export interface Scope extends ScopeNode {
  readonly $taskOf: TaskCore;
  /** `null` for a task. */
  readonly $outerScope: Scope | null;
  /**
   * Has a task cancelled with a scope whose own task has ended. Only a scope
   * inside a task does this.
   */
  $adoptOutside?(task: TaskCore): void;
}

/** One of the places where a task waits: a strand of it is suspended there. */
export interface Wait extends Runnable, DoneListener {
  readonly $taskOf: TaskCore | null;
  /** The scope of a wait or a strand. Read by cancellation, set by scopes. */
  readonly $scopeOf: Scope | null;
  /** What it waits for; `null` for nothing. Called by tasks and scopes. */
  $waitingFor(): WaitTarget | null;
  /**
   * Makes a wait that is about to resume get a cancellation instead, or another
   * error. Called by `cancel.ts`, `deadlock.ts` and ended tasks.
   */
  $interrupt(message: string | undefined, error?: Error): void;
  /** The outcome of a wait is no longer needed. Called by its ended task. */
  $disown(): void;
}

/** A coroutine that runs its steps on the stack of the loop. */
export interface Strand extends Runnable {
  readonly $taskOf: TaskCore | null;
  get $scopeOf(): Scope | null;
  set $scopeOf(scope: Scope);
  /**
   * Whether a strand was disowned and runs only the library's own code. Read by
   * `isAbandoned()`.
   */
  readonly $isDisowned: boolean;
  /** Whether it is a coroutine of the library itself. Read by `_testing/`. */
  readonly $isOwn: boolean;
}

/** What gets the outcome of a coroutine: its task, or the await of it. */
export interface Owner {
  /** The coroutine has returned a value. Called by the coroutine on its owner. */
  $returned(value: unknown): void;
  /** The coroutine has thrown an error. Called by the coroutine on its owner. */
  $threw(error: unknown): void;
}

// Of coroutines: see `drivers.ts`.

/** The next step of a coroutine that it is called with. */
export type Step = (coroutine: CoroutineCore, error: Error | null) => void;

/** A coroutine, as `_core/` uses it. */
export interface CoroutineCore extends Wait, Strand, Owner {
  get $scopeOf(): Scope | null;
  set $scopeOf(scope: Scope);
  /**
   * Calls the function, once, or takes the step iterator that exists already.
   * Called by drivers.
   */
  $callBody(): unknown;
  /**
   * Runs the iterator to its next suspension or its end. Called by drivers and
   * `AsyncCall`.
   */
  $advance(error: Error | null): void;
  /**
   * Continues with what a plain function returned; returns a promise if it is
   * one. Called by the plain driver.
   */
  $follow(outcome: unknown): PromiseLike<unknown> | null;
  /** Keeps a step for later. Called by drivers. */
  $keepStep(step: Step): void;
  /**
   * Resumes it, in the captured context if there is one. Called by `AsyncCall`.
   */
  $resume(error: Error | null): void;
  /** Ends it as a promise ends. Called by the async driver. */
  $settleWith(promise: PromiseLike<unknown>): void;
  /** Throws unless it is fresh. Called by whatever is going to run it. */
  $requireFresh(): void;
  /** Gives a fresh one its scope and its owner. Called by tasks and awaits. */
  $adopt(scope: Scope, owner: Owner): void;
  /** What gets its outcome. Read by `graph.ts`. */
  readonly $ownerOf: object | null;
}

/** What a generator coroutine is while it runs. Coroutines step it. */
export interface StepIterator {
  next(): IteratorResult<unknown, unknown>;
  throw?(error: unknown): IteratorResult<unknown, unknown>;
  return?(value?: unknown): IteratorResult<unknown, unknown>;
}

// Of tasks.

/** A task, as `_core/` uses it. */
export interface TaskCore extends FutureCore, Scope, Owner {
  getLoop(): LoopCore;
  getName(): string;
  /** The name, or the number that `nameText()` makes one of. */
  readonly $nameOrNumber: string | number;
  getCoro(): object;
  addDoneCallback(callback: () => void): void;
  /** The requests to cancel it; `null` if there was none. Called by waits. */
  $cancelRequests(): CancelRequests | null;
  /** The same, created if there is none. Called by scopes and tasks. */
  $needCancelRequests(): CancelRequests;
  /**
   * One of its strands waits for a future; that step is over. Called by waits.
   */
  $suspendOn(wait: Wait, future: FutureCore): void;
  /** Adds a wait that is not for a future. Called by coroutines. */
  $addWait(wait: Wait): void;
  /** Ends a wait; returns the requests to cancel the task. Called by the wait. */
  $endWait(wait: Wait): CancelRequests | null;
  /** Called when a task has ended: a wait that is left leaves its line. */
  $abandonWait(wait: Wait): void;
  /** The waits of the task. Called by scopes and the loop. */
  $waitsOf(): Iterable<Wait>;
  /** Whether a task waits for anything that is the loop's. */
  readonly $isWaiting: boolean;
  /** The task before it in the list of its loop. Used by `task_list.ts`. */
  get $previousTask(): TaskCore | null;
  set $previousTask(task: TaskCore | null);
  /** The task after it in the list of its loop. Used by `task_list.ts`. */
  get $nextTask(): TaskCore | null;
  set $nextTask(task: TaskCore | null);
}

// Of loops.

/** What runs a loop, as the loop's tasks and futures use it. */
export interface EngineCore {
  readonly loop: LoopCore;
  readonly steps: StepTracker;
  /** Whether the loop runs. */
  readonly isRunning: boolean;
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
  /**
   * How many pending futures something outside the loop will end. Streams count
   * theirs here themselves, which takes no listener as `beginExternal()` does.
   */
  externals: number;
  /** What is notified when the loop stops or is closed. */
  readonly attachments: Set<Attachment>;
  readonly hasAttachments: boolean;
  /** Notifies them of an idle loop. Called by `idle_watch.ts`. */
  loopRests(): void;
  /** The `LeakWatch` of `leaks.ts`, in debug mode. */
  readonly leaks: object | null;
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
  /** Wraps a coroutine in a task. Called for awaits outside every task. */
  $spawn(coroutine: object): TaskCore & PromiseLike<unknown>;
  isRunning(): boolean;
  isClosed(): boolean;
  getDebug(): boolean;
  time(): number;
  callExceptionHandler(context: Report): void;
  readonly $engineOf: EngineCore;
  /** What the loop keeps account of. Used by `_threads/`, shields and tests. */
  readonly $holdingsOf: LoopHoldings;
  /** Throws if the loop is closed. Called by whatever schedules something. */
  $requireOpen(): void;
  /** Records a failed future, to report it if needed. Called by the future. */
  $noteFailure(future: FutureCore, isAwaited: boolean): void;
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

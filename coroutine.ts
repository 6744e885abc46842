// Copyright 2026 the asyncio authors. MIT license.
// This module needs Deno.

/**
 * Coroutines: computations that a task runs.
 *
 * {@linkcode coroutine} turns an `async function` or a `function*` into a
 * coroutine function. Async functions are the everyday kind. Generators are the
 * strict kind, in which the loop controls every suspension. Each kind can wait
 * for the other.
 *
 * ```ts
 * import { coroutine, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const double = coroutine(async function double(n: number) {
 *   await sleep(0.01);
 *   return 2 * n;
 * });
 *
 * const sum = coroutine(function* sum(a: number, b: number) {
 *   return (yield* double(a)) + (yield* double(b));
 * });
 *
 * assertEquals(await run(sum(1, 2)), 6);
 * ```
 *
 * @module
 */

import { births } from "./_core/births.ts";
import { Await, awaitError, throwNext } from "./_core/await.ts";
import { isAsyncCall } from "./_core/async_call.ts";
import { awaitSites, noteAwait, noteYield } from "./_core/await_sites.ts";
import { Interruption, takeCancellation } from "./_core/cancel.ts";
import { requestError } from "./_core/cancel_requests.ts";
import {
  addCoroutineFunction,
  type Callees,
  define,
  defineBody,
  type Definition,
  definitionFor,
  driverOf,
  hasCoroutineFunction,
} from "./_core/definition.ts";
import { type Context, entered, leaveStores } from "./_core/contexts.ts";
import {
  advance,
  type Driver,
  ownDriver,
  plainDriver,
} from "./_core/drivers.ts";
import { runOutside } from "./_core/outside.ts";
import type {
  Owner,
  Scope,
  Step,
  StepIterator,
  Strand,
  TaskCore,
  WaitTarget,
} from "./_core/protocols.ts";
import {
  badYield,
  checkedSteps,
  isFutureCore,
  isStepIterator,
  isUnblocked,
  notACoroutine,
} from "./_core/recognition.ts";
import { awaitingScope, running } from "./_core/running.ts";
import { bindToContext } from "./_host/context_variable.ts";
import {
  isInstance,
  isNativePromise,
  isPromiseLike,
} from "./_util/awaitables.ts";
import { address, printAs, valueText } from "./_util/repr.ts";
import { enterCallee, leaveCallee } from "./_util/source_site.ts";

/**
 * What a generator coroutine yields to the task that runs it, from inside
 * `yield*`. It has no meaning outside the library.
 *
 * @category Coroutines
 */
export type Suspension = unknown;

/**
 * A function that can become a coroutine: an `async` or a generator function.
 *
 * @category Coroutines
 */
export type CoroutineBody<T, Args extends unknown[] = []> =
  | ((...args: Args) => Generator<Suspension, T, never>)
  | ((...args: Args) => PromiseLike<T>);

/**
 * Anything that can become a task: a coroutine, or an `async` or generator
 * function without arguments, which is called when the task starts.
 *
 * @category Coroutines
 */
export type CoroutineLike<T> = Coroutine<T> | CoroutineBody<T>;

/**
 * The type of a parameter that takes a {@linkcode CoroutineLike}. For a promise
 * it is a sentence instead, which is what the type error says.
 *
 * @typeParam T The type of the result.
 * @typeParam C The type of the argument, which is inferred.
 *
 * @category Coroutines
 */
export type CoroutineArgument<T, C> =
  | (C extends Coroutine<unknown> ? CoroutineLike<T>
    : C extends Promise<unknown>
      ? "A native promise has already started: pass the async function itself"
    : C extends PromiseLike<unknown>
      ? "A future needs no task: await it, or pass it to ensureFuture()"
    : CoroutineLike<T>)
  | (C extends never ? C : never); // what the argument is inferred from

const NO_ARGUMENTS: readonly unknown[] = [];

/**
 * Marks a call with one argument and without `this`: `_steps` holds the
 * argument.
 */
const ONE_ARGUMENT: readonly unknown[] = [];

/** The owner of an abandoned coroutine. It drops the outcome. */
const NO_OWNER: Owner = { $returned() {}, $threw() {} };

/**
 * A computation that has not started yet.
 *
 * - Creating it runs nothing. It starts when it becomes a task, or when it is
 *   awaited, and then runs as part of the awaiting task.
 * - It can be awaited only once. {@linkcode Coroutine.close} ends a coroutine
 *   that is no longer needed.
 * - `await` in an async function and `yield*` in a generator return its result.
 *
 * Calling a function made by {@linkcode coroutine} returns one.
 *
 * @typeParam T The type of the result.
 *
 * @example Nothing runs before it is awaited
 * ```ts
 * import { coroutine, run } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const steps: string[] = [];
 * const work = coroutine(async function work() {
 *   steps.push("work");
 * });
 * await run(async () => {
 *   const todo = work();
 *   steps.push("made");
 *   await todo;
 * });
 * assertEquals(steps, ["made", "work"]);
 * ```
 *
 * @category Coroutines
 */
// Each field, and what may change it:
//
// | state               | _args     | _owner | _steps                           |
// | ------------------- | --------- | ------ | -------------------------------- |
// | created             | arguments | `null` | `this` of the call, or its one   |
// |                     |           |        | argument, or a step iterator     |
// | adopted, not begun  | arguments | set    | the same                         |
// | begun, a generator  | `null`    | set    | its iterator                     |
// | begun, async        | `null`    | set    | `null`                           |
// | ended or closed     | `null`    | `null` | `null`                           |
//
// - `$adopt` sets _owner and _scope, which knows the task; `_end` clears them.
//   While it runs, scopes that its body enters and leaves change _scope.
// - `$callBody` moves it from "adopted" to "begun", `close()` to "closed".
// - _waiting is set while it is suspended: by `_suspend` and `$interrupt`;
//   cleared by `$run`, which runs its next step.
// - _keepsContext is set for good: for a task that was given a context, or whose
//   driver keeps that of its creation; when a generator enters a store with
//   `enterWith()`; and for a coroutine of the library that an async function
//   awaits, when it runs a generator.
// - _resumption is set by `$keepStep`, and used up by `$resume`.
export class Coroutine<T> implements PromiseLike<T> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Coroutine",
  );

  private _definition: Definition;
  private _steps: unknown;
  private _args: readonly unknown[] | null;
  private _resumption: Step | null = null;
  private _owner: Owner | null = null;
  private _scope: Scope | null = null;
  private _waiting: WaitTarget | null = null;
  /** Whether each step runs in the context that the last one left. */
  private _keepsContext = false;

  private constructor(
    definition: Definition,
    subject: unknown,
    args: readonly unknown[],
  ) {
    this._definition = definition;
    this._steps = subject;
    this._args = args;
    if (births.note !== null) births.note(this);
  }

  /**
   * Creates the coroutine of a call that is made when it starts.
   *
   * @ignore
   */
  static $callLater<T>(
    definition: Definition,
    self: unknown,
    args: readonly unknown[],
  ): Coroutine<T> {
    return self === undefined && args.length === 1
      ? new Coroutine(definition, args[0], ONE_ARGUMENT)
      : new Coroutine(definition, self, args);
  }

  /**
   * Creates a coroutine function of the library itself. Its body is a generator
   * function, or returns a step iterator of another kind.
   *
   * The iterator is created at once, since it runs nothing before its first
   * step: keeping the arguments would take two more objects.
   *
   * Calls of this method are marked as pure, so that bundlers can remove what
   * is not used.
   *
   * @param driver Another one where the body calls functions of the program.
   *
   * @ignore
   */
  static $ownFunction<Args extends unknown[], T>(
    body: (...args: Args) => { next(): IteratorResult<unknown, T> },
    name?: string,
    driver: Driver = ownDriver,
  ): (...args: Args) => Coroutine<T> {
    const definition = define(driver, body, name);
    return (...args) =>
      new Coroutine<T>(definition, body(...args), NO_ARGUMENTS);
  }

  /**
   * Returns the coroutine of a value that was passed where one is required.
   *
   * @ignore
   */
  static $toCoroutine<T>(
    value: CoroutineLike<T>,
    callees?: Callees,
    loop?: object,
  ): Coroutine<T> {
    if (isCoroutine(value)) {
      value.$requireFresh();
      return value as Coroutine<T>;
    }
    const definition = definitionFor(value, callees, loop);
    if (definition === null) {
      if (isCoroutineFunction(value)) return value() as Coroutine<T>;
      throw notACoroutine(value);
    }
    return new Coroutine(definition, undefined, NO_ARGUMENTS);
  }

  /**
   * Creates a coroutine of steps that run another one, and prints as that one.
   *
   * @param makeSteps Told whether the loop runs each step of the other one.
   *
   * @ignore
   */
  static $inPlaceOf<T>(
    { _definition: definition }: Coroutine<T>,
    makeSteps: (isStepped: boolean) => Iterator<unknown, T>,
  ): Coroutine<T> {
    const steps = makeSteps(definition.driver.isStepped);
    const own = { ...definition, driver: ownDriver };
    return new Coroutine(own, steps, NO_ARGUMENTS);
  }

  /**
   * Creates the coroutine of the body of a scope. It is never printed.
   *
   * @ignore
   */
  static $ofBody<Args extends unknown[], T>(
    body: CoroutineBody<T, Args>,
    ...args: Args
  ): Coroutine<T> {
    return Coroutine.$callLater(defineBody(body), undefined, args);
  }

  /**
   * Runs the coroutine as part of the awaiting task. `await` calls this.
   *
   * Outside every task, the coroutine becomes a task of the current loop. If
   * that loop is not running, it is run until the task is done.
   *
   * @typeParam R1 The type of what `onfulfilled` returns.
   * @typeParam R2 The type of what `onrejected` returns.
   * @param onfulfilled Called with the result.
   * @param onrejected Called with the exception.
   * @returns The outcome of the handlers.
   */
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): PromiseLike<R1 | R2> {
    if (typeof onfulfilled !== "function" || typeof onrejected !== "function") {
      return this._toPromise().then(onfulfilled, onrejected);
    }
    const scope = awaitingScope();
    if (scope === null) {
      return (runOutside(this) as PromiseLike<T>).then(onfulfilled, onrejected);
    }
    const wait = new Await<R1 | R2>(scope, onfulfilled, onrejected);
    if (awaitSites.active) noteAwait(wait, this.then);
    try {
      this.$requireFresh();
    } catch (error) {
      wait.throwSoon(error);
      return wait;
    }
    this.$adopt(scope, wait);
    this._startHere(wait);
    return wait;
  }

  /**
   * Runs the coroutine as part of the calling task, and handles its exception.
   *
   * @typeParam R The type of what `onrejected` returns.
   * @param onrejected Called with the exception, cancellations included.
   * @returns A promise of the result, or of what the handler returns.
   *
   * @example Usage
   * ```ts
   * import { coroutine, run } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const fail = coroutine(async function fail(): Promise<string> {
   *   throw new Error("no luck");
   * });
   * await run(async () => {
   *   assertEquals(await fail().catch(() => "fallback"), "fallback");
   * });
   * ```
   */
  catch<R = never>(
    onrejected?: ((reason: unknown) => R | PromiseLike<R>) | null,
  ): Promise<T | R> {
    return this._toPromise().catch(onrejected);
  }

  /**
   * Runs the coroutine as part of the calling task, and calls a function when
   * it has ended.
   *
   * @param onfinally Called without arguments, whatever the outcome is.
   * @returns A promise of the result.
   *
   * @example Usage
   * ```ts
   * import { run, sleep } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const log: string[] = [];
   * await run(async () => {
   *   await sleep(0.01).finally(() => log.push("over"));
   * });
   * assertEquals(log, ["over"]);
   * ```
   */
  finally(onfinally?: (() => void) | null): Promise<T> {
    return this._toPromise().finally(onfinally);
  }

  /**
   * Runs it as if it were awaited, and returns a native promise of its outcome.
   */
  private _toPromise(): Promise<T> {
    return new Promise<T>((resolve, reject) => this.then(resolve, reject));
  }

  /** Runs the coroutine as part of the task. `yield*` calls this. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    this.$requireFresh();
    if (awaitSites.active) noteYield(this[Symbol.iterator]);
    const { driver } = this._definition;
    if (driver.keepsContext) Coroutine.#keepContext(running.strand);
    const steps = driver.iterate(this);
    return steps as Iterator<Suspension, T, unknown>;
  }

  /**
   * Ends the coroutine. If it has not started, it never will. A suspended
   * generator runs its `finally` blocks.
   *
   * @throws {Error} If a task runs it: cancel the task instead.
   *
   * @example Usage
   * ```ts
   * import { coroutine } from "@asyncio/asyncio";
   *
   * const work = coroutine(async function work() {});
   * work().close();
   * ```
   */
  close(): void {
    const task = this.$taskOf;
    if (task !== null && !task.done()) {
      throw new Error(
        `Cannot close ${this} as ${task} drives it: cancel the task instead`,
      );
    }
    if (this._args !== null) this._release();
    else (this._steps as StepIterator | null)?.return?.();
  }

  /** Releases what the body is called with: it has begun, or never will. */
  private _release(): void {
    this._args = null;
    this._steps = null;
  }

  /** @ignore */
  get $taskOf(): TaskCore | null {
    return this._scope === null ? null : this._scope.$taskOf;
  }

  /** @ignore */
  get $scopeOf(): Scope | null {
    return this._scope;
  }

  /** @ignore */
  set $scopeOf(scope: Scope) {
    this._scope = scope;
  }

  /** @ignore */
  $waitingFor(): WaitTarget | null {
    return this._waiting;
  }

  /** @ignore */
  $interrupt(message: string | undefined, error?: Error): void {
    this._waiting?.$markRetrieved();
    this._waiting = new Interruption(message, error);
  }

  /** @ignore */
  $disown(): void {
    // Where an async function waits for it, that is the end; a generator goes
    // on with the error, and leaves the scopes that it is in.
    const owner = this._owner as (Owner & { $disown?(): void }) | null;
    if (owner === null) return;
    // A cancellation that is due in its scope is not for it any more.
    this._scope = this.$taskOf;
    if (owner.$disown) owner.$disown();
    else this._owner = NO_OWNER;
  }

  /** @ignore */
  get $ownerOf(): Owner | null {
    return this._owner;
  }

  /**
   * Name, place and kind of its function. Read by `graph.ts`.
   *
   * @ignore
   */
  get $definitionOf(): Definition {
    return this._definition;
  }

  /** @ignore */
  get $isDisowned(): boolean {
    const owner = this._owner;
    return (owner === NO_OWNER || owner instanceof Await && owner.isDisowned) &&
      this._definition.driver.isOwn;
  }

  /** @ignore */
  get $isOwn(): boolean {
    return this._definition.driver.isOwn;
  }

  /** @ignore */
  $callbackText(): string {
    return "Task.task_wakeup()";
  }

  /**
   * Whether it was neither started, adopted nor closed. Called by `gather()`.
   *
   * @ignore
   */
  $isFresh(): boolean {
    return this._args !== null && this._owner === null;
  }

  /** @ignore */
  $isOpen(): boolean {
    return this.$isFresh();
  }

  /** @ignore */
  $leftText(): string {
    return `a coroutine that was never awaited: ${this}`;
  }

  /** @ignore */
  $closeLeft(): void {
    this.close();
  }

  /** @ignore */
  $requireFresh(): void {
    if (this._args === null || this._owner !== null) {
      throw new Error(`cannot reuse already awaited coroutine: ${this}`);
    }
  }

  /** @ignore */
  $adopt(scope: Scope, owner: Owner): void {
    this._scope = scope;
    this._owner = owner;
  }

  /** @ignore */
  $callBody(): unknown {
    const { driver, body } = this._definition;
    const subject = this._steps;
    const args = this._args!;
    this._release();
    if (driver.isOwn) return subject; // a step iterator from the start
    if (args === ONE_ARGUMENT) return body(subject);
    return body.apply(subject, args as unknown[]);
  }

  /** Starts it within a running task, whose async function awaits it. */
  private _startHere(wait: Await<unknown>): void {
    const task = this.$taskOf!;
    const { driver } = this._definition;
    const isInStep = task.$engineOf.steps.includes(task);
    const request = isInStep
      ? null
      : task.$cancelRequests()?.takeOutside(this._scope);
    if (request) {
      // The task has waited for a native promise, which could not be cancelled.
      this._release();
      wait.throwSoon(requestError(request));
    } else if (isInStep || !driver.isStepped) driver.begin(this);
    else this._startInTurn(task);
  }

  /**
   * The task has waited for a native promise, which settles at any time. A
   * generator only runs in a turn of the loop.
   */
  private _startInTurn(task: TaskCore): void {
    this.$keepStep(bindToContext((coroutine) => {
      this._definition.driver.begin(coroutine);
      // The task has ended in between, too soon to leave this one behind.
      if (task.done()) task.$abandonWait(coroutine);
    }));
    task.$addWait(this);
    task.$engineOf.enqueue(this);
  }

  /**
   * Prepares the first step of a task, for the next turn. Called by tasks.
   *
   * @ignore
   */
  $prepare(context: Context | null): void {
    const { driver } = this._definition;
    if (context !== null || driver.keepsTaskContext) this._keepsContext = true;
    driver.prepare(this, context);
  }

  /**
   * Runs the first step of a task at once. Called by tasks.
   *
   * @ignore
   */
  $startEagerly(context: Context | null): void {
    const { driver } = this._definition;
    if (context !== null || driver.keepsTaskContext) this._keepsContext = true;
    const before = enterCallee(null); // what the body calls, the user calls
    try {
      driver.startEagerly(this, context);
    } finally {
      leaveCallee(before);
    }
  }

  /** @ignore */
  $keepStep(step: Step): void {
    this._resumption = step;
  }

  /**
   * Runs the next step. The loop calls this.
   *
   * @ignore
   */
  $run(): void {
    const task = this._scope!.$taskOf;
    const waited = this._waiting;
    this._waiting = null;
    // The body itself retrieves the outcome of a future, a cancellation
    // included. More has to be done only if there are requests to cancel.
    const requests = task.$endWait(this);
    const cancellation = requests === null && !(waited instanceof Interruption)
      ? null
      : takeCancellation(this, task, waited);
    if (cancellation !== null && this._args !== null) {
      this.$threw(cancellation); // it never begins
    } else {
      this.$resume(cancellation);
    }
  }

  /**
   * Runs the step, in the context that was captured for it, if there is one.
   *
   * @ignore
   */
  $resume(error: Error | null): void {
    const resumption = this._resumption;
    if (resumption === null) {
      this.$advance(error);
      return;
    }
    this._resumption = null;
    const task = this.$taskOf!;
    task.$engineOf.steps.enter(task);
    // An async function has the stack for itself: its context tells what it is.
    const { loop, strand } = running;
    running.loop = null;
    running.strand = null;
    try {
      resumption(this, error);
    } finally {
      running.loop = loop;
      running.strand = strand;
    }
  }

  /** @ignore */
  $wakeup(): void {
    this._scope!.$taskOf.$engineOf.enqueue(this);
  }

  /** @ignore */
  $settleWith(promise: PromiseLike<unknown>): void {
    // The `then` of a foreign thenable may throw, or call back twice.
    const settled = isNativePromise(promise)
      ? promise
      : Promise.resolve(promise);
    settled.then(this.$returned.bind(this), this.$threw.bind(this));
  }

  /**
   * The coroutine has returned.
   *
   * @ignore
   */
  $returned(value: unknown): void {
    this._end().$returned(value);
  }

  /**
   * The coroutine has thrown.
   *
   * @ignore
   */
  $threw(error: unknown): void {
    this._end().$threw(error);
  }

  /** Ends it and releases all it holds. Returns the owner, for the outcome. */
  private _end(): Owner {
    const owner = this._owner!;
    this._scope = null;
    this._owner = null;
    this._release();
    this._resumption = null;
    return owner;
  }

  /** @ignore */
  $follow(outcome: unknown): PromiseLike<unknown> | null {
    if (isInstance(outcome, Coroutine)) {
      outcome.$requireFresh();
      return this.$follow(outcome.$callBody());
    }
    if (isFutureCore(outcome)) {
      outcome = outcome[Symbol.iterator](); // so that the task waits for it
    } else if (isPromiseLike(outcome)) {
      return outcome;
    }
    if (!isStepIterator(outcome)) {
      const { name, body } = this._definition;
      throw new TypeError(
        `a coroutine was expected from ${
          name || body.name || "<lambda>"
        }(), got ${valueText(outcome)}`,
      );
    }
    this._steps = checkedSteps(outcome);
    Coroutine.#keepContext(this);
    this.$advance(null);
    return null;
  }

  /**
   * Runs one step of the generator, up to its next suspension or its end. This
   * is the only place that runs generators.
   *
   * @ignore
   */
  $advance(error: Error | null): void {
    const task = this._scope!.$taskOf;
    const { loop: outerLoop, strand: outerStrand } = running;
    const enteredBefore = entered.length;
    running.loop = task.$engineOf.loop;
    running.strand = this;
    let result: IteratorResult<unknown, unknown>;
    try {
      const steps = (this._args === null
        ? this._steps
        : this._steps = this.$callBody()) as StepIterator;
      result = error === null ? steps.next() : steps.throw!(error);
    } catch (thrown) {
      running.loop = outerLoop;
      running.strand = outerStrand;
      if (entered.length > enteredBefore) leaveStores(enteredBefore);
      this.$threw(thrown);
      return;
    }
    running.loop = outerLoop;
    running.strand = outerStrand;
    if (result.done) {
      if (entered.length > enteredBefore) leaveStores(enteredBefore);
      this.$returned(result.value);
      return;
    }
    if (entered.length > enteredBefore) this._keepsContext = true;
    if (
      this._keepsContext ||
      this._owner !== task && this._definition.driver.keepsContext
    ) {
      // An async function awaits it, so the next step must also run in the
      // asynchronous context of that function. Or the context is its own.
      this._keepStep();
      leaveStores(enteredBefore);
    }
    this._suspend(task, result.value);
  }

  /**
   * Waits for what the body yielded. If that cannot be awaited, throws an error
   * into the body.
   */
  private _suspend(task: TaskCore, yielded: unknown): void {
    if (yielded === undefined || yielded === null) {
      task.$addWait(this); // for the next turn only
      const engine = task.$engineOf;
      engine.enqueue(this);
      engine.steps.leave(task);
    } else if (isUnblocked(yielded)) {
      const error = awaitError(task, yielded);
      if (error !== null) return this._throwNext(error);
      this._waiting = yielded;
      task.$suspendOn(this, yielded);
    } else if (isAsyncCall(yielded)) {
      yielded.caller = this;
    } else {
      this._throwNext(badYield(task, yielded));
    }
  }

  /** Keeps the next step for later, in the current asynchronous context. */
  private _keepStep(): void {
    this.$keepStep(bindToContext(advance));
  }

  /** Has the next step throw an error. */
  private _throwNext(error: Error): void {
    throwNext(this, error, (error) => this.$resume(error));
  }

  /**
   * Its part of the text of its task. Called by a task that is printed.
   *
   * @ignore
   */
  $describeIn(task: { done(): boolean }): string {
    const { name, site } = this._definition;
    return task.done()
      ? `${name}() done, defined at ${site}`
      : `${name}() running at ${site}`;
  }

  /**
   * The strand runs the steps of a generator. If an async function awaits it,
   * they belong in the asynchronous context of that function.
   */
  static #keepContext(strand: Strand | null): void {
    if (!(strand instanceof Coroutine)) return;
    if (strand._owner !== strand.$taskOf) strand._keepsContext = true;
  }

  /** @ignore */
  toString(): string {
    return `<coroutine object ${this._definition.name} at ${address(this)}>`;
  }
}

/**
 * Turns a method into a coroutine function, as a decorator.
 *
 * TypeScript does not let a decorator change the type of a method. To its
 * callers, the method still seems to return a `Promise` or a `Generator`, which
 * is enough for `await` and `yield*`. Where a coroutine is required, pass
 * `() => object.method()`.
 *
 * @typeParam Method The type of the method.
 * @param method The method.
 * @param context The context of the decorator.
 * @returns The coroutine function that replaces the method.
 * @throws {TypeError} If the method is neither an `async` nor a generator
 * method.
 *
 * @example Usage
 * ```ts
 * import { coroutine, createTask, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * class Greeter {
 *   constructor(readonly greeting: string) {}
 *
 *   @coroutine
 *   async greet(name: string) {
 *     await sleep(0);
 *     return `${this.greeting} ${name}`;
 *   }
 * }
 *
 * await run(async () => {
 *   const greeter = new Greeter("Hello");
 *   assertEquals(await greeter.greet("you"), "Hello you");
 *   const task = createTask(() => greeter.greet("all"));
 *   assertEquals(await task, "Hello all");
 * });
 * ```
 *
 * @category Coroutines
 */
export function coroutine<
  Method extends (this: never, ...args: never[]) => unknown,
>(method: Method, context: { readonly kind: "method" }): Method;
/**
 * Turns an `async function` or a `function*` into a coroutine function.
 *
 * Calling the coroutine function runs nothing: it returns a
 * {@linkcode Coroutine}.
 *
 * @typeParam This The type of `this`.
 * @typeParam Args The types of the arguments.
 * @typeParam T The type of the result.
 * @param body The function.
 * @returns The coroutine function.
 * @throws {TypeError} If `body` is neither.
 *
 * @example The two kinds
 * ```ts
 * import { coroutine, run, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const everyday = coroutine(async function everyday(name: string) {
 *   await sleep(0);
 *   return `Hello ${name}`;
 * });
 * const strict = coroutine(function* strict(name: string) {
 *   yield* sleep(0);
 *   return `Hello ${name}`;
 * });
 * assertEquals(await run(everyday("you")), await run(strict("you")));
 * ```
 *
 * @category Coroutines
 */
export function coroutine<This, Args extends unknown[], T>(
  body: (this: This, ...args: Args) => Generator<Suspension, T, never>,
): (this: This, ...args: Args) => Coroutine<T>;
/**
 * Turns an `async function` into a coroutine function.
 *
 * @typeParam This The type of `this`.
 * @typeParam Args The types of the arguments.
 * @typeParam T The type of the result.
 * @param body The function.
 * @returns The coroutine function.
 * @throws {TypeError} If `body` is neither that nor a generator function.
 *
 * @category Coroutines
 */
export function coroutine<This, Args extends unknown[], T>(
  body: (this: This, ...args: Args) => PromiseLike<T>,
): (this: This, ...args: Args) => Coroutine<T>;
export function coroutine(
  body: (...args: unknown[]) => unknown,
  _context?: { readonly kind: "method" },
): (...args: unknown[]) => unknown {
  const driver = driverOf(body);
  if (driver === null || driver === plainDriver) {
    throw new TypeError(
      `Cannot make a coroutine function of what is neither an async function nor a function*: current value is ${
        valueText(body)
      }`,
    );
  }
  const definition = define(driver, body, body.name, () => [coroutine]);
  function coroutineFunction(this: unknown, ...args: unknown[]): unknown {
    return Coroutine.$callLater(definition, this, args);
  }
  Object.defineProperties(coroutineFunction, {
    name: { value: body.name, configurable: true },
    length: { value: body.length, configurable: true },
  });
  addCoroutineFunction(coroutineFunction);
  return coroutineFunction;
}

/**
 * Whether a value is a coroutine.
 *
 * @param value Any value.
 * @returns Whether it is one.
 *
 * @example Usage
 * ```ts
 * import { isCoroutine, sleep } from "@asyncio/asyncio";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isCoroutine(sleep(1)));
 * assertFalse(isCoroutine(Promise.resolve()));
 * ```
 *
 * @category Coroutines
 */
export function isCoroutine(value: unknown): value is Coroutine<unknown> {
  try {
    return value instanceof Coroutine; // not isInstance(): V8 inlines this
  } catch {
    return false; // a revoked proxy
  }
}

/**
 * Whether a value is a coroutine function, one made by {@linkcode coroutine}.
 *
 * @param value Any value.
 * @returns Whether it is one.
 *
 * @example Usage
 * ```ts
 * import { coroutine, isCoroutineFunction } from "@asyncio/asyncio";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isCoroutineFunction(coroutine(async () => {})));
 * assertFalse(isCoroutineFunction(async () => {}));
 * ```
 *
 * @category Coroutines
 */
export function isCoroutineFunction(
  value: unknown,
): value is (...args: never[]) => Coroutine<unknown> {
  return hasCoroutineFunction(value);
}

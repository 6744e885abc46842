/**
 * Coroutines: computations that a task drives.
 *
 * {@linkcode coroutine} makes a coroutine function of an `async function`, the
 * everyday kind, or of a `function*`, the strict kind, in which every suspension
 * is the loop's own. Either can wait for the other.
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

import { Await, awaitError, throwNext } from "./_core/await.ts";
import { AsyncCall } from "./_core/async_call.ts";
import { Interruption, takeCancellation } from "./_core/cancel.ts";
import {
  addCoroutineFunction,
  define,
  type Definition,
  driverOf,
  hasCoroutineFunction,
} from "./_core/definition.ts";
import { ownDriver, plainDriver } from "./_core/drivers.ts";
import { runOutside } from "./_core/outside.ts";
import {
  addWait,
  adopt,
  advance,
  callbackText,
  callBody,
  callLater,
  cancelRequests,
  captureContext,
  describeIn,
  disown,
  endWait,
  type EngineCore,
  engineOf,
  follow,
  type FutureCore,
  interrupt,
  isDisowned,
  isFresh,
  markRetrieved,
  ofBody,
  type Owner,
  ownFunction,
  prepare,
  requireFresh,
  resume,
  returned,
  run,
  type Scope,
  scopeOf,
  settleWith,
  startEagerly,
  type StepIterator,
  suspendOn,
  type TaskCore,
  taskOf,
  threw,
  toCoroutine,
  unblock,
  waitingFor,
  type WaitTarget,
  wakeup,
} from "./_core/protocols.ts";
import {
  checkedSteps,
  isFutureCore,
  isStepIterator,
} from "./_core/recognition.ts";
import { awaitingScope, running } from "./_core/running.ts";
import { isInstance, isPromiseLike } from "./_util/awaitables.ts";
import { address, printsAs, valueText } from "./_util/repr.ts";

/**
 * What a generator coroutine gives to the task that drives it, from inside
 * `yield*`. It means nothing outside of the library.
 */
export type Suspension = unknown;

/** A function that a coroutine can be made of: `async` or a generator. */
export type CoroutineBody<T, Args extends unknown[] = []> =
  | ((...args: Args) => Generator<Suspension, T, never>)
  | ((...args: Args) => PromiseLike<T>);

/**
 * What can become a task: a coroutine, or a function without arguments to make
 * one of, which is called when the task takes its first step.
 */
export type CoroutineLike<T> = Coroutine<T> | CoroutineBody<T>;

/**
 * The type of a parameter that takes a {@linkcode CoroutineLike}. For a promise
 * it is a sentence instead, which is what the type error says.
 *
 * @typeParam T The type of the result.
 * @typeParam C The type of the argument, which is inferred.
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

/** Stands for the argument of a call with one and without `this`. */
const ONE_ARGUMENT: readonly unknown[] = [];

/** The outcome of an abandoned coroutine. */
const NO_OWNER: Owner = { [returned]() {}, [threw]() {} };

/**
 * A computation that has not run yet.
 *
 * - Making it runs nothing. It starts when a task drives it, or when it is
 *   awaited, and then runs as part of the task that awaits it.
 * - It can be awaited once. {@linkcode Coroutine.close} ends one that is not
 *   needed any more.
 * - `await` in an async function, `yield*` in a generator, give its result.
 *
 * Calling a function made by {@linkcode coroutine} gives one.
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
 */
// Each field, and who may change it:
//
// | state               | _args     | _owner | _steps                           |
// | ------------------- | --------- | ------ | -------------------------------- |
// | created             | arguments | `null` | `this` of the call, or its one   |
// |                     |           |        | argument, or ready-made steps    |
// | adopted, not begun  | arguments | set    | the same                         |
// | begun, a generator  | `null`    | set    | its iterator                     |
// | begun, async        | `null`    | set    | `null`                           |
// | ended or closed     | `null`    | `null` | `null`                           |
//
// - `[adopt]` sets _owner, _task and _scope; `#end` clears them. While it runs,
//   scopes that are entered and left in its body move _scope.
// - `[callBody]` takes it from "adopted" to "begun", `close()` to "closed".
// - _waiting is set while it is suspended: by `#suspend` and `[interrupt]`;
//   cleared by `[run]`, which is its next step.
// - _resumption is set by `[captureContext]`, and used up by `[resume]`.
export class Coroutine<T> implements PromiseLike<T> {
  private _definition: Definition;
  private _steps: unknown;
  private _args: readonly unknown[] | null;
  private _resumption: ((error: Error | null) => void) | null = null;
  private _owner: Owner | null = null;
  private _task: TaskCore | null = null;
  private _engine: EngineCore | null = null;
  private _scope: Scope | null = null;
  private _waiting: WaitTarget | null = null;

  private constructor(
    definition: Definition,
    subject: unknown,
    args: readonly unknown[],
  ) {
    this._definition = definition;
    this._steps = subject;
    this._args = args;
  }

  /**
   * A call of a function that runs later.
   *
   * @ignore
   */
  static [callLater]<T>(
    definition: Definition,
    self: unknown,
    args: readonly unknown[],
  ): Coroutine<T> {
    return self === undefined && args.length === 1
      ? new Coroutine(definition, args[0], ONE_ARGUMENT)
      : new Coroutine(definition, self, args);
  }

  /**
   * A coroutine function of the library's own. Its body gives steps: it is a
   * generator function, or returns an iterator of another kind.
   *
   * The steps, which run nothing before they are stepped, are made at once: to
   * keep arguments takes two objects more.
   *
   * Calls are marked as pure, for bundlers to leave out what is not used.
   *
   * @ignore
   */
  static [ownFunction]<Args extends unknown[], T>(
    body: (...args: Args) => { next(): IteratorResult<unknown, T> },
    name?: string,
  ): (...args: Args) => Coroutine<T> {
    const definition = define(ownDriver, body, name);
    return (...args) =>
      new Coroutine<T>(definition, body(...args), NO_ARGUMENTS);
  }

  /**
   * A coroutine of what was given where one is required.
   *
   * @ignore
   */
  static [toCoroutine]<T>(value: CoroutineLike<T>): Coroutine<T> {
    if (isInstance(value, Coroutine)) {
      value[requireFresh]();
      return value;
    }
    if (isCoroutineFunction(value)) return value() as Coroutine<T>;
    const driver = driverOf(value);
    if (driver === null) throw notACoroutine(value);
    return new Coroutine(define(driver, value), undefined, NO_ARGUMENTS);
  }

  /**
   * A coroutine of the body of a scope. It is never printed.
   *
   * @ignore
   */
  static [ofBody]<Args extends unknown[], T>(
    body: CoroutineBody<T, Args>,
    ...args: Args
  ): Coroutine<T> {
    const driver = driverOf(body) ?? plainDriver;
    const definition = { driver, name: body.name, site: null, body };
    return Coroutine[callLater](definition, undefined, args);
  }

  /**
   * Runs the coroutine as part of the awaiting task: this is what `await` calls.
   *
   * Outside of every task, the coroutine becomes a task of the current loop,
   * which is run for as long as that takes if it does not run anyway.
   *
   * @typeParam R1 What `onfulfilled` gives.
   * @typeParam R2 What `onrejected` gives.
   * @param onfulfilled Gets the result.
   * @param onrejected Gets the exception.
   * @returns The outcome of the handlers.
   */
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): PromiseLike<R1 | R2> {
    if (typeof onfulfilled !== "function" || typeof onrejected !== "function") {
      return this.#toPromise().then(onfulfilled, onrejected);
    }
    const scope = awaitingScope();
    if (scope === null) {
      return (runOutside(this) as PromiseLike<T>).then(onfulfilled, onrejected);
    }
    const wait = new Await<R1 | R2>(scope, onfulfilled, onrejected);
    try {
      this[requireFresh]();
    } catch (error) {
      wait.throwSoon(error);
      return wait;
    }
    this[adopt](scope, wait);
    this.#startHere(wait);
    return wait;
  }

  /**
   * Runs the coroutine as part of the calling task, and handles its exception.
   *
   * @typeParam R What `onrejected` gives.
   * @param onrejected Gets the exception, a cancellation included.
   * @returns A promise of the result, or of what the handler gives.
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
    return this.#toPromise().catch(onrejected);
  }

  /**
   * Runs the coroutine as part of the calling task, and calls a function when it
   * is over.
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
    return this.#toPromise().finally(onfinally);
  }

  /** A native promise of its outcome: it runs as if it were awaited. */
  #toPromise(): Promise<T> {
    return new Promise<T>((resolve, reject) => this.then(resolve, reject));
  }

  /** Runs the coroutine as part of the task: this is what `yield*` calls. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    this[requireFresh]();
    const steps = this._definition.driver.iterate(this);
    return steps as Iterator<Suspension, T, unknown>;
  }

  /**
   * Ends the coroutine: what has not begun never will; a generator that waits
   * runs its `finally` blocks.
   *
   * @throws {Error} If a task drives it: cancel the task instead.
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
    const task = this._task;
    if (task !== null && !task.done()) {
      throw new Error(
        `Cannot close ${this} as ${task} drives it: cancel the task instead`,
      );
    }
    if (this._args !== null) this.#release();
    else (this._steps as StepIterator | null)?.return?.();
  }

  /** It has begun, or never will: what it was to begin with is not kept. */
  #release(): void {
    this._args = null;
    this._steps = null;
  }

  /** @ignore */
  get [taskOf](): TaskCore | null {
    return this._task;
  }

  /** @ignore */
  get [scopeOf](): Scope | null {
    return this._scope;
  }

  /** @ignore */
  set [scopeOf](scope: Scope) {
    this._scope = scope;
  }

  /** @ignore */
  [waitingFor](): WaitTarget | null {
    return this._waiting;
  }

  /** @ignore */
  [interrupt](message: string | undefined): void {
    this._waiting?.[markRetrieved]();
    this._waiting = new Interruption(message);
  }

  /** @ignore */
  [disown](): void {
    // Where an async function waits for it, that is the end; a generator goes
    // on with the error, and leaves the scopes that it is in.
    const owner = this._owner as (Owner & { [disown]?(): void }) | null;
    if (owner?.[disown]) owner[disown]();
    else if (owner !== null) this._owner = NO_OWNER;
  }

  /** @ignore */
  get [isDisowned](): boolean {
    const owner = this._owner;
    return (owner === NO_OWNER || owner instanceof Await && owner.isDisowned) &&
      this._definition.driver === ownDriver;
  }

  /** @ignore */
  [callbackText](): string {
    return "Task.task_wakeup()";
  }

  /** @ignore */
  [isFresh](): boolean {
    return this._args !== null && this._owner === null;
  }

  /** @ignore */
  [requireFresh](): void {
    if (this._args === null || this._owner !== null) {
      throw new Error(`cannot reuse already awaited coroutine: ${this}`);
    }
  }

  /** @ignore */
  [adopt](scope: Scope, owner: Owner): void {
    this._scope = scope;
    this._task = scope[taskOf];
    this._engine = this._task.getLoop()[engineOf];
    this._owner = owner;
  }

  /** @ignore */
  [callBody](): unknown {
    const { driver, body } = this._definition;
    const subject = this._steps;
    const args = this._args!;
    this.#release();
    if (driver === ownDriver) return subject; // its steps, from the start
    if (args === ONE_ARGUMENT) return body(subject);
    return body.apply(subject, args as unknown[]);
  }

  /** Starts it in the middle of a task: an async function awaits it. */
  #startHere(wait: Await<unknown>): void {
    const task = this._task!;
    const { driver } = this._definition;
    const engine = this._engine!;
    const requests = task[cancelRequests]();
    if (engine.steps.includes(task)) {
      driver.begin(this);
    } else if (requests !== null && requests.isDueFor(this._scope)) {
      // The task comes from a promise that could not be cancelled.
      this.#release();
      wait.throwSoon(requests.take(this._scope));
    } else if (driver.isStepped) {
      // The task comes from a promise that is not the loop's, at any time: a
      // generator steps in the loop's turn only.
      this[captureContext](() => driver.begin(this));
      task[addWait](this);
      engine.enqueue(this);
    } else {
      driver.begin(this);
    }
  }

  /** @ignore */
  [prepare](): void {
    this._definition.driver.prepare(this);
  }

  /** @ignore */
  [startEagerly](): void {
    this._definition.driver.startEagerly(this);
  }

  /**
   * A promise reaction carries a step into the asynchronous context of this
   * moment, for less than any other means.
   *
   * @ignore
   */
  [captureContext](step: (error: Error | null) => void): void {
    new Promise<Error | null>((resolve) => this._resumption = resolve)
      .then(step);
  }

  /**
   * A step, taken by the loop.
   *
   * @ignore
   */
  [run](): void {
    const task = this._task!;
    const waited = this._waiting;
    this._waiting = null;
    // The outcome of a future, a cancellation included, is fetched by the steps
    // themselves. Only where there are requests, more is to be done.
    const requests = task[endWait](this);
    const cancellation = requests === null && !(waited instanceof Interruption)
      ? null
      : takeCancellation(this, task, waited);
    if (cancellation !== null && this._args !== null) {
      this._throw(cancellation); // it never begins
    } else {
      this._resume(cancellation);
    }
  }

  /** @ignore */
  [resume](error: Error | null): void {
    this._resume(error);
  }

  /** Takes the step, in the context that was captured for it, if one was. */
  private _resume(error: Error | null): void {
    const resumption = this._resumption;
    if (resumption === null) {
      this._advance(error);
      return;
    }
    this._resumption = null;
    this._engine!.steps.enter(this._task!);
    resumption(error);
  }

  /** @ignore */
  [wakeup](): void {
    this._engine!.enqueue(this);
  }

  /** @ignore */
  [settleWith](promise: PromiseLike<unknown>): void {
    // A thenable of another make may throw, or call back twice.
    const settled = isInstance(promise, Promise)
      ? promise
      : new Promise((resolve) => resolve(promise));
    // Binding a method whose key is a symbol takes 250 bytes more in V8.
    settled.then(this._return.bind(this), this._throw.bind(this));
  }

  /** @ignore */
  [returned](value: unknown): void {
    this._return(value);
  }

  /** @ignore */
  [threw](error: unknown): void {
    this._throw(error);
  }

  /** It returned. */
  private _return(value: unknown): void {
    this.#end()[returned](value);
  }

  /** It threw. */
  private _throw(error: unknown): void {
    this.#end()[threw](error);
  }

  /** It is over, and holds nothing. Gives what gets the outcome. */
  #end(): Owner {
    const owner = this._owner!;
    this._task = null;
    this._engine = null;
    this._scope = null;
    this._owner = null;
    this.#release();
    this._resumption = null;
    return owner;
  }

  /** @ignore */
  [follow](outcome: unknown): PromiseLike<unknown> | null {
    if (isInstance(outcome, Coroutine)) {
      outcome[requireFresh]();
      return this[follow](outcome[callBody]());
    }
    if (isFutureCore(outcome)) {
      outcome = outcome[Symbol.iterator](); // so that the task waits for it
    } else if (isPromiseLike(outcome)) {
      return outcome;
    }
    if (!isStepIterator(outcome)) {
      throw new TypeError(
        `a coroutine was expected from ${this._definition.name}(), got ${
          valueText(outcome)
        }`,
      );
    }
    this._steps = checkedSteps(outcome);
    this._advance(null);
    return null;
  }

  /** @ignore */
  [advance](error: Error | null): void {
    this._advance(error);
  }

  /**
   * Steps the generator up to its next suspension, or its end. There is one
   * driver of generators, and this is it.
   */
  private _advance(error: Error | null): void {
    const task = this._task!;
    const { loop: outerLoop, strand: outerStrand } = running;
    running.loop = this._engine!.loop;
    running.strand = this;
    let result: IteratorResult<unknown, unknown>;
    try {
      const steps = (this._args === null
        ? this._steps
        : this._steps = this[callBody]()) as StepIterator;
      result = error === null ? steps.next() : steps.throw!(error);
    } catch (thrown) {
      running.loop = outerLoop;
      running.strand = outerStrand;
      this._throw(thrown);
      return;
    }
    running.loop = outerLoop;
    running.strand = outerStrand;
    if (result.done) {
      this._return(result.value);
      return;
    }
    if (this._owner !== task && this._definition.driver.keepsContext) {
      // An async function awaits it: the next step is taken in the asynchronous
      // context of that function, too.
      this[captureContext]((error) => this._advance(error));
    }
    this.#suspend(task, result.value);
  }

  /** Waits for what its steps gave, or has them throw if that is nothing. */
  #suspend(task: TaskCore, yielded: unknown): void {
    if (yielded === undefined || yielded === null) {
      // One turn is skipped.
      task[addWait](this);
      this._engine!.enqueue(this);
      this._engine!.steps.leave(task);
    } else if (isUnblocked(yielded)) {
      const error = awaitError(task, yielded);
      if (error !== null) return this.#throwNext(error);
      this._waiting = yielded;
      task[suspendOn](this, yielded);
    } else if (isInstance(yielded, AsyncCall)) {
      yielded.caller = this;
    } else {
      this.#throwNext(badYield(task, yielded));
    }
  }

  #throwNext(error: Error): void {
    throwNext(this, error, (error) => this._advance(error));
  }

  /** @ignore */
  [describeIn](task: { done(): boolean }): string {
    const { name, site } = this._definition;
    return task.done()
      ? `${name}() done, defined at ${site}`
      : `${name}() running at ${site}`;
  }

  static {
    printsAs(
      Coroutine.prototype,
      (self) =>
        `<coroutine object ${self._definition.name} at ${address(self)}>`,
    );
  }
}

/** Whether it is a future that `yield*` has yielded. Any value may come here. */
function isUnblocked(yielded: unknown): yielded is FutureCore {
  try {
    return (yielded as FutureCore)[unblock]?.() === true;
  } catch {
    return false;
  }
}

function badYield(task: TaskCore, yielded: unknown): Error {
  if (isInstance(yielded, Coroutine) || isFutureCore(yielded)) {
    return new Error(
      `yield was used instead of yield* in task ${task} with ${yielded}`,
    );
  }
  const hint = isPromiseLike(yielded)
    ? " (wait for a promise with yield* wrapFuture(promise))"
    : isStepIterator(yielded)
    ? " (yield was used instead of yield*)"
    : "";
  return new Error(`Task got bad yield: ${valueText(yielded)}${hint}`);
}

function notACoroutine(value: unknown): TypeError {
  const hint = isPromiseLike(value)
    ? ", which has already started: pass the coroutine or the async function itself, or wrap the promise with wrapFuture()"
    : "";
  return new TypeError(
    `a coroutine was expected, got ${valueText(value)}${hint}`,
  );
}

/**
 * Makes a coroutine function of a method, as a decorator.
 *
 * TypeScript does not let a decorator change the type of a method. To its
 * callers it still looks like one that gives a `Promise` or a `Generator`,
 * which serves `await` and `yield*`. Where a coroutine is required, pass
 * `() => object.method()`.
 *
 * @typeParam Method The type of the method.
 * @param method The method.
 * @param context What it is in its class.
 * @returns The coroutine function that takes its place.
 * @throws {TypeError} If it is neither an `async` nor a generator method.
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
 */
export function coroutine<
  Method extends (this: never, ...args: never[]) => unknown,
>(method: Method, context: { readonly kind: "method" }): Method;
/**
 * Makes a coroutine function of an `async function` or a `function*`.
 *
 * Calling the coroutine function runs nothing: it gives a
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
 */
export function coroutine<This, Args extends unknown[], T>(
  body: (this: This, ...args: Args) => Generator<Suspension, T, never>,
): (this: This, ...args: Args) => Coroutine<T>;
/**
 * Makes a coroutine function of an `async function`.
 *
 * @typeParam This The type of `this`.
 * @typeParam Args The types of the arguments.
 * @typeParam T The type of the result.
 * @param body The function.
 * @returns The coroutine function.
 * @throws {TypeError} If `body` is neither that nor a generator function.
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
  const definition = define(driver, body);
  function coroutineFunction(this: unknown, ...args: unknown[]): unknown {
    return Coroutine[callLater](definition, this, args);
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
 */
export function isCoroutine(value: unknown): value is Coroutine<unknown> {
  return isInstance(value, Coroutine);
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
 */
export function isCoroutineFunction(
  value: unknown,
): value is (...args: never[]) => Coroutine<unknown> {
  return hasCoroutineFunction(value);
}

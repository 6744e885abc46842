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

import {
  Await,
  objectionTo,
  type Owner,
  type Strand,
  thenByHand,
  throwNext,
} from "./_core/await.ts";
import { AsyncCall, type Caller } from "./_core/async_call.ts";
import {
  define,
  type Definition,
  isFuture,
  isPromiseLike,
  isSteps,
  kindOf,
  type OwnSteps,
  type Steps,
} from "./_core/definition.ts";
import { address, printsAs, valueText } from "./_util/repr.ts";
import { awaitingTask, awaitOutside, scope, taskStore } from "./_core/running.ts";
import type { Future } from "./future.ts";
import type { Task } from "./task.ts";

/**
 * What a generator coroutine gives to the task that drives it, from inside
 * `yield*`. Of no use to anybody else.
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

const NO_ARGUMENTS: readonly unknown[] = [];

/** Of a function without `this`, one is kept in its place: many have just that. */
const ONE_ARGUMENT: readonly unknown[] = [];

/**
 * A computation that has not run yet.
 *
 * - Making it runs nothing. It starts when a task drives it, or when it is
 *   awaited, and then runs as part of the task that awaits it.
 * - It can be awaited once. {@linkcode Coroutine.close} ends one that nobody
 *   wants any more.
 * - `await` in an async function, `yield*` in a generator, give its result.
 *
 * Made by calling a function that {@linkcode coroutine} gave.
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
export class Coroutine<T> implements PromiseLike<T> {
  private _definition: Definition;
  /** The steps; before it begins, `this` or the one argument for the function. */
  private _steps: unknown;
  /** `null` once it has begun, or was closed. */
  private _args: readonly unknown[] | null;
  /** Takes the step that {@linkcode Coroutine._carry} has kept. */
  private _open: ((error: Error | null) => void) | null = null;
  private _owner: Owner | null = null;
  private _task: Task<unknown> | null = null;
  /** The future that the steps wait for. */
  private _waiting: Future<unknown> | null = null;

  private constructor(
    definition: Definition,
    subject: unknown,
    args: readonly unknown[],
  ) {
    this._definition = definition;
    this._steps = subject;
    this._args = args;
  }

  /** A call of a function that runs later. */
  private static _of<T>(
    definition: Definition,
    self: unknown,
    args: readonly unknown[],
  ): Coroutine<T> {
    return self === undefined && args.length === 1
      ? new Coroutine(definition, args[0], ONE_ARGUMENT)
      : new Coroutine(definition, self, args);
  }

  /**
   * A coroutine function of the library's own. Its body is a generator, or gives
   * steps of another kind.
   *
   * The steps, which run nothing before they are stepped, are made at once: to
   * keep arguments takes two objects more.
   *
   * Calls are marked as pure, for bundlers to leave out what nobody uses.
   */
  private static _own<Args extends unknown[], T>(
    body: (...args: Args) => OwnSteps<T>,
    name?: string,
  ): (...args: Args) => Coroutine<T> {
    const definition = define("steps", body, true, name);
    return (...args) =>
      new Coroutine<T>(definition, body(...args), NO_ARGUMENTS);
  }

  /** A coroutine of what was given where one is required. */
  private static _from<T>(value: CoroutineLike<T>): Coroutine<T> {
    if (value instanceof Coroutine) {
      value._requireFresh();
      return value;
    }
    if (isCoroutineFunction(value)) return value() as Coroutine<T>;
    const kind = kindOf(value);
    if (kind === null) throw notACoroutine(value);
    return new Coroutine(define(kind, value), undefined, NO_ARGUMENTS);
  }

  /** A coroutine of the body of a scope, which is nobody's to print. */
  private static _ofBody<Args extends unknown[], T>(
    body: CoroutineBody<T, Args>,
    ...args: Args
  ): Coroutine<T> {
    const kind = kindOf(body) ?? "unknown";
    const { name } = body;
    const definition: Definition = { kind, name, own: false, site: null, body };
    return Coroutine._of(definition, undefined, args);
  }

  /** The text that stands in the one of the task. */
  private _describeIn(task: Task<unknown>): string {
    const { name, site } = this._definition;
    return task.done()
      ? `${name}() done, defined at ${site}`
      : `${name}() running at ${site}`;
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
      return thenByHand<T, R1, R2>(this, onfulfilled, onrejected);
    }
    const task = awaitingTask();
    if (task === null) {
      return awaitOutside(this).then(onfulfilled, onrejected);
    }
    const wait = new Await<R1 | R2>(task, onfulfilled, onrejected);
    try {
      this._adopt(task, wait);
    } catch (error) {
      wait._throwSoon(error);
      return wait;
    }
    this._startHere(task, wait);
    return wait;
  }

  /** Runs the coroutine as part of the task: this is what `yield*` calls. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    this._requireFresh();
    const steps = this._definition.kind === "steps"
      ? this._callBody() as Steps
      : new AsyncCall(this);
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
    if (this._args !== null) this._drop();
    else (this._steps as Steps | null)?.return?.();
  }

  /** It has begun, or never will: what it was to begin with is not kept. */
  private _drop(): void {
    this._args = null;
    this._steps = null;
  }

  /** Whether it has not begun, is not about to, and was not closed. */
  private _isFresh(): boolean {
    return this._args !== null && this._owner === null;
  }

  /** Refuses one that is not fresh. */
  private _requireFresh(): void {
    if (!this._isFresh()) {
      throw new Error(`cannot reuse already awaited coroutine: ${this}`);
    }
  }

  /** Gives the coroutine to the task that drives it and to who awaits it. */
  private _adopt(task: Task<unknown>, owner: Owner): void {
    this._requireFresh();
    this._task = task;
    this._owner = owner;
  }

  /** Calls the function. There is no second time. */
  private _callBody(): unknown {
    const { own, body } = this._definition;
    const subject = this._steps;
    const args = this._args!;
    this._drop();
    if (own) return subject; // its steps have been there from the start
    if (args === ONE_ARGUMENT) return body(subject);
    return body.apply(subject, args as unknown[]);
  }

  /** Starts it in the midst of a task: an async function awaits it. */
  private _startHere(task: Task<unknown>, wait: Await<unknown>): void {
    if (task["_loop"]["_steps"].includes(task)) {
      this._begin();
    } else if (task["_isDue"]()) {
      // The task comes from a promise that could not be cancelled.
      this._drop();
      wait._throwSoon(task["_takeCancellation"]());
    } else if (this._definition.kind === "steps") {
      // The task comes from a promise that is not the loop's, at any time: a
      // generator steps in the loop's turn only.
      this._carry(() => this._begin());
      task["_remember"](this as unknown as Strand);
      task["_loop"]["_enqueue"](this as unknown as Strand);
    } else {
      this._begin();
    }
  }

  /** Begins within the step of this moment. */
  private _begin(): void {
    if (this._definition.kind === "steps") this._advance(null);
    else this._call();
  }

  /**
   * Prepares the first step of a task. An async function is to run in the
   * asynchronous context of this moment, with the task added: then, since what
   * that takes need not be there for as long as the task waits for its turn.
   */
  private _prepare(): void {
    if (this._definition.kind === "steps") return;
    // The task must not be in these closures: the stack of an error that is
    // thrown below keeps them, and would keep the task.
    this._carry(() => taskStore.run(this._task!, () => this._call()));
  }

  /**
   * Keeps `step` for when the loop takes the next one, but in the asynchronous
   * context of this moment: a promise reaction carries it there, for less than
   * any other means.
   */
  private _carry(step: (error: Error | null) => void): void {
    new Promise<Error | null>((resolve) => this._open = resolve).then(step);
  }

  /** The first step of a task, here and now. */
  private _startEagerly(task: Task<unknown>): void {
    if (this._definition.kind === "steps") {
      this._advance(null);
      return;
    }
    const { loop: outerLoop, task: outerTask } = scope;
    scope.loop = task["_loop"];
    scope.task = task;
    task["_loop"]["_steps"].enter(task);
    try {
      taskStore.run(task, () => this._call());
    } finally {
      scope.loop = outerLoop;
      scope.task = outerTask;
    }
  }

  /** A step, taken by the loop. */
  private _run(): void {
    const task = this._task!;
    const future = this._waiting;
    this._waiting = null;
    if (task["_waits"] !== null) task["_forget"](this as unknown as Strand);
    // The outcome of a future is fetched by the steps themselves.
    const cancellation = task["_isDue"]() || future?.["_hasOutcome"]() === false
      ? task["_interruption"](future)
      : null;
    if (cancellation !== null && this._args !== null) {
      this._throw(cancellation); // it never begins
    } else {
      this._resume(cancellation);
    }
  }

  /** Takes the step, in the context that was kept for it, if there is one. */
  private _resume(error: Error | null): void {
    if (this._open === null) {
      this._advance(error);
      return;
    }
    const open = this._open;
    this._open = null;
    this._task!["_loop"]["_steps"].enter(this._task!);
    open(error);
  }

  /** The future that it waits for is done. */
  private _wakeup(): void {
    this._task!["_loop"]["_enqueue"](this as unknown as Strand);
  }

  /** It returned. */
  private _return(value: unknown): void {
    this._end()._return(value);
  }

  /** It threw. */
  private _throw(error: unknown): void {
    this._end()._throw(error);
  }

  /** It is over, and holds nothing. Gives back who wants to know. */
  private _end(): Owner {
    const owner = this._owner!;
    this._task = null;
    this._owner = null;
    this._drop();
    this._open = null;
    return owner;
  }

  /** Calls an async function, in the context of its task. */
  private _call(): void {
    let outcome: unknown;
    try {
      outcome = this._callBody();
      if (this._definition.kind === "unknown") outcome = this._follow(outcome);
    } catch (error) {
      this._throw(error);
      return;
    }
    if (outcome === undefined) return;
    (outcome as PromiseLike<unknown>).then(
      this._return.bind(this),
      this._throw.bind(this),
    );
  }

  /** Goes on with what a function of no known kind has given. */
  private _follow(outcome: unknown): unknown {
    if (outcome instanceof Coroutine) {
      outcome._requireFresh();
      if (outcome._definition.kind !== "steps") return outcome._callBody();
      outcome = outcome._callBody();
    } else if (isFuture(outcome)) {
      outcome = outcome[Symbol.iterator](); // so that the task waits for it
    } else if (isPromiseLike(outcome)) {
      return outcome;
    }
    if (!isSteps(outcome)) {
      throw new TypeError(
        `a coroutine was expected from ${this._definition.name}(), got ${
          valueText(outcome)
        }`,
      );
    }
    this._steps = outcome;
    this._advance(null);
  }

  /**
   * Steps the generator up to its next suspension, or its end.
   *
   * @param error What to throw into it, if anything.
   */
  private _advance(error: Error | null): void {
    const task = this._task!;
    const { loop: outerLoop, task: outerTask } = scope;
    scope.loop = task["_loop"];
    scope.task = task;
    let result: IteratorResult<unknown, unknown>;
    try {
      const steps = (this._args === null
        ? this._steps
        : this._steps = this._callBody()) as Steps;
      result = error === null ? steps.next() : steps.throw!(error);
    } catch (thrown) {
      scope.loop = outerLoop;
      scope.task = outerTask;
      this._throw(thrown);
      return;
    }
    scope.loop = outerLoop;
    scope.task = outerTask;
    if (result.done) {
      this._return(result.value);
      return;
    }
    if (this._owner !== task as unknown) this._stayInContext();
    this._suspend(task, result.value);
  }

  /**
   * A generator of the user's that an async function awaits is to take its next
   * step in the asynchronous context of that function, too.
   */
  private _stayInContext(): void {
    const { kind, own } = this._definition;
    if (kind !== "steps" || own) return;
    this._carry((error) => this._advance(error));
  }

  /** Waits for what its steps gave, or has them throw if that is nothing. */
  private _suspend(task: Task<unknown>, yielded: unknown): void {
    const loop = task["_loop"];
    if (yielded === undefined || yielded === null) {
      // One turn is skipped. (The main coroutine is found by the task anyway.)
      if (this._owner !== task as unknown) {
        task["_remember"](this as unknown as Strand);
      }
      loop["_enqueue"](this as unknown as Strand);
      loop["_steps"].leave(task);
    } else if (yielded instanceof AsyncCall) {
      yielded._caller = this as unknown as Caller;
    } else {
      const future = yielded as Future<unknown>;
      let objection: Error | null;
      if (future["_blocking"] === true) {
        future["_blocking"] = false;
        objection = objectionTo(task, future);
      } else objection = badYield(task, yielded);
      if (objection === null) {
        task["_suspend"](this as unknown as Strand, future);
      } else throwNext(task, objection, (error) => this._advance(error));
    }
  }

  static {
    printsAs(
      Coroutine.prototype,
      (self) =>
        `<coroutine object ${self._definition.name} at ${address(self)}>`,
    );
  }
}

function badYield(task: Task<unknown>, yielded: unknown): Error {
  if (yielded instanceof Coroutine || isFuture(yielded)) {
    return new Error(
      `yield was used instead of yield* in task ${task} with ${yielded}`,
    );
  }
  const hint = isPromiseLike(yielded)
    ? " (wait for a promise with yield* wrapFuture(promise))"
    : isSteps(yielded)
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

/** Functions that {@linkcode coroutine} gave. */
const coroutineFunctions = new WeakSet<object>();

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
  const kind = kindOf(body);
  if (kind === null || kind === "unknown") {
    throw new TypeError(
      `Cannot make a coroutine function of what is neither an async function nor a function*: current value is ${
        valueText(body)
      }`,
    );
  }
  const definition = define(kind, body);
  function coroutineFunction(this: unknown, ...args: unknown[]): unknown {
    return Coroutine["_of"](definition, this, args);
  }
  Object.defineProperties(coroutineFunction, {
    name: { value: body.name, configurable: true },
    length: { value: body.length, configurable: true },
  });
  coroutineFunctions.add(coroutineFunction);
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
  return value instanceof Coroutine;
}

/**
 * Whether a value is a coroutine function, one that {@linkcode coroutine} gave.
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
  return typeof value === "function" && coroutineFunctions.has(value);
}

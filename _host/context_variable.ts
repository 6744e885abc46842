// Copyright 2026 the asyncio authors. MIT license.

/**
 * A variable of the asynchronous context that costs little to set.
 *
 * Each task of an async function sets one. In Deno 2.9,
 * `AsyncLocalStorage#run()` copies the context into a dictionary and adds an
 * entry to a `WeakMap`. That takes 0.7 µs, more than the rest of the task, and
 * the entries outlive the task until the next full garbage collection.
 *
 * The context itself is an object that V8 carries along, with a property for
 * each storage. It is never changed, only replaced by a copy with one more
 * property, and nothing asks whose properties these are. So a property of our
 * own lives in it just as well, for a tenth of the time. Deno's core has no
 * public name: whether this still holds is tried when the module is loaded. If
 * it does not, or in another host, the variable is an `AsyncLocalStorage`.
 */

import { AsyncLocalStorage } from "./context.ts";
import { denoCore } from "./deno_core.ts";

/** As much of `AsyncLocalStorage` as scopes need. */
export interface ContextVariable<T> {
  run<R>(value: T, body: () => R): R;
  run<R, A>(value: T, body: (argument: A) => R, argument: A): R;
  getStore(): T | undefined;
  /**
   * Whether nothing but this variable is set in the active context: then what
   * is to be called in it later needs no more than {@linkcode runAlone}. False
   * or missing where the active context cannot be read.
   */
  readonly isAlone?: boolean;
  /** Calls a function in a context in which nothing but this variable is set. */
  runAlone?<A>(value: T, body: (argument: A) => void, argument: A): void;
}

/** A context of Deno. */
type Mapping = Readonly<Record<string, unknown>>;

/** What is used of Deno's core. */
interface Core {
  /** `undefined` if no storage was ever entered. */
  getAsyncContext(): Mapping | undefined;
  setAsyncContext(mapping: Mapping | undefined): void;
}

/** A context in which nothing but one variable is set. */
class SoleMapping {
  [key: string]: unknown;

  constructor(key: string, value: unknown) {
    this[key] = value;
  }
}

/** Calls a function in a context. */
function callInMapping<A, B, R>(
  core: Core,
  context: Mapping | undefined,
  body: (first: A, second: B) => R,
  first: A,
  second: B,
): R {
  const outer = core.getAsyncContext();
  core.setAsyncContext(context);
  try {
    return body(first, second);
  } finally {
    core.setAsyncContext(outer);
  }
}

/** A property of Deno's contexts. */
class ContextProperty<T> implements ContextVariable<T> {
  // No symbol, for which Deno would take a context to be empty. Another copy of
  // this module must not have the same one.
  readonly #key = `asyncio ${Math.random()}`;
  readonly #core: Core;
  /** Where it was never set. Being kept, it also keeps V8's code for mappings. */
  readonly #unset: Mapping;

  constructor(core: Core) {
    this.#core = core;
    this.#unset = this.#set(undefined, undefined);
  }

  #isAloneIn(mapping: Mapping | undefined): boolean {
    return mapping === undefined ||
      mapping instanceof SoleMapping && this.#key in mapping;
  }

  #set(mapping: Mapping | undefined, value: T | undefined): Mapping {
    return this.#isAloneIn(mapping)
      ? new SoleMapping(this.#key, value) // four times as fast as the other
      : { ...mapping, [this.#key]: value };
  }

  run<R, A>(value: T, body: (argument: A) => R, argument?: A): R {
    const mapping = this.#set(this.#core.getAsyncContext(), value);
    return callInMapping(this.#core, mapping, body, argument!, undefined);
  }

  get isAlone(): boolean {
    return this.#isAloneIn(this.#core.getAsyncContext());
  }

  runAlone<A>(value: T, body: (argument: A) => void, argument: A): void {
    const mapping = new SoleMapping(this.#key, value);
    callInMapping(this.#core, mapping, body, argument, undefined);
  }

  getStore(): T | undefined {
    const mapping = this.#core.getAsyncContext() ?? this.#unset;
    return mapping[this.#key] as T | undefined;
  }
}

/** Whether a variable and a storage of the host keep each other. */
function isCompatible(variable: ContextVariable<number>): boolean {
  const storage = new AsyncLocalStorage<number>();
  try {
    return variable.run(
      1,
      () =>
        storage.run(2, () =>
          variable.getStore() === 1 &&
          variable.run(3, () => storage.getStore() === 2)),
    );
  } catch {
    return false;
  }
}

/** Deno's core, if contexts can be read and replaced. */
function contextCore(): Core | null {
  const core = denoCore<Core>("getAsyncContext", "setAsyncContext");
  return core !== null && isCompatible(new ContextProperty<number>(core))
    ? core
    : null;
}

const core = /* @__PURE__ */ contextCore();

/** Creates a variable, of the fastest kind that works in this host. */
export function contextVariable<T extends object>(): ContextVariable<T> {
  return core === null
    ? new AsyncLocalStorage<T>()
    : new ContextProperty<T>(core);
}

/**
 * Binds a function, which is called at most once, to the active context. Where
 * that cannot be read, a promise reaction carries it along, at a lower cost than
 * any other means: then the function is called a microtask later.
 */
export function bindToContext<A, B>(
  step: (first: A, second: B) => void,
): (first: A, second: B) => void {
  return core === null ? boundByReaction(step) : boundByCore(core, step);
}

function boundByCore<A, B>(
  core: Core,
  step: (first: A, second: B) => void,
): (first: A, second: B) => void {
  const context = core.getAsyncContext();
  return (first, second) => callInMapping(core, context, step, first, second);
}

function boundByReaction<A, B>(
  step: (first: A, second: B) => void,
): (first: A, second: B) => void {
  let resolve: (both: [A, B]) => void;
  new Promise<[A, B]>((settle) => resolve = settle)
    .then((both) => step(...both));
  return (...both) => resolve(both);
}

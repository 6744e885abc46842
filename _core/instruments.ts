// Copyright 2026 the asyncio authors. MIT license.

/**
 * The instruments of a loop: whatever watches what it does.
 *
 * Invariant: an engine without instruments has no such list, so that all it
 * pays is one check for `null`.
 */

import { valueText } from "../_util/repr.ts";
import { requireCallback } from "./definition.ts";
import type {
  EngineHooks,
  InstrumentCore,
  LoopCore,
  Runnable,
  TaskCore,
} from "./protocols.ts";

/** An instrument of the library itself, which sees callbacks too. */
export interface OwnInstrument extends InstrumentCore {
  /** @param entry A task, or the handle of a callback. */
  $beforeEntry?(entry: object): void;
  /** After an entry of any kind, with how many seconds it took. */
  $afterEntry?(entry: object, seconds: number): void;
}

const PUBLIC_HOOKS = [
  "taskSpawned",
  "taskScheduled",
  "beforeTaskStep",
  "afterTaskStep",
  "taskExited",
  "cancelRequested",
  "beforeIdle",
  "afterIdle",
] as const;

/** Those for which each entry has to be run by itself, and measured. */
const STEP_HOOKS = [
  "beforeTaskStep",
  "afterTaskStep",
  "$beforeEntry",
  "$afterEntry",
] as const;

type Hook = typeof PUBLIC_HOOKS[number] | typeof STEP_HOOKS[number];

const HOOKS = /* @__PURE__ */ (PUBLIC_HOOKS as readonly Hook[]).concat(
  "$beforeEntry",
  "$afterEntry",
);

/**
 * @throws {TypeError} If it is not an object with at least one of the hooks.
 * @throws {TypeError} If one of them is not a function, or is a coroutine
 * function.
 */
export function requireInstrument(value: unknown): void {
  if (typeof value === "object" && value !== null) {
    const instrument = value as OwnInstrument;
    const given = HOOKS.filter((hook) => instrument[hook] !== undefined);
    for (const hook of given) {
      requireCallback(`instrument.${String(hook)}`, instrument[hook]);
    }
    if (given.length > 0) return;
  }
  throw new TypeError(
    `An instrument needs at least one of ${
      PUBLIC_HOOKS.join(", ")
    }: current value is ${valueText(value)}`,
  );
}

/**
 * Calls the hooks, in the order in which the instruments were added. One that
 * throws is removed and reported.
 */
export class Instruments implements EngineHooks {
  readonly #loop: LoopCore;
  readonly #changed: () => void;
  /** Copied on every change, since hooks may add and remove instruments. */
  #list: readonly OwnInstrument[] = [];
  #byHook = new Map<Hook, readonly OwnInstrument[]>();
  /** Whether any of them watches single steps. */
  watchesSteps = false;

  /** @param changed Called when one was added or removed. */
  constructor(loop: LoopCore, changed: () => void) {
    this.#loop = loop;
    this.#changed = changed;
  }

  get size(): number {
    return this.#list.length;
  }

  add(instrument: OwnInstrument): void {
    if (this.#list.includes(instrument)) return;
    this.#set([...this.#list, instrument]);
  }

  /** Returns whether it was there. */
  delete(instrument: OwnInstrument): boolean {
    if (!this.#list.includes(instrument)) return false;
    this.#set(this.#list.filter((other) => other !== instrument));
    return true;
  }

  #set(list: readonly OwnInstrument[]): void {
    this.#list = list;
    for (const hook of HOOKS) {
      const those = list.filter((instrument) => instrument[hook] !== undefined);
      this.#byHook.set(hook, those);
    }
    this.watchesSteps = STEP_HOOKS.some((hook) => this.#of(hook).length > 0);
    this.#changed();
  }

  #of(hook: Hook): readonly OwnInstrument[] {
    return this.#byHook.get(hook) ?? [];
  }

  taskSpawned(task: TaskCore): void {
    this.#tell("taskSpawned", task);
  }

  taskScheduled(task: TaskCore): void {
    this.#tell("taskScheduled", task);
  }

  taskExited(task: TaskCore): void {
    this.#tell("taskExited", task);
  }

  cancelRequested(task: TaskCore, by: unknown): void {
    this.#tell("cancelRequested", task, by);
  }

  beforeIdle(): void {
    this.#tell("beforeIdle");
  }

  afterIdle(): void {
    this.#tell("afterIdle");
  }

  /** Watches the next entry. What it returns is told when that is over. */
  beginStep(entry: Runnable): Watch {
    const task = entry.$taskOf ?? null;
    const present = this.#list;
    this.#tell("$beforeEntry", task ?? entry);
    if (task !== null) this.#tell("beforeTaskStep", task);
    return new Watch((seconds) => {
      if (task !== null) {
        for (const one of this.#of("afterTaskStep")) {
          if (!present.includes(one)) continue; // it was added within the step
          this.#call(one, "afterTaskStep", [task, seconds]);
        }
      }
      this.#tell("$afterEntry", task ?? entry, seconds);
    });
  }

  #tell(hook: Hook, ...args: unknown[]): void {
    for (const one of this.#of(hook)) this.#call(one, hook, args);
  }

  /** Calls a hook; an instrument that fails is removed and reported, once. */
  #call(instrument: OwnInstrument, hook: Hook, args: unknown[]): void {
    const fail = (exception: unknown) => {
      if (!this.delete(instrument)) return;
      const name = hook.replace("$", "");
      this.#loop.callExceptionHandler({
        message: `Exception in ${name}() of an instrument, which was removed`,
        exception,
        instrument,
      });
    };
    try {
      const result: unknown = Reflect.apply(
        instrument[hook]!,
        instrument,
        args,
      );
      if (result instanceof Promise) result.then(undefined, fail);
    } catch (exception) {
      fail(exception);
    }
  }
}

/** Measures the time of one entry. */
export class Watch {
  readonly #report: (seconds: number) => void;
  readonly #start: number;
  #seconds: number | null = null;

  constructor(report: (seconds: number) => void) {
    this.#report = report;
    this.#start = performance.now();
  }

  stop(): void {
    this.#seconds ??= (performance.now() - this.#start) / 1000;
  }

  report(): void {
    this.stop();
    this.#report(this.#seconds!);
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * What the library knows about a function that it runs: its kind, its name and
 * its place in the source.
 *
 * Invariant: a function has a driver if and only if a coroutine can be made of
 * it.
 */

import { refuse, requireFunction } from "../_util/checks.ts";
import { type Callee, SourceSite } from "../_util/source_site.ts";
import {
  asyncDriver,
  type Driver,
  generatorDriver,
  plainDriver,
} from "./drivers.ts";
import { activeTask } from "./running.ts";

/** What the coroutines of one function have in common. */
export interface Definition {
  /** How they run, which depends on the kind of the function. */
  readonly driver: Driver;
  readonly name: string;
  /** Where it is defined; `null` if that is never printed. */
  readonly site: SourceSite | null;
  // deno-lint-ignore no-explicit-any -- called with what it was declared for
  readonly body: (...args: any[]) => unknown;
}

/** The place of what the running task runs. */
function makerSite(): SourceSite | null {
  const coroutine = activeTask()?.getCoro() as
    | { readonly $definitionOf?: Definition }
    | undefined;
  return coroutine?.$definitionOf?.site ?? null;
}

/**
 * Creates a definition whose place is where the library was called.
 *
 * @param callees Gives the functions that the user may have called, outer ones first.
 */
export function define(
  driver: Driver,
  body: (...args: never[]) => unknown,
  name: string = body.name,
  callees?: () => Callee[],
): Definition {
  const site = new SourceSite(callees).follow(makerSite());
  return { driver, name: name || "<lambda>", site, body };
}

/**
 * Defines the body of a scope. Its coroutine is never printed, and has no name:
 * to read that of a function takes a while.
 */
export function defineBody(body: Definition["body"]): Definition {
  return { driver: driverOf(body) ?? plainDriver, name: "", site: null, body };
}

function constructorOf(value: object): unknown {
  return value.constructor;
}

const ASYNC_FUNCTION = /* @__PURE__ */ constructorOf(async () => {});
const GENERATOR_FUNCTION = /* @__PURE__ */ constructorOf(function* () {});
const ASYNC_GENERATOR_FUNCTION = /* @__PURE__ */ constructorOf(
  async function* () {},
);

/**
 * What is known of functions:
 *
 * - the definition of one that has become a coroutine as it is, more than once:
 *   to find the place of one takes longer than to start a task;
 * - `null` if one was seen once, as nearly all that are written in place are.
 *   Most of those have no name. Since an entry costs as much as all the rest but
 *   the stack trace, only one of several that have none gets one;
 * - `COROUTINE_FUNCTION` for one that was made by `coroutine()`.
 */
const definitions = new WeakMap<
  object,
  Definition | null | typeof COROUTINE_FUNCTION
>();

const COROUTINE_FUNCTION = false;

export function addCoroutineFunction(value: object): void {
  definitions.set(value, COROUTINE_FUNCTION);
}

/** Whether a value is a function made by `coroutine()`. */
export function hasCoroutineFunction(value: unknown): boolean {
  return typeof value === "function" &&
    definitions.get(value) === COROUTINE_FUNCTION;
}

/**
 * Throws if a value is not a function, or is one whose call would return a
 * coroutine, a promise or a generator that nothing waits for.
 *
 * @param method The method that takes the callback, as the message names it.
 */
export function requireCallback(method: string, callback: unknown): void {
  requireFunction(method, callback);
  const { constructor } = callback as object;
  if (
    constructor === ASYNC_FUNCTION || constructor === GENERATOR_FUNCTION ||
    constructor === ASYNC_GENERATOR_FUNCTION || hasCoroutineFunction(callback)
  ) throw new TypeError(`coroutines cannot be used with ${method}`);
}

/**
 * Refuses what cannot be the body of a scope. An async generator function cannot:
 * what it yields has no reader there.
 */
export function requireBody(what: string, value: unknown): void {
  if (
    typeof value !== "function" ||
    value.constructor === ASYNC_GENERATOR_FUNCTION
  ) refuse(`the body of ${what}`, "an async function or a function*", value);
}

/** How many functions without a name are seen for each that is remembered. */
const UNNAMED_PER_ENTRY = 8;

let unnamed = 0;

/** Gives the functions that the user may have called to make a task. */
export type Callees = (loop?: object) => Callee[];

function calleesIn(
  callees: Callees | undefined,
  loop: object | undefined,
): (() => Callee[]) | undefined {
  return callees && (() => callees(loop));
}

/**
 * The definition of a function that becomes a coroutine as it is, or `null` if
 * it cannot, as one that was made by `coroutine()`.
 */
export function definitionFor(
  value: unknown,
  callees?: Callees,
  loop?: object,
): Definition | null {
  if (typeof value !== "function") return null;
  const known = definitions.get(value);
  if (known) return known;
  if (known === COROUTINE_FUNCTION) return null;
  const driver = driverOf(value);
  if (driver === null) return null;
  const body = value as (...args: never[]) => unknown;
  const { name } = body;
  // As `define()` does: the stack trace takes longer for each function on it.
  const site = new SourceSite(calleesIn(callees, loop)).follow(makerSite());
  const definition = { driver, name: name || "<lambda>", site, body };
  if (known === null) String(site); // a trace would keep this task alive
  else if (name === "" && ++unnamed % UNNAMED_PER_ENTRY > 0) return definition;
  definitions.set(value, known === null ? definition : null);
  return definition;
}

/** The driver for the kind of a function; `null` if `body` cannot be run. */
export function driverOf(body: unknown): Driver | null {
  if (typeof body !== "function") return null;
  try {
    // Nearly always one of these; reading the tag takes much longer.
    const { constructor } = body;
    if (constructor === ASYNC_FUNCTION) return asyncDriver;
    if (constructor === GENERATOR_FUNCTION) return generatorDriver;
    switch (Object.prototype.toString.call(body)) {
      case "[object GeneratorFunction]":
        return generatorDriver;
      case "[object AsyncFunction]":
        return asyncDriver;
      case "[object Function]":
        return plainDriver;
      default:
        return null;
    }
  } catch {
    return null; // a revoked proxy
  }
}

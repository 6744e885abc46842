import { SourceSite } from "../_util/source_site.ts";
import type { Future } from "../future.ts";

/** How a coroutine runs, by the kind of its function. */
export type Kind =
  /** It gives an iterator, which the task steps. */
  | "steps"
  /** It gives a promise and runs on by itself from wait to wait. */
  | "async"
  /** A function handed over as it is: what it gives is seen when it is called. */
  | "unknown";

/** What the coroutines of one function have in common. */
export interface Definition {
  readonly kind: Kind;
  readonly name: string;
  /** Whether it is the library's, which does not look at contexts. */
  readonly own: boolean;
  /** Where it is defined; `null` if that is never printed. */
  readonly site: SourceSite | null;
  // deno-lint-ignore no-explicit-any -- called with what it was declared for
  readonly body: (...args: any[]) => unknown;
}

/** What a generator coroutine is once it runs. */
export interface Steps {
  next(): IteratorResult<unknown, unknown>;
  throw?(error: unknown): IteratorResult<unknown, unknown>;
  return?(value?: unknown): IteratorResult<unknown, unknown>;
}

/** Steps that give a result. */
export type OwnSteps<T> = { next(): IteratorResult<unknown, T> };

/** A definition, at the place where the library was called. */
export function define(
  kind: Kind,
  body: (...args: never[]) => unknown,
  own = false,
  name: string = body.name,
): Definition {
  return { kind, name: name || "<lambda>", own, site: new SourceSite(), body };
}

export function kindOf(body: unknown): Kind | null {
  switch (Object.prototype.toString.call(body)) {
    case "[object GeneratorFunction]":
      return "steps";
    case "[object AsyncFunction]":
      return "async";
    case "[object Function]":
      return "unknown";
    default:
      return null;
  }
}

/** By what only futures have: their module is not needed for more. */
export function isFuture(value: unknown): value is Future<unknown> {
  return "_blocking" in Object(value);
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then ===
    "function";
}

export function isSteps(value: unknown): value is Steps {
  const steps = value as Steps | null | undefined;
  return typeof steps?.next === "function" &&
    typeof steps.throw === "function";
}

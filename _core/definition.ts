import { SourceSite } from "../_util/source_site.ts";
import {
  asyncDriver,
  type Driver,
  generatorDriver,
  plainDriver,
} from "./drivers.ts";

/** What the coroutines of one function have in common. */
export interface Definition {
  /** How they run, by the kind of the function. */
  readonly driver: Driver;
  readonly name: string;
  /** Where it is defined; `null` if that is never printed. */
  readonly site: SourceSite | null;
  // deno-lint-ignore no-explicit-any -- called with what it was declared for
  readonly body: (...args: any[]) => unknown;
}

/** A definition, at the place where the library was called. */
export function define(
  driver: Driver,
  body: (...args: never[]) => unknown,
  name: string = body.name,
): Definition {
  return { driver, name: name || "<lambda>", site: new SourceSite(), body };
}

/** The driver for the kind of a function; `null` for what is none. */
export function driverOf(body: unknown): Driver | null {
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
}

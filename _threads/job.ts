// Copyright 2026 the asyncio authors. MIT license.

import { stringRepr, valueText } from "../_util/repr.ts";
import { makePayload, type Payload } from "./messages.ts";

/** A call of an exported function, as a worker is given it. */
export interface Job {
  module: string;
  name: string;
  payload: Payload;
}

/** Describes a call. Refuses one that can only be wrong. */
export function makeJob(module: unknown, name: unknown, args: unknown[]): Job {
  return {
    module: requireModule(module),
    name: requireName(name),
    payload: makePayload(args),
  };
}

function requireModule(module: unknown): string {
  if (module instanceof URL) return module.href;
  if (typeof module !== "string") {
    throw new TypeError(
      `Cannot use as a module what is neither a URL nor a string: current value is ${
        valueText(module)
      }`,
    );
  }
  if (/^[./]/.test(module)) {
    throw new TypeError(
      `Cannot tell what the module ${stringRepr(module)} is relative to: ` +
        "pass new URL(path, import.meta.url)",
    );
  }
  return module;
}

/** Refuses a name of a function that is not a string. */
export function requireName(name: unknown): string {
  if (typeof name === "string") return name;
  throw new TypeError(
    `Cannot call by a name that is not a string: current value is ${
      valueText(name)
    }`,
  );
}

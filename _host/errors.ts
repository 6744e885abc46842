// Copyright 2026 the asyncio authors. MIT license.

type ErrorClass = new (message?: string) => Error;

/** The classes of errors that the host adds to those of JavaScript, by name. */
export function hostErrorClasses(): Record<string, ErrorClass> {
  return typeof Deno === "undefined" ? {} : { ...Deno.errors };
}

// Copyright 2026 the asyncio authors. MIT license.

type ErrorClass = new (message?: string) => Error;

/** The classes of errors that the host adds to those of JavaScript, by name. */
export function hostErrorClasses(): Record<string, ErrorClass> {
  return typeof Deno === "undefined" ? {} : { ...Deno.errors };
}

/** An error that hides another one, as leaving a `using` block throws it. */
export function suppressedError(
  error: unknown,
  suppressed: unknown,
  message: string,
): Error {
  return typeof SuppressedError === "function"
    ? new SuppressedError(error, suppressed, message)
    : Object.assign(new Error(message), {
      name: "SuppressedError",
      error,
      suppressed,
    });
}

/** The error about a connection that is gone. */
export function connectionLost(message: string): Error {
  if (typeof Deno !== "undefined") {
    return new Deno.errors.ConnectionReset(message);
  }
  const error = Object.assign(new Error(message), { code: "ECONNRESET" });
  return Object.assign(error, { name: "ConnectionReset" });
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * Which errors count as a cancellation.
 */

import { allowUnhandledRejections } from "../_host/rejections.ts";
import { isInstance } from "../_util/awaitables.ts";
import { CancelledError } from "../errors.ts";

/** How deep nested errors are searched. */
const MAX_DEPTH = 100;

/**
 * Returns the cancellation that an error is or wraps, or `null`.
 *
 * JavaScript wraps errors: `await using` puts a cancellation that occurs during
 * disposal into a `SuppressedError`, and `Promise.any` puts the errors of its
 * parts into an `AggregateError`.
 */
export function cancellationIn(error: unknown): CancelledError | null {
  try {
    return find(error, MAX_DEPTH);
  } catch {
    return null; // a user's value whose properties throw
  }
}

function find(error: unknown, depth: number): CancelledError | null {
  if (error instanceof CancelledError) return error;
  if (!(error instanceof Error) || depth === 0) return null;
  if (isSuppressedError(error)) return find(error.error, depth - 1);
  if (!(error instanceof AggregateError)) return null;
  let found: CancelledError | null = null;
  for (const inner of error.errors) {
    found = find(inner, depth - 1);
    if (found === null) return null;
  }
  return found;
}

/**
 * Checked by name: where the host lacks the class, compilers bring their own.
 */
function isSuppressedError(error: Error): error is Error & { error: unknown } {
  return error.name === "SuppressedError" && "error" in error;
}

/** Its constructor returns what it gets, so that a subclass adds its fields to it. */
class Given {
  constructor(given: object) {
    return given;
  }
}

/**
 * Marks cancellations that were last thrown into code that a loop has called. A
 * private field costs less than an entry in a `WeakSet` of all that are alive.
 */
class Thrown extends Given {
  #intoLoop = true;

  static mark(error: object, intoLoop: boolean): void {
    if (#intoLoop in error) error.#intoLoop = intoLoop;
    else if (intoLoop && Object.isExtensible(error)) new Thrown(error);
  }

  static isIntoLoop(error: object): boolean {
    return #intoLoop in error && error.#intoLoop;
  }
}

let isListening = false;

/**
 * Notes a cancellation that is thrown into an async function in a loop, or is the
 * reason of a signal there.
 *
 * If that is a function that was called and not awaited, its promise rejects
 * with the cancellation, and nothing handles that. A task that was cancelled is
 * nothing to report, and so is this, but the host would end the process.
 */
export function noteThrownInto(error: CancelledError): void {
  Thrown.mark(error, true);
  if (isListening) return;
  isListening = true;
  allowUnhandledRejections((reason) => {
    const cancellation = cancellationIn(reason);
    return cancellation !== null && Thrown.isIntoLoop(cancellation);
  });
}

/** The error goes to code outside of every loop, which has to handle it. */
export function noteThrownOut(error: unknown): void {
  if (isInstance(error, CancelledError)) Thrown.mark(error, false);
}

/** The scopes whose requests cancellations were made for. */
const origins = new WeakMap<object, object>();

/** Notes that a cancellation is that of a scope inside its task. */
export function noteOrigin(error: CancelledError, scope: object): void {
  origins.set(error, scope);
}

/**
 * The error that a task fails with when it ends with the cancellation of one of
 * its own scopes, which came past that scope: by way of a promise that was made
 * inside and awaited outside. Nothing has cancelled the task, so that it must
 * not end as cancelled. Otherwise `null`.
 */
export function outerErrorOf(error: CancelledError): unknown {
  const scope = origins.get(error) as
    | {
      /** Makes the error that stands for a cancellation outside of its scope. */
      $toOuterError(error: CancelledError): Error;
    }
    | undefined;
  return scope === undefined ? null : scope.$toOuterError(error);
}

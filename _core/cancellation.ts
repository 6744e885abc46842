import { CancelledError } from "../errors.ts";

/** How deep errors inside of errors are followed. */
const MAX_DEPTH = 100;

/**
 * The cancellation that an error is, or `null`.
 *
 * JavaScript wraps errors: `await using` puts a cancellation that comes while it
 * disposes into a `SuppressedError`, and `Promise.any` puts what its parts threw
 * into an `AggregateError`.
 */
export function cancellationIn(error: unknown): CancelledError | null {
  try {
    return find(error, MAX_DEPTH);
  } catch {
    return null; // a value of the user's that throws when it is looked at
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

/** By name where the host lacks the class: then a compiler brings its own. */
function isSuppressedError(error: Error): error is Error & { error: unknown } {
  return error.name === "SuppressedError" && "error" in error;
}

// Copyright 2026 the asyncio authors. MIT license.

import { hostErrorClasses } from "../_host/errors.ts";
import { valueText } from "../_util/repr.ts";
import * as asyncioErrors from "../errors.ts";

/**
 * What was thrown, in a form that can be posted to another thread.
 *
 * Structured clone knows only the classes of errors that JavaScript has, and
 * drops the errors of an `AggregateError`. Causes may form circles, and so may
 * the records of errors: structured clone keeps them.
 */
export type Thrown = { error: ErrorRecord } | { value: unknown };

interface ErrorRecord {
  /** The nearest class that both threads know. */
  class: string;
  name: string;
  message: string;
  stack: string | undefined;
  /** Own properties that are plain values, such as `code`. */
  details: Record<string, unknown>;
  cause?: Thrown;
  /** The errors of an `AggregateError`. */
  errors?: Thrown[];
}

type ErrorClass = new (message?: string) => Error;

/** The classes that both threads know, by name. */
function knownClasses(): Map<string, ErrorClass> {
  const known = new Map<string, ErrorClass>();
  const add = (prefix: string, source: object) => {
    for (const [name, value] of Object.entries(source)) {
      if (typeof value === "function") known.set(prefix + name, value);
    }
  };
  add("", {
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    AggregateError,
    DOMException,
  });
  add("asyncio.", asyncioErrors);
  add("host.", hostErrorClasses());
  return known;
}

function namesOf(known: Map<string, ErrorClass>): Map<unknown, string> {
  return new Map([...known].map(([name, value]) => [value, name]));
}

const classes: Map<string, ErrorClass> = /* @__PURE__ */ knownClasses();
const classNames: Map<unknown, string> = /* @__PURE__ */ namesOf(classes);

function classOf(error: Error): string {
  for (
    let prototype = Object.getPrototypeOf(error);
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const name = classNames.get(prototype.constructor);
    if (name !== undefined) return name;
  }
  return "Error";
}

/**
 * How deep causes are followed. Deeper ones are of no use to a reader, and the
 * recursion must not exhaust the stack.
 */
const MAX_DEPTH = 100;

/** Describes what was thrown for another thread. It never throws itself. */
export function packThrown(thrown: unknown): Thrown {
  try {
    return pack(thrown, new Map());
  } catch { // a getter of the error has thrown
    return pack(new Error("an error that cannot be read"), new Map());
  }
}

function pack(
  thrown: unknown,
  seen: Map<Error, ErrorRecord>,
  depth = 0,
): Thrown {
  if (!(thrown instanceof Error)) return packValue(thrown);
  const known = seen.get(thrown);
  if (known !== undefined) return { error: known };
  const { name, message, stack } = thrown;
  const record: ErrorRecord = {
    class: classOf(thrown),
    name: String(name),
    message: String(message),
    stack: typeof stack === "string" ? stack : undefined,
    details: detailsOf(thrown),
  };
  seen.set(thrown, record);
  if (depth === MAX_DEPTH) return { error: record };
  if (thrown.cause !== undefined) {
    record.cause = pack(thrown.cause, seen, depth + 1);
  }
  if (thrown instanceof AggregateError) {
    record.errors = [...thrown.errors]
      .map((error) => pack(error, seen, depth + 1));
  }
  return { error: record };
}

function packValue(value: unknown): Thrown {
  try {
    return { value: structuredClone(value) };
  } catch {
    return { value: valueText(value) };
  }
}

/** The properties that have a field of their own in the record. */
const FIELDS = ["name", "message", "stack", "cause", "errors"];

function detailsOf(error: Error): Record<string, unknown> {
  const details = Object.entries(error).filter(([key, value]) =>
    !FIELDS.includes(key) &&
    ["string", "number", "boolean", "bigint"].includes(typeof value)
  );
  return Object.fromEntries(details);
}

/** What was thrown in another thread, whatever has arrived. It never throws. */
export function unpackThrown(thrown: unknown): unknown {
  try {
    return unpack(thrown as Thrown, new Map());
  } catch {
    return new Error("the other thread sent an error that cannot be read");
  }
}

function unpack(thrown: Thrown, seen: Map<ErrorRecord, Error>): unknown {
  if (!("error" in thrown)) return thrown.value;
  const record = thrown.error;
  const known = seen.get(record);
  if (known !== undefined) return known;
  const error = makeError(record);
  seen.set(record, error);
  for (const [key, value] of Object.entries(record.details)) {
    define(error, key, value, true);
  }
  if (error.name !== record.name) define(error, "name", String(record.name));
  define(error, "stack", record.stack);
  if (record.cause !== undefined) {
    define(error, "cause", unpack(record.cause, seen));
  }
  if (error instanceof AggregateError && record.errors !== undefined) {
    error.errors = record.errors.map((inner) => unpack(inner, seen));
  }
  return error;
}

function makeError(record: ErrorRecord): Error {
  const message = String(record.message);
  const known = classes.get(record.class) ?? Error;
  if (known as unknown === AggregateError) {
    return new AggregateError([], message);
  }
  return known as unknown === DOMException
    ? new DOMException(message, record.name)
    : new known(message);
}

function define(
  error: Error,
  key: string,
  value: unknown,
  enumerable = false,
): void {
  Object.defineProperty(error, key, {
    value,
    enumerable,
    writable: true,
    configurable: true,
  });
}

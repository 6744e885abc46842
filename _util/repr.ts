// Copyright 2026 the asyncio authors. MIT license.

// The text of values and objects, as Python prints them.

import { inspect } from "../_host/printing.ts";

/**
 * Keys of the methods that `console.log()` and the like call, in Deno and in
 * the hosts that follow Node.js.
 */
const denoInspect = /* @__PURE__ */ Symbol.for("Deno.customInspect");
const nodeInspect = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");

/** What they call for an object that prints as its `toString()` says. */
const inspection: PropertyDescriptor = {
  value(this: object): string {
    return this.toString();
  },
  configurable: true,
  writable: true,
};

/**
 * Has the objects of a class print as `toString()` says, in `console.log()` too.
 *
 * A class calls it for a static field, in a call that is marked as pure:
 * bundlers keep a class with a computed key, and would keep one with any other
 * call, whether it is used or not.
 *
 * @returns The name of the class in printed text, which survives minification.
 */
export function printAs(
  { prototype }: { readonly prototype: object },
  name: string,
): string {
  Object.defineProperties(prototype, {
    [denoInspect]: inspection,
    [nodeInspect]: inspection,
  });
  return name;
}

/** The limits of Python's `reprlib`, in levels, items or characters. */
const MAX_LEVEL = 6;
const MAX_LIST = 6;
const MAX_STRING = 30;
const MAX_NUMBER = 40;
const MAX_OTHER = 30;

/**
 * The name of the class of an object in printed text: one of the library's own
 * is spelled out in a static field, so that it survives minification.
 */
export function classText({ constructor }: object): string {
  return Object.hasOwn(constructor, "$printedClass")
    ? String(Reflect.get(constructor, "$printedClass"))
    : constructor.name;
}

const addresses = new WeakMap<object, string>();
let nextAddress = 0x7f3a_5c01_9d40;

/** A number that identifies an object, in the form of an address. */
export function address(object: object): string {
  let text = addresses.get(object);
  if (text === undefined) {
    text = `0x${nextAddress.toString(16)}`;
    nextAddress += 0x40;
    addresses.set(object, text);
  }
  return text;
}

const describing = new Set<object>();

/** How many objects that wait for each other are followed before `...`. */
const MAX_NESTING = 20;

/**
 * Returns `describe(object)`, or `...` if the object is being described already
 * or the nesting is too deep.
 */
export function recursively<T extends object>(
  object: T,
  describe: (object: T) => string,
): string {
  if (describing.has(object) || describing.size >= MAX_NESTING) return "...";
  describing.add(object);
  try {
    return describe(object);
  } finally {
    describing.delete(object);
  }
}

const NAMED_ESCAPES: Record<string, string> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};
// Besides the backslash, what Python does not consider printable: separators
// other than the space, and whatever is a control, a surrogate or unassigned.
const UNPRINTABLE = /[\\]|(?! )[\p{C}\p{Z}]/gu;

function escapeCharacter(character: string): string {
  const named = NAMED_ESCAPES[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${hex.padStart(4, "0")}`;
  return `\\U${hex.padStart(8, "0")}`;
}

/** A string in quotes, escaped as in Python. */
export function stringRepr(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escaped = value.replace(UNPRINTABLE, escapeCharacter);
  return quote === "'" ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}

/** The start and the end of a text that is longer than `limit`. */
function shorten(text: string, limit: number): string {
  const characters = [...text];
  return characters.length <= limit ? text : abridge(characters, limit);
}

function abridge(characters: string[], limit: number): string {
  const head = Math.floor((limit - 3) / 2);
  const tail = limit - 3 - head;
  return characters.slice(0, head).join("") + "..." +
    characters.slice(-tail).join("");
}

function shortStringRepr(value: string): string {
  // A character has two code units at most: the rest would not be shown.
  const head = [...value.slice(0, 2 * MAX_STRING + 2)];
  const text = stringRepr(head.slice(0, MAX_STRING).join(""));
  if (head.length <= MAX_STRING && [...text].length <= MAX_STRING) return text;
  const front = Math.floor((MAX_STRING - 3) / 2);
  const back = MAX_STRING - 3 - front;
  const tail = [...value.slice(-2 * MAX_STRING)].slice(-back);
  const both = stringRepr([...head.slice(0, front), ...tail].join(""));
  return abridge([...both], MAX_STRING);
}

function numberRepr(value: number | bigint): string {
  if (typeof value === "bigint") return shorten(String(value), MAX_NUMBER);
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  // Python switches to exponents earlier than JavaScript, and pads them.
  const text = size !== 0 && size < 1e-4 ? value.toExponential() : `${value}`;
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/**
 * The text that `describe` gives, unless it throws: a value of the user's may be
 * a revoked proxy or have a getter that throws, and a report must not fail.
 */
function printable(value: unknown, describe: () => string): string {
  try {
    return describe();
  } catch {
    return `<unprintable ${typeof value}>`;
  }
}

/** How many errors of an `AggregateError` are printed: as many as of a list. */
const MAX_ERRORS = 6;

/** `ClassName('message')`, as Python prints an exception. */
export function errorRepr(error: unknown): string {
  return printable(error, () => describeError(error));
}

/** The name of the class of an error, which may have kept the `name` of `Error`. */
function errorName(error: Error): string {
  return error.constructor?.name || error.name;
}

/** The name of the class of what was thrown. */
export function errorClassText(error: unknown): string {
  return printable(
    error,
    () => error instanceof Error ? String(errorName(error)) : "Error",
  );
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return shortRepr(error);
  const parts = error.message === "" && !(error instanceof AggregateError)
    ? []
    : [stringRepr(String(error.message))];
  if (error instanceof AggregateError) {
    const errors = error.errors.slice(0, MAX_ERRORS).map(describeError);
    if (error.errors.length > MAX_ERRORS) errors.push("...");
    parts.push(`[${errors.join(", ")}]`);
  }
  return `${errorName(error)}(${parts.join(", ")})`;
}

/** The text of a value as Python's `reprlib` prints it, shortened if long. */
export function shortRepr(value: unknown): string {
  return printable(value, () => describeShortly(value, MAX_LEVEL));
}

function describeShortly(value: unknown, level: number): string {
  switch (typeof value) {
    case "undefined":
      return "None";
    case "boolean":
      return value ? "True" : "False";
    case "string":
      return shortStringRepr(value);
    case "number":
    case "bigint":
      return numberRepr(value);
  }
  if (value === null) return "None";
  if (Array.isArray(value)) {
    if (value.length > 0 && level <= 0) return "[...]";
    const items = Array.from(
      value.slice(0, MAX_LIST), // visits holes too
      (item) => printable(item, () => describeShortly(item, level - 1)),
    );
    if (value.length > MAX_LIST) items.push("...");
    return `[${items.join(", ")}]`;
  }
  if (value instanceof Error) return shorten(errorRepr(value), MAX_OTHER);
  return shorten(inspect(value), MAX_OTHER);
}

/**
 * Gives a callback of the library the name that CPython's has, which is printed
 * with what calls it. As text, it survives minification.
 */
export function namedAs<F extends (...args: never[]) => unknown>(
  name: string,
  callback: F,
): F {
  return Object.defineProperty(callback, "name", { value: name });
}

/** `name()`, as Python prints a callback. */
export function functionText(
  callback: (...args: never[]) => unknown,
  args = "",
): string {
  const name = printable(callback, () => String(callback.name || "<lambda>"));
  return `${name}(${args})`;
}

/** The text of a value for an error message, on one line. */
export function valueText(value: unknown): string {
  return printable(value, () => describeValue(value));
}

/** The kind of a function is told where that is why it is refused. */
function functionTag(fn: object): string {
  const tag = Object.prototype.toString.call(fn).slice("[object ".length, -1);
  return tag === "AsyncGeneratorFunction" ? tag : "Function";
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return shortStringRepr(value);
  if (value instanceof Promise) return "a native Promise";
  if (typeof value === "object" && value !== null && denoInspect in value) {
    return inspect(value); // the library's own are not shortened
  }
  if (typeof value === "function") {
    return `[${functionTag(value)}: ${String(value.name || "(anonymous)")}]`;
  }
  return shorten(inspect(value), 2 * MAX_NUMBER);
}

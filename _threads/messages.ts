// Copyright 2026 the asyncio authors. MIT license.

import { requireOptions } from "../_util/options.ts";
import { type Thrown, unpackThrown } from "./thrown_errors.ts";

/**
 * The key that every message of this library has, and no other message: a port
 * may serve the program as well.
 */
const TAG = "@asyncio/asyncio";

/** How a call ended. */
export type Answer = { ok: true; value: unknown } | {
  ok: false;
  thrown: Thrown;
};

/** A message, by what it is about. */
export type Message =
  /** A caller asks whether a loop is exposed, which answers "ready". */
  | { about: "connect" }
  | { about: "call"; id: number; name: string; args: unknown[] }
  | { about: "cancel"; id: number }
  | { about: "ready" }
  | { about: "answer"; id: number; outcome: Answer }
  /** The loop is no longer exposed. */
  | { about: "gone"; reason: string }
  /** A call for a worker of a pool, which answers. */
  | { about: "work"; id: number; module: string; name: string; args: unknown[] }
  /** A worker of a pool ends of its own accord. */
  | { about: "dying"; reason: string };

/** Puts a message into the object that is posted. */
export function wrapMessage(message: Message): object {
  return { [TAG]: message };
}

/**
 * Takes a message out of an object that was posted. It may be malformed.
 *
 * @returns The message, or `null` if the object is not from this library.
 */
export function unwrapMessage(data: unknown): Partial<Message> | null {
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, TAG)) {
    return null;
  }
  const message = (data as Record<string, unknown>)[TAG];
  return typeof message === "object"
    ? message as Partial<Message> | null
    : null;
}

/** Whether a value can be the number of a call. */
export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** Reads an answer, whatever has arrived: returns the result or throws. */
export function readAnswer(answer: unknown): unknown {
  const { ok, value, thrown } = Object(answer);
  if (ok === true) return value;
  if (ok === false) throw unpackThrown(thrown);
  throw new Error("the other thread sent an answer that cannot be read");
}

/** Values to send to another thread, and what moves there with them. */
export interface Payload {
  values: unknown[];
  transfer: object[];
}

/** What moves with a value, as {@linkcode withTransfer} has noted it. */
const transferables = new WeakMap<object, readonly object[]>();

/** The names of {@linkcode TransferOptions}. */
export const TRANSFER_OPTIONS: readonly string[] = ["transfer"];

/**
 * Options for {@linkcode withTransfer}.
 *
 * @category Threads
 */
export interface TransferOptions {
  /**
   * What moves to the other thread, and can no longer be used in this one: what
   * `structuredClone()` can transfer.
   */
  // Their common type has a global name in some hosts only.
  transfer: readonly object[];
}

/**
 * Marks parts of a value to be moved instead of copied when the value is sent
 * to another thread, as an argument or as a result.
 *
 * @typeParam T The type of the value.
 * @param value The argument or result itself, not something inside it.
 * @param options What moves.
 * @returns The same value.
 * @throws {TypeError} If the value is not an object.
 * @throws {TypeError} If `transfer` is not a list.
 * @throws {TypeError} If there is no such option.
 *
 * @example The result of a function that `toThread()` calls
 * ```ts
 * import { withTransfer } from "@asyncio/asyncio";
 *
 * export function noise(length: number) {
 *   const bytes = crypto.getRandomValues(new Uint8Array(length));
 *   return withTransfer(bytes, { transfer: [bytes.buffer] });
 * }
 * ```
 *
 * @category Threads
 */
export function withTransfer<T extends object>(
  value: T,
  options: TransferOptions,
): T {
  requireOptions("withTransfer()", options, TRANSFER_OPTIONS);
  if (
    (typeof value !== "object" && typeof value !== "function") || value === null
  ) {
    throw new TypeError(
      `Cannot transfer with what is not an object: current value is ${value}`,
    );
  }
  transferables.set(value, requireTransfer(options));
  return value;
}

/** The `transfer` option. Refuses one that is not an array. */
export function requireTransfer(
  options: Partial<TransferOptions> | undefined,
): readonly object[] {
  const list = options?.transfer ?? [];
  if (Array.isArray(list)) return list;
  throw new TypeError(
    `transfer must be an array of what is to move: current value is ${
      String(list)
    }`,
  );
}

/**
 * Prepares values to be sent.
 *
 * @param values The values. What {@linkcode withTransfer} has marked moves.
 * @param more What moves besides.
 */
export function makePayload(
  values: unknown[],
  more: readonly object[] = [],
): Payload {
  const transfer = new Set(more);
  for (const value of values) {
    const marked = transferables.get(value as object) ?? [];
    for (const item of marked) transfer.add(item);
  }
  return { values, transfer: [...transfer] };
}

/**
 * Clones and moves a payload now that is sent later, so that what happens to
 * its values meanwhile makes no difference.
 */
export function clonePayload({ values, transfer }: Payload): Payload {
  const options = { transfer: transfer as Transferable[] };
  return structuredClone({ values, transfer }, options);
}

/** The error for values that cannot be cloned or moved. */
export function dataCloneError(what: string, cause: unknown): DOMException {
  const why = cause instanceof Error ? cause.message : String(cause);
  const error = new DOMException(
    `Cannot send ${what} to another thread: ${why}`,
    "DataCloneError",
  );
  error.cause = cause;
  return error;
}

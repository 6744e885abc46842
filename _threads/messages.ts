import { type Thrown, unpackThrown } from "./thrown_errors.ts";

/**
 * What every message of this library carries, and none of anybody else: a port
 * may serve the program as well.
 */
const TAG = "@asyncio/asyncio";

/** How a call ended. */
export type Outcome = { ok: true; value: unknown } | {
  ok: false;
  thrown: Thrown;
};

/** A message, by what it is about. */
export type Message =
  /** Who wants to call asks whether anything is exposed, which answers "ready". */
  | { about: "connect" }
  | { about: "call"; id: number; name: string; args: unknown[] }
  | { about: "cancel"; id: number }
  | { about: "ready" }
  | { about: "answer"; id: number; outcome: Outcome }
  /** What was exposed no longer is. */
  | { about: "gone"; reason: string }
  /** To a worker of a pool, which answers. */
  | { about: "work"; id: number; module: string; name: string; args: unknown[] }
  /** A worker ends by its own doing. */
  | { about: "dying"; reason: string };

/** What is posted. */
export function seal(message: Message): object {
  return { [TAG]: message };
}

/** A message of this library that arrived, or `null`. It may be malformed. */
export function open(data: unknown): Partial<Message> | null {
  if (typeof data !== "object" || data === null || !Object.hasOwn(data, TAG)) {
    return null;
  }
  const message = (data as Record<string, unknown>)[TAG];
  return typeof message === "object"
    ? message as Partial<Message> | null
    : null;
}

export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** The result; throws what was thrown there. */
export function resultOf(outcome: unknown): unknown {
  const { ok, value, thrown } = Object(outcome);
  if (ok === true) return value;
  if (ok === false) throw unpackThrown(thrown);
  throw new Error("the other thread sent an answer that cannot be read");
}

/** Values on their way to another thread, and what moves there with them. */
export interface Payload {
  values: unknown[];
  transfer: Transferable[];
}

const transfers = new WeakMap<object, readonly Transferable[]>();

/** Options for {@linkcode withTransfer}. */
export interface TransferOptions {
  /** What moves to the other thread, and can no longer be used in this one. */
  transfer: readonly Transferable[];
}

/**
 * Has parts of a value move to the other thread instead of being copied, when
 * the value is sent there: as an argument or as a result.
 *
 * @typeParam T The type of the value.
 * @param value The argument or result itself, not something inside of it.
 * @param options What moves.
 * @returns The same value.
 * @throws {TypeError} If the value is not an object.
 * @throws {TypeError} If `transfer` is not a list.
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
 */
export function withTransfer<T extends object>(
  value: T,
  options: TransferOptions,
): T {
  if (
    (typeof value !== "object" && typeof value !== "function") || value === null
  ) {
    throw new TypeError(
      `Cannot transfer with what is not an object: current value is ${value}`,
    );
  }
  transfers.set(value, transferList(options));
  return value;
}

/** The list in the options of whoever has given any. */
export function transferList(
  options: Partial<TransferOptions> | undefined,
): readonly Transferable[] {
  const list = options?.transfer ?? [];
  if (Array.isArray(list)) return list;
  throw new TypeError(
    `transfer must be an array of what is to move: current value is ${
      String(list)
    }`,
  );
}

/** Values, with what each of them is to take along. */
export function payload(
  values: unknown[],
  more: readonly Transferable[] = [],
): Payload {
  const transfer = new Set(more);
  for (const value of values) {
    const list = transfers.get(value as object);
    if (list !== undefined) { for (const item of list) transfer.add(item); }
  }
  return { values, transfer: [...transfer] };
}

/** Clones and moves now what is sent later. */
export function hold({ values, transfer }: Payload): Payload {
  return structuredClone({ values, transfer }, { transfer });
}

/** What is thrown when something cannot be cloned or moved. */
export function cannotSend(what: string, cause: unknown): DOMException {
  const why = cause instanceof Error ? cause.message : String(cause);
  const error = new DOMException(
    `Cannot send ${what} to another thread: ${why}`,
    "DataCloneError",
  );
  error.cause = cause;
  return error;
}

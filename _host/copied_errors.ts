// Copyright 2026 the asyncio authors. MIT license.

import { copierOf } from "./copies.ts";

/** How many errors are made one by one, before any are copied. */
const ONE_BY_ONE = 16;
/** How many copies are made at once. */
const BATCH = 64;

/** The first frame in the text of a stack. */
const FIRST_FRAME = /\n +at .*/;

/**
 * Errors of one class that are needed in large numbers, and whose stack is of no
 * interest: it has only functions of this library.
 *
 * With every `new Error()`, V8 captures the stack: this takes 2 to 5 µs in Deno,
 * whatever `Error.stackTraceLimit` is. For those that are copies, nothing is
 * captured, and they are as real: `Error.isError()` and the inspectors of all
 * hosts take them for errors. In batches, one takes 0.4 µs and a quarter of the
 * memory.
 *
 * The first errors are made as usual, so that a program which needs few of them
 * does not pay for a batch. All have the same stack, the first frame of the first
 * error: without a frame, inspectors print an error in brackets.
 */
export class CopiedErrors<E extends Error> {
  readonly #make: (message: string | undefined, cause: unknown) => E;
  readonly #copier: typeof copierOf;
  /** How many are still to be made before there are copies; `Infinity` for all. */
  #toMake = ONE_BY_ONE;
  /** The stack after its first line; `null` if it is not known yet. */
  #frame: string | null = null;
  /** What copies have to look like, and what makes the errors for them. */
  #model: { error: E; copyBlanks: () => Error[] } | null = null;
  #copies: E[] = [];

  constructor(
    make: (message: string | undefined, cause: unknown) => E,
    copier: typeof copierOf = copierOf,
  ) {
    this.#make = make;
    this.#copier = copier;
  }

  /** Returns a new error. */
  next(message: string | undefined, cause: unknown): E {
    const copy = this.#copies.pop() ?? this._copy();
    if (copy === undefined) return this._made(message, cause);
    copy.cause = cause;
    if (message !== undefined) {
      Object.defineProperty(copy, "message", {
        value: message,
        writable: true,
        configurable: true,
      });
      copy.stack = copy + this.#frame!;
    }
    return copy;
  }

  private _made(message: string | undefined, cause: unknown): E {
    const error = this.#make(message, cause);
    if (this.#toMake < Infinity) {
      // `Error.prepareStackTrace` may have made anything of it.
      this.#frame ??= FIRST_FRAME.exec(String(error.stack))?.[0] ?? null;
      if (this.#frame === null) this.#toMake = Infinity;
      else error.stack = error + this.#frame;
    }
    return error;
  }

  /** Makes copies and returns one of them, unless it is too early for that. */
  private _copy(): E | undefined {
    if (this.#toMake > 0) {
      this.#toMake--;
      return undefined;
    }
    try {
      this.#copies = this._copies(this.#model ??= this._model());
    } catch {
      // Such as where nothing can be copied, or no `name` can be set.
    }
    if (this.#copies.length === 0) this.#toMake = Infinity;
    return this.#copies.pop();
  }

  private _model() {
    const error = this.#make(undefined, null);
    error.stack = error + this.#frame!;
    const blanks = Array.from({ length: BATCH }, blank);
    return { error, copyBlanks: this.#copier(blanks) };
  }

  private _copies({ error, copyBlanks }: { error: E; copyBlanks(): Error[] }) {
    const { name, stack } = error;
    const prototype = Object.getPrototypeOf(error);
    const copies = copyBlanks() as E[];
    for (const copy of copies) {
      Object.setPrototypeOf(copy, prototype);
      copy.name = name;
      copy.stack = stack;
    }
    return shapeOf(copies[0]) === shapeOf(error) ? copies : [];
  }
}

function blank(): Error {
  const error = new Error(undefined, { cause: null });
  // The copies share one text instead of having one each.
  delete error.stack;
  return error;
}

/** What has to be the same: whether it is an error, and what it shows. */
function shapeOf(error: Error): string {
  const tag = Object.prototype.toString.call(error);
  return [tag, error.stack, error.cause === null, Object.keys(error)].join();
}

// Copyright 2026 the asyncio authors. MIT license.

/** How many errors are made one by one, before any are copied. */
const ONE_BY_ONE = 16;
/** How many copies are made at once. */
const BATCH = 64;

/** What copies are made of. */
interface Model {
  /** What they look like. */
  readonly error: Error;
  /** The lines of its stack after the first one. */
  readonly frames: string;
  /** What is cloned: errors that have nothing but a cause. */
  readonly blanks: readonly Error[];
  readonly clone: typeof structuredClone;
}

/**
 * Errors of one class that are needed in large numbers, with a stack that is of
 * no interest since it is always the same.
 *
 * With every `new Error()`, V8 captures the stack: this takes 2 to 5 µs in Deno,
 * whatever `Error.stackTraceLimit` is. For the errors that `structuredClone()`
 * returns nothing is captured, and they are as real: `Error.isError()` and the
 * inspectors of all hosts take them for errors. In batches, one takes 0.8 µs and
 * a quarter of the memory.
 *
 * The first errors are made as usual, so that a program which needs few of them
 * does not pay for a batch. Then the stack of one is that of all copies.
 */
export class CopiedErrors<E extends Error> {
  readonly #make: (message: string | undefined, cause: unknown) => E;
  #misses = 0;
  #model: Model | null = null;
  #copies: E[] = [];

  constructor(make: (message: string | undefined, cause: unknown) => E) {
    this.#make = make;
  }

  /** Returns a new error. */
  next(message: string | undefined, cause: unknown): E {
    const copy = this.#copies.pop() ?? this._refill();
    if (copy === undefined) return this.#make(message, cause);
    copy.cause = cause;
    if (message !== undefined) {
      Object.defineProperty(copy, "message", {
        value: message,
        writable: true,
        enumerable: false,
        configurable: true,
      });
      copy.stack = copy + this.#model!.frames;
    }
    return copy;
  }

  /** Makes copies and returns one of them, unless they are not called for. */
  private _refill(): E | undefined {
    if (this.#misses <= ONE_BY_ONE) {
      if (this.#misses++ < ONE_BY_ONE) return undefined;
      this.#model = modelOf(this.#make(undefined, null));
    }
    if (this.#model === null) return undefined;
    this.#copies = copiesOf(this.#model) as E[];
    return this.#copies.pop();
  }
}

/** Returns what copies of an error are made of, or `null` if there can be none. */
function modelOf(error: Error): Model | null {
  // `Error.prepareStackTrace` may have made anything of it.
  const stack = String(error.stack);
  const start = stack.indexOf("\n    at ");
  const model = {
    error,
    frames: stack.slice(start),
    blanks: Array.from({ length: BATCH }, blank),
    clone: globalThis.structuredClone,
  };
  try {
    const [copy] = copiesOf(model);
    // It has what the error has, and shows no more than that.
    const isLike = start > 0 && copy instanceof Error &&
      copy.stack === stack && copy.cause === error.cause &&
      Object.keys(copy).join() === Object.keys(error).join();
    return isLike ? model : null;
  } catch {
    return null; // such as where there is no `structuredClone`
  }
}

function blank(): Error {
  const error = new Error(undefined, { cause: null });
  // The copies share one text instead of having one each.
  delete error.stack;
  return error;
}

function copiesOf({ error, blanks, clone }: Model): Error[] {
  const { name, stack } = error;
  const prototype = Object.getPrototypeOf(error);
  const copies = clone(blanks) as Error[];
  for (const copy of copies) {
    Object.setPrototypeOf(copy, prototype);
    copy.name = name;
    copy.stack = stack;
  }
  return copies;
}

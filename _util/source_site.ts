// Copyright 2026 the asyncio authors. MIT license.

/** Functions that compiled decorators call between a class and its method. */
const DECORATOR_HELPER =
  /^(_?apply_?(Member)?Decs?|memberDec|_apply_decs)|<static_initializer>$/i;

/** A module of the host, such as the one that calls a function in a context. */
const HOST_MODULE = /^(ext|node):/;

/** A line of a stack trace: function name, if there is one, file and line. */
export const FRAME = /^\s*at (?:async )?(?:(.+?) \()?(\S+?):(\d+):\d+\)?$/;

/** The path of a file that is given by its URL. */
export function toPath(file: string): string {
  if (!file.startsWith("file://")) return file;
  const { pathname, hash } = new URL(file); // an example in a comment has one
  const path = decodeURIComponent(pathname + hash);
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}

/**
 * The root folder of the library. Empty if this module has become part of a
 * bundle: then its functions have no files of their own.
 */
function libraryRoot(): string {
  const file = "_util/source_site.";
  const path = toPath(String(import.meta.url)).replace(/[jt]s$/, "");
  return path.endsWith(file) ? path.slice(0, -file.length) : "";
}

const LIBRARY = /* @__PURE__ */ libraryRoot();

/**
 * Public modules and those in rooms, but nothing in other folders, in TypeScript
 * or compiled.
 */
const LIBRARY_MODULE = /^(_\w+\/)?\w+\.[jt]s$/;

/** Whether a file is a module of this library. */
export function isLibraryModule(file: string): boolean {
  const path = toPath(file);
  return LIBRARY !== "" && path.startsWith(LIBRARY) &&
    LIBRARY_MODULE.test(path.slice(LIBRARY.length));
}

/** `FILE:LINE` of the innermost frame outside this library. */
function userSite(stack: unknown): string {
  let librarySite = "<unknown>:0";
  for (const line of String(stack).split("\n").slice(1)) {
    const frame = FRAME.exec(line);
    if (frame === null || DECORATOR_HELPER.test(frame[1] ?? "")) continue;
    const [, , file, number] = frame;
    if (HOST_MODULE.test(file)) continue;
    const site = `${toPath(file)}:${number}`;
    if (!isLibraryModule(file)) return site;
    librarySite = site; // stays if the coroutine is the library's own
  }
  return librarySite;
}

/** What `Error.captureStackTrace()` has recorded; text when it is read. */
interface Trace {
  stack?: unknown;
}

/** A function, or a class in place of its constructor. */
// deno-lint-ignore ban-types -- it is never called
export type Callee = Function;

/**
 * The public function that the user has called, if it calls other ones; or the
 * place of the call, if that is over.
 */
type Entrance = Callee | SourceSite;

let entrance: Entrance | null = null;

/**
 * Says that the user has called a function of the library, which needs few others
 * to make a task; or with `null`, that the library calls the user. Outside of a
 * bundle, the files of the frames tell, and that takes less time.
 *
 * @returns What to pass to {@linkcode leaveCallee}, in a `finally`.
 */
export function enterCallee(callee: Callee | null): Entrance | null {
  const before = entrance;
  if (callee === null || LIBRARY === "") entrance = callee;
  return before;
}

export function leaveCallee(before: Entrance | null): void {
  entrance = before;
}

/**
 * Does something for a function of the library that the user has called, however
 * many others it needs; later on, for the place of that call; or with `null`,
 * something that the user has passed.
 */
export function calledAs<T>(caller: Entrance | null, act: () => T): T {
  const before = entrance;
  entrance = caller;
  try {
    return act();
  } finally {
    leaveCallee(before);
  }
}

/** How many sites may keep each other. To turn one into text takes 10 µs. */
const MAX_AGE = 64;

/**
 * The place in the user's source where an object is made, `FILE:LINE`.
 *
 * JavaScript does not tell where a function is defined. A stack trace tells
 * where it is passed to the library, which is the same line if the function is
 * written in place. Capturing the trace is the cheap half; it becomes text when
 * it is first printed.
 */
export class SourceSite {
  /** Of several, the first that is not empty tells. */
  #traces: Trace[] | null = null;
  #text = "";
  #age = 0;

  /**
   * @param callees Gives functions of the library, outer ones first, of which the
   * user may have called one, if none was entered. Only a bundle needs them,
   * where the library's own frames have no files that tell.
   */
  constructor(callees?: () => Callee[]) {
    if (entrance instanceof SourceSite) return entrance; // it is known
    const trace = {}; // captured by no other function: V8 takes longer for each
    Error.captureStackTrace?.(trace, (entrance ?? SourceSite) as () => void);
    this.#traces = [trace];
    if (LIBRARY === "" && entrance === null && callees) {
      this.#traces.unshift(...callees().map(traceOfCaller));
    }
  }

  /**
   * Says within what it was made. Until a trace is text, it keeps the objects whose
   * methods were on the stack, and so the traces of these. A line of tasks, each of
   * which starts the next one, would never be freed.
   */
  follow(maker: SourceSite | null): this {
    if (maker === null || maker.#traces === null) return this;
    this.#age = maker.#age + 1;
    if (this.#age > MAX_AGE) String(this);
    return this;
  }

  toString(): string {
    if (this.#traces !== null) {
      const stacks = this.#traces.map(({ stack }) => String(stack));
      this.#text = userSite(stacks.find((stack) => /^\s+at /m.test(stack)));
      this.#traces = null;
    }
    return this.#text;
  }
}

/** The stack below a function: empty if it is not running. */
function traceOfCaller(callee: Callee): Trace {
  const trace = {};
  Error.captureStackTrace?.(trace, callee as () => void);
  return trace;
}

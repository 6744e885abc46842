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

/** The function of {@linkcode noteCallee} that was called last. */
let outermost: Callee | null = null;

/**
 * Records that the user has called a function of the library that calls other
 * public ones. If it is no longer running when a place is needed, it is ignored.
 */
export function noteCallee(callee: Callee): void {
  outermost = callee;
}

/**
 * The place in the user's source where an object is made, `FILE:LINE`.
 *
 * JavaScript does not tell where a function is defined. A stack trace tells
 * where it is passed to the library, which is the same line if the function is
 * written in place. Capturing the trace is the cheap half; it becomes text when
 * it is first printed.
 */
export class SourceSite {
  #here: Trace | null;
  /** The traces of the callers of `callees`. */
  #callers: Trace[] | null = null;
  #text = "";

  /**
   * @param callees Gives functions of the library, outer ones first: the place
   * is where the user has called one of them. Only a bundle needs them, where
   * the library's own frames have no files that tell.
   */
  constructor(callees?: () => Callee[]) {
    if (LIBRARY === "") {
      const all = callees === undefined ? [] : callees();
      if (outermost !== null) all.unshift(outermost);
      this.#callers = all.map(traceOfCaller);
    }
    // Captured without a function in between: V8 takes longer for each.
    this.#here = {};
    Error.captureStackTrace?.(this.#here, SourceSite);
  }

  toString(): string {
    if (this.#here !== null) {
      const stacks = [...this.#callers ?? [], this.#here].map(
        ({ stack }) => String(stack),
      );
      this.#text = userSite(stacks.find((stack) => /^\s+at /m.test(stack)));
      this.#here = this.#callers = null;
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

// Copyright 2026 the asyncio authors. MIT license.

/** Functions that compiled decorators call between a class and its method. */
const DECORATOR_HELPER =
  /^(_?apply_?(Member)?Decs?|memberDec|_apply_decs)|<static_initializer>$/i;

/** A line of a stack trace: function name, if there is one, file and line. */
const FRAME = /^\s*at (?:async )?(?:(.+?) \()?(\S+?):(\d+):\d+\)?$/;

function toPath(file: string): string {
  if (!file.startsWith("file://")) return file;
  const path = decodeURIComponent(new URL(file).pathname);
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}

/** The root folder of this library, as stack traces write it. */
const LIBRARY = new URL("..", import.meta.url).href;

/** Public modules and those in rooms, but nothing in other folders. */
const LIBRARY_MODULE = /^(_\w+\/)?\w+\.ts$/;

function isLibraryModule(file: string): boolean {
  return file.startsWith(LIBRARY) &&
    LIBRARY_MODULE.test(file.slice(LIBRARY.length));
}

/** `FILE:LINE` of the innermost frame outside this library. */
function userSite(stack: unknown): string {
  let librarySite = "<unknown>:0";
  for (const line of String(stack).split("\n").slice(1)) {
    const frame = FRAME.exec(line);
    if (frame === null || DECORATOR_HELPER.test(frame[1] ?? "")) continue;
    const [, , file, number] = frame;
    const site = `${toPath(file)}:${number}`;
    if (!isLibraryModule(file)) return site;
    librarySite = site; // stays if the coroutine is the library's own
  }
  return librarySite;
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
  #trace: { stack?: unknown } | null = {};
  #text = "";

  constructor() {
    Error.captureStackTrace(this.#trace!, SourceSite);
  }

  toString(): string {
    if (this.#trace !== null) {
      this.#text = userSite(this.#trace.stack);
      this.#trace = null;
    }
    return this.#text;
  }
}

/** Where objects were made. It is recorded in debug mode only. */
const origins = new WeakMap<object, SourceSite>();

/** Records where an object is made. */
export function noteOrigin(object: object): void {
  origins.set(object, new SourceSite());
}

/** `created at FILE:LINE`, or nothing if that was not recorded. */
export function describeOrigin(object: object): string[] {
  const site = origins.get(object);
  return site === undefined ? [] : [`created at ${site}`];
}

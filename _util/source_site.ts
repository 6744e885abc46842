/** Frames that TypeScript's decorators put between a method and its class. */
const DECORATOR_HELPER =
  /^(_?apply_?(Member)?Decs?|memberDec|_apply_decs)|<static_initializer>$/i;

/** Name (perhaps none), file and line of a line of a stack trace. */
const FRAME = /^\s*at (?:async )?(?:(.+?) \()?(\S+?):(\d+):\d+\)?$/;

function toPath(file: string): string {
  if (!file.startsWith("file://")) return file;
  const path = decodeURIComponent(new URL(file).pathname);
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}

/** Where this library's modules are, as it stands in stack traces. */
const OWN_FOLDER = new URL("..", import.meta.url).href;

/** Public modules, and those in a room; not what lies in other folders. */
const OWN_MODULE = /^(_\w+\/)?\w+\.ts$/;

function isOwn(file: string): boolean {
  return file.startsWith(OWN_FOLDER) &&
    OWN_MODULE.test(file.slice(OWN_FOLDER.length));
}

function locate(stack: unknown): string {
  let own = "<unknown>:0";
  for (const line of String(stack).split("\n").slice(1)) {
    const frame = FRAME.exec(line);
    if (frame === null || DECORATOR_HELPER.test(frame[1] ?? "")) continue;
    const [, , file, number] = frame;
    const place = `${toPath(file)}:${number}`;
    if (!isOwn(file)) return place;
    own = place; // a coroutine of the library itself
  }
  return own;
}

/**
 * The place in somebody's source where something is made, `FILE:LINE`.
 *
 * JavaScript does not tell where a function is defined. Where it is handed over
 * it does, and that is the same line wherever the function is written in place.
 * Taking the trace is the cheap half; the text is made when it is printed.
 */
export class SourceSite {
  #trace: { stack?: unknown } | null = {};
  #text = "";

  constructor() {
    Error.captureStackTrace(this.#trace!, SourceSite);
  }

  toString(): string {
    if (this.#trace !== null) {
      this.#text = locate(this.#trace.stack);
      this.#trace = null;
    }
    return this.#text;
  }
}

/** Where objects were made, in debug mode. */
const origins = new WeakMap<object, SourceSite>();

/** Notes where an object is made. */
export function noteOrigin(object: object): void {
  origins.set(object, new SourceSite());
}

/** `created at FILE:LINE`, if it was noted. */
export function describeOrigin(object: object): string[] {
  const site = origins.get(object);
  return site === undefined ? [] : [`created at ${site}`];
}

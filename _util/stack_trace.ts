// Copyright 2026 the asyncio authors. MIT license.

/**
 * Stack traces, cut down to the frames of the program.
 */

import { FRAME, isLibraryModule, toPath } from "./source_site.ts";

/**
 * A function in which a task waits, or that it is running.
 *
 * @category Tasks
 */
export interface FrameCallGraphEntry {
  /** The name of the function; `"<anonymous>"` if it has none. */
  readonly name: string;
  /** The path of its source file. */
  readonly file: string;
  /**
   * The line of the `await` or `yield*` in debug mode, else the line where the
   * coroutine is defined.
   */
  readonly line: number;
}

/** The same, for the library. */
export type Frame = FrameCallGraphEntry;

/** The kind of a function on a stack, where it is that of a coroutine. */
export type FrameKind = "async" | "generator";

const kinds = new WeakMap<Frame, FrameKind>();

/** Notes of which kind the function of a frame is; returns the frame. */
export function withKind(frame: Frame, kind: FrameKind): Frame {
  kinds.set(frame, kind);
  return frame;
}

/** Of which kind the function of a frame is, if that is known. */
export function kindOf(frame: Frame): FrameKind | undefined {
  return kinds.get(frame);
}

/** How many frames a trace has at most: the default of V8 is 10. */
const MAX_FRAMES = 64;

/** What a name on a stack that has none is printed as. */
const ANONYMOUS = "<anonymous>";

/**
 * Methods of the library that run the program's code. What is on the stack below
 * is the loop, or belongs to another coroutine.
 */
const RUNS_PROGRAM = /\.\$(advance|callBody|run)$/;

/** A function that waits by `await` for the one before it. */
const AWAITING = /^\s*at async /;

/** Where modules of the host stand. */
const HOST = /^(ext|node|internal|native|deno):|^node:|^<anonymous>$/;

/** Calls a function with room for a longer trace than the host's default. */
export function withMaxFrames<T>(capture: () => T): T {
  const limits = Error as { stackTraceLimit?: number };
  const before = limits.stackTraceLimit;
  limits.stackTraceLimit = MAX_FRAMES;
  try {
    return capture();
  } finally {
    limits.stackTraceLimit = before;
  }
}

/**
 * The stack at one moment. Capturing it is the cheap half; it becomes text, and
 * that becomes frames, when somebody looks at it.
 */
export class StackTrace {
  #trace: { stack?: unknown } | null = {};
  #frames: readonly Frame[] = [];
  readonly #kind: FrameKind | undefined;

  /**
   * @param below The function whose callers are on the trace.
   * @param kind The kind of all functions on it, if that is known.
   */
  constructor(below: (...args: never[]) => unknown, kind?: FrameKind) {
    this.#kind = kind;
    withMaxFrames(() => Error.captureStackTrace?.(this.#trace!, below));
  }

  /**
   * The frames of the program, innermost first, up to where the loop called it.
   * Functions of the library and the host among them are left out.
   */
  get frames(): readonly Frame[] {
    if (this.#trace !== null) {
      this.#frames = programFrames(this.#trace.stack, this.#kind);
      this.#trace = null;
    }
    return this.#frames;
  }
}

/** The frames of the program in the text of a stack, innermost first. */
export function programFrames(stack: unknown, kind?: FrameKind): Frame[] {
  const frames: Frame[] = [];
  for (const line of String(stack).split("\n")) {
    const match = FRAME.exec(line);
    if (match === null) continue;
    const [, name, file, number] = match;
    if (isLibraryModule(file)) {
      if (RUNS_PROGRAM.test(name ?? "")) break;
      continue;
    }
    if (HOST.test(file)) continue;
    const frame: Frame = {
      name: name ?? ANONYMOUS,
      file: toPath(file),
      line: Number(number),
    };
    frames.push(frame);
    if (kind !== undefined) withKind(frame, kind);
    else if (AWAITING.test(line)) withKind(frame, "async");
  }
  return frames;
}

/** A place as `FILE:LINE`, as a frame. */
export function frameOf(name: string, site: string): Frame {
  const colon = site.lastIndexOf(":");
  return {
    name,
    file: site.slice(0, colon),
    line: Number(site.slice(colon + 1)),
  };
}

// Copyright 2026 the asyncio authors. MIT license.

import { OwnOptions, requireOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import type { Context } from "./contexts.ts";

const LOOP_OPTION: readonly string[] = ["loop"];

/** The options of `createTask()`, wherever it stands. */
export const CREATE_TASK_OPTIONS: readonly string[] = [
  "name",
  "eagerStart",
  "signal",
  "context",
];

/** The options of `Task`. */
export const TASK_OPTIONS: readonly string[] =
  /* @__PURE__ */ CREATE_TASK_OPTIONS.concat(LOOP_OPTION);

/** The options of a task, which the library itself has checked. */
export class OwnTaskOptions<L> extends OwnOptions<L> {
  constructor(
    loop: L,
    readonly name: string | undefined,
    readonly eagerStart: boolean | undefined,
    readonly signal: AbortSignal | null | undefined,
    readonly context: Context | null | undefined,
  ) {
    super(loop);
  }
}

/** Options among which there is a loop. */
interface LoopOptions<L> {
  loop?: L | null;
}

/**
 * The `loop` option, checked like all the others. The class of loops stands on
 * an upper floor: what has an engine is one.
 *
 * @param fn The function that takes the options, as its message names it.
 * @param options The options that the caller passed, if any.
 * @param known The names of all options of the function.
 * @throws {TypeError} As {@linkcode requireOptions} does.
 * @throws {TypeError} If the option is not a loop.
 */
export function loopOption<L extends object>(
  fn: string,
  options: LoopOptions<L> | undefined,
  known: readonly string[] = LOOP_OPTION,
): L | undefined {
  if (options === undefined) return undefined;
  if (options instanceof OwnOptions) return options.loop;
  requireOptions(fn, options, known);
  return loopOrNone(options.loop);
}

/**
 * A loop, or `undefined` for none.
 *
 * @throws {TypeError} If it is neither.
 */
export function loopOrNone<L extends object>(
  loop: L | null | undefined,
): L | undefined {
  if (loop === undefined || loop === null) return undefined;
  if (typeof loop !== "object" || !("$engineOf" in loop)) {
    throw new TypeError(
      `Cannot use as loop what is not an EventLoop: current value is ${
        valueText(loop)
      }`,
    );
  }
  return loop;
}

// Compares random programs with CPython, and records some for `deno test`.

import { tracesInPyodide } from "../_python.ts";
import { firstDifference, translated } from "../_text.ts";
import { trace as traceOfAsync } from "./interpreter.async.ts";
import { trace as traceOfGenerator } from "./interpreter.ts";
import { type Program, programsOf, RECORDED } from "./program.ts";
import { shrunk } from "./shrink.ts";
import { sourcesOf } from "./source.ts";

/** How many failing programs are shortened and printed. */
const MAX_REPORTS = 5;

const INTERPRETERS = {
  generator: traceOfGenerator,
  async: traceOfAsync,
};

type Style = keyof typeof INTERPRETERS;

/** CPython's trace of a program, in this library's terms. */
async function expectedTrace(program: Program): Promise<string> {
  const [trace] = await tracesInPyodide([program]);
  return translated(trace);
}

async function actualTrace(style: Style, program: Program): Promise<string> {
  try {
    return await INTERPRETERS[style](program);
  } catch (error) {
    return `the interpreter failed: ${error}`;
  }
}

async function report(
  style: Style,
  number: number,
  program: Program,
): Promise<void> {
  const short = await shrunk(
    program,
    async (program) =>
      await expectedTrace(program) !== await actualTrace(style, program),
  );
  const expected = await expectedTrace(short);
  const actual = await actualTrace(style, short);
  const difference = firstDifference(expected, actual)!;
  console.log(`
=== program ${number}, ${style} style: line ${difference.line} differs
${sourcesOf(short)}

--- CPython
${expected}

--- here
${actual}
`);
}

/**
 * Compares random programs.
 *
 * @returns Whether all of them agree.
 */
export async function fuzz(seed: number, count: number): Promise<boolean> {
  const programs = programsOf(seed, count);
  const traces = (await tracesInPyodide(programs)).map(translated);
  const failures = { generator: 0, async: 0 };
  let reports = 0;
  for (const [number, program] of programs.entries()) {
    for (const style of ["generator", "async"] as const) {
      if (await actualTrace(style, program) === traces[number]) continue;
      failures[style]++;
      if (reports++ < MAX_REPORTS) await report(style, number, program);
      break; // the other style probably fails for the same reason
    }
  }
  const lines = traces.reduce(
    (sum, trace) => sum + trace.split("\n").length,
    0,
  );
  console.log(
    `${count} programs of seed ${seed}, ${lines} events: ` +
      `${failures.generator} differ in the generator style, ` +
      `${failures.async} in the async style only`,
  );
  return failures.generator + failures.async === 0;
}

/** The traces that `deno test` compares with, as they are stored. */
export async function recordedTraces(): Promise<string[]> {
  const { seed, count } = RECORDED;
  return await tracesInPyodide(programsOf(seed, count));
}

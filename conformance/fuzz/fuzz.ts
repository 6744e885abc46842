// Compares random programs with CPython, and records some for `deno test`.

import { tracesInPyodide } from "../_python.ts";
import { type Difference, firstDifference, translated } from "../_text.ts";
import { trace as traceOfAsync } from "./interpreter.async.ts";
import { trace as traceOfGenerator } from "./interpreter.ts";
import { type Program, programsOf, RECORDED, type Subject } from "./program.ts";
import { shrunk } from "./shrink.ts";
import { sourcesOf } from "./source.ts";
import type { Remarks } from "./world.ts";

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

/** How a program of this library compares with CPython. */
interface Comparison {
  /** The difference, if there is one that is not intended. */
  difference: Difference | null;
  /** Whether the traces part where CPython loses a cancellation. */
  lostInPython: boolean;
  actual: string;
}

async function compared(
  style: Style,
  program: Program,
  expected: string,
): Promise<Comparison> {
  const remarks: Remarks = { mayLoseInPython: false };
  let actual: string;
  try {
    actual = await INTERPRETERS[style](program, remarks);
  } catch (error) {
    actual = `the interpreter failed: ${error}`;
  }
  const difference = firstDifference(expected, actual);
  const lostInPython = remarks.mayLoseInPython && difference !== null &&
    isLoss(difference);
  return {
    difference: lostInPython ? null : difference,
    lostInPython,
    actual,
  };
}

/** Whether a timeout threw where the cancellation from outside should come. */
function isLoss({ expected, actual }: Difference): boolean {
  const [start, end] = expected.split("TimeoutError");
  return end === "" && actual.startsWith(`${start}CancelledError`);
}

async function report(
  style: Style,
  number: number,
  program: Program,
): Promise<void> {
  const short = await shrunk(
    program,
    async (program) => {
      const expected = await expectedTrace(program);
      return (await compared(style, program, expected)).difference !== null;
    },
  );
  const expected = await expectedTrace(short);
  const { actual, difference } = await compared(style, short, expected);
  console.log(`
=== program ${number}, ${style} style: line ${difference!.line} differs
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
export async function fuzz(
  subject: Subject,
  seed: number,
  count: number,
): Promise<boolean> {
  const programs = programsOf(subject, seed, count);
  const traces = (await tracesInPyodide(programs)).map(translated);
  const failures = { generator: 0, async: 0 };
  let lost = 0;
  let reports = 0;
  for (const [number, program] of programs.entries()) {
    for (const style of ["generator", "async"] as const) {
      const { difference, lostInPython } = await compared(
        style,
        program,
        traces[number],
      );
      if (lostInPython) lost++;
      if (difference === null) continue;
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
    `${count} ${subject} programs of seed ${seed}, ${lines} events: ` +
      `${failures.generator} differ in the generator style, ` +
      `${failures.async} in the async style only` +
      (lost === 0 ? "" : `; in ${lost} runs CPython loses a cancellation`),
  );
  return failures.generator + failures.async === 0;
}

/** The traces that `deno test` compares with, as they are stored. */
export async function recordedTraces(subject: Subject): Promise<string[]> {
  const { seed, count } = RECORDED[subject];
  return await tracesInPyodide(programsOf(subject, seed, count));
}

// Makes a program that fails as short as it can be while it still fails.

import type { Op, Program } from "./program.ts";

/** How many shorter programs to try at most. */
const MAX_TRIES = 600;

/** The names of what may hold operations. */
const PARTS = ["body", "handler", "cleanup"] as const;

/** An operation as a record: which fields it has depends on what it is. */
type Fields = Record<string, unknown>;

/** All bodies that an operation has. */
function bodiesOf(op: Op): Op[][] {
  const fields = op as unknown as Fields;
  const parts = PARTS.map((part) => fields[part] as Op[] | undefined);
  const bodies = (fields.bodies ?? []) as Op[][];
  return [...parts.filter((part) => part !== undefined), ...bodies];
}

/** The same operation with one of its parts made shorter. */
function* shorterOps(op: Op): Generator<Op> {
  const fields = op as unknown as Fields;
  for (const part of PARTS) {
    if (!(part in fields)) continue;
    for (const body of shorterBodies(fields[part] as Op[])) {
      yield { ...fields, [part]: body } as unknown as Op;
    }
  }
  const bodies = (fields.bodies ?? []) as Op[][];
  for (const [index, body] of bodies.entries()) {
    if (bodies.length > 1) {
      const fewer = bodies.toSpliced(index, 1);
      yield { ...fields, bodies: fewer } as unknown as Op;
    }
    for (const shorter of shorterBodies(body)) {
      const changed = bodies.with(index, shorter);
      yield { ...fields, bodies: changed } as unknown as Op;
    }
  }
  if ((fields.seconds as number) > 1) {
    yield { ...fields, seconds: 1 } as unknown as Op;
  }
}

/** Bodies with an operation less, or with less in an operation. */
function* shorterBodies(body: Op[]): Generator<Op[]> {
  for (const [index, op] of body.entries()) {
    yield body.toSpliced(index, 1);
    for (const inner of bodiesOf(op)) {
      if (inner.length > 0) yield body.toSpliced(index, 1, ...inner);
    }
  }
  for (const [index, op] of body.entries()) {
    for (const shorter of shorterOps(op)) yield body.with(index, shorter);
  }
}

/**
 * Shortens a program step by step.
 *
 * @param fails Whether a program still shows what the first one showed.
 */
export async function shrunk(
  program: Program,
  fails: (program: Program) => Promise<boolean>,
): Promise<Program> {
  let tries = 0;
  let found = true;
  while (found) {
    found = false;
    for (const shorter of shorterBodies(program)) {
      if (tries++ > MAX_TRIES) return program;
      if (!await fails(shorter)) continue;
      program = shorter;
      found = true;
      break;
    }
  }
  return program;
}

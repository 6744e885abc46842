// Shortens a failing program as far as possible while it still fails.

/** The default of how many shorter programs are tried at most. */
const MAX_TRIES = 600;

/** The fields that hold operations. */
const PARTS = ["body", "handler", "cleanup"] as const;

/** An operation, of any kind of programs. */
interface Op {
  op: string;
}

/** An operation as a record, since each has other fields. */
type Fields = Record<string, unknown>;

/** All bodies of an operation. */
function bodiesOf(op: Op): Op[][] {
  const fields = op as unknown as Fields;
  const parts = PARTS.map((part) => fields[part] as Op[] | undefined);
  const bodies = (fields.bodies ?? []) as Op[][];
  return [...parts.filter((part) => part !== undefined), ...bodies];
}

/** Variants of an operation in which one part is shorter. */
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
  if (fields.generator === true) {
    yield { ...fields, generator: false } as unknown as Op;
  }
}

/** Variants of a body with one operation less, or a shorter operation. */
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
 * @param fails Returns whether a program still fails.
 */
export async function shrunk<O extends Op>(
  program: O[],
  fails: (program: O[]) => Promise<boolean>,
  maxTries: number = MAX_TRIES,
): Promise<O[]> {
  let tries = 0;
  let found = true;
  while (found) {
    found = false;
    for (const shorter of shorterBodies(program) as Generator<O[]>) {
      if (tries++ > maxTries) return program;
      if (!await fails(shorter)) continue;
      program = shorter;
      found = true;
      break;
    }
  }
  return program;
}

// The scopes of programs of strands, and what must come out of them.

import {
  coroutine,
  moveOnAfter,
  type TaskGroup,
  taskGroup,
  type Timeout,
  timeout,
  TimeoutError,
  waitFor,
} from "@asyncio/asyncio";
import type { Limit, Op, OpOf } from "./strands_program.ts";
import {
  GroupRecord,
  isCancellation,
  LimitRecord,
  type ScopeRecord,
  type Strand,
} from "./strands_records.ts";

/** An outcome, to be compared with that of the scope around it. */
type Outcome = { ok: true } | { ok: false; error: unknown } | null;

/** Performs the body of a scope, in the strand that it gets. */
type PerformBody = (strand: Strand) => Promise<void>;

/** Performs the body of a task of a group. */
type PerformChild = (
  strand: Strand,
  group: GroupRecord,
  body: Op[],
) => Promise<void>;

/** A coroutine function that does it from inside of a generator. */
export function viaGenerator<Args extends unknown[], T>(
  body: (...args: Args) => Promise<T>,
) {
  return coroutine(function* (...args: Args) {
    return yield* coroutine(async (...args: Args) => await body(...args))(
      ...args,
    );
  });
}

/** The strand in a scope. A scope outside of every task makes one. */
function within(
  strand: Strand,
  scope: ScopeRecord,
  cancelGroup: (() => void) | null,
): Strand {
  const record = strand.world.record();
  const isInside = record === strand.record;
  // A scope outside of every task is a task of its own.
  if (!isInside) record?.waiters.push(strand);
  return {
    ...strand,
    record,
    scopes: isInside ? [...strand.scopes, scope] : [scope],
    cancelGroup: cancelGroup ?? strand.cancelGroup,
  };
}

/**
 * A scope outside of every task is a task of its own, which may be cancelled.
 *
 * @returns Whether that has happened.
 */
function wasCancelledAlone(
  outer: Strand,
  inner: Strand | null,
  error: unknown,
): boolean {
  const { world } = outer;
  if (
    inner === null || inner.record === outer.record ||
    !isCancellation(error) || !world.mayBeCancelled(inner)
  ) return false;
  world.noteForeign(outer);
  return true;
}

/** A time limit. */
export async function performLimit(
  outer: Strand,
  op: OpOf<Limit>,
  performBody: PerformBody,
): Promise<void> {
  const { world } = outer;
  const { seconds } = op;
  let outcome: Outcome = null;
  let inner: Strand | null = null;
  let isAlone = false;
  let limit = new LimitRecord(0, null, () => 0);
  const start = world.loop.time();
  const body = async (scope: Timeout | null) => {
    limit = new LimitRecord(start + seconds, scope, () => world.loop.time());
    const strand = inner = within(outer, limit, null);
    try {
      await performBody(strand);
      outcome = { ok: true };
    } catch (error) {
      outcome = { ok: false, error };
      throw error;
    }
  };
  const some = op.generator ? viaGenerator(body) : coroutine(body);
  // It does not run the body, but waits for what it has cancelled.
  if (op.op === "waitFor" && seconds === 0) world.noteDelivery(outer);
  let result: Outcome;
  try {
    if (op.op === "timeout") await timeout(seconds, some);
    else if (op.op === "moveOnAfter") await moveOnAfter(seconds, some);
    else await waitFor(() => some(null), seconds);
    result = { ok: true };
  } catch (error) {
    isAlone = wasCancelledAlone(outer, inner, error);
    result = { ok: false, error };
  }
  limit.leave();
  checkLimit(outer, op, outcome, result, limit.mayBeCancelled(), isAlone);
  if (!result.ok) throw result.error;
}

function checkLimit(
  outer: Strand,
  { op }: OpOf<Limit>,
  inside: Outcome,
  outside: Exclude<Outcome, null>,
  isOver: boolean,
  isAlone: boolean,
): void {
  const { world } = outer;
  const wasCancelled = inside === null ||
    (!inside.ok && isCancellation(inside.error));
  // What a cancellation suppresses may be lost with it.
  if (wasCancelled && inside?.ok === false) world.comesOut(inside.error);
  if (isAlone) return; // it may be cancelled when the body is over
  if (outside.ok) {
    if (inside?.ok) return;
    if (op === "moveOnAfter" && wasCancelled && isOver) return;
    world.fail(`${op}() has ended well, and its body has not`);
  } else if (!wasCancelled) {
    if (inside.ok) world.fail(`${op}() has thrown, and its body has not`);
    else if (inside.error !== outside.error) {
      world.fail(`${op}() has thrown ${outside.error}, not ${inside.error}`);
    }
  } else if (isCancellation(outside.error)) {
    if (!world.mayBeCancelled(outer)) {
      world.fail(`${op}() ended as cancelled, and nobody had cancelled it`);
    }
  } else if (!(outside.error instanceof TimeoutError) || !isOver) {
    world.fail(`${op}() has thrown ${outside.error}`);
  }
}

/** A group of tasks. */
export async function performGroup(
  outer: Strand,
  op: OpOf<"group">,
  performBody: PerformBody,
  performChild: PerformChild,
): Promise<void> {
  const { world } = outer;
  const record = new GroupRecord(outer);
  let inside: Outcome = null;
  let inner: Strand | null = null;
  let wasCut = false;
  const body = async (group: TaskGroup) => {
    const cancel = () => {
      wasCut = true;
      record.cancel(world.loop.time(), inside === null);
      group.cancel();
    };
    const strand = inner = within(outer, record, cancel);
    record.strand = strand;
    for (const body of op.bodies) {
      const child = world.recordOf(
        group.createTask(() => performChild(strand, record, body)),
      );
      child.group = record;
    }
    try {
      await performBody(strand);
      inside = { ok: true };
    } catch (error) {
      inside = { ok: false, error };
      record.bodyThrows(world.loop.time());
      throw error;
    } finally {
      // Where it waits for its tasks, it may get a cancellation.
      world.noteDelivery(strand);
    }
  };
  let outside: Exclude<Outcome, null>;
  try {
    await taskGroup(op.generator ? viaGenerator(body) : coroutine(body));
    outside = { ok: true };
  } catch (error) {
    wasCancelledAlone(outer, inner, error);
    outside = { ok: false, error };
  }
  record.isLeft = true;
  checkGroup(outer, record, inside, outside, wasCut);
  if (!outside.ok) throw outside.error;
}

function checkGroup(
  outer: Strand,
  record: GroupRecord,
  inside: Outcome,
  outside: Exclude<Outcome, null>,
  wasCut: boolean,
): void {
  const { world } = outer;
  const errors = [...record.childErrors];
  // What a cancellation suppresses may be lost with it.
  if (inside?.ok === false) world.comesOut(inside.error);
  const wasCancelled = inside === null ||
    (!inside.ok && isCancellation(inside.error));
  if (!wasCancelled && !inside.ok) errors.push(inside.error);
  if (errors.length > 0) {
    const thrown = !outside.ok && outside.error instanceof AggregateError
      ? outside.error.errors
      : [];
    for (const error of errors) {
      if (!thrown.includes(error)) world.fail(`a group has lost ${error}`);
    }
  } else if (outside.ok) {
    if (!inside?.ok && !wasCut) world.fail("a group has lost a cancellation");
  } else if (!isCancellation(outside.error)) {
    world.fail(`a group has thrown ${outside.error}`);
  } else if (!world.mayBeCancelled(outer)) {
    world.fail("a group ended as cancelled, and nobody had cancelled it");
  }
}

// Runs programs of strands.

import {
  createTask,
  currentTask,
  gather,
  shield,
  type Task,
} from "@asyncio/asyncio";
import type { How, Op, OpOf, Program } from "./strands_program.ts";
import {
  type GroupRecord,
  isCancellation,
  type Strand,
  type TaskRecord,
} from "./strands_records.ts";
import { performGroup, performLimit, viaGenerator } from "./strands_scopes.ts";
import {
  held,
  inLine,
  performSimple,
  performSleep,
  raceAndEnd,
} from "./strands_waits.ts";
import { violationsIn, type World } from "./strands_world.ts";

/** A strand begins, in the task and scopes of the one that starts it. */
function begin(world: World, parent: Strand | null, rank: number): Strand {
  const record = world.record();
  // When its task has ended, it is still in the scopes.
  const isInside = parent !== null &&
    (record === parent.record || record === null);
  const strand: Strand = {
    world,
    parent,
    rank,
    record,
    scopes: isInside ? parent.scopes : [],
    cancelGroup: isInside ? parent.cancelGroup : null,
    state: { isOver: false, isInLine: false, sawForeign: false },
  };
  world.strands.push(strand);
  return strand;
}

/** Runs a body as a strand of its own. */
async function runStrand(
  world: World,
  parent: Strand | null,
  rank: number,
  body: Op[],
  group: GroupRecord | null = null,
): Promise<string> {
  const strand = begin(world, parent, rank);
  // A coroutine outside of every task is a task of its own.
  const isAlone = parent !== null && strand.record !== null &&
    strand.record !== parent.record;
  if (isAlone) strand.record.waiters.push(parent);
  try {
    await performAll(strand, body);
    return "done";
  } catch (error) {
    if (group !== null && !isCancellation(error)) {
      group.childErrors.push(error);
      group.cancel(world.loop.time(), !group.bodyHasThrown);
      throw error;
    }
    world.comesOut(error); // if it is a cancellation, what that suppresses
    if (!isCancellation(error)) throw error;
    if (!world.mayBeCancelled(strand)) {
      world.fail("a strand ended as cancelled that nobody had cancelled");
    }
    if (isAlone && group === null) world.noteForeign(parent);
    throw error;
  } finally {
    if (isAlone && group === null && strand.record.cancelledAt.length > 0) {
      world.noteForeign(parent);
    }
    strand.state.isOver = true;
  }
}

/** The same, for one that nobody waits for. */
function float(strand: Strand, body: Op[], generator: boolean): void {
  const run = () => runStrand(strand.world, strand, strand.rank, body);
  Promise.resolve(generator ? viaGenerator(run)() : run()).catch((error) => {
    // A generator that is cancelled before its first step never begins.
    if (isCancellation(error)) strand.world.noteDelivery(strand);
  });
}

/** Performs a task of a group, which is to get its error. */
async function performChild(
  strand: Strand,
  group: GroupRecord,
  body: Op[],
): Promise<void> {
  const { world } = strand;
  const parent = { ...strand, record: null };
  await runStrand(world, parent, strand.rank, body, group);
}

/** A handler that is called later, in the asynchronous context of this moment. */
function addHandler(
  strand: Strand,
  { seconds, body }: OpOf<"handler">,
): void {
  const { world } = strand;
  world.handlers++;
  new Promise<void>((resolve) => world.loop.callLater(seconds, () => resolve()))
    .then(() => {
      world.handlers--;
      float(strand, body, false);
    });
}

function spawn(world: World, { eager, body }: OpOf<"spawn">): void {
  const rank = ++world.lastRank;
  const task = createTask(() => runStrand(world, null, rank, body), {
    eagerStart: eager,
  });
  const record = world.recordOf(task);
  record.rank = rank;
  world.spawned.push(record);
}

async function performAll(strand: Strand, body: Op[]): Promise<void> {
  for (const op of body) {
    try {
      await perform(strand, op);
    } catch (error) {
      if (isCancellation(error)) strand.world.noteDelivery(strand);
      throw error;
    }
    checkTask(strand);
  }
}

/** The current task must be right after each wait. */
function checkTask({ world, record }: Strand): void {
  if (record === null || record.task.done()) return;
  if (currentTask() !== record.task) world.fail("currentTask() is wrong");
}

async function perform(strand: Strand, op: Op): Promise<void> {
  const { world } = strand;
  const { loop } = world;
  const start = (body: Op[]) => runStrand(world, strand, strand.rank, body);
  switch (op.op) {
    case "sleep":
      await performSleep(strand, op);
      break;
    case "native":
      await null;
      await null;
      break;
    case "raise":
      world.throwIn(strand);
      break;
    case "call":
      await (op.generator
        ? viaGenerator(() => start(op.body))()
        : start(op.body));
      break;
    case "float":
      float(strand, op.body, op.generator);
      break;
    case "handler":
      addHandler(strand, op);
      break;
    case "parts":
      await combined(op.how, op.bodies.map(start));
      break;
    case "shield":
    case "gather":
      await performInTasks(strand, op);
      break;
    case "spawn":
      spawn(world, op);
      break;
    case "join":
    case "lookOn":
    case "cancel": {
      const { length } = world.spawned;
      if (length > 0) await withTask(strand, op.op, op.task % length);
      break;
    }
    case "cancelSelf":
      if (strand.record !== null) world.cancel(strand.record);
      break;
    case "cancelLater": {
      const { record } = strand;
      if (record !== null) {
        world.expectUntil(op.seconds);
        loop.callLater(op.seconds, () => world.cancel(record));
      }
      break;
    }
    case "uncancel":
      world.tookBack = true;
      currentTask()?.uncancel();
      break;
    case "cancelGroup":
      strand.cancelGroup?.();
      break;
    case "timeout":
    case "moveOnAfter":
    case "waitFor":
      await performLimit(strand, op, (strand) => performAll(strand, op.body));
      break;
    case "group":
      await performGroup(
        strand,
        op,
        (strand) => performAll(strand, op.body),
        performChild,
      );
      break;
    case "try":
      try {
        await performAll(strand, op.body);
      } catch (error) {
        world.comesOut(error);
        await performHandler(strand, op.handler);
        if (op.rethrow) throw error;
      } finally {
        await performAll(strand, op.cleanup);
      }
      break;
    case "resource": {
      await using _ = {
        [Symbol.asyncDispose]: () => performAll(strand, op.cleanup),
      };
      await performAll(strand, op.body);
      break;
    }
    case "lock":
    case "semaphore": {
      using _ = await held(strand, op.op, op.index);
      await performAll(strand, op.body);
      break;
    }
    case "leaveBehind": {
      const left = inLine(begin(world, strand, strand.rank), op.line, op.index);
      const { seconds } = op;
      const nap = start([{ op: "sleep", seconds, generator: false }]);
      await Promise.race([left, nap]);
      break;
    }
    case "endWith":
      createTask(() => raceAndEnd(world, op.line, op.index, op.seconds));
      break;
    default:
      await performSimple(strand, op);
  }
}

/** What it throws may be lost: something else may come out of `finally`. */
async function performHandler(strand: Strand, body: Op[]): Promise<void> {
  try {
    await performAll(strand, body);
  } catch (error) {
    strand.world.comesOut(error);
    throw error;
  }
}

function combined(how: How, parts: Promise<unknown>[]): Promise<unknown> {
  switch (how) {
    case "all":
      return Promise.all(parts);
    case "allSettled":
      return Promise.allSettled(parts);
    case "race":
      return Promise.race(parts);
    case "any":
      return Promise.any(parts);
  }
}

/** Operations that run their bodies in tasks of their own. */
async function performInTasks(
  strand: Strand,
  op: OpOf<"shield" | "gather">,
): Promise<void> {
  const { world } = strand;
  const make = (body: Op[]) =>
    world.recordOf(createTask(() => runStrand(world, null, strand.rank, body)));
  if (op.op === "shield") {
    const record = make(op.body);
    await foreign(strand, [record], () => shield(record.task));
    return;
  }
  const records = op.bodies.map(make);
  for (const record of records) record.waiters.push(strand);
  const tasks = records.map((record) => record.task);
  await foreign(strand, records, () => gather(tasks));
}

/** Waits for tasks that others may have cancelled. */
async function foreign(
  strand: Strand,
  targets: TaskRecord[],
  wait: () => PromiseLike<unknown>,
): Promise<void> {
  strand.world.noteDelivery(strand); // a cancellation goes on to the tasks
  try {
    await wait();
  } catch (error) {
    const isTheirs = targets.some(({ task }) => task.cancelled());
    if (isTheirs) strand.world.noteForeign(strand);
    throw error;
  }
}

async function withTask(
  strand: Strand,
  op: "join" | "lookOn" | "cancel",
  index: number,
): Promise<void> {
  const { world } = strand;
  const target = world.spawned[index];
  if (op === "cancel") world.cancel(target);
  else if (op === "lookOn") {
    target.task.catch(() => {}).then(() => {});
    target.task.finally(() => {}).catch(() => {});
    target.task.then(() => {}).then(undefined, () => {});
  } else if (target.rank > strand.rank) {
    target.waiters.push(strand);
    await foreign(strand, [target], () => target.task);
  }
}

/** Runs a program; returns what was wrong, which should be nothing. */
export function violationsOf(program: Program): Promise<string[]> {
  return violationsIn(
    program,
    (world, program): Task<unknown> => {
      const task = createTask(() => runStrand(world, null, 0, program));
      world.recordOf(task);
      return task;
    },
  );
}

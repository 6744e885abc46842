// Copyright 2026 the asyncio authors. MIT license.

/**
 * What a process tells about its tasks, as plain data: it goes through a socket
 * as JSON, and tables and trees are made of it.
 */

/** A place in a coroutine: the function, and where it waits. */
export interface FrameReport {
  name: string;
  /** A path; empty if it is not known. */
  file: string;
  line: number;
}

/** One of the places in which a task waits. */
export interface WaitReport {
  /** The coroutines that are suspended, the innermost first. */
  stack: FrameReport[];
  /** What they wait for, as text; empty if that is another task. */
  waitsFor: string;
  /** The tasks that hold the lock that they wait for, as far as is known. */
  heldBy: string[];
}

/** A task that waits for another one. */
export interface AwaiterReport {
  id: string;
  /** The coroutines of the waiting task, the innermost first. */
  stack: FrameReport[];
  /** Whether another task may end the wait as well: that of a race. */
  isOneOf?: true;
}

/** A task that is not done. */
export interface TaskReport {
  /** The address that is printed for it. */
  id: string;
  name: string;
  /** Where it waits: several places if an async function does so. */
  waits: WaitReport[];
  awaitedBy: AwaiterReport[];
}

/** Everything that a process tells. */
export interface ProcessReport {
  /** The version of this format. */
  version: 1;
  pid: number;
  tasks: TaskReport[];
}

/**
 * Finds circles of tasks that wait for each other, or for locks that others of
 * them hold. Each is a list of addresses that ends with the one it begins with.
 */
export function findCycles(tasks: readonly TaskReport[]): string[][] {
  const waitsFor = new Map<string, Set<string>>();
  const add = (awaiter: string, target: string) =>
    waitsFor.set(awaiter, (waitsFor.get(awaiter) ?? new Set()).add(target));
  for (const { id, waits, awaitedBy } of tasks) {
    for (const awaiter of awaitedBy) {
      // What goes round by way of a race may end by way of the others.
      if (!awaiter.isOneOf) add(awaiter.id, id);
    }
    for (const holder of waits.flatMap(({ heldBy }) => heldBy)) add(id, holder);
  }
  const cycles: string[][] = [];
  const finished = new Set<string>();
  for (const { id: start } of tasks) {
    if (finished.has(start)) continue;
    // A search in depth, without recursion: a chain may have any length.
    const path = [start];
    const position = new Map([[start, 0]]);
    const open = [targetsOf(waitsFor, start)];
    while (path.length > 0) {
      const { done, value: next } = open.at(-1)!.next();
      if (done) {
        const id = path.pop()!;
        position.delete(id);
        finished.add(id);
        open.pop();
      } else if (position.has(next)) {
        cycles.push([...path.slice(position.get(next)), next]);
      } else if (!finished.has(next)) {
        position.set(next, path.length);
        path.push(next);
        open.push(targetsOf(waitsFor, next));
      }
    }
  }
  return cycles;
}

function targetsOf(
  graph: Map<string, Set<string>>,
  id: string,
): Iterator<string, undefined> {
  return (graph.get(id) ?? new Set<string>()).values();
}

/** The lines about circles, as `python -m asyncio pstree` prints them. */
export function cycleLines(tasks: readonly TaskReport[]): string[] {
  const names = new Map(tasks.map(({ id, name }) => [id, name]));
  return findCycles(tasks).map((cycle) =>
    `cycle: ${cycle.map((id) => names.get(id) ?? id).join(" → ")}`
  );
}

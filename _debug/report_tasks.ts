// Copyright 2026 the asyncio authors. MIT license.

import { awaitersOf } from "../_core/awaited_by.ts";
import {
  type Frame,
  framesOf,
  framesOfWaits,
  isTask,
  nativeFrames,
} from "../_core/graph.ts";
import type {
  FutureCore,
  LoopCore,
  TaskCore,
  Wait,
} from "../_core/protocols.ts";
import { nativeText, waitText } from "../_core/waits.ts";
import { address } from "../_util/repr.ts";
import type { EventLoop } from "../loop.ts";
import type { FrameReport, TaskReport } from "./process_report.ts";

/** A task that waits for another one, and where it does. */
interface Edge {
  readonly awaiter: TaskCore;
  /** `null` if it is not known which of its waits it is. */
  readonly wait: Wait | null;
  /** Whether another one may end it. */
  readonly isOneOf: boolean;
}

/**
 * The tasks that wait for a task, directly or by way of futures such as
 * gatherings.
 */
function edgesTo(task: TaskCore): Edge[] {
  const edges: Edge[] = [];
  /** Whether each is one of several to those that wait for it. */
  const seen = new Map<FutureCore, boolean>([[task, false]]);
  for (const [target, isOneOf] of seen) {
    for (const awaiter of awaitersOf(target)) {
      if (isTask(awaiter)) {
        edges.push({ awaiter, wait: waitFor(awaiter, target), isOneOf });
      } else if (!seen.has(awaiter)) {
        seen.set(awaiter, isOneOf || awaiter.$endsWithFirst === true);
      }
    }
  }
  return edges;
}

/**
 * The wait of a task for a future. A group waits for its tasks by way of a future
 * of its own: then it is the only wait, or not known.
 */
function waitFor(task: TaskCore, future: FutureCore): Wait | null {
  const waits = [...task.$waitsOf()];
  return waits.find((wait) => wait.$waitingFor() === future) ??
    (waits.length === 1 ? waits[0] : null);
}

/** The tasks that hold the lock that a wait is for. */
function lockHolders(wait: Wait): Iterable<TaskCore> {
  const waited = wait.$waitingFor();
  // The place in a line of what is only passed on to is that of another wait.
  if (waited === null || waited.$cancelTargets() !== null) return [];
  return waited.$placeInLine()?.holders?.() ?? [];
}

function report({ name, file, line }: Frame): FrameReport {
  return { name, file, line };
}

/** Reports the tasks of loops that are not done. */
export function reportTasks(loops: Iterable<LoopCore>): TaskReport[] {
  const tasks: TaskCore[] = [];
  for (const loop of loops) tasks.push(...(loop as EventLoop).$tasksOf());
  const stacks = new Map(
    tasks.map((task) => [task, framesOfWaits(task)]),
  );
  const edges = new Map(tasks.map((task) => [task, edgesTo(task)]));
  /** Waits that lead to a task, which stands in the report itself. */
  const known = new Set([...edges.values()].flat().map(({ wait }) => wait));
  return tasks.map((task) => {
    const waits = [...stacks.get(task)!].map(([wait, stack]) => ({
      stack: stack.map(report),
      waitsFor: known.has(wait) ? "" : waitText(wait),
      heldBy: Array.from(lockHolders(wait), address),
    }));
    if (waits.length === 0) {
      const stack = (nativeFrames(task) ?? framesOf(task)).map(report);
      waits.push({ stack, waitsFor: nativeText(task), heldBy: [] });
    }
    const awaitedBy = edges.get(task)!.map(({ awaiter, wait, isOneOf }) => {
      const stack = wait === null ? undefined : stacks.get(awaiter)?.get(wait);
      return {
        id: address(awaiter),
        stack: (stack ?? framesOf(awaiter)).map(report),
        ...isOneOf && { isOneOf },
      };
    });
    return { id: address(task), name: task.getName(), waits, awaitedBy };
  });
}

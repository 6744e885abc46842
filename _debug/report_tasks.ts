// Copyright 2026 the asyncio authors. MIT license.

import {
  type LoopCore,
  tasksOf,
  waitingFor,
  waitsOf,
} from "../_core/protocols.ts";
import { address, valueText } from "../_util/repr.ts";
import type { EventLoop } from "../loop.ts";
import type { Task } from "../task.ts";
import type { TaskReport, WaitReport } from "./process_report.ts";

/** Reports the tasks of loops that are not done. */
export function reportTasks(loops: Iterable<LoopCore>): TaskReport[] {
  const reports = new Map<object, TaskReport>();
  for (const loop of loops) {
    for (const task of (loop as EventLoop)[tasksOf]()) {
      const id = address(task);
      reports.set(task, { id, name: task.getName(), waits: [], awaitedBy: [] });
    }
  }
  for (const [task, report] of reports) {
    for (const wait of (task as Task<unknown>)[waitsOf]()) {
      const target = wait[waitingFor]();
      const entry: WaitReport = { stack: [], waitsFor: "" };
      const awaited = reports.get(target ?? {});
      if (awaited !== undefined) {
        awaited.awaitedBy.push({ id: report.id, stack: [] });
      } else entry.waitsFor = valueText(target);
      report.waits.push(entry);
    }
  }
  return [...reports.values()];
}

// Copyright 2026 the asyncio authors. MIT license.

import { waitingFor, waitsOf } from "../_core/protocols.ts";
import { stringRepr, valueText } from "../_util/repr.ts";
import { Task } from "../task.ts";

/** What a task waits for, in all the places where it does. */
export function waitsText(task: Task<unknown>): string {
  const texts: string[] = [];
  for (const wait of task[waitsOf]()) {
    const target = wait[waitingFor]();
    if (target !== null) texts.push(valueText(target));
  }
  return texts.length > 0 ? texts.join(", ") : "native promise";
}

/** Who has asked for a cancellation. */
export function requesterText(by: unknown): string {
  if (by instanceof Task) return `Task ${stringRepr(by.getName())}`;
  if (typeof by === "string") return by;
  if (by instanceof AbortSignal) return "AbortSignal";
  return by === null ? "code outside of tasks" : valueText(by);
}

/** The name of the function that a task runs. */
export function functionName(task: Task<unknown>): string {
  return /^<coroutine object (.*) at /.exec(String(task.getCoro()))?.[1] ??
    task.getName();
}

// Copyright 2026 the asyncio authors. MIT license.

import { waitTexts } from "../_core/waits.ts";
import { stringRepr, valueText } from "../_util/repr.ts";
import { Task } from "../task.ts";

/** What a task waits for, in all the places where it does. */
export function waitsText(task: Task<unknown>): string {
  return waitTexts(task).join(", ");
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

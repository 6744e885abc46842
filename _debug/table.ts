// Copyright 2026 the asyncio authors. MIT license.

import type {
  FrameReport,
  ProcessReport,
  WaitReport,
} from "./process_report.ts";

/** The columns of `python -m asyncio ps`, and how wide they are. */
const COLUMNS = [
  ["tid", 10],
  ["task id", 20],
  ["task name", 20],
  ["coroutine stack", 50],
  ["awaiter chain", 50],
  ["awaiter name", 15],
  ["awaiter id", 15],
] as const;

/** The length of the line under the headings. */
const RULE = 180;

function rowText(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padEnd(COLUMNS[i][1])).join(" ");
}

function chain(stack: readonly FrameReport[]): string {
  return stack.map(({ name }) => name).join(" -> ");
}

/** A place or a thing at the end of a text: a table has room for names only. */
const DETAILS = / (at \S+:\d+|of <.*>)$/;

function waitChain({ waitsFor, stack }: WaitReport): string {
  const frames = chain(stack);
  const wait = waitsFor.replace(DETAILS, "");
  if (wait === "" || frames === "") return wait + frames;
  return `${wait} -> ${frames}`;
}

/**
 * The lines of a table of tasks, as `python -m asyncio ps` prints it: a row for
 * each task and each task that waits for it.
 */
export function tableLines({ pid, tasks }: ProcessReport): string[] {
  const lines = [
    rowText(COLUMNS.map(([heading]) => heading)),
    "-".repeat(RULE),
  ];
  const names = new Map(tasks.map(({ id, name }) => [id, name]));
  for (const { id, name, waits, awaitedBy } of tasks) {
    const stack = waits.map(waitChain).join(", ");
    const cells = [String(pid), id, name, stack];
    if (awaitedBy.length === 0) lines.push(rowText([...cells, "", "", "0x0"]));
    for (const awaiter of awaitedBy) {
      const awaiterName = names.get(awaiter.id) ?? "Unknown";
      lines.push(
        rowText([...cells, chain(awaiter.stack), awaiterName, awaiter.id]),
      );
    }
  }
  return lines;
}

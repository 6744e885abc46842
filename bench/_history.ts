import type { History } from "./history.ts";
import { quantity, table } from "./_table.ts";

/** Runs `history.ts` in a process of its own. */
export async function measureHistory(
  few: number,
  many: number,
): Promise<History> {
  const script = `${import.meta.dirname}/history.ts`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--v8-flags=--expose-gc",
      script,
      String(few),
      String(many),
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("history.ts failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as History;
}

export function historyTable(history: History): string {
  const { tasks, heapAfterTasks, cancelled, pending } = history;
  const rows: string[][] = [];
  for (const kind of ["generator", "async"] as const) {
    tasks.forEach((count, i) => {
      rows.push([
        `heap after ${quantity(count)} ${kind} tasks, one after another`,
        `${quantity(heapAfterTasks[kind][i])} bytes`,
      ]);
    });
  }
  rows.push(
    [
      `heap before ${quantity(cancelled)} timers are set and cancelled`,
      `${quantity(history.heapBeforeCancelled)} bytes`,
    ],
    ["heap right after them", `${quantity(history.heapAfterCancelled)} bytes`],
  );
  pending.forEach((count, i) => {
    rows.push([
      `timer set + cancel, beside ${quantity(count)} others`,
      `${quantity(history.nanosecondsBesidePending[i])} ns`,
    ]);
  });
  return table(["history", ""], rows);
}

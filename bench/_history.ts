import type { History } from "./history.ts";
import { quantity, table } from "./_table.ts";

/** Runs `history.ts` in a process of its own. */
export async function measureHistory(
  few: number,
  many: number,
): Promise<History> {
  const script = new URL("./history.ts", import.meta.url).pathname;
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
  const { tasks, pending } = history;
  const rows: string[][] = [];
  tasks.forEach((count, i) => {
    rows.push([
      `heap after ${quantity(count)} tasks, one after another`,
      `${quantity(history.heapAfterTasks[i])} bytes`,
    ]);
  });
  rows.push([
    `heap after ${quantity(history.cancelled)} timers, cancelled early`,
    `${quantity(history.heapAfterCancelled)} bytes`,
  ]);
  pending.forEach((count, i) => {
    rows.push([
      `timer set + cancel, beside ${quantity(count)} others`,
      `${quantity(history.nanosecondsBesidePending[i])} ns`,
    ]);
  });
  return table(["history", ""], rows);
}

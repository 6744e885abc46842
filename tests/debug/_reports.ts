import type { FrameReport, TaskReport } from "../../_debug/process_report.ts";

/** A frame of a function in `app.ts`. */
export function frame(name: string, line: number): FrameReport {
  return { name, file: "app.ts", line };
}

/** A task, its stack, what it waits for, and who waits for it. */
export function task(
  name: string,
  stack: FrameReport[],
  waitsFor: string,
  ...awaiters: TaskReport[]
): TaskReport {
  return {
    id: `0x${name}`,
    name,
    waits: [{ stack, waitsFor, heldBy: [] }],
    awaitedBy: awaiters.map(({ id, waits }) => ({ id, stack: waits[0].stack })),
  };
}

/** Tasks that wait for each other in a circle, each in one frame. */
export function circle(...names: string[]): TaskReport[] {
  const tasks = names.map((name, i) =>
    task(name, [frame(`run_${name}`, i)], "")
  );
  tasks.forEach(({ id, waits }, i) => {
    const next = tasks[(i + 1) % tasks.length];
    next.awaitedBy.push({ id, stack: waits[0].stack });
  });
  return tasks;
}

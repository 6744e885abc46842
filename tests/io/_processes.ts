// What the tests of child processes share.

import { assertEquals } from "@std/assert";
import {
  allTasks,
  type CoroutineLike,
  EventLoop,
  type ExceptionContext,
  setEventLoop,
} from "@asyncio/asyncio";
import { inKind, type Kind, KINDS, type Script } from "../_helpers.ts";

const { state } = Deno.permissions.querySync({ name: "run" });

/** Whether tests of child processes cannot run: they need a POSIX shell. */
export const noProcesses = state !== "granted" || Deno.build.os === "windows";

/** Registers a test that starts child processes. */
export function testProcess(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: noProcesses, fn });
}

/** Registers a test that starts child processes in a loop, in real time. */
export function testInLoop(name: string, main: () => Promise<void>): void {
  testProcess(name, () => inRealTime(main));
}

/** {@linkcode testInLoop} for each kind of coroutine. */
export function testInLoopKinds(
  name: string,
  script: (kind: Kind) => Script<void>,
): void {
  for (const kind of KINDS) {
    testProcess(
      `${name} (${kind})`,
      () => inRealTime(inKind(kind, () => script(kind))()),
    );
  }
}

/**
 * Runs `main` in a loop of its own, in real time. Fails if an error was
 * reported, or if anything is left in the loop.
 */
export async function inRealTime<T>(main: CoroutineLike<T>): Promise<T> {
  const loop = new EventLoop();
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  setEventLoop(loop);
  try {
    const result = await loop.runUntilComplete(main);
    assertEquals([...allTasks(loop)].map(String), [], "tasks were left");
    assertEquals(loop.$holdingsOf.externals, 0, "waits were left");
    assertEquals(
      loop.$holdingsOf.attachments.size,
      0,
      "ends of processes were left",
    );
    return result;
  } finally {
    setEventLoop(null);
    loop.close();
    assertEquals(contexts, []);
  }
}

/** What `ps` prints, a line for each process. */
function ps(...args: string[]): string[] {
  const { stdout } = new Deno.Command("ps", { args }).outputSync();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** The children of this process, without the `ps` that looks for them. */
export function children(): string[] {
  return ps("-o", "pid=,args=", "--ppid", `${Deno.pid}`)
    // Neither the `ps` that runs, nor one that has ended a moment ago.
    .filter((line) => !/^\d+ \S*\bps\b/.test(line));
}

/** The numbers of all that a process has started, directly or indirectly. */
export function descendants(pid: number): number[] {
  const rows = ps("-e", "-o", "pid=,ppid=").map((line) =>
    line.split(/\s+/).map(Number)
  );
  const found = [pid];
  for (const parent of found) {
    for (const [child, ppid] of rows) if (ppid === parent) found.push(child);
  }
  return found.slice(1);
}

/** Whether a process runs. One that waits to be looked at does not. */
export function isRunning(pid: number): boolean {
  const state = stateOf(pid);
  return state !== null && state !== "Z";
}

/** The state of a process: T if it is stopped; `null` if there is none. */
export function stateOf(pid: number): string | null {
  return ps("-o", "stat=", "-p", `${pid}`)[0]?.[0] ?? null;
}

/** Waits until processes have ended. What has got SIGKILL takes a moment. */
export async function untilEnded(...pids: number[]): Promise<void> {
  for (let tries = 0; pids.some(isRunning); tries++) {
    if (tries === 500) throw new Error(`still running: ${pids}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/** Other processes of this machine: whether they are there, and signals. */

import { builtin } from "./builtin.ts";

/** `process`, as far as it is about processes. */
interface NodeProcess {
  pid: number;
  platform: string;
  argv: string[];
  kill(pid: number, signal: number | string): boolean;
  stdout: { write(text: string): void };
}

function nodeProcess(): NodeProcess {
  return builtin<NodeProcess>("node:process")!;
}

/** The number of this process. */
export function ownPid(): number {
  return typeof Deno === "undefined" ? nodeProcess()?.pid ?? 0 : Deno.pid;
}

/** Whether the host is on Windows, which has no such signals. */
export function isWindows(): boolean {
  return typeof Deno === "undefined"
    ? nodeProcess()?.platform === "win32"
    : Deno.build.os === "windows";
}

/** Whether this process may send signals; in Deno it needs `--allow-run`. */
export function maySignal(): boolean {
  return typeof Deno === "undefined" ||
    Deno.permissions.querySync({ name: "run" }).state === "granted";
}

/** Whether a process is there, and takes signals from this one. */
export type Reach = "reached" | "missing" | "foreign";

/**
 * Sends a signal; 0 only asks whether that is possible. It needs the permission
 * that {@linkcode maySignal} tells of.
 */
export function signalProcess(pid: number, signal: "SIGURG" | 0): Reach {
  try {
    nodeProcess().kill(pid, signal);
    return "reached";
  } catch (error) {
    switch ((error as { code?: unknown }).code) {
      case "ESRCH":
        return "missing";
      case "EPERM":
        return "foreign";
    }
    throw error;
  }
}

/** What the system says about a process. */
export interface ProcessStatus {
  /** The name of its program. */
  name: string;
  /** Whether it has a handler of SIGURG. */
  catchesUrg: boolean;
}

/** The bit of SIGURG, which is number 23 in Linux, in a set of signals. */
const URG_BIT = 1n << 22n;

/** Reads `/proc/PID/status`; `null` where there is none, as in macOS. */
export async function processStatus(
  pid: number,
): Promise<ProcessStatus | null> {
  const text = await statusText(`/proc/${pid}/status`);
  const name = /^Name:\s*(.*)$/m.exec(text)?.[1];
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(text)?.[1];
  if (name === undefined || caught === undefined) return null;
  return { name, catchesUrg: (BigInt(`0x${caught}`) & URG_BIT) !== 0n };
}

async function statusText(path: string): Promise<string> {
  try {
    if (typeof Deno === "undefined") {
      interface Fs {
        readFileSync(path: string, encoding: "utf8"): string;
      }
      return builtin<Fs>("node:fs")!.readFileSync(path, "utf8");
    }
    // Deno itself reads this file with --allow-all only, `cat` whenever it may
    // be run: and who sends signals may run it.
    const cat = new Deno.Command("cat", { args: [path], stderr: "null" });
    return new TextDecoder().decode((await cat.output()).stdout);
  } catch {
    return "";
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "../_host/builtin.ts";
import type { Signal } from "../_host/signals.ts";
import { type HostChild, isWindows } from "./child.ts";

/** What is used of `node:process`. */
interface NodeProcess {
  kill?(pid: number, signal: Signal | 0): boolean;
}

/**
 * Whether process groups can be sent signals. Deno asks for `--allow-run`
 * without a list of programs for that.
 */
export function canSignalGroups(): boolean {
  if (isWindows) return false;
  return typeof Deno === "undefined" ||
    Deno.permissions.querySync({ name: "run" }).state === "granted";
}

/** Sends a signal to a process group; 0 only asks whether there is one. */
function signalGroup(group: number, signal: Signal | 0): boolean {
  try {
    // The type of `Deno.kill()` leaves out that it takes numbers.
    if (typeof Deno !== "undefined") Deno.kill(-group, signal as Signal);
    else builtin<NodeProcess>("node:process")!.kill!(-group, signal);
    return true;
  } catch (error) {
    // Some may belong to another user. They cannot be ended from here.
    const { name, code } = error as { name?: string; code?: string };
    return name === "PermissionDenied" || code === "EPERM";
  }
}

/** What Deno says to a signal for a child that has ended. */
const HAS_ENDED = /^NotFound\b|already terminated/;

/** `PID (NAME) STATE PARENT GROUP …`, where the name may be anything. */
const STAT = /\) (\S) \d+ (\d+) [^)]*$/;

/** What is used of `node:fs`, which Deno has as well. */
interface NodeFs {
  readdirSync(path: string): string[];
  readFileSync(path: string, encoding: "utf8"): string;
}

/** Whether this program may read all files. Deno asks the user otherwise. */
function canRead(): boolean {
  return typeof Deno === "undefined" ||
    Deno.permissions.querySync({ name: "read" }).state === "granted";
}

/**
 * Whether all of a process group are zombies: they have ended, and wait to be
 * looked at by a parent that may never do so. Linux tells, where this program
 * may read `/proc`.
 */
function hasOnlyZombies(group: number): boolean {
  const fs = canRead() ? builtin<NodeFs>("node:fs") : undefined;
  if (fs === undefined) return false;
  let names: string[];
  try {
    names = fs.readdirSync("/proc");
  } catch {
    return false; // not on Linux
  }
  let count = 0;
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    let stat: RegExpExecArray | null;
    try {
      stat = STAT.exec(fs.readFileSync(`/proc/${name}/stat`, "utf8"));
    } catch {
      continue; // it has ended meanwhile
    }
    if (stat === null || Number(stat[2]) !== group) continue;
    if (stat[1] !== "Z") return false;
    count++;
  }
  return count > 0;
}

/**
 * A child process and its descendants, as far as they are in its process group.
 *
 * The group has the number of the child. The system gives that number to nobody
 * else as long as there is a member left. So, once the group was found empty, it
 * is never looked for again.
 */
export class ProcessTree {
  readonly child: HostChild;
  /** `null` until the child has ended. */
  returncode: number | null = null;
  #hasGroup: boolean;
  #onExit: (() => void)[] = [];

  /**
   * @param hasGroup Whether the child leads a process group, which can be sent
   * signals.
   */
  constructor(child: HostChild, hasGroup: boolean) {
    this.child = child;
    this.#hasGroup = hasGroup;
    child.exited.then((returncode) => {
      this.returncode = returncode;
      for (const listener of this.#onExit) listener();
      this.#onExit = [];
    });
  }

  /** Calls a function when the child ends. It has not ended yet. */
  onExit(listener: () => void): void {
    this.#onExit.push(listener);
  }

  /** Whether anything of it still runs, as far as can be told. */
  isRunning(): boolean {
    if (this.returncode === null) return true;
    if (!this.#hasGroup) return false;
    const { pid } = this.child;
    this.#hasGroup = signalGroup(pid, 0);
    return this.#hasGroup && !hasOnlyZombies(pid);
  }

  /** Sends a signal to all of it. */
  signal(signal: Signal): void {
    this.#hasGroup &&= signalGroup(this.child.pid, signal);
    if (!this.#hasGroup && this.returncode === null) this.signalChild(signal);
  }

  /** Sends a signal to the child alone. It has not ended yet. */
  signalChild(signal: Signal): void {
    try {
      this.child.kill(signal);
    } catch (error) {
      // It may have ended, and this program was not told yet.
      if (!HAS_ENDED.test(String(error))) throw error;
    }
  }
}

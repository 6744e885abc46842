// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";

/** `process`, where the host has it. */
export interface HostProcess {
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  exit(status: number): never;
}

/**
 * `process`, unless it is a stand-in without signals. Deno has its own way, and
 * loads the module only when it is asked for.
 */
export function hostProcess(): HostProcess | undefined {
  return builtin<HostProcess>("node:process");
}

/** What is called at an event of the process. */
interface Line {
  readonly calls: Set<() => void>;
  /** The one listener that the process has. */
  readonly tell: () => void;
}

const lines = new Map<string, Line>();

/**
 * Calls a function at an event of the process. All of them share one listener:
 * Node.js takes more than ten for a leak, and warns.
 *
 * They are called in the order in which they were added. One that is removed
 * meanwhile is not called any more, and one that is added is not called yet.
 *
 * @returns A function that stops listening.
 */
export function listenToProcess(
  process: HostProcess,
  event: string,
  listener: () => void,
): () => void {
  const { calls, tell } = lines.get(event) ?? newLine();
  if (calls.size === 0) {
    process.on(event, tell); // it throws for some signals
    lines.set(event, { calls, tell });
  }
  const call = () => listener(); // a function may listen twice
  calls.add(call);
  return () => {
    if (!calls.delete(call) || calls.size > 0) return;
    process.off(event, tell);
    lines.delete(event);
  };
}

function newLine(): Line {
  const calls = new Set<() => void>();
  const tell = () => {
    for (const call of [...calls]) if (calls.has(call)) call();
  };
  return { calls, tell };
}

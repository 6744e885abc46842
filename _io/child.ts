// Copyright 2026 the asyncio authors. MIT license.

/**
 * Child processes, as the host has them: `Deno.Command`, or `node:child_process`
 * where there is no Deno.
 */

import { builtin } from "../_host/builtin.ts";
import type { Signal } from "../_host/signals.ts";

/** Where a stream of a child comes from or goes to. */
export type ChildStream = "piped" | "null" | "inherit";

/** What to start. */
export interface ChildSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string | URL | undefined;
  /** The whole environment; `undefined` for that of this process. */
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly stdin: ChildStream;
  readonly stdout: ChildStream;
  readonly stderr: ChildStream;
  /** Whether it gets a session, and with it a process group, of its own. */
  readonly ownSession: boolean;
  /** Whether Windows gets the arguments as they are, without quotes. */
  readonly isRaw: boolean;
}

/** A child process that was started. */
export interface HostChild {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array> | null;
  readonly stdout: ReadableStream<Uint8Array> | null;
  readonly stderr: ReadableStream<Uint8Array> | null;
  /**
   * What it ended with: its status, or less than zero for a signal. Never
   * rejected.
   */
  readonly exited: Promise<number>;
  /** Signals it alone. It may throw if it has ended. */
  kill(signal: Signal): void;
}

/** A shell adds this to the number of the signal that has ended a child. */
const SIGNAL_STATUS = 128;

/** What CPython makes of a status that it cannot know. */
const UNKNOWN_STATUS = 255;

/** Deno's error for an end by a signal without a name: 32 to 64 on Linux. */
const UNNAMED_SIGNAL = /^Invalid signal: (\d+)$/;

export const isWindows: boolean = /* @__PURE__ */ onWindows();

function onWindows(): boolean {
  if (typeof Deno !== "undefined") return Deno.build.os === "windows";
  return builtin<{ platform?: string }>("node:process")?.platform === "win32";
}

const SHELL = "/bin/sh";

/**
 * The shell, not on Windows. The PATH of a child may not lead to it, so it is
 * named by its place, unless Deno may run no more than `sh`.
 */
export function shellPath(): string {
  if (typeof Deno === "undefined") return SHELL;
  const { state } = Deno.permissions.querySync({ name: "run", command: SHELL });
  return state === "granted" ? SHELL : "sh";
}

/** Called if the host cannot tell what a child has ended with. */
export type UnknownStatus = (error: unknown, pid: number) => void;

/**
 * Starts a child process.
 *
 * @returns The child, or a promise of why there is none.
 * @throws What the host throws: there is no such program or folder, or no
 * permission.
 * @throws {Error} If the host has no processes.
 */
export function startChild(
  spec: ChildSpec,
  unknownStatus: UnknownStatus,
): HostChild | Promise<never> {
  if (typeof Deno !== "undefined") return startInDeno(spec, unknownStatus);
  const node = builtin<NodeProcesses>("node:child_process");
  const streams = builtin<NodeStreams>("node:stream");
  const os = builtin<NodeOs>("node:os");
  if (node?.spawn === undefined || !streams || !os) {
    throw new Error(
      `Cannot start ${spec.program}: this host has no child processes, use Deno, Node.js or Bun`,
    );
  }
  return startInNode(spec, node, streams, os);
}

function startInDeno(
  spec: ChildSpec,
  unknownStatus: UnknownStatus,
): HostChild {
  const { stdin, stdout, stderr } = spec;
  const child = new Deno.Command(spec.program, {
    args: [...spec.args],
    cwd: spec.cwd,
    env: spec.env && { ...spec.env },
    clearEnv: spec.env !== undefined,
    stdin,
    stdout,
    stderr,
    detached: spec.ownSession,
    windowsRawArguments: spec.isRaw,
  }).spawn();
  return {
    pid: child.pid,
    stdin: stdin === "piped" ? child.stdin : null,
    stdout: stdout === "piped" ? child.stdout : null,
    stderr: stderr === "piped" ? child.stderr : null,
    exited: child.status.then(
      ({ code, signal }) => signal === null ? code : SIGNAL_STATUS - code,
      (error) => {
        const unnamed = UNNAMED_SIGNAL.exec((error as Error)?.message);
        if (unnamed !== null) return -Number(unnamed[1]);
        unknownStatus(error, child.pid);
        return UNKNOWN_STATUS;
      },
    ),
    kill: (signal) => child.kill(signal),
  };
}

// What is used of Node.js.

interface NodeChild {
  readonly pid: number | undefined;
  readonly stdin: object | null;
  readonly stdout: object | null;
  readonly stderr: object | null;
  on(event: string, listener: (...args: never[]) => void): void;
  kill(signal: Signal): boolean;
}

interface NodeProcesses {
  spawn?(program: string, args: string[], options: object): NodeChild;
}

interface NodeStreams {
  Readable: { toWeb(stream: object): ReadableStream<Uint8Array> };
  Writable: { toWeb(stream: object): WritableStream<Uint8Array> };
}

interface NodeOs {
  constants: { signals: Record<string, number> };
}

const NODE_STREAM = { piped: "pipe", null: "ignore", inherit: "inherit" };

function startInNode(
  spec: ChildSpec,
  { spawn }: NodeProcesses,
  { Readable, Writable }: NodeStreams,
  { constants: { signals } }: NodeOs,
): HostChild | Promise<never> {
  const child = spawn!(spec.program, [...spec.args], {
    cwd: spec.cwd,
    env: spec.env,
    stdio: [spec.stdin, spec.stdout, spec.stderr].map((stream) =>
      NODE_STREAM[stream]
    ),
    detached: spec.ownSession,
    windowsVerbatimArguments: spec.isRaw,
  });
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined) {
    return new Promise((_resolve, reject) => child.on("error", reject));
  }
  child.on("error", () => {}); // a signal that came too late
  return {
    pid,
    stdin: stdin && Writable.toWeb(stdin),
    stdout: stdout && Readable.toWeb(stdout),
    stderr: stderr && Readable.toWeb(stderr),
    exited: new Promise((resolve) => {
      child.on("exit", (code: number | null, signal: string | null) => {
        resolve(code ?? -signals[signal!]);
      });
    }),
    kill: (signal) => void child.kill(signal),
  };
}

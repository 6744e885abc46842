// Copyright 2026 the asyncio authors. MIT license.

/**
 * The command that asks another process for its tasks.
 *
 * There are two ways. Where both processes may use a unix socket, the other one
 * sends a report. Else it is sent SIGURG and prints the tree itself. Of all
 * signals it is this one, since a process that does not listen to it ignores it:
 * SIGUSR1 would end it, or start the inspector of Deno and Node.js.
 */

import { readLocally } from "../_host/local_client.ts";
import { missingFlags } from "../_host/local_socket.ts";
import {
  isWindows,
  maySignal,
  processStatus,
  signalProcess,
} from "../_host/other_process.ts";
import { stringRepr } from "../_util/repr.ts";
import {
  cycleLines,
  findCycles,
  type ProcessReport,
} from "./process_report.ts";
import { socketPath } from "./socket_path.ts";
import { tableLines } from "./table.ts";
import { treeLines } from "./tree.ts";

/** Where the command prints to. */
export interface Output {
  print(text: string): void;
  printError(text: string): void;
}

/** How the command ends. */
const OK = 0;
const FAILURE = 1;
const WRONG_USAGE = 2;

/** How many seconds a process has to take notice of a question. */
const PATIENCE = 5;

/** The permissions that a socket takes in Deno. */
const ALL_FLAGS = "--allow-read --allow-write --allow-net";

const USAGE = "usage: cli ps|pstree [--json] PID";

const HELP = `${USAGE}

Shows the tasks of a process that imports "@asyncio/asyncio/debug".

  ps       a table of all tasks: where they wait, and who waits for them
  pstree   a tree: what is waited for stands below what waits
  --json   the same facts as JSON

The process sends them through a unix socket, if it and this command may use
one: in Deno, with --allow-read, --allow-write and --allow-net. Else it is sent
SIGURG, and prints the tree to its own standard error: for that, this command
needs --allow-run. A process that does not listen ignores that signal.

Status: 0 if that was possible, 1 if not or if tasks wait for each other in a
circle (that of a process that prints the tree itself is not known), 2 for a
wrong command line.`;

/** Something that is told to the user in place of a result. */
class CommandError extends Error {
  constructor(message: string, readonly status: number = FAILURE) {
    super(message);
  }
}

type View = "ps" | "pstree";

interface Request {
  view: View;
  isJson: boolean;
  pid: number;
}

/** The largest number that a process can have anywhere. */
const MAX_PID = 2 ** 31 - 1;

function parse(args: readonly string[]): Request {
  const words = args.filter((arg) => !arg.startsWith("-"));
  for (const option of args.filter((arg) => arg.startsWith("-"))) {
    if (option !== "--json") {
      throw usageError(`there is no option ${option}`);
    }
  }
  const [view, number] = words;
  if (view !== "ps" && view !== "pstree") {
    throw usageError(
      view === undefined
        ? "a command is missing"
        : `no command ${stringRepr(view)}`,
    );
  }
  if (words.length !== 2) {
    throw usageError(`one PID is needed, not ${words.length - 1}`);
  }
  const pid = /^\d+$/.test(number) ? Number(number) : NaN;
  if (!(pid > 0 && pid <= MAX_PID)) {
    throw usageError(
      `a PID is a whole number above 0, not ${stringRepr(number)}`,
    );
  }
  return { view, pid, isJson: args.includes("--json") };
}

function usageError(message: string): CommandError {
  return new CommandError(`${message}\n${USAGE}`, WRONG_USAGE);
}

/** Runs the command, and returns the status with which the program ends. */
export async function runCommand(
  args: readonly string[],
  output: Output,
): Promise<number> {
  try {
    if (args.includes("--help") || args.includes("-h")) {
      output.print(HELP);
      return OK;
    }
    return await ask(parse(args), output);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    output.printError(error.message);
    return error.status;
  }
}

async function ask(request: Request, output: Output): Promise<number> {
  if (isWindows()) {
    throw new CommandError("Windows has neither such signals nor such sockets");
  }
  const path = socketPath(request.pid);
  const missing = missingFlags(path);
  if (missing.length === 0) {
    const answer = await readLocally(path, PATIENCE);
    if (answer.from === "server") {
      return show(request, readReport(answer.text), output);
    }
    if (answer.from === "busy") {
      throw new CommandError(
        `Process ${request.pid} does not answer: a callback or a step of a task has kept its thread for ${PATIENCE} seconds.`,
      );
    }
  }
  await requireListener(request, missing);
  signalProcess(request.pid, "SIGURG");
  output.printError(
    `Process ${request.pid} was asked to print the tree of its tasks to its own standard error. ${
      socketNote(missing)
    }`,
  );
  return OK;
}

function socketNote(missing: readonly string[]): string {
  return missing.length === 0
    ? `To have it here, run that process with ${ALL_FLAGS}.`
    : `To have it here, run this command, and that process, with ${ALL_FLAGS}.`;
}

/**
 * Throws unless the process is there and takes the signal as a question, as far
 * as that can be known: Deno leaves its handler behind when nobody listens any
 * more, and not every system tells of handlers.
 */
async function requireListener(
  { pid, isJson }: Request,
  missing: readonly string[],
): Promise<void> {
  if (!maySignal()) {
    throw new CommandError(
      missing.length === 0
        ? `Process ${pid} does not answer. To find out why, or to send it a signal, run this command again with --allow-run.`
        : `This command may do nothing: run it again with --allow-run, or with ${ALL_FLAGS}.`,
    );
  }
  switch (signalProcess(pid, 0)) {
    case "missing":
      throw new CommandError(`There is no process ${pid}.`);
    case "foreign":
      throw new CommandError(
        `Process ${pid} belongs to another user, who alone can ask it.`,
      );
  }
  const status = await processStatus(pid);
  if (status !== null && !status.catchesUrg) {
    throw new CommandError(
      `Process ${pid} (${status.name}) does not listen: it does not import "@asyncio/asyncio/debug", or it runs no loop at the moment.`,
    );
  }
  if (isJson) {
    throw new CommandError(`--json needs a socket. ${socketNote(missing)}`);
  }
}

function readReport(text: string): ProcessReport {
  try {
    const report = JSON.parse(text);
    if (report.version === 1) return report;
  } catch {
    // It is something else.
  }
  throw new CommandError(
    "The process answers in a way that this version does not understand.",
  );
}

function show(
  { view, isJson }: Request,
  report: ProcessReport,
  output: Output,
): number {
  const { tasks } = report;
  const cycles = findCycles(tasks);
  if (isJson) {
    output.print(JSON.stringify({ ...report, cycles }, null, 2));
    return cycles.length === 0 ? OK : FAILURE;
  }
  const lines = view === "ps" ? tableLines(report) : treeLines(tasks);
  output.print(lines.map(plain).join("\n"));
  const notes = view === "ps" ? [] : cycleLines(tasks);
  if (notes.length > 0) output.printError(notes.map(plain).join("\n"));
  return notes.length === 0 ? OK : FAILURE;
}

/** What would move the cursor of a terminal, such as a line break in a name. */
// deno-lint-ignore no-control-regex -- they are what it is about
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;

function plain(line: string): string {
  return line.replace(
    CONTROLS,
    (character) =>
      `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

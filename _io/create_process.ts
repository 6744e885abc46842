// Copyright 2026 the asyncio authors. MIT license.

import { requireOptions } from "../_util/options.ts";
import { optionalTimeout } from "../_util/timeout.ts";
import { printAs, valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { wrapFuture } from "../future.ts";
import { getRunningLoop } from "../loop.ts";
import {
  type ChildSpec,
  type ChildStream,
  isWindows,
  shellPath,
  startChild,
} from "./child.ts";
import { merged, mergeError, requirePermission } from "./merge.ts";
import { Process } from "./process.ts";
import { canSignalGroups, ProcessTree } from "./process_tree.ts";
import { DEFAULT_LIMIT, requireLimit, StreamReader } from "./stream_reader.ts";
import { StreamWriter } from "./stream_writer.ts";

/**
 * The type of {@linkcode PIPE}, {@linkcode DEVNULL} and {@linkcode STDOUT}.
 *
 * @typeParam Name Which of them.
 *
 * @category Processes
 */
export class Redirection<Name extends string> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Redirection",
  );

  // A class, since the type of a symbol is lost in an object that is not passed
  // at once.

  /** The name of the constant. */
  readonly name: Name;

  /** @ignore */
  constructor(name: Name) {
    this.name = name;
  }

  /** @ignore */
  toString(): string {
    return this.name;
  }
}

/**
 * A pipe between the process and this program, as `stdin`, `stdout` or `stderr`.
 *
 * @category Processes
 */
export const PIPE: Redirection<"PIPE"> = /* @__PURE__ */ new Redirection(
  "PIPE",
);
/**
 * Nothing: no input, or output that is dropped.
 *
 * @category Processes
 */
export const DEVNULL: Redirection<"DEVNULL"> = /* @__PURE__ */ new Redirection(
  "DEVNULL",
);
/**
 * As `stderr`: the same as the standard output, in the order of the writes.
 *
 * @category Processes
 */
export const STDOUT: Redirection<"STDOUT"> = /* @__PURE__ */ new Redirection(
  "STDOUT",
);

/**
 * What `stdin` and `stdout` can be; `null` for those of this program.
 *
 * @category Processes
 */
export type ProcessStream =
  | Redirection<"PIPE">
  | Redirection<"DEVNULL">
  | null
  | undefined;

/**
 * What `stderr` can be; `null` for that of this program.
 *
 * @category Processes
 */
export type ProcessErrorStream = ProcessStream | Redirection<"STDOUT">;

/**
 * The type of `Process.stdin`, given the option.
 *
 * @category Processes
 */
export type InputOf<S> = S extends Redirection<"PIPE"> ? StreamWriter : null;

/**
 * The type of `Process.stdout` and `Process.stderr`, given the option.
 *
 * @category Processes
 */
export type OutputOf<S> = S extends Redirection<"PIPE"> ? StreamReader : null;

/**
 * Options for {@linkcode createSubprocessExec} and
 * {@linkcode createSubprocessShell}.
 *
 * @typeParam In What `stdin` is.
 * @typeParam Out What `stdout` is.
 * @typeParam Err What `stderr` is.
 *
 * @category Processes
 */
export interface SubprocessOptions<
  In extends ProcessStream = ProcessStream,
  Out extends ProcessStream = ProcessStream,
  Err extends ProcessErrorStream = ProcessErrorStream,
> {
  /**
   * The standard input: {@linkcode PIPE}, {@linkcode DEVNULL}, or `null` for that
   * of this program.
   *
   * @default {null}
   */
  stdin?: In;
  /**
   * The standard output: {@linkcode PIPE}, {@linkcode DEVNULL}, or `null` for
   * that of this program.
   *
   * @default {null}
   */
  stdout?: Out;
  /**
   * The standard error: {@linkcode PIPE}, {@linkcode DEVNULL},
   * {@linkcode STDOUT} for the same as `stdout`, or `null` for that of this
   * program.
   *
   * @default {null}
   */
  stderr?: Err;
  /**
   * The folder that it runs in; `null` for that of this program.
   *
   * @default {null}
   */
  cwd?: string | URL | null;
  /**
   * All of its environment variables; `null` for those of this program. To add
   * some, write `{ ...Deno.env.toObject(), NAME: "value" }`.
   *
   * @default {null}
   */
  env?: Readonly<Record<string, string>> | null;
  /**
   * How many bytes a line may have, see `StreamReader`.
   *
   * @default {65536}
   */
  limit?: number;
  /**
   * Whether the process gets a session, and so a process group, of its own. Then
   * it can be ended with all its descendants, Ctrl-C in the terminal goes to this
   * program alone, and the process has no terminal to control. Without it, the
   * process alone is ended. Windows has no such groups.
   *
   * Signals to a group need the permission `--allow-run` for all programs. With
   * that for some, the process gets no session of its own.
   *
   * @default {true}
   */
  startNewSession?: boolean;
  /**
   * How many seconds it has to end after SIGTERM, before it gets SIGKILL: see
   * {@linkcode Process.endTree}. `null` is no limit.
   *
   * @default {5}
   */
  killAfter?: number | null;
}

const OPTIONS = [
  "stdin",
  "stdout",
  "stderr",
  "cwd",
  "env",
  "limit",
  "startNewSession",
  "killAfter",
] as const;

/** How many seconds a tree has to end, as in Trio and AnyIO. */
const KILL_AFTER = 5;

/**
 * A command for the shell, or a program and its arguments, in one list.
 *
 * @category Processes
 */
export type Command = string | readonly string[];

/** A process that is to be started, checked. */
export interface Plan {
  readonly spec: ChildSpec;
  /** Whether the standard error is the standard output. */
  readonly isMerged: boolean;
  readonly limit: number;
  readonly killAfter: number | null;
}

function streamOf(name: string, value: unknown): ChildStream {
  switch (value) {
    case null:
    case undefined:
      return "inherit";
    case PIPE:
      return "piped";
    case DEVNULL:
      return "null";
    case STDOUT:
      throw new TypeError(
        `STDOUT can only be used for stderr, not for ${name}`,
      );
    default:
      throw new TypeError(
        `${name} must be PIPE, DEVNULL${
          name === "stderr" ? ", STDOUT" : ""
        } or null: current value is ${valueText(value)}`,
      );
  }
}

/** Refuses what the system cannot take as a text. */
function requireText(what: string, value: unknown): void {
  if (typeof value !== "string") {
    throw new TypeError(
      `${what} must be a string: current value is ${valueText(value)}`,
    );
  }
  if (value.includes("\0")) {
    throw new RangeError(
      `${what} must not contain a null character: current value is ${
        valueText(value)
      }`,
    );
  }
}

function requireEnv(fn: string, env: unknown): void {
  if (typeof env !== "object" || Array.isArray(env)) {
    throw new TypeError(
      `The env of ${fn} must be an object of strings: current value is ${
        valueText(env)
      }`,
    );
  }
  for (const [name, value] of Object.entries(env as object)) {
    requireText(`The environment variable ${valueText(name)}`, value);
    if (name === "" || name.includes("=") || name.includes("\0")) {
      throw new RangeError(
        `The name of an environment variable must not be empty, nor contain "=" or a null character: current value is ${
          valueText(name)
        }`,
      );
    }
  }
}

/** Checks what was passed, and completes it. */
export function planOf(
  fn: string,
  command: Command,
  options: SubprocessOptions | undefined,
): Plan {
  requireOptions(fn, options, OPTIONS);
  const { stdin, stdout, stderr, cwd, env, limit, startNewSession, killAfter } =
    options ?? {};
  const isShell = typeof command === "string";
  if (isShell) {
    requireText(`The command of ${fn}`, command);
  } else {
    const [program, ...args] = command;
    requireText(`The program of ${fn}`, program);
    if (program === "") {
      throw new RangeError(`The program of ${fn} must not be empty`);
    }
    for (const arg of args) requireText(`An argument of ${fn}`, arg);
  }
  if (cwd instanceof URL === false && cwd !== null && cwd !== undefined) {
    requireText(`The cwd of ${fn}`, cwd);
  }
  if (env !== null && env !== undefined) requireEnv(fn, env);
  if (limit !== undefined) requireLimit(limit);
  if (startNewSession !== undefined && typeof startNewSession !== "boolean") {
    throw new TypeError(
      `The startNewSession of ${fn} must be a boolean: current value is ${
        valueText(startNewSession)
      }`,
    );
  }
  const isMerged = stderr === STDOUT;
  if (isMerged && isWindows && !isShell) {
    throw new TypeError(
      `stderr cannot be STDOUT for ${fn} on Windows: use createSubprocessShell()`,
    );
  }
  const [program, ...args] = isShell ? shellOf(command, isMerged) : command;
  const out = streamOf("stdout", stdout);
  return {
    spec: {
      program,
      args,
      cwd: cwd ?? undefined,
      env: env ?? undefined,
      stdin: streamOf("stdin", stdin),
      stdout: out,
      stderr: isMerged ? out : streamOf("stderr", stderr),
      ownSession: startNewSession !== false && canSignalGroups(),
      isRaw: isShell && isWindows,
    },
    isMerged: isMerged && !isWindows,
    limit: limit ?? DEFAULT_LIMIT,
    killAfter: killAfter === undefined
      ? KILL_AFTER
      : optionalTimeout(killAfter, `the killAfter of ${fn}`),
  };
}

/** On Windows the shell itself can merge the outputs of a command. */
function shellOf(command: string, isMerged: boolean): string[] {
  if (!isWindows) return [shellPath(), "-c", command];
  const line = isMerged ? `(${command}) 2>&1` : command;
  return ["cmd", "/d", "/s", "/c", `"${line}"`];
}

/** Starts a process. Nothing is left of it if that fails or is cancelled. */
export function* start(
  { spec, isMerged, limit, killAfter }: Plan,
): Generator<unknown, Process, unknown> {
  const loop = getRunningLoop();
  const { program, ownSession } = spec;
  if (isMerged) requirePermission(program);
  const started = startChild(
    isMerged ? merged(spec) : spec,
    (exception, pid) =>
      loop.callExceptionHandler({
        message: `Unknown child process pid ${pid}, will report returncode 255`,
        exception,
      }),
  );
  const child = started instanceof Promise
    ? yield* wrapFuture(started)
    : started;
  const { stdin, stdout, stderr } = child;
  const readerOf = (stream: typeof stderr) =>
    stream && new StreamReader(stream, { limit });
  const process = new Process(
    loop,
    new ProcessTree(child, ownSession),
    {
      stdin: stdin && new StreamWriter(stdin),
      stdout: readerOf(stdout),
      stderr: isMerged ? null : readerOf(stderr),
    },
    killAfter,
  );
  if (isMerged) yield* confirm(process, new StreamReader(stderr!), program);
  return process;
}

/** Waits until the shell has started the program. */
function* confirm(
  process: Process,
  told: StreamReader,
  program: string,
): Generator<unknown, void, unknown> {
  let isOver = false;
  try {
    const letter = new TextDecoder().decode(yield* told.read(1));
    const failure = mergeError(letter, program);
    if (failure !== null) throw failure;
    isOver = true;
  } catch (error) {
    isOver = true;
    giveUp();
    yield* process.endTree();
    throw error;
  } finally {
    if (!isOver) giveUp(); // the coroutine was closed
  }

  function giveUp(): void {
    process.$beginEnding().hurry();
    told.$input.cancel(undefined).catch(() => {}); // nobody waits for it
  }
}

const createExec = /* @__PURE__ */ Coroutine.$ownFunction<
  [plan: Plan],
  Process
>(function createSubprocessExec(plan) {
  return start(plan);
});

const createShell = /* @__PURE__ */ Coroutine.$ownFunction<
  [plan: Plan],
  Process
>(function createSubprocessShell(plan) {
  return start(plan);
});

/**
 * Starts a program.
 *
 * The program gets the arguments as they are: no shell looks at them, so they
 * may come from anywhere.
 *
 * @typeParam In What `stdin` is.
 * @typeParam Out What `stdout` is.
 * @typeParam Err What `stderr` is.
 * @param program The name of the program, which is looked for as the shell does,
 * or a path.
 * @param args Its arguments.
 * @param options Where its input comes from, where its output goes, and more.
 * @returns A coroutine of the process, which runs by then. It throws what the
 * host throws if it cannot be started: in Deno, `Deno.errors.NotFound` if there
 * is no such program or no such `cwd`, `Deno.errors.PermissionDenied` if it is
 * not executable, `Deno.errors.NotCapable` without the permission `--allow-run`.
 * @throws {TypeError} If an argument or an option has a wrong type, or if there
 * is no such option.
 * @throws {TypeError} If `stderr` is {@linkcode STDOUT}, on Windows.
 * @throws {RangeError} If the name of the program is empty, or a text contains a
 * null character.
 *
 * @example Usage
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   await using process = await createSubprocessExec("printf", ["a\\nb\\n"], {
 *     stdout: PIPE,
 *   });
 *   const lines: string[] = [];
 *   for await (const line of process.stdout.lines()) lines.push(line);
 *   assertEquals(lines, ["a", "b"]);
 * });
 * ```
 *
 * @category Processes
 */
export function createSubprocessExec<
  In extends ProcessStream = null,
  Out extends ProcessStream = null,
  Err extends ProcessErrorStream = null,
>(
  program: string,
  args: readonly string[] = [],
  options?: SubprocessOptions<In, Out, Err>,
): Coroutine<Process<InputOf<In>, OutputOf<Out>, OutputOf<Err>>> {
  if (!Array.isArray(args)) {
    throw new TypeError(
      `The arguments of createSubprocessExec() must be an array: current value is ${
        valueText(args)
      }`,
    );
  }
  const plan = planOf(
    "createSubprocessExec()",
    [program, ...args],
    options,
  );
  return createExec(plan) as unknown as Coroutine<
    Process<InputOf<In>, OutputOf<Out>, OutputOf<Err>>
  >;
}

/**
 * Starts a command line in the shell: `/bin/sh`, or `cmd` on Windows.
 *
 * Never build a command from what comes from outside: the shell would run what
 * is hidden in it. Use {@linkcode createSubprocessExec} for that.
 *
 * @typeParam In What `stdin` is.
 * @typeParam Out What `stdout` is.
 * @typeParam Err What `stderr` is.
 * @param command The command line.
 * @param options Where its input comes from, where its output goes, and more.
 * @returns A coroutine of the process, which runs by then. It throws what the
 * host throws if the shell cannot be started, as
 * {@linkcode createSubprocessExec} does. A command that the shell does not find
 * is no error: the exit status is 127 then.
 * @throws {TypeError} If the command or an option has a wrong type, or if there
 * is no such option.
 * @throws {RangeError} If a text contains a null character.
 *
 * @example Usage
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { createSubprocessShell, PIPE } from "@asyncio/asyncio/subprocess";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const process = await createSubprocessShell("echo $((6 * 7)) | cat", {
 *     stdout: PIPE,
 *   });
 *   const [stdout] = await process.communicate();
 *   assertEquals(new TextDecoder().decode(stdout), "42\n");
 * });
 * ```
 *
 * @category Processes
 */
export function createSubprocessShell<
  In extends ProcessStream = null,
  Out extends ProcessStream = null,
  Err extends ProcessErrorStream = null,
>(
  command: string,
  options?: SubprocessOptions<In, Out, Err>,
): Coroutine<Process<InputOf<In>, OutputOf<Out>, OutputOf<Err>>> {
  requireText("The command of createSubprocessShell()", command);
  const plan = planOf("createSubprocessShell()", command, options);
  return createShell(plan) as unknown as Coroutine<
    Process<InputOf<In>, OutputOf<Out>, OutputOf<Err>>
  >;
}

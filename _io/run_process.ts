// Copyright 2026 the asyncio authors. MIT license.

import { onExit } from "../_host/process.ts";
import { classText, printAs, valueText } from "../_util/repr.ts";
import { requireOptions } from "../_util/options.ts";
import { Coroutine } from "../coroutine.ts";
import { CalledProcessError } from "../errors.ts";
import { bytesOf } from "./bytes.ts";
import {
  type Command,
  DEVNULL,
  PIPE,
  type Plan,
  planOf,
  type ProcessErrorStream,
  type ProcessStream,
  type Redirection,
  start,
  type SubprocessOptions,
} from "./create_process.ts";

/**
 * Options for {@linkcode runProcess}.
 *
 * @typeParam Out What `stdout` is.
 * @typeParam Err What `stderr` is.
 *
 * @category Processes
 */
export interface RunProcessOptions<
  Out extends ProcessStream = ProcessStream,
  Err extends ProcessErrorStream = ProcessErrorStream,
> extends Pick<SubprocessOptions, "cwd" | "env" | "killAfter"> {
  /**
   * What is sent to the standard input; a string is UTF-8. With `null` it has no
   * input.
   *
   * @default {null}
   */
  input?: Uint8Array | string | null;
  /**
   * Whether an exit status other than zero, or a signal, is an error:
   * {@linkcode CalledProcessError}.
   *
   * @default {false}
   */
  check?: boolean;
  /**
   * What becomes of the standard output: {@linkcode PIPE} collects it,
   * {@linkcode DEVNULL} drops it, and `null` lets it go where that of this program
   * goes.
   *
   * @default {PIPE}
   */
  stdout?: Out;
  /**
   * What becomes of the standard error: the same, or {@linkcode STDOUT} for the
   * same as `stdout`, in the order of the writes.
   *
   * @default {PIPE}
   */
  stderr?: Err;
}

const OPTIONS = [
  "input",
  "check",
  "killAfter",
  "stdout",
  "stderr",
  "cwd",
  "env",
];

/**
 * The type of what was collected from a stream, given its option.
 *
 * @category Processes
 */
export type CollectedOf<S> = S extends Redirection<"PIPE"> | undefined
  ? Uint8Array<ArrayBuffer>
  : null;

/**
 * A process that has ended, as {@linkcode runProcess} gives it.
 *
 * @typeParam Out The type of `stdout`.
 * @typeParam Err The type of `stderr`.
 *
 * @category Processes
 */
export class CompletedProcess<
  Out extends Uint8Array<ArrayBuffer> | null = Uint8Array<ArrayBuffer> | null,
  Err extends Uint8Array<ArrayBuffer> | null = Uint8Array<ArrayBuffer> | null,
> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "CompletedProcess",
  );

  /** The command, as it was given. */
  readonly args: Command;
  /** What it ended with: its status, or less than zero for a signal. */
  readonly returncode: number;
  /** What it wrote to its standard output; `null` if that was not collected. */
  readonly stdout: Out;
  /** What it wrote to its standard error; `null` if that was not collected. */
  readonly stderr: Err;

  /** @ignore */
  constructor(args: Command, returncode: number, stdout: Out, stderr: Err) {
    this.args = args;
    this.returncode = returncode;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /**
   * Checks that it has ended with status zero.
   *
   * @throws {CalledProcessError} If it has not.
   *
   * @example Usage
   * ```ts
   * import { CalledProcessError, run } from "@asyncio/asyncio";
   * import { runProcess } from "@asyncio/asyncio/subprocess";
   * import { assertThrows } from "@std/assert";
   *
   * await run(async () => {
   *   const done = await runProcess("exit 3");
   *   assertThrows(() => done.checkReturncode(), CalledProcessError);
   * });
   * ```
   */
  checkReturncode(): void {
    if (this.returncode === 0) return;
    throw new CalledProcessError(
      this.returncode,
      this.args,
      this.stdout,
      this.stderr,
    );
  }

  /** @ignore */
  toString(): string {
    const { args, returncode } = this;
    const name = classText(this);
    return `${name}(args=${valueText(args)}, returncode=${returncode})`;
  }
}

const runPlan = /* @__PURE__ */ Coroutine.$ownFunction<
  [command: Command, plan: Plan, input: Uint8Array | null, check: boolean],
  CompletedProcess
>(function* runProcess(command, plan, input, check) {
  const process = yield* start(plan);
  // It does not get the Ctrl-C of a terminal that ends this program.
  const removeExitListener = onExit(() => process.$signalTree("SIGTERM"));
  let isOver = false;
  let outputs: [Uint8Array<ArrayBuffer> | null, Uint8Array<ArrayBuffer> | null];
  try {
    outputs = yield* process.communicate(input);
    isOver = true;
  } catch (error) {
    isOver = true;
    yield* process.endTree();
    throw error;
  } finally {
    if (!isOver) process.$beginEnding(); // the coroutine was closed
    removeExitListener();
  }
  const completed = new CompletedProcess(
    command,
    process.returncode!,
    ...outputs,
  );
  if (check) completed.checkReturncode();
  return completed;
});

/**
 * Runs a command to its end, and collects its output.
 *
 * If it is cancelled, or a time limit around it expires, the command is ended
 * together with all its descendants: they get SIGTERM, and those that are left
 * after the time `killAfter` get SIGKILL, or at once if it is cancelled again.
 * The cancellation takes effect when nothing of them is left and all pipes are
 * closed. If the program itself ends by a call meanwhile, they get the signal as
 * well.
 *
 * Descendants that leave the process group, as daemons do, are not ended. On
 * Windows, and where `--allow-run` is granted for some programs only, the command
 * alone is ended: see `startNewSession` of {@linkcode SubprocessOptions}.
 *
 * @typeParam Out What `stdout` is.
 * @typeParam Err What `stderr` is.
 * @param command A string is a command line for the shell, as in
 * {@linkcode createSubprocessShell}. An array is a program and its arguments, as
 * in {@linkcode createSubprocessExec}: take that for what comes from outside.
 * @param options Its input, what becomes of its output, and more.
 * @returns A coroutine of what has become of it. It throws what
 * {@linkcode createSubprocessExec} throws if it cannot be started, and
 * {@linkcode CalledProcessError} if `check` is set and it has failed.
 * @throws {TypeError} If the command or an option has a wrong type, or if there
 * is no such option.
 * @throws {RangeError} If the name of the program is empty, or a text contains a
 * null character.
 *
 * @example Usage
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { runProcess } from "@asyncio/asyncio/subprocess";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   const { stdout } = await runProcess(["tr", "a-z", "A-Z"], {
 *     input: "hello",
 *     check: true,
 *   });
 *   assertEquals(new TextDecoder().decode(stdout), "HELLO");
 * });
 * ```
 *
 * @example With a time limit
 * ```ts
 * import { run, TimeoutError, waitFor } from "@asyncio/asyncio";
 * import { runProcess } from "@asyncio/asyncio/subprocess";
 * import { assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   await assertRejects(
 *     async () => await waitFor(runProcess("sleep 60 | sleep 60"), 0.05),
 *     TimeoutError,
 *   );
 * });
 * ```
 *
 * @category Processes
 */
export function runProcess<
  Out extends ProcessStream = Redirection<"PIPE">,
  Err extends ProcessErrorStream = Redirection<"PIPE">,
>(
  command: Command,
  options?: RunProcessOptions<Out, Err>,
): Coroutine<CompletedProcess<CollectedOf<Out>, CollectedOf<Err>>> {
  if (typeof command !== "string" && !Array.isArray(command)) {
    throw new TypeError(
      `The command of runProcess() must be a string or an array: current value is ${
        valueText(command)
      }`,
    );
  }
  requireOptions("runProcess()", options, OPTIONS);
  const { input = null, check = false, stdout, stderr, ...others } = options ??
    {};
  if (typeof check !== "boolean") {
    throw new TypeError(
      `The check of runProcess() must be a boolean: current value is ${
        valueText(check)
      }`,
    );
  }
  const bytes = input === null ? null : bytesOf("send to a process", input);
  const plan = planOf("runProcess()", command, {
    ...others,
    stdout: stdout === undefined ? PIPE : stdout,
    stderr: stderr === undefined ? PIPE : stderr,
    stdin: bytes === null ? DEVNULL : PIPE,
  });
  return runPlan(command, plan, bytes, check) as unknown as Coroutine<
    CompletedProcess<CollectedOf<Out>, CollectedOf<Err>>
  >;
}

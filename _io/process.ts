// Copyright 2026 the asyncio authors. MIT license.

import type { Signal } from "../_host/signals.ts";
import { classText, printAs, valueText } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { ProcessLookupError } from "../errors.ts";
import { type EventLoop, getRunningLoop } from "../loop.ts";
import { type Bytes, bytesOf } from "./bytes.ts";
import { communicating, type ProcessStreams } from "./communicate.ts";
import type { Input } from "./input.ts";
import type { ProcessTree } from "./process_tree.ts";
import type { StreamReader } from "./stream_reader.ts";
import type { StreamWriter } from "./stream_writer.ts";
import { TreeEnding } from "./tree_ending.ts";
import { Waiters } from "./waiters.ts";

/** The error about input for a process that does not read any more. */
function brokenPipe(): Error {
  const message = "The process has ended";
  if (typeof Deno !== "undefined") return new Deno.errors.BrokenPipe(message);
  const error = Object.assign(new Error(message), { code: "EPIPE" });
  return Object.assign(error, { name: "BrokenPipe" });
}

/**
 * A child process, as {@linkcode createSubprocessExec} and
 * {@linkcode createSubprocessShell} start it.
 *
 * - **Output.** What the process writes to a pipe stays there until it is read;
 *   when the pipe is full, the process waits. So read all pipes, at the same
 *   time: {@linkcode Process.communicate} does. When the process ends, what is
 *   left in its pipes is kept for later reads.
 * - **Cancellation.** A wait that is cancelled loses nothing and does nothing to
 *   the process. Call it again to go on.
 * - **End.** `await using` ends the process at the end of the block, with all its
 *   descendants: see {@linkcode Process.endTree}. Without that, the process goes
 *   on until it ends by itself, and keeps this program from ending.
 *
 * @typeParam In The type of `stdin`.
 * @typeParam Out The type of `stdout`.
 * @typeParam Err The type of `stderr`.
 *
 * @example A conversation
 * ```ts
 * import { run } from "@asyncio/asyncio";
 * import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
 * import { assertEquals } from "@std/assert";
 *
 * await run(async () => {
 *   await using process = await createSubprocessExec("cat", [], {
 *     stdin: PIPE,
 *     stdout: PIPE,
 *   });
 *   process.stdin.write("hello\n");
 *   const line = await process.stdout.readline();
 *   assertEquals(new TextDecoder().decode(line), "hello\n");
 * });
 * ```
 *
 * @category Processes
 */
export class Process<
  In extends StreamWriter | null = StreamWriter | null,
  Out extends StreamReader | null = StreamReader | null,
  Err extends StreamReader | null = StreamReader | null,
> implements AsyncDisposable {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "Process",
  );

  /** The number that the system has given to the process. */
  readonly pid: number;
  /** Writes to the standard input; `null` unless that is a pipe. */
  readonly stdin: In;
  /** Reads the standard output; `null` unless that is a pipe. */
  readonly stdout: Out;
  /** Reads the standard error; `null` unless that is a pipe. */
  readonly stderr: Err;
  readonly #loop: EventLoop;
  readonly #tree: ProcessTree;
  readonly #killAfter: number | null;
  readonly #exitWaiters = new Waiters();
  #ending: TreeEnding | null = null;

  /** @ignore */
  constructor(
    loop: EventLoop,
    tree: ProcessTree,
    streams: ProcessStreams<In, Out, Err>,
    killAfter: number | null,
  ) {
    this.pid = tree.child.pid;
    this.stdin = streams.stdin;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    this.#loop = loop;
    this.#tree = tree;
    this.#killAfter = killAfter;
    tree.onExit(() => this.#exited());
  }

  /**
   * What the process has ended with: its exit status, or a negative number, -N,
   * if signal N has ended it. `null` as long as it runs. Windows has no signals.
   * If the host cannot tell, it is 255, and the exception handler of the loop is
   * told why.
   */
  get returncode(): number | null {
    return this.#tree.returncode;
  }

  /**
   * Waits until the process has ended.
   *
   * If it writes more than a pipe holds and nobody reads that, it never ends:
   * use {@linkcode Process.communicate} then.
   *
   * @returns A coroutine of {@linkcode Process.returncode}.
   * @throws {Error} If the process was started in another loop.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { createSubprocessShell } from "@asyncio/asyncio/subprocess";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const process = await createSubprocessShell("exit 7");
   *   assertEquals(await process.wait(), 7);
   * });
   * ```
   */
  wait(): Coroutine<number> {
    return waitForProcess(this);
  }

  /**
   * Sends input, collects all output, and waits until the process has ended.
   * It does all three at the same time, so that no pipe gets stuck.
   *
   * If it is cancelled, nothing is lost: call it again, without the input, to go
   * on. All output is collected in memory.
   *
   * @param input What to send to the standard input, which is closed afterwards;
   * a string is UTF-8. If the process ends before it has read all, the rest is
   * dropped.
   * @returns A coroutine of what the process has written to its standard output
   * and standard error; `null` for one that is not a pipe.
   * @throws {TypeError} If `input` is neither bytes nor a string.
   * @throws {TypeError} If there is input, and the standard input is not a pipe.
   * @throws {Error} If the process was started in another loop.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { createSubprocessExec, PIPE } from "@asyncio/asyncio/subprocess";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const process = await createSubprocessExec("sort", ["-r"], {
   *     stdin: PIPE,
   *     stdout: PIPE,
   *   });
   *   const [stdout, stderr] = await process.communicate("1\n2\n");
   *   assertEquals(new TextDecoder().decode(stdout), "2\n1\n");
   *   assertEquals(stderr, null);
   * });
   * ```
   */
  communicate(
    input?: Uint8Array | string | null,
  ): Coroutine<
    [
      stdout: Out extends null ? null : Uint8Array<ArrayBuffer>,
      stderr: Err extends null ? null : Uint8Array<ArrayBuffer>,
    ]
  > {
    const bytes = input === undefined || input === null
      ? null
      : bytesOf("send to a process", input);
    if (bytes !== null && this.stdin === null) {
      throw new TypeError(
        `Cannot send input to ${this}: it was started without { stdin: PIPE }`,
      );
    }
    return communicateWith(this, bytes) as Coroutine<never>;
  }

  /**
   * Sends a signal to the process, and not to its descendants.
   *
   * @param signal The name of the signal, such as `"SIGHUP"`.
   * @throws {ProcessLookupError} If the process has ended.
   * @throws {TypeError} If there is no such signal.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { createSubprocessExec } from "@asyncio/asyncio/subprocess";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const process = await createSubprocessExec("sleep", ["60"]);
   *   process.sendSignal("SIGHUP");
   *   assertEquals(await process.wait(), -1);
   * });
   * ```
   */
  sendSignal(signal: Signal): void {
    if (typeof signal !== "string") {
      throw new TypeError(
        `Cannot send what is not the name of a signal: current value is ${
          valueText(signal)
        }`,
      );
    }
    if (this.returncode !== null) {
      throw new ProcessLookupError(`${this} has ended already`);
    }
    this.#tree.signalChild(signal);
  }

  /**
   * Asks the process to end: sends SIGTERM to it, and not to its descendants.
   * On Windows it ends at once.
   *
   * @throws {ProcessLookupError} If the process has ended.
   */
  terminate(): void {
    this.sendSignal("SIGTERM");
  }

  /**
   * Ends the process: sends SIGKILL to it, and not to its descendants.
   *
   * @throws {ProcessLookupError} If the process has ended.
   */
  kill(): void {
    this.sendSignal("SIGKILL");
  }

  /**
   * Ends the process and its descendants, waits for that, and closes the pipes.
   *
   * All get SIGTERM. Those that are left after the time `killAfter` get SIGKILL,
   * and so they do at once if the wait is cancelled, which takes effect when all
   * is done. In the meantime their output is read, so that none of them gets
   * stuck. If they have ended already, only the pipes are closed.
   *
   * Descendants are those of the same process group: see `startNewSession`. On
   * Windows, and where the permission is missing, the process alone is ended.
   *
   * @returns A coroutine that ends when nothing is left.
   *
   * @example Usage
   * ```ts
   * import { run } from "@asyncio/asyncio";
   * import { createSubprocessShell } from "@asyncio/asyncio/subprocess";
   * import { assert } from "@std/assert";
   *
   * await run(async () => {
   *   const process = await createSubprocessShell("sleep 60; sleep 60");
   *   await process.endTree();
   *   assert(process.returncode !== null);
   * });
   * ```
   */
  endTree(): Coroutine<void> {
    return endTreeOf(this);
  }

  /** Ends the process and its descendants: this is what `await using` calls. */
  [Symbol.asyncDispose](): Coroutine<void> {
    return endTreeOf(this);
  }

  /**
   * Waits for the end of a process.
   * @ignore */
  *$waitSteps(): Generator<unknown, number, unknown> {
    this.#requireLoop();
    yield* this.#waitForExit();
    return this.returncode!;
  }

  /**
   * Sends input, and reads all output.
   * @ignore */
  *$communicateSteps(
    bytes: Uint8Array | null,
  ): Generator<unknown, [Bytes | null, Bytes | null], unknown> {
    this.#requireLoop();
    return yield* communicating(this, bytes, () => this.#waitForExit());
  }

  /**
   * Ends a process tree, and waits.
   * @ignore */
  *$endSteps(): Generator<unknown, void, unknown> {
    this.#requireLoop();
    const ending = this.$beginEnding();
    let cancellation: { error: unknown } | null = null;
    while (!ending.isOver) {
      try {
        yield* ending.wait();
      } catch (error) {
        cancellation = { error };
        ending.hurry();
      }
    }
    if (cancellation !== null) throw cancellation.error;
  }

  /**
   * Begins to end a process tree.
   * @ignore */
  $beginEnding(): TreeEnding {
    this.#readAhead(true);
    return this.#ending ??= new TreeEnding(
      this.#tree,
      this.#loop,
      this.#killAfter,
      this.#outputs(),
      () => this.stdin?.abort(),
    );
  }

  #exited(): void {
    if (!this.#tree.isRunning()) this.stdin?.$output.peerLeft(brokenPipe());
    if (this.#ending === null) this.#readAhead(false);
    this.#exitWaiters.wakeAll();
  }

  /**
   * Sends a signal to a process and its descendants.
   * @ignore */
  $signalTree(signal: Signal): void {
    this.#tree.signal(signal);
  }

  *#waitForExit(): Generator<unknown, void, unknown> {
    if (this.returncode === null) yield* this.#exitWaiters.wait();
  }

  #requireLoop(): void {
    if (getRunningLoop() !== this.#loop) {
      throw new Error(`${this} is bound to a different event loop`);
    }
  }

  /** Reads output that nobody waits for. */
  #readAhead(dropsOldest: boolean): void {
    for (const output of this.#outputs()) {
      output.readAhead(2 * output.limit, dropsOldest); // as much as asyncio
    }
  }

  #outputs(): Input[] {
    const outputs: Input[] = [];
    if (this.stdout !== null) outputs.push(this.stdout.$input);
    if (this.stderr !== null) outputs.push(this.stderr.$input);
    return outputs;
  }

  /** @ignore */
  toString(): string {
    return `<${classText(this)} ${this.pid}>`;
  }
}

const waitForProcess = /* @__PURE__ */ Coroutine.$ownFunction<
  [process: Process],
  number
>(function wait(process) {
  return process.$waitSteps();
});

const communicateWith = /* @__PURE__ */ Coroutine.$ownFunction<
  [process: Process, bytes: Uint8Array | null],
  [Bytes | null, Bytes | null]
>(function communicate(process, bytes) {
  return process.$communicateSteps(bytes);
});

const endTreeOf = /* @__PURE__ */ Coroutine.$ownFunction<
  [process: Process],
  void
>(function endTree(process) {
  return process.$endSteps();
});

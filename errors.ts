// Copyright 2026 the asyncio authors. MIT license.
// This module is browser compatible.

/**
 * The errors of asyncio. Each is exported so that callers can catch it, and has
 * its `name` set.
 *
 * ```ts
 * import { CancelledError, createTask, run, sleep } from "@asyncio/asyncio";
 * import { assertInstanceOf } from "@std/assert";
 *
 * await run(async () => {
 *   const task = createTask(sleep(60));
 *   task.cancel("no longer needed");
 *   try {
 *     await task;
 *   } catch (error) {
 *     assertInstanceOf(error, CancelledError);
 *   }
 * });
 * ```
 *
 * @module
 */

/**
 * A task or future was cancelled.
 *
 * Thrown inside a cancelled task at the place where it waits, and to callers
 * that ask a cancelled future for its result. Catch it to clean up, then throw
 * it again: a task that swallows it goes on as if it had not been cancelled.
 *
 * Its `cause` says who has asked for the cancellation of the task, as text: a
 * task, a time limit, a group, a signal. That of an aborted `AbortSignal` is its
 * reason. In debug mode the cause is an `Error`, which also says where that was
 * and where the task waited.
 *
 * @example Clean up and pass it on
 * ```ts
 * import { CancelledError, createTask, run, sleep } from "@asyncio/asyncio";
 * import { assert } from "@std/assert";
 *
 * await run(async () => {
 *   let cleaned = false;
 *   const task = createTask(async () => {
 *     try {
 *       await sleep(60);
 *     } catch (error) {
 *       cleaned = error instanceof CancelledError;
 *       throw error;
 *     }
 *   });
 *   await sleep(0);
 *   task.cancel();
 *   await sleep(0);
 *   assert(cleaned);
 * });
 * ```
 *
 * @category Errors
 */
export class CancelledError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "CancelledError";
  /** `"CancelledError"` */
  override name = "CancelledError";
}

/**
 * An operation does not fit the state of a future: for example, its result is
 * asked for too early or set twice.
 *
 * @example Asking too early
 * ```ts
 * import { InvalidStateError, newEventLoop } from "@asyncio/asyncio";
 * import { assertThrows } from "@std/assert";
 *
 * const future = newEventLoop().createFuture<number>();
 * assertThrows(() => future.result(), InvalidStateError, "Result is not ready.");
 * ```
 *
 * @category Errors
 */
export class InvalidStateError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "InvalidStateError";
  /** `"InvalidStateError"` */
  override name = "InvalidStateError";
}

/**
 * An operation took longer than its limit.
 *
 * @example Recognise it
 * ```ts
 * import { TimeoutError } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new TimeoutError("too slow").name, "TimeoutError");
 * ```
 *
 * @category Errors
 */
export class TimeoutError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "TimeoutError";
  /** `"TimeoutError"` */
  override name = "TimeoutError";
}

/**
 * A queue had no item that could be returned at once.
 *
 * @example Recognise it
 * ```ts
 * import { QueueEmpty } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new QueueEmpty().name, "QueueEmpty");
 * ```
 *
 * @category Errors
 */
export class QueueEmpty extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "QueueEmpty";
  /** `"QueueEmpty"` */
  override name = "QueueEmpty";
}

/**
 * A queue had no room for an item that was to be added at once.
 *
 * @example Recognise it
 * ```ts
 * import { QueueFull } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new QueueFull().name, "QueueFull");
 * ```
 *
 * @category Errors
 */
export class QueueFull extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "QueueFull";
  /** `"QueueFull"` */
  override name = "QueueFull";
}

/**
 * A queue was shut down: it takes no more items, or has none left.
 *
 * @example Recognise it
 * ```ts
 * import { QueueShutDown } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new QueueShutDown().name, "QueueShutDown");
 * ```
 *
 * @category Errors
 */
export class QueueShutDown extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "QueueShutDown";
  /** `"QueueShutDown"` */
  override name = "QueueShutDown";
}

/**
 * A lock or a permit was asked for without waiting, and was not free.
 *
 * @example Recognise it
 * ```ts
 * import { WouldBlock } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new WouldBlock().name, "WouldBlock");
 * ```
 *
 * @category Errors
 */
export class WouldBlock extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "WouldBlock";
  /** `"WouldBlock"` */
  override name = "WouldBlock";
}

/**
 * A barrier was broken by `abort()`, or reset while tasks waited at it.
 *
 * @example Recognise it
 * ```ts
 * import { BrokenBarrierError } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new BrokenBarrierError().name, "BrokenBarrierError");
 * ```
 *
 * @category Errors
 */
export class BrokenBarrierError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "BrokenBarrierError";
  /** `"BrokenBarrierError"` */
  override name = "BrokenBarrierError";
}

/**
 * A stream ended before all that was asked for had come.
 *
 * @example What has come
 * ```ts
 * import { IncompleteReadError, run } from "@asyncio/asyncio";
 * import { StreamReader } from "@asyncio/asyncio/streams";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * await run(async () => {
 *   const reader = new StreamReader(new Blob(["abc"]).stream());
 *   try {
 *     await reader.readexactly(4);
 *   } catch (error) {
 *     assertInstanceOf(error, IncompleteReadError);
 *     assertEquals(new TextDecoder().decode(error.partial), "abc");
 *     assertEquals(error.expected, 4);
 *   }
 * });
 * ```
 *
 * @category Errors
 */
export class IncompleteReadError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "IncompleteReadError";
  /** `"IncompleteReadError"` */
  override name = "IncompleteReadError";
  /** The bytes that had come. They are not in the buffer any more. */
  readonly partial: Uint8Array<ArrayBuffer>;
  /** How many bytes were asked for; `null` if that is not known. */
  readonly expected: number | null;

  /**
   * Creates the error.
   *
   * @param partial The bytes that had come.
   * @param expected How many were asked for, or `null`.
   */
  constructor(partial: Uint8Array<ArrayBuffer>, expected: number | null) {
    super(
      `${partial.length} bytes read on a total of ${
        expected ?? "undefined"
      } expected bytes`,
    );
    this.partial = partial;
    this.expected = expected;
  }
}

/**
 * A separator was not found within the limit of a stream.
 *
 * After `readuntil()`, the bytes are still in the buffer. After `readline()`
 * and in a `for await`, those of the line that have come are dropped.
 *
 * @example A line that is too long
 * ```ts
 * import { LimitOverrunError, run } from "@asyncio/asyncio";
 * import { StreamReader } from "@asyncio/asyncio/streams";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await run(async () => {
 *   const bytes = new Blob(["much too long\nok\n"]).stream();
 *   const reader = new StreamReader(bytes, { limit: 8 });
 *   await assertRejects(async () => await reader.readline(), LimitOverrunError);
 *   assertEquals(await reader.readline(), new TextEncoder().encode("ok\n"));
 * });
 * ```
 *
 * @category Errors
 */
export class LimitOverrunError extends RangeError {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "LimitOverrunError";
  /** `"LimitOverrunError"` */
  override name = "LimitOverrunError";
  /** How many bytes can be taken without a part of a separator. */
  readonly consumed: number;

  /**
   * Creates the error.
   *
   * @param message What has happened.
   * @param consumed How many bytes can be taken without a part of a separator.
   */
  constructor(message: string, consumed: number) {
    super(message);
    this.consumed = consumed;
  }
}

/**
 * A signal was to be sent to a process that has ended.
 *
 * @example Recognise it
 * ```ts
 * import { ProcessLookupError } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new ProcessLookupError().name, "ProcessLookupError");
 * ```
 *
 * @category Errors
 */
export class ProcessLookupError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "ProcessLookupError";
  /** `"ProcessLookupError"` */
  override name = "ProcessLookupError";
}

/**
 * A process has ended with another status than zero, or by a signal.
 *
 * @example Its output
 * ```ts
 * import { CalledProcessError } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new CalledProcessError(1, ["grep", "x"], null, null);
 * assertEquals(
 *   error.message,
 *   "Command 'grep x' returned non-zero exit status 1.",
 * );
 * ```
 *
 * @category Errors
 */
export class CalledProcessError extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "CalledProcessError";
  /** `"CalledProcessError"` */
  override name = "CalledProcessError";
  /** What it ended with: its status, or less than zero for a signal. */
  readonly returncode: number;
  /** The command, as it was given: a text for the shell, or a list. */
  readonly cmd: string | readonly string[];
  /** What it wrote to its standard output; `null` if that was not collected. */
  readonly stdout: Uint8Array<ArrayBuffer> | null;
  /** What it wrote to its standard error; `null` if that was not collected. */
  readonly stderr: Uint8Array<ArrayBuffer> | null;

  /**
   * Creates the error.
   *
   * @param returncode What the process ended with.
   * @param cmd The command.
   * @param stdout What it wrote to its standard output, or `null`.
   * @param stderr What it wrote to its standard error, or `null`.
   */
  constructor(
    returncode: number,
    cmd: string | readonly string[],
    stdout: Uint8Array<ArrayBuffer> | null,
    stderr: Uint8Array<ArrayBuffer> | null,
  ) {
    const text = typeof cmd === "string" ? cmd : cmd.join(" ");
    super(
      returncode < 0
        ? `Command '${text}' died with signal ${-returncode}.`
        : `Command '${text}' returned non-zero exit status ${returncode}.`,
    );
    this.returncode = returncode;
    this.cmd = cmd;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** The same as `stdout`, as in Python. */
  get output(): Uint8Array<ArrayBuffer> | null {
    return this.stdout;
  }
}

/**
 * Ctrl-C has cancelled the coroutine that a `Runner` runs.
 *
 * @example Recognise it
 * ```ts
 * import { KeyboardInterrupt } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new KeyboardInterrupt().name, "KeyboardInterrupt");
 * ```
 *
 * @category Errors
 */
export class KeyboardInterrupt extends Error {
  /** @ignore Printed text shows it, and minification would shorten it. */
  static override readonly name: string = "KeyboardInterrupt";
  /** `"KeyboardInterrupt"` */
  override name = "KeyboardInterrupt";
}

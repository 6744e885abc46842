// Copyright 2026 the asyncio authors. MIT license.

import { Coroutine } from "../coroutine.ts";
import { getRunningLoop } from "../loop.ts";
import { createTask, type Task } from "../task.ts";
import type { Bytes } from "./bytes.ts";
import { type Input, ReadSteps } from "./input.ts";
import type { StreamReader } from "./stream_reader.ts";
import type { StreamWriter } from "./stream_writer.ts";

/** The streams of a process; `null` for those that are not pipes. */
export interface ProcessStreams<
  In extends StreamWriter | null,
  Out extends StreamReader | null,
  Err extends StreamReader | null,
> {
  readonly stdin: In;
  readonly stdout: Out;
  readonly stderr: Err;
}

type Steps = Generator<unknown, void, unknown>;

/** What a writer fails with when the process reads no more. */
const PEER_IS_GONE = ["BrokenPipe", "ConnectionReset", "EPIPE", "ECONNRESET"];

/** Whether the error says that the process reads no more. */
function isPeerGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code } = error as Error & { code?: string };
  return PEER_IS_GONE.includes(name) || PEER_IS_GONE.includes(code ?? "");
}

/** Reads all into the buffer, and takes nothing. */
class ReadToEnd extends ReadSteps<void> {
  readonly name = "communicate";

  override isReady(): boolean {
    return false; // the end has to come first
  }

  protected override _take(): void {}
}

const readToEnd = /* @__PURE__ */ Coroutine.$ownFunction<[input: Input], void>(
  function read(input) {
    return new ReadToEnd(input);
  },
);

/** Sends the input, and then the end of it. */
function* feed(stdin: StreamWriter, bytes: Uint8Array | null): Steps {
  try {
    if (bytes !== null) stdin.write(bytes);
    yield* stdin.drain();
    stdin.close();
    yield* stdin.waitClosed();
  } catch (error) {
    if (!isPeerGone(error)) throw error;
    stdin.close();
  }
}

/** Waits until all tasks are done, or one has failed. */
function* firstFailureOf(tasks: readonly Task<unknown>[]): Steps {
  const waiter = getRunningLoop().createFuture<void>();
  let left = tasks.length;
  const taskDone = (task: Task<unknown>) => {
    if (--left === 0 || task.cancelled() || task.$hasFailed()) {
      waiter.$setUnlessDone();
    }
  };
  for (const task of tasks) task.addDoneCallback(taskDone);
  try {
    if (left > 0) yield* waiter;
  } finally {
    for (const task of tasks) task.removeDoneCallback(taskDone);
  }
}

/** Cancels tasks, and waits until they have ended, whatever happens. */
function* cancelAll(tasks: readonly Task<unknown>[]): Steps {
  let cancellation: { error: unknown } | null = null;
  for (const task of tasks) {
    task.cancel();
    while (!task.done()) {
      try {
        yield* firstFailureOf([task]);
      } catch (error) {
        cancellation = { error };
      }
    }
    if (!task.cancelled()) task.exception(); // looked at, and dropped
  }
  if (cancellation !== null) throw cancellation.error;
}

/**
 * Sends input, reads all output, and waits for the end of the process, all at
 * the same time. The output is taken in the last step: if it is cancelled before
 * that, what was read stays in the readers.
 */
export function* communicating(
  { stdin, stdout, stderr }: ProcessStreams<
    StreamWriter | null,
    StreamReader | null,
    StreamReader | null
  >,
  bytes: Uint8Array | null,
  waitForExit: () => Steps,
): Generator<unknown, [Bytes | null, Bytes | null], unknown> {
  const outputs = [stdout, stderr].map((reader) => reader && reader.$input);
  for (const from of outputs) from?.requireFree("communicate");
  const tasks: Task<void>[] = [];
  if (stdin !== null) tasks.push(createTask(() => feed(stdin, bytes)));
  for (const from of outputs) {
    if (from !== null) tasks.push(createTask(readToEnd(from)));
  }
  let isOver = false;
  try {
    yield* firstFailureOf(tasks);
    for (const task of tasks) if (task.done()) task.result();
    yield* waitForExit();
    isOver = true;
  } catch (error) {
    isOver = true;
    yield* cancelAll(tasks);
    throw error;
  } finally {
    if (!isOver) { // the coroutine was closed
      for (const task of tasks) task.cancel();
    }
  }
  const [out, err] = outputs.map((from) =>
    from && from.buffer.take(from.buffer.length)
  );
  return [out, err];
}

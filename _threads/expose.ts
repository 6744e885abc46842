// Copyright 2026 the asyncio authors. MIT license.

import type { Attachment } from "../_core/protocols.ts";
import { requireCount } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { stringRepr, valueText } from "../_util/repr.ts";
import { Coroutine, isCoroutineFunction } from "../coroutine.ts";
import { CancelledError, QueueFull } from "../errors.ts";
import { EventLoop, type Handle } from "../loop.ts";
import type { Task } from "../task.ts";
import { isId, type Message } from "./messages.ts";
import { Port } from "./port.ts";
import type { RemoteFunctions } from "./remote.ts";

/** Far more calls in flight than any well-behaved caller has. */
const MAX_CALLS = 10_000;

const EXPOSE_LOOP_OPTIONS: readonly string[] = ["maxCalls"];

/**
 * Options for {@linkcode exposeLoop}.
 *
 * @category Threads
 */
export interface ExposeLoopOptions {
  /**
   * How many calls may be in flight: accepted, and not answered yet. One more
   * is answered with `QueueFull`.
   *
   * @default {10000}
   */
  maxCalls?: number;
}

/** A call that was accepted, and not answered yet. */
interface Call {
  name: string;
  /** Starts the call with the next iteration of the loop. */
  handle: Handle;
  /** The task of the call, when it has started. */
  task: Task<unknown> | null;
}

type Body = (...args: unknown[]) => unknown;

/** The loops that are exposed, by port. */
const exposures = new WeakMap<EventTarget, Exposure>();

/**
 * A loop that takes calls from a port.
 *
 * Each call that is accepted is answered once: by its task, or by the message
 * that the loop is no longer exposed. Whatever arrives, the loop goes on.
 */
class Exposure implements Disposable, Attachment {
  #loop: EventLoop;
  #target: EventTarget;
  #port: Port;
  #functions: Map<string, Body>;
  #maxCalls: number;
  #calls = new Map<number, Call>();
  #listener = {
    onMessage: (message: Partial<Message>) => this.#receive(message),
    onEnd: (reason: string) => this.#end(reason),
  };

  constructor(
    loop: EventLoop,
    target: EventTarget,
    functions: RemoteFunctions,
    options: ExposeLoopOptions = {},
  ) {
    loop.$requireOpen();
    this.#maxCalls = options.maxCalls ?? MAX_CALLS;
    requireCount("maxCalls", 1, this.#maxCalls);
    this.#loop = loop;
    this.#target = target;
    this.#functions = namedFunctions(functions);
    this.#port = Port.of(target);
    if (exposures.has(target)) {
      throw new Error(`A loop is exposed on this port already: ${loop}`);
    }
    exposures.set(target, this);
    loop.$holdingsOf.attachments.add(this);
    this.#port.add(this.#listener);
    this.#port.post({ about: "ready" });
  }

  [Symbol.dispose](): void {
    this.#end("the loop is no longer exposed");
  }

  loopClosed(): void {
    this.#end("Event loop is closed");
  }

  #end(reason: string): void {
    if (exposures.get(this.#target) !== this) return;
    exposures.delete(this.#target);
    this.#loop.$holdingsOf.attachments.delete(this);
    this.#port.remove(this.#listener);
    this.#port.post({ about: "gone", reason });
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) this.#cancelCall(call);
  }

  #receive(message: Partial<Message>): void {
    switch (message.about) {
      case "connect":
        return this.#port.post({ about: "ready" });
      case "call":
        return this.#accept(message.id, message.name, message.args);
      case "cancel":
        return this.#cancel(message.id);
    }
  }

  /** Accepts a call or refuses it. Without a new number it gets no answer. */
  #accept(id: unknown, name: unknown, args: unknown): void {
    if (!isId(id) || this.#calls.has(id)) return;
    if (typeof name !== "string" || !Array.isArray(args)) {
      const error = new TypeError("Cannot take a malformed call");
      return this.#port.postError(id, error);
    }
    const body = this.#functions.get(name);
    if (body === undefined) {
      const error = new TypeError(
        `Cannot call what is not exposed: current value is ${stringRepr(name)}`,
      );
      return this.#port.postError(id, error);
    }
    if (this.#calls.size >= this.#maxCalls) {
      const error = new QueueFull(
        `Cannot take the call of ${stringRepr(name)} as maxCalls is ` +
          `${this.#maxCalls}, and so many are in flight`,
      );
      return this.#port.postError(id, error);
    }
    const start = () => this.#start(id, body, args);
    const handle = this.#loop.callSoonThreadsafe(start);
    this.#calls.set(id, { name, handle, task: null });
  }

  #start(id: number, body: Body, args: unknown[]): void {
    const call = this.#calls.get(id)!;
    let task: Task<unknown>;
    try {
      task = this.#loop.createTask(coroutineOf(call.name, body, args));
    } catch (error) {
      this.#calls.delete(id);
      return this.#port.postError(id, error);
    }
    call.task = task;
    task.$addListener({ $wakeup: () => this.#answer(id, task) });
  }

  #cancel(id: unknown): void {
    const call = isId(id) ? this.#calls.get(id) : undefined;
    if (call === undefined) return; // its answer is on the way
    this.#cancelCall(call);
    if (call.task !== null) return; // the task answers when it has cleaned up
    this.#calls.delete(id as number);
    this.#port.postError(id as number, new CancelledError());
  }

  #cancelCall({ handle, task }: Call): void {
    if (task === null) handle.cancel();
    else if (!this.#loop.isClosed()) {
      this.#loop.callSoonThreadsafe(() => task.cancel());
    }
  }

  #answer(id: number, task: Task<unknown>): void {
    const call = this.#calls.get(id);
    if (call === undefined) return; // the loop is no longer exposed
    this.#calls.delete(id);
    let value: unknown;
    try {
      value = task.result();
    } catch (error) {
      return this.#port.postError(id, error);
    }
    this.#port.postResult(id, call.name, value);
  }
}

/** The functions by name: own properties only, not what every object has. */
function namedFunctions(functions: RemoteFunctions): Map<string, Body> {
  if (typeof functions !== "object" || functions === null) {
    throw new TypeError(
      `Cannot expose what is not an object of functions: current value is ${
        valueText(functions)
      }`,
    );
  }
  const named = new Map<string, Body>();
  for (const [name, body] of Object.entries(functions)) {
    if (typeof body !== "function") {
      throw new TypeError(
        `Cannot expose ${
          stringRepr(name)
        } as it is not a function: current value is ${valueText(body)}`,
      );
    }
    named.set(name, body as Body);
  }
  return named;
}

function coroutineOf(
  name: string,
  body: Body,
  args: unknown[],
): Coroutine<unknown> {
  if (isCoroutineFunction(body)) {
    return body(...args as never[]) as Coroutine<unknown>;
  }
  const call = () => body(...args) as PromiseLike<unknown>;
  Object.defineProperty(call, "name", { value: name });
  return Coroutine.$toCoroutine(call);
}

/**
 * Lets another thread submit coroutines to a loop.
 *
 * - The other side calls functions by name, and only those that are named here.
 * - Each call becomes a task of the loop, and is answered once, when the task
 *   is done. Calls start in the order in which they were submitted, in the
 *   iterations of the loop: while the loop does not run, they wait.
 * - Whatever arrives, the loop goes on. A call beyond `maxCalls` is answered
 *   with `QueueFull`. Messages that are not from this library are ignored, so
 *   that the port can serve the program as well.
 * - It ends with the loop's `close()`, with the port, or by `using`. The tasks
 *   of calls without an answer are cancelled then, and the other side is told.
 * - In a worker, call `loop.runForever()` without `await`: the loop keeps the worker
 *   alive. Deno leaves two file descriptors open of each worker that is terminated
 *   while its module still awaits something.
 *
 * @param loop The loop that runs the calls.
 * @param port The way to the other thread: its `Worker`; `self` inside a
 * worker; or a `MessagePort`.
 * @param functions The coroutine functions, or plain `async` and generator
 * functions, by name. Only own properties count, with their present values.
 * @param options How many calls may be in flight.
 * @returns A `Disposable` that stops it. The port stays open.
 * @throws {TypeError} If `loop` is not a loop, `port` not a port, or one of the
 * functions is not a function.
 * @throws {TypeError} If there is no such option.
 * @throws {TypeError} If `maxCalls` is not a number, or `NaN`.
 * @throws {RangeError} If `maxCalls` is not a whole number above zero.
 * @throws {Error} If the loop is closed.
 * @throws {Error} If a loop is exposed on that port already.
 *
 * @example Usage
 * ```ts
 * import {
 *   connectLoop,
 *   exposeLoop,
 *   getRunningLoop,
 *   run,
 *   runCoroutineThreadsafe,
 *   sleep,
 *   wrapFuture,
 * } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const functions = {
 *   async greet(name: string) {
 *     await sleep(0.01);
 *     return `Hello ${name}`;
 *   },
 * };
 * const { port1, port2 } = new MessageChannel();
 *
 * await run(async () => {
 *   using _ = exposeLoop(getRunningLoop(), port1, functions);
 *
 *   // In the other thread, to which port2 was posted:
 *   using remote = connectLoop<typeof functions>(port2);
 *   const call = remote.coroutine("greet", "you");
 *   const answer = runCoroutineThreadsafe(call, remote);
 *   assertEquals(await wrapFuture(answer), "Hello you");
 * });
 * port1.close();
 * port2.close();
 * ```
 *
 * @category Threads
 */
export function exposeLoop(
  loop: EventLoop,
  port: EventTarget,
  functions: RemoteFunctions,
  options?: ExposeLoopOptions,
): Disposable {
  if (!(loop instanceof EventLoop)) {
    throw new TypeError(
      `Cannot expose what is not a loop: current value is ${valueText(loop)}`,
    );
  }
  requireOptions("exposeLoop()", options, EXPOSE_LOOP_OPTIONS);
  return new Exposure(loop, port, functions, options);
}

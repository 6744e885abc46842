// Copyright 2026 the asyncio authors. MIT license.

import { classText, printAs, stringRepr, valueText } from "../_util/repr.ts";
import { CancelledError } from "../errors.ts";
import { requireName } from "./job.ts";
import {
  clonePayload,
  dataCloneError,
  isId,
  makePayload,
  type Message,
  type Payload,
  requireTransfer,
  type TransferOptions,
} from "./messages.ts";
import { Port } from "./port.ts";
import { RemoteCall } from "./remote_call.ts";
import type { ThreadsafeFuture } from "./threadsafe_future.ts";

/**
 * Functions that the thread of a loop exposes, by name.
 *
 * @category Threads
 */
export type RemoteFunctions = Record<string, (...args: never[]) => unknown>;

/**
 * Functions whose names and types are not known.
 *
 * @category Threads
 */
export type UnknownFunctions = Record<
  string,
  (...args: unknown[]) => unknown
>;

/**
 * The type of the result of a function that is called from another thread.
 *
 * @category Threads
 */
export type RemoteResult<F> = F extends (...args: never[]) => infer R
  ? R extends Generator<unknown, infer T, never> ? T : Awaited<R>
  : unknown;

/**
 * The types of the arguments of a function.
 *
 * @category Threads
 */
export type RemoteArguments<F> = F extends (...args: infer A) => unknown ? A
  : unknown[];

/** What a {@linkcode RemoteCoroutine} describes. */
interface Description {
  remote: RemoteLoop<never>;
  name: string;
  args: unknown[];
}

/**
 * A call of a coroutine function in another thread that has not been made yet.
 *
 * Made by {@linkcode RemoteLoop.coroutine}, and submitted by
 * `runCoroutineThreadsafe()`, each time as a call of its own.
 *
 * @typeParam T The type of the result.
 *
 * @category Threads
 */
export class RemoteCoroutine<T> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "RemoteCoroutine",
  );

  declare private _result: T; // for the type only
  #description: Description;

  private constructor(description: Description) {
    this.#description = description;
  }

  /**
   * Key of {@linkcode RemoteCoroutine}: makes one.
   * @ignore */
  static $describeCall<T>(description: Description): RemoteCoroutine<T> {
    return new RemoteCoroutine(description);
  }

  /**
   * Key of {@linkcode RemoteCoroutine}: what it describes.
   * @ignore */
  get $descriptionOf(): Description {
    return this.#description;
  }

  /** @ignore */
  toString(): string {
    return `<remote coroutine ${this.#description.name}>`;
  }
}

/**
 * A loop in another thread, as far as that thread has exposed it.
 *
 * - Calls are made in the order in which they were submitted. Those that are
 *   submitted before the other side is ready are sent when it is.
 * - Each call ends once: with the answer, or with an `Error` when no answer can
 *   come any more, because the other side has stopped, or the port was closed.
 *
 * Made by {@linkcode connectLoop}.
 *
 * @typeParam F The types of the functions by name, as in
 * `connectLoop<typeof functions>(port)`.
 *
 * @category Threads
 */
export class RemoteLoop<F extends object = UnknownFunctions>
  implements Disposable {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "RemoteLoop",
  );

  #port: Port;
  #calls = new Map<number, RemoteCall<unknown>>();
  #ready = false;
  /** Why nothing can be submitted, and whether that is for good. */
  #end: { reason: string; final: boolean } | null = null;
  #listener = {
    onMessage: (message: Partial<Message>) => this.#receive(message),
    onEnd: (reason: string) => this.#close(reason),
  };

  private constructor(port: Port) {
    this.#port = port;
    port.add(this.#listener);
    port.post({ about: "connect" });
  }

  /**
   * Key of {@linkcode RemoteLoop}: makes one.
   * @ignore */
  static $connect<F extends object>(port: Port): RemoteLoop<F> {
    return new RemoteLoop(port);
  }

  /**
   * Describes a call, without making it.
   *
   * @typeParam K The type of the name.
   * @param name The name under which the function is exposed.
   * @param args Its arguments. They are cloned when the call is submitted.
   * @returns What `runCoroutineThreadsafe()` takes.
   * @throws {TypeError} If the name is not a string.
   *
   * @example Usage
   * ```ts
   * import { connectLoop } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * const { port1, port2 } = new MessageChannel();
   * using remote = connectLoop(port1);
   * const call = remote.coroutine("fetchPage", "https://example.com");
   * assertEquals(String(call), "<remote coroutine fetchPage>");
   * port1.close();
   * port2.close();
   * ```
   */
  coroutine<K extends keyof F & string>(
    name: K,
    ...args: RemoteArguments<F[K]>
  ): RemoteCoroutine<RemoteResult<F[K]>> {
    requireName(name);
    return RemoteCoroutine.$describeCall({
      remote: this,
      name,
      args: args as unknown[],
    });
  }

  /** Whether the connection has ended for good. */
  isClosed(): boolean {
    return this.#end?.final ?? false;
  }

  /**
   * Ends the connection. The port stays open. Calls that have no answer yet
   * fail with an `Error`, and their tasks are cancelled. The second time,
   * nothing happens.
   *
   * @example Usage
   * ```ts
   * import { connectLoop } from "@asyncio/asyncio";
   * import { assert } from "@std/assert";
   *
   * const { port1, port2 } = new MessageChannel();
   * const remote = connectLoop(port1);
   * remote.close();
   * assert(remote.isClosed());
   * port1.close();
   * port2.close();
   * ```
   */
  close(): void {
    this.#close("the connection was closed");
  }

  /** {@linkcode RemoteLoop.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Key of {@linkcode RemoteLoop}: makes a call.
   * @ignore */
  $submitCall<T>(
    coro: unknown,
    options?: Partial<TransferOptions>,
  ): ThreadsafeFuture<T> {
    const { name, args } = this.#requireOwn(coro);
    if (this.#end !== null) {
      throw new Error(`Cannot call ${stringRepr(name)}: ${this.#end.reason}`);
    }
    const payload = makePayload(args, requireTransfer(options));
    const call: RemoteCall<T> = new RemoteCall(name, () => this.#cancel(call));
    try {
      if (this.#ready) this.#send(call, payload);
      else call.unsent = clonePayload(payload);
    } catch (error) {
      throw dataCloneError(`the arguments of ${name}()`, error);
    }
    this.#calls.set(call.id, call);
    return call;
  }

  /** Refuses what is not a call that this remote loop has described. */
  #requireOwn(call: unknown): Description {
    if (call instanceof RemoteCoroutine) {
      const description = call.$descriptionOf;
      if (description.remote === this) return description;
    }
    throw new TypeError(
      `Cannot submit to another thread what remote.coroutine() of the same remote loop has not given: current value is ${
        valueText(call)
      }`,
    );
  }

  #send(
    { id, name }: RemoteCall<unknown>,
    { values, transfer }: Payload,
  ): void {
    this.#port.post({ about: "call", id, name, args: values }, transfer);
  }

  #cancel(call: RemoteCall<unknown>): void {
    if (call.unsent === null) this.#postCancel(call);
    else {
      this.#calls.delete(call.id);
      call.fail(new CancelledError());
    }
  }

  #postCancel({ id }: RemoteCall<unknown>): void {
    this.#port.post({ about: "cancel", id });
  }

  #receive(message: Partial<Message>): void {
    switch (message.about) {
      case "ready":
        return this.#sendAll();
      case "answer":
        return this.#answer(message.id, message.outcome);
      case "gone":
        return this.#fail(String(message.reason), false);
    }
  }

  /** The other side is ready: sends the calls that have waited for that. */
  #sendAll(): void {
    this.#ready = true;
    this.#end = null;
    for (const call of this.#calls.values()) {
      const { unsent } = call;
      if (unsent === null) continue;
      call.unsent = null;
      this.#send(call, unsent);
    }
  }

  #answer(id: unknown, answer: unknown): void {
    if (!isId(id)) return;
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    call.answer(answer);
  }

  #close(reason: string): void {
    if (this.isClosed()) return;
    for (const call of this.#calls.values()) {
      if (call.unsent === null) this.#postCancel(call);
    }
    this.#port.remove(this.#listener);
    this.#fail(reason, true);
  }

  /** Fails every call, as no answer will come. */
  #fail(reason: string, final: boolean): void {
    this.#ready = false;
    this.#end = { reason, final };
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      const name = stringRepr(call.name);
      call.fail(new Error(`No answer to the call of ${name}: ${reason}`));
    }
  }

  /** @ignore */
  toString(): string {
    const state = this.#end !== null
      ? "closed"
      : this.#ready
      ? "open"
      : "connecting";
    return `<${classText(this)} ${state} calls=${this.#calls.size}>`;
  }
}

/**
 * Connects to a loop that another thread exposes, or will expose.
 *
 * @typeParam F The types of the functions by name: `typeof functions`, which
 * can be imported as a type from the other side's module.
 * @param port The way to that thread: `self` inside a worker; its `Worker`; or
 * a `MessagePort`.
 * @returns The loop, as far as it can be reached.
 * @throws {TypeError} If `port` is not a port.
 *
 * @example In a worker
 * ```ts ignore
 * import { connectLoop, runCoroutineThreadsafe } from "@asyncio/asyncio";
 *
 * const remote = connectLoop(self);
 * const call = remote.coroutine("fetchPage", "https://example.com");
 * console.log(await runCoroutineThreadsafe(call, remote));
 * ```
 *
 * @category Threads
 */
export function connectLoop<F extends object = UnknownFunctions>(
  port: EventTarget,
): RemoteLoop<F> {
  return RemoteLoop.$connect<F>(Port.of(port));
}

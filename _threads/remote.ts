import type { Outcome as Result } from "../_wait/awaitables.ts";
import { Port } from "./port.ts";
import { printsAs, stringRepr, valueText } from "../_util/repr.ts";
import type { ThreadsafeFuture } from "./submission.ts";
import {
  cannotSend,
  hold,
  isId,
  type Message,
  type Payload,
  payload,
  resultOf,
  transferList,
  type TransferOptions,
} from "./messages.ts";
import { CancelledError } from "../errors.ts";

/** Functions that the thread of a loop exposes, by name. */
export type RemoteFunctions = Record<string, (...args: never[]) => unknown>;

/** Functions of which nothing is known but that there may be some. */
export type UnknownFunctions = Record<
  string,
  (...args: unknown[]) => unknown
>;

/** The type of what comes of calling a function from another thread. */
export type RemoteResult<F> = F extends (...args: never[]) => infer R
  ? Result<() => R>
  : unknown;

/** The types of the arguments of a function. */
export type RemoteArguments<F> = F extends (...args: infer A) => unknown ? A
  : unknown[];

/** Calls of this thread are numbered: a port may serve several connections. */
let callCount = 0;

/**
 * A call of a coroutine function in another thread, which nobody has made yet.
 *
 * Made by {@linkcode RemoteLoop.coroutine}, and submitted by
 * `runCoroutineThreadsafe()`, each time as a call of its own.
 *
 * @typeParam T The type of the result.
 */
export class RemoteCoroutine<T> {
  declare private _result: T; // for the type only
  private _remote: RemoteLoop<never>;
  private _name: string;
  private _args: unknown[];

  private constructor(
    remote: RemoteLoop<never>,
    name: string,
    args: unknown[],
  ) {
    this._remote = remote;
    this._name = name;
    this._args = args;
  }

  /** Made by remote loops only. */
  private static _of<T>(
    remote: RemoteLoop<never>,
    name: string,
    args: unknown[],
  ): RemoteCoroutine<T> {
    return new RemoteCoroutine<T>(remote, name, args);
  }

  static {
    printsAs(
      RemoteCoroutine.prototype,
      (self) => `<remote coroutine ${self._name}>`,
    );
  }
}

/**
 * A loop in another thread, as far as that has exposed it.
 *
 * - Calls are made in the order in which they were submitted. Those that are
 *   submitted before the other side is ready are sent when it is.
 * - Each call ends once: with the answer, or with an `Error` when none can come
 *   any more, because the other side has stopped, or the port was closed.
 *
 * Made by {@linkcode connectLoop}.
 *
 * @typeParam F The types of the functions by name, as in
 * `connectLoop<typeof functions>(port)`.
 */
export class RemoteLoop<F extends object = UnknownFunctions>
  implements Disposable {
  #port: Port;
  #calls = new Map<number, RemoteCall>();
  #ready = false;
  /** Why nothing can be submitted, and whether that may change. */
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

  /** What `connectLoop()` does. */
  private static _connect<F extends object>(
    target: EventTarget,
  ): RemoteLoop<F> {
    return new RemoteLoop<F>(Port.of(target));
  }

  /**
   * Describes a call, without making it.
   *
   * @typeParam K The type of the name.
   * @param name Under which name the function is exposed.
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
    if (typeof name !== "string") {
      throw new TypeError(
        `Cannot call by a name that is not a string: current value is ${
          valueText(name)
        }`,
      );
    }
    return RemoteCoroutine["_of"](
      this as unknown as RemoteLoop<never>,
      name,
      args as unknown[],
    );
  }

  /** Whether nothing can be submitted any more. */
  isClosed(): boolean {
    return this.#end?.final ?? false;
  }

  /**
   * Ends the connection. The port stays open. Calls that have no answer yet fail
   * with an `Error`, and their tasks are cancelled. The second time, nothing
   * happens.
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

  /** Makes a call. */
  private _submit<T>(
    call: unknown,
    options?: Partial<TransferOptions>,
  ): ThreadsafeFuture<T> {
    if (!(call instanceof RemoteCoroutine) || call["_remote"] !== this) {
      throw new TypeError(
        `Cannot submit to another thread what remote.coroutine() of the same remote loop has not given: current value is ${
          valueText(call)
        }`,
      );
    }
    const { _name, _args } = call as unknown as Description;
    if (this.#end !== null) {
      throw new Error(`Cannot call ${stringRepr(_name)}: ${this.#end.reason}`);
    }
    const content = payload(_args, transferList(options));
    const made = new RemoteCall(_name, (call) => this.#cancel(call));
    try {
      if (this.#ready) this.#send(made, content);
      else made.held = hold(content);
    } catch (error) {
      throw cannotSend(`the arguments of ${_name}()`, error);
    }
    this.#calls.set(made.id, made);
    return made as ThreadsafeFuture<unknown> as ThreadsafeFuture<T>;
  }

  #send(call: RemoteCall, { values, transfer }: Payload): void {
    const { id, name } = call;
    this.#port.post({ about: "call", id, name, args: values }, transfer);
  }

  #cancel(call: RemoteCall): void {
    if (call.held === null) this.#port.post({ about: "cancel", id: call.id });
    else {
      this.#calls.delete(call.id);
      call.fail(new CancelledError());
    }
  }

  #receive(message: Partial<Message>): void {
    switch (message.about) {
      case "ready":
        return this.#start();
      case "answer":
        return this.#answer(message.id, message.outcome);
      case "gone":
        return this.#fail(String(message.reason), false);
    }
  }

  #start(): void {
    this.#ready = true;
    this.#end = null;
    for (const call of this.#calls.values()) {
      const { held } = call;
      if (held === null) continue;
      call.held = null;
      this.#send(call, held);
    }
  }

  #answer(id: unknown, outcome: unknown): void {
    if (!isId(id)) return;
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    call.settle(outcome);
  }

  #close(reason: string): void {
    if (this.isClosed()) return;
    for (const call of this.#calls.values()) {
      if (call.held === null) this.#port.post({ about: "cancel", id: call.id });
    }
    this.#port.remove(this.#listener);
    this.#fail(reason, true);
  }

  /** No answer will come. */
  #fail(reason: string, final: boolean): void {
    this.#ready = false;
    this.#end = { reason, final };
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      call.fail(
        new Error(
          `No answer to the call of ${stringRepr(call.name)}: ${reason}`,
        ),
      );
    }
  }

  static {
    printsAs(RemoteLoop.prototype, (self) => {
      const state = self.#end !== null
        ? "closed"
        : self.#ready
        ? "open"
        : "connecting";
      return `<${self.constructor.name} ${state} calls=${self.#calls.size}>`;
    });
  }
}

/** The insides of a description. */
interface Description {
  _name: string;
  _args: unknown[];
}

/** How a call has ended. */
type End = { ok: true; value: unknown } | { ok: false; error: unknown };

type DoneCallback = (future: ThreadsafeFuture<unknown>) => void;

/** A call that was submitted, and what came of it. */
class RemoteCall implements ThreadsafeFuture<unknown> {
  readonly id = ++callCount;
  readonly name: string;
  /** Until it is sent: the arguments, as they were when it was submitted. */
  held: Payload | null = null;
  #requestCancel: (call: RemoteCall) => void;
  #end: End | null = null;
  #callbacks: (DoneCallback)[] = [];
  /** Made when somebody waits: until then, nobody is told of a failure. */
  #outcome: PromiseWithResolvers<unknown> | null = null;

  constructor(name: string, requestCancel: (call: RemoteCall) => void) {
    this.name = name;
    this.#requestCancel = requestCancel;
  }

  settle(outcome: unknown): void {
    try {
      this.#finish({ ok: true, value: resultOf(outcome) });
    } catch (error) {
      this.#finish({ ok: false, error });
    }
  }

  fail(error: unknown): void {
    this.#finish({ ok: false, error });
  }

  #finish(end: End): void {
    this.#end = end;
    this.held = null;
    this.#tell();
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) this.#call(callback);
  }

  #tell(): void {
    const end = this.#end;
    if (end === null || this.#outcome === null) return;
    if (end.ok) this.#outcome.resolve(end.value);
    else this.#outcome.reject(end.error);
  }

  #call(callback: DoneCallback): void {
    try {
      callback(this);
    } catch (error) {
      console.error(`exception calling callback for ${this}`, error);
    }
  }

  cancel(): boolean {
    if (this.done()) return false;
    this.#requestCancel(this);
    return true;
  }

  cancelled(): boolean {
    return this.#end?.ok === false && this.#end.error instanceof CancelledError;
  }

  done(): boolean {
    return this.#end !== null;
  }

  addDoneCallback(callback: DoneCallback): void {
    if (this.done()) this.#call(callback);
    else this.#callbacks.push(callback);
  }

  then<R1 = unknown, R2 = never>(
    onfulfilled?: ((value: unknown) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    if (this.#outcome === null) {
      this.#outcome = Promise.withResolvers();
      this.#tell();
    }
    return this.#outcome.promise.then(onfulfilled, onrejected);
  }

  static {
    printsAs(RemoteCall.prototype, (self) => {
      const state = !self.done()
        ? "pending"
        : self.cancelled()
        ? "cancelled"
        : "finished";
      return `<RemoteCall ${state} ${self.name}>`;
    });
  }
}

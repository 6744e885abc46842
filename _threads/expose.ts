import type { Attachment } from "../_core/attachment.ts";
import { Port } from "./port.ts";
import { requireCount } from "../_util/checks.ts";
import { stringRepr, valueText } from "../_util/repr.ts";
import type { RemoteFunctions } from "./remote.ts";
import { packThrown } from "./thrown_errors.ts";
import { cannotSend, isId, type Message, payload } from "./messages.ts";
import { Coroutine, isCoroutineFunction } from "../coroutine.ts";
import { CancelledError, QueueFull } from "../errors.ts";
import type { EventLoop, Handle } from "../loop.ts";
import type { Task } from "../task.ts";

/** How many calls in flight are enough for everybody who means well. */
const MAX_CALLS = 10_000;

/** Options for {@linkcode exposeLoop}. */
export interface ExposeLoopOptions {
  /**
   * How many calls may be in flight: taken, and not answered yet. One more is
   * answered with `QueueFull`.
   *
   * @default {10000}
   */
  maxCalls?: number;
}

/** One that was taken, and not answered yet. */
interface Call {
  name: string;
  /** Calls it off, until the loop has taken it up. */
  handle: Handle;
  task: Task<unknown> | null;
}

type Body = (...args: unknown[]) => unknown;

/** Ports that have a loop exposed on them. */
const exposures = new WeakMap<EventTarget, Exposure>();

/**
 * A loop that takes calls from a port.
 *
 * Each call that is taken is answered once: by its task, or by the message that
 * the whole exposure is over. Whatever arrives, the loop goes on.
 */
export class Exposure implements Disposable, Attachment {
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
    loop["_requireOpen"]();
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
    loop["_attachments"].add(this);
    this.#port.add(this.#listener);
    this.#port.post({ about: "ready" });
  }

  [Symbol.dispose](): void {
    this.#end("the loop is no longer exposed");
  }

  _loopClosed(): void {
    this.#end("Event loop is closed");
  }

  #end(reason: string): void {
    if (exposures.get(this.#target) !== this) return;
    exposures.delete(this.#target);
    this.#loop["_attachments"].delete(this);
    this.#port.remove(this.#listener);
    this.#port.post({ about: "gone", reason });
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) this.#callOff(call);
  }

  #receive(message: Partial<Message>): void {
    switch (message.about) {
      case "connect":
        return this.#port.post({ about: "ready" });
      case "call":
        return this.#take(message.id, message.name, message.args);
      case "cancel":
        return this.#cancel(message.id);
    }
  }

  /** Takes a call, or refuses it. Without a new number there is no answer. */
  #take(id: unknown, name: unknown, args: unknown): void {
    if (!isId(id) || this.#calls.has(id)) return;
    if (typeof name !== "string" || !Array.isArray(args)) {
      return this.#throw(id, new TypeError("Cannot take a malformed call"));
    }
    const body = this.#functions.get(name);
    if (body === undefined) {
      const error = new TypeError(
        `Cannot call what is not exposed: current value is ${stringRepr(name)}`,
      );
      return this.#throw(id, error);
    }
    if (this.#calls.size >= this.#maxCalls) {
      const error = new QueueFull(
        `Cannot take the call of ${stringRepr(name)} as maxCalls is ` +
          `${this.#maxCalls}, and so many are in flight`,
      );
      return this.#throw(id, error);
    }
    const start = () => this.#start(id, body, args);
    const handle = this.#loop.callSoonThreadsafe(start);
    this.#calls.set(id, { name, handle, task: null });
  }

  #start(id: number, body: Body, args: unknown[]): void {
    const call = this.#calls.get(id)!;
    let task: Task<unknown>;
    try {
      const { name } = call;
      task = this.#loop.createTask(coroutineOf(name, body, args));
    } catch (error) {
      this.#calls.delete(id);
      return this.#throw(id, error);
    }
    call.task = task;
    const answer = () => this.#answer(id, task);
    if (task.done()) answer(); // by an eager task factory
    else task["_addWaiter"]({ _wakeup: answer });
  }

  #cancel(id: unknown): void {
    const call = isId(id) ? this.#calls.get(id) : undefined;
    if (call === undefined) return; // its answer is on the way
    this.#callOff(call);
    if (call.task !== null) return; // it answers when it has cleaned up
    this.#calls.delete(id as number);
    this.#throw(id as number, new CancelledError());
  }

  #callOff({ handle, task }: Call): void {
    if (task === null) handle.cancel();
    else if (!this.#loop.isClosed()) {
      this.#loop.callSoonThreadsafe(() => task.cancel());
    }
  }

  #answer(id: number, task: Task<unknown>): void {
    const call = this.#calls.get(id);
    if (call === undefined) return; // nobody waits for it any more
    this.#calls.delete(id);
    let value: unknown;
    try {
      value = task.result();
    } catch (error) {
      return this.#throw(id, error);
    }
    const { transfer } = payload([value]);
    const outcome = { ok: true as const, value };
    try {
      this.#port.post({ about: "answer", id, outcome }, transfer);
    } catch (error) {
      this.#throw(id, cannotSend(`the result of ${call.name}()`, error));
    }
  }

  #throw(id: number, error: unknown): void {
    const outcome = { ok: false as const, thrown: packThrown(error) };
    this.#port.post({ about: "answer", id, outcome });
  }
}

/** Those that can be called: not what an object has anyway. */
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
    named.set(name, body as unknown as Body);
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
  return Coroutine["_from"](call);
}

// Copyright 2026 the asyncio authors. MIT license.

import { workerScope } from "../_host/workers.ts";
import { valueText } from "../_util/repr.ts";
import {
  dataCloneError,
  makePayload,
  type Message,
  unwrapMessage,
  wrapMessage,
} from "./messages.ts";
import { packThrown } from "./thrown_errors.ts";

/** Is told what happens at a port. */
export interface PortListener {
  /** A message of this library has arrived; it may be malformed. */
  onMessage(message: Partial<Message>): void;
  /** Nothing more will arrive, and what is sent from now on is lost. */
  onEnd(reason: string): void;
}

interface Postable extends EventTarget {
  postMessage(message: unknown, transfer: object[]): void;
  start?(): void;
}

const ports = new WeakMap<EventTarget, Port>();

/**
 * A `Worker`, a `MessagePort` or a worker's own `self`.
 *
 * The host has no event for the end of any of them, except for the uncaught
 * error of a worker. So the methods that end one are intercepted while the port
 * has listeners, on this one object only.
 */
export class Port {
  #target: Postable;
  #listeners = new Set<PortListener>();
  #stopWatching: (() => void) | null = null;

  private constructor(target: Postable) {
    this.#target = target;
  }

  /** The one port of a target. */
  static of(target: EventTarget): Port {
    if (
      typeof (target as Partial<Postable> | null)?.postMessage !== "function" ||
      typeof target.addEventListener !== "function"
    ) {
      throw new TypeError(
        `Cannot use as a port what is not a Worker, a MessagePort or a worker's self: current value is ${
          valueText(target)
        }`,
      );
    }
    let port = ports.get(target);
    if (port === undefined) {
      port = new Port(target as Postable);
      ports.set(target, port);
    }
    return port;
  }

  /** Sends a message. Throws if it cannot be cloned. */
  post(message: Message, transfer: object[] = []): void {
    this.#target.postMessage(wrapMessage(message), transfer);
  }

  /** Answers a call with its result; with an error if that cannot be cloned. */
  postResult(id: number, name: string, value: unknown): void {
    const { transfer } = makePayload([value]);
    const outcome = { ok: true as const, value };
    try {
      this.post({ about: "answer", id, outcome }, transfer);
    } catch (error) {
      this.postError(id, dataCloneError(`the result of ${name}()`, error));
    }
  }

  /** Answers a call with what it has thrown. */
  postError(id: number, error: unknown): void {
    const outcome = { ok: false as const, thrown: packThrown(error) };
    this.post({ about: "answer", id, outcome });
  }

  add(listener: PortListener): void {
    this.#listeners.add(listener);
    this.#stopWatching ??= this.#watch();
  }

  remove(listener: PortListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#stopWatching?.();
    this.#stopWatching = null;
  }

  #watch(): () => void {
    const target = this.#target;
    const events: Record<string, (event: Event) => void> = {
      message: (event) => this.#receive((event as MessageEvent).data),
      messageerror: () => this.#end("a message could not be read"),
      close: () => this.#end("the port was closed"),
    };
    if (target === workerScope()) {
      events.unload = () => this.#end("the worker has exited");
    } else {
      events.error = (event) => {
        const { message } = event as ErrorEvent;
        this.#end(`the worker has died: ${message}`);
      };
    }
    const restore = "terminate" in target
      ? intercept(
        target,
        "terminate",
        () => this.#end("the worker was terminated"),
      )
      : intercept(target, "close", () => this.#end("the port was closed"));
    for (const [type, listener] of Object.entries(events)) {
      target.addEventListener(type, listener);
    }
    target.start?.();
    return () => {
      restore();
      for (const [type, listener] of Object.entries(events)) {
        target.removeEventListener(type, listener);
      }
    };
  }

  #receive(data: unknown): void {
    const message = unwrapMessage(data);
    if (message === null) return;
    for (const listener of [...this.#listeners]) listener.onMessage(message);
  }

  #end(reason: string): void {
    for (const listener of [...this.#listeners]) listener.onEnd(reason);
  }
}

/**
 * Calls a function before each call of a method of an object.
 *
 * @returns A function that restores the method.
 */
function intercept(
  target: object,
  key: string,
  before: () => void,
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, key);
  const method = Reflect.get(target, key);
  if (typeof method !== "function") return () => {};
  Object.defineProperty(target, key, {
    configurable: true,
    writable: true,
    value(...args: unknown[]): unknown {
      before();
      return method.apply(target, args);
    },
  });
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, key);
    else Object.defineProperty(target, key, own);
  };
}

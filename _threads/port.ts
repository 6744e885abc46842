import { valueText } from "../_util/repr.ts";
import { type Message, open, seal } from "./messages.ts";

/** Who hears what happens at a port. */
export interface PortListener {
  /** A message of this library has arrived; it may be malformed. */
  onMessage(message: Partial<Message>): void;
  /** Nothing more will arrive, and what is sent from now on is lost. */
  onEnd(reason: string): void;
}

interface Postable extends EventTarget {
  postMessage(message: unknown, transfer: Transferable[]): void;
  start?(): void;
}

const ports = new WeakMap<EventTarget, Port>();

/**
 * A `Worker`, a `MessagePort` or a worker's own `self`, as long as somebody
 * listens.
 *
 * Deno has no event for the end of any of them but a worker's uncaught error.
 * So the methods that end one are replaced meanwhile: on this one object only.
 */
export class Port {
  #target: Postable;
  #listeners = new Set<PortListener>();
  #restore: (() => void) | null = null;

  private constructor(target: Postable) {
    this.#target = target;
  }

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

  post(message: Message, transfer: Transferable[] = []): void {
    this.#target.postMessage(seal(message), transfer);
  }

  add(listener: PortListener): void {
    this.#listeners.add(listener);
    this.#restore ??= this.#watch();
  }

  remove(listener: PortListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#restore?.();
    this.#restore = null;
  }

  #watch(): () => void {
    const target = this.#target;
    const events: Record<string, (event: Event) => void> = {
      message: (event) => this.#receive((event as MessageEvent).data),
      messageerror: () => this.#end("a message could not be read"),
      close: () => this.#end("the port was closed"),
    };
    if (target === globalThis as EventTarget) {
      events.unload = () => this.#end("the worker has exited");
    } else {
      events.error = (event) => {
        const { message } = event as ErrorEvent;
        this.#end(`the worker has died: ${message}`);
      };
    }
    const unwrap = "terminate" in target
      ? wrap(target, "terminate", () => this.#end("the worker was terminated"))
      : wrap(target, "close", () => this.#end("the port was closed"));
    for (const [type, listener] of Object.entries(events)) {
      target.addEventListener(type, listener);
    }
    target.start?.();
    return () => {
      unwrap();
      for (const [type, listener] of Object.entries(events)) {
        target.removeEventListener(type, listener);
      }
    };
  }

  #receive(data: unknown): void {
    const message = open(data);
    if (message === null) return;
    for (const listener of [...this.#listeners]) listener.onMessage(message);
  }

  #end(reason: string): void {
    for (const listener of [...this.#listeners]) listener.onEnd(reason);
  }
}

/** Has `before` called before a method of an object. */
function wrap(target: object, key: string, before: () => void): () => void {
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

// Copyright 2026 the asyncio authors. MIT license.

import { printError } from "../_host/printing.ts";
import { printAs } from "../_util/repr.ts";
import { CancelledError } from "../errors.ts";
import { type Payload, readAnswer } from "./messages.ts";
import { BaseThreadsafeFuture } from "./threadsafe_future.ts";

/** Numbers the calls of this thread: a port may serve several connections. */
let callCount = 0;

/** A call that was submitted to a loop in another thread. */
export class RemoteCall<T> extends BaseThreadsafeFuture<T> {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "RemoteCall",
  );

  readonly id = ++callCount;
  readonly name: string;
  /** The arguments as they were when it was submitted, until they are sent. */
  unsent: Payload | null = null;
  #requestCancel: () => void;

  constructor(
    name: string,
    requestCancel: () => void,
  ) {
    super();
    this.name = name;
    this.#requestCancel = requestCancel;
  }

  /** Ends the call with the answer of the other thread. */
  answer(answer: unknown): void {
    let result: T;
    try {
      result = readAnswer(answer) as T;
    } catch (error) {
      return this.fail(error);
    }
    this.#finish(() => result, false);
  }

  /** Ends the call with an error. */
  fail(error: unknown): void {
    this.#finish(() => {
      throw error;
    }, error instanceof CancelledError);
  }

  #finish(result: () => T, cancelled: boolean): void {
    this.unsent = null;
    this.settle(result, cancelled);
  }

  cancel(): boolean {
    if (this.done()) return false;
    this.#requestCancel();
    return true;
  }

  protected reportCallbackError(error: unknown): void {
    printError(`exception calling callback for ${this}`, error);
  }

  /** @ignore */
  override toString(): string {
    const state = !this.done()
      ? "pending"
      : this.cancelled()
      ? "cancelled"
      : "finished";
    return `<RemoteCall ${state} ${this.name}>`;
  }
}

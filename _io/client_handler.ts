// Copyright 2026 the asyncio authors. MIT license.

import { define, type Definition, driverOf } from "../_core/definition.ts";
import { plainDriver } from "../_core/drivers.ts";
import { isAwaitable } from "../_util/awaitables.ts";
import { valueText } from "../_util/repr.ts";
import {
  Coroutine,
  type CoroutineBody,
  isCoroutineFunction,
} from "../coroutine.ts";
import type { StreamReader } from "./stream_reader.ts";
import type { StreamWriter } from "./stream_writer.ts";

/**
 * What a server calls for each client: an `async` or generator function, or any
 * other function, which is then responsible for the connection itself.
 *
 * @category Streams
 */
export type ClientCallback =
  | CoroutineBody<unknown, [reader: StreamReader, writer: StreamWriter]>
  | ((reader: StreamReader, writer: StreamWriter) => void);

/** One call of the handler. */
export interface ClientCall {
  readonly coroutine: Coroutine<unknown>;
  /** Whether the handler has returned and is not done with the connection. */
  isHandedOver: boolean;
}

/** The function of the user that a server calls. */
export class ClientHandler {
  #callback: (...args: never[]) => unknown;
  /** `null` for a function that makes its coroutines itself. */
  #definition: Definition | null = null;
  #isPlain = false;

  /** @param callees Functions that the user may have called, outer ones first. */
  constructor(callback: unknown, callees: () => object[]) {
    const driver = driverOf(callback);
    if (driver === null) {
      throw new TypeError(
        `Cannot call for each client what is not a function: current value is ${
          valueText(callback)
        }`,
      );
    }
    this.#callback = callback as (...args: never[]) => unknown;
    if (isCoroutineFunction(callback)) return;
    this.#isPlain = driver === plainDriver;
    this.#definition = define(
      driver,
      this.#callback,
      this.#callback.name,
      callees as never,
    );
  }

  /** The coroutine of one client. */
  call(reader: StreamReader, writer: StreamWriter): ClientCall {
    const args = [reader, writer] as never[];
    const definition = this.#definition;
    if (definition === null) {
      const coroutine = this.#callback(...args) as Coroutine<unknown>;
      return { coroutine, isHandedOver: false };
    }
    if (!this.#isPlain) {
      const coroutine = Coroutine.$callLater(definition, undefined, args);
      return { coroutine, isHandedOver: false };
    }
    const body = () => {
      const result = this.#callback(...args);
      if (
        isAwaitable(result) || typeof result === "object" && result !== null
      ) {
        return result; // of a function that only seems to be a plain one
      }
      call.isHandedOver = true;
      return Promise.resolve();
    };
    const plain = { ...definition, body };
    const call: ClientCall = {
      coroutine: Coroutine.$callLater(plain, undefined, []),
      isHandedOver: false,
    };
    return call;
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import { type Context, contextOutside } from "../_core/contexts.ts";
import { arrive } from "../_core/outside.ts";
import { hasMethod } from "../_util/awaitables.ts";
import { Deque } from "../_util/deque.ts";
import { OwnOptions } from "../_util/options.ts";
import { calledAs, SourceSite } from "../_util/source_site.ts";
import { Coroutine } from "../coroutine.ts";
import type { Future } from "../future.ts";
import type { EventLoop } from "../loop.ts";
import { type Awaitable, ensureFuture } from "../task.ts";
import { requireAwaitable } from "./awaitables.ts";
import {
  type AnyIterator,
  type Outcome,
  requireObject,
  type Source,
  sourceOf,
} from "./iterable_sources.ts";

/** Either kind of iterable of awaitables. */
export type AnyIterable<A> = Iterable<A> | AsyncIterable<A>;

/** Whether an object is an iterable of the asynchronous kind only, or a stream. */
export function isAsyncIterable(
  value: unknown,
): value is AsyncIterable<unknown> {
  return typeof value === "object" && !hasMethod(value, Symbol.iterator) &&
    (hasMethod(value, Symbol.asyncIterator) || hasMethod(value, "getReader"));
}

/** What an intake feeds. */
export interface IntakeClient {
  /** One more has been started. Returns whether it takes a slot. */
  started(future: Future<unknown>): boolean;
  /** The iterable has ended. What was started may not have. */
  ended(): void;
  /** The iterable has failed, or has given what cannot be awaited. */
  failed(error: unknown): void;
}

/** How an iterable is being closed. */
export interface Closing {
  /** Whether nothing keeps it from being closed. */
  readonly isReady: boolean;
  readonly closed: Promise<void>;
}

/**
 * Pulls awaitables out of an iterable and starts them: no more at once than the
 * limit allows. This is the mechanism of the option `limit`, except for that of
 * `taskGroup()`, into which tasks are put and not pulled.
 *
 * - An element is pulled when there is a free slot, and started at once. Its
 *   client frees the slot.
 * - The iterable runs, and its awaitables start, in the asynchronous context in
 *   which the intake was created.
 * - Of an asynchronous iterable, at most one element is read at a time. It is
 *   started in a turn of its own: what ends a read is not to run a task.
 */
export class Intake {
  #loop: EventLoop;
  #limit: number;
  #client: IntakeClient;
  #context: Context;
  /** One of the two, until the iterable has ended. */
  #iterator: AnyIterator | null = null;
  #source: Source<unknown> | null = null;
  /** How many slots are taken. */
  #taken = 0;
  /** Where the user has called what makes this: nothing of that is running later. */
  #site = new SourceSite();
  #isStopped = false;
  /** Whether the iterable has ended, by itself or with an error. */
  #isExhausted = false;
  #isPulling = false;
  #isReading = false;
  /** Elements that were looked at before there was a slot for them. */
  #ahead = new Deque<unknown>();
  /** The futures of what is given more than once, but awaited once. */
  #made: Map<unknown, Future<unknown>> | null;

  /**
   * Creates an intake. It pulls nothing before {@linkcode Intake.fill}.
   *
   * @param repeats Whether a coroutine or promise may be given more than once. A
   * function that is given twice makes two tasks in any case.
   * @throws Whatever the iterable throws when it is asked for an iterator.
   */
  constructor(
    loop: EventLoop,
    iterable: AnyIterable<unknown>,
    limit: number,
    client: IntakeClient,
    repeats = false,
  ) {
    this.#loop = loop;
    this.#context = contextOutside(loop);
    this.#limit = limit;
    this.#client = client;
    this.#made = repeats ? new Map() : null;
    if (isAsyncIterable(iterable)) this.#source = sourceOf(iterable);
    else this.#iterator = iterable[Symbol.iterator]() as AnyIterator;
  }

  /** Whether more may be started. */
  get hasMore(): boolean {
    return !this.#isStopped && (!this.#isExhausted || this.#ahead.length > 0);
  }

  get isAsync(): boolean {
    return this.#source !== null;
  }

  /** Takes all free slots. */
  fill(): void {
    this.#context(() => this.#fill());
  }

  /** Frees slots, and takes them for the next elements. */
  release(count = 1): void {
    this.#taken -= count;
    this.fill();
  }

  /**
   * Whether there are so many more elements, for a client that has to know before
   * there are slots for them. The iterable must not be asynchronous.
   */
  peek(count: number): boolean {
    this.#context(() => {
      while (this.#ahead.length < count) {
        const element = this.#pull();
        if (element === null) return;
        this.#ahead.push(element.value);
      }
    });
    return this.#ahead.length >= count;
  }

  /** Pulls nothing more. It runs nothing: `close()` has to follow. */
  stop(): void {
    this.#isStopped = true;
    for (const element of this.#ahead) discard(element);
    this.#ahead.clear();
  }

  /**
   * Pulls nothing more, and closes the iterable.
   *
   * @returns How it is being closed; `null` if that is done.
   */
  close(): Closing | null {
    this.stop();
    if (this.#isExhausted) return null;
    if (this.#source !== null) {
      this.#isExhausted = true;
      return this.#source.close(this.#loop);
    }
    // An iterator that is running cannot be closed: `#pull()` will do that.
    if (!this.#isPulling) this.#context(() => this.#close());
    return null;
  }

  #fill(): void {
    while (this.hasMore && this.#taken < this.#limit && !this.#isPulling) {
      if (this.#ahead.length > 0) this.#start(this.#ahead.shift());
      else if (this.#source !== null) return this.#read(this.#source);
      else {
        const element = this.#pull();
        if (element !== null) this.#start(element.value);
      }
    }
  }

  /** Pulls an element; `null` if there is none. */
  #pull(): { value: unknown } | null {
    if (this.#isStopped || this.#isExhausted || this.#isPulling) return null;
    let value: unknown;
    this.#isPulling = true;
    try {
      const result = requireObject(this.#iterator!.next());
      if (result.done) {
        this.#isExhausted = true;
        this.#client.ended();
        return null;
      }
      value = result.value;
    } catch (error) {
      this.#isExhausted = true;
      this.#client.failed(error);
      return null;
    } finally {
      this.#isPulling = false;
    }
    if (!this.#isStopped) return { value };
    discard(value); // the iterator itself has had it stopped
    this.#close();
    return null;
  }

  #close(): void {
    this.#isExhausted = true;
    try {
      this.#iterator!.return?.();
    } catch (error) {
      this.reportClosing(error);
    }
  }

  #read(source: Source<unknown>): void {
    if (this.#isReading) return;
    this.#isReading = true;
    source.read(this.#loop, (outcome) => {
      arrive(this.#loop, () => {
        if (this.#loop.isClosed()) return;
        this.#loop.callSoon(() => this.#wasRead(outcome));
      });
    });
  }

  #wasRead(outcome: Outcome<unknown> | null): void {
    this.#isReading = false;
    if (this.#isStopped) {
      if (outcome?.ok) discard(outcome.value);
    } else if (outcome?.ok) {
      this.#context(() => {
        this.#start(outcome.value);
        this.#fill();
      });
    } else {
      this.#isExhausted = outcome === null || outcome.isLast;
      if (outcome === null) this.#client.ended();
      else this.#client.failed(outcome.error);
    }
  }

  #start(value: unknown): void {
    let future: Future<unknown>;
    try {
      future = this.#futureOf(value);
    } catch (error) { // it cannot be awaited, or a task factory has failed
      this.#client.failed(error);
      return;
    }
    this.#taken++;
    if (!this.#client.started(future)) this.#taken--;
  }

  #futureOf(value: unknown): Future<unknown> {
    const made = this.#made?.get(value);
    if (made !== undefined) return made;
    requireAwaitable(value);
    const future = calledAs(
      this.#site,
      () =>
        ensureFuture(value as Awaitable<unknown>, new OwnOptions(this.#loop)),
    );
    if (typeof value !== "function") this.#made?.set(value, future);
    return future;
  }

  /** Reports what closing the iterable has thrown. */
  reportClosing(exception: unknown): void {
    if (this.#loop.isClosed()) return;
    this.#loop.callExceptionHandler({
      message: "Exception while closing an iterable of awaitables",
      exception,
    });
  }
}

/** An element that was pulled is not going to be started. */
function discard(value: unknown): void {
  if (value instanceof Coroutine) value.close();
}

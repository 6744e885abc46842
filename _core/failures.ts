// Copyright 2026 the asyncio authors. MIT license.

/**
 * The reports of exceptions that are never retrieved.
 *
 * Invariant: a failure is reported at most once, and watching it does not keep
 * the future alive.
 */

import { errorText, printError } from "../_host/printing.ts";
import { originFrames } from "../_util/origins.ts";
import { valueText } from "../_util/repr.ts";
import type { Frame } from "../_util/stack_trace.ts";
import type { FutureCore, Report, Retrievable } from "./protocols.ts";

/** How many failures are collected before the retrieved ones are dropped. */
const SWEEP_AT = 1024;

/** A failure that was not retrieved before the loop became idle. */
class Unretrieved implements Retrievable {
  /** Whether it was retrieved or reported. */
  settled = false;
  /** What is reported if the future itself has been collected. */
  readonly twin: FutureCore;
  readonly future: WeakRef<FutureCore> | null;
  readonly report: (future: FutureCore) => void;

  constructor(
    future: FutureCore,
    report: (future: FutureCore) => void,
  ) {
    this.twin = future.$standIn();
    this.future = typeof WeakRef === "undefined" ? null : new WeakRef(future);
    this.report = report;
    // Printing the twin turns the stack trace of its `SourceSite` into text.
    // Until then, the trace holds what was called, `new Task()` with its
    // receiver.
    String(this.twin);
  }

  settle(): void {
    if (this.settled) return;
    this.settled = true;
    this.report(this.future?.deref() ?? this.twin);
  }
}

/** Not every host tells what was collected. */
const collected: FinalizationRegistry<Unretrieved> | null =
  typeof FinalizationRegistry === "undefined"
    ? null
    : /* @__PURE__ */ new FinalizationRegistry((failure) => failure.settle());

/**
 * The failed futures of a loop whose exception was not retrieved yet.
 *
 * CPython reports a failure when the future is garbage, which reference
 * counting finds at once. Here garbage is found late, so a failure is also
 * reported when nothing is left that could retrieve it: when the loop closes,
 * or has nothing to do and nothing to wait for.
 *
 * Nearly every failure is retrieved within a few turns, so at first it is only
 * recorded. Later it is watched through weak references: a future that is still
 * referenced may yet be awaited, and must not be kept alive by this.
 */
export class Failures {
  #fresh: FutureCore[] = [];
  #watched = new Set<Unretrieved>();
  /** How to report those of {@linkcode Failures.expectUnawaited}. */
  #unawaited: WeakMap<FutureCore, (future: FutureCore) => void> | null = null;
  #sweepAt = SWEEP_AT;
  #report: (future: FutureCore) => void;

  constructor(report: (future: FutureCore) => void) {
    this.#report = report;
  }

  /**
   * Reports a failure of `future` with `report` as soon as the loop is idle,
   * unless something waits for the future when it fails, or has retrieved the
   * exception by then.
   */
  expectUnawaited(
    future: FutureCore,
    report: (future: FutureCore) => void,
  ): void {
    (this.#unawaited ??= new WeakMap()).set(future, report);
  }

  add(future: FutureCore, awaited: boolean): void {
    if (awaited) this.#unawaited?.delete(future);
    if (this.#fresh.push(future) < this.#sweepAt) return;
    this.#fresh = this.#fresh.filter((future) => future.$unretrieved !== false);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#fresh.length);
  }

  /**
   * Watches what was recorded. Called when the loop is idle: what was going to
   * be retrieved at once has been retrieved by then.
   */
  watch(): void {
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const future of fresh) {
      if (future.$unretrieved !== true) continue;
      const report = this.#unawaited?.get(future);
      if (report !== undefined) {
        report(future);
        continue;
      }
      const failure = new Unretrieved(future, (future) => {
        this.#watched.delete(failure);
        this.#report(future);
      });
      future.$watchFailure(failure);
      this.#watched.add(failure);
      collected?.register(future, failure);
    }
  }

  /** Whether there is anything to report. */
  get any(): boolean {
    return this.#fresh.length > 0 || this.#watched.size > 0;
  }

  /** Reports every failure that was not retrieved, each once. */
  reportAll(): void {
    this.watch();
    for (const failure of [...this.#watched]) {
      this.#watched.delete(failure);
      failure.settle();
    }
  }
}

function frameLine({ name, file, line }: Frame): string {
  return `  File "${file}", line ${line}, in ${name}`;
}

/**
 * Returns the lines of a report: the message, what was involved, and the stack
 * of the error.
 */
export function reportText(context: Report): string {
  const lines = [context.message || "Unhandled exception in event loop"];
  for (const key of Object.keys(context).sort()) {
    if (key === "message" || key === "exception") continue;
    const value = context[key];
    if (key === "source_traceback" && Array.isArray(value)) {
      lines.push("Object created at (most recent call last):");
      lines.push(...value.map(frameLine));
      continue;
    }
    lines.push(
      key === "context" && typeof value === "object" && value !== null
        ? `context: ${reportText(value as Report).replaceAll("\n", "\n  ")}`
        : `${key}: ${valueText(value)}`,
    );
  }
  if (context.exception !== undefined) lines.push(errorText(context.exception));
  return lines.join("\n");
}

/** A report with the place where what it is about was made, if it is known. */
export function withOrigin<R extends Report>(context: R): R {
  if ("source_traceback" in context) return context;
  for (const key of ["future", "task", "handle"]) {
    const object = context[key];
    if (typeof object !== "object" || object === null) continue;
    const frames = originFrames(object);
    if (frames.length === 0) continue;
    return { ...context, source_traceback: [...frames].reverse() };
  }
  return context;
}

/**
 * Reports what happened: by the handler that the program has set, if there is
 * one; else, or if that throws, by the default one. Never throws.
 */
export function report(
  context: Report,
  custom: (() => void) | null,
  byDefault: (context: Report) => void,
): void {
  let reported = context;
  if (custom !== null) {
    try {
      custom();
      return;
    } catch (exception) {
      const message = "Unhandled error in exception handler";
      reported = { message, exception, context };
    }
  }
  try {
    byDefault(reported);
  } catch (error) {
    printError("Exception in default exception handler", error);
    // Otherwise the original error would never be printed.
    if (reported !== context) printError(reportText(reported));
  }
}

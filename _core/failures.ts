import {
  type FutureCore,
  type Retrievable,
  standIn,
  unretrieved,
} from "./protocols.ts";

/** How many failures to gather before the retrieved ones are dropped. */
const SWEEP_AT = 1024;

/** A failure that was not looked at for as long as the loop was busy. */
class Unretrieved implements Retrievable {
  /** Whether it was looked at, or reported. */
  settled = false;
  /** What is reported when the future itself is gone. */
  readonly twin: FutureCore;
  readonly future: WeakRef<FutureCore>;
  readonly report: (future: FutureCore) => void;

  constructor(
    future: FutureCore,
    report: (future: FutureCore) => void,
  ) {
    this.twin = future[standIn]();
    this.future = new WeakRef(future);
    this.report = report;
    // Printing it makes the stack trace of its `SourceSite` a text. Until then
    // that holds what was called, `new Task()` with its receiver.
    String(this.twin);
  }

  settle(): void {
    if (this.settled) return;
    this.settled = true;
    this.report(this.future.deref() ?? this.twin);
  }
}

const collected = new FinalizationRegistry<Unretrieved>((failure) =>
  failure.settle()
);

/**
 * The failed futures of a loop whose exception was not retrieved yet.
 *
 * CPython reports one when it is garbage, which with counted references is at
 * once. Here garbage is found late, so a failure is also reported when nothing
 * is left that could retrieve it: when the loop closes, or has nothing to do and
 * nothing to wait for.
 *
 * Nearly every failure is retrieved within a few turns, so at first it is just
 * noted. What outlasts that is watched through weak references: a future that is
 * still referenced may yet be awaited, and must not be kept by this.
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
   * Reports a failure of `future` with `report`, as soon as the loop is idle:
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
    this.#fresh = this.#fresh.filter((future) => future[unretrieved] !== false);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#fresh.length);
  }

  /** The loop is idle: what was going to be retrieved at once has been. */
  watch(): void {
    if (this.#fresh.length === 0) return;
    const fresh = this.#fresh;
    this.#fresh = [];
    for (const future of fresh) {
      if (future[unretrieved] !== true) continue;
      const report = this.#unawaited?.get(future);
      if (report !== undefined) {
        report(future);
        continue;
      }
      const failure = new Unretrieved(future, (future) => {
        this.#watched.delete(failure);
        this.#report(future);
      });
      future[unretrieved] = failure;
      this.#watched.add(failure);
      collected.register(future, failure);
    }
  }

  /** Whether there is anything to report. */
  get any(): boolean {
    return this.#fresh.length > 0 || this.#watched.size > 0;
  }

  /** Reports what was not retrieved, each once. */
  reportAll(): void {
    this.watch();
    for (const failure of [...this.#watched]) {
      this.#watched.delete(failure);
      failure.settle();
    }
  }
}

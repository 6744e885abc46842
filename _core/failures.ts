import type { Future } from "../future.ts";

/** How many failures to gather before those that were looked at are dropped. */
const SWEEP_AT = 1024;

/** A failure that nobody has looked at for as long as the loop was busy. */
export class Unseen {
  /** Somebody looked at it, or it was reported. */
  settled = false;
  /** What is reported when the future itself is gone. */
  readonly twin: Future<unknown>;
  readonly future: WeakRef<Future<unknown>>;
  readonly report: (future: Future<unknown>) => void;

  constructor(
    future: Future<unknown>,
    report: (future: Future<unknown>) => void,
  ) {
    this.twin = Object.assign(
      Object.create(Object.getPrototypeOf(future)),
      future,
    );
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

const collected = new FinalizationRegistry<Unseen>((unseen) => unseen.settle());

/**
 * The failed futures of a loop whose exception nobody has looked at yet.
 *
 * CPython reports one when it is garbage, which for its counted references is
 * at once. Here garbage is found late, so a failure is also reported when
 * nothing is left that could make somebody look: when the loop closes, or has
 * nothing to do and nothing to wait for.
 *
 * Nearly every failure is looked at within a few turns, so at first it is just
 * noted. What outlasts that is watched through weak references: a future that
 * somebody still holds may yet be awaited, and must not be kept by this.
 */
export class Failures {
  #fresh: Future<unknown>[] = [];
  #watched = new Set<Unseen>();
  #sweepAt = SWEEP_AT;
  #report: (future: Future<unknown>) => void;

  constructor(report: (future: Future<unknown>) => void) {
    this.#report = report;
  }

  add(future: Future<unknown>): void {
    if (this.#fresh.push(future) < this.#sweepAt) return;
    this.#fresh = this.#fresh.filter((future) => future["_unseen"] !== false);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#fresh.length);
  }

  /** The loop is idle: who was going to look at once has done so. */
  watch(): void {
    if (this.#fresh.length === 0) return;
    for (const future of this.#fresh) {
      if (future["_unseen"] !== true) continue;
      const unseen = new Unseen(future, (future) => {
        this.#watched.delete(unseen);
        this.#report(future);
      });
      future["_unseen"] = unseen;
      this.#watched.add(unseen);
      collected.register(future, unseen);
    }
    this.#fresh = [];
  }

  /** Whether there is anything to report. */
  get any(): boolean {
    return this.#fresh.length > 0 || this.#watched.size > 0;
  }

  /** Reports what nobody has looked at, each once. */
  reportAll(): void {
    this.watch();
    for (const unseen of [...this.#watched]) {
      this.#watched.delete(unseen);
      unseen.settle();
    }
  }
}

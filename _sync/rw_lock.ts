// Copyright 2026 the asyncio authors. MIT license.

import {
  holders,
  holderText,
  noteHeld,
  noteReleased,
} from "../_core/holders.ts";
import type { TaskCore } from "../_core/protocols.ts";
import { activeTask } from "../_core/running.ts";
import { classText, printAs } from "../_util/repr.ts";
import { Coroutine } from "../coroutine.ts";
import { Guard } from "./guard.ts";
import {
  LoopBinding,
  type StepResult,
  Waiter,
  waitersText,
  WaitQueue,
} from "./wait_queue.ts";

/** What a lock is held or asked for, in the words of the errors. */
type Mode = "reading" | "writing";

/** How often one task holds the lock, and asks for it. Gone when all are 0. */
class Claims {
  held: Record<Mode, number> = { reading: 0, writing: 0 };
  asked: Record<Mode, number> = { reading: 0, writing: 0 };

  has(mode: Mode): boolean {
    return this.held[mode] > 0 || this.asked[mode] > 0;
  }
}

/**
 * A lock that either any number of tasks hold for reading, or one task for
 * writing.
 *
 * - **Order.** First come, first served, whatever they come for: a reader waits
 *   behind a writer that came earlier, so that writers are not starved. Readers
 *   next to each other in line enter together. Acquiring a lock that is free, or
 *   held for reading with nobody in line, takes no turn of the loop.
 * - **Cancellation.** A waiter that is cancelled leaves and never holds the
 *   lock. If the lock was already handed to it, the next in line gets it.
 * - **Owner.** A task holds it. A task that holds it for reading may acquire it
 *   for reading again, past those in line. A task that would wait for itself
 *   gets an error instead: one that holds the lock or stands in line for it and
 *   asks for writing, or is a writer and asks for reading. The parts of a
 *   `Promise.all()` are one task: to let them exclude each other, make tasks of
 *   them, with `gather()` or `taskGroup()`.
 *
 * @example Many readers, one writer
 * ```ts
 * import { gather, run, RWLock, sleep } from "@asyncio/asyncio";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new RWLock();
 * const log: string[] = [];
 *
 * async function read(name: string) {
 *   using _ = await lock.acquireRead();
 *   log.push(`${name} reads`);
 *   await sleep(0.01);
 * }
 *
 * async function write(name: string) {
 *   using _ = await lock.acquireWrite();
 *   log.push(`${name} writes`);
 *   await sleep(0.01);
 *   log.push(`${name} is done`);
 * }
 *
 * await run(async () => {
 *   await gather(() => read("a"), () => read("b"), () => write("c"), () => read("d"));
 * });
 * assertEquals(log, ["a reads", "b reads", "c writes", "c is done", "d reads"]);
 * ```
 *
 * @category Locks
 */
export class RWLock {
  /** @ignore */
  static readonly $printedClass: string = /* @__PURE__ */ printAs(
    this,
    "RWLock",
  );

  /** How many hold it for reading, or were handed it and have not continued. */
  private _readers = 0;
  /** Whether a writer holds it, or was handed it and has not continued. */
  private _isWriting = false;
  private _waiters = new WaitQueue(new LoopBinding(this), lockSpecimens);
  private _claims = new Map<TaskCore, Claims>();

  /** Whether the lock is held, for reading or for writing. */
  locked(): boolean {
    return this._isWriting || this._readers > 0;
  }

  /**
   * Acquires the lock for reading; waits while a task holds it for writing or
   * others are in line.
   *
   * @returns A coroutine that resolves to a guard: `using` releases the lock at
   * the end of the block, `guard[Symbol.dispose]()` does so at any time.
   * Disposing of a guard twice does nothing.
   * @throws {Error} If the task holds the lock for writing, or waits for that.
   * @throws {Error} If it has to wait and the lock is bound to another loop.
   *
   * @example Usage
   * ```ts
   * import { run, RWLock } from "@asyncio/asyncio";
   * import { assertEquals } from "@std/assert";
   *
   * await run(async () => {
   *   const lock = new RWLock();
   *   using _ = await lock.acquireRead();
   *   assertEquals(String(lock), "<RWLock [reading:1]>");
   * });
   * ```
   */
  acquireRead(): Coroutine<Disposable> {
    return acquireRead(this);
  }

  /**
   * Acquires the lock for writing; waits while any task holds it or others are
   * in line.
   *
   * @returns A coroutine that resolves to a guard, see
   * {@linkcode RWLock.acquireRead}.
   * @throws {Error} If the task holds the lock, or waits for it: it would wait
   * for itself.
   * @throws {Error} If it has to wait and the lock is bound to another loop.
   *
   * @example A reader cannot become a writer
   * ```ts
   * import { run, RWLock } from "@asyncio/asyncio";
   * import { assertRejects } from "@std/assert";
   *
   * await run(async () => {
   *   const lock = new RWLock();
   *   {
   *     using _ = await lock.acquireRead();
   *     await assertRejects(async () => await lock.acquireWrite(), Error, "itself");
   *   }
   *   using _ = await lock.acquireWrite();
   * });
   * ```
   */
  acquireWrite(): Coroutine<Disposable> {
    return acquireWrite(this);
  }

  /** Whether those who hold it now leave room for one more. */
  private _isFreeFor(mode: Mode): boolean {
    return !this._isWriting && (mode === "reading" || this._readers === 0);
  }

  /** Counts a holder. */
  private _take(mode: Mode): void {
    if (mode === "writing") this._isWriting = true;
    else this._readers++;
  }

  /** Counts a holder no more, and lets the next ones in. */
  private _leave(mode: Mode): void {
    if (mode === "writing") this._isWriting = false;
    else this._readers--;
    this._wakeWaiters();
  }

  /** Hands the lock to those in line who can have it now. */
  private _wakeWaiters(): void {
    for (;;) {
      const next = this._waiters.next as RWWaiter | null;
      if (next === null || !this._isFreeFor(next.mode)) return;
      this._take(next.mode);
      this._waiters.wakeNext();
    }
  }

  /** The claims of a task that may wait for the lock. Throws if it may not. */
  private _requireClaims(task: TaskCore, mode: Mode): Claims {
    const claims = this._claims.get(task);
    if (claims === undefined) return new Claims();
    const obstacle = claims.has("writing")
      ? "writing"
      : mode === "writing" && claims.has("reading")
      ? "reading"
      : null;
    if (obstacle === null) return claims;
    const state = claims.held[obstacle] > 0 ? "holds it" : "waits for it";
    throw new Error(
      `Cannot acquire ${this} for ${mode}, as the task ${state} for ${obstacle} and would wait for itself: ${task}`,
    );
  }

  /** @ignore */
  toString(): string {
    const state = this._isWriting
      ? "writing"
      : this._readers > 0
      ? `reading:${this._readers}`
      : "unlocked";
    return `<${classText(this)} [${state}${waitersText(this._waiters)}]${
      holderText(this._waiters)
    }>`;
  }
}

/** What waits for a lock. */
function lockSpecimens(): unknown {
  return new RWLock().acquireRead();
}

/** It is also what the guard releases. */
class RWWaiter extends Waiter<Disposable> {
  readonly mode: Mode;
  #lock: RWLock;
  #task: TaskCore | null = null;
  #claims: Claims | null = null;

  constructor(lock: RWLock, mode: Mode) {
    super(lock["_waiters"]);
    this.#lock = lock;
    this.mode = mode;
  }

  protected override _begin(): StepResult<Disposable> {
    const lock = this.#lock;
    const { mode } = this;
    const task = this.#task = activeTask()!;
    const claims = this.#claims = lock["_requireClaims"](task, mode);
    const isReader = mode === "reading" && claims.held.reading > 0;
    if (
      isReader || lock["_isFreeFor"](mode) && lock["_waiters"].next === null
    ) {
      lock["_take"](mode);
      return this.#enter();
    }
    const step = this._wait(); // may throw: nothing has changed yet
    claims.asked[mode]++;
    lock["_claims"].set(task, claims);
    return step;
  }

  protected override _woken(): StepResult<Disposable> {
    this.#claims!.asked[this.mode]--;
    return this.#enter();
  }

  protected override _abandoned(wasWoken: boolean): void {
    const lock = this.#lock;
    this.#claims!.asked[this.mode]--;
    this.#forgetClaims();
    if (wasWoken) lock["_leave"](this.mode);
    else lock["_wakeWaiters"]();
  }

  override *holders(): Generator<TaskCore> {
    for (const [task, { held }] of this.#lock["_claims"]) {
      if (held.reading > 0 || held.writing > 0) yield task;
    }
  }

  #enter(): StepResult<Disposable> {
    this.#claims!.held[this.mode]++;
    this.#lock["_claims"].set(this.#task!, this.#claims!);
    if (holders.byLine !== null) noteHeld(this.#lock["_waiters"], true);
    return { done: true, value: new Guard(this) };
  }

  release(): void {
    if (holders.byLine !== null) noteReleased(this.#lock["_waiters"]);
    this.#claims!.held[this.mode]--;
    this.#forgetClaims();
    this.#lock["_leave"](this.mode);
  }

  #forgetClaims(): void {
    const claims = this.#claims!;
    if (claims.has("reading") || claims.has("writing")) return;
    this.#lock["_claims"].delete(this.#task!);
  }
}

const acquireRead = /* @__PURE__ */ Coroutine.$ownFunction<
  [lock: RWLock],
  Disposable
>(
  function acquireRead(lock) {
    return new RWWaiter(lock, "reading");
  },
);

const acquireWrite = /* @__PURE__ */ Coroutine.$ownFunction<
  [lock: RWLock],
  Disposable
>(
  function acquireWrite(lock) {
    return new RWWaiter(lock, "writing");
  },
);

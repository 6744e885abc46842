// What a program of strands knows of its tasks, scopes and strands.

import { CancelledError, type Task, type Timeout } from "@asyncio/asyncio";
import type { World } from "./strands_world.ts";

/** What a program knows of a task. */
export class TaskRecord {
  readonly task: Task<unknown>;
  /** When it was cancelled from outside, by the program itself. */
  readonly cancelledAt: number[] = [];
  /** Those who pass a cancellation on to it: they wait for it. */
  readonly waiters: Strand[] = [];
  /** The group that it is a child of. */
  group: GroupRecord | null = null;
  /** Whether a cancellation has come, or may have. */
  delivered = false;
  /** It has waited for something that somebody else had cancelled. */
  sawForeign = false;
  /** It may be waited for by those of a lower rank. */
  rank = 0;

  constructor(task: Task<unknown>) {
    this.task = task;
  }
}

/** What a program knows of a scope. */
export interface ScopeRecord {
  /** Whether its cancellation has come, or may have. */
  delivered: boolean;
  readonly isLeft: boolean;
  /** Whether waits in it may be cancelled. */
  mayBeCancelled(): boolean;
  /** Since when waits in it must be cancelled; `null` if they need not. */
  cancelledAt(): number | null;
}

/** The body of a timeout, or the like. */
export class LimitRecord implements ScopeRecord {
  delivered = false;
  readonly #deadline: number;
  readonly #scope: Timeout | null;
  readonly #now: () => number;
  #leftAt: number | null = null;

  /** @param scope `null` where it cannot be looked at. */
  constructor(deadline: number, scope: Timeout | null, now: () => number) {
    this.#deadline = deadline;
    this.#scope = scope;
    this.#now = now;
  }

  get isLeft(): boolean {
    return this.#leftAt !== null;
  }

  leave(): void {
    this.#leftAt = this.#now();
  }

  mayBeCancelled(): boolean {
    return this.#scope?.expired() ??
      (this.#leftAt ?? this.#now()) >= this.#deadline;
  }

  cancelledAt(): number | null {
    const isOver = this.#scope?.expired() ??
      (this.#leftAt ?? this.#now()) > this.#deadline;
    return isOver ? this.#deadline : null;
  }
}

/** A group of tasks. */
export class GroupRecord implements ScopeRecord {
  /** Who waits for it, and who runs its body. */
  readonly #outer: Strand;
  strand: Strand;
  readonly childErrors: unknown[] = [];
  #mayBeCancelled = false;
  #cancelledAt: number | null = null;
  delivered = false;
  bodyHasThrown = false;
  isLeft = false;

  constructor(strand: Strand) {
    this.#outer = this.strand = strand;
  }

  mayBeCancelled(): boolean {
    return this.#mayBeCancelled;
  }

  cancelledAt(): number | null {
    // One that was cancelled from outside has nothing more to cancel.
    return this.#outer.world.mayBeCancelled(this.#outer)
      ? null
      : this.#cancelledAt;
  }

  /** Its body has thrown: from now on, it cancels no more than its tasks. */
  bodyThrows(now: number): void {
    this.bodyHasThrown = true;
    // Which came first, this or the error of a task, cannot be seen.
    if (this.#cancelledAt === now) this.#cancelledAt = null;
  }

  /** @param surely Whether it cancels more than its tasks. */
  cancel(now: number, surely: boolean): void {
    if (this.isLeft) return;
    this.#mayBeCancelled = true;
    if (surely) this.#cancelledAt ??= now;
  }
}

/** A chain of awaits: a task, a part, a floating function, a handler. */
export interface Strand {
  readonly world: World;
  readonly parent: Strand | null;
  /** It waits only for tasks of a higher rank, so that there are no circles. */
  readonly rank: number;
  /** `null` outside of every task. */
  readonly record: TaskRecord | null;
  /** The scopes that it is in, outermost first. */
  readonly scopes: readonly ScopeRecord[];
  /** The innermost group, and how to cancel it. */
  readonly cancelGroup: (() => void) | null;
  readonly state: StrandState;
}

/** What is known of a strand, whatever scope it is in. */
interface StrandState {
  isOver: boolean;
  isInLine: boolean;
  /** It has waited for something that somebody else had cancelled. */
  sawForeign: boolean;
}

/** Whether an error is a cancellation, however it was wrapped. */
export function isCancellation(error: unknown): boolean {
  if (error instanceof SuppressedError) return isCancellation(error.error);
  if (error instanceof AggregateError) {
    return error.errors.length > 0 && error.errors.every(isCancellation);
  }
  return error instanceof CancelledError;
}

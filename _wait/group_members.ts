// Copyright 2026 the asyncio authors. MIT license.

import { entered, leaveStores } from "../_core/contexts.ts";
import type {
  DoneListener,
  EngineCore,
  FutureCore,
  Runnable,
  TaskCore,
} from "../_core/protocols.ts";
import type { Future } from "../future.ts";
import type { StartingFuture } from "./starting.ts";

/** CPython's text of the callback, which is printed with each task. */
const CALLBACK_TEXT = "TaskGroup._on_task_done()";

/** A place in the line of a group with a limit. */
interface Place {
  release(): void;
}

/**
 * The tasks of a group that have not been counted as done, in order. With a `Set`
 * of them, a small group takes a quarter longer.
 */
export class GroupMembers {
  readonly engine: EngineCore;
  /** The task that waits for them. */
  readonly waiter: TaskCore;
  /** Called in a turn of its own when the task of a member is done. */
  readonly memberDone: (member: GroupMember) => void;
  size = 0;
  #first: GroupMember | null = null;
  #last: GroupMember | null = null;

  constructor(
    waiter: TaskCore,
    memberDone: (member: GroupMember) => void,
  ) {
    this.engine = waiter.$engineOf;
    this.waiter = waiter;
    this.memberDone = memberDone;
  }

  add(member: GroupMember): void {
    const last = member.previous = this.#last;
    if (last === null) this.#first = member;
    else last.next = member;
    this.#last = member;
    this.size++;
  }

  delete(member: GroupMember): void {
    const { previous, next } = member;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    this.size--;
  }

  cancel(): void {
    for (let member = this.#first; member !== null; member = member.next) {
      member.task.cancel();
    }
  }
}

/**
 * A task of a group: what that notifies when it is done, and what the loop runs
 * then, in a turn of its own. A callback would need a handle for that.
 */
export class GroupMember implements DoneListener, Runnable {
  readonly #members: GroupMembers;
  readonly task: Future<unknown>;
  /** What `start()` waits for, if that has started the task. */
  readonly starting: StartingFuture | null;
  /** Its place in line, if the group has a limit. */
  readonly admission: Place | null;
  previous: GroupMember | null = null;
  next: GroupMember | null = null;

  constructor(
    members: GroupMembers,
    task: Future<unknown>,
    starting: StartingFuture | null,
    admission: Place | null,
  ) {
    this.#members = members;
    this.task = task;
    this.starting = starting;
    this.admission = admission;
    members.add(this);
    task.$addListener(this);
  }

  get $awaiterOf(): FutureCore {
    return this.#members.waiter;
  }

  $wakeup(): void {
    this.#members.engine.enqueue(this);
  }

  $run(): void {
    const members = this.#members;
    members.delete(this);
    members.memberDone(this);
    if (entered.length > 0) leaveStores(0); // of listeners of signals
  }

  $callbackText(): string {
    return CALLBACK_TEXT;
  }

  /** As an entry of the loop it prints as the handle that it saves. */
  toString(): string {
    return `<Handle ${CALLBACK_TEXT}>`;
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import type { Attachment } from "../_core/protocols.ts";
import { onExit } from "../_host/process.ts";
import type { EventLoop, TimerHandle } from "../loop.ts";
import type { Input } from "./input.ts";
import type { ProcessTree } from "./process_tree.ts";
import { Waiters } from "./waiters.ts";

/** How long to wait before the descendants are looked for again, in seconds. */
const FIRST_LOOK = 0.001;
const LAST_LOOK = 0.05;

/**
 * How long to wait for the end of the output when all have ended, in seconds.
 * It comes at once, unless a process that has left the tree holds the pipe.
 */
const OUTPUT_LIMIT = 0.1;

/**
 * The end of a process tree: all of it gets SIGTERM, and what is left after the
 * grace time gets SIGKILL.
 *
 * Nothing waits in here. It goes on by callbacks, whoever waits for it, since
 * the task that began it may be cancelled, or end. If the loop is closed or the
 * program exits meanwhile, what is left gets SIGKILL at once.
 */
export class TreeEnding implements Attachment {
  readonly #tree: ProcessTree;
  readonly #loop: EventLoop;
  readonly #outputs: readonly Input[];
  readonly #whenOver: () => void;
  readonly #waiters = new Waiters();
  #phase: "polite" | "killed" | "gone" | "over" = "polite";
  #timer: TimerHandle | null = null;
  #look: TimerHandle | null = null;
  #delay = FIRST_LOOK;
  #removeExitListener: () => void;

  /**
   * @param killAfter The grace time in seconds, or `null` if there is no end of
   * it.
   * @param outputs What the tree writes, which is closed at the end.
   * @param whenOver Called when nothing of the tree is left, or will be.
   */
  constructor(
    tree: ProcessTree,
    loop: EventLoop,
    killAfter: number | null,
    outputs: readonly Input[],
    whenOver: () => void,
  ) {
    this.#tree = tree;
    this.#loop = loop;
    this.#outputs = outputs;
    this.#whenOver = whenOver;
    this.#removeExitListener = onExit(() => tree.signal("SIGKILL"));
    if (loop.isClosed()) { // it has no timers any more
      this.loopClosed();
      return;
    }
    loop.$holdingsOf.attachments.add(this);
    if (tree.isRunning()) {
      tree.signal("SIGTERM");
      if (killAfter !== null && killAfter < Infinity) {
        this.#timer = loop.callLater(killAfter, () => this.hurry());
      }
    }
    if (tree.returncode === null) tree.onExit(() => this.#check());
    else this.#check();
  }

  get isOver(): boolean {
    return this.#phase === "over";
  }

  /** Waits until it is over, or is thrown out of the wait. */
  *wait(): Generator<unknown, void, unknown> {
    if (!this.isOver) yield* this.#waiters.wait();
  }

  /** Ends the grace time: what is left gets SIGKILL. */
  hurry(): void {
    if (this.#phase === "gone") return this.#end();
    if (this.#phase !== "polite") return;
    this.#phase = "killed";
    this.#tree.signal("SIGKILL");
    this.#check();
  }

  loopClosed(): void {
    this.hurry();
    this.#end();
  }

  #check(): void {
    if (this.#phase === "gone" || this.isOver) return;
    if (this.#tree.returncode === null || this.#loop.isClosed()) return;
    this.#look?.cancel();
    // The system ends what has got SIGKILL: there is nothing to wait for.
    if (this.#phase === "killed" || !this.#tree.isRunning()) {
      return this.#allGone();
    }
    this.#look = this.#loop.callLater(this.#delay, () => this.#check());
    this.#delay = Math.min(2 * this.#delay, LAST_LOOK);
  }

  /** Nothing runs any more. What was written last may still be in the pipes. */
  #allGone(): void {
    this.#phase = "gone";
    this.#timer?.cancel();
    for (const output of this.#outputs) output.onEnd = () => this.#checkEof();
    this.#timer = this.#loop.callLater(OUTPUT_LIMIT, () => this.#end());
    this.#checkEof();
  }

  #checkEof(): void {
    const isOpen = this.#outputs.some(({ hasEof, failure }) =>
      !hasEof && failure === null
    );
    if (!isOpen) this.#end();
  }

  #end(): void {
    if (this.isOver) return;
    this.#phase = "over";
    this.#timer?.cancel();
    this.#look?.cancel();
    this.#removeExitListener();
    this.#loop.$holdingsOf.attachments.delete(this);
    for (const output of this.#outputs) {
      output.onEnd = null;
      output.cancel(undefined).catch(() => {});
    }
    this.#whenOver();
    this.#waiters.wakeAll();
  }
}

// Copyright 2026 the asyncio authors. MIT license.

import type { RunWatcher } from "../_core/debug_mode.ts";
import type { Engine } from "../_core/engine.ts";
import type { LoopCore } from "../_core/protocols.ts";
import { isWorker } from "../_host/listen_signal.ts";
import { type LocalServer, serveLocally } from "../_host/local_socket.ts";
import { ownPid } from "../_host/other_process.ts";
import { printError } from "../_host/printing.ts";
import { listenToSignals, type SignalListeners } from "../_host/signals.ts";
import { cycleLines, type ProcessReport } from "./process_report.ts";
import { reportTasks } from "./report_tasks.ts";
import { socketPath } from "./socket_path.ts";
import { treeLines } from "./tree.ts";

/**
 * Answers who asks the process for its tasks, by a signal or through its socket.
 *
 * Invariant: it listens while a loop runs that can go on, and only then. A loop
 * that waits for nothing must not be held by it.
 */
export class OutsideWatcher implements RunWatcher {
  /** The loops that run. */
  readonly #loops = new Set<LoopCore>();
  /** Those among them that can go on. */
  readonly #awake = new Set<LoopCore>();
  #signals: SignalListeners | null = null;
  #server: LocalServer | null = null;

  loopRuns(loop: LoopCore): () => void {
    const holders = (loop.$engineOf as Engine).idleWatch.holders;
    const holder = {
      add: () => {
        this.#awake.add(loop);
        this.#listen();
      },
      remove: () => {
        this.#awake.delete(loop);
        if (this.#awake.size === 0) this.#close();
      },
    };
    this.#loops.add(loop);
    holders.add(holder);
    holder.add();
    return () => {
      this.#loops.delete(loop);
      holders.delete(holder);
      holder.remove();
    };
  }

  #listen(): void {
    if (this.#signals !== null) return;
    this.#signals = listenIfPossible(() => this.#print());
    // A worker has the number of the process, but is not asked.
    if (isWorker()) return;
    this.#server = serveLocally(
      socketPath(ownPid()),
      () => JSON.stringify(this.#report()),
    );
  }

  #close(): void {
    this.#signals?.remove();
    this.#server?.close();
    this.#signals = this.#server = null;
  }

  #report(): ProcessReport {
    return { version: 1, pid: ownPid(), tasks: reportTasks(this.#loops) };
  }

  #print(): void {
    const { pid, tasks } = this.#report();
    const count = tasks.length === 1 ? "1 task" : `${tasks.length} tasks`;
    const lines = [`Process ${pid} has ${count}:`, ...treeLines(tasks)];
    printError([...lines, ...cycleLines(tasks)].join("\n"));
  }
}

/**
 * What makes the process print. SIGUSR1 is for people; a process that does not
 * listen is ended by it, and Deno and Node.js start their inspector on it. SIGURG
 * is for programs: where nobody listens, it does nothing.
 */
const SIGNALS = ["SIGUSR1", "SIGURG"] as const;

/** Windows has no such signals, and some hosts keep them for themselves. */
function listenIfPossible(listener: () => void): SignalListeners {
  try {
    return listenToSignals(SIGNALS, listener);
  } catch {
    return { add() {}, remove() {} };
  }
}

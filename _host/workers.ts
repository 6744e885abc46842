// Copyright 2026 the asyncio authors. MIT license.

import { builtin } from "./builtin.ts";

/** What the library needs of a worker; `Worker` of the web has it. */
export interface HostWorker {
  onmessage: ((event: MessageEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown, transfer: object[]): void;
  terminate(): void;
  /** Some hosts have these two, but the web has not. */
  ref?(): void;
  unref?(): void;
}

/** `node:worker_threads`, as far as it is needed. */
interface Threads {
  Worker: new (module: URL, options: { name: string }) => NodeThread;
  parentPort: EventTarget & { hasRef?(): boolean } | null;
}

interface NodeThread {
  on(event: string, listener: (value: Error) => void): void;
  postMessage(message: unknown, transfer: object[]): void;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

/** How many threads can compute at the same time. */
export function processorCount(): number {
  return globalThis.navigator?.hardwareConcurrency ??
    builtin<{ availableParallelism(): number }>("node:os")
      ?.availableParallelism() ??
    1;
}

/**
 * Starts a worker.
 *
 * @param module What it runs.
 * @param name Its `self.name`.
 * @param onExit Called when it has ended, for whatever reason, where the host
 * tells: Node.js and Bun do.
 */
export function startWorker(
  module: URL,
  name: string,
  onExit: () => void,
): HostWorker {
  if (typeof Worker === "function") {
    const worker = new Worker(module, { type: "module", name });
    worker.addEventListener("close", onExit); // an event of Bun's own
    return worker;
  }
  const threads = builtin<Threads>("node:worker_threads");
  if (threads !== undefined) {
    return new ThreadWorker(threads, module, name, onExit);
  }
  throw new Error("Cannot start a thread: this host has no workers");
}

/** A worker of `node:worker_threads` in the form of one of the web. */
class ThreadWorker implements HostWorker {
  onmessage: HostWorker["onmessage"] = null;
  onmessageerror: HostWorker["onmessageerror"] = null;
  onerror: HostWorker["onerror"] = null;
  #thread: NodeThread;

  constructor(
    { Worker }: Threads,
    module: URL,
    name: string,
    onExit: () => void,
  ) {
    this.#thread = new Worker(module, { name });
    this.#thread.on("exit", onExit);
    this.#thread.on("message", (data) => {
      this.onmessage?.({ data } as unknown as MessageEvent);
    });
    this.#thread.on("messageerror", () => {
      this.onmessageerror?.({} as MessageEvent);
    });
    this.#thread.on("error", (error) => {
      const message = `Uncaught ${error}`;
      this.onerror?.({ message, preventDefault() {} } as ErrorEvent);
    });
  }

  postMessage(message: unknown, transfer: object[]): void {
    this.#thread.postMessage(message, transfer);
  }

  terminate(): void {
    this.#thread.unref();
    this.#thread.terminate();
  }

  ref(): void {
    this.#thread.ref();
  }

  unref(): void {
    this.#thread.unref();
  }
}

/** Where a worker gets its messages and sends its own. */
export function workerScope(): EventTarget {
  return "postMessage" in globalThis || typeof Deno !== "undefined"
    ? globalThis
    : builtin<Threads>("node:worker_threads")?.parentPort ?? globalThis;
}

/** Whether this is a worker of Node.js that waits for messages of its parent. */
export function listensToParent(): boolean {
  const parent = builtin<Threads>("node:worker_threads")?.parentPort;
  return parent?.hasRef?.() ?? false;
}

/**
 * Says whether an idle worker keeps the process alive.
 *
 * Not in Deno: there a top-level `await` waits for it in any case, and the call
 * takes as long as a short job. `loopRests` of the pool is what helps there.
 */
export function holdIdle(worker: HostWorker, holds: boolean): void {
  if (typeof Deno !== "undefined") return;
  if (holds) worker.ref?.();
  else worker.unref?.();
}

/**
 * Lets the process end while a worker is busy.
 *
 * Deno 2.9 cannot interrupt a thread that computes or blocks: `terminate()`
 * takes effect when the thread returns to the host, and keeps the process alive
 * until then, which may be forever. The method that releases the process has no
 * public name in `Worker`. It is what `unref()` of `node:worker_threads` calls,
 * but workers of that module cannot be loaded from JSR.
 */
export function unrefWorker(worker: HostWorker): void {
  if (typeof Deno === "undefined") return; // others can interrupt a thread
  for (const symbol of Object.getOwnPropertySymbols(Worker.prototype)) {
    if (symbol.description) continue;
    const method = Reflect.get(worker, symbol);
    if (typeof method === "function") method.call(worker, false);
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/** How many threads can compute at the same time. */
export function processorCount(): number {
  return navigator.hardwareConcurrency;
}

/**
 * Starts a worker.
 *
 * @param module What it runs.
 * @param name Its `self.name`.
 */
export function startWorker(module: URL, name: string): Worker {
  return new Worker(module, { type: "module", name });
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
export function unrefWorker(worker: Worker): void {
  for (const symbol of Object.getOwnPropertySymbols(Worker.prototype)) {
    if (symbol.description) continue;
    const method = Reflect.get(worker, symbol);
    if (typeof method === "function") method.call(worker, false);
  }
}

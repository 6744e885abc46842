// Counts primes, first in one thread, then in as many as there are processors.
// Run it with --allow-read=. as the workers read their module.

import { run, ThreadPoolExecutor } from "@asyncio/asyncio";
import type { countPrimes } from "./primes/count.ts";

const MODULE = new URL("./primes/count.ts", import.meta.url);
const LIMIT = 3_000_000;
const STEP = 50_000;
const WIDTH = 40;

const starts = Array.from({ length: LIMIT / STEP }, (_, i) => i * STEP);
const ends = starts.map((start) => start + STEP);

/** Redraws a progress bar, if the output is a terminal. */
function showProgress(label: string, done: number): void {
  if (!Deno.stdout.isTerminal()) return;
  const filled = Math.round(WIDTH * done / starts.length);
  const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
  const text = `\r${label} ${bar} ${done}/${starts.length}`;
  const end = done === starts.length ? "\n" : "";
  Deno.stdout.writeSync(new TextEncoder().encode(text + end));
}

/** Counts in that many threads, and returns how many seconds it took. */
async function measure(threads: number): Promise<number> {
  const label = `${threads} ${threads === 1 ? "thread " : "threads"}`;
  await using executor = new ThreadPoolExecutor({ maxWorkers: threads });
  const start = performance.now();
  const counts = executor
    .map<typeof countPrimes>(MODULE, "countPrimes", starts, ends);
  let total = 0;
  let done = 0;
  showProgress(label, done);
  for await (const count of counts) {
    total += count;
    showProgress(label, ++done);
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${label}: ${total} primes below ${LIMIT} in ${seconds.toFixed(2)} s`,
  );
  return seconds;
}

await run(async () => {
  const one = await measure(1);
  const threads = navigator.hardwareConcurrency;
  const all = await measure(threads);
  console.log(
    `${(one / all).toFixed(1)} times as fast with ${threads} threads`,
  );
});

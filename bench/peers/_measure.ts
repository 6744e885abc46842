/**
 * Runs a workload with this many operations. Returns how long it took in
 * milliseconds, or for "memory" how many bytes each operation took.
 */
export type Measurement = (operations: number) => Promise<number>;

/** The workloads that a peer has, by name. */
export type Measurements = Record<string, Measurement>;

/** Numbers of tasks, levels and items in the workloads. */
export const TASKS = 1000;
export const CONTENDERS = 100;
export const FAN_OUT = 10_000;
export const DEPTH = 10;
export const QUEUE_SIZE = 10;

/** A time that is never reached, in seconds. */
export const LONG = 3600;

/** Checks a result, so that nothing can be optimised away. */
export function expect(actual: number, expected: number): void {
  if (actual !== expected) {
    throw new Error(`Expected ${expected}, got ${actual}`);
  }
}

/** The sum of 0, 1, … n - 1. */
export function sumBelow(n: number): number {
  return n * (n - 1) / 2;
}

/** Delays below 5 ms in no particular order, in seconds. */
export function shortDelay(i: number): number {
  return (i * 7919 % 5000) / 1e6;
}

/** The heap in use after all garbage was collected, in bytes. */
export async function heapUsed(): Promise<number> {
  const { gc } = globalThis as unknown as { gc(): void };
  // Twice, with a turn of the host in between, since objects that are held
  // weakly are collected later.
  gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
  return Deno.memoryUsage().heapUsed;
}

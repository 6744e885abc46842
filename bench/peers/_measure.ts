/**
 * Runs a workload for so many operations and gives how long that took, in
 * milliseconds; for "memory", how many bytes each took.
 */
export type Measurement = (operations: number) => Promise<number>;

/** The workloads that a peer has, by name. */
export type Measurements = Record<string, Measurement>;

/** How many tasks take part where there are many. */
export const TASKS = 1000;
export const CONTENDERS = 100;
export const FAN_OUT = 10_000;
export const DEPTH = 10;
export const QUEUE_SIZE = 10;

/** A time that never comes, in seconds. */
export const LONG = 3600;

/** Each workload checks its result: nothing may be optimised away. */
export function expect(actual: number, expected: number): void {
  if (actual !== expected) {
    throw new Error(`Expected ${expected}, got ${actual}`);
  }
}

/** The sum of 0, 1, … n - 1. */
export function sumBelow(n: number): number {
  return n * (n - 1) / 2;
}

/** Delays below 5 ms in no order, as seconds. */
export function shortDelay(i: number): number {
  return (i * 7919 % 5000) / 1e6;
}

/** The heap in use, all garbage collected. */
export async function heapUsed(): Promise<number> {
  const { gc } = globalThis as unknown as { gc(): void };
  // Twice, with a turn of the host between them: what is held weakly goes late.
  gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
  return Deno.memoryUsage().heapUsed;
}

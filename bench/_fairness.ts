import { quantity, table } from "./_table.ts";

/** How a server answered beside a loop that is busy. */
export interface Fairness {
  /** What kept the loop busy. */
  loop: string;
  /** The requests that were answered in a second. */
  answers: number;
  /** How late the answers were, in milliseconds. */
  p50: number;
  p99: number;
  max: number;
}

/** How long each run takes, in milliseconds. */
const ASKING = 1000;
const ASKING_QUICK = 200;

/** The loops: the kind of their tasks, and how many spin. */
const LOOPS: readonly [kind: string, tasks: number][] = [
  ["plain", 1],
  ["generator", 1],
  ["async", 1],
  ["generator", 100],
  ["async", 100],
  ["generator", 100_000],
  ["async", 100_000],
];

async function once(kind: string, tasks: number, asking: number) {
  const script = `${import.meta.dirname}/fairness.ts`;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-net=127.0.0.1",
      "--allow-run",
      script,
      kind,
      String(tasks),
      String(asking),
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("fairness.ts failed");
  return (JSON.parse(new TextDecoder().decode(stdout)) as number[])
    .sort((a, b) => a - b);
}

/**
 * Counts the requests that a server answers beside each loop, one loop after
 * another in each round. The round with the most answers counts.
 */
export async function measureFairness(
  rounds: number,
  quick: boolean,
): Promise<Fairness[]> {
  const asking = quick ? ASKING_QUICK : ASKING;
  const best = new Map<string, Fairness>();
  for (let round = 0; round < rounds; round++) {
    for (const [kind, tasks] of LOOPS) {
      const loop = kind === "plain"
        ? "setTimeout(0) every 4 ms"
        : `${quantity(tasks)} ${kind} task${tasks > 1 ? "s" : ""}`;
      const latencies = await once(kind, tasks, asking);
      const rank = (part: number) =>
        latencies[Math.ceil(latencies.length * part) - 1];
      const answers = Math.round(latencies.length / asking * 1000);
      if (answers <= (best.get(loop)?.answers ?? -1)) continue;
      const [p50, p99, max] = [rank(0.5), rank(0.99), rank(1)];
      best.set(loop, { loop, answers, p50, p99, max });
    }
  }
  return [...best.values()];
}

export function fairnessTable(all: readonly Fairness[]): string {
  return table(
    ["requests answered beside a busy loop", "per s", "p50 ms", "p99", "max"],
    all.map(({ loop, answers, p50, p99, max }) => [
      loop,
      ...[answers, p50, p99, max].map(quantity),
    ]),
  );
}

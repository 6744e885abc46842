import { PEERS } from "./_peers.ts";
import { quantity, table } from "./_table.ts";
import { WorkerProcess } from "./_worker_process.ts";
import { WORKLOADS } from "./_workloads.ts";

/**
 * The young generation is never full with this flag, so that the collector has
 * nothing to copy.
 */
const ROOMY = "--min-semi-space-size=128";

/** Nanoseconds per operation, with V8's defaults and with {@linkcode ROOMY}. */
export interface Collector {
  workload: string;
  kind: string;
  usual: number;
  roomy: number;
}

/** Measures what keeps much alive, with and without room for the garbage. */
export async function measureCollector(
  rounds: number,
  quick: boolean,
): Promise<Collector[]> {
  const results: Collector[] = [];
  for (const workload of WORKLOADS.filter(({ alive }) => alive)) {
    const operations = quick ? workload.operations / 10 : workload.operations;
    for (const peer of PEERS.filter(({ own }) => own)) {
      const command = peer.command.map((part) =>
        part.startsWith("--v8-flags=") ? `${part},${ROOMY}` : part
      );
      const workers = await Promise.all(
        [peer, { ...peer, command }].map((one) =>
          WorkerProcess.start(one, workload.name)
        ),
      );
      const best = workers.map(() => Infinity);
      for (let round = -1; round < rounds; round++) {
        for (const [i, worker] of workers.entries()) {
          const time = await worker!.measure(operations) * 1e6 / operations;
          if (round >= 0) best[i] = Math.min(best[i], time); // first it compiles
        }
      }
      await Promise.all(workers.map((worker) => worker!.end()));
      const [usual, roomy] = best;
      results.push({
        workload: workload.title,
        kind: peer.title,
        usual,
        roomy,
      });
    }
  }
  return results;
}

export function collectorTable(results: readonly Collector[]): string {
  return table(
    ["ns per operation", "", "default", "128 MB", "share"],
    results.map(({ workload, kind, usual, roomy }) => [
      workload,
      kind,
      quantity(usual),
      quantity(roomy),
      `${Math.round(Math.max(0, 1 - roomy / usual) * 100)} %`,
    ]),
  );
}

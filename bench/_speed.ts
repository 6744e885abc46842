import { type Peer, PEERS } from "./_peers.ts";
import { quantity, ratio, table } from "./_table.ts";
import { WorkerProcess } from "./_worker_process.ts";
import { MEMORY, type Workload } from "./_workloads.ts";

/** For how long one peer may run one workload in one round, in ms. */
const PATIENCE = 1500;

/** What came of one workload: nanoseconds per operation, by peer. */
export interface Speeds {
  workload: Workload;
  nanoseconds: Record<string, number>;
}

/** What each peer called itself. */
export type Versions = Map<string, string>;

/** Peers that could not be run here, so that it is said once. */
const absent = new Set<Peer>();

async function startAll(
  workload: Workload,
  versions: Versions,
): Promise<WorkerProcess[]> {
  const workers = await Promise.all(PEERS.map(async (peer) => {
    if (absent.has(peer)) return null;
    try {
      return await WorkerProcess.start(peer, workload.name);
    } catch (error) {
      absent.add(peer);
      versions.set(peer.name, `no ${peer.title} here`);
      console.error(`${peer.title} is left out: ${error}`);
      return null;
    }
  }));
  const present = workers.filter((worker) => worker !== null);
  for (const { peer, version } of present) versions.set(peer.name, version);
  return present;
}

/**
 * Measures a workload: round by round, in each round one peer after another.
 *
 * Before the first round everybody does a tenth of the work, which has it
 * compiled, and shows who would take too long: those go on with a tenth.
 */
export async function measureSpeed(
  workload: Workload,
  rounds: number,
  versions: Versions,
): Promise<Speeds> {
  const workers = await startAll(workload, versions);
  const tenth = workload.operations / 10;
  const operations = new Map<Peer, number>();
  const nanoseconds: Record<string, number> = {};
  try {
    for (const worker of workers) {
      const slow = 10 * await worker.measure(tenth) > PATIENCE;
      operations.set(worker.peer, slow ? tenth : workload.operations);
      nanoseconds[worker.peer.name] = Infinity;
    }
    for (let round = 0; round < rounds; round++) {
      for (const worker of workers) {
        const { name } = worker.peer;
        const count = operations.get(worker.peer)!;
        const time = await worker.measure(count) * 1e6 / count;
        nanoseconds[name] = Math.min(nanoseconds[name], time);
      }
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
  return { workload, nanoseconds };
}

/** Bytes per suspended task, by peer. */
export async function measureMemory(
  versions: Versions,
): Promise<Record<string, number>> {
  const bytes: Record<string, number> = {};
  const names = [MEMORY.name, "memory-generator"];
  for (const name of names) {
    const workers = await startAll({ ...MEMORY, name }, versions);
    for (const worker of workers) {
      const key = name === MEMORY.name ? worker.peer.name : "bare-generator";
      await worker.measure(MEMORY.operations); // compiles, and fills caches
      bytes[key] = Math.round(await worker.measure(MEMORY.operations));
      await worker.end();
    }
  }
  return bytes;
}

/**
 * A line for each workload. After each peer's nanoseconds stand the ratios to
 * the two kinds of tasks of this library: how many times as long it took.
 */
export function speedTable(all: readonly Speeds[]): string {
  const head = ["ns per operation"];
  for (const { title, own } of PEERS) {
    head.push(title);
    if (!own) head.push("/gen", "/async");
  }
  const rows = all.map(({ workload, nanoseconds }) => {
    const row = [workload.title];
    for (const { name, own } of PEERS) {
      const time = nanoseconds[name];
      row.push(quantity(time));
      if (own) continue;
      row.push(ratio(time / nanoseconds.generator));
      row.push(ratio(time / nanoseconds.async));
    }
    return row;
  });
  return table(head, rows);
}

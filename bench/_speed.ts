import { type Peer, PEERS } from "./_peers.ts";
import { quantity, ratio, table } from "./_table.ts";
import { WorkerProcess } from "./_worker_process.ts";
import { MEMORY, type Workload } from "./_workloads.ts";

/** How long a round of a workload may take a peer, in milliseconds. */
const MAX_ROUND_TIME = 1500;

/** How long all rounds may take, in milliseconds. There are at least two. */
const MAX_TOTAL_TIME = 20_000;

/** The results of a workload, by peer. */
export interface Speeds {
  workload: Workload;
  /** The time per operation. */
  nanoseconds: Record<string, number>;
  /** The number of operations in a round, and the number of rounds. */
  operations: Record<string, number>;
  rounds: Record<string, number>;
}

/** The version that each peer reported. */
export type Versions = Map<string, string>;

/** Peers that cannot be run on this machine. Each is reported only once. */
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
      leaveOut(peer, "", error);
      return null;
    }
  }));
  const present = workers.filter((worker) => worker !== null);
  for (const { peer, version } of present) versions.set(peer.name, version);
  return present;
}

/** Reports why a peer is left out. This library may not be left out. */
function leaveOut(peer: Peer, what: string, error: unknown): void {
  if (peer.own) throw error;
  console.error(`${peer.title} is left out${what}: ${error}`);
}

/** How many operations a peer does in a round, and in how many rounds. */
async function paceOf(
  worker: WorkerProcess,
  { operations, alive }: Workload,
  rounds: number,
): Promise<{ operations: number; rounds: number }> {
  const tenth = operations / 10;
  await worker.measure(tenth); // so that it is compiled
  let time = 10 * await worker.measure(tenth);
  if (time > MAX_ROUND_TIME && !alive) {
    operations = tenth;
    time /= 10;
  }
  const maxRounds = Math.max(2, Math.floor(MAX_TOTAL_TIME / time));
  return { operations, rounds: Math.min(rounds, maxRounds) };
}

/**
 * Measures a workload round by round, in each round one peer after another.
 *
 * Before the first round every peer does a tenth of the work twice: the first
 * time so that it is compiled, the second time to see whether it would take too
 * long. If so, it goes on with a tenth of the work. Where that would not be
 * comparable, because all operations are alive at once, it gets fewer rounds.
 *
 * Before each measured run it does another tenth: V8 discards the code of a process
 * that has been idle for seconds, as while the others run.
 */
export async function measureSpeed(
  workload: Workload,
  rounds: number,
  versions: Versions,
): Promise<Speeds> {
  const speeds: Speeds = {
    workload,
    nanoseconds: {},
    operations: {},
    rounds: {},
  };
  const { nanoseconds } = speeds;
  const workers = new Set(await startAll(workload, versions));
  const started = [...workers];

  async function attempt(worker: WorkerProcess, act: () => Promise<void>) {
    try {
      await act();
    } catch (error) {
      workers.delete(worker);
      delete nanoseconds[worker.peer.name];
      leaveOut(worker.peer, ` of ${workload.name}`, error);
    }
  }

  try {
    for (const worker of workers) {
      const { name } = worker.peer;
      await attempt(worker, async () => {
        const pace = await paceOf(worker, workload, rounds);
        speeds.operations[name] = pace.operations;
        speeds.rounds[name] = pace.rounds;
        nanoseconds[name] = Infinity;
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const worker of workers) {
        const { name } = worker.peer;
        if (round >= speeds.rounds[name]) continue;
        await attempt(worker, async () => {
          const count = speeds.operations[name];
          await worker.measure(count / 10); // it may have discarded its code
          const time = await worker.measure(count) * 1e6 / count;
          nanoseconds[name] = Math.min(nanoseconds[name], time);
        });
      }
    }
  } finally {
    await Promise.all(started.map((worker) => worker.end()));
  }
  return speeds;
}

/** Measures the memory per suspended task in bytes, by peer. */
export async function measureMemory(
  versions: Versions,
): Promise<Record<string, number>> {
  const bytes: Record<string, number> = {};
  const names = [MEMORY.name, "memory-generator"];
  for (const name of names) {
    const workers = await startAll({ ...MEMORY, name }, versions);
    for (const worker of workers) {
      const key = name === MEMORY.name ? worker.peer.name : "bare-generator";
      try {
        await worker.measure(MEMORY.operations); // compiles and fills caches
        bytes[key] = Math.round(await worker.measure(MEMORY.operations));
      } catch (error) {
        leaveOut(worker.peer, " of the memory", error);
      } finally {
        await worker.end();
      }
    }
  }
  return bytes;
}

/**
 * A table with a row for each workload. The nanoseconds of each peer are followed
 * by their ratios to those of this library's two kinds of tasks.
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

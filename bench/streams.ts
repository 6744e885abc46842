/**
 * Measures streams beside Deno's own sockets and CPython's asyncio, with and
 * without uvloop: `deno task bench:streams`, see `bench/README.md`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { table } from "./_table.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const share = values.quick ? 0.1 : 1;

interface Peer {
  readonly title: string;
  readonly command: readonly string[];
  readonly last: readonly string[];
  readonly isIdle: boolean;
}

const folder = `${import.meta.dirname}/streams`;

function inDeno(title: string, program: string, ...last: string[]): Peer {
  const command = [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-lock",
    "--allow-all",
    "--v8-flags=--expose-gc",
    `${folder}/${program}`,
  ];
  return { title, command, last, isIdle: true };
}

/** The first Python that has a module, or `null`. */
async function pythonWith(module: string): Promise<string | null> {
  for (const program of ["python3", "/usr/bin/python3"]) {
    try {
      const { success } = await new Deno.Command(program, {
        args: ["-c", `import ${module}`],
        stderr: "null",
      }).output();
      if (success) return program;
    } catch {
      // There is no such program.
    }
  }
  return null;
}

const asyncio = `${folder}/asyncio_streams.py`;
// The same interpreter for both, if one has uvloop.
const withUvloop = await pythonWith("uvloop");
const python = withUvloop ?? await pythonWith("asyncio");

const peers: Peer[] = [
  inDeno("Deno's sockets", "deno.ts"),
  inDeno("generators", "own.ts", "generator"),
  inDeno("async functions", "own.ts", "async"),
];
if (python !== null) {
  const command = [python, asyncio];
  peers.push({ title: "asyncio", command, last: [], isIdle: false });
}
if (withUvloop !== null) {
  const command = [withUvloop, asyncio];
  peers.push({ title: "uvloop", command, last: ["uvloop"], isIdle: false });
}

interface Workload {
  readonly title: string;
  readonly args: readonly string[];
  /** What is divided by the seconds. */
  readonly unit: number;
  /** Whether a second process of the same kind receives. */
  readonly isSplit?: boolean;
}

const GIB = 1 << 30;
/** In the arguments: the port of the process that receives. */
const PORT = "PORT";

function echo(connections: number, messages: number): Workload {
  return {
    title: `echo of 1 KiB, ${connections.toLocaleString("en")} at once (1/s)`,
    args: ["echo", String(connections), String(messages * share)],
    unit: 1,
  };
}

const workloads: Workload[] = [
  echo(1, 20_000),
  echo(100, 50_000),
  echo(1000, 50_000),
  {
    title: "1 GiB in one direction (MiB/s)",
    args: ["send", "1", String(Math.round(GIB * share / 65536) * 65536)],
    unit: 1 << 20,
  },
  {
    title: "1 GiB to another process (MiB/s)",
    args: ["send-to", PORT, String(Math.round(GIB * share / 65536) * 65536)],
    unit: 1 << 20,
    isSplit: true,
  },
];

interface Outcome {
  seconds: number;
  cpu: number;
  amount: number;
  bytes: number;
}

async function measure(peer: Peer, args: readonly string[]): Promise<Outcome> {
  const [program, ...rest] = peer.command;
  const { success, stdout } = await new Deno.Command(program, {
    args: [...rest, ...args, ...peer.last],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${peer.title} failed: ${args.join(" ")}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Starts a process that receives, and measures one that sends to it. */
async function measureSplit(
  peer: Peer,
  args: readonly string[],
): Promise<Outcome> {
  const [program, ...rest] = peer.command;
  await using receiver = new Deno.Command(program, {
    args: [...rest, "receive", "0", "0", ...peer.last],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = receiver.stdout.getReader();
  const { value } = await reader.read();
  const port = new TextDecoder().decode(value).trim();
  const outcome = await measure(
    peer,
    args.map((arg) => arg === PORT ? port : arg),
  );
  await reader.cancel();
  return outcome;
}

interface Best {
  /** Per second. */
  wall: number;
  /** Per second of processor time, which other programs hardly disturb. */
  cpu: number;
}

const results: Record<string, Record<string, Best>> = {};
for (const { title, args, unit, isSplit } of workloads) {
  const row: Record<string, Best> = results[title] = {};
  // Round by round, so that a slow moment of the machine affects all.
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) {
      const run = isSplit ? measureSplit : measure;
      const { seconds, cpu, amount } = await run(peer, args);
      const best = row[peer.title] ??= { wall: 0, cpu: 0 };
      best.wall = Math.max(best.wall, amount / unit / seconds);
      best.cpu = Math.max(best.cpu, amount / unit / cpu);
    }
  }
}

/** What a server's idle connection takes beyond Deno's own, in bytes. */
const idle: Record<string, number> = {};
const idleCount = 10_000 * share;
for (let round = 0; round < Math.min(rounds, 3); round++) {
  for (const peer of peers.filter(({ isIdle }) => isIdle)) {
    const { bytes } = await measure(peer, ["idle", String(idleCount), "0"]);
    idle[peer.title] = Math.min(idle[peer.title] ?? Infinity, bytes);
  }
}

if (values.json) {
  console.log(JSON.stringify({ results, idle }, null, 2));
} else {
  const [own] = peers;
  for (const kind of ["wall", "cpu"] as const) {
    console.log(
      kind === "wall"
        ? "In a second:\n"
        : "\nIn a second of processor time, and compared with Deno's sockets:\n",
    );
    console.log(table(
      ["", ...peers.map(({ title }) => title)],
      Object.entries(results).map(([title, row]) => [
        title,
        ...peers.map((peer) => {
          const value = row[peer.title][kind];
          const ratio = value / row[own.title][kind];
          return `${Math.round(value)} (${ratio.toFixed(2)})`;
        }),
      ]),
    ));
  }
  console.log(`\nBytes for each of ${idleCount} idle connections:\n`);
  console.log(table(
    ["", "bytes", "beyond Deno's own"],
    Object.entries(idle).map(([title, bytes]) => [
      title,
      String(Math.round(bytes)),
      String(Math.round(bytes - idle[own.title])),
    ]),
  ));
}

/**
 * Measures the library beside its peers: `deno task bench --help`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { fairnessTable, measureFairness } from "./_fairness.ts";
import { collectorTable, measureCollector } from "./_collector.ts";
import { floorsTable, measureFloors } from "./_floors.ts";
import { historyTable, measureHistory } from "./_history.ts";
import { PEERS } from "./_peers.ts";
import { measureSizes, sizeTable } from "./_size.ts";
import {
  measureMemory,
  measureSpeed,
  type Speeds,
  speedTable,
  type Versions,
} from "./_speed.ts";
import { measureStartUp, startUpTable } from "./_start_up.ts";
import { quantity, table } from "./_table.ts";
import { MEMORY, WORKLOADS } from "./_workloads.ts";

/** Measurements that do not have rounds. */
const EXTRAS = [
  "floors",
  "collector",
  "memory",
  "start-up",
  "size",
  "history",
  "fairness",
];

const USAGE = `Usage: deno task bench [options]

Runs every workload with this library and its peers and prints nanoseconds per
operation, the best of several rounds. Smaller is better.

  --only NAMES   run only these, separated by commas:
                 ${
  wrap([...EXTRAS, ...WORKLOADS.map(({ name }) => name)].join(", "))
}
  --rounds N     run N rounds of each workload (default: 5)
  --quick        run two rounds of a tenth of the operations
  --json         print JSON instead of tables
  --help         print this text`;

function wrap(names: string): string {
  return names.replace(/(.{40,58},) /g, "$1\n                 ");
}

interface Options {
  rounds: number;
  quick: boolean;
  json: boolean;
  wants(name: string): boolean;
}

function refuse(why: string): never {
  console.error(`${why}\n\n${USAGE}`);
  Deno.exit(2);
}

function readOptions(): Options {
  let values;
  try {
    ({ values } = parseArgs({
      args: Deno.args,
      options: {
        only: { type: "string" },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    refuse((error as Error).message);
  }
  if (values.help) {
    console.log(USAGE);
    Deno.exit(0);
  }
  const { quick, json } = values;
  const given = values.rounds ?? (quick ? "2" : "5");
  if (!/^[1-9]\d*$/.test(given)) {
    refuse(`--rounds must be a whole number, 1 or more: ${given}`);
  }
  const rounds = Number(given);
  const only = values.only?.split(",").map((name) => name.trim());
  const known = [...EXTRAS, ...WORKLOADS.map(({ name }) => name)];
  for (const name of only ?? []) {
    if (!known.includes(name)) refuse(`--only: there is no "${name}"`);
  }
  const wants = (name: string) => only === undefined || only.includes(name);
  return { rounds, quick, json, wants };
}

/** Prints progress to the terminal, so that the output holds only results. */
function progress(text: string): void {
  if (Deno.stderr.isTerminal()) {
    Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
  }
}

function memoryTable(bytes: Record<string, number>): string {
  const titles: Record<string, string> = {
    "native": "async function alone",
    "bare-generator": "generator alone",
    "generator": "generator task",
    "async": "async-function task",
    "effect": "Effect fiber",
    "effection": "Effection task",
    "cpython": "CPython task",
  };
  const rows = Object.keys(titles).filter((name) => name in bytes)
    .map((name) => [titles[name], quantity(bytes[name])]);
  return table(["suspended task", "bytes"], rows);
}

const { rounds, quick, json, wants } = readOptions();
/** When and where the measurements were made. */
const occasion = {
  date: new Date().toISOString().slice(0, 10),
  system: Deno.build.target,
  processors: navigator.hardwareConcurrency,
  quick,
};
const versions: Versions = new Map();
const speeds: Speeds[] = [];
/** Everything but the speeds: for `--json`, and as tables. */
const results: Record<string, unknown> = {};
const tables: string[] = [];

for (const workload of WORKLOADS) {
  if (!wants(workload.name)) continue;
  progress(workload.title);
  const operations = quick ? workload.operations / 10 : workload.operations;
  speeds.push(
    await measureSpeed({ ...workload, operations }, rounds, versions),
  );
}
if (wants("floors")) {
  progress("floors");
  const floors = results.floors = await measureFloors(rounds);
  tables.push(floorsTable(floors));
}
if (wants("collector")) {
  progress("collector");
  const collector = results.collector = await measureCollector(rounds, quick);
  tables.push(collectorTable(collector));
}
if (wants("memory")) {
  progress(MEMORY.title);
  const bytes = results.memory = await measureMemory(versions);
  tables.push(memoryTable(bytes));
}
if (wants("start-up")) {
  progress("start-up");
  const startUp = results.startUp = await measureStartUp(quick ? 5 : 40);
  tables.push(startUpTable(startUp));
}
if (wants("size")) {
  progress("size");
  const sizes = results.sizes = await measureSizes();
  tables.push(sizeTable(sizes));
}
if (wants("history")) {
  progress("history");
  const many = quick ? 1_000_000 : 10_000_000;
  const history = results.history = await measureHistory(100_000, many);
  tables.push(historyTable(history));
}
if (wants("fairness")) {
  progress("fairness");
  const fairness = results.fairness = await measureFairness(rounds, quick);
  tables.push(fairnessTable(fairness));
}
progress("");

if (json) {
  const workloads = Object.fromEntries(
    speeds.map(({ workload, ...speeds }) => [workload.name, speeds]),
  );
  console.log(JSON.stringify(
    {
      ...occasion,
      versions: Object.fromEntries(versions),
      workloads,
      ...results,
    },
    null,
    2,
  ));
} else {
  const { date, system, processors } = occasion;
  console.log(`${date}, ${system}, ${processors} processors\n`);
  if (speeds.length > 0) console.log(speedTable(speeds) + "\n");
  for (const text of tables) console.log(text + "\n");
  const known = PEERS.map(({ name }) => versions.get(name))
    .filter((version) => version !== undefined);
  if (known.length > 0) console.log([...new Set(known)].join("; "));
}

/** What is measured: this library, once for each kind of task, or another. */
export interface Peer {
  /** The key in the results. */
  readonly name: string;
  readonly title: string;
  /** The command line, to which the name of the workload is added. */
  readonly command: readonly string[];
  /** Whether it is this library. */
  readonly own: boolean;
}

function inDeno(name: string, title: string, own = false): Peer {
  const worker = `${import.meta.dirname}/peers/worker.ts`;
  const command = [
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    "--no-lock", // the peers' dependencies are not the project's
    "--allow-env",
    "--allow-read",
    "--allow-run",
    "--v8-flags=--expose-gc",
    worker,
    name,
  ];
  return { name, title, command, own };
}

/** The one that Debian's package `python3-uvloop` is for. */
const DEBIAN_PYTHON = "/usr/bin/python3";

const python = `${import.meta.dirname}/peers/asyncio_bench.py`;

/** In the order of the table. */
export const PEERS: readonly Peer[] = [
  inDeno("generator", "generator", true),
  inDeno("async", "async", true),
  inDeno("native", "native"),
  inDeno("effect", "Effect"),
  inDeno("effection", "Effection"),
  {
    name: "cpython",
    title: "CPython",
    command: ["python3", python, "asyncio"],
    own: false,
  },
  {
    name: "uvloop",
    title: "uvloop",
    command: [DEBIAN_PYTHON, python, "uvloop"],
    own: false,
  },
];

